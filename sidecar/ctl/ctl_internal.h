
/*
 * What the files of scrapectl share.
 *
 *     ctl.c           from the command line to a command
 *     ctl_args.c      the table of commands and options, reading and help
 *     ctl_file.c      files in, results and messages out
 *     ctl_json.c      JSON for people
 *     ctl_table.c     tables for people
 *     ctl_csv.c       CSV for programs
 *     ctl_http.c      one exchange with the gateway
 *     ctl_job.c       jobs and results as the gateway tells of them
 *     ctl_rules.c     rule sets from files; check
 *     ctl_extract.c   extract; ctl_local.c a file, ctl_explain.c how it came
 *     ctl_submit.c    submit; ctl_batch.c the lines of a file
 *     ctl_get.c  ctl_watch.c  ctl_export.c  ctl_sql.c
 *     ctl_ruleset.c   rulesets
 */

#ifndef CTL_INTERNAL_H
#define CTL_INTERNAL_H


#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>

#include "common/rules/sc_rules.h"
#include "common/sc_buf.h"
#include "sidecar/ctl/ctl.h"


#define CTL_MAX_INPUT    67108864   /* bytes of a file, of an answer: 64 MiB */
#define CTL_MAX_HEADERS  32         /* of --header */
#define CTL_WAIT         30         /* seconds of one long poll */


/* Options, in the order of ctl_options[]. */
typedef enum {
    CTL_OPT_GATEWAY = 0,
    CTL_OPT_USER,
    CTL_OPT_HEADER,
    CTL_OPT_JSON,
    CTL_OPT_QUIET,
    CTL_OPT_HELP,
    CTL_OPT_VERSION,
    CTL_OPT_CANONICAL,
    CTL_OPT_EXPLAIN,
    CTL_OPT_URL,
    CTL_OPT_TYPE,
    CTL_OPT_RETURN,
    CTL_OPT_HTML5,
    CTL_OPT_COMPACT,
    CTL_OPT_FILE,
    CTL_OPT_FORMAT,
    CTL_OPT_STORE,
    CTL_OPT_CSV,
    CTL_OPTS
} ctl_opt_t;


typedef struct ctl_s  ctl_t;


/*
 * A command.
 *
 * args     what follows its name, for the help
 * min, max how many arguments; max 0 is any number
 * options  bits, 1 << ctl_opt_t, of those it has beside the common ones
 * run      its exit status
 */
typedef struct {
    const char  *name;
    const char  *args;
    const char  *help;
    size_t       min;
    size_t       max;
    unsigned     options;
    int        (*run)(ctl_t *c);
} ctl_command_t;


/*
 * An option: "--name", or "--name VALUE" when it has a value, which says what
 * the value is.
 */
typedef struct {
    char         letter;
    const char  *name;
    const char  *value;
    const char  *help;
} ctl_option_t;


/*
 * One run of scrapectl; strings are those of argv and of the environment.
 *
 * values   by ctl_opt_t: the value, "" for an option without one, NULL when
 *          it was not given
 * headers  all of --header
 * args     what follows the command
 * curl     made by the first exchange
 */
struct ctl_s {
    const ctl_command_t  *command;
    const char           *values[CTL_OPTS];
    const char           *headers[CTL_MAX_HEADERS];
    size_t                nheaders;
    char                **args;
    size_t                nargs;
    CURL                 *curl;
};


/*
 * ctl_args.c: read the command line.  SC_OK; SC_DECLINED when help or the
 * version was asked for, and printed; SC_ERROR with a message printed.  The
 * strings of argv are put in another order.
 */
int ctl_args(ctl_t *c, int argc, char **argv);

/* What --help prints, of a command or, with NULL, of all. */
void ctl_help(FILE *out, const ctl_command_t *command);

/* "…, try --help" about this command; CTL_USAGE. */
int ctl_usage(const ctl_t *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


/*
 * ctl_file.c: a message on the standard error, with the program's name before
 * it and without what would steer a terminal.  ctl_note() is silent with
 * --quiet.
 */
void ctl_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void ctl_note(const ctl_t *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Read a file, "-" is the standard input, into b, which is freed by the
 * caller either way.  SC_OK or SC_ERROR with a message printed.
 */
int ctl_read(const char *path, sc_buf_t *b);

/* Write to the standard output.  SC_OK or SC_ERROR with a message printed. */
int ctl_write(const char *data, size_t len);

/* Append text with each control character and malformed byte as '?'. */
void ctl_plain(sc_buf_t *b, const char *text, size_t len);

/* Whether text begins with this, and whether it ends with it; 1 or 0. */
int ctl_begins(const char *text, const char *with);
int ctl_ends(const char *text, const char *with);


/*
 * ctl_json.c: append a value as JSON, over several lines unless compact.
 * Numbers have as few digits as say the same, and no character of a string
 * steers a terminal.  SC_OK or SC_ERROR.
 */
int ctl_json(const json_t *value, unsigned compact, sc_buf_t *b);

/* The same on the standard output with a line's end. */
int ctl_json_print(const json_t *value, unsigned compact);

/* The string of a member, "" when there is none. */
const char *ctl_json_str(const json_t *object, const char *name);


/*
 * ctl_table.c: columns of text.  The first CTL_TABLE_ROWS rows decide how wide
 * a column is; what is wider later spoils only its own row.
 *
 * out    where it goes
 * cells  of rows that are kept until the widths are known, ncols a row
 * width  in characters
 */
#define CTL_TABLE_ROWS     1000
#define CTL_TABLE_COLUMNS  2000

typedef struct {
    FILE      *out;
    size_t     ncols;
    size_t    *width;
    char     **cells;
    size_t     nrows;
    unsigned   begun:1;
} ctl_table_t;


/* SC_OK or SC_ERROR; ctl_table_end() follows either. */
int ctl_table_begin(ctl_table_t *t, FILE *out, size_t ncols);

/* A row; the first is the heading.  SC_OK or SC_ERROR: memory is out. */
int ctl_table_row(ctl_table_t *t, const sc_str_t *cells);

/* Print what was kept, and free. */
void ctl_table_end(ctl_table_t *t);


/*
 * ctl_csv.c: append a field of RFC 4180, in quotes where it must be; n is its
 * number in the record, 0 the first.  An empty text is in quotes, so that it
 * differs from nothing.
 */
void ctl_csv(sc_buf_t *b, size_t n, const char *text, size_t len);

/* A JSON value: text as it is, null as nothing, a list or object as JSON. */
int ctl_csv_json(sc_buf_t *b, size_t n, const json_t *value);


/*
 * An answer of the gateway; ctl_reply_free() frees it.
 *
 * retry_after  seconds, 0 when it did not say
 * next         what its Link says comes next, "" if nothing does
 * json         the body parsed, NULL when it is not JSON
 */
typedef struct {
    long       status;
    int        retry_after;
    char       next[1024];
    sc_buf_t   body;
    json_t    *json;
} ctl_reply_t;


/*
 * A request.
 *
 * path     of the gateway, begins with "/v1/"; or a link from it
 * prefer   value of Prefer, or NULL
 * type     of the body, or NULL when there is no body
 * read     gives a body whose length nobody knows, piece by piece: how many
 *          bytes it has put into room, 0 at the end, CTL_READ_FAILED when a
 *          message was printed; NULL: it is body
 */
#define CTL_READ_FAILED    ((size_t) -1)

typedef struct {
    const char  *method;
    const char  *path;
    const char  *prefer;
    const char  *type;
    sc_str_t     body;
    size_t     (*read)(void *data, char *room, size_t size);
    void        *data;
} ctl_request_t;


/*
 * ctl_http.c: ask and be answered, whatever the status.  SC_OK; SC_ERROR when
 * there is no gateway, or not an answer: a message was printed.  *reply is to
 * be freed either way.
 */
int ctl_http(ctl_t *c, const ctl_request_t *request, ctl_reply_t *reply);

/* The same, once more for as long as the gateway says that it is busy. */
int ctl_http_patient(ctl_t *c, const ctl_request_t *request,
    ctl_reply_t *reply);

/* GET a path, patiently. */
int ctl_http_get(ctl_t *c, const char *path, const char *prefer,
    ctl_reply_t *reply);

void ctl_reply_free(ctl_reply_t *reply);

/* Print what the answer's problem is, about this; CTL_FAILED. */
int ctl_problem(const char *about, const ctl_reply_t *reply);

/* Append text so that it is one value in a query. */
void ctl_http_escape(sc_buf_t *b, const char *text);


/*
 * ctl_job.c: the path of a job from its id or from a link to it, after what
 * comes behind it: "/results", or "".  SC_OK or SC_ERROR when it cannot be an
 * id: a message was printed.
 */
int ctl_job_path(const char *id, const char *tail, sc_buf_t *path);

/* Whether a job in this state changes no more; 1 or 0. */
int ctl_job_ended(const char *state);

/*
 * The body of POST /v1/extract; rules is read from a file, or names a set of
 * the gateway's as "@name", or is NULL.  The json_t is the caller's; NULL
 * with *status the exit status.
 */
json_t *ctl_job_body(ctl_t *c, const char *rules, int *status);

/*
 * POST such a body for a URL, and give the answer.  As ctl_http().
 */
int ctl_job_post(ctl_t *c, json_t *body, const char *url, const char *prefer,
    ctl_reply_t *reply);


/*
 * ctl_batch.c: one batch of URLs, and of the lines of the file at path, made
 * with this body; its id is printed.  The exit status.
 */
int ctl_batch(ctl_t *c, json_t *body, char *const *urls, size_t n,
    const char *path);


/*
 * ctl_rules.c: the rule set in a file; the caller's.  NULL with a message
 * printed.  A file that ends in ".crw" is a template of Crawley's.
 */
sc_rules_t *ctl_rules(const char *path);


/*
 * ctl_local.c: apply a rule set to a file here.  An object like the one that
 * the gateway answers with: data, missing, warnings and what else was asked
 * for; the caller's.  NULL with a message printed.
 */
json_t *ctl_local(ctl_t *c, sc_rules_t *rules, const char *path,
    unsigned views);

/* ctl_explain.c: the list "explain" of an answer, as a table. */
void ctl_explain(const json_t *list, FILE *out);


/*
 * The words of --return and --explain, as bits of extract.h.  SC_OK or
 * SC_ERROR with a message printed.
 */
int ctl_views(const ctl_t *c, unsigned *views);


/* The commands. */
int ctl_check(ctl_t *c);
int ctl_extract(ctl_t *c);
int ctl_submit(ctl_t *c);
int ctl_get(ctl_t *c);
int ctl_watch(ctl_t *c);
int ctl_export(ctl_t *c);
int ctl_sql(ctl_t *c);
int ctl_rulesets(ctl_t *c);


#endif /* CTL_INTERNAL_H */
