
#include <stdlib.h>

#include "tests/support/suite.h"


/* seconds that even a busy, sanitized machine does not need by itself */
#define SUITE_LEAST    120


int
suite_run(const char *name, const TTest *const *tests, double timeout)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create(name);
    tc = tcase_create(name);
    tcase_set_timeout(tc, timeout > SUITE_LEAST ? timeout : SUITE_LEAST);

    for ( /* void */ ; *tests != NULL; tests++) {
        tcase_add_test(tc, *tests);
    }

    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


int
suite_run_all(Suite *suite)
{
    int       failed;
    SRunner  *runner;

    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);

    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
