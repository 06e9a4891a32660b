
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <sqlite3.h>

#include "tests/torture/power.h"


/* names that are known at a time: a store's, its journal and WAL */
#define POWER_NAMES    16


/*
 * A file, before the system's own.
 *
 * number  0: not written down
 * told    failed syncs of the file that this descriptor was told of
 * fresh   its first sync is one of the folder, as the system's is
 */
typedef struct {
    sqlite3_file         base;
    unsigned             number;
    unsigned             told;
    unsigned             fresh:1;
    unsigned             wal:1;
    sqlite3_io_methods   methods;
    sqlite3_file        *real;
} power_file_t;


/* failed: syncs of it that did. */
typedef struct {
    char      path[128];
    unsigned  number;
    unsigned  failed;
} power_name_t;


static int power_open(sqlite3_vfs *vfs, sqlite3_filename path,
    sqlite3_file *file, int flags, int *out);
static int power_delete(sqlite3_vfs *vfs, const char *path, int folder);
static int power_access(sqlite3_vfs *vfs, const char *path, int flags,
    int *out);
static int power_full_name(sqlite3_vfs *vfs, const char *path, int n,
    char *out);
static int power_close(sqlite3_file *file);
static int power_read(sqlite3_file *file, void *data, int n,
    sqlite3_int64 at);
static int power_write(sqlite3_file *file, const void *data, int n,
    sqlite3_int64 at);
static int power_truncate(sqlite3_file *file, sqlite3_int64 size);
static int power_sync(sqlite3_file *file, int flags);
static int power_size(sqlite3_file *file, sqlite3_int64 *size);
static int power_lock(sqlite3_file *file, int level);
static int power_unlock(sqlite3_file *file, int level);
static int power_reserved(sqlite3_file *file, int *out);
static int power_control(sqlite3_file *file, int op, void *arg);
static int power_sector(sqlite3_file *file);
static int power_characteristics(sqlite3_file *file);
static int power_shm_map(sqlite3_file *file, int page, int size, int extend,
    void volatile **out);
static int power_shm_lock(sqlite3_file *file, int at, int n, int flags);
static void power_shm_barrier(sqlite3_file *file);
static int power_shm_unmap(sqlite3_file *file, int delete);
static sqlite3_file *power_real(sqlite3_file *file);
static void power_name(power_file_t *f, const char *path, int existed);
static power_name_t *power_find(const char *path);
static power_name_t *power_numbered(unsigned number);
static void power_note(power_kind_t kind, unsigned file, const char *path,
    int64_t at, const void *data, size_t len, int folder);
static int power_fails(power_kind_t kind);


static sqlite3_vfs       *power_system;
static sqlite3_vfs        power_vfs;
static pthread_mutex_t    power_mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static int                power_recording;
static int                power_swallowing;
static power_op_t        *power_ops;
static size_t             power_nops;
static size_t             power_nalloc;
static power_name_t       power_names[POWER_NAMES];
static unsigned           power_numbers;
static power_fault_t      power_wanted;
static size_t             power_calls;
static size_t             power_faults;


static const sqlite3_io_methods  power_methods = {
    .xClose = power_close,
    .xRead = power_read,
    .xWrite = power_write,
    .xTruncate = power_truncate,
    .xSync = power_sync,
    .xFileSize = power_size,
    .xLock = power_lock,
    .xUnlock = power_unlock,
    .xCheckReservedLock = power_reserved,
    .xFileControl = power_control,
    .xSectorSize = power_sector,
    .xDeviceCharacteristics = power_characteristics,
    .xShmMap = power_shm_map,
    .xShmLock = power_shm_lock,
    .xShmBarrier = power_shm_barrier,
    .xShmUnmap = power_shm_unmap
};


void
power_start(void)
{
    if (power_system != NULL) {
        return;
    }

    power_system = sqlite3_vfs_find(NULL);
    ck_assert_ptr_nonnull(power_system);

    power_vfs = *power_system;
    power_vfs.zName = "power";
    power_vfs.szOsFile = (int) sizeof(power_file_t) + power_system->szOsFile;
    power_vfs.xOpen = power_open;
    power_vfs.xDelete = power_delete;
    power_vfs.xAccess = power_access;
    power_vfs.xFullPathname = power_full_name;
    ck_assert_int_eq(sqlite3_vfs_register(&power_vfs, 1), SQLITE_OK);
}


void
power_record(int on)
{
    size_t  i;

    (void) pthread_mutex_lock(&power_mutex);

    for (i = 0; i < power_nops; i++) {
        free(power_ops[i].data);
    }

    power_nops = 0;
    power_recording = on;
    memset(power_names, 0, sizeof(power_names));
    (void) pthread_mutex_unlock(&power_mutex);
}


void
power_pause(int on)
{
    (void) pthread_mutex_lock(&power_mutex);
    power_recording = !on;
    (void) pthread_mutex_unlock(&power_mutex);
}


void
power_hold(int on)
{
    if (on) {
        (void) pthread_mutex_lock(&power_mutex);

    } else {
        (void) pthread_mutex_unlock(&power_mutex);
    }
}


void
power_swallow(int on)
{
    (void) pthread_mutex_lock(&power_mutex);
    power_swallowing = on;
    (void) pthread_mutex_unlock(&power_mutex);
}


void
power_moved(const char *from, const char *to)
{
    char    path[128];
    size_t  i, len;

    len = strlen(from);
    (void) pthread_mutex_lock(&power_mutex);

    for (i = 0; i < POWER_NAMES; i++) {
        if (strncmp(power_names[i].path, from, len) == 0) {
            (void) snprintf(path, sizeof(path), "%s%s", to,
                            power_names[i].path + len);
            memcpy(power_names[i].path, path, sizeof(path));
        }
    }

    (void) pthread_mutex_unlock(&power_mutex);
}


size_t
power_count(void)
{
    size_t  n;

    (void) pthread_mutex_lock(&power_mutex);
    n = power_nops;
    (void) pthread_mutex_unlock(&power_mutex);

    return n;
}


const power_op_t *
power_get(size_t n)
{
    return &power_ops[n];
}


void
power_fault(const power_fault_t *fault)
{
    (void) pthread_mutex_lock(&power_mutex);
    memset(&power_wanted, 0, sizeof(power_fault_t));
    power_calls = 0;
    power_faults = 0;

    if (fault != NULL) {
        power_wanted = *fault;
    }

    (void) pthread_mutex_unlock(&power_mutex);
}


size_t
power_seen(void)
{
    size_t  n;

    (void) pthread_mutex_lock(&power_mutex);
    n = power_calls;
    (void) pthread_mutex_unlock(&power_mutex);

    return n;
}


size_t
power_failed(void)
{
    size_t  n;

    (void) pthread_mutex_lock(&power_mutex);
    n = power_faults;
    (void) pthread_mutex_unlock(&power_mutex);

    return n;
}


static int
power_open(sqlite3_vfs *vfs, sqlite3_filename path, sqlite3_file *file,
    int flags, int *out)
{
    int            rc, existed;
    power_file_t  *f = (power_file_t *) file;

    (void) vfs;
    memset(f, 0, sizeof(power_file_t));

    if (power_fails(POWER_OPEN)) {
        return SQLITE_CANTOPEN;
    }

    f->real = (sqlite3_file *) (f + 1);
    existed = (path != NULL && access(path, F_OK) == 0);
    rc = power_system->xOpen(power_system, path, f->real, flags, out);

    if (rc != SQLITE_OK) {
        return rc;
    }

    f->methods = power_methods;
    f->methods.iVersion = f->real->pMethods->iVersion < 2 ? 1 : 2;
    f->base.pMethods = &f->methods;
    f->fresh = (flags & SQLITE_OPEN_CREATE)
               && (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL));

    f->wal = (flags & SQLITE_OPEN_WAL) != 0;

    if (path != NULL && !(flags & SQLITE_OPEN_DELETEONCLOSE)) {
        power_name(f, path, existed);
    }

    return SQLITE_OK;
}


static int
power_delete(sqlite3_vfs *vfs, const char *path, int folder)
{
    int            rc;
    power_name_t  *name;

    (void) vfs;

    if (power_fails(POWER_DELETE)) {
        return SQLITE_IOERR_DELETE;
    }

    rc = power_system->xDelete(power_system, path, folder);

    if (rc == SQLITE_OK) {
        (void) pthread_mutex_lock(&power_mutex);
        name = power_find(path);

        if (name != NULL) {
            power_note(POWER_DELETE, name->number, path, 0, NULL, 0, folder);
            memset(name, 0, sizeof(power_name_t));
        }

        (void) pthread_mutex_unlock(&power_mutex);
    }

    return rc;
}


static int
power_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void) vfs;

    return power_system->xAccess(power_system, path, flags, out);
}


static int
power_full_name(sqlite3_vfs *vfs, const char *path, int n, char *out)
{
    (void) vfs;

    return power_system->xFullPathname(power_system, path, n, out);
}


static int
power_close(sqlite3_file *file)
{
    return power_real(file)->pMethods->xClose(power_real(file));
}


static int
power_read(sqlite3_file *file, void *data, int n, sqlite3_int64 at)
{
    if (power_fails(POWER_READ)) {
        return SQLITE_IOERR_READ;
    }

    return power_real(file)->pMethods->xRead(power_real(file), data, n, at);
}


static int
power_write(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
    int            rc, code;
    power_file_t  *f = (power_file_t *) file;

    code = power_fails(POWER_WRITE);

    if (code == SQLITE_FULL) {
        n /= 2;

    } else if (code != SQLITE_OK) {
        return SQLITE_IOERR_WRITE;
    }

    (void) pthread_mutex_lock(&power_mutex);
    rc = f->real->pMethods->xWrite(f->real, data, n, at);

    if (rc == SQLITE_OK) {
        power_note(POWER_WRITE, f->number, NULL, at, data, (size_t) n, 0);
    }

    (void) pthread_mutex_unlock(&power_mutex);

    return code != SQLITE_OK ? code : rc;
}


static int
power_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int            rc;
    power_file_t  *f = (power_file_t *) file;

    if (power_fails(POWER_TRUNCATE)) {
        return SQLITE_IOERR_TRUNCATE;
    }

    (void) pthread_mutex_lock(&power_mutex);
    rc = f->real->pMethods->xTruncate(f->real, size);

    if (rc == SQLITE_OK) {
        power_note(POWER_TRUNCATE, f->number, NULL, size, NULL, 0, 0);
    }

    (void) pthread_mutex_unlock(&power_mutex);

    return rc;
}


/*
 * What the system's would sync is in its cache anyway: it is not asked to.
 * Each descriptor of a file is told once that a sync of it failed: fsync(2).
 */

static int
power_sync(sqlite3_file *file, int flags)
{
    int            failed;
    power_name_t  *name;
    power_file_t  *f = (power_file_t *) file;

    (void) flags;
    failed = power_fails(POWER_SYNC);

    (void) pthread_mutex_lock(&power_mutex);

    if (!power_swallowing || !f->wal) {
        power_note(failed ? POWER_UNSYNCED : POWER_SYNC, f->number, NULL, 0,
                   NULL, 0, f->fresh);
    }

    if (!failed) {
        f->fresh = 0;
    }

    name = power_numbered(f->number);

    if (name != NULL) {
        name->failed += failed != 0;
        failed = (f->told != name->failed);
        f->told = name->failed;
    }

    (void) pthread_mutex_unlock(&power_mutex);

    return failed ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}


static int
power_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return power_real(file)->pMethods->xFileSize(power_real(file), size);
}


static int
power_lock(sqlite3_file *file, int level)
{
    return power_real(file)->pMethods->xLock(power_real(file), level);
}


static int
power_unlock(sqlite3_file *file, int level)
{
    return power_real(file)->pMethods->xUnlock(power_real(file), level);
}


static int
power_reserved(sqlite3_file *file, int *out)
{
    sqlite3_file  *real = power_real(file);

    return real->pMethods->xCheckReservedLock(real, out);
}


static int
power_control(sqlite3_file *file, int op, void *arg)
{
    return power_real(file)->pMethods->xFileControl(power_real(file), op,
                                                    arg);
}


static int
power_sector(sqlite3_file *file)
{
    return power_real(file)->pMethods->xSectorSize(power_real(file));
}


static int
power_characteristics(sqlite3_file *file)
{
    sqlite3_file  *real = power_real(file);

    return real->pMethods->xDeviceCharacteristics(real);
}


static int
power_shm_map(sqlite3_file *file, int page, int size, int extend,
    void volatile **out)
{
    sqlite3_file  *real = power_real(file);

    if (extend && power_fails(POWER_SHARE)) {
        return SQLITE_IOERR_SHMSIZE;
    }

    return real->pMethods->xShmMap(real, page, size, extend, out);
}


static int
power_shm_lock(sqlite3_file *file, int at, int n, int flags)
{
    return power_real(file)->pMethods->xShmLock(power_real(file), at, n,
                                                flags);
}


static void
power_shm_barrier(sqlite3_file *file)
{
    power_real(file)->pMethods->xShmBarrier(power_real(file));
}


static int
power_shm_unmap(sqlite3_file *file, int delete)
{
    return power_real(file)->pMethods->xShmUnmap(power_real(file), delete);
}


static sqlite3_file *
power_real(sqlite3_file *file)
{
    return ((power_file_t *) file)->real;
}


/* A file that had something in it is on the disk; one that is empty is new. */

static void
power_name(power_file_t *f, const char *path, int existed)
{
    size_t          i;
    char           *data;
    power_name_t   *name;
    sqlite3_int64   size;

    (void) pthread_mutex_lock(&power_mutex);
    name = power_find(path);

    for (i = 0; name == NULL && power_recording; i++) {
        ck_assert_uint_lt(i, POWER_NAMES);

        if (power_names[i].path[0] != '\0') {
            continue;
        }

        name = &power_names[i];
        name->number = ++power_numbers;
        ck_assert_uint_lt(strlen(path), sizeof(name->path));
        (void) memcpy(name->path, path, strlen(path) + 1);
        power_note(POWER_CREATE, name->number, path, 0, NULL, 0, 0);
        size = 0;

        if (existed) {
            (void) f->real->pMethods->xFileSize(f->real, &size);
        }

        if (size != 0) {
            data = malloc((size_t) size);
            ck_assert_ptr_nonnull(data);
            ck_assert_int_eq(f->real->pMethods->xRead(f->real, data,
                                                      (int) size, 0),
                             SQLITE_OK);
            power_note(POWER_WRITE, name->number, NULL, 0, data,
                       (size_t) size, 0);
            power_note(POWER_SYNC, name->number, NULL, 0, NULL, 0, 1);
            free(data);
        }
    }

    f->number = name != NULL ? name->number : 0;
    f->told = name != NULL ? name->failed : 0;
    (void) pthread_mutex_unlock(&power_mutex);
}


static power_name_t *
power_find(const char *path)
{
    size_t  i;

    for (i = 0; i < POWER_NAMES; i++) {
        if (strcmp(power_names[i].path, path) == 0) {
            return &power_names[i];
        }
    }

    return NULL;
}


/* The mutex is held; NULL: it has no name any more. */

static power_name_t *
power_numbered(unsigned number)
{
    size_t  i;

    for (i = 0; i < POWER_NAMES && number != 0; i++) {
        if (power_names[i].number == number) {
            return &power_names[i];
        }
    }

    return NULL;
}


/* The mutex is held. */

static void
power_note(power_kind_t kind, unsigned file, const char *path, int64_t at,
    const void *data, size_t len, int folder)
{
    power_op_t  *op;

    if (!power_recording || file == 0) {
        return;
    }

    if (power_nops == power_nalloc) {
        power_nalloc = power_nalloc * 2 + 1024;
        power_ops = realloc(power_ops, power_nalloc * sizeof(power_op_t));
        ck_assert_ptr_nonnull(power_ops);
    }

    op = &power_ops[power_nops++];
    memset(op, 0, sizeof(power_op_t));
    op->kind = kind;
    op->file = file;
    op->at = at;
    op->len = len;
    op->folder = folder != 0;

    if (len != 0) {
        op->data = malloc(len);
        ck_assert_ptr_nonnull(op->data);
        memcpy(op->data, data, len);
    }

    if (path != NULL) {
        path = strrchr(path, '/') + 1;
        ck_assert_uint_lt(strlen(path), sizeof(op->name));
        memcpy(op->name, path, strlen(path));
    }
}


/* The code it fails with, or SQLITE_OK. */

static int
power_fails(power_kind_t kind)
{
    int  code;

    code = SQLITE_OK;
    (void) pthread_mutex_lock(&power_mutex);

    if (power_wanted.kinds & POWER_BIT(kind)) {
        power_calls++;

        if (power_calls >= power_wanted.nth
            && power_calls - power_wanted.nth < power_wanted.times)
        {
            power_faults++;
            code = power_wanted.code;
        }
    }

    (void) pthread_mutex_unlock(&power_mutex);

    return code;
}
