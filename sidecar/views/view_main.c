
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sidecar/page/dom.h"
#include "sidecar/views/view_main.h"


/* blocks of a page that are told apart; those beyond are part of the last */
#define VIEW_MAX_BLOCKS    100000

/* text of a block that may be a sentence, in bytes, and what a comma adds */
#define VIEW_SENTENCE      25
#define VIEW_COMMA         20

/* text that main content has at least to be taken by its name, in bytes */
#define VIEW_NAMED_TEXT    100

/* how far above the content its heading may be, in elements */
#define VIEW_TITLE_LEVELS  5


/*
 * An element that begins a line, in document order.
 *
 * parent  the block around it, itself for the first one
 * end     the first block behind it that is not inside
 * text    bytes of text in it, without white space
 * links   those of them that are in links
 * commas  in its own text that is not in links
 * own     its own text, outside of the blocks in it, and outside of links
 * score   of all that is in it
 * titles  <h1> elements in it
 * beside  it or a block around it stands beside the content
 */
typedef struct {
    const xmlNode     *node;
    const view_tag_t  *tag;
    size_t             parent;
    size_t             end;
    size_t             text;
    size_t             links;
    size_t             commas;
    size_t             own;
    size_t             score;
    size_t             titles;
    unsigned           beside:1;
} view_block_t;


/*
 * blocks  n of them, of room for size
 * at      the block around the node at hand
 * link    the link around it, NULL when there is none
 */
typedef struct {
    view_block_t   *blocks;
    size_t          n;
    size_t          size;
    size_t          at;
    const xmlNode  *link;
} view_score_t;


static int view_score(view_score_t *s, const xmlNode *root);
static int view_score_enter(view_score_t *s, const xmlNode *node);
static int view_score_block(view_score_t *s, const xmlNode *node,
    const view_tag_t *tag);
static int view_score_beside(const view_score_t *s, const xmlNode *node,
    const view_tag_t *tag);
static void view_score_text(view_score_t *s, const char *text);
static void view_score_leave(view_score_t *s, const xmlNode *node);
static const xmlNode *view_best(const view_score_t *s);
static size_t view_best_named(const view_score_t *s, size_t in, int article);
static int view_is_main(const view_block_t *b);
static size_t view_best_inside(const view_score_t *s, size_t at);
static size_t view_best_titled(const view_score_t *s, size_t at);


const xmlNode *
view_main(const view_t *v)
{
    view_score_t    s;
    const xmlNode  *body, *best;

    body = view_body(v);
    if (body == NULL) {
        return NULL;
    }

    memset(&s, 0, sizeof(view_score_t));
    best = view_score(&s, body) == SC_OK ? view_best(&s) : body;
    free(s.blocks);

    return best;
}


const xmlNode *
view_body(const view_t *v)
{
    const xmlNode  *n, *root;

    root = xmlDocGetRootElement(v->doc);

    if (root == NULL || dom_is(root, "body")) {
        return root;
    }

    for (n = root->children; n != NULL; n = n->next) {
        if (dom_is(n, "body")) {
            return n;
        }
    }

    return root;
}


static int
view_score(view_score_t *s, const xmlNode *root)
{
    int             inside;
    const xmlNode  *n;

    if (view_score_block(s, root, view_tag(root)) != SC_OK) {
        return SC_ERROR;
    }

    n = root->children;

    while (n != NULL) {
        inside = view_score_enter(s, n);

        if (inside < 0) {
            return SC_ERROR;
        }

        if (inside && n->children != NULL) {
            n = n->children;
            continue;
        }

        if (inside) {
            view_score_leave(s, n);
        }

        while (n->next == NULL && n->parent != root) {
            n = n->parent;
            view_score_leave(s, n);
        }

        n = n->next;
    }

    view_score_leave(s, root);

    return SC_OK;
}


/* Whether there is an element to look into; negative when memory is out. */

static int
view_score_enter(view_score_t *s, const xmlNode *node)
{
    const view_tag_t  *tag;

    if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
        if (node->content != NULL) {
            view_score_text(s, (const char *) node->content);
        }

        return 0;
    }

    if (node->type != XML_ELEMENT_NODE) {
        return 0;
    }

    tag = view_tag(node);

    if (view_unseen(node, tag) || (tag->flags & VIEW_CONTROL)) {
        return 0;
    }

    if (tag->kind == VIEW_A && s->link == NULL) {
        s->link = node;
    }

    if ((tag->flags & (VIEW_BLOCK|VIEW_SECTION)) && s->n < VIEW_MAX_BLOCKS
        && view_score_block(s, node, tag) != SC_OK)
    {
        return -1;
    }

    return 1;
}


static int
view_score_block(view_score_t *s, const xmlNode *node, const view_tag_t *tag)
{
    size_t         size;
    view_block_t  *b;

    if (s->n == s->size) {
        size = (s->size != 0) ? 2 * s->size : 256;
        b = realloc(s->blocks, size * sizeof(view_block_t));
        if (b == NULL) {
            return SC_ERROR;
        }

        s->blocks = b;
        s->size = size;
    }

    b = &s->blocks[s->n];
    memset(b, 0, sizeof(view_block_t));
    b->node = node;
    b->tag = tag;
    b->parent = s->at;
    b->titles = (tag->kind == VIEW_H1);
    b->beside = (unsigned) view_score_beside(s, node, tag);

    s->at = s->n;
    s->n++;

    return SC_OK;
}


/* What the body's class says is said of the whole page. */

static int
view_score_beside(const view_score_t *s, const xmlNode *node,
    const view_tag_t *tag)
{
    unsigned             words;
    const view_block_t  *around;

    if (s->n == 0) {
        return 0;
    }

    around = &s->blocks[s->at];

    if (around->beside) {
        return 1;
    }

    if (tag->kind == VIEW_HEADER && around->tag->kind == VIEW_ARTICLE) {
        return 0;
    }

    if (view_beside(node, tag)) {
        return 1;
    }

    if (tag->kind == VIEW_MAIN || tag->kind == VIEW_ARTICLE) {
        return 0;
    }

    words = view_words(node);

    return (words & VIEW_WORD_NOTICE)
           || ((words & VIEW_WORD_BESIDE) && !(words & VIEW_WORD_CONTENT));
}


static void
view_score_text(view_score_t *s, const char *text)
{
    size_t         n, commas;
    const char    *p;
    view_block_t  *b = &s->blocks[s->at];

    n = 0;
    commas = 0;

    for (p = text; *p != '\0'; p++) {
        n += ((unsigned char) *p > ' ');
        commas += (*p == ',');
    }

    b->text += n;

    if (s->link != NULL) {
        b->links += n;

    } else {
        b->own += n;
        b->commas += commas;
    }
}


/* What belongs to a block counts little when it is beside the content. */

static void
view_score_leave(view_score_t *s, const xmlNode *node)
{
    size_t         score;
    view_block_t  *b, *around;

    if (node == s->link) {
        s->link = NULL;
    }

    b = &s->blocks[s->at];

    if (b->node != node) {
        return;
    }

    if (b->own >= VIEW_SENTENCE) {
        score = b->own + VIEW_COMMA * b->commas;

        if (b->beside) {
            score /= 20;

        } else if (b->tag->kind == VIEW_LI) {
            score /= 2;
        }

        b->score += score;
    }

    b->end = s->n;
    s->at = b->parent;

    around = &s->blocks[b->parent];

    if (around != b) {
        around->text += b->text;
        around->links += b->links;
        around->score += b->score;
        around->titles += b->titles;
    }
}


static const xmlNode *
view_best(const view_score_t *s)
{
    size_t  at, article, inside;

    at = view_best_named(s, 0, 0);
    article = view_best_named(s, at, 1);

    if (article != at) {
        return s->blocks[article].node;
    }

    inside = view_best_titled(s, view_best_inside(s, at));

    /* what its author calls main may have everything but the footer in it */

    if (at == 0 || 2 * s->blocks[inside].text < s->blocks[at].text) {
        at = inside;
    }

    return s->blocks[at].node;
}


/*
 * The largest <main>, or article, that is inside a block and has enough of
 * its text that counts; the block itself when there is none.  An article may
 * be one of many: more is asked of it, unless it has the only title.
 */

static size_t
view_best_named(const view_score_t *s, size_t in, int article)
{
    size_t               i, best, text;
    const view_block_t  *b, *all = &s->blocks[in];

    best = in;
    text = 0;

    for (i = in + 1; i < all->end; i++) {
        b = &s->blocks[i];

        if ((article ? b->tag->kind == VIEW_ARTICLE : view_is_main(b))
            && b->text > text)
        {
            best = i;
            text = b->text;
        }
    }

    b = &s->blocks[best];

    if (b->score == 0 || b->text < VIEW_NAMED_TEXT) {
        return in;
    }

    if (!article || (b->titles == 1 && all->titles == 1)) {
        return 4 * b->score >= all->score ? best : in;
    }

    return 4 * b->score >= 3 * all->score && 2 * b->text >= all->text
           ? best : in;
}


static int
view_is_main(const view_block_t *b)
{
    const char  *role;

    if (b->tag->kind == VIEW_MAIN) {
        return 1;
    }

    role = dom_attr(b->node, "role");

    return role != NULL && strcasecmp(role, "main") == 0;
}


/* Go into a block while one of those in it has nearly all that counts. */

static size_t
view_best_inside(const view_score_t *s, size_t at)
{
    size_t  i, best, last;

    last = at;

    for ( ;; ) {
        best = 0;

        for (i = at + 1; i < s->blocks[at].end; i = s->blocks[i].end) {
            if (best == 0 || s->blocks[i].score > s->blocks[best].score) {
                best = i;
            }
        }

        if (best == 0 || s->blocks[best].score == 0
            || 5 * s->blocks[best].score < 4 * s->blocks[at].score)
        {
            return last;
        }

        at = best;

        if (s->blocks[at].tag->flags & VIEW_SECTION) {
            last = at;
        }
    }
}


/* A heading that stands above the content belongs to it. */

static size_t
view_best_titled(const view_score_t *s, size_t at)
{
    size_t               i, up;
    const view_block_t  *b = &s->blocks[at];

    up = at;

    for (i = 0; i < VIEW_TITLE_LEVELS && up != 0; i++) {
        if (s->blocks[up].titles != 0) {
            return up;
        }

        up = s->blocks[up].parent;

        if (2 * s->blocks[up].text > 3 * b->text) {
            break;
        }
    }

    return at;
}
