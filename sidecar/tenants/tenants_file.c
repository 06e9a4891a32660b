
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sidecar/core/file.h"
#include "sidecar/tenants/tenants_internal.h"


static int tenants_file_read(tenants_line_t **lines, FILE *file,
    unsigned *number, char *err, size_t errlen);
static int tenants_file_line(FILE *file, sc_buf_t *b, char *err,
    size_t errlen);
static int tenants_file_add(tenants_line_t **lines, const sc_buf_t *b,
    char *err, size_t errlen);


int
tenants_file(tenants_line_t **lines, const char *path, char *err,
    size_t errlen)
{
    int        rc;
    char       why[512] = "";
    FILE      *file;
    unsigned   number;

    *lines = NULL;

    if (file_open(&file, path, err, errlen) != SC_OK) {
        return SC_ERROR;
    }

    number = 0;
    errno = 0;
    rc = tenants_file_read(lines, file, &number, why, sizeof(why));

    if (rc != SC_OK && ferror(file)) {
        (void) snprintf(err, errlen, "could not read \"%s\": %s", path,
                        strerror(errno));

    } else if (rc != SC_OK) {
        (void) snprintf(err, errlen, "%s in %s:%u", why, path, number);
    }

    (void) fclose(file);

    if (rc != SC_OK) {
        tenants_free(lines);
    }

    return rc;
}


static int
tenants_file_read(tenants_line_t **lines, FILE *file, unsigned *number,
    char *err, size_t errlen)
{
    int       rc;
    sc_buf_t  b;

    sc_buf_init(&b, TENANTS_MAX_LINE + 1);

    do {
        (*number)++;
        rc = tenants_file_line(file, &b, err, errlen);

        if (rc == SC_OK) {
            rc = tenants_file_add(lines, &b, err, errlen);
        }

    } while (rc == SC_OK);

    sc_buf_free(&b);

    return rc == SC_DECLINED ? SC_OK : SC_ERROR;
}


/* SC_DECLINED: none is left. */
static int
tenants_file_line(FILE *file, sc_buf_t *b, char *err, size_t errlen)
{
    int   c;
    char  byte;

    sc_buf_reset(b);

    for ( ;; ) {
        c = getc(file);

        if (c == EOF && (ferror(file) || b->len == 0)) {
            return ferror(file) ? SC_ERROR : SC_DECLINED;
        }

        if (c == EOF || c == '\n') {
            return SC_OK;
        }

        if ((c < ' ' && c != '\t' && c != '\r') || c == 0x7f) {
            (void) snprintf(err, errlen, "a control character, \"\\x%02x\",",
                            (unsigned) c);
            return SC_ERROR;
        }

        byte = (char) c;

        if (b->len == TENANTS_MAX_LINE || sc_buf_add(b, &byte, 1) != SC_OK) {
            (void) snprintf(err, errlen, "a line of more than %d bytes",
                            TENANTS_MAX_LINE);
            return SC_ERROR;
        }
    }
}


static int
tenants_file_add(tenants_line_t **lines, const sc_buf_t *b, char *err,
    size_t errlen)
{
    tenants_line_t  *line, *other;

    if (tenants_line(&line, b->len != 0 ? b->data : "", b->len, err, errlen)
        != SC_OK)
    {
        return SC_ERROR;
    }

    if (line == NULL) {
        return SC_OK;
    }

    HASH_FIND(hh, *lines, line->name, line->len, other);

    if (other != NULL) {
        (void) snprintf(err, errlen, "tenant \"%.64s\" is there twice",
                        line->name);

    } else if (HASH_COUNT(*lines) == TENANTS_MAX) {
        (void) snprintf(err, errlen, "more than %d tenants", TENANTS_MAX);

    } else {
        HASH_ADD_KEYPTR(hh, *lines, line->name, line->len, line);

        if (line->hh.tbl != NULL) {
            return SC_OK;
        }

        (void) snprintf(err, errlen, "memory is out");
    }

    tenants_line_free(line);

    return SC_ERROR;
}


void
tenants_free(tenants_line_t **lines)
{
    tenants_line_t  *line, *tmp;

    HASH_ITER(hh, *lines, line, tmp) {
        HASH_DEL(*lines, line);
        tenants_line_free(line);
    }
}
