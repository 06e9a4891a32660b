
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/fuzz/fuzz.h"
#include "tests/support/suite.h"


#define REPLAY_TIMEOUT  120     /* seconds, for all inputs of a target */


typedef struct {
    const char  *name;
    int        (*run)(const uint8_t *data, size_t size);
} replay_target_t;


static size_t replay_folder(const replay_target_t *t, const char *folder);
static void replay_file(const replay_target_t *t, const char *path);
static int replay_is_input(const struct dirent *entry);


static const replay_target_t  replay_targets[] = {
#define FUZZ_TARGET(name, max, files)  { #name, fuzz_##name },
#include "tests/fuzz/targets.def"
#undef FUZZ_TARGET
};

#define REPLAY_TARGETS  (sizeof(replay_targets) / sizeof(replay_targets[0]))


START_TEST(what_is_kept_for_a_target_passes_it)
{
    size_t                  n;
    const replay_target_t  *t = &replay_targets[_i];

    t->run((const uint8_t *) "", 0);

    n = replay_folder(t, "tests/fuzz/seeds");
    ck_assert_msg(n > 0, "%s has no seeds", t->name);
    (void) replay_folder(t, "tests/fuzz/found");
}
END_TEST


int
main(void)
{
    Suite  *suite;
    TCase  *tc;

    suite = suite_create("fuzz");
    tc = tcase_create("replay");
    tcase_set_timeout(tc, REPLAY_TIMEOUT);
    tcase_add_loop_test(tc, what_is_kept_for_a_target_passes_it, 0,
                        (int) REPLAY_TARGETS);
    suite_add_tcase(suite, tc);

    return suite_run_all(suite);
}


/* In the order of their names; how many there are. */
static size_t
replay_folder(const replay_target_t *t, const char *folder)
{
    int              i, n;
    char             dir[256], path[1024];
    struct dirent  **entries;

    (void) snprintf(dir, sizeof(dir), "%s/%s", folder, t->name);
    n = scandir(dir, &entries, replay_is_input, alphasort);

    if (n < 0) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        (void) snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
        replay_file(t, path);
        free(entries[i]);
    }

    free(entries);

    return (size_t) n;
}


static int
replay_is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}


/* In memory of just its size, so that a byte too many is seen. */
static void
replay_file(const replay_target_t *t, const char *path)
{
    long      size;
    FILE     *file;
    uint8_t  *data;

    file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    size = ftell(file);
    ck_assert_int_ge(size, 0);
    rewind(file);

    data = malloc(size > 0 ? (size_t) size : 1);
    ck_assert_ptr_nonnull(data);
    ck_assert_uint_eq(fread(data, 1, (size_t) size, file), (size_t) size);
    (void) fclose(file);

    t->run(data, (size_t) size);
    free(data);
}
