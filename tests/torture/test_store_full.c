
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/ledger.h"
#include "tests/support/proof.h"
#include "tests/support/suite.h"


#define FULL_SUITE      "torture/test_store_full"
#define FULL_SECONDS    900
#define FULL_JOBS       50000
#define FULL_DISK       "size=16m"

/* what is left of the disk when it is filled, tries until there is room */
#define FULL_LEFT       (512 * 1024)
#define FULL_TRIES      250


/* Answers, by kind; again: the most tries until there was room again. */
typedef struct {
    size_t  accepted;
    size_t  full;
    size_t  read;
    size_t  odd;
    size_t  again;
} full_result_t;


static int full_disk(char *dir, size_t size);
static void full_start(const char *dir);
static void full_round(const char *dir, full_result_t *r);
static void full_fill(const char *path);
static long full_post(full_result_t *r);
static void full_read(full_result_t *r);


static gateway_t   g;
static ledger_t   *l;


START_TEST(a_full_disk_is_507_and_what_was_accepted_is_kept)
{
    char           dir[64];
    size_t         i, rounds, wrong;
    full_result_t  r = { 0 };

    if (!full_disk(dir, sizeof(dir))) {
        return;
    }

    full_start(dir);
    rounds = proof_times("FULL_ROUNDS", 20, 1);

    for (i = 0; i < rounds; i++) {
        full_round(dir, &r);
    }

    ledger_settle(l, &g, 120);
    wrong = ledger_verify(l, &g);
    proof_report(FULL_SUITE, "B4 full disk: 507, reads go on, what was "
                 "accepted ends, and more is accepted when there is room",
                 rounds, wrong + r.odd,
                 "a disk of 16 MB; 202: %zu, 507: %zu, read while it was "
                 "full: %zu, other answers: %zu, most tries until it was 202 "
                 "again, 20 ms apart: %zu; jobs not as they were promised: "
                 "%zu", r.accepted, r.full, r.read, r.odd, r.again, wrong);

    ck_assert_int_eq(gateway_stop_sidecar(&g, SIGTERM), 0);
    ledger_whole(&g);
    gateway_start_sidecar(&g);
    gateway_stop(&g);
    (void) umount2(dir, MNT_DETACH);
    (void) rmdir(dir);
    ledger_destroy(l);
}
END_TEST


/* A small disk, which nobody but this process and its children sees. */

static int
full_disk(char *dir, size_t size)
{
    if (unshare(CLONE_NEWNS) != 0
        || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    {
        (void) printf("skipped: a disk of its own needs root: %m\n");
        return 0;
    }

    process_folder(dir, size);

    if (mount("tmpfs", dir, "tmpfs", 0, FULL_DISK) != 0) {
        (void) printf("skipped: no disk can be made here: %m\n");
        (void) rmdir(dir);
        return 0;
    }

    return 1;
}


/* The store is on that disk, all else is not. */

static void
full_start(const char *dir)
{
    int                fd;
    char               path[96], link[96];
    gateway_options_t  options = { .no_sidecar = 1 };

    gateway_start(&g, &options);
    l = ledger_create(FULL_JOBS);
    (void) snprintf(path, sizeof(path), "%s/s.db", dir);
    (void) snprintf(link, sizeof(link), "%s/scraped.db", g.dir);
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ne(fd, -1);
    (void) close(fd);
    ck_assert_int_eq(symlink(path, link), 0);
    gateway_start_sidecar(&g);
}


static void
full_round(const char *dir, full_result_t *r)
{
    char    path[96];
    size_t  i;

    (void) snprintf(path, sizeof(path), "%s/else", dir);
    full_fill(path);

    for (i = 0; i < 2000 && full_post(r) == 202; i++) {
        /* until it is full */
    }

    for (i = 0; i < 20; i++) {
        (void) full_post(r);
        full_read(r);
    }

    ck_assert_int_eq(unlink(path), 0);

    for (i = 0; full_post(r) != 202; i++) {
        ck_assert_uint_lt(i, FULL_TRIES);
        process_pause(20);
    }

    r->again = i > r->again ? i : r->again;
    ledger_settle(l, &g, 120);
}


/* Another file takes nearly all of what is free. */

static void
full_fill(const char *path)
{
    int     fd;
    char    block[65536];
    size_t  n;

    memset(block, 'x', sizeof(block));
    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ne(fd, -1);

    for (n = 0; write(fd, block, sizeof(block)) == sizeof(block); n++) {
        /* until there is no more */
    }

    n *= sizeof(block);
    ck_assert_int_eq(ftruncate(fd, n > FULL_LEFT ? (off_t) n - FULL_LEFT : 0),
                     0);
    (void) close(fd);
}


static long
full_post(full_result_t *r)
{
    long            status;
    client_reply_t  reply;

    reply = gateway_extract(&g, "/page/1", "{\"title\": \"h1\"}", "",
                            "Prefer: respond-async");
    status = reply.status;

    if (status == 202) {
        ledger_add(l, client_str(&reply, "id"), 1);
        r->accepted++;

    } else if (status == 507) {
        r->full++;

    } else {
        r->odd++;
        (void) fprintf(stderr, "%ld: %s\n", status, reply.body);
    }

    client_free(&reply);

    return status;
}


static void
full_read(full_result_t *r)
{
    char            path[96];
    client_reply_t  reply;

    (void) snprintf(path, sizeof(path), "/v1/jobs/%s",
                    ledger_get(l, 0)->id);
    reply = gateway_request(&g, "GET", path, NULL, NULL);

    if (reply.status == 200) {
        r->read++;

    } else {
        r->odd++;
        (void) fprintf(stderr, "read %ld: %s\n", reply.status, reply.body);
    }

    client_free(&reply);
}


int
main(void)
{
    const TTest  *tests[] = {
        a_full_disk_is_507_and_what_was_accepted_is_kept,
        NULL
    };

    return suite_run("store on a full disk", tests, FULL_SECONDS);
}
