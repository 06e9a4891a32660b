
/*
 * What every test program's main() does: run these tests, each in a process
 * of its own, and say how it went.
 */

#ifndef SUITE_H
#define SUITE_H


#include <check.h>


/*
 * Run the NULL-terminated list of tests, each for at most timeout seconds, or
 * two minutes if that is less: it is for those that hang.
 * The program's exit status: 0 when all passed.
 */
int suite_run(const char *name, const TTest *const *tests, double timeout);

/* The same of a suite that is made already; it is freed. */
int suite_run_all(Suite *suite);


#endif /* SUITE_H */
