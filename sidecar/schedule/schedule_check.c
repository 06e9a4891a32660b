
#include <stdio.h>
#include <string.h>

#include "common/sc_json.h"
#include "sidecar/schedule/schedules_internal.h"


typedef struct {
    const char  *name;
    int        (*check)(const json_t *value, char *err, size_t errlen);
} schedule_member_t;


static int schedule_whole(const json_t *schedule, char *err, size_t errlen,
    const char **key);
static int schedule_size(const json_t *schedule, char *err, size_t errlen);
static int schedule_cron(const json_t *value, char *err, size_t errlen);
static int schedule_timezone(const json_t *value, char *err, size_t errlen);
static int schedule_every(const json_t *value, char *err, size_t errlen);
static int schedule_jitter(const json_t *value, char *err, size_t errlen);
static int schedule_ms(const json_t *value, int64_t min, int64_t max,
    char *err, size_t errlen);
static int schedule_kind(const json_t *value, char *err, size_t errlen);
static int schedule_body(const json_t *value, char *err, size_t errlen);
static int schedule_paused(const json_t *value, char *err, size_t errlen);
static int schedule_overlap(const json_t *value, char *err, size_t errlen);
static int schedule_word(const json_t *value, const char *const *words,
    const char *names, char *err, size_t errlen);


static const schedule_member_t  schedule_members[] = {
    { "cron", schedule_cron },
    { "timezone", schedule_timezone },
    { "every_ms", schedule_every },
    { "jitter_ms", schedule_jitter },
    { "kind", schedule_kind },
    { "body", schedule_body },
    { "paused", schedule_paused },
    { "overlap", schedule_overlap },
    { NULL, NULL }
};


int
schedules_check(const json_t *schedule, char *err, size_t errlen,
    const char **key)
{
    json_t                   *value;
    const char               *name;
    const schedule_member_t  *m;

    *key = NULL;

    if (!json_is_object(schedule)) {
        (void) snprintf(err, errlen, "a schedule is an object");
        return SC_ERROR;
    }

    json_object_foreach((json_t *) schedule, name, value) {
        *key = name;

        for (m = schedule_members; m->name != NULL; m++) {
            if (strcmp(m->name, name) == 0) {
                break;
            }
        }

        if (m->name == NULL) {
            (void) snprintf(err, errlen, "a schedule has no member \"%.100s\"",
                            name);
            return SC_ERROR;
        }

        if (m->check(value, err, errlen) != SC_OK) {
            return SC_ERROR;
        }
    }

    return schedule_whole(schedule, err, errlen, key);
}


static int
schedule_whole(const json_t *schedule, char *err, size_t errlen,
    const char **key)
{
    int  cron, every;

    *key = NULL;
    cron = json_object_get(schedule, "cron") != NULL;
    every = json_object_get(schedule, "every_ms") != NULL;

    if (cron + every != 1) {
        *key = every ? "every_ms" : NULL;
        (void) snprintf(err, errlen, "a schedule has \"cron\" or "
                        "\"every_ms\"%s", every ? ", not both" : "");
        return SC_ERROR;
    }

    if (json_object_get(schedule, "kind") == NULL
        || json_object_get(schedule, "body") == NULL)
    {
        (void) snprintf(err, errlen, "a schedule has a \"kind\" and a "
                        "\"body\"");
        return SC_ERROR;
    }

    return schedule_size(schedule, err, errlen);
}


static int
schedule_size(const json_t *schedule, char *err, size_t errlen)
{
    int       failed;
    sc_buf_t  b;

    sc_buf_init(&b, SCHEDULES_MAX_BYTES);
    sc_json_value(&b, schedule);
    /* for want of memory it is not too long, and who keeps it looks again */
    failed = (b.failed && b.failed != SC_BUF_MEMORY);
    sc_buf_free(&b);

    if (failed) {
        (void) snprintf(err, errlen, "a schedule has at most \"%d\" bytes",
                        SCHEDULES_MAX_BYTES);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
schedule_cron(const json_t *value, char *err, size_t errlen)
{
    cron_t   *cron;
    int64_t   next;

    if (!json_is_string(value)
        || json_string_length(value) != strlen(json_string_value(value)))
    {
        (void) snprintf(err, errlen, "\"cron\" is a string of five fields");
        return SC_ERROR;
    }

    cron = cron_parse(json_string_value(value), err, errlen);
    if (cron == NULL) {
        return SC_ERROR;
    }

    next = cron_next(cron, id_now_ms());
    cron_free(cron);

    if (next < 0) {
        (void) snprintf(err, errlen, "there is no such time in the next "
                        "eight years");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
schedule_timezone(const json_t *value, char *err, size_t errlen)
{
    static const char *const  words[] = { "UTC", NULL };

    return schedule_word(value, words, "\"UTC\"", err,
                         errlen);
}


static int
schedule_every(const json_t *value, char *err, size_t errlen)
{
    return schedule_ms(value, SCHEDULES_MIN_EVERY, SCHEDULES_MAX_MS, err,
                       errlen);
}


static int
schedule_jitter(const json_t *value, char *err, size_t errlen)
{
    return schedule_ms(value, 0, SCHEDULES_MAX_MS, err, errlen);
}


static int
schedule_ms(const json_t *value, int64_t min, int64_t max, char *err,
    size_t errlen)
{
    int64_t  n;

    n = json_integer_value(value);

    if (!json_is_integer(value) || n < min || n > max) {
        (void) snprintf(err, errlen, "the value is not a whole number of "
                        "milliseconds from \"%lld\" to \"%lld\"",
                        (long long) min, (long long) max);
        return SC_ERROR;
    }

    return SC_OK;
}


static int
schedule_kind(const json_t *value, char *err, size_t errlen)
{
    static const char *const  words[] = { "extract", "batch", "crawl", NULL };

    return schedule_word(value, words, "\"extract\", \"batch\" or "
                         "\"crawl\"", err, errlen);
}


static int
schedule_body(const json_t *value, char *err, size_t errlen)
{
    if (!json_is_object(value)) {
        (void) snprintf(err, errlen, "\"body\" is the object that a request "
                        "has");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
schedule_paused(const json_t *value, char *err, size_t errlen)
{
    if (!json_is_boolean(value)) {
        (void) snprintf(err, errlen, "\"paused\" is \"true\" or \"false\"");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
schedule_overlap(const json_t *value, char *err, size_t errlen)
{
    static const char *const  words[] = { "skip", "allow", NULL };

    return schedule_word(value, words, "\"skip\" or \"allow\"", err,
                         errlen);
}


static int
schedule_word(const json_t *value, const char *const *words,
    const char *names, char *err, size_t errlen)
{
    const char *const  *word;

    for (word = words; *word != NULL; word++) {
        if (json_is_string(value)
            && strcmp(json_string_value(value), *word) == 0)
        {
            return SC_OK;
        }
    }

    (void) snprintf(err, errlen, "the value is not %s", names);

    return SC_ERROR;
}
