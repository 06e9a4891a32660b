
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "common/sc_core.h"
#include "sidecar/core/log.h"
#include "sidecar/core/settings.h"


#define SETTINGS_LINE    4096       /* bytes, the NUL among them */
#define SETTINGS_WHY     256


typedef enum {
    SETTINGS_STRING = 0,
    SETTINGS_NUMBER,
    SETTINGS_OCTAL
} settings_type_t;


/* One line of settings.def; value is its default, offset its member. */
typedef struct {
    const char        *name;
    settings_type_t    type;
    size_t             offset;
    const char        *value;
    int64_t            min;
    int64_t            max;
    const char        *unit;
    const char        *text;
} settings_entry_t;


/*
 * The file while it is read.
 *
 * seen     a bit for each setting it has set already
 * why      what is wrong with this line, "" while nothing is
 */
typedef struct {
    settings_t  *s;
    FILE        *file;
    unsigned     line;
    uint64_t     seen;
    char         why[SETTINGS_WHY];
} settings_reader_t;


static int settings_file(settings_t *s, int argc, char **argv, char *err,
    size_t errlen);
static int settings_defaults(settings_t *s, char *err, size_t errlen);
static int settings_set(settings_t *s, const settings_entry_t *e,
    const char *value, char *err, size_t errlen);
static int settings_set_string(char **field, const settings_entry_t *e,
    const char *value, char *err, size_t errlen);
static int settings_set_number(int64_t *field, const settings_entry_t *e,
    const char *value, char *err, size_t errlen);
static int settings_control(int c);
static int settings_read(settings_t *s, char *err, size_t errlen);
static char *settings_read_line(char *out, int size, void *data);
static int settings_line(settings_reader_t *r, const char *line);
static int settings_pair(void *data, const char *section, const char *name,
    const char *value);
static const settings_entry_t *settings_find(const char *name, size_t len);
static int settings_flags(settings_t *s, int argc, char **argv, char *err,
    size_t errlen);
static int settings_flag(settings_t *s, const char *flag, char *err,
    size_t errlen);
static int settings_check(const settings_t *s, char *err, size_t errlen);


static const settings_entry_t  settings_entries[] = {
#define SETTING(type, name, def, min, max, unit, text)                        \
    { #name, SETTINGS_##type, offsetof(settings_t, name), def, min, max,      \
      unit, text },
#include "sidecar/core/settings.def"
#undef SETTING
    { NULL, SETTINGS_STRING, 0, NULL, 0, 0, NULL, NULL }
};


settings_result_t
settings_load(settings_t *s, int argc, char **argv, char *err, size_t errlen)
{
    int  i, check;

    memset(s, 0, sizeof(settings_t));
    check = 0;

    /* whoever asks for help gets it, whatever else is wrong */

    for (i = 1; i < argc; i++) {

        if (strcmp(argv[i], "--help") == 0) {
            settings_help(stdout);
            return SETTINGS_EXIT;
        }

        if (strcmp(argv[i], "--version") == 0) {
            (void) printf("scraped " SCRAPED_VERSION "\n");
            return SETTINGS_EXIT;
        }

        if (strcmp(argv[i], "--check") == 0) {
            check = 1;
        }

        if (strcmp(argv[i], "-c") == 0) {
            i++;
        }
    }

    if (settings_defaults(s, err, errlen) != SC_OK
        || settings_file(s, argc, argv, err, errlen) != SC_OK
        || settings_flags(s, argc, argv, err, errlen) != SC_OK
        || settings_check(s, err, errlen) != SC_OK)
    {
        return SETTINGS_INVALID;
    }

    if (check) {
        (void) printf("settings are valid\n");
        return SETTINGS_EXIT;
    }

    return SETTINGS_RUN;
}


void
settings_free(settings_t *s)
{
    const settings_entry_t  *e;

    for (e = settings_entries; e->name != NULL; e++) {
        if (e->type == SETTINGS_STRING) {
            free(*(char **) ((char *) s + e->offset));
        }
    }

    free(s->file);
    memset(s, 0, sizeof(settings_t));
}


void
settings_help(FILE *out)
{
    const settings_entry_t  *e;

    (void) fprintf(out,
                   "usage: scraped [-c FILE] [--check] [--NAME=VALUE]...\n\n"
                   "Fetches, extracts and stores pages for nginx's scrape "
                   "module.\nFILE has a setting a line, NAME = VALUE; a flag "
                   "wins over the file.\n--check says whether the settings "
                   "are valid.\n\n");

    for (e = settings_entries; e->name != NULL; e++) {
        (void) fprintf(out, "  --%s=%s%s%s\n        %s\n", e->name,
                       e->value[0] != '\0' ? e->value : "\"\"",
                       e->unit[0] != '\0' ? " " : "", e->unit, e->text);
    }
}


/* Find the file's name and read it. */

static int
settings_file(settings_t *s, int argc, char **argv, char *err, size_t errlen)
{
    int  i;

    for (i = 1; i < argc; i++) {

        if (strcmp(argv[i], "-c") != 0) {
            continue;
        }

        if (++i == argc) {
            (void) snprintf(err, errlen, "-c needs a file");
            return SC_ERROR;
        }

        if (s->file != NULL) {
            (void) snprintf(err, errlen, "-c is there twice, with \"%.128s\" "
                            "and \"%.128s\"", s->file, argv[i]);
            return SC_ERROR;
        }

        s->file = strdup(argv[i]);
        if (s->file == NULL) {
            (void) snprintf(err, errlen, "memory is out");
            return SC_ERROR;
        }
    }

    return s->file != NULL ? settings_read(s, err, errlen) : SC_OK;
}


static int
settings_defaults(settings_t *s, char *err, size_t errlen)
{
    const settings_entry_t  *e;

    for (e = settings_entries; e->name != NULL; e++) {
        if (settings_set(s, e, e->value, err, errlen) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
settings_set(settings_t *s, const settings_entry_t *e, const char *value,
    char *err, size_t errlen)
{
    char  *field;

    field = (char *) s + e->offset;

    if (e->type == SETTINGS_STRING) {
        return settings_set_string((char **) field, e, value, err, errlen);
    }

    return settings_set_number((int64_t *) field, e, value, err, errlen);
}


/*
 * What is refused here could do harm later: a line end in user_agent would be
 * a header of its own, and an empty store is a file that SQLite deletes.
 */

static int
settings_set_string(char **field, const settings_entry_t *e,
    const char *value, char *err, size_t errlen)
{
    char        *copy;
    const char  *p;

    for (p = value; *p != '\0'; p++) {
        if (settings_control((unsigned char) *p)) {
            (void) snprintf(err, errlen, "%s has a control character, "
                            "\"\\x%02x\"", e->name, *p);
            return SC_ERROR;
        }
    }

    if (p - value < e->min) {
        (void) snprintf(err, errlen, "%s \"\" is empty", e->name);
        return SC_ERROR;
    }

    if (e->offset == offsetof(settings_t, log_level)
        && log_level_parse(value) == -1)
    {
        (void) snprintf(err, errlen, "%s \"%.128s\" is not a level", e->name,
                        value);
        return SC_ERROR;
    }

    copy = strdup(value);
    if (copy == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    free(*field);
    *field = copy;

    return SC_OK;
}


static int
settings_set_number(int64_t *field, const settings_entry_t *e,
    const char *value, char *err, size_t errlen)
{
    int        base;
    char      *end;
    long long  n;

    base = e->type == SETTINGS_OCTAL ? 8 : 10;
    errno = 0;
    n = strtoll(value, &end, base);

    /* strtoll() would skip blanks and take a sign */

    if (value[0] < '0' || value[0] > '9' || *end != '\0') {
        (void) snprintf(err, errlen, "%s \"%.128s\" is not %s number", e->name,
                        value, base == 8 ? "an octal" : "a");
        return SC_ERROR;
    }

    if (errno != 0 || n < e->min || n > e->max) {
        (void) snprintf(err, errlen,
                        base == 8
                        ? "%s \"%.128s\" is not between %#llo and %#llo"
                        : "%s \"%.128s\" is not between %lld and %lld",
                        e->name, value, (long long) e->min,
                        (long long) e->max);
        return SC_ERROR;
    }

    *field = n;

    return SC_OK;
}


static int
settings_control(int c)
{
    return c < 0x20 || c == 0x7f;
}


/*
 * inih splits lines that have the right shape; whether they do is looked at
 * before, as it would take some that do not: a ":" for "=", or the first part
 * of a line that is too long.
 */

static int
settings_read(settings_t *s, char *err, size_t errlen)
{
    int                rc;
    settings_reader_t  r;

    memset(&r, 0, sizeof(settings_reader_t));
    r.s = s;

    r.file = fopen(s->file, "re");
    if (r.file == NULL) {
        (void) snprintf(err, errlen, "could not open \"%s\": %s", s->file,
                        strerror(errno));
        return SC_ERROR;
    }

    /* of Debian's inih these are variables; only a heap can hold our lines */

    ini_use_stack = false;
    ini_initial_alloc = SETTINGS_LINE;
    ini_allow_multiline = false;
    ini_allow_inline_comments = false;
    ini_stop_on_first_error = true;

    rc = ini_parse_stream(settings_read_line, &r, settings_pair, &r);

    if (ferror(r.file)) {
        (void) snprintf(err, errlen, "could not read \"%s\": %s", s->file,
                        strerror(errno));
        rc = SC_ERROR;

    } else if (rc != 0 || r.why[0] != '\0') {
        (void) snprintf(err, errlen, "%s in %s:%u",
                        r.why[0] != '\0' ? r.why : "memory is out", s->file,
                        r.line);
        rc = SC_ERROR;
    }

    (void) fclose(r.file);

    return rc;
}


/* Unlike fgets(), cut nothing and let no NUL pass: NULL at the first flaw. */

static char *
settings_read_line(char *out, int size, void *data)
{
    int                 c, len;
    settings_reader_t  *r = data;

    r->line++;
    len = 0;

    for ( ;; ) {
        c = getc(r->file);

        if (c == EOF && (len == 0 || ferror(r->file))) {
            return NULL;
        }

        if (c == EOF || c == '\n') {
            break;
        }

        if (settings_control(c) && c != '\t' && c != '\r') {
            (void) snprintf(r->why, sizeof(r->why), "a control character, "
                            "\"\\x%02x\",", (unsigned) c);
            return NULL;
        }

        if (len == size - 1) {
            (void) snprintf(r->why, sizeof(r->why),
                            "a line of more than %d bytes", size - 1);
            return NULL;
        }

        out[len++] = (char) c;
    }

    out[len] = '\0';

    return settings_line(r, out) == SC_OK ? out : NULL;
}


/* inih takes "name: value" and sections, too; the file has neither. */

static int
settings_line(settings_reader_t *r, const char *line)
{
    const char  *mark;

    if (r->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0) {
        line += 3;
    }

    line += strspn(line, " \t\r");

    if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
        return SC_OK;
    }

    mark = strpbrk(line, "=:");

    if (line[0] == '[' || mark == NULL || *mark != '=') {
        (void) snprintf(r->why, sizeof(r->why),
                        "\"%.128s\" is not NAME = VALUE", line);
        return SC_ERROR;
    }

    return SC_OK;
}


/* Called by inih, which takes 0 for an error. */

static int
settings_pair(void *data, const char *section, const char *name,
    const char *value)
{
    uint64_t                 bit;
    settings_reader_t       *r = data;
    const settings_entry_t  *e;

    _Static_assert(sizeof(settings_entries) <= 65 * sizeof(settings_entry_t),
                   "a setting lacks its bit of seen");

    (void) section;

    e = settings_find(name, strlen(name));
    if (e == NULL) {
        (void) snprintf(r->why, sizeof(r->why), "unknown setting \"%.128s\"",
                        name);
        return 0;
    }

    bit = (uint64_t) 1 << (e - settings_entries);

    if (r->seen & bit) {
        (void) snprintf(r->why, sizeof(r->why),
                        "duplicate setting \"%s\", now \"%.128s\",", e->name,
                        value);
        return 0;
    }

    r->seen |= bit;

    return settings_set(r->s, e, value, r->why, sizeof(r->why)) == SC_OK;
}


static const settings_entry_t *
settings_find(const char *name, size_t len)
{
    const settings_entry_t  *e;

    for (e = settings_entries; e->name != NULL; e++) {
        if (strlen(e->name) == len && memcmp(e->name, name, len) == 0) {
            return e;
        }
    }

    return NULL;
}


static int
settings_flags(settings_t *s, int argc, char **argv, char *err, size_t errlen)
{
    int  i;

    for (i = 1; i < argc; i++) {

        if (strcmp(argv[i], "--check") == 0) {
            continue;
        }

        if (strcmp(argv[i], "-c") == 0) {
            i++;
            continue;
        }

        if (settings_flag(s, argv[i], err, errlen) != SC_OK) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static int
settings_flag(settings_t *s, const char *flag, char *err, size_t errlen)
{
    const char              *value;
    const settings_entry_t  *e;

    e = NULL;
    value = strchr(flag, '=');

    if (strncmp(flag, "--", 2) == 0 && value != NULL) {
        e = settings_find(flag + 2, (size_t) (value - flag) - 2);
    }

    if (e == NULL) {
        (void) snprintf(err, errlen,
                        "unknown option \"%.128s\", see scraped --help: "
                        "settings are --NAME=VALUE", flag);
        return SC_ERROR;
    }

    return settings_set(s, e, value + 1, err, errlen);
}


/* What no range can say. */
static int
settings_check(const settings_t *s, char *err, size_t errlen)
{
    if (s->wait > s->max_wait) {
        (void) snprintf(err, errlen,
                        "wait \"%lld\" is above max_wait \"%lld\"",
                        (long long) s->wait, (long long) s->max_wait);
        return SC_ERROR;
    }

    return SC_OK;
}
