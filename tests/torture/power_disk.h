
/*
 * A disk that was cut off its power: of what power.h wrote down it has what
 * was synced, and of the rest what the way of the cut leaves.
 */

#ifndef POWER_DISK_H
#define POWER_DISK_H


#include "tests/torture/power.h"


/* What is left of what was not synced, in sectors of 512 bytes. */
typedef enum {
    POWER_NOTHING = 0,
    POWER_TORN,             /* all, but of the last write a prefix */
    POWER_SOME,             /* some writes, by chance, and parts of some */
    POWER_ALL,              /* all: a program was killed */
    POWER_WAYS
} power_way_t;


typedef struct power_disk_s  power_disk_t;


/* An empty disk, on which nothing was done yet. */
power_disk_t *power_disk_create(void);
void power_disk_destroy(power_disk_t *d);

/* Do what was written down, up to but not including the nth. */
void power_disk_run(power_disk_t *d, size_t n);

/* Writes that wait for a sync. */
size_t power_disk_waiting(const power_disk_t *d);

/* Write the files that are left into a folder, which is there and empty. */
void power_disk_cut(const power_disk_t *d, power_way_t way, const char *dir);


#endif /* POWER_DISK_H */
