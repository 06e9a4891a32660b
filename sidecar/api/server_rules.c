
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "sidecar/api/server_internal.h"


/*
 * Rule sets are the same in each connection of one nginx, and in nearly all
 * after its reload; a set is parsed once and then known by its hash.
 */


#define SERVER_MAX_NAME    255


static int server_rules_split(sc_str_t payload, sc_str_t *name,
    sc_str_t *hash, sc_str_t *json);
static server_set_t *server_rules_set(server_t *s, sc_str_t hash,
    sc_str_t json, char *err, size_t errlen);
static server_set_t *server_rules_parse(sc_str_t hash, sc_str_t json,
    char *err, size_t errlen);
static int server_rules_name(server_conn_t *conn, sc_str_t name,
    server_set_t *set);
static void server_rules_use(server_t *s, server_set_t *set);
static void server_rules_unuse(server_t *s, server_set_t *set);
static void server_rules_idle(server_t *s, server_set_t *set);
static void server_rules_drop(server_t *s, server_set_t *set);


int
server_rules_add(server_conn_t *conn, sc_str_t payload, char *err,
    size_t errlen)
{
    sc_str_t        name, hash, json;
    server_set_t   *set;
    server_name_t  *known;

    if (server_rules_split(payload, &name, &hash, &json) != SC_OK) {
        (void) snprintf(err, errlen, "it is not a name, a hash and JSON");
        return SC_ERROR;
    }

    if (HASH_COUNT(conn->names) >= SERVER_MAX_NAMES) {
        (void) snprintf(err, errlen, "more than \"%d\" rule sets",
                        SERVER_MAX_NAMES);
        return SC_ERROR;
    }

    set = server_rules_set(conn->server, hash, json, err, errlen);
    if (set == NULL) {
        return SC_ERROR;
    }

    HASH_FIND(hh, conn->names, name.data, name.len, known);

    if (known != NULL) {
        if (known->set == set) {
            return SC_OK;
        }

        (void) snprintf(err, errlen, "rule set \"%.*s\" came twice",
                        (int) name.len, name.data);
        return SC_ERROR;
    }

    if (server_rules_name(conn, name, set) != SC_OK) {
        (void) snprintf(err, errlen, "memory is out");
        return SC_ERROR;
    }

    return SC_OK;
}


void
server_rules_release(server_conn_t *conn)
{
    server_name_t  *name, *tmp;

    HASH_ITER(hh, conn->names, name, tmp) {
        HASH_DEL(conn->names, name);
        server_rules_unuse(conn->server, name->set);
        free(name);
    }
}


void
server_rules_free(server_t *s)
{
    server_set_t  *set, *tmp;

    HASH_ITER(hh, s->sets, set, tmp) {
        server_rules_drop(s, set);
    }
}


const sc_rules_t *
server_rules(const server_conn_t *conn, const char *name)
{
    server_name_t  *n, *tmp;

    if (conn == NULL) {
        return NULL;
    }

    HASH_FIND(hh, conn->names, name, strlen(name), n);

    if (n != NULL) {
        return n->set->rules;
    }

    HASH_ITER(hh, conn->names, n, tmp) {
        if (strcmp(n->set->rules->hash, name) == 0) {
            return n->set->rules;
        }
    }

    return NULL;
}


static int
server_rules_split(sc_str_t payload, sc_str_t *name, sc_str_t *hash,
    sc_str_t *json)
{
    size_t       i;
    const char  *end, *space;

    end = memchr(payload.data, '\n', payload.len);
    if (end == NULL) {
        return SC_ERROR;
    }

    space = memchr(payload.data, ' ', (size_t) (end - payload.data));
    if (space == NULL) {
        return SC_ERROR;
    }

    name->data = payload.data;
    name->len = (size_t) (space - payload.data);
    hash->data = space + 1;
    hash->len = (size_t) (end - space - 1);
    json->data = end + 1;
    json->len = payload.len - (size_t) (json->data - payload.data);

    if (name->len == 0 || name->len > SERVER_MAX_NAME
        || hash->len != SC_RULES_HASH_LEN)
    {
        return SC_ERROR;
    }

    for (i = 0; i < name->len; i++) {
        if ((unsigned char) name->data[i] < ' ' || name->data[i] == 0x7f) {
            return SC_ERROR;
        }
    }

    return SC_OK;
}


static server_set_t *
server_rules_set(server_t *s, sc_str_t hash, sc_str_t json, char *err,
    size_t errlen)
{
    server_set_t  *set, *known;

    HASH_FIND(hh, s->sets, hash.data, hash.len, known);

    if (known != NULL && known->rules->json_len == json.len
        && memcmp(known->rules->json, json.data, json.len) == 0)
    {
        return known;
    }

    set = server_rules_parse(hash, json, err, errlen);

    /* the same rules, but for blanks */
    if (set != NULL && known != NULL) {
        sc_rules_free(set->rules);
        free(set);
        return known;
    }

    if (set == NULL) {
        return NULL;
    }

    HASH_ADD_KEYPTR(hh, s->sets, set->rules->hash, SC_RULES_HASH_LEN, set);

    if (set->hh.tbl == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        sc_rules_free(set->rules);
        free(set);
        return NULL;
    }

    server_rules_idle(s, set);

    return set;
}


static server_set_t *
server_rules_parse(sc_str_t hash, sc_str_t json, char *err, size_t errlen)
{
    server_set_t      *set;
    sc_rules_error_t   why;

    set = calloc(1, sizeof(server_set_t));
    if (set == NULL) {
        (void) snprintf(err, errlen, "memory is out");
        return NULL;
    }

    set->rules = sc_rules_parse_text(json.data, json.len, &why);

    if (set->rules == NULL) {
        (void) snprintf(err, errlen, "%s", why.message);
        free(set);
        return NULL;
    }

    if (memcmp(set->rules->hash, hash.data, SC_RULES_HASH_LEN) != 0) {
        (void) snprintf(err, errlen, "the hash of the JSON is \"%s\"",
                        set->rules->hash);
        sc_rules_free(set->rules);
        free(set);
        return NULL;
    }

    return set;
}


static int
server_rules_name(server_conn_t *conn, sc_str_t name, server_set_t *set)
{
    server_name_t  *n;

    n = calloc(1, sizeof(server_name_t) + name.len + 1);
    if (n == NULL) {
        return SC_ERROR;
    }

    memcpy(n->name, name.data, name.len);
    n->set = set;
    HASH_ADD_KEYPTR(hh, conn->names, n->name, name.len, n);

    if (n->hh.tbl == NULL) {
        free(n);
        return SC_ERROR;
    }

    server_rules_use(conn->server, set);

    return SC_OK;
}


static void
server_rules_use(server_t *s, server_set_t *set)
{
    if (set->refs++ == 0) {
        DL_DELETE(s->idle, set);
        s->nidle--;
    }
}


static void
server_rules_unuse(server_t *s, server_set_t *set)
{
    if (--set->refs == 0) {
        server_rules_idle(s, set);
    }
}


/* Kept for a while: a connection may carry one request only. */
static void
server_rules_idle(server_t *s, server_set_t *set)
{
    server_set_t  *oldest = s->idle;

    if (s->nidle >= SERVER_MAX_IDLE && oldest != NULL) {
        server_rules_drop(s, oldest);
    }

    DL_APPEND(s->idle, set);
    s->nidle++;
}


static void
server_rules_drop(server_t *s, server_set_t *set)
{
    DL_DELETE(s->idle, set);
    s->nidle--;
    HASH_DEL(s->sets, set);
    sc_rules_free(set->rules);
    free(set);
}
