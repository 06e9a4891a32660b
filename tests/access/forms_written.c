
#include <stdio.h>
#include <string.h>

#include "tests/access/forms_notation.h"
#include "tests/access/forms_written.h"
#include "tests/access/world.h"


static void forms_names(forms_t *f);
static void forms_schemes(forms_t *f);
static void forms_ports(forms_t *f);
static void forms_v6_written(forms_t *f);
static void forms_tricks(forms_t *f, const char *host);


static const unsigned char  forms_chosen[][4] = {
    { 127, 0, 0, 1 }, { 127, 255, 255, 254 }, { 0, 0, 0, 0 },
    { 169, 254, 169, 254 }, { 169, 254, 170, 2 }, { 100, 100, 100, 200 },
    { 192, 0, 0, 192 }, { 10, 0, 0, 1 }, { 172, 16, 0, 1 },
    { 172, 31, 255, 254 }, { 192, 168, 0, 1 }, { 100, 64, 0, 1 },
    { 198, 18, 0, 1 }, { 9, 9, 9, 9 }
};

#define FORMS_CHOSEN    (sizeof(forms_chosen) / sizeof(forms_chosen[0]))

/* Those that are no address are answered by a hostile name server. */
static const char *const  forms_named[] = {
    "localhost", "LOCALHOST", "LocalHost", "localhost.", "localhost..",
    "foo.localhost", "a.b.localhost", "foo.localhost.",
    "localhost.localdomain", "localhost6", "ip6-localhost", "ip6-loopback",
    "%6cocalhost", "%6C%6F%63%61%6C%68%6F%73%74", "local%68ost",
    "\xef\xbd\x8c\xef\xbd\x8f\xef\xbd\x83\xef\xbd\x81\xef\xbd\x8c"
    "\xef\xbd\x88\xef\xbd\x8f\xef\xbd\x93\xef\xbd\x94",
    "loc\xc2\xad" "alhost", "\xe2\x93\x9b\xe2\x93\x9e" "calhost",
    "metadata", "metadata.google.internal", "METADATA.google.INTERNAL.",
    "instance-data", "instance-data.ec2.internal", "metadata.azure.internal",
    "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
    "host.docker.internal", "gateway.docker.internal", "broadcasthost",
    "printer.local", "router.lan", "intranet", "127.0.0.1.nip.io",
    "10.0.0.1.sslip.io", "localtest.me", "vcap.me", "wpad", "localhost.test",
    "a7f000001.test", "aa9fea9fe.test", "a0a000001.test", "a00000000.test",
    "a09090909.test", "a08080404.a7f000001.test", "a7f000001.a08080404.test",
    "a08080404.a08080405.ac0a80001.test", "cname.a7f000001.test",
    "cname.cname.aa9fea9fe.test", "cname.a08080404.a0a000001.test",
    "q00000000000000000000000000000001.test",
    "q00000000000000000000ffff7f000001.test",
    "q00000000000000000000ffff0a000001.test",
    "q0000000000000000000000007f000001.test",
    "q0064ff9b0000000000000000a9fea9fe.test",
    "q20027f00000100000000000000000001.test",
    "qfd000ec2000000000000000000000254.test",
    "qfe800000000000000000000000000001.test",
    "q2a010000000000000000000000000009.test",
    "a08080404.q00000000000000000000000000000001.test",
    "a08080404.q00000000000000000000ffff7f000001.test",
    "cname.a08080404.qfd000000000000000000000000000001.test", NULL
};

static const char *const  forms_scheme[] = {
    "file", "FILE", "ftp", "ftps", "sftp", "scp", "gopher", "dict", "ldap",
    "ldaps", "smb", "smbs", "tftp", "telnet", "imap", "pop3", "smtp", "rtsp",
    "rtmp", "mqtt", "ws", "wss", "jar", "data", "javascript", "netdoc",
    "view-source", "blob", "about", "unix", "http+unix", "socks5", "git",
    "ssh", "s3", "php", "expect", "phar", "httpx", "h2c", NULL
};

/* https://fetch.spec.whatwg.org/#port-blocking */
static const unsigned  forms_port[] = {
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69,
    77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119,
    123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
    526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
    993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000,
    6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080
};


void
forms_embedded(forms_t *f, const unsigned char *v4)
{
    char      dotted[16], hex[16], not[16];
    unsigned  a = v4[0], b = v4[1], c = v4[2], d = v4[3];

    (void) snprintf(dotted, sizeof(dotted), "%u.%u.%u.%u", a, b, c, d);
    (void) snprintf(hex, sizeof(hex), "%x:%x", a << 8 | b, c << 8 | d);
    (void) snprintf(not, sizeof(not), "%x:%x", (a << 8 | b) ^ 0xffff,
                    (c << 8 | d) ^ 0xffff);

    forms_add(f, "v4", FORMS_BLOCKED, "http://%s/", dotted);
    forms_add(f, "v4", FORMS_BLOCKED, "https://%s:8443/", dotted);
    forms_add(f, "mapped", FORMS_BLOCKED, "http://[::ffff:%s]/", dotted);
    forms_add(f, "mapped", FORMS_BLOCKED, "http://[::ffff:%s]/", hex);
    forms_add(f, "mapped", FORMS_BLOCKED, "http://[0:0:0:0:0:FFFF:%s]/", hex);
    forms_add(f, "compatible", FORMS_BLOCKED, "http://[::%s]/", dotted);
    forms_add(f, "compatible", FORMS_BLOCKED, "http://[::%s]/", hex);
    forms_add(f, "translated", FORMS_BLOCKED, "http://[::ffff:0:%s]/", dotted);
    forms_add(f, "nat64", FORMS_BLOCKED, "http://[64:ff9b::%s]/", dotted);
    forms_add(f, "nat64", FORMS_BLOCKED, "http://[64:ff9b::%s]/", hex);
    forms_add(f, "nat64", FORMS_BLOCKED, "http://[64:ff9b:1::%s]/", dotted);
    forms_add(f, "6to4", FORMS_BLOCKED, "http://[2002:%s::]/", hex);
    forms_add(f, "6to4", FORMS_BLOCKED, "http://[2002:%s::1]/", hex);
    forms_add(f, "isatap", FORMS_BLOCKED, "http://[fe80::5efe:%s]/", dotted);
    forms_add(f, "isatap", FORMS_BLOCKED, "http://[2002:%s::5efe:%s]/", hex,
              dotted);
    forms_add(f, "isatap", FORMS_BLOCKED, "http://[2a00:1450::5efe:%s]/",
              dotted);
    forms_add(f, "isatap", FORMS_BLOCKED, "http://[2a00:1450::200:5efe:%s]/",
              dotted);
    forms_add(f, "teredo", FORMS_BLOCKED, "http://[2001:0:%s::1]/", hex);
    forms_add(f, "teredo", FORMS_BLOCKED, "http://[2001:0:808:808:0:0:%s]/",
              not);
}


void
forms_written(forms_t *f)
{
    char    host[64];
    size_t  i;

    for (i = 0; i < FORMS_CHOSEN; i++) {
        forms_notations(f, forms_chosen[i]);
        (void) snprintf(host, sizeof(host), "%u.%u.%u.%u", forms_chosen[i][0],
                        forms_chosen[i][1], forms_chosen[i][2],
                        forms_chosen[i][3]);
        forms_tricks(f, host);
    }

    forms_tricks(f, "localhost");
    forms_tricks(f, "[::1]");
    forms_tricks(f, "[::ffff:7f00:1]");
    forms_tricks(f, "[fd00:ec2::254]");
    forms_tricks(f, "[" WORLD_OWN_V6 "]");
    forms_v6_written(f);
    forms_names(f);
    forms_schemes(f);
    forms_ports(f);
}


static void
forms_names(forms_t *f)
{
    size_t  i;

    for (i = 0; forms_named[i] != NULL; i++) {
        forms_add(f, "name", FORMS_EITHER, "http://%s/", forms_named[i]);
        forms_add(f, "name", FORMS_EITHER, "http://%s:8080/latest/meta-data/",
                  forms_named[i]);
        forms_add(f, "name", FORMS_EITHER, "https://%s/?a#b",
                  forms_named[i]);
    }
}


static void
forms_schemes(forms_t *f)
{
    size_t  i;

    for (i = 0; forms_scheme[i] != NULL; i++) {
        forms_add(f, "scheme", FORMS_REFUSED, "%s://127.0.0.1/etc/passwd",
                  forms_scheme[i]);
        forms_add(f, "scheme", FORMS_REFUSED, "%s:///etc/passwd",
                  forms_scheme[i]);
        forms_add(f, "scheme", FORMS_REFUSED, "%s:/etc/passwd",
                  forms_scheme[i]);
        forms_add(f, "scheme", FORMS_REFUSED, "%s://8.8.4.4/",
                  forms_scheme[i]);
        forms_add(f, "scheme", FORMS_REFUSED, "%s:http://127.0.0.1/",
                  forms_scheme[i]);
    }
}


/* The host is a good one. */
static void
forms_ports(forms_t *f)
{
    size_t  i;

    for (i = 0; i < sizeof(forms_port) / sizeof(forms_port[0]); i++) {
        forms_add(f, "port", FORMS_REFUSED, "http://8.8.4.4:%u/",
                  forms_port[i]);
        forms_add(f, "port", FORMS_REFUSED, "https://8.8.4.4:0%u/",
                  forms_port[i]);
        forms_add(f, "port", FORMS_EITHER, "http://8.8.4.4:%u/",
                  forms_port[i] + 65536);
    }
}


static void
forms_v6_written(forms_t *f)
{
    size_t  i;

    static const char *const  hosts[] = {
        "[::1]", "[0:0:0:0:0:0:0:1]", "[0000::0001]", "[::0001]", "[0::1]",
        "[::0.0.0.1]", "[::]", "[0::0]", "[::0.0.0.0]", "[::1]:80",
        "[fe80::1%25lo]", "[fe80::1%lo]", "[fe80::1%251]", "[::1%25lo]",
        "[::1%lo]", "[::1%]", "[::1%25]", "[fe80::1%25eth0]",
        "[v1.7f000001]", "[v6.::1]", "[::1", "::1", "::1]", "[[::1]]",
        "[::1].example", "[::1]8.8.4.4", "[127.0.0.1]", "[2130706433]",
        "[::ffff:127.0.0.1.]", "[::ffff:0x7f.0.0.1]", "[::ffff:0177.0.0.1]",
        "[::ffff:127.1]", "[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]",
        "%5B::1%5D", "[%3A%3A1]", "[::%31]", "[::\xef\xbc\x91]",
        "[fd00:ec2::254]", "[fd00:0ec2:0:0:0:0:0:0254]", "[fd00::1]",
        "[fc00::1]", "[fe80::1]", "[febf::1]", "[fec0::1]", "[ff02::1]",
        "[2a01::9]", "[2A01:0::0009]", "[2001:db8::1]", "[3fff::1]",
        "[100::1]", "[5f00::1]", NULL
    };

    for (i = 0; hosts[i] != NULL; i++) {
        forms_add(f, "v6 notation", FORMS_EITHER, "http://%s/", hosts[i]);
        forms_add(f, "v6 notation", FORMS_EITHER, "https://%s/x?y", hosts[i]);
    }
}


/* Where the host ends, parsers disagree about. */
static void
forms_tricks(forms_t *f, const char *host)
{
    size_t  i;

    static const char *const  tricks[] = {
        "http://8.8.4.4@%s/", "http://8.8.4.4:80@%s/", "http://a:b@%s/",
        "http://@%s/", "http://:@%s/", "http://%s@8.8.4.4/",
        "http://8.8.4.4%%40%s/", "http://%s:80\\@8.8.4.4/",
        "http://8.8.4.4\\@%s/", "http:\\\\%s\\", "http:/\\%s/",
        "http://8.8.4.4#@%s/\\", "http:///%s/", "http:/%s/", "http:%s/",
        "//%s/", "\\\\%s\\x", " http://%s/", "http://%s /", "http:// %s/",
        "\thttp://%s/", "ht\ttp://%s/", "http://\t%s/", "http://%s\r\n/",
        "http://%s\t@8.8.4.4/", "http://8.8.4.4 @%s/",
        "http://8.8.4.4\n@%s/", "http://8.8.4.4@8.8.4.5@%s/",
        "http://8.8.4.4,%s/", "http://8.8.4.4;%s/", "http://8.8.4.4|%s/",
        "http://8.8.4.4&@%s/", "http://8.8.4.4\"@%s/", "http://%s%%00/",
        "http://%s%%00.test/", "http://%s%%20/", "http://%s%%2f@8.8.4.4/",
        "http://%s%%23.test/", "http://%s%%3f.test/", "http://8.8.4.4%%09@%s/",
        "http://%s:/", "http://%s:080/", "http://%s:00000000080/",
        "http://%s:+80/", "http://%s:80:80/", "http://%s:-1/", "HTTP://%s/",
        "hTTp://%s/", "http://%s?x", "http://%s#x", "http://%s:80?x",
        "http://%s/../", "http://%s;80/", "http://<%s>/", "http://{%s}/",
        "http://(%s)/", "http://'%s'/", "url=http://%s/", "URL:http://%s/",
        "http://http://%s/", "http://http:80@%s/", "http://\xe2\x80\x8b%s/",
        "http://%s\xe2\x80\x8b/", "http://%s\xe2\x81\x84@8.8.4.4/",
        "http://8.8.4.4\xef\xbc\x8f@%s/", "http://8.8.4.4\xef\xbc\xa0%s/",
        "http://8.8.4.4\xef\xbc\x83@%s/", "http\xef\xbc\x9a//%s/"
    };

    for (i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        forms_add(f, "trick", FORMS_EITHER, tricks[i], host);
#pragma GCC diagnostic pop
    }
}
