
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "tests/access/endpoints.h"
#include "tests/support/process.h"


#define ENDPOINTS_METHODS    8


/* What a row has said so far: methods without a path, the path, its method. */
typedef struct {
    char    waiting[ENDPOINTS_METHODS][16];
    size_t  nwaiting;
    char    method[16];
    char    path[ENDPOINTS_TEXT];
} endpoints_row_t;


static void endpoints_line(endpoints_t *e, char *line);
static void endpoints_token(endpoints_t *e, endpoints_row_t *row,
    const char *token, int first);
static void endpoints_path(endpoints_t *e, endpoints_row_t *row,
    const char *path);
static void endpoints_add(endpoints_t *e, const char *method,
    const char *path);


void
endpoints_read(endpoints_t *e)
{
    char  *text, *line, *rest;

    memset(e, 0, sizeof(endpoints_t));
    text = process_read("docs/api.md");
    rest = strstr(text, "\n|---|---|---|\n");
    ck_assert_ptr_nonnull(rest);
    rest += 15;

    while (*rest == '|') {
        line = rest;
        rest += strcspn(rest, "\n");
        *rest++ = '\0';
        endpoints_line(e, line);
    }

    free(text);
    ck_assert_uint_gt(e->n, 30);
}


/* What stands in `` in the first cell; in the second one what is below it. */
static void
endpoints_line(endpoints_t *e, char *line)
{
    char             *p, *end, *second;
    endpoints_row_t   row;

    memset(&row, 0, sizeof(row));
    second = strstr(line, " | ");
    ck_assert_ptr_nonnull(second);

    for (p = strchr(line, '`'); p != NULL; p = strchr(end + 1, '`')) {
        end = strchr(p + 1, '`');
        ck_assert_ptr_nonnull(end);
        *end = '\0';
        endpoints_token(e, &row, p + 1, p < second);
    }
}


static void
endpoints_token(endpoints_t *e, endpoints_row_t *row, const char *token,
    int first)
{
    char         path[ENDPOINTS_TEXT * 2];
    size_t       len;
    const char  *space;

    if (!first) {
        if (token[0] == '/' && strncmp(token, "/v1", 3) != 0) {
            (void) snprintf(path, sizeof(path), "%s%s", row->path, token);
            endpoints_add(e, row->method, path);
        }

        return;
    }

    if (token[0] == '/') {
        len = (size_t) (strrchr(row->path, '/') - row->path);
        (void) snprintf(path, sizeof(path), "%.*s%s", (int) len, row->path,
                        token);
        endpoints_add(e, row->method, path);
        return;
    }

    space = strchr(token, ' ');
    len = space != NULL ? (size_t) (space - token) : strlen(token);

    if (space == NULL) {
        ck_assert_uint_lt(row->nwaiting, ENDPOINTS_METHODS);
        (void) snprintf(row->waiting[row->nwaiting++], 16, "%.15s", token);
        return;
    }

    (void) snprintf(row->method, sizeof(row->method), "%.*s", (int) len,
                    token);
    endpoints_path(e, row, space + 1);
}


/* "…/retry" is below what stands before it. */
static void
endpoints_path(endpoints_t *e, endpoints_row_t *row, const char *path)
{
    char    whole[ENDPOINTS_TEXT * 2];
    size_t  i;

    if (strncmp(path, "\xe2\x80\xa6", 3) == 0) {
        (void) snprintf(whole, sizeof(whole), "%s%s", row->path, path + 3);
        endpoints_add(e, row->method, whole);
        return;
    }

    (void) snprintf(row->path, sizeof(row->path), "%.*s",
                    (int) strcspn(path, "?"), path);

    for (i = 0; i < row->nwaiting; i++) {
        endpoints_add(e, row->waiting[i], row->path);
    }

    row->nwaiting = 0;
    endpoints_add(e, row->method, row->path);
}


static void
endpoints_add(endpoints_t *e, const char *method, const char *path)
{
    char    text[ENDPOINTS_TEXT];
    size_t  i;

    (void) snprintf(text, sizeof(text), "%s %.80s", method, path);

    for (i = 0; i < e->n; i++) {
        if (strcmp(e->list[i], text) == 0) {
            return;
        }
    }

    ck_assert_uint_lt(e->n, ENDPOINTS_MAX);
    (void) snprintf(e->list[e->n++], ENDPOINTS_TEXT, "%s", text);
}
