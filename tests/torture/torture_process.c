
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "tests/support/proof.h"
#include "tests/torture/torture.h"


#define TORTURE_CHILDREN    64


static size_t torture_list(pid_t pid, pid_t *children);


int64_t
torture_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


pid_t
torture_child(pid_t pid)
{
    pid_t   children[TORTURE_CHILDREN];
    size_t  n;

    n = torture_list(pid, children);

    return n > 0 ? children[proof_random(n)] : 0;
}


size_t
torture_children(pid_t pid)
{
    pid_t  children[TORTURE_CHILDREN];

    return torture_list(pid, children);
}


static size_t
torture_list(pid_t pid, pid_t *children)
{
    char    path[96], text[1024];
    char   *p, *rest;
    FILE   *f;
    size_t  n;

    (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
                    (int) pid, (int) pid);
    f = fopen(path, "r");
    n = 0;

    if (f == NULL) {
        return 0;
    }

    if (fgets(text, sizeof(text), f) != NULL) {

        for (p = strtok_r(text, " \n", &rest);
             p != NULL && n < TORTURE_CHILDREN;
             p = strtok_r(NULL, " \n", &rest))
        {
            children[n++] = (pid_t) strtol(p, NULL, 10);
        }
    }

    (void) fclose(f);

    return n;
}


size_t
torture_descriptors(pid_t pid)
{
    DIR            *dir;
    char            path[64];
    size_t          n;
    struct dirent  *entry;

    (void) snprintf(path, sizeof(path), "/proc/%d/fd", (int) pid);
    dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    n = 0;

    while ((entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }

    (void) closedir(dir);

    return n;
}


size_t
torture_shared(pid_t pid)
{
    char           path[64], line[512], *end;
    FILE          *f;
    size_t         n;
    unsigned long  from;

    (void) snprintf(path, sizeof(path), "/proc/%d/maps", (int) pid);
    f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    n = 0;

    while (fgets(line, sizeof(line), f) != NULL) {

        if (strstr(line, "/dev/zero") != NULL) {
            from = strtoul(line, &end, 16);
            n += strtoul(end + 1, NULL, 16) - from;
        }
    }

    (void) fclose(f);

    return n;
}
