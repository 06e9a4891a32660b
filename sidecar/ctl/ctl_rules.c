
#include <string.h>

#include "common/rules/sc_crw.h"
#include "sidecar/ctl/ctl_internal.h"


static sc_rules_t *ctl_rules_crw(const char *path, const sc_buf_t *text);
static void ctl_rules_wrong(const char *path, const sc_rules_error_t *err);
static size_t ctl_rules_fields(const sc_rules_t *rules);


sc_rules_t *
ctl_rules(const char *path)
{
    sc_buf_t           text;
    sc_rules_t        *rules;
    sc_rules_error_t   err;

    if (ctl_read(path, &text) != SC_OK) {
        sc_buf_free(&text);
        return NULL;
    }

    if (ctl_ends(path, ".crw")) {
        rules = ctl_rules_crw(path, &text);

    } else {
        rules = sc_rules_parse_text(text.data != NULL ? text.data : "",
                                    text.len, &err);
        if (rules == NULL) {
            ctl_rules_wrong(path, &err);
        }
    }

    sc_buf_free(&text);

    return rules;
}


static sc_rules_t *
ctl_rules_crw(const char *path, const sc_buf_t *text)
{
    json_t            *json;
    sc_rules_t        *rules;
    sc_crw_error_t     crw;
    sc_rules_error_t   err;

    json = sc_crw_parse(text->data != NULL ? text->data : "", text->len, &crw);

    if (json == NULL) {
        ctl_error("%s: %s (column %zu)", path, crw.message, crw.column);
        return NULL;
    }

    rules = sc_rules_parse(json, &err);
    json_decref(json);

    if (rules == NULL) {
        ctl_rules_wrong(path, &err);
    }

    return rules;
}


static void
ctl_rules_wrong(const char *path, const sc_rules_error_t *err)
{
    char  column[32];

    column[0] = '\0';

    if (err->column != 0) {
        (void) snprintf(column, sizeof(column), " (column %d)", err->column);
    }

    ctl_error("%s:%s: %s%s", path, err->pointer, err->message, column);
}


int
ctl_check(ctl_t *c)
{
    int          rc;
    size_t       fields;
    sc_rules_t  *rules;
    const char  *path = c->args[0];

    rules = ctl_rules(path);
    if (rules == NULL) {
        return CTL_FAILED;
    }

    rc = SC_OK;
    fields = ctl_rules_fields(rules);

    if (c->values[CTL_OPT_CANONICAL] != NULL) {
        rc = ctl_write(rules->json, rules->json_len);

        if (rc == SC_OK) {
            rc = ctl_write("\n", 1);
        }

    } else if (rules->nsets != 0) {
        (void) printf("ok %s: %zu sets, %zu field%s, %s\n", path,
                      rules->nsets, fields, fields == 1 ? "" : "s",
                      rules->hash);

    } else {
        (void) printf("ok %s: %zu field%s, %s\n", path, fields,
                      fields == 1 ? "" : "s", rules->hash);
    }

    sc_rules_free(rules);

    return rc == SC_OK ? CTL_DONE : CTL_FAILED;
}


static size_t
ctl_rules_fields(const sc_rules_t *rules)
{
    size_t  i, n;

    n = rules->total;

    for (i = 0; i < rules->nsets; i++) {
        n += rules->sets[i].total;
    }

    return n;
}
