
#include <stdarg.h>
#include <string.h>

#include "sidecar/core/settings.h"
#include "sidecar/ctl/ctl_internal.h"


#define CTL_BIT(opt)    (1u << (opt))

/* what every command takes */
#define CTL_COMMON      (CTL_BIT(CTL_OPT_VERSION + 1) - 1)

/* where the text of the help begins */
#define CTL_INDENT      26


static int ctl_args_meta(int argc, char **argv);
static const ctl_command_t *ctl_args_command(const char *name);
static int ctl_args_option(ctl_t *c, int argc, char **argv, int *i);
static int ctl_args_long(const char *arg, size_t len);
static int ctl_args_letters(ctl_t *c, int argc, char **argv, int *i);
static int ctl_args_value(ctl_t *c, int opt, const char *value);
static int ctl_args_check(const ctl_t *c);
static void ctl_help_option(FILE *out, const ctl_option_t *o);


static const ctl_option_t  ctl_options[CTL_OPTS] = {
    [CTL_OPT_GATEWAY] = { 'g', "gateway", "URL",
                          "of the gateway, or unix:PATH" },
    [CTL_OPT_USER] = { '\0', "user", "NAME:PASSWORD",
                       "who asks the gateway" },
    [CTL_OPT_HEADER] = { '\0', "header", "FIELD",
                         "'Name: value' to send; may come again" },
    [CTL_OPT_JSON] = { '\0', "json", NULL,
                       "the whole answer, as JSON" },
    [CTL_OPT_QUIET] = { 'q', "quiet", NULL,
                        "no notes, no progress" },
    [CTL_OPT_HELP] = { 'h', "help", NULL,
                       "print this" },
    [CTL_OPT_VERSION] = { '\0', "version", NULL,
                          "print the version" },
    [CTL_OPT_CANONICAL] = { '\0', "canonical", NULL,
                            "print the canonical JSON of the rules" },
    [CTL_OPT_EXPLAIN] = { '\0', "explain", NULL,
                          "tell how each field came to its value" },
    [CTL_OPT_URL] = { '\0', "url", "URL",
                      "where a file is from" },
    [CTL_OPT_TYPE] = { '\0', "type", "TYPE",
                       "the content type of a file" },
    [CTL_OPT_RETURN] = { '\0', "return", "LIST",
                         "what else: links,meta,text,markdown,..." },
    [CTL_OPT_HTML5] = { '\0', "html5", NULL,
                        "read a file as a browser does" },
    [CTL_OPT_COMPACT] = { '\0', "compact", NULL,
                          "JSON on one line" },
    [CTL_OPT_FILE] = { '\0', "file", "FILE",
                       "with URLs, one a line" },
    [CTL_OPT_FORMAT] = { '\0', "format", "FORMAT",
                         "json, ndjson (default) or csv" },
    [CTL_OPT_STORE] = { '\0', "store", "FILE",
                        "the SQLite file of the gateway" },
    [CTL_OPT_CSV] = { '\0', "csv", NULL,
                      "rows as CSV" }
};


static const ctl_command_t  ctl_commands[] = {
    { "check", "RULES", "see whether a rule set is valid", 1, 1,
      CTL_BIT(CTL_OPT_CANONICAL), ctl_check },
    { "extract", "RULES FILE|URL", "take from a page what the rules say", 2, 2,
      CTL_BIT(CTL_OPT_EXPLAIN) | CTL_BIT(CTL_OPT_URL)
      | CTL_BIT(CTL_OPT_TYPE) | CTL_BIT(CTL_OPT_RETURN)
      | CTL_BIT(CTL_OPT_HTML5) | CTL_BIT(CTL_OPT_COMPACT), ctl_extract },
    { "submit", "[RULES] URL...", "make jobs, print their ids", 0, 0,
      CTL_BIT(CTL_OPT_FILE) | CTL_BIT(CTL_OPT_RETURN), ctl_submit },
    { "get", "ID|RESULT|URL...", "print jobs or results", 1, 0,
      CTL_BIT(CTL_OPT_COMPACT), ctl_get },
    { "watch", "ID...", "wait until jobs have ended", 1, 0, 0, ctl_watch },
    { "export", "ID...", "print the results of jobs", 1, 0,
      CTL_BIT(CTL_OPT_FORMAT), ctl_export },
    { "sql", "SELECT", "ask the store of a gateway here", 1, 1,
      CTL_BIT(CTL_OPT_STORE) | CTL_BIT(CTL_OPT_CSV), ctl_sql },
    { "rulesets", "list|get NAME|put NAME FILE|delete NAME",
      "the rule sets of the gateway", 1, 3,
      CTL_BIT(CTL_OPT_COMPACT), ctl_rulesets }
};


#define CTL_COMMANDS    (sizeof(ctl_commands) / sizeof(ctl_command_t))


int
ctl_args(ctl_t *c, int argc, char **argv)
{
    int  i, end;

    memset(c, 0, sizeof(ctl_t));

    if (ctl_args_meta(argc, argv)) {
        return SC_DECLINED;
    }

    c->args = argv;
    end = 0;

    for (i = 1; i < argc; i++) {

        if (!end && argv[i][0] == '-' && argv[i][1] != '\0') {

            if (strcmp(argv[i], "--") == 0) {
                end = 1;

            } else if (ctl_args_option(c, argc, argv, &i) != SC_OK) {
                return SC_ERROR;
            }

            continue;
        }

        if (c->command == NULL) {
            c->command = ctl_args_command(argv[i]);

            if (c->command == NULL) {
                (void) ctl_usage(c, "there is no command \"%s\"", argv[i]);
                return SC_ERROR;
            }

            continue;
        }

        c->args[c->nargs++] = argv[i];
    }

    return ctl_args_check(c);
}


/* Whoever asks for help gets it, whatever else is wrong. */
static int
ctl_args_meta(int argc, char **argv)
{
    int                   i;
    const ctl_command_t  *command;

    command = NULL;

    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {

        if (strcmp(argv[i], "--version") == 0) {
            (void) printf("scrapectl " SCRAPED_VERSION "\n");
            return 1;
        }

        if (command == NULL && argv[i][0] != '-') {
            command = ctl_args_command(argv[i]);
        }

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            ctl_help(stdout, command);
            return 1;
        }
    }

    return 0;
}


static const ctl_command_t *
ctl_args_command(const char *name)
{
    size_t  i;

    for (i = 0; i < CTL_COMMANDS; i++) {
        if (strcmp(ctl_commands[i].name, name) == 0) {
            return &ctl_commands[i];
        }
    }

    return NULL;
}


/* "--name", "--name=VALUE", "--name VALUE", or letters. */
static int
ctl_args_option(ctl_t *c, int argc, char **argv, int *i)
{
    int          opt;
    size_t       len;
    const char  *arg = argv[*i];

    if (arg[1] != '-') {
        return ctl_args_letters(c, argc, argv, i);
    }

    arg += 2;
    len = strcspn(arg, "=");
    opt = ctl_args_long(arg, len);

    if (opt == CTL_OPTS) {
        (void) ctl_usage(c, "there is no option \"--%.*s\"", (int) len, arg);
        return SC_ERROR;
    }

    if (ctl_options[opt].value == NULL) {

        if (arg[len] == '=') {
            (void) ctl_usage(c, "option \"--%.*s\" has no value", (int) len,
                             arg);
            return SC_ERROR;
        }

        return ctl_args_value(c, opt, "");
    }

    if (arg[len] == '=') {
        return ctl_args_value(c, opt, arg + len + 1);
    }

    if (*i + 1 == argc) {
        (void) ctl_usage(c, "option \"--%s\" needs a value", arg);
        return SC_ERROR;
    }

    return ctl_args_value(c, opt, argv[++*i]);
}


static int
ctl_args_long(const char *arg, size_t len)
{
    int  opt;

    for (opt = 0; opt < CTL_OPTS; opt++) {
        if (strlen(ctl_options[opt].name) == len
            && memcmp(ctl_options[opt].name, arg, len) == 0)
        {
            break;
        }
    }

    return opt;
}


/* "-q", "-gURL", "-g URL", "-qg URL". */
static int
ctl_args_letters(ctl_t *c, int argc, char **argv, int *i)
{
    int          opt;
    const char  *p;

    for (p = argv[*i] + 1; *p != '\0'; p++) {

        for (opt = 0; opt < CTL_OPTS && ctl_options[opt].letter != *p; opt++) {
            /* void */
        }

        if (opt == CTL_OPTS) {
            (void) ctl_usage(c, "there is no option \"-%c\"", *p);
            return SC_ERROR;
        }

        if (ctl_options[opt].value == NULL) {
            (void) ctl_args_value(c, opt, "");
            continue;
        }

        if (p[1] != '\0') {
            return ctl_args_value(c, opt, p + 1);
        }

        if (*i + 1 == argc) {
            (void) ctl_usage(c, "option \"-%c\" needs a value", *p);
            return SC_ERROR;
        }

        return ctl_args_value(c, opt, argv[++*i]);
    }

    return SC_OK;
}


static int
ctl_args_value(ctl_t *c, int opt, const char *value)
{
    c->values[opt] = value;

    if (opt != CTL_OPT_HEADER) {
        return SC_OK;
    }

    if (strchr(value, ':') == NULL || strpbrk(value, "\r\n") != NULL) {
        (void) ctl_usage(c, "\"%s\" is no header field", value);
        return SC_ERROR;
    }

    if (c->nheaders == CTL_MAX_HEADERS) {
        (void) ctl_usage(c, "there are more than %d header fields",
                         CTL_MAX_HEADERS);
        return SC_ERROR;
    }

    c->headers[c->nheaders++] = value;

    return SC_OK;
}


static int
ctl_args_check(const ctl_t *c)
{
    int  opt;

    if (c->command == NULL) {
        (void) ctl_usage(c, "a command is missing");
        return SC_ERROR;
    }

    for (opt = 0; opt < CTL_OPTS; opt++) {
        if (c->values[opt] != NULL
            && !((CTL_COMMON | c->command->options) & CTL_BIT(opt)))
        {
            (void) ctl_usage(c, "it has no option \"--%s\"",
                             ctl_options[opt].name);
            return SC_ERROR;
        }
    }

    if (c->nargs < c->command->min) {
        (void) ctl_usage(c, "it needs %s", c->command->args);
        return SC_ERROR;
    }

    if (c->command->max != 0 && c->nargs > c->command->max) {
        (void) ctl_usage(c, "\"%s\" is one argument too many",
                         c->args[c->command->max]);
        return SC_ERROR;
    }

    return SC_OK;
}


int
ctl_usage(const ctl_t *c, const char *fmt, ...)
{
    char      text[512];
    va_list   args;
    unsigned  named;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    named = c->command != NULL;

    ctl_error("%s%s%s (\"scrapectl %s%s--help\" tells more)",
              named ? c->command->name : "", named ? ": " : "", text,
              named ? c->command->name : "", named ? " " : "");

    return CTL_USAGE;
}


void
ctl_help(FILE *out, const ctl_command_t *command)
{
    int     opt;
    size_t  i;

    if (command != NULL) {
        (void) fprintf(out, "usage: scrapectl %s [OPTIONS] %s\n\n%s\n",
                       command->name, command->args, command->help);

    } else {
        (void) fprintf(out, "usage: scrapectl COMMAND [OPTIONS] ...\n\n"
                       "commands:\n");

        for (i = 0; i < CTL_COMMANDS; i++) {
            (void) fprintf(out, "  %s %s\n%*s%s\n", ctl_commands[i].name,
                           ctl_commands[i].args, CTL_INDENT, "",
                           ctl_commands[i].help);
        }
    }

    (void) fprintf(out, "\noptions:\n");

    for (opt = 0; opt < CTL_OPTS; opt++) {
        if (command == NULL
            || ((CTL_COMMON | command->options) & CTL_BIT(opt)))
        {
            ctl_help_option(out, &ctl_options[opt]);
        }
    }

    (void) fprintf(out, "\nexit status: 0 done, 1 failed, 2 wrong command "
                   "line, 3 no gateway answers\n");
}


static void
ctl_help_option(FILE *out, const ctl_option_t *o)
{
    int  len;

    len = fprintf(out, "  %c%c%c --%s%s%s",
                  o->letter != '\0' ? '-' : ' ',
                  o->letter != '\0' ? o->letter : ' ',
                  o->letter != '\0' ? ',' : ' ', o->name,
                  o->value != NULL ? " " : "",
                  o->value != NULL ? o->value : "");

    if (len < 0 || len >= CTL_INDENT) {
        (void) fprintf(out, "\n");
        len = 0;
    }

    (void) fprintf(out, "%*s%s\n", CTL_INDENT - len, "", o->help);
}
