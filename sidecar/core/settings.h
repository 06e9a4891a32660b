
/*
 * The settings of scraped: defaults, then the file of -c, then --name=value,
 * each overriding the one before; of a flag given twice the last one counts.
 * settings.def is the list; --help prints it.
 *
 * The file has `name = value` lines without sections.  A line that begins
 * with '#' or ';' is a comment; inside a line both belong to the value, which
 * is taken whole, without quotes and without the blanks around it.  A name
 * that is unknown or there twice, a line of more than 4,095 bytes and one
 * with a control character are refused, never half taken.
 */

#ifndef SETTINGS_H
#define SETTINGS_H


#include <stdint.h>
#include <stdio.h>


#define SCRAPED_VERSION    "0.1.0"


#define SETTINGS_STRING_FIELD(name)  char *name;
#define SETTINGS_NUMBER_FIELD(name)  int64_t name;
#define SETTINGS_OCTAL_FIELD(name)   int64_t name;

/*
 * One member a setting.  Strings are owned by the struct and never NULL.
 * file is the path given with -c, NULL without.
 */
typedef struct {
#define SETTING(type, name, def, min, max, unit, text)                        \
    SETTINGS_##type##_FIELD(name)
#include "sidecar/core/settings.def"
#undef SETTING
    char  *file;
} settings_t;


typedef enum {
    SETTINGS_RUN = 0,       /* go on and serve */
    SETTINGS_EXIT,          /* --help, --version or --check was answered */
    SETTINGS_INVALID        /* *err says what is wrong, with file and line */
} settings_result_t;


/*
 * Fill in *s from the command line and the file it names.  err, of errlen
 * bytes, gets one lower-case sentence on SETTINGS_INVALID, with FILE:LINE at
 * its end when a line of the file is wrong.  With --check the answer is
 * SETTINGS_EXIT once all is read: the settings are right by themselves,
 * whether they can be served is not tried.  In every case settings_free() is
 * due afterwards.
 */
settings_result_t settings_load(settings_t *s, int argc, char **argv,
    char *err, size_t errlen);

/* Free what *s owns, and empty it. */
void settings_free(settings_t *s);

/* What --help prints: each setting with its default, unit and meaning. */
void settings_help(FILE *out);


#endif /* SETTINGS_H */
