
/*
 * How Markdown is written: text of a block is gathered first, with marks
 * where emphasis begins and ends, then written as lines behind the markers of
 * the lists and quotes around it.  Failures show in the buffers' failed.
 */

#ifndef VIEW_MARKDOWN_INTERNAL_H
#define VIEW_MARKDOWN_INTERNAL_H


#include "sidecar/views/view_main.h"
#include "sidecar/views/view_markdown.h"


/* lists, items and quotes around a block; columns of a table */
#define VIEW_MD_DEPTH     32
#define VIEW_MD_COLUMNS   64

/* white space; between words U+00A0 is, too */
#define VIEW_MD_BLANK     " \t\n\f\r"


typedef enum {
    VIEW_MD_STRONG = 0,
    VIEW_MD_EM,
    VIEW_MD_DEL,
    VIEW_MD_LINK,
    VIEW_MD_FORMATS
} view_md_format_t;


/*
 * An element whose text is formatted.  Markers are written when there is text
 * for them only.
 *
 * node   the element
 * mark   its mark that opens, once it is open
 * times  it has been opened
 */
typedef struct {
    const xmlNode     *node;
    view_md_format_t   format;
    size_t             mark;
    unsigned           times;
} view_md_open_t;


/*
 * A place in a block's text where a format opens or closes.
 *
 * at    the byte before which the marker goes
 * pair  the index of the mark at the other end
 * gone  it is not written
 * star  written with "*", which may stand inside a word, not with "_"
 */
typedef struct {
    size_t            at;
    size_t            pair;
    view_md_format_t  format;
    unsigned          opens:1;
    unsigned          gone:1;
    unsigned          star:1;
} view_md_mark_t;


/*
 * A list, an item of one, or a quote around what is being written.
 *
 * number   an item's, or that of an ordered list's next item; else -1
 * width    of an item's marker, in columns
 * bullet   what follows a number or stands for it
 * pending  an item's marker has not been written yet
 * first    none of a list's has
 * marker   an item's: number and bullet
 */
typedef struct {
    const xmlNode  *node;
    view_kind_t     kind;
    long            number;
    unsigned        width;
    char            bullet;
    unsigned        pending:1;
    unsigned        first:1;
    char            marker[16];
} view_md_frame_t;


/*
 * The columns of a table while its rows go by.
 *
 * spans    rows that are left of a cell in each column
 * columns  there are
 * cell     the column of the last cell
 * column   the one behind it
 */
typedef struct {
    unsigned  spans[VIEW_MD_COLUMNS];
    unsigned  columns;
    unsigned  cell;
    unsigned  column;
} view_md_grid_t;


/*
 * view     the page
 * root     what is written of it
 * out      the lines
 * text     the text of the block at hand
 * line     scratch, as is url
 * row      of a table
 * marks    n_marks of them, of room for size_marks
 * opens    n_opens formats around, n_open of them open in text
 * frames   depth of them
 * common   frames around both the last block and what is to come
 * ended_…  the list that ended last, if no block has followed: lists around
 *          it, its kind and its bullet
 * code     an element that is no code span, though code by its name
 * heading  the heading around, NULL when there is none
 * table    the table around; its columns, rows written, cells in row
 * filled   row has text
 * space    white space was met
 * br       a line break was met
 * tight    the last block was an item's first, and a paragraph
 * all      what is beside the content is written too
 */
typedef struct {
    const view_t     *view;
    const xmlNode    *root;
    sc_buf_t          out;
    sc_buf_t          text;
    sc_buf_t          line;
    sc_buf_t          url;
    sc_buf_t          row;

    view_md_mark_t   *marks;
    size_t            n_marks;
    size_t            size_marks;

    view_md_open_t    opens[VIEW_MD_FORMATS];
    unsigned          n_opens;
    unsigned          n_open;

    view_md_frame_t   frames[VIEW_MD_DEPTH];
    unsigned          depth;
    unsigned          common;
    unsigned          ended_depth;
    view_kind_t       ended_kind;
    char              ended_bullet;

    const xmlNode    *code;
    const xmlNode    *heading;
    const xmlNode    *table;
    view_md_grid_t    grid;
    unsigned          rows;
    unsigned          cells;

    unsigned          filled:1;
    unsigned          space:1;
    unsigned          br:1;
    unsigned          tight:1;
    unsigned          all:1;
} view_md_t;


/* view_markdown_inline.c: the text of a block */

/* Text of the page: white space collapsed, markup escaped. */
void view_md_text(view_md_t *m, const char *text);

/* The same as it is to be written. */
void view_md_raw(view_md_t *m, const char *text, size_t len);

/* How many bytes of white space begin this text; of a word. */
size_t view_md_blank(const char *p);
size_t view_md_word(const char *p);

/* The end of a line; two of them end a paragraph. */
void view_md_br(view_md_t *m);

/* Append a word with what is markup escaped; it ends in a NUL or blank. */
void view_md_escape(view_md_t *m, const char *text, size_t len);

/* Append words in the same way, on one line. */
void view_md_words(view_md_t *m, const char *text);

/* An element whose text is formatted begins, ends. */
void view_md_open(view_md_t *m, const xmlNode *node, view_md_format_t format);
void view_md_close(view_md_t *m, const xmlNode *node);

/*
 * The block's text is complete: close what is open, to be opened again in the
 * next block, and put the text with its markers into m->line.  Whether there
 * is any; m->text is empty then.
 */
int view_md_finish(view_md_t *m);


/* view_markdown_mark.c: markers that readers of CommonMark see as such */

/* A mark at the end of the text; its index. */
size_t view_md_mark(view_md_t *m, view_md_format_t format, int opens);

/* Write m->text with its markers into m->line. */
void view_md_marked(view_md_t *m);


/* view_markdown_line.c: blocks as lines */

/* Write the text at hand as a paragraph, or heading of this level, if any. */
void view_md_paragraph(view_md_t *m);
void view_md_heading(view_md_t *m, unsigned level);
void view_md_rule(view_md_t *m);

/* Begin a block: what parts it from the last one, and its first prefix. */
void view_md_begin(view_md_t *m, int paragraph);

/* Begin another line of it, which may be an empty one. */
void view_md_newline(view_md_t *m, int blank);

/* Make a buffer empty; that it has failed stays. */
void view_md_clear(sc_buf_t *b);

/* A list, item or quote begins, ends.  Deeper than the bound is ignored. */
void view_md_push(view_md_t *m, const xmlNode *node, view_kind_t kind);
void view_md_pop(view_md_t *m, const xmlNode *node);


/* view_markdown_code.c */

/* Write a code span, if the element is one: whether it is. */
int view_md_code(view_md_t *m, const xmlNode *node);

/* A fenced code block. */
void view_md_fenced(view_md_t *m, const xmlNode *node);


/* view_markdown_link.c */

/* Whether the reference leads where links may; its URL is in m->url then. */
int view_md_url(view_md_t *m, const char *ref, int image);

/* A link begins, if it leads anywhere; its "](…)" is written. */
void view_md_link(view_md_t *m, const xmlNode *node);
void view_md_target(view_md_t *m, const xmlNode *node);

/* Whether a link is a heading's sign for its own address. */
int view_md_is_anchor(const view_md_t *m, const xmlNode *node);

void view_md_image(view_md_t *m, const xmlNode *node);


/* view_markdown_table.c */

/* A table; m->table is set if it is one of rows and columns. */
void view_md_table(view_md_t *m, const xmlNode *node);

/* Its rows, and their cells; a row is written when it is complete. */
void view_md_row(view_md_t *m);
void view_md_row_end(view_md_t *m, const xmlNode *node);
void view_md_cell(view_md_t *m, const xmlNode *node);
void view_md_cell_end(view_md_t *m);


#endif /* VIEW_MARKDOWN_INTERNAL_H */
