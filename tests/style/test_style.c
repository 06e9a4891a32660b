
#include <check.h>

#include "tests/support/process.h"
#include "tests/support/suite.h"


/* clang-tidy on a slow machine */
#define STYLE_TIMEOUT    900


static void style_check(char *subject);


START_TEST(the_layout_is_nginx_s)
{
    style_check("layout");
}
END_TEST


START_TEST(no_banned_function_is_called)
{
    style_check("banned");
}
END_TEST


START_TEST(functions_and_files_are_short_and_simple)
{
    style_check("lengths");
}
END_TEST


START_TEST(nobody_includes_from_above)
{
    style_check("includes");
}
END_TEST


START_TEST(headers_are_the_manual)
{
    style_check("headers");
}
END_TEST


START_TEST(the_docs_name_what_the_code_has)
{
    style_check("docs");
}
END_TEST


START_TEST(cppcheck_finds_nothing)
{
    style_check("cppcheck");
}
END_TEST


START_TEST(clang_tidy_finds_nothing)
{
    style_check("tidy");
}
END_TEST


START_TEST(the_unit_is_hardened)
{
    style_check("unit");
}
END_TEST


START_TEST(a_user_s_own_flags_leave_what_is_needed)
{
    style_check("flags");
}
END_TEST


START_TEST(no_path_of_a_machine_is_in_the_tree)
{
    style_check("words");
}
END_TEST


static void
style_check(char *subject)
{
    int    rc;
    pid_t  pid;

    pid = process_start((char *[]) { "tests/style/check.sh", subject, NULL },
                        "/dev/stderr", NULL);
    rc = process_wait(pid);
    ck_assert_msg(rc == 0, "see above: tests/style/check.sh %s", subject);
}


int
main(void)
{
    const TTest  *tests[] = { the_layout_is_nginx_s,
                              no_banned_function_is_called,
                              functions_and_files_are_short_and_simple,
                              nobody_includes_from_above,
                              headers_are_the_manual,
                              the_docs_name_what_the_code_has,
                              cppcheck_finds_nothing,
                              clang_tidy_finds_nothing,
                              the_unit_is_hardened,
                              a_user_s_own_flags_leave_what_is_needed,
                              no_path_of_a_machine_is_in_the_tree,
                              NULL };

    return suite_run("style", tests, STYLE_TIMEOUT);
}
