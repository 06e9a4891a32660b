
/*
 * Disks that fail, below SQLite: a VFS over the system's own that writes down
 * what is done to each file, in order, and lets calls fail that a test names.
 *
 * What was written down is played into a disk that has nothing but what was
 * synced, see power_disk.h: so one run is cut in as many places as one likes.
 */

#ifndef POWER_H
#define POWER_H


#include <stddef.h>
#include <stdint.h>


/* What is done to a file, or to its folder. */
typedef enum {
    POWER_WRITE = 0,
    POWER_TRUNCATE,
    POWER_SYNC,
    POWER_OPEN,             /* for faults; of a new file it is POWER_CREATE */
    POWER_CREATE,
    POWER_DELETE,
    POWER_READ,             /* for faults alone, as is the next */
    POWER_SHARE,
    POWER_UNSYNCED,         /* a sync that failed: what waited is lost */
    POWER_KINDS
} power_kind_t;

#define POWER_BIT(kind)    (1U << (kind))


/*
 * One of them.
 *
 * file    a number, never given again; name: its own, without the folder
 * folder  of a sync or a delete: what was done to the folder is synced too
 * at      of a write, or the size that is left; len bytes of data
 */
typedef struct {
    power_kind_t   kind;
    unsigned       file;
    unsigned       folder:1;
    int64_t        at;
    size_t         len;
    char          *data;
    char           name[32];
} power_op_t;


/*
 * Which calls fail: of these kinds (POWER_BIT()), from the nth on, which is 1
 * or more, times of them; with this code of SQLite's.  A write that fails for
 * want of space (SQLITE_FULL) has written the first half.
 */
typedef struct {
    unsigned  kinds;
    size_t    nth;
    size_t    times;
    int       code;
} power_fault_t;


/* Make it SQLite's default; before the first file is opened. */
void power_start(void);

/*
 * Forget what was written down, and, with on, write down from now on.  Files
 * that are there already are known from when they are opened, as they are
 * then.
 */
void power_record(int on);

/* Write nothing down for now, with on; what was stays. */
void power_pause(int on);

/*
 * With on, let no other thread write, cut or sync a file until the same is
 * called without: so that files are copied as they are at one moment.
 */
void power_hold(int on);

/*
 * The files of a folder are known by the same names in another from now on: a
 * test has copied them, as a program that is killed leaves them.
 */
void power_moved(const char *from, const char *to);

/*
 * With on, syncs of a WAL are said to be done and are not, as a disk does that
 * lies, or a store that is not synchronous.
 */
void power_swallow(int on);

/*
 * How much was written down, and the nth, the list's, while no other thread
 * writes any down.
 */
size_t power_count(void);
const power_op_t *power_get(size_t n);

/* Let calls fail from now on; NULL: no more.  Counting begins anew. */
void power_fault(const power_fault_t *fault);

/* Calls of those kinds since then, and how many failed. */
size_t power_seen(void);
size_t power_failed(void);


#endif /* POWER_H */
