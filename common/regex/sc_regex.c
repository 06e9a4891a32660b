
#define PCRE2_CODE_UNIT_WIDTH  8

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "common/regex/sc_regex.h"


/* matching memory kept from one match to the next, in bytes */
#define SC_REGEX_KEEP   ((size_t) 256 << 10)

/* more quantifiers than this are not compared with what follows them */
#define SC_REGEX_COMPARED  100

/* asks at each place in the subject whether to stop */
#define SC_REGEX_PROBE  "(?C1)"


/*
 * groups        begin and end of each in the subject, PCRE2_UNSET if unset
 * memory        allocated now through gctx, in bytes
 * kept          of that, what was there before the first match
 * next          where the next match may begin
 * next_options  and how
 */
struct sc_regex_s {
    pcre2_general_context  *gctx;
    pcre2_match_context    *mctx;
    pcre2_match_data       *data;
    pcre2_code             *code;
    size_t                 *groups;
    sc_str_t                subject;
    size_t                  memory;
    size_t                  kept;
    size_t                  next;
    uint32_t                next_options;
    uint32_t                ngroups;
    unsigned                matched:1;
};


typedef struct {
    char      letter;
    uint32_t  option;
} sc_regex_flag_t;


static int sc_regex_options(const char *flags, uint32_t *options,
    sc_regex_error_t *err);
static int sc_regex_setup(sc_regex_t *re, const char *pattern, size_t len,
    uint32_t options, sc_regex_error_t *err);
static pcre2_code *sc_regex_code(sc_regex_t *re, const char *pattern,
    size_t len, uint32_t options, sc_regex_error_t *err);
static uint32_t sc_regex_slow(const char *pattern, size_t len);
static size_t sc_regex_verbs(const char *pattern, size_t len);
static int sc_regex_limits(sc_regex_t *re);
static int sc_regex_fits(sc_regex_t *re, sc_regex_error_t *err);
static int sc_regex_probe(pcre2_callout_block *block, void *data);
static sc_regex_result_t sc_regex_run(sc_regex_t *re, size_t offset,
    uint32_t options);
static sc_regex_result_t sc_regex_judge(sc_regex_t *re, int rc,
    size_t offset);
static void sc_regex_shrink(sc_regex_t *re);
static int sc_regex_column(const char *pattern, size_t len, size_t offset);
static void sc_regex_refuse(sc_regex_error_t *err, int column,
    const char *message);
static void *sc_regex_malloc(size_t size, void *data);
static void sc_regex_mfree(void *p, void *data);


static const sc_regex_flag_t  sc_regex_flags[] = {
    { 'i', PCRE2_CASELESS },
    { 'm', PCRE2_MULTILINE },
    { 's', PCRE2_DOTALL },
    { 'x', PCRE2_EXTENDED },
    { 'g', 0 }
};


static const volatile sig_atomic_t  *sc_regex_stop;


sc_regex_t *
sc_regex_compile(const char *pattern, size_t len, const char *flags,
    sc_regex_error_t *err)
{
    size_t       beyond;
    uint32_t     options;
    sc_regex_t  *re;

    if (sc_regex_options(flags, &options, err) != SC_OK) {
        return NULL;
    }

    if (len > SC_REGEX_PATTERN) {
        sc_regex_refuse(err, SC_REGEX_PATTERN + 1, "pattern is too long");
        return NULL;
    }

    if (sc_regex_width(pattern, len, flags, &beyond) > SC_REGEX_WIDTH) {
        sc_regex_refuse(err, sc_regex_column(pattern, len, beyond),
                        "its ranges are too wide to ignore case");
        return NULL;
    }

    re = calloc(1, sizeof(sc_regex_t));
    if (re == NULL) {
        sc_regex_refuse(err, 1, "no memory");
        return NULL;
    }

    if (sc_regex_setup(re, (pattern == NULL) ? "" : pattern, len, options,
                       err)
        != SC_OK)
    {
        sc_regex_free(re);
        return NULL;
    }

    return re;
}


void
sc_regex_free(sc_regex_t *re)
{
    if (re == NULL) {
        return;
    }

    free(re->groups);
    pcre2_match_data_free(re->data);
    pcre2_match_context_free(re->mctx);
    pcre2_code_free(re->code);
    pcre2_general_context_free(re->gctx);
    free(re);
}


void
sc_regex_watch(const volatile sig_atomic_t *stop)
{
    sc_regex_stop = stop;
}


sc_regex_result_t
sc_regex_match(sc_regex_t *re, sc_str_t subject, size_t offset)
{
    re->matched = 0;

    re->subject = subject;
    if (subject.data == NULL) {
        re->subject.data = "";
        re->subject.len = 0;
    }

    if (offset > re->subject.len) {
        return SC_REGEX_ERROR;
    }

    return sc_regex_run(re, offset, 0);
}


/*
 * PCRE2 goes on from an empty match by itself, and over a whole character, if
 * it may not find the same one again.
 */

sc_regex_result_t
sc_regex_next(sc_regex_t *re)
{
    if (!re->matched) {
        return SC_REGEX_NO_MATCH;
    }

    re->matched = 0;

    return sc_regex_run(re, re->next, re->next_options | PCRE2_NO_UTF_CHECK);
}


unsigned
sc_regex_ngroups(const sc_regex_t *re)
{
    return re->ngroups;
}


int
sc_regex_group(const sc_regex_t *re, unsigned n, sc_str_t *group)
{
    const size_t  *v;

    group->len = 0;
    group->data = NULL;

    if (!re->matched || n > re->ngroups) {
        return SC_DECLINED;
    }

    v = re->groups + (size_t) 2 * n;

    if (v[0] == PCRE2_UNSET || v[1] == PCRE2_UNSET || v[0] > v[1]) {
        return SC_DECLINED;
    }

    group->data = re->subject.data + v[0];
    group->len = v[1] - v[0];

    return SC_OK;
}


int
sc_regex_group_number(const sc_regex_t *re, const char *name, size_t len)
{
    int   n;
    char  copy[64];

    if (len == 0 || len >= sizeof(copy) || memchr(name, '\0', len) != NULL) {
        return -1;
    }

    memcpy(copy, name, len);
    copy[len] = '\0';

    n = pcre2_substring_number_from_name(re->code, (PCRE2_SPTR) copy);

    return (n > 0) ? n : -1;
}


static int
sc_regex_options(const char *flags, uint32_t *options, sc_regex_error_t *err)
{
    size_t  i, n;

    n = sizeof(sc_regex_flags) / sizeof(sc_regex_flag_t);

    *options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;

    if (flags == NULL) {
        return SC_OK;
    }

    for ( /* void */ ; *flags != '\0'; flags++) {
        for (i = 0; i < n && sc_regex_flags[i].letter != *flags; i++) {
            /* void */
        }

        if (i == n) {
            sc_regex_refuse(err, 1, "unknown flag, \"g\", \"i\", \"m\", "
                            "\"s\" and \"x\" are known");
            return SC_ERROR;
        }

        *options |= sc_regex_flags[i].option;
    }

    return SC_OK;
}


static int
sc_regex_setup(sc_regex_t *re, const char *pattern, size_t len,
    uint32_t options, sc_regex_error_t *err)
{
    sc_regex_refuse(err, 1, "no memory");

    re->gctx = pcre2_general_context_create(sc_regex_malloc, sc_regex_mfree,
                                            re);
    if (re->gctx == NULL) {
        return SC_ERROR;
    }

    re->code = sc_regex_code(re, pattern, len, options, err);

    if (re->code == NULL || sc_regex_fits(re, err) != SC_OK) {
        return SC_ERROR;
    }

    if (sc_regex_limits(re) != SC_OK) {
        sc_regex_refuse(err, 1, "no memory");
        return SC_ERROR;
    }

    err->message[0] = '\0';
    err->column = 0;

    return SC_OK;
}


/* The probe comes after "(*UTF)" and its like, which must be first. */

static pcre2_code *
sc_regex_code(sc_regex_t *re, const char *pattern, size_t len,
    uint32_t options, sc_regex_error_t *err)
{
    int                     rc;
    char                    text[SC_REGEX_PATTERN + sizeof(SC_REGEX_PROBE)];
    size_t                  verbs, probe, at;
    pcre2_code             *code;
    pcre2_compile_context  *cctx;

    probe = sizeof(SC_REGEX_PROBE) - 1;
    verbs = sc_regex_verbs(pattern, len);

    memcpy(text, pattern, verbs);
    memcpy(text + verbs, SC_REGEX_PROBE, probe);
    memcpy(text + verbs + probe, pattern + verbs, len - verbs);

    cctx = pcre2_compile_context_create(re->gctx);
    if (cctx == NULL) {
        return NULL;
    }

    (void) pcre2_set_newline(cctx, PCRE2_NEWLINE_LF);
    (void) pcre2_set_parens_nest_limit(cctx, SC_REGEX_NESTING);
    (void) pcre2_set_max_pattern_length(cctx, SC_REGEX_PATTERN + probe);

    options |= sc_regex_slow(pattern, len);
    code = pcre2_compile((PCRE2_SPTR) text, len + probe, options, &rc, &at,
                         cctx);
    pcre2_compile_context_free(cctx);

    if (code == NULL) {
        at = (at >= verbs + probe) ? at - probe : (at > verbs ? verbs : at);

        sc_regex_refuse(err, sc_regex_column(pattern, len, at), "");
        (void) pcre2_get_error_message(rc, (PCRE2_UCHAR *) err->message,
                                       sizeof(err->message));
    }

    return code;
}


/*
 * PCRE2 compares each repeated item with all that may follow, which takes
 * 10 ms where hundreds of optional ones are repeated together.
 */

static uint32_t
sc_regex_slow(const char *pattern, size_t len)
{
    size_t  i, n;

    n = 0;

    for (i = 0; i < len; i++) {
        n += (pattern[i] == '?' || pattern[i] == '*' || pattern[i] == '+'
              || pattern[i] == '{');
    }

    return (n > SC_REGEX_COMPARED) ? PCRE2_NO_AUTO_POSSESS : 0;
}


/* The length of "(*VERB)", any number of them, at the start. */

static size_t
sc_regex_verbs(const char *pattern, size_t len)
{
    size_t  n, i;

    n = 0;

    for ( ;; ) {
        if (len - n < 3 || pattern[n] != '(' || pattern[n + 1] != '*') {
            return n;
        }

        i = n + 2;

        while (i < len
               && ((pattern[i] >= 'A' && pattern[i] <= 'Z')
                   || (pattern[i] >= '0' && pattern[i] <= '9')
                   || pattern[i] == '_' || pattern[i] == '='))
        {
            i++;
        }

        if (i == len || pattern[i] != ')') {
            return n;
        }

        n = i + 1;
    }
}


static int
sc_regex_limits(sc_regex_t *re)
{
    re->mctx = pcre2_match_context_create(re->gctx);
    re->data = pcre2_match_data_create_from_pattern(re->code, re->gctx);
    re->groups = calloc((size_t) re->ngroups + 1, 2 * sizeof(size_t));

    if (re->mctx == NULL || re->data == NULL || re->groups == NULL) {
        return SC_ERROR;
    }

    (void) pcre2_set_match_limit(re->mctx, SC_REGEX_STEPS);
    (void) pcre2_set_depth_limit(re->mctx, SC_REGEX_DEPTH);
    (void) pcre2_set_heap_limit(re->mctx, SC_REGEX_HEAP);
    (void) pcre2_set_callout(re->mctx, sc_regex_probe, NULL);

    re->kept = re->memory;

    return SC_OK;
}


static int
sc_regex_fits(sc_regex_t *re, sc_regex_error_t *err)
{
    size_t  size;

    if (pcre2_pattern_info(re->code, PCRE2_INFO_SIZE, &size) != 0
        || size > SC_REGEX_COMPILED)
    {
        sc_regex_refuse(err, 1, "compiled pattern is too large");
        return SC_ERROR;
    }

    if (pcre2_pattern_info(re->code, PCRE2_INFO_CAPTURECOUNT, &re->ngroups)
        != 0
        || re->ngroups > SC_REGEX_GROUPS)
    {
        sc_regex_refuse(err, 1, "pattern has too many groups");
        return SC_ERROR;
    }

    return SC_OK;
}


static int
sc_regex_probe(pcre2_callout_block *block, void *data)
{
    (void) block;
    (void) data;

    return (sc_regex_stop != NULL && *sc_regex_stop != 0)
           ? PCRE2_ERROR_CALLOUT : 0;
}


static sc_regex_result_t
sc_regex_run(sc_regex_t *re, size_t offset, uint32_t options)
{
    int                rc;
    sc_regex_result_t  result;

    if (sc_regex_stop != NULL && *sc_regex_stop != 0) {
        return SC_REGEX_LIMIT;
    }

    rc = pcre2_match(re->code, (PCRE2_SPTR) re->subject.data,
                     re->subject.len, offset, options, re->data, re->mctx);

    result = sc_regex_judge(re, rc, offset);
    sc_regex_shrink(re);

    return result;
}


static sc_regex_result_t
sc_regex_judge(sc_regex_t *re, int rc, size_t offset)
{
    const size_t  *v;

    switch (rc) {

    case PCRE2_ERROR_NOMATCH:
        return SC_REGEX_NO_MATCH;

    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
    case PCRE2_ERROR_RECURSELOOP:
    case PCRE2_ERROR_CALLOUT:
        return SC_REGEX_LIMIT;

    default:
        break;
    }

    if (rc < 0) {
        return SC_REGEX_ERROR;
    }

    v = pcre2_get_ovector_pointer(re->data);

    /* \K in an assertion can do that */
    if (v[0] > v[1] || v[0] < offset) {
        return SC_REGEX_ERROR;
    }

    memcpy(re->groups, v, ((size_t) re->ngroups + 1) * 2 * sizeof(size_t));

    re->matched = 1;
    re->next = v[1];
    re->next_options = (v[0] == v[1]) ? PCRE2_NOTEMPTY_ATSTART : 0;

    return SC_REGEX_MATCH;
}


/*
 * What backtracking has needed stays with the match data; a pattern that is
 * kept should not hold SC_REGEX_HEAP for it.
 */

static void
sc_regex_shrink(sc_regex_t *re)
{
    pcre2_match_data  *data;

    if (re->memory - re->kept <= SC_REGEX_KEEP) {
        return;
    }

    data = pcre2_match_data_create_from_pattern(re->code, re->gctx);

    if (data != NULL) {
        pcre2_match_data_free(re->data);
        re->data = data;
    }
}


static int
sc_regex_column(const char *pattern, size_t len, size_t offset)
{
    int     column;
    size_t  i;

    column = 1;

    for (i = 0; i < offset && i < len; i++) {
        column += ((pattern[i] & 0xc0) != 0x80);
    }

    return column;
}


static void
sc_regex_refuse(sc_regex_error_t *err, int column, const char *message)
{
    snprintf(err->message, sizeof(err->message), "%s", message);
    err->column = column;
}


static void *
sc_regex_malloc(size_t size, void *data)
{
    void        *p;
    sc_regex_t  *re;

    re = data;

    p = malloc(size);
    if (p != NULL) {
        re->memory += malloc_usable_size(p);
    }

    return p;
}


static void
sc_regex_mfree(void *p, void *data)
{
    sc_regex_t  *re;

    re = data;

    if (p != NULL) {
        re->memory -= malloc_usable_size(p);
        free(p);
    }
}
