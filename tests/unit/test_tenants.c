
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sidecar/tenants/tenants.h"
#include "tests/support/process.h"
#include "tests/support/storing.h"


static void tenants_begin(const char *lines);
static void tenants_end(void);
static void tenants_ready(void *data);
static void tenants_stop(void *data);
static void tenants_write(const char *lines);
static tenant_limits_t tenants_of(const char *name);
static void tenants_refused(const char *lines, const char *says);
static void tenants_use(const char *name, int64_t pages, int64_t bytes);
static int64_t tenants_used(const char *name);


static storing_t    t;
static settings_t   settings;
static tenants_t   *tenants;
static char         path[128];


START_TEST(line_says_what_its_tenant_may_use)
{
    tenant_limits_t  l;

    tenants_begin("# our customers\n"
                  "\n"
                  "  anna pages=10000 bytes=2g  fetches=4\trate=512k queue=9\n"
                  "bert\n");
    l = tenants_of("anna");
    ck_assert_int_eq(l.pages, 10000);
    ck_assert_int_eq(l.bytes, 2147483648);
    ck_assert_int_eq(l.fetches, 4);
    ck_assert_int_eq(l.rate, 524288);
    ck_assert_int_eq(l.queue, 9);
    ck_assert_uint_eq(l.nhosts, 0);
    tenants_end();
}
END_TEST


static void
tenants_begin(const char *lines)
{
    char  err[256] = "";
    int   ready = 0;

    memset(&settings, 0, sizeof(settings_t));
    settings.tenant_connections = 7;
    settings.tenant_rate = 8;
    settings.tenant_queue = 9;
    (void) snprintf(path, sizeof(path), "%s/tenants", t.dir);
    settings.tenants = path;
    tenants_write(lines);
    tenants = tenants_open(t.loop, &settings, t.store, err, sizeof(err));
    ck_assert_msg(tenants != NULL, "%s", err);
    ck_assert_int_eq(tenants_read(tenants, tenants_ready, &ready), SC_OK);
    ck_assert_int_eq(loop_run(t.loop), SC_OK);
    ck_assert_int_eq(ready, 1);
}


static void
tenants_ready(void *data)
{
    int  *ready = data;

    (*ready)++;
    loop_stop(t.loop);
}


static void
tenants_write(const char *lines)
{
    process_write(path, lines);
}


static void
tenants_end(void)
{
    tenants_close(tenants);
    ck_assert_int_eq(unlink(path), 0);
}


static tenant_limits_t
tenants_of(const char *name)
{
    tenant_limits_t  l;

    tenants_limits(tenants, &settings, storing_str(name), &l);

    return l;
}


START_TEST(option_that_is_missing_is_the_settings)
{
    tenant_limits_t  l;

    tenants_begin("anna fetches=0\nbert pages=3\n");
    l = tenants_of("anna");
    ck_assert_int_eq(l.fetches, 0);
    ck_assert_int_eq(l.rate, 8);
    ck_assert_int_eq(l.queue, 9);
    ck_assert_int_eq(l.pages, 0);
    l = tenants_of("bert");
    ck_assert_int_eq(l.fetches, 7);
    ck_assert_int_eq(l.pages, 3);
    l = tenants_of("carl");
    ck_assert_int_eq(l.fetches, 7);
    ck_assert_int_eq(l.pages, 0);
    tenants_end();
}
END_TEST


START_TEST(star_is_whoever_is_not_named_and_dash_is_nobody)
{
    tenants_begin("anna pages=1\n* pages=2\n");
    ck_assert_int_eq(tenants_of("anna").pages, 1);
    ck_assert_int_eq(tenants_of("carl").pages, 2);
    ck_assert_int_eq(tenants_of("").pages, 0);
    tenants_end();

    tenants_begin("- pages=3\n");
    ck_assert_int_eq(tenants_of("").pages, 3);
    ck_assert_int_eq(tenants_of("anna").pages, 0);
    tenants_end();
}
END_TEST


START_TEST(hosts_are_matched_as_names_of_servers_are)
{
    sc_str_t  anna = storing_str("anna");

    tenants_begin("anna hosts=Shop.example,.all.example,*.below.example,"
                  "2001:db8::1\nbert\n");
    ck_assert(tenants_allows(tenants, anna, "shop.example"));
    ck_assert(!tenants_allows(tenants, anna, "www.shop.example"));
    ck_assert(tenants_allows(tenants, anna, "all.example"));
    ck_assert(tenants_allows(tenants, anna, "a.b.all.example"));
    ck_assert(!tenants_allows(tenants, anna, "small.example"));
    ck_assert(tenants_allows(tenants, anna, "www.below.example"));
    ck_assert(!tenants_allows(tenants, anna, "below.example"));
    ck_assert(!tenants_allows(tenants, anna, ".below.example"));
    ck_assert(tenants_allows(tenants, anna, "2001:db8::1"));
    ck_assert(!tenants_allows(tenants, anna, ""));
    ck_assert(tenants_allows(tenants, storing_str("bert"), "any.example"));
    ck_assert(tenants_allows(NULL, anna, "any.example"));
    tenants_end();
}
END_TEST


START_TEST(file_that_is_wrong_is_refused_with_its_line)
{
    tenants_begin("anna pages=1\n");
    tenants_refused("a\nb pages\n", "\"pages\" is not \"option=value\" in");
    tenants_refused("a\nb pages\n", ":2");
    tenants_refused("b page=1\n", "unknown option \"page\"");
    tenants_refused("b pages=\n", "option \"pages\" is \"\", not a number");
    tenants_refused("b pages=1k\n", "\"1k\", not a number");
    tenants_refused("b bytes=1kb\n", "\"1kb\"");
    tenants_refused("b bytes=k\n", "\"k\"");
    tenants_refused("b pages=-1\n", "\"-1\"");
    tenants_refused("b pages=1000000000000000\n", "from 0 to 999999999999999");
    tenants_refused("b bytes=99999999999999999999999\n", "not a number");
    tenants_refused("b bytes=999999999g\n", "not a number");
    tenants_refused("b rate=4g\n", "not a number");
    tenants_refused("b pages=1 pages=1\n", "\"pages\" is there twice");
    tenants_refused("b hosts=a hosts=b\n", "\"hosts\" is there twice");
    tenants_refused("b hosts=\n", "\"\" is not a host");
    tenants_refused("b hosts=a,,b\n", "\"\" is not a host");
    tenants_refused("b hosts=http://a/\n", "\"http://a/\" is not a host");
    tenants_refused("b hosts=a*\n", "\"a*\" is not a host");
    tenants_refused("b hosts=*.\n", "is not a host");
    tenants_refused("b hosts=*..a\n", "is not a host");
    tenants_refused("b hosts=m\xc3\xbcnchen.example\n", "is not a host");
    tenants_refused("a\nb\na pages=2\n", "tenant \"a\" is there twice");
    tenants_refused("a\nb\001\n", "a control character, \"\\x01\",");
    ck_assert_int_eq(tenants_of("anna").pages, 1);
    tenants_end();
}
END_TEST


static void
tenants_refused(const char *lines, const char *says)
{
    char  err[512] = "";

    tenants_write(lines);
    ck_assert_int_eq(tenants_reload(tenants, err, sizeof(err)), SC_ERROR);
    ck_assert_msg(strstr(err, says) != NULL, "%s: %s", says, err);
    ck_assert_ptr_nonnull(strstr(err, path));
    ck_assert_ptr_null(tenants_open(t.loop, &settings, t.store, err,
                                    sizeof(err)));
}


START_TEST(file_of_odd_shapes_is_refused)
{
    char  *line;

    tenants_begin("anna\n");
    line = malloc(TENANTS_MAX_LINE + 2);
    ck_assert_ptr_nonnull(line);
    memset(line, 'a', TENANTS_MAX_LINE + 1);
    line[TENANTS_MAX_LINE + 1] = '\0';
    tenants_refused(line, "a line of more than 65536 bytes");
    free(line);

    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
    line = malloc(512);
    ck_assert_ptr_nonnull(line);
    ck_assert_int_eq(tenants_reload(tenants, line, 512), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(line, "not a regular file"));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(tenants_reload(tenants, line, 512), SC_ERROR);
    ck_assert_ptr_nonnull(strstr(line, "No such file"));
    free(line);
    tenants_write("last-line-without-end pages=5");
    ck_assert_int_eq(tenants_reload(tenants, NULL, 0), SC_OK);
    ck_assert_int_eq(tenants_of("last-line-without-end").pages, 5);
    tenants_end();
}
END_TEST


START_TEST(what_is_left_is_what_was_not_used)
{
    sc_str_t  anna = storing_str("anna");

    tenants_begin("anna pages=3 bytes=1k\nbert bytes=10\n");
    ck_assert_int_eq(tenants_left(tenants, anna), 3);
    ck_assert_int_eq(tenants_left(tenants, storing_str("bert")), INT64_MAX);
    ck_assert_int_eq(tenants_left(tenants, storing_str("carl")), INT64_MAX);
    tenants_use("anna", 2, 10);
    ck_assert_int_eq(tenants_left(tenants, anna), 1);
    tenants_use("anna", 1, 0);
    ck_assert_int_eq(tenants_left(tenants, anna), 0);
    ck_assert_int_eq(tenants_over(tenants, anna), TENANT_PAGES);
    tenants_use("bert", 1, 10);
    ck_assert_int_eq(tenants_left(tenants, storing_str("bert")), 0);
    ck_assert_int_eq(tenants_over(tenants, storing_str("bert")),
                     TENANT_BYTES);
    tenants_use("carl", 1000, 1000);
    ck_assert_int_eq(tenants_over(tenants, storing_str("carl")), TENANT_FREE);
    tenants_end();
}
END_TEST


static void
tenants_use(const char *name, int64_t pages, int64_t bytes)
{
    store_usage_t  usage = { .day = tenants_today(), .pages = pages,
                             .bytes = bytes };

    tenants_add(tenants, storing_str(name), &usage);
}


static int64_t
tenants_used(const char *name)
{
    store_usage_t  usage;

    ck_assert_int_eq(tenants_usage(tenants, storing_str(name), &usage),
                     SC_OK);

    return usage.pages;
}


START_TEST(what_was_used_today_is_read_at_the_start)
{
    int            i;
    char           name[32];
    store_usage_t  usage = { .day = tenants_today(), .pages = 1 };

    for (i = 0; i < 2500; i++) {
        (void) snprintf(name, sizeof(name), "t%d", i);
        usage.tenant = storing_str(name);
        ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);
    }

    usage.tenant = storing_str("");
    usage.pages = 4;
    ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);
    usage.day--;
    ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);
    storing_close(&t);
    storing_open(&t);
    tenants_begin("anna\n");
    ck_assert_int_eq(tenants_used(""), 4);
    ck_assert_int_eq(tenants_used("t0"), 1);
    ck_assert_int_eq(tenants_used("t2499"), 1);
    ck_assert_int_eq(tenants_used("t2500"), 0);
    tenants_end();
}
END_TEST


START_TEST(sums_of_many_tenants_are_read_again)
{
    int            i;
    char           name[32];
    store_usage_t  usage = { .day = tenants_today(), .pages = 5 };

    usage.tenant = storing_str("anna");
    ck_assert_int_eq(store_usage_put(t.store, &usage), SC_OK);
    storing_close(&t);
    storing_open(&t);
    tenants_begin("* pages=9\n");

    for (i = 0; i < TENANTS_KEPT; i++) {
        (void) snprintf(name, sizeof(name), "t%d", i);
        tenants_use(name, 0, 1);
    }

    /* while it is read nothing may begin */
    ck_assert_int_eq(tenants_left(tenants, storing_str("anna")), 0);
    tenants_hook(tenants, &(tenants_hooks_t) {
        .changed = tenants_stop }, NULL);

    while (tenants_usage(tenants, storing_str("anna"), &usage) == SC_AGAIN) {
        ck_assert_int_eq(loop_run(t.loop), SC_OK);
    }

    tenants_hook(tenants, NULL, NULL);
    ck_assert_int_eq(tenants_used("anna"), 5);
    ck_assert_int_eq(tenants_left(tenants, storing_str("anna")), 4);
    tenants_end();
}
END_TEST


static void
tenants_stop(void *data)
{
    (void) data;
    loop_stop(t.loop);
}


START_TEST(day_has_its_rest)
{
    ck_assert_int_ge(tenants_rest(), 1);
    ck_assert_int_le(tenants_rest(), 86400);
    ck_assert_int_gt(tenants_today(), 20000);
}
END_TEST


int
main(void)
{
    const TTest  *tests[] = {
        line_says_what_its_tenant_may_use,
        option_that_is_missing_is_the_settings,
        star_is_whoever_is_not_named_and_dash_is_nobody,
        hosts_are_matched_as_names_of_servers_are,
        file_that_is_wrong_is_refused_with_its_line,
        file_of_odd_shapes_is_refused,
        what_is_left_is_what_was_not_used,
        what_was_used_today_is_read_at_the_start,
        sums_of_many_tenants_are_read_again,
        day_has_its_rest,
        NULL
    };

    return storing_run("tenants", tests, &t);
}
