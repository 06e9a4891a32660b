
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sidecar/core/log.h"
#include "tests/faults/fault.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define FAULT_SUITE_LIMIT    36000.0  /* seconds, for those that hang */
#define FAULT_SUITE_HANG     20       /* seconds for one piece of work */
#define FAULT_SUITE_BRIEF    150      /* calls of a scene that fail in brief */
#define FAULT_SUITE_ENOUGH   40       /* failures of a scene */
#define FAULT_SUITE_AGAIN    3        /* times that what grew has to grow */


/*
 * What the processes of a scene tell the test.
 *
 * calls     of the work when nothing fails
 * at        the call that fails in the run under way, 0 before there is one
 * step      from one that fails to the next
 * refused   runs that said that they could not
 * right     runs that were right all the same
 * failures  runs that were neither
 * expected  the answer when nothing fails
 */
typedef struct {
    size_t  calls;
    size_t  at;
    size_t  step;
    size_t  runs;
    size_t  refused;
    size_t  right;
    size_t  failures;
    char    expected[FAULT_ANSWER];
} fault_told_t;


/* the sanitizer's, see sanitizer/allocator_interface.h; NULL without it */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));
int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

const char *__asan_default_options(void);

static void fault_play(const fault_scene_t *scene);
static void fault_process(const fault_scene_t *scene, size_t from);
static void fault_child(const fault_scene_t *scene, size_t from);
static int fault_ready(const fault_scene_t *scene);
static void fault_count(const fault_scene_t *scene);
static void fault_try(const fault_scene_t *scene, size_t n);
static void fault_judge(const fault_scene_t *scene, int rc);
static int fault_grows(const fault_scene_t *scene, size_t n, size_t before);
static int fault_work(const fault_scene_t *scene, size_t n);
static size_t fault_bytes(void);
static void fault_wrong(const fault_scene_t *scene, const char *why);


static const char           *fault_name;
static const fault_scene_t  *fault_scenes;
static fault_told_t         *fault_told;
static size_t                fault_full;
static size_t                fault_brief = FAULT_SUITE_BRIEF;
static size_t                fault_said;
static char                  fault_answer[FAULT_ANSWER];


START_TEST(a_call_that_fails_is_an_error_or_makes_no_difference)
{
    fault_play(&fault_scenes[_i]);
}
END_TEST


int
fault_suite(const char *name, const fault_scene_t *scenes, size_t n)
{
    Suite  *suite;
    TCase  *tc;

    /* what fails says so, often */
    (void) log_open("/dev/null", LOG_DEBUG);
    fault_name = name;
    fault_scenes = scenes;

    suite = suite_create(name);
    tc = tcase_create(name);
    tcase_set_timeout(tc, FAULT_SUITE_LIMIT);
    tcase_add_loop_test(tc,
                        a_call_that_fails_is_an_error_or_makes_no_difference,
                        0, (int) n);
    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


void
fault_sample(size_t full, size_t brief)
{
    fault_full = full;
    fault_brief = brief;
}


/* memory that is out is an error here, as it is in the product */
const char *
__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}


static void
fault_play(const fault_scene_t *scene)
{
    const char    *only;
    fault_told_t  *told;

    only = getenv("FAULT_ONLY");

    if (only != NULL && strstr(scene->name, only) == NULL) {
        return;
    }

    told = mmap(NULL, sizeof(fault_told_t), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(told, MAP_FAILED);
    fault_told = told;

    fault_process(scene, proof_times("FAULT_AT", 1, 1));
    proof_report(fault_name, scene->name, told->runs, told->failures,
                 "%zu calls, refused %zu, right %zu", told->calls,
                 told->refused, told->right);
    (void) munmap(told, sizeof(fault_told_t));
}


/* A process that ends early is followed by one that goes on behind it. */
static void
fault_process(const fault_scene_t *scene, size_t from)
{
    int     status, more;
    char    why[64];
    pid_t   pid;
    size_t  before;

    do {
        before = fault_told->failures;
        fault_told->at = 0;
        (void) fflush(NULL);
        pid = fork();
        ck_assert_int_ne(pid, -1);

        if (pid == 0) {
            fault_child(scene, from);
        }

        ck_assert_int_eq(waitpid(pid, &status, 0), pid);

        if (status != 0 && scene->mortal && fault_told->at != 0) {
            fault_told->refused++;

        } else if (status != 0 && fault_told->failures == before) {
            (void) snprintf(why, sizeof(why), "ends with status %x", status);
            fault_wrong(scene, why);
        }

        if (fault_told->runs > 0) {
            from = fault_told->at + fault_told->step;
        }

        /* the first process of a scene that has many has only counted */
        more = (fault_told->at != 0 || scene->alone) && fault_told->calls != 0
               && from <= fault_told->calls
               && fault_told->failures < FAULT_SUITE_ENOUGH;
    } while (more);
}


static void
fault_child(const fault_scene_t *scene, size_t from)
{
    size_t  n, step, counted;

    counted = fault_told->calls;

    if (fault_ready(scene) != SC_OK) {
        _exit(EXIT_FAILURE);
    }

    if (scene->alone && counted == 0) {
        _exit(EXIT_SUCCESS);
    }

    step = fault_told->step;

    for (n = from; n <= fault_told->calls; n += step) {
        fault_try(scene, n);

        if (scene->alone) {
            break;
        }
    }

    (void) alarm(FAULT_SUITE_HANG);

    if (__lsan_do_recoverable_leak_check != NULL
        && __lsan_do_recoverable_leak_check() != 0)
    {
        fault_wrong(scene, "leaves something behind");
        _exit(EXIT_FAILURE);
    }

    _exit(EXIT_SUCCESS);
}


/*
 * What is made once for a process is there after the first time.  A process
 * with a scene of its own has its first time when something fails, but for
 * the first process.
 */
static int
fault_ready(const fault_scene_t *scene)
{
    (void) alarm(FAULT_SUITE_HANG);

    if (scene->before != NULL) {
        scene->before();
    }

    if (scene->alone && fault_told->calls != 0) {
        return SC_OK;
    }

    if (!scene->alone && fault_work(scene, 0) != SC_OK) {
        fault_wrong(scene, "fails by itself");
        (void) fprintf(stderr, "%s\n", fault_answer);
        return SC_ERROR;
    }

    memcpy(fault_told->expected, fault_answer, sizeof(fault_answer));

    if (fault_work(scene, SIZE_MAX) != SC_OK) {
        fault_wrong(scene, "fails when it is counted");
        return SC_ERROR;
    }

    if (scene->alone) {
        memcpy(fault_told->expected, fault_answer, sizeof(fault_answer));
    }

    if (strcmp(fault_answer, fault_told->expected) != 0) {
        fault_wrong(scene, "has another answer the second time");
        (void) fprintf(stderr, "%s\n%s\n", fault_answer,
                       fault_told->expected);
        return SC_ERROR;
    }

    fault_count(scene);

    return SC_OK;
}


static void
fault_count(const fault_scene_t *scene)
{
    size_t  most;

    fault_told->calls = fault_end();
    most = proof_times("FAULT_TIMES", fault_full, fault_brief);
    most = (most == 0) ? fault_told->calls : most;
    fault_told->step = (most == 0) ? 1 : (fault_told->calls + most - 1) / most;

    if (fault_told->step == 0) {
        fault_told->step = 1;
    }

    if (getenv("FAULT_SHOW") != NULL) {
        (void) fprintf(stderr, "%s: %s\n", scene->name, fault_told->expected);
    }
}


static void
fault_try(const fault_scene_t *scene, size_t n)
{
    int     rc;
    size_t  bytes;

    fault_told->at = n;
    fault_told->runs++;
    (void) alarm(FAULT_SUITE_HANG);
    bytes = fault_bytes();
    rc = fault_work(scene, n);
    fault_judge(scene, rc);

    if (!scene->alone && fault_bytes() > bytes
        && fault_grows(scene, n, fault_bytes()))
    {
        fault_wrong(scene, "loses memory");

        if (__lsan_do_recoverable_leak_check != NULL) {
            (void) __lsan_do_recoverable_leak_check();
        }

        _exit(EXIT_FAILURE);
    }
}


static void
fault_judge(const fault_scene_t *scene, int rc)
{
    if (rc == SC_DECLINED) {
        fault_wrong(scene, "is not as it must be");

    } else if (rc != SC_OK) {
        fault_told->refused++;

    } else if (strcmp(fault_answer, fault_told->expected) != 0) {
        fault_wrong(scene, "has a wrong answer and no error");
        (void) fprintf(stderr, "is  %s\nnot %s\n", fault_answer,
                       fault_told->expected);

    } else {
        fault_told->right++;
    }
}


/* A table that has grown does not grow again. */
static int
fault_grows(const fault_scene_t *scene, size_t n, size_t before)
{
    int     i;
    size_t  after;

    for (i = 0; i < FAULT_SUITE_AGAIN; i++) {
        (void) fault_work(scene, n);
        after = fault_bytes();

        if (after <= before) {
            return 0;
        }

        before = after;
    }

    return 1;
}


static int
fault_work(const fault_scene_t *scene, size_t n)
{
    int  rc;

    fault_said = 0;
    fault_answer[0] = '\0';

    if (n != 0) {
        fault_begin(scene->calls, n);
    }

    rc = scene->work();

    if (n != 0) {
        (void) fault_end();
    }

    return rc;
}


static size_t
fault_bytes(void)
{
    return (__sanitizer_get_current_allocated_bytes != NULL)
           ? __sanitizer_get_current_allocated_bytes() : 0;
}


static void
fault_wrong(const fault_scene_t *scene, const char *why)
{
    fault_told->failures++;
    (void) fprintf(stderr, "%s: with call %zu of %zu failing it %s\n",
                   scene->name, fault_told->at, fault_told->calls, why);
}


void
fault_say(const char *fmt, ...)
{
    int      n;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(&fault_answer[fault_said], FAULT_ANSWER - fault_said, fmt,
                  args);
    va_end(args);

    if (n > 0) {
        fault_said += (size_t) n;
    }

    if (fault_said >= FAULT_ANSWER) {
        fault_said = FAULT_ANSWER - 1;
    }
}


void
fault_say_str(sc_str_t s)
{
    fault_say("%.*s", (int) s.len, s.data);
}
