
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/torture/power_disk.h"


#define POWER_SECTOR    512


/*
 * A file that has, or had, a name.
 *
 * data     len bytes that were synced
 * waiting  nwaiting numbers of what was done since
 */
typedef struct {
    unsigned   number;
    char      *data;
    size_t     len;
    size_t     size;
    size_t    *waiting;
    size_t     nwaiting;
    size_t     nalloc;
} power_inode_t;


/*
 * entries  what is done to the folder, in order: numbers of what was written
 *          down; the first nsynced of them are synced
 */
struct power_disk_s {
    size_t          done;
    power_inode_t  *inodes;
    size_t          ninodes;
    size_t         *entries;
    size_t          nentries;
    size_t          nsynced;
};


static void power_disk_op(power_disk_t *d, size_t n);
static power_inode_t *power_disk_inode(power_disk_t *d, unsigned number);
static void power_disk_entry(power_disk_t *d, size_t n);
static void power_inode_wait(power_inode_t *inode, size_t n);
static void power_inode_apply(power_inode_t *inode, const power_op_t *op,
    size_t from, size_t to);
static void power_disk_left(power_inode_t *inode, power_way_t way);
static void power_left_some(power_inode_t *inode, const power_op_t *op);
static size_t power_torn(const power_op_t *op, size_t len);
static size_t power_disk_named(const power_disk_t *d, power_way_t way);
static int power_disk_has(const power_disk_t *d, size_t entries,
    const power_op_t *op);
static void power_inode_write(const power_inode_t *inode, const char *path);


power_disk_t *
power_disk_create(void)
{
    power_disk_t  *d;

    d = calloc(1, sizeof(power_disk_t));
    ck_assert_ptr_nonnull(d);

    return d;
}


void
power_disk_destroy(power_disk_t *d)
{
    size_t  i;

    for (i = 0; i < d->ninodes; i++) {
        free(d->inodes[i].data);
        free(d->inodes[i].waiting);
    }

    free(d->inodes);
    free(d->entries);
    free(d);
}


void
power_disk_run(power_disk_t *d, size_t n)
{
    for ( /* void */ ; d->done < n; d->done++) {
        power_disk_op(d, d->done);
    }
}


size_t
power_disk_waiting(const power_disk_t *d)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < d->ninodes; i++) {
        n += d->inodes[i].nwaiting;
    }

    return n;
}


void
power_disk_cut(const power_disk_t *d, power_way_t way, const char *dir)
{
    char               path[160];
    size_t             i, entries;
    power_inode_t      left;
    const power_op_t  *op;

    entries = power_disk_named(d, way);

    for (i = 0; i < entries; i++) {
        op = power_get(d->entries[i]);

        if (op->kind != POWER_CREATE || !power_disk_has(d, entries, op)) {
            continue;
        }

        left = *power_disk_inode((power_disk_t *) d, op->file);
        left.size = left.len + 1;
        left.data = malloc(left.size);
        ck_assert_ptr_nonnull(left.data);

        if (left.len != 0) {
            memcpy(left.data,
                   power_disk_inode((power_disk_t *) d, op->file)->data,
                   left.len);
        }

        power_disk_left(&left, way);
        (void) snprintf(path, sizeof(path), "%s/%s", dir, op->name);
        power_inode_write(&left, path);
        free(left.data);
    }
}


static void
power_disk_op(power_disk_t *d, size_t n)
{
    size_t             i;
    power_inode_t     *inode;
    const power_op_t  *op = power_get(n);

    inode = power_disk_inode(d, op->file);

    switch (op->kind) {

    case POWER_WRITE:
    case POWER_TRUNCATE:
        power_inode_wait(inode, n);
        break;

    case POWER_SYNC:
        for (i = 0; i < inode->nwaiting; i++) {
            power_inode_apply(inode, power_get(inode->waiting[i]), 0,
                              SIZE_MAX);
        }

        inode->nwaiting = 0;
        d->nsynced = op->folder ? d->nentries : d->nsynced;
        break;

    case POWER_UNSYNCED:
        /* clean for the system, and not on the disk */
        inode->nwaiting = 0;
        break;

    default:
        power_disk_entry(d, n);
        d->nsynced = op->folder ? d->nentries : d->nsynced;
    }
}


static power_inode_t *
power_disk_inode(power_disk_t *d, unsigned number)
{
    size_t  i;

    for (i = 0; i < d->ninodes; i++) {
        if (d->inodes[i].number == number) {
            return &d->inodes[i];
        }
    }

    d->inodes = realloc(d->inodes, (d->ninodes + 1) * sizeof(power_inode_t));
    ck_assert_ptr_nonnull(d->inodes);
    memset(&d->inodes[d->ninodes], 0, sizeof(power_inode_t));
    d->inodes[d->ninodes].number = number;

    return &d->inodes[d->ninodes++];
}


static void
power_disk_entry(power_disk_t *d, size_t n)
{
    d->entries = realloc(d->entries, (d->nentries + 1) * sizeof(size_t));
    ck_assert_ptr_nonnull(d->entries);
    d->entries[d->nentries++] = n;
}


static void
power_inode_wait(power_inode_t *inode, size_t n)
{
    if (inode->nwaiting == inode->nalloc) {
        inode->nalloc = inode->nalloc * 2 + 64;
        inode->waiting = realloc(inode->waiting,
                                 inode->nalloc * sizeof(size_t));
        ck_assert_ptr_nonnull(inode->waiting);
    }

    inode->waiting[inode->nwaiting++] = n;
}


/* Of a write, bytes [from, to) of its data. */

static void
power_inode_apply(power_inode_t *inode, const power_op_t *op, size_t from,
    size_t to)
{
    size_t  at, end;

    at = (size_t) op->at;
    to = to < op->len ? to : op->len;
    end = op->kind == POWER_WRITE ? at + to : at;

    if (op->kind == POWER_WRITE && from >= to) {
        return;
    }

    if (end > inode->size) {
        inode->size = end * 2;
        inode->data = realloc(inode->data, inode->size);
        ck_assert_ptr_nonnull(inode->data);
    }

    if (end > inode->len) {
        memset(inode->data + inode->len, 0, end - inode->len);
    }

    if (op->kind == POWER_TRUNCATE) {
        inode->len = end;
        return;
    }

    inode->len = end > inode->len ? end : inode->len;
    memcpy(inode->data + at + from, op->data + from, to - from);
}


static void
power_disk_left(power_inode_t *inode, power_way_t way)
{
    size_t             i;
    const power_op_t  *op;

    for (i = 0; i < inode->nwaiting && way != POWER_NOTHING; i++) {
        op = power_get(inode->waiting[i]);

        if (way == POWER_SOME) {
            power_left_some(inode, op);

        } else {
            power_inode_apply(inode, op, 0,
                              way == POWER_TORN && i + 1 == inode->nwaiting
                              ? power_torn(op, op->len) : SIZE_MAX);
        }
    }
}


/* Nothing, all, its beginning or its end. */

static void
power_left_some(power_inode_t *inode, const power_op_t *op)
{
    size_t  torn;

    torn = power_torn(op, op->len);

    switch (proof_random(6)) {

    case 0:
    case 1:
        break;

    case 2:
        power_inode_apply(inode, op, 0, torn);
        break;

    case 3:
        power_inode_apply(inode, op, torn, SIZE_MAX);
        break;

    default:
        power_inode_apply(inode, op, 0, SIZE_MAX);
    }
}


/* So many bytes of a write that it ends where a sector does. */

static size_t
power_torn(const power_op_t *op, size_t len)
{
    size_t  first, end;

    if (op->kind != POWER_WRITE || len == 0) {
        return len;
    }

    first = (size_t) op->at / POWER_SECTOR;
    end = ((size_t) op->at + len - 1) / POWER_SECTOR + 1;
    first = (first + proof_random(end - first)) * POWER_SECTOR;

    return first > (size_t) op->at ? first - (size_t) op->at : 0;
}


/* How much of what was done to the folder is there. */

static size_t
power_disk_named(const power_disk_t *d, power_way_t way)
{
    switch (way) {

    case POWER_NOTHING:
        return d->nsynced;

    case POWER_SOME:
        return d->nsynced + proof_random(d->nentries - d->nsynced + 1);

    default:
        return d->nentries;
    }
}


/* Whether the file that got its name here has it still. */

static int
power_disk_has(const power_disk_t *d, size_t entries, const power_op_t *op)
{
    size_t             i;
    const power_op_t  *other;

    for (i = 0; i < entries; i++) {
        other = power_get(d->entries[i]);

        if (other->kind == POWER_DELETE && other->file == op->file) {
            return 0;
        }
    }

    return 1;
}


static void
power_inode_write(const power_inode_t *inode, const char *path)
{
    int     fd;
    size_t  done;
    ssize_t n;

    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ne(fd, -1);

    for (done = 0; done < inode->len; done += (size_t) n) {
        n = write(fd, inode->data + done, inode->len - done);
        ck_assert_int_gt((int) n, 0);
    }

    (void) close(fd);
}
