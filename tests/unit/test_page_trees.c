
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "common/sc_buf.h"
#include "sidecar/page/dom.h"
#include "sidecar/page/page.h"
#include "tests/support/suite.h"


#define TREE_EXPECTED    "tests/trees/expected.dat"
#define TREE_LEAST       200
#define TREE_ATTRIBUTES  16


static void tree_compare(size_t *cases, size_t *equal);
static int tree_read(sc_buf_t *text);
static char *tree_cut(char **rest, const char *end);
static int tree_is_other(const char *data);
static int tree_is_equal(const char *data, const char *expected);
static void tree_dump(const xmlDoc *doc, sc_buf_t *out);
static void tree_doctype(const xmlDtd *dtd, sc_buf_t *out);
static void tree_node(const xmlNode *node, sc_buf_t *out);
static void tree_attributes(const xmlNode *node, size_t depth,
    sc_buf_t *out);
static void tree_pad(sc_buf_t *out, size_t depth);
static int tree_attribute_cmp(const void *a, const void *b);


/*
 * Where html5lib departs from the standard: what follows a list item in a
 * table is put before the table as well, and an end tag of MathML ends no
 * element of HTML.
 */

static const char *const  tree_others[] = {
    "<table><li>1<li>2</table>",
    "<math><mtext><b>1</mtext></math>2",
    NULL
};


START_TEST(every_tree_is_that_of_the_oracle)
{
    size_t  cases, equal;

    tree_compare(&cases, &equal);

    ck_assert_uint_ge(cases, TREE_LEAST);
    ck_assert_uint_eq(equal, cases);
}
END_TEST


int
main(void)
{
    const TTest *const  tests[] = {
        every_tree_is_that_of_the_oracle,
        NULL
    };

    return suite_run("page_trees", tests, 60);
}


static void
tree_compare(size_t *cases, size_t *equal)
{
    char      *rest, *data, *expected;
    sc_buf_t   text;

    *cases = 0;
    *equal = 0;
    sc_buf_init(&text, 0);
    ck_assert_int_eq(tree_read(&text), SC_OK);

    rest = text.data;

    while ((data = tree_cut(&rest, "\n#document\n")) != NULL) {
        data += strlen("#data\n");
        expected = tree_cut(&rest, "\n\n#data\n");
        ck_assert_ptr_nonnull(expected);
        rest -= strlen("#data\n");

        if (tree_is_other(data)) {
            continue;
        }

        *cases += 1;
        *equal += (size_t) tree_is_equal(data, expected);
    }

    sc_buf_free(&text);
}


/* The file, and the beginning of a case that follows its last. */

static int
tree_read(sc_buf_t *text)
{
    char     chunk[4096];
    FILE    *f;
    size_t   n;

    f = fopen(TREE_EXPECTED, "r");
    if (f == NULL) {
        return SC_ERROR;
    }

    while ((n = fread(chunk, 1, sizeof(chunk), f)) != 0) {
        sc_buf_add(text, chunk, n);
    }

    (void) fclose(f);

    return sc_buf_add_cstr(text, "#data\n");
}


static char *
tree_cut(char **rest, const char *end)
{
    char  *start, *p;

    start = *rest;

    p = strstr(start, end);
    if (p == NULL) {
        return NULL;
    }

    *p = '\0';
    *rest = p + strlen(end);

    return start;
}


static int
tree_is_other(const char *data)
{
    size_t  i;

    for (i = 0; tree_others[i] != NULL; i++) {
        if (strcmp(tree_others[i], data) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
tree_is_equal(const char *data, const char *expected)
{
    int       equal;
    page_t    page;
    sc_buf_t  out;

    memset(&page, 0, sizeof(page_t));
    page.url = "http://a.example/";
    page.content_type = "text/html; charset=utf-8";
    page.body.data = data;
    page.body.len = strlen(data);
    page.parser = PAGE_HTML5;

    sc_buf_init(&out, 0);
    ck_assert_int_eq(page_open(&page), SC_OK);
    tree_dump(page.doc, &out);
    equal = (out.data != NULL && strcmp(out.data, expected) == 0);

    if (!equal) {
        (void) printf("%s\nexpected:\n%s\ngot:\n%s\n\n", data, expected,
                      out.data != NULL ? out.data : "");
    }

    page_close(&page);
    sc_buf_free(&out);

    return equal;
}


static void
tree_dump(const xmlDoc *doc, sc_buf_t *out)
{
    const xmlNode  *node, *root = (const xmlNode *) doc;

    if (doc->intSubset != NULL) {
        tree_doctype(doc->intSubset, out);
    }

    for (node = dom_next(root, root); node != NULL;
         node = dom_next(node, root))
    {
        tree_node(node, out);
    }

    if (out->len != 0) {
        out->data[--out->len] = '\0';
    }
}


static void
tree_doctype(const xmlDtd *dtd, sc_buf_t *out)
{
    const char  *public_id, *system_id;

    public_id = (const char *) dtd->ExternalID;
    system_id = (const char *) dtd->SystemID;

    sc_buf_printf(out, "| <!DOCTYPE %s",
                  dtd->name != NULL ? (const char *) dtd->name : "");

    if (public_id != NULL || system_id != NULL) {
        sc_buf_printf(out, " \"%s\" \"%s\"",
                      public_id != NULL ? public_id : "",
                      system_id != NULL ? system_id : "");
    }

    sc_buf_add_cstr(out, ">\n");
}


static void
tree_node(const xmlNode *node, sc_buf_t *out)
{
    size_t          depth;
    const xmlNode  *n;

    depth = 0;

    for (n = node->parent; n->parent != NULL; n = n->parent) {
        depth++;
    }

    switch (node->type) {

    case XML_ELEMENT_NODE:
        tree_pad(out, depth);
        sc_buf_printf(out, "<%s>\n", (const char *) node->name);
        tree_attributes(node, depth + 1, out);
        break;

    case XML_TEXT_NODE:
    case XML_CDATA_SECTION_NODE:
        tree_pad(out, depth);
        sc_buf_printf(out, "\"%s\"\n", (const char *) node->content);
        break;

    case XML_COMMENT_NODE:
        tree_pad(out, depth);
        sc_buf_printf(out, "<!-- %s -->\n",
                      node->content != NULL ? (const char *) node->content
                                            : "");
        break;

    default:
        break;
    }
}


static void
tree_attributes(const xmlNode *node, size_t depth, sc_buf_t *out)
{
    size_t          i, n;
    const char     *value;
    const xmlAttr  *a;
    const xmlAttr  *sorted[TREE_ATTRIBUTES];

    n = 0;

    for (a = node->properties; a != NULL && n < TREE_ATTRIBUTES; a = a->next) {
        sorted[n++] = a;
    }

    qsort(sorted, n, sizeof(sorted[0]), tree_attribute_cmp);

    for (i = 0; i < n; i++) {
        value = (sorted[i]->children != NULL)
                ? (const char *) sorted[i]->children->content : "";
        tree_pad(out, depth);
        sc_buf_printf(out, "%s=\"%s\"\n", (const char *) sorted[i]->name,
                      value);
    }
}


static void
tree_pad(sc_buf_t *out, size_t depth)
{
    sc_buf_printf(out, "| %*s", (int) (2 * depth), "");
}


static int
tree_attribute_cmp(const void *a, const void *b)
{
    const xmlAttr *const  *one = a;
    const xmlAttr *const  *other = b;

    return strcmp((const char *) (*one)->name, (const char *) (*other)->name);
}
