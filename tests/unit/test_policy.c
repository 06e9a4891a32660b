
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include <check.h>

#include "sidecar/resolve/policy.h"
#include "tests/support/suite.h"


/* A block that is refused: its ends, something inside, and its neighbours. */
typedef struct {
    const char  *before;        /* NULL: refused too, by another block */
    const char  *first;
    const char  *middle;
    const char  *last;
    const char  *after;
} policy_block_t;


static policy_t *policy_make(const char *cidrs);
static int policy_ask(const policy_t *p, const char *addr);
static void policy_expect(const policy_t *p, const char *addr, int allowed);
static void policy_expect_blocks(const policy_block_t *blocks, size_t n);


static const policy_block_t  policy_v4[] = {
    { NULL, "0.0.0.0", "0.1.2.3", "0.255.255.255", "1.0.0.0" },
    { "9.255.255.255", "10.0.0.0", "10.9.8.7", "10.255.255.255",
      "11.0.0.0" },
    { "100.63.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
      "100.128.0.0" },
    { "126.255.255.255", "127.0.0.0", "127.0.0.1", "127.255.255.255",
      "128.0.0.0" },
    { "169.253.255.255", "169.254.0.0", "169.254.170.2", "169.254.255.255",
      "169.255.0.0" },
    { "172.15.255.255", "172.16.0.0", "172.20.1.1", "172.31.255.255",
      "172.32.0.0" },
    { "191.255.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255",
      "192.0.1.0" },
    { "191.255.255.255", "192.0.0.8", "192.0.0.9", "192.0.0.10",
      "192.0.1.0" },
    { "192.0.1.255", "192.0.2.0", "192.0.2.77", "192.0.2.255",
      "192.0.3.0" },
    { "192.31.195.255", "192.31.196.0", "192.31.196.9", "192.31.196.255",
      "192.31.197.0" },
    { "192.52.192.255", "192.52.193.0", "192.52.193.9", "192.52.193.255",
      "192.52.194.0" },
    { "192.88.98.255", "192.88.99.0", "192.88.99.1", "192.88.99.255",
      "192.88.100.0" },
    { "192.167.255.255", "192.168.0.0", "192.168.1.1", "192.168.255.255",
      "192.169.0.0" },
    { "192.175.47.255", "192.175.48.0", "192.175.48.6", "192.175.48.255",
      "192.175.49.0" },
    { "198.17.255.255", "198.18.0.0", "198.19.0.1", "198.19.255.255",
      "198.20.0.0" },
    { "198.51.99.255", "198.51.100.0", "198.51.100.1", "198.51.100.255",
      "198.51.101.0" },
    { "203.0.112.255", "203.0.113.0", "203.0.113.99", "203.0.113.255",
      "203.0.114.0" },
    { "223.255.255.255", "224.0.0.0", "239.255.255.250", "239.255.255.255",
      NULL },
    { NULL, "240.0.0.0", "250.1.2.3", "255.255.255.255", NULL }
};

static const policy_block_t  policy_v6[] = {
    { NULL, "::", "::1", "::ffff:ffff", NULL },
    { NULL, "64:ff9b::", "64:ff9b::808:808", "64:ff9b::ffff:ffff", NULL },
    { NULL, "64:ff9b:1::", "64:ff9b:1::808:808",
      "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL },
    { NULL, "100::", "100::1", "100::ffff:ffff:ffff:ffff", NULL },
    { NULL, "1fff:ffff::", "1fff:ffff::1",
      "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
    { NULL, "2001::", "2001:1::1",
      "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::" },
    { NULL, "2001:4:112::", "2001:20::1", "2001:2f:ffff::", "2001:200::" },
    { "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8::1",
      "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::" },
    { "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:808:808::1",
      "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::" },
    { "2620:4f:7fff:ffff:ffff:ffff:ffff:ffff", "2620:4f:8000::",
      "2620:4f:8000::1", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
      "2620:4f:8001::" },
    { "3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:abc::1",
      "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::" },
    { "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "5f00::1",
      "fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
    { NULL, "fc00::", "fd00:ec2::254",
      "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL },
    { NULL, "fe80::", "fe80::1", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      NULL },
    { NULL, "fec0::", "fec0::1", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      NULL },
    { NULL, "ff00::", "ff02::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      NULL }
};


/* In the place of the C library's: a machine with a public address. */
int
getifaddrs(struct ifaddrs **list)
{
    static struct sockaddr_in    v4 = { .sin_family = AF_INET };
    static struct sockaddr_in6   v6 = { .sin6_family = AF_INET6 };
    static struct sockaddr_un    other = { .sun_family = AF_UNIX };
    static struct ifaddrs        own[4];

    (void) inet_pton(AF_INET, "9.9.9.9", &v4.sin_addr);
    (void) inet_pton(AF_INET6, "2620:fe::9", &v6.sin6_addr);

    own[0].ifa_next = &own[1];
    own[0].ifa_addr = (struct sockaddr *) &v4;
    own[1].ifa_next = &own[2];
    own[2].ifa_next = &own[3];
    own[2].ifa_addr = (struct sockaddr *) &other;
    own[3].ifa_addr = (struct sockaddr *) &v6;
    *list = own;

    return 0;
}


void
freeifaddrs(struct ifaddrs *list)
{
    (void) list;
}


START_TEST(every_special_block_of_ipv4_is_refused_and_its_neighbours_pass)
{
    policy_expect_blocks(policy_v4, sizeof(policy_v4) / sizeof(*policy_v4));
}
END_TEST


START_TEST(every_special_block_of_ipv6_is_refused_and_its_neighbours_pass)
{
    policy_expect_blocks(policy_v6, sizeof(policy_v6) / sizeof(*policy_v6));
}
END_TEST


START_TEST(a_mapped_address_is_judged_as_the_ipv4_address_inside)
{
    policy_t  *p;

    p = policy_make("");
    policy_expect(p, "::ffff:8.8.8.8", 1);
    policy_expect(p, "::ffff:127.0.0.1", 0);
    policy_expect(p, "::ffff:10.0.0.1", 0);
    policy_expect(p, "::ffff:169.254.169.254", 0);
    policy_expect(p, "::fffe:8.8.8.8", 0);
    policy_expect(p, "::1:ffff:8.8.8.8", 0);
    policy_destroy(p);

    p = policy_make("127.0.0.0/8");
    policy_expect(p, "::ffff:127.0.0.1", 1);
    policy_expect(p, "::ffff:10.0.0.1", 0);
    policy_expect(p, "::127.0.0.1", 0);
    policy_expect(p, "64:ff9b::127.0.0.1", 0);
    policy_expect(p, "2002:7f00:1::", 0);
    policy_expect(p, "::1", 0);
    policy_destroy(p);

    /* no range of IPv6 opens an IPv4 address */
    p = policy_make("::/0");
    policy_expect(p, "::ffff:127.0.0.1", 0);
    policy_expect(p, "127.0.0.1", 0);
    policy_destroy(p);
}
END_TEST


START_TEST(an_isatap_address_is_judged_by_the_ipv4_address_inside)
{
    policy_t  *p;

    p = policy_make("");
    policy_expect(p, "2a00:1450::5efe:8.8.8.8", 1);
    policy_expect(p, "2a00:1450::5efe:127.0.0.1", 0);
    policy_expect(p, "2a00:1450::200:5efe:10.0.0.1", 0);
    policy_expect(p, "2a00:1450::1:5efe:10.0.0.1", 1);
    policy_expect(p, "fe80::5efe:8.8.8.8", 0);
    policy_destroy(p);

    p = policy_make("2a00:1450::/32");
    policy_expect(p, "2a00:1450::1", 1);
    policy_expect(p, "2a00:1450::5efe:10.0.0.1", 0);
    policy_destroy(p);
}
END_TEST


START_TEST(an_opened_translation_prefix_does_not_open_what_it_leads_to)
{
    policy_t  *p;

    p = policy_make("64:ff9b::/96, 2002::/16, ::/96");
    policy_expect(p, "64:ff9b::8.8.8.8", 1);
    policy_expect(p, "64:ff9b::10.0.0.1", 0);
    policy_expect(p, "64:ff9b::169.254.169.254", 0);
    policy_expect(p, "2002:808:808::1", 1);
    policy_expect(p, "2002:a00:1::808:808", 0);
    policy_expect(p, "::8.8.8.8", 1);
    policy_expect(p, "::127.0.0.1", 0);
    policy_destroy(p);

    p = policy_make("64:ff9b::/96 10.0.0.0/8");
    policy_expect(p, "64:ff9b::10.0.0.1", 1);
    policy_expect(p, "64:ff9b::192.168.0.1", 0);
    policy_destroy(p);

    /* one address, by its full name */
    p = policy_make("64:ff9b::10.0.0.1/128");
    policy_expect(p, "64:ff9b::10.0.0.1", 1);
    policy_expect(p, "64:ff9b::10.0.0.2", 0);
    policy_expect(p, "10.0.0.1", 0);
    policy_destroy(p);
}
END_TEST


START_TEST(a_range_is_opened_from_its_first_address_to_its_last)
{
    policy_t  *p;

    p = policy_make("10.1.0.0/16, 192.168.5.128/25\tfd12:3400::/22,::1");
    policy_expect(p, "10.0.255.255", 0);
    policy_expect(p, "10.1.0.0", 1);
    policy_expect(p, "10.1.255.255", 1);
    policy_expect(p, "10.2.0.0", 0);
    policy_expect(p, "192.168.5.127", 0);
    policy_expect(p, "192.168.5.128", 1);
    policy_expect(p, "192.168.5.255", 1);
    policy_expect(p, "192.168.6.0", 0);
    policy_expect(p, "fd12:33ff:ffff::", 0);
    policy_expect(p, "fd12:3400::", 1);
    policy_expect(p, "fd12:37ff:ffff::", 1);
    policy_expect(p, "fd12:3800::", 0);
    policy_expect(p, "::1", 1);
    policy_expect(p, "::2", 0);
    policy_expect(p, "8.8.8.8", 1);
    policy_destroy(p);
}
END_TEST


START_TEST(a_metadata_address_opens_only_when_named_alone)
{
    policy_t  *p;

    p = policy_make("169.254.0.0/16, fd00::/8, 169.254.169.254/31, "
                    "fd00:ec2::254/127, 0.0.0.0/0, ::/0");
    policy_expect(p, "169.254.169.254", 0);
    policy_expect(p, "::ffff:169.254.169.254", 0);
    policy_expect(p, "64:ff9b::169.254.169.254", 0);
    policy_expect(p, "2002:a9fe:a9fe::1", 0);
    policy_expect(p, "fd00:ec2::254", 0);
    policy_expect(p, "169.254.169.253", 1);
    policy_expect(p, "169.254.169.255", 1);
    policy_expect(p, "fd00:ec2::255", 1);
    policy_destroy(p);

    p = policy_make("169.254.169.254/32");
    policy_expect(p, "169.254.169.254", 1);
    policy_expect(p, "::ffff:169.254.169.254", 1);
    policy_expect(p, "169.254.169.253", 0);
    policy_expect(p, "fd00:ec2::254", 0);
    policy_destroy(p);

    p = policy_make("fd00:ec2::254");
    policy_expect(p, "fd00:ec2::254", 1);
    policy_expect(p, "fd00:ec2::255", 0);
    policy_destroy(p);
}
END_TEST


START_TEST(own_addresses_are_refused_in_every_form_unless_opened)
{
    policy_t  *p;

    p = policy_make("");
    policy_expect(p, "9.9.9.9", 0);
    policy_expect(p, "::ffff:9.9.9.9", 0);
    policy_expect(p, "9.9.9.10", 1);
    policy_expect(p, "2620:fe::9", 0);
    policy_expect(p, "2620:fe::10", 1);
    policy_destroy(p);

    p = policy_make("9.9.9.0/24");
    policy_expect(p, "9.9.9.9", 1);
    policy_expect(p, "::ffff:9.9.9.9", 1);
    policy_expect(p, "2620:fe::9", 0);
    policy_destroy(p);
}
END_TEST


START_TEST(other_families_are_refused)
{
    policy_t                 *p;
    struct sockaddr_storage   sa;

    memset(&sa, 0, sizeof(sa));
    p = policy_make("0.0.0.0/0 ::/0");
    ck_assert_int_eq(policy_allows(p, (struct sockaddr *) &sa), 0);
    sa.ss_family = AF_UNIX;
    ck_assert_int_eq(policy_allows(p, (struct sockaddr *) &sa), 0);
    policy_destroy(p);
}
END_TEST


START_TEST(what_is_not_a_cidr_is_refused_by_name)
{
    char                      err[128];
    size_t                    i;
    static const char *const  bad[] = {
        "10", "10.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
        "10.0.0.0/ 8", "10.0.0.0/+8", "10.0.0.0/8x", "10.0.0.0/8/8",
        "10.0.0.1/8", "010.0.0.0/8", "::1/129", "::2/126", "localhost",
        "/8", "10.0.0.0/18446744073709551624", "::1%lo", "[::1]", ";",
        "1111:2222:3333:4444:5555:6666:7777:8888:9999/1000000000000000000"
    };

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err[0] = '\0';
        ck_assert_msg(policy_create(bad[i], err, sizeof(err)) == NULL,
                      "\"%s\" was accepted", bad[i]);
        ck_assert_msg(strstr(err, "is not an address or CIDR") != NULL,
                      "\"%s\": %s", bad[i], err);
    }

    ck_assert_ptr_null(policy_create("::1, 10.0.0.1/8, ::2", err,
                                     sizeof(err)));
    ck_assert_str_eq(err, "allow_addresses \"10.0.0.1/8\" is not an address "
                     "or CIDR");
}
END_TEST


START_TEST(bad_ports_are_refused_and_others_pass)
{
    size_t                 i;
    unsigned               port, n;
    static const unsigned  good[] = { 2, 80, 443, 1024, 8080, 8443, 65535 };
    static const unsigned  bad[] = { 0, 1, 22, 25, 53, 110, 6000, 6665, 6669,
                                     6697, 10080, 65536, 4294967295u };

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_int_eq(policy_allows_port(good[i]), 1);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_int_eq(policy_allows_port(bad[i]), 0);
    }

    n = 0;

    for (port = 0; port <= 65535; port++) {
        n += !policy_allows_port(port);
    }

    /* port 0 and as many as the standard lists */
    ck_assert_uint_eq(n, 1 + 82);
}
END_TEST


static policy_t *
policy_make(const char *cidrs)
{
    char       err[256];
    policy_t  *p;

    err[0] = '\0';
    p = policy_create(cidrs, err, sizeof(err));
    ck_assert_msg(p != NULL, "\"%s\": %s", cidrs, err);

    return p;
}


static int
policy_ask(const policy_t *p, const char *addr)
{
    struct sockaddr_in   v4 = { .sin_family = AF_INET };
    struct sockaddr_in6  v6 = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, addr, &v4.sin_addr) == 1) {
        return policy_allows(p, (struct sockaddr *) &v4);
    }

    ck_assert_msg(inet_pton(AF_INET6, addr, &v6.sin6_addr) == 1, "%s", addr);

    return policy_allows(p, (struct sockaddr *) &v6);
}


static void
policy_expect(const policy_t *p, const char *addr, int allowed)
{
    ck_assert_msg(policy_ask(p, addr) == allowed, "%s is %s", addr,
                  allowed ? "refused" : "allowed");
}


static void
policy_expect_blocks(const policy_block_t *blocks, size_t n)
{
    policy_t              *p;
    const policy_block_t  *b;

    p = policy_make("");

    for (b = blocks; b < blocks + n; b++) {
        policy_expect(p, b->first, 0);
        policy_expect(p, b->middle, 0);
        policy_expect(p, b->last, 0);

        if (b->before != NULL) {
            policy_expect(p, b->before, 1);
        }

        if (b->after != NULL) {
            policy_expect(p, b->after, 1);
        }
    }

    policy_destroy(p);
}


int
main(void)
{
    const TTest  *tests[] = {
        every_special_block_of_ipv4_is_refused_and_its_neighbours_pass,
        every_special_block_of_ipv6_is_refused_and_its_neighbours_pass,
        a_mapped_address_is_judged_as_the_ipv4_address_inside,
        an_isatap_address_is_judged_by_the_ipv4_address_inside,
        an_opened_translation_prefix_does_not_open_what_it_leads_to,
        a_range_is_opened_from_its_first_address_to_its_last,
        a_metadata_address_opens_only_when_named_alone,
        own_addresses_are_refused_in_every_form_unless_opened,
        other_families_are_refused,
        what_is_not_a_cidr_is_refused_by_name,
        bad_ports_are_refused_and_others_pass,
        NULL
    };

    return suite_run("policy", tests, 10);
}
