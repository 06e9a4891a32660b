
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "tests/access/hex.h"
#include "tests/access/reach.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define EGRESS_TIMEOUT    3600
#define EGRESS_URL        8192


static size_t egress_step(const reach_t *r, const char *name);
static void egress_through(reach_t *r, const char *way, const form_t *form);


static const char *const  egress_ways[] = {
    "/r/301/", "/r/302/", "/r/303/", "/r/307/", "/r/308/", "/two/302/",
    "/two/308/", "/refresh/", "/meta/"
};


START_TEST(no_notation_of_an_address_is_dialled)
{
    size_t   i;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    ck_assert_uint_ge(r.forms.n, 2000);

    for (i = 0; i < r.forms.n; i += egress_step(&r, "ACCESS_DIRECT")) {
        reach_try(&r, &r.forms.list[i]);
    }

    ck_assert_int_eq(reach_ask(&r, "http://8.8.4.4/", ""), REACH_GOOD);
    ck_assert_int_eq(reach_ask(&r, "http://[2a00:1450::1]/", ""), REACH_GOOD);
    ck_assert_int_eq(reach_ask(&r, "http://a08080404.test/", ""), REACH_GOOD);
    reach_report(&r, "D1", "egress", "direct");
    reach_end(&r);
}
END_TEST


/* So that there are about so many of the environment, or else of the run. */
static size_t
egress_step(const reach_t *r, const char *name)
{
    size_t  n;

    n = proof_times(name, r->forms.n, r->forms.n / 16);

    return n > 0 && n < r->forms.n ? r->forms.n / n : 1;
}


START_TEST(no_redirect_leads_inside)
{
    size_t   i, k, step;
    reach_t  r;

    if (!reach_begin(&r, "robots = ignore\n")) {
        return;
    }

    step = egress_step(&r, "ACCESS_REDIRECTS");

    for (k = 0; k < sizeof(egress_ways) / sizeof(egress_ways[0]); k++) {
        for (i = k; i < r.forms.n; i += step * (proof_full() ? 1 : 9)) {
            egress_through(&r, egress_ways[k], &r.forms.list[i]);
        }
    }

    egress_through(&r, "/r/302/", &(form_t) { .url = "//127.0.0.1/" });
    egress_through(&r, "/r/302/", &(form_t) { .url = "\\\\127.0.0.1/" });
    egress_through(&r, "/r/302/", &(form_t) { .url = "/\\127.0.0.1/" });
    reach_report(&r, "D2", "egress", "redirects");
    reach_end(&r);
}
END_TEST


static void
egress_through(reach_t *r, const char *way, const form_t *form)
{
    char          url[EGRESS_URL];
    size_t        n;
    reach_end_t   end;

    n = (size_t) snprintf(url, sizeof(url), "http://8.8.4.4%s", way);

    if (strpbrk(form->url, "\r\n") != NULL
        || n + 2 * strlen(form->url) >= sizeof(url))
    {
        return;
    }

    hex_write(url + n, form->url, strlen(form->url));
    end = reach_ask(r, url, ",\"request\":{\"meta_refresh\":true}");

    /* the field Refresh is not followed */
    if (end == REACH_OTHER
        || (form->end == FORMS_BLOCKED && end != REACH_BLOCKED
            && strcmp(way, "/refresh/") != 0))
    {
        reach_wrong(r, way, form->url);
    }
}


int
main(void)
{
    const TTest *const  tests[] = {
        no_notation_of_an_address_is_dialled,
        no_redirect_leads_inside,
        NULL
    };

    return suite_run("egress", tests, EGRESS_TIMEOUT);
}
