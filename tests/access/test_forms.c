
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "sidecar/resolve/policy.h"
#include "sidecar/url/url.h"
#include "tests/access/forms.h"
#include "tests/access/world.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


/* what the parser and the policy say of a form */
typedef enum {
    FORM_REFUSED = 0,       /* the URL */
    FORM_BLOCKED,           /* its address */
    FORM_NAME,              /* it is the name server's to say */
    FORM_OWN,               /* it is that of the machine of other tests */
    FORM_OPEN,
    FORM_ENDS
} form_end_t;


static form_end_t form_judge(const policy_t *policy, const char *url);
static int form_literal(const char *host, struct sockaddr_storage *sa);


START_TEST(no_notation_of_a_shut_address_is_taken_for_an_open_one)
{
    char         err[160], first[160] = "";
    size_t       i, wrong, ends[FORM_ENDS] = { 0 };
    forms_t      f;
    policy_t    *policy;
    form_end_t   end;

    policy = policy_create("10.9.9.8/32", err, sizeof(err));
    ck_assert_ptr_nonnull(policy);
    forms_make(&f);
    ck_assert_uint_ge(f.n, 2000);
    wrong = 0;

    for (i = 0; i < f.n; i++) {
        end = form_judge(policy, f.list[i].url);
        ends[end]++;

        if ((f.list[i].end == FORMS_REFUSED && end != FORM_REFUSED)
            || (f.list[i].end == FORMS_BLOCKED && end != FORM_BLOCKED
                && end != FORM_OWN)
            || end == FORM_OPEN)
        {
            (void) snprintf(first, sizeof(first), "%s: %.100s",
                            f.list[i].kind, f.list[i].url);
            wrong++;
        }
    }

    ck_assert_int_eq(form_judge(policy, "http://8.8.4.4/"), FORM_OPEN);
    ck_assert_int_eq(form_judge(policy, "http://10.9.9.8/"), FORM_OPEN);
    proof_report("forms", "D1", f.n, wrong, "judged: %zu refused, %zu "
                 "blocked, %zu names, %zu own addresses elsewhere %s",
                 ends[FORM_REFUSED], ends[FORM_BLOCKED], ends[FORM_NAME],
                 ends[FORM_OWN], first);
    forms_free(&f);
    policy_destroy(policy);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        no_notation_of_a_shut_address_is_taken_for_an_open_one,
        NULL
    };

    return suite_run("forms", tests, 60);
}


static form_end_t
form_judge(const policy_t *policy, const char *url)
{
    int                       rc, own;
    char                      err[160];
    url_t                     u;
    struct sockaddr_storage   sa;

    if (url_parse(&u, url, strlen(url), err, sizeof(err)) != SC_OK) {
        return FORM_REFUSED;
    }

    own = strcmp(u.host, WORLD_OWN_V4) == 0
          || strcmp(u.host, WORLD_OWN_V6) == 0;
    rc = form_literal(u.host, &sa);
    url_free(&u);

    if (rc != SC_OK) {
        return FORM_NAME;
    }

    if (own) {
        return FORM_OWN;
    }

    return policy_allows(policy, (struct sockaddr *) &sa) ? FORM_OPEN
                                                          : FORM_BLOCKED;
}


static int
form_literal(const char *host, struct sockaddr_storage *sa)
{
    struct sockaddr_in   *v4 = (struct sockaddr_in *) sa;
    struct sockaddr_in6  *v6 = (struct sockaddr_in6 *) sa;

    memset(sa, 0, sizeof(struct sockaddr_storage));

    if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        sa->ss_family = AF_INET;
        return SC_OK;
    }

    if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
        sa->ss_family = AF_INET6;
        return SC_OK;
    }

    return SC_DECLINED;
}
