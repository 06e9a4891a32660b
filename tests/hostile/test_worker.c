
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/wait.h>

#include <check.h>

#include "sidecar/worker/pool_internal.h"
#include "tests/hostile/worker_answer.h"
#include "tests/support/pooling.h"
#include "tests/support/process.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define WORKER_TIMEOUT   36000
#define WORKER_RULES     "{\"a\":\"//p\"}"
#define WORKER_SCOPE     "{}"
#define WORKER_PATIENCE  (60 * LOOP_SEC)
#define WORKER_DEADLINE  (2 * LOOP_SEC)
#define WORKER_SILENT    4


/* What is done to the socket; 0 when the worker is to end then. */
typedef int (*worker_way_pt)(worker_answer_t *a);

/* status is POOL_OK for a page that must have its own data alone. */
typedef struct {
    const char     *name;
    worker_way_pt   way;
    pool_status_t   status;
} worker_case_t;

/* A part by the offset of its count, and what it is to be. */
typedef struct {
    size_t       part;
    const char  *text;
} worker_part_t;


static int worker_hostile(const char *body);
static int worker_send(const char *bytes, size_t len);
static int worker_send_part(const worker_part_t *part, worker_answer_t *a);
static int worker_nothing(worker_answer_t *a);
static int worker_half_head(worker_answer_t *a);
static int worker_half(worker_answer_t *a);
static int worker_all_but_one(worker_answer_t *a);
static int worker_one_more(worker_answer_t *a);
static int worker_twice(worker_answer_t *a);
static int worker_other_number(worker_answer_t *a);
static int worker_next_number(worker_answer_t *a);
static int worker_no_number(worker_answer_t *a);
static int worker_ready(worker_answer_t *a);
static int worker_empty(worker_answer_t *a);
static int worker_endless(worker_answer_t *a);
static int worker_largest(worker_answer_t *a);
static int worker_too_large(worker_answer_t *a);
static int worker_text(worker_answer_t *a);
static int worker_in_bytes(worker_answer_t *a);
static int worker_silent(unsigned long way, worker_answer_t *a);
static int worker_stale(unsigned long way, worker_answer_t *a);
static void worker_page(pooling_page_t *page, char *body, size_t size,
    const char *mode, size_t n);
static size_t worker_good(pooling_t *t);
static size_t worker_bad(pooling_t *t, const char *mode, size_t n,
    pool_status_t status);
static size_t worker_mutant(pooling_t *t, size_t n, size_t *right);
static size_t worker_same(const pooling_page_t *page,
    const worker_answer_t *a, const wire_reply_t *head);
static size_t worker_own(const pooling_page_t *page, const char *body,
    int status);
static size_t worker_files(void);
static void worker_over(pooling_t *t, size_t files);


static const worker_case_t  worker_cases[] = {
    { "the end", worker_nothing, POOL_CRASHED },
    { "half a head", worker_half_head, POOL_CRASHED },
    { "half an answer", worker_half, POOL_CRASHED },
    { "an answer without its end", worker_all_but_one, POOL_CRASHED },
    { "an answer and a byte", worker_one_more, POOL_CRASHED },
    { "two answers", worker_twice, POOL_CRASHED },
    { "an answer to none", worker_other_number, POOL_CRASHED },
    { "an answer to the next", worker_next_number, POOL_CRASHED },
    { "an answer without number", worker_no_number, POOL_CRASHED },
    { "that it is ready", worker_ready, POOL_CRASHED },
    { "an answer of nothing", worker_empty, POOL_CRASHED },
    { "bytes without end", worker_endless, POOL_CRASHED },
    { "the most that may be, of noughts", worker_largest, POOL_CRASHED },
    { "more than may be", worker_too_large, POOL_CRASHED },
    { "text", worker_text, POOL_CRASHED },
    { "an answer in single bytes", worker_in_bytes, POOL_OK }
};

#define WORKER_CASES  (sizeof(worker_cases) / sizeof(worker_cases[0]))

#define DATA      offsetof(wire_reply_t, data)
#define MISSING   offsetof(wire_reply_t, missing)
#define WARNINGS  offsetof(wire_reply_t, warnings)
#define VIEW      offsetof(wire_reply_t, view)
#define FILL      offsetof(wire_reply_t, fill)
#define FORM      offsetof(wire_reply_t, form)
#define FOUND     offsetof(wire_reply_t, found)


/* What no part may be, and what would be more than a part where it goes. */
static const worker_part_t  worker_parts[] = {
    { DATA, "" }, { DATA, "{" }, { DATA, "{}}" }, { DATA, "1,\"id\":\"x\"" },
    { DATA, "\"\xff\"" }, { DATA, "\"\xc0\xaf\"" }, { DATA, "\"a\nb\"" },
    { DATA, "{}\n\nevent: end\ndata: {}" }, { DATA, "{\n}" },
    { DATA, "{}\r" }, { DATA, "[1] [2]" }, { DATA, "\"\\ud800\"" },
    { DATA, "NaN" }, { DATA, "\xef\xbb\xbf{}" }, { DATA, "<html>" },
    { MISSING, "" }, { MISSING, "{}" }, { MISSING, "null" },
    { MISSING, "[" }, { WARNINGS, "" }, { WARNINGS, "\"\"" },
    { WARNINGS, "[],[]" }, { VIEW, "[]" }, { VIEW, "{" },
    { VIEW, "},\"id\":{" }, { VIEW, " {}" }, { VIEW, "1" },
    { FILL, "[]" }, { FILL, "{\"a\":[}" }, { FORM, "true" },
    { FORM, "{\"url\":}" },
    { FOUND, "l" }, { FOUND, "\n" }, { FOUND, "l \n" },
    { FOUND, "l http://a.example/" }, { FOUND, "l  http://a.example/\n" },
    { FOUND, "z http://a.example/\n" }, { FOUND, "lhttp://a.example/\n" },
    { FOUND, "l http://\n" }, { FOUND, "l file:///etc/passwd\n" },
    { FOUND, "l gopher://a.example/\n" }, { FOUND, "l //a.example/\n" },
    { FOUND, "l /x\n" }, { FOUND, "l http://a.example/\x01\n" },
    { FOUND, "l http://a.example/\r\n" }, { FOUND, "l http://\xc3\xa4/\n" },
    { FOUND, "l http://a.example/ \n" },
    { FOUND, "l http://a.example/ []\n" },
    { FOUND, "f http://a.example/ {\n" },
    { FOUND, "f http://a.example/ {}{}\n" },
    { FOUND, "f http://a.example/ {\"context\":\"\xff\"}\n" },
    { FOUND, "l http://a.example/\n\nl http://b.example/\n" }
};

#define WORKER_PARTS  (sizeof(worker_parts) / sizeof(worker_parts[0]))


START_TEST(what_is_no_answer_costs_its_page_and_its_worker)
{
    int        pid;
    size_t     i, failures = 0, files = worker_files();
    pooling_t  t;

    pooling_start(&t, 0, 1, WORKER_PATIENCE);

    for (i = 0; i < WORKER_CASES; i++) {
        failures += worker_good(&t);
        pid = pooling_pid(&t, 0);
        failures += worker_bad(&t, "case", i, worker_cases[i].status);
        failures += worker_good(&t);
        failures += worker_cases[i].status != POOL_OK
                    && pooling_pid(&t, 0) == pid;
    }

    for (i = 0; i < WORKER_PARTS; i++) {
        failures += worker_bad(&t, "part", i, POOL_CRASHED);
        failures += worker_good(&t);
    }

    worker_over(&t, files);
    proof_report("worker", "a worker's answer is not believed",
                 WORKER_CASES + WORKER_PARTS, failures,
                 "%zu ways to end, to say too much or too little, %zu parts "
                 "that are not what they must be; each page failed, its "
                 "worker was replaced, the next page had its own data",
                 WORKER_CASES - 1, WORKER_PARTS);
}
END_TEST


START_TEST(worker_that_keeps_silent_has_until_the_deadline)
{
    char            bodies[WORKER_SILENT][32];
    size_t          i, failures = 0, files = worker_files();
    int64_t         begun;
    pooling_t       t;
    pooling_page_t  pages[WORKER_SILENT];

    pooling_start(&t, 0, WORKER_SILENT, WORKER_DEADLINE);
    begun = loop_now(t.loop);

    for (i = 0; i < WORKER_SILENT; i++) {
        worker_page(&pages[i], bodies[i], sizeof(bodies[i]), "silent", i);
        pooling_give(&t, &pages[i]);
    }

    pooling_run(&t);

    for (i = 0; i < WORKER_SILENT; i++) {
        failures += pages[i].calls != 1 || pages[i].status != POOL_TIMEOUT
                    || pages[i].data[0] != '\0';
        pooling_free(&pages[i]);
    }

    begun = loop_now(t.loop) - begun;

    for (i = 0; i < WORKER_SILENT; i++) {
        failures += worker_good(&t);
    }

    worker_over(&t, files);
    proof_report("worker", "a worker's silence has an end", WORKER_SILENT,
                 failures, "nothing, half a head, half of the data, a byte "
                 "now and then: all over after %lld of %lld ms",
                 (long long) (begun / LOOP_MS),
                 (long long) (WORKER_DEADLINE / LOOP_MS));
}
END_TEST


/* When it is sent before the next page is there, it may be its own's end. */

START_TEST(second_answer_is_not_the_next_pages)
{
    char            bodies[2][32];
    size_t          i, n = proof_times("HOSTILE_STALE", 2000, 10);
    size_t          failures = 0, files = worker_files();
    pooling_t       t;
    pooling_page_t  pages[2];

    pooling_start(&t, 0, 1, WORKER_PATIENCE);

    for (i = 0; i < n; i++) {
        worker_page(&pages[0], bodies[0], sizeof(bodies[0]), "stale", i);
        worker_page(&pages[1], bodies[1], sizeof(bodies[1]), "good", i);
        pooling_give(&t, &pages[0]);
        pooling_give(&t, &pages[1]);
        pooling_run(&t);
        failures += worker_own(&pages[0], bodies[0], i % 2 == 0 ? POOL_OK
                                                                : -1);
        failures += worker_own(&pages[1], bodies[1], i % 2 == 0 ? POOL_CRASHED
                                                                : -1);
        pooling_free(&pages[0]);
        pooling_free(&pages[1]);
        failures += worker_good(&t);
    }

    worker_over(&t, files);
    proof_report("worker", "no page has another's answer", 2 * n, failures,
                 "the answer to one page sent again, as that to the next, "
                 "before or after the worker has it");
}
END_TEST


START_TEST(answer_that_was_changed_is_refused_or_read_as_it_is)
{
    size_t     i, right = 0, failures = 0, files = worker_files();
    size_t     n = proof_times("HOSTILE_ANSWERS", 100000, 150);
    pooling_t  t;

    pooling_start(&t, 0, 1, WORKER_PATIENCE);

    for (i = 0; i < n; i++) {
        failures += worker_mutant(&t, i, &right);
        failures += worker_good(&t);
    }

    worker_over(&t, files);
    proof_report("worker", "a worker's answer is not believed", n, failures,
                 "answers changed in bytes and counts, cut, doubled, at "
                 "random: %zu were still right and are what was sent, the "
                 "others were refused; the next page was right each time",
                 right);
}
END_TEST


/* The judgement alone, without a process for each. */

START_TEST(judgement_of_the_pool_is_that_of_another_reader)
{
    int               wrong;
    size_t            i, len, right = 0, failures = 0;
    size_t            n = proof_times("HOSTILE_JUDGED", 20000000, 50000);
    wire_reply_t      head, seen;
    wire_request_t    request = { .scope = 2 };
    worker_answer_t   a;
    worker_answer_verdict_t  verdict;

    for (i = 0; i < n; i++) {
        worker_answer(&a, 7, "x");
        worker_answer_mutate(&a, i);
        verdict = worker_answer_judge(&a, 7, &head);

        if (a.len < sizeof(wire_reply_t)) {
            continue;
        }

        memcpy(&seen, a.bytes, sizeof(wire_reply_t));
        wrong = wire_reply_check(&seen, &len) != SC_OK
                || a.len - sizeof(wire_reply_t) != len
                || seen.number != 7 || seen.status == WIRE_READY
                || wire_parts_check(&request, &seen,
                                    a.bytes + sizeof(wire_reply_t)) != SC_OK;
        right += !wrong;
        failures += wrong != (verdict != WORKER_ANSWER_RIGHT);
    }

    proof_report("worker", "a worker's answer is not believed", n, failures,
                 "judged as by another reader, %zu of them right", right);
}
END_TEST


int
main(int argc, char **argv)
{
    const pooling_worker_pt  kinds[] = { worker_hostile, NULL };

    const TTest *const  tests[] = {
        what_is_no_answer_costs_its_page_and_its_worker,
        worker_that_keeps_silent_has_until_the_deadline,
        second_answer_is_not_the_next_pages,
        answer_that_was_changed_is_refused_or_read_as_it_is,
        judgement_of_the_pool_is_that_of_another_reader,
        NULL
    };

    if (argc == 2 && strcmp(argv[1], "--worker") == 0) {
        return pooling_worker(kinds);
    }

    return suite_run("worker", tests, WORKER_TIMEOUT);
}


/* The body is a word and a number: what to do, and which of its ways. */

static int
worker_hostile(const char *body)
{
    char             *end;
    wire_reply_t      head;
    unsigned long     n;
    worker_answer_t   a;

    n = strtoul(body + strcspn(body, " "), &end, 10);
    worker_answer(&a, pooling_number(), body);

    switch (body[0]) {

    case 'c':
        return worker_cases[n].way(&a);

    case 'p':
        return worker_send_part(&worker_parts[n], &a);

    case 's':
        return body[1] == 'i' ? worker_silent(n, &a) : worker_stale(n, &a);

    case 'm':
        worker_answer_mutate(&a, n);
        (void) worker_send(a.bytes, a.len);

        return worker_answer_judge(&a, pooling_number(), &head)
               != WORKER_ANSWER_SHORT;

    default:
        return worker_send(a.bytes, a.len);
    }
}


/* In one call, so that what is too much comes with what it follows. */

static int
worker_send(const char *bytes, size_t len)
{
    return send(0, bytes, len, MSG_NOSIGNAL) == (ssize_t) len;
}


static int
worker_send_part(const worker_part_t *part, worker_answer_t *a)
{
    size_t    at, len = strlen(part->text), begin = sizeof(wire_reply_t);
    uint32_t  count;

    for (at = DATA; at < part->part; at += sizeof(uint32_t)) {
        memcpy(&count, a->bytes + at, sizeof(count));
        begin += count;
    }

    memcpy(&count, a->bytes + at, sizeof(count));
    memmove(a->bytes + begin + len, a->bytes + begin + count,
            a->len - begin - count);
    memcpy(a->bytes + begin, part->text, len);
    a->len = a->len - count + len;
    count = (uint32_t) len;
    memcpy(a->bytes + at, &count, sizeof(count));

    return worker_send(a->bytes, a->len);
}


static int
worker_nothing(worker_answer_t *a)
{
    (void) a;

    return 0;
}


static int
worker_half_head(worker_answer_t *a)
{
    (void) worker_send(a->bytes, sizeof(wire_reply_t) / 2);

    return 0;
}


static int
worker_half(worker_answer_t *a)
{
    (void) worker_send(a->bytes, (sizeof(wire_reply_t) + a->len) / 2);

    return 0;
}


static int
worker_all_but_one(worker_answer_t *a)
{
    (void) worker_send(a->bytes, a->len - 1);

    return 0;
}


static int
worker_one_more(worker_answer_t *a)
{
    return worker_send(a->bytes, a->len + 1);
}


static int
worker_twice(worker_answer_t *a)
{
    memcpy(a->bytes + a->len, a->bytes, a->len);

    return worker_send(a->bytes, 2 * a->len);
}


static int
worker_other_number(worker_answer_t *a)
{
    worker_answer(a, pooling_number() + 1000000, "other");

    return worker_send(a->bytes, a->len);
}


static int
worker_next_number(worker_answer_t *a)
{
    worker_answer(a, pooling_number() + 1, "next");

    return worker_send(a->bytes, a->len);
}


static int
worker_no_number(worker_answer_t *a)
{
    worker_answer(a, 0, "none");

    return worker_send(a->bytes, a->len);
}


static int
worker_ready(worker_answer_t *a)
{
    wire_reply_t  ready = { .magic = WIRE_MAGIC, .status = WIRE_READY };

    (void) a;

    return worker_send((const char *) &ready, sizeof(wire_reply_t));
}


static int
worker_empty(worker_answer_t *a)
{
    wire_reply_t  empty = { .magic = WIRE_MAGIC, .status = WIRE_OK };

    (void) a;
    empty.number = pooling_number();

    return worker_send((const char *) &empty, sizeof(wire_reply_t));
}


static int
worker_endless(worker_answer_t *a)
{
    memcpy(a->bytes + a->len, a->bytes, a->len);

    while (worker_send(a->bytes, 2 * a->len)) {
        /* until it is killed */
    }

    return 0;
}


static int
worker_largest(worker_answer_t *a)
{
    char          zeros[65536] = { 0 };
    size_t        left;
    wire_reply_t  head = { .magic = WIRE_MAGIC, .status = WIRE_OK };

    (void) a;
    head.number = pooling_number();
    head.data = WIRE_MAX_REPLY - 4;
    head.missing = 2;
    head.warnings = 2;
    (void) worker_send((const char *) &head, sizeof(wire_reply_t));

    for (left = WIRE_MAX_REPLY; left > 0; left -= sizeof(zeros)) {
        if (send(0, zeros, sizeof(zeros), MSG_NOSIGNAL) <= 0) {
            return 0;
        }
    }

    return 1;
}


static int
worker_too_large(worker_answer_t *a)
{
    wire_reply_t  head = { .magic = WIRE_MAGIC, .status = WIRE_OK };

    (void) a;
    head.number = pooling_number();
    head.data = WIRE_MAX_REPLY - 3;
    head.missing = 2;
    head.warnings = 2;

    return worker_send((const char *) &head, sizeof(wire_reply_t));
}


static int
worker_text(worker_answer_t *a)
{
    memset(a->bytes, 0, sizeof(a->bytes));
    (void) snprintf(a->bytes, sizeof(a->bytes), "HTTP/1.1 200 OK\r\n\r\n{}");

    return worker_send(a->bytes, sizeof(wire_reply_t));
}


static int
worker_in_bytes(worker_answer_t *a)
{
    size_t  i;

    for (i = 0; i < a->len; i++) {
        if (!worker_send(a->bytes + i, 1)) {
            return 0;
        }
    }

    return 1;
}


/* It does not end either, for a minute. */

static int
worker_silent(unsigned long way, worker_answer_t *a)
{
    size_t  i;

    if (way == 1) {
        (void) worker_send(a->bytes, sizeof(wire_reply_t) / 2);

    } else if (way == 2) {
        (void) worker_send(a->bytes, (sizeof(wire_reply_t) + a->len) / 2);
    }

    for (i = 0; i < a->len - 1; i++) {
        process_pause(50);

        if (way == 3) {
            (void) worker_send(a->bytes + i, 1);
        }
    }

    return 0;
}


/* The old answer: to the next page, or by turns before there is one. */

static int
worker_stale(unsigned long way, worker_answer_t *a)
{
    char             c;
    worker_answer_t  old = *a;

    (void) worker_send(a->bytes, a->len);

    if (way % 2 == 0) {
        (void) recv(0, &c, 1, MSG_PEEK);
    }

    (void) worker_send(old.bytes, old.len);

    return 1;
}


static void
worker_page(pooling_page_t *page, char *body, size_t size, const char *mode,
    size_t n)
{
    (void) snprintf(body, size, "%s %zu", mode, n);
    *page = pooling_page(WORKER_RULES, body);
    page->r.scope.data = WORKER_SCOPE;
    page->r.scope.len = sizeof(WORKER_SCOPE) - 1;
}


/* A page that is answered as it should be; 1 when it is not. */

static size_t
worker_good(pooling_t *t)
{
    char             body[32];
    size_t           failed;
    wire_reply_t     head;
    pooling_page_t   page;
    worker_answer_t  a;
    static size_t    n;

    worker_page(&page, body, sizeof(body), "good", n++);
    pooling_serve(t, &page);
    worker_answer(&a, 1, body);
    memcpy(&head, a.bytes, sizeof(wire_reply_t));
    failed = worker_same(&page, &a, &head);
    pooling_free(&page);

    return failed;
}


static size_t
worker_bad(pooling_t *t, const char *mode, size_t n, pool_status_t status)
{
    char            body[32];
    size_t          failed;
    pooling_page_t  page;

    worker_page(&page, body, sizeof(body), mode, n);
    pooling_serve(t, &page);
    failed = page.status != status
             || (status == POOL_OK ? strstr(page.data, body) == NULL
                                   : page.data[0] != '\0'
                                     || page.found[0] != '\0');

    if (failed) {
        (void) printf("# %s: status %d, data %.100s\n", body, page.status,
                      page.data);
    }

    pooling_free(&page);

    return failed;
}


static size_t
worker_mutant(pooling_t *t, size_t n, size_t *right)
{
    char              body[32];
    size_t            failed;
    wire_reply_t      head;
    pooling_page_t    page;
    worker_answer_t   a;

    worker_page(&page, body, sizeof(body), "mutant", n);
    worker_answer(&a, t->pool->given + 1, body);
    worker_answer_mutate(&a, n);
    pooling_serve(t, &page);

    if (worker_answer_judge(&a, t->pool->given, &head)
        == WORKER_ANSWER_RIGHT)
    {
        failed = worker_same(&page, &a, &head);
        (*right)++;

    } else {
        failed = page.status != POOL_CRASHED || page.data[0] != '\0'
                 || page.found[0] != '\0';
    }

    if (failed) {
        (void) printf("# mutant %zu: status %d, data %.100s\n", n,
                      page.status, page.data);
    }

    pooling_free(&page);

    return failed;
}


/* Whether the page has what the answer says, and nothing else. */

static size_t
worker_same(const pooling_page_t *page, const worker_answer_t *a,
    const wire_reply_t *head)
{
    const char     *found, *data = a->bytes + sizeof(wire_reply_t);
    pool_status_t   status;

    status = head->status == WIRE_OK ? POOL_OK
             : head->status == WIRE_TIMEOUT ? POOL_TIMEOUT : POOL_FAILED;
    found = data + head->data + head->missing + head->warnings + head->view
            + head->fill + head->form;

    return page->status != status || strlen(page->data) != head->data
           || memcmp(page->data, data, head->data) != 0
           || strlen(page->found) != head->found
           || memcmp(page->found, found, head->found) != 0;
}


/* It has its own data or none; status is -1 when both may be. */

static size_t
worker_own(const pooling_page_t *page, const char *body, int status)
{
    if (status != -1 && (int) page->status != status) {
        return 1;
    }

    return page->status == POOL_OK ? strstr(page->data, body) == NULL
                                   : page->status != POOL_CRASHED
                                     || page->data[0] != '\0';
}


static size_t
worker_files(void)
{
    DIR     *dir;
    size_t   n;

    dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);

    for (n = 0; readdir(dir) != NULL; n++) {
        /* counted */
    }

    (void) closedir(dir);

    return n;
}


/* Nothing of the pool is left: no process, no descriptor. */

static void
worker_over(pooling_t *t, size_t files)
{
    size_t  open;

    pooling_stop(t);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    open = worker_files();
    ck_assert_msg(open <= files + 1, "%zu descriptors, %zu before", open,
                  files);
}
