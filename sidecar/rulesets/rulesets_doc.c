
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/sc_json_of.h"
#include "sidecar/rulesets/rulesets_internal.h"


/* a version's body is told apart without being parsed: it is large */
#define DOC_HASH      "{\"hash\":\""
#define DOC_RULES     ",\"rules\":"

/* digits of a version in a name, so that names sort as versions do */
#define DOC_DIGITS    6


int
ruleset_doc_head(const store_doc_t *doc, ruleset_head_t *head)
{
    json_t        *json;
    const char    *hash;
    json_error_t   err;

    memset(head, 0, sizeof(ruleset_head_t));

    json = sc_json_of(doc->body.data != NULL ? doc->body.data : "",
                      doc->body.len, 0, &err);

    if (json == NULL && err.line == 0) {
        return SC_ERROR;
    }

    hash = json_string_value(json_object_get(json, "hash"));
    head->version = json_integer_value(json_object_get(json, "version"));
    head->at = doc->at;

    if (hash != NULL) {
        (void) snprintf(head->hash, sizeof(head->hash), "%s", hash);
    }

    json_decref(json);

    return head->version > 0 && head->hash[0] != '\0' ? SC_OK : SC_DECLINED;
}


int
ruleset_doc_version(const store_doc_t *doc, ruleset_head_t *head,
    sc_str_t *json)
{
    size_t       len = doc->body.len;
    const char  *p = doc->body.data, *rules;

    memset(head, 0, sizeof(ruleset_head_t));

    if (len < sizeof(DOC_HASH) + SC_RULES_HASH_LEN
        || memcmp(p, DOC_HASH, sizeof(DOC_HASH) - 1) != 0)
    {
        return SC_DECLINED;
    }

    memcpy(head->hash, p + sizeof(DOC_HASH) - 1, SC_RULES_HASH_LEN);
    head->at = doc->at;

    rules = memmem(p, len, DOC_RULES, sizeof(DOC_RULES) - 1);

    if (rules == NULL || p[len - 1] != '}') {
        return SC_DECLINED;
    }

    json->data = rules + sizeof(DOC_RULES) - 1;
    json->len = (size_t) (p + len - 1 - json->data);

    return SC_OK;
}


int
ruleset_doc_write_head(sc_buf_t *b, const ruleset_head_t *head)
{
    return sc_buf_printf(b, "{\"version\":%lld,\"hash\":\"%s\",\"at\":%lld}",
                         (long long) head->version, head->hash,
                         (long long) head->at);
}


int
ruleset_doc_write_version(sc_buf_t *b, const ruleset_head_t *head,
    sc_str_t json)
{
    (void) sc_buf_printf(b, DOC_HASH "%s\",\"at\":%lld" DOC_RULES,
                         head->hash, (long long) head->at);
    (void) sc_buf_add_str(b, json);

    return sc_buf_add_cstr(b, "}");
}


sc_str_t
ruleset_doc_name(char *out, sc_str_t name, int64_t version)
{
    int       n;
    sc_str_t  text = { 0, out };

    n = snprintf(out, RULESETS_DOC_NAME, "%.*s@%0*lld", (int) name.len,
                 name.data, DOC_DIGITS, (long long) version);
    text.len = n > 0 ? (size_t) n : 0;

    return text;
}


int64_t
ruleset_doc_number(sc_str_t doc, sc_str_t name)
{
    size_t   i;
    int64_t  n;

    if (doc.len != name.len + 1 + DOC_DIGITS
        || memcmp(doc.data, name.data, name.len) != 0
        || doc.data[name.len] != '@')
    {
        return 0;
    }

    n = 0;

    for (i = name.len + 1; i < doc.len; i++) {
        if (doc.data[i] < '0' || doc.data[i] > '9') {
            return 0;
        }

        n = n * 10 + doc.data[i] - '0';
    }

    return n;
}
