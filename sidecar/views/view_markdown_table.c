
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_markdown_internal.h"


/* text of a cell in a table without headings, in bytes, if it is to be one */
#define VIEW_MD_CELL_MAX  200

#define VIEW_MD_SPAN_MAX  65534


/*
 * What makes a table one of rows and columns.
 *
 * grid    its columns
 * rows    it has
 * first   columns of the first row
 * widest  columns of the widest one
 * cell    bytes of text in the cell at hand
 * uneven  rows differ in their number of columns
 * wordy   a cell is longer than those of a table without headings are
 * titled  there are headings of columns or rows, or a caption
 */
typedef struct {
    view_md_grid_t  grid;
    unsigned        rows;
    unsigned        first;
    unsigned        widest;
    size_t          cell;
    unsigned        uneven:1;
    unsigned        wordy:1;
    unsigned        titled:1;
} view_md_look_t;


static int view_md_table_look(view_md_look_t *l, const xmlNode *table);
static int view_md_look_element(view_md_look_t *l, const xmlNode *node);
static void view_md_look_row(view_md_look_t *l);
static void view_md_grid_row(view_md_grid_t *g);
static int view_md_grid_cell(view_md_grid_t *g, const xmlNode *cell);
static unsigned view_md_span(const xmlNode *cell, const char *name);
static int view_md_is_head(const xmlNode *row);
static void view_md_row_fill(view_md_t *m, unsigned column);
static void view_md_row_write(view_md_t *m);


void
view_md_table(view_md_t *m, const xmlNode *node)
{
    view_md_look_t  l;

    if (!view_md_table_look(&l, node)) {
        return;
    }

    m->table = node;
    m->rows = 0;
    memset(&m->grid, 0, sizeof(view_md_grid_t));
    m->grid.columns = l.grid.columns;
}


void
view_md_row(view_md_t *m)
{
    view_md_clear(&m->row);
    m->cells = 0;
    m->filled = 0;
    view_md_grid_row(&m->grid);
}


void
view_md_cell(view_md_t *m, const xmlNode *node)
{
    if (view_md_grid_cell(&m->grid, node)) {
        view_md_row_fill(m, m->grid.cell);
    }
}


void
view_md_cell_end(view_md_t *m)
{
    (void) sc_buf_add_cstr(&m->row, "| ");

    if (view_md_finish(m)) {
        (void) sc_buf_add(&m->row, m->line.data, m->line.len);
        (void) sc_buf_add_cstr(&m->row, " ");
        m->filled = 1;
    }

    m->cells++;
}


/* Rows without a heading above them get an empty one, as they must. */

void
view_md_row_end(view_md_t *m, const xmlNode *node)
{
    unsigned  i;

    if (!m->filled) {
        return;
    }

    if (m->rows != 0) {
        view_md_newline(m, 0);
        view_md_row_write(m);
        return;
    }

    view_md_begin(m, 0);

    if (view_md_is_head(node)) {
        view_md_row_write(m);

    } else {
        for (i = 0; i < m->grid.columns; i++) {
            (void) sc_buf_add_cstr(&m->out, "| ");
        }

        (void) sc_buf_add_cstr(&m->out, "|");
    }

    view_md_newline(m, 0);

    for (i = 0; i < m->grid.columns; i++) {
        (void) sc_buf_add_cstr(&m->out, "| --- ");
    }

    (void) sc_buf_add_cstr(&m->out, "|");

    if (m->rows == 0) {
        view_md_newline(m, 0);
        view_md_row_write(m);
    }
}


/* Of tables in tables the outer ones are there for the look. */

static int
view_md_table_look(view_md_look_t *l, const xmlNode *table)
{
    const char     *p, *role;
    const xmlNode  *n;

    memset(l, 0, sizeof(view_md_look_t));
    l->grid.columns = VIEW_MD_COLUMNS;

    role = dom_attr(table, "role");

    if (role != NULL && (strcasecmp(role, "presentation") == 0
                         || strcasecmp(role, "none") == 0))
    {
        return 0;
    }

    for (n = dom_next(table, table); n != NULL; n = dom_next(n, table)) {

        if (n->type == XML_ELEMENT_NODE && !view_md_look_element(l, n)) {
            return 0;
        }

        if (n->type == XML_TEXT_NODE && n->content != NULL) {
            for (p = (const char *) n->content; *p != '\0'; p++) {
                l->cell += ((unsigned char) *p > ' ');
            }

            l->wordy |= (l->cell > VIEW_MD_CELL_MAX);
        }
    }

    view_md_look_row(l);
    l->grid.columns = l->widest;

    return l->widest > 1 && l->rows > 1
           && (l->titled || (!l->uneven && !l->wordy));
}


/* Whether a table of rows and columns may have it. */

static int
view_md_look_element(view_md_look_t *l, const xmlNode *node)
{
    switch (view_tag(node)->kind) {

    case VIEW_CAPTION:
        l->titled = 1;
        break;

    case VIEW_ROW:
        view_md_look_row(l);
        l->rows++;
        l->cell = 0;
        view_md_grid_row(&l->grid);
        break;

    case VIEW_CELL:
        l->titled |= (node->name[1] == 'h');
        l->cell = 0;

        return node->parent != NULL
               && view_tag(node->parent)->kind == VIEW_ROW
               && view_md_grid_cell(&l->grid, node);

    case VIEW_TABLE:
    case VIEW_PRE:
    case VIEW_QUOTE:
    case VIEW_HR:
    case VIEW_FORM:
    case VIEW_H1:
    case VIEW_H2:
    case VIEW_H3:
        return 0;

    default:
        break;
    }

    return 1;
}


/* A row is complete. */

static void
view_md_look_row(view_md_look_t *l)
{
    if (l->rows == 1) {
        l->first = l->grid.column;
    }

    if (l->rows != 0 && l->grid.column != l->first) {
        l->uneven = 1;
    }

    if (l->grid.column > l->widest) {
        l->widest = l->grid.column;
    }
}


static void
view_md_grid_row(view_md_grid_t *g)
{
    unsigned  i;

    for (i = 0; i < g->columns; i++) {
        g->spans[i] -= (g->spans[i] != 0);
    }

    g->column = 0;
    g->cell = 0;
}


/* Find the columns of the next cell; whether there is room for it. */

static int
view_md_grid_cell(view_md_grid_t *g, const xmlNode *cell)
{
    unsigned  i, width, height;

    i = g->column;

    while (i < g->columns && g->spans[i] != 0) {
        i++;
    }

    width = view_md_span(cell, "colspan");
    height = view_md_span(cell, "rowspan");

    if (width > g->columns - i) {
        return 0;
    }

    g->cell = i;
    g->column = i + width;

    while (i < g->column) {
        g->spans[i++] = height;
    }

    return 1;
}


static unsigned
view_md_span(const xmlNode *cell, const char *name)
{
    long         n;
    const char  *value;

    value = dom_attr(cell, name);
    n = (value != NULL) ? strtol(value, NULL, 10) : 1;

    return n < 1 ? 1 : n > VIEW_MD_SPAN_MAX ? VIEW_MD_SPAN_MAX : (unsigned) n;
}


static int
view_md_is_head(const xmlNode *row)
{
    const xmlNode  *n;

    if (dom_is(row->parent, "thead")) {
        return 1;
    }

    for (n = row->children; n != NULL; n = n->next) {
        if (dom_is(n, "td")) {
            return 0;
        }
    }

    return 1;
}


/* Empty cells up to this column. */

static void
view_md_row_fill(view_md_t *m, unsigned column)
{
    for ( /* void */ ; m->cells < column; m->cells++) {
        (void) sc_buf_add_cstr(&m->row, "| ");
    }
}


static void
view_md_row_write(view_md_t *m)
{
    view_md_row_fill(m, m->grid.columns);
    (void) sc_buf_add(&m->out, m->row.data, m->row.len);
    (void) sc_buf_add_cstr(&m->out, "|");
    m->rows++;
}
