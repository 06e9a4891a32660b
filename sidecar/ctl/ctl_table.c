
#include <stdlib.h>
#include <string.h>

#include "sidecar/ctl/ctl_internal.h"


/* between two columns; the widest that a column is made */
#define CTL_TABLE_GAP     2
#define CTL_TABLE_WIDEST  60


static int ctl_table_keep(ctl_table_t *t, char **row);
static void ctl_table_flush(ctl_table_t *t);
static void ctl_table_print(const ctl_table_t *t, char *const *row);
static size_t ctl_table_width(const char *text);
static void ctl_table_free(char **row, size_t n);


int
ctl_table_begin(ctl_table_t *t, FILE *out, size_t ncols)
{
    memset(t, 0, sizeof(ctl_table_t));

    t->out = out;
    t->ncols = ncols;
    t->width = calloc(ncols + 1, sizeof(size_t));
    t->cells = calloc(CTL_TABLE_ROWS * ncols + 1, sizeof(char *));

    return t->width != NULL && t->cells != NULL ? SC_OK : SC_ERROR;
}


int
ctl_table_row(ctl_table_t *t, const sc_str_t *cells)
{
    char      **row;
    size_t      i;
    sc_buf_t    b;

    row = calloc(t->ncols + 1, sizeof(char *));
    if (row == NULL) {
        return SC_ERROR;
    }

    for (i = 0; i < t->ncols; i++) {
        sc_buf_init(&b, 0);
        ctl_plain(&b, cells[i].data, cells[i].len);

        if (sc_buf_add_cstr(&b, "") != SC_OK) {
            sc_buf_free(&b);
            ctl_table_free(row, i);
            free(row);
            return SC_ERROR;
        }

        row[i] = b.data;
    }

    if (ctl_table_keep(t, row) != SC_OK) {
        ctl_table_print(t, row);
        ctl_table_free(row, t->ncols);
    }

    free(row);

    return SC_OK;
}


/* SC_DECLINED when the widths are known. */
static int
ctl_table_keep(ctl_table_t *t, char **row)
{
    size_t  i, width;

    if (t->begun) {
        return SC_DECLINED;
    }

    if (t->nrows == CTL_TABLE_ROWS) {
        ctl_table_flush(t);
        return SC_DECLINED;
    }

    for (i = 0; i < t->ncols; i++) {
        width = ctl_table_width(row[i]);

        if (width > CTL_TABLE_WIDEST) {
            width = CTL_TABLE_WIDEST;
        }

        if (width > t->width[i]) {
            t->width[i] = width;
        }

        t->cells[t->nrows * t->ncols + i] = row[i];
    }

    t->nrows++;

    return SC_OK;
}


void
ctl_table_end(ctl_table_t *t)
{
    if (t->width != NULL && t->cells != NULL) {
        ctl_table_flush(t);
    }

    free(t->width);
    free(t->cells);
    memset(t, 0, sizeof(ctl_table_t));
}


static void
ctl_table_flush(ctl_table_t *t)
{
    size_t  i;

    for (i = 0; i < t->nrows; i++) {
        ctl_table_print(t, t->cells + i * t->ncols);
    }

    ctl_table_free(t->cells, t->nrows * t->ncols);
    t->nrows = 0;
    t->begun = 1;
}


/* The last column ends with its text. */
static void
ctl_table_print(const ctl_table_t *t, char *const *row)
{
    size_t  i, last, width;

    last = t->ncols;

    while (last > 0 && row[last - 1][0] == '\0') {
        last--;
    }

    for (i = 0; i < last; i++) {
        (void) fputs(row[i], t->out);

        if (i + 1 < last) {
            width = ctl_table_width(row[i]);
            width = (width < t->width[i]) ? t->width[i] - width : 0;
            (void) fprintf(t->out, "%*s", (int) (width + CTL_TABLE_GAP), "");
        }
    }

    (void) fputc('\n', t->out);
}


static size_t
ctl_table_width(const char *text)
{
    size_t  n;

    for (n = 0; *text != '\0'; text++) {
        n += ((unsigned char) *text & 0xc0) != 0x80;
    }

    return n;
}


static void
ctl_table_free(char **row, size_t n)
{
    while (n > 0) {
        free(row[--n]);
    }
}
