
#include <stdlib.h>
#include <string.h>

#include "sidecar/store/store_internal.h"


/* room for ops and args at first */
#define STORE_LINE_OPS     8
#define STORE_LINE_ARGS    64


static int store_line_grow(void **array, size_t *room, size_t n, size_t first,
    size_t size);
static db_value_t *store_line_arg(store_line_t *line);
static int64_t store_shard(const char *id);


void
store_line_op(store_line_t *line, db_sql_t sql, store_status_t none)
{
    void  *ops = line->ops;

    if (line->failed
        || store_line_grow(&ops, &line->ops_room, line->nops, STORE_LINE_OPS,
                           sizeof(db_op_t)) != SC_OK)
    {
        line->failed = 1;
        return;
    }

    line->ops = ops;
    memset(&line->ops[line->nops], 0, sizeof(db_op_t));
    line->ops[line->nops].sql = sql;
    line->ops[line->nops].none = none;
    line->nops++;
}


static int
store_line_grow(void **array, size_t *room, size_t n, size_t first,
    size_t size)
{
    void    *grown;
    size_t   wanted;

    if (n < *room) {
        return SC_OK;
    }

    wanted = *room != 0 ? *room * 2 : first;
    grown = realloc(*array, wanted * size);

    if (grown == NULL) {
        return SC_ERROR;
    }

    *array = grown;
    *room = wanted;

    return SC_OK;
}


void
store_line_keep(store_line_t *line)
{
    if (!line->failed) {
        line->ops[line->nops - 1].keep = 1;
    }
}


void
store_line_tell(store_line_t *line, db_tell_t tell)
{
    if (!line->failed) {
        line->ops[line->nops - 1].tell = tell;
    }
}


void
store_line_skip(store_line_t *line, size_t op)
{
    if (!line->failed) {
        line->ops[op].skip = line->nops - 1 - op;
    }
}


void
store_line_skip_some(store_line_t *line, size_t op)
{
    if (!line->failed) {
        line->ops[op].skip = line->nops - 1 - op;
        line->ops[op].some = 1;
    }
}


void
store_line_number(store_line_t *line, int64_t n)
{
    db_value_t  *value = store_line_arg(line);

    if (value != NULL) {
        value->text = NULL;
        value->n = n;
    }
}


void
store_line_text(store_line_t *line, sc_str_t s)
{
    db_value_t  *value = store_line_arg(line);

    if (value != NULL) {
        value->text = s.len != 0 ? s.data : "";
        value->n = (int64_t) s.len;
    }
}


static db_value_t *
store_line_arg(store_line_t *line)
{
    void  *args = line->args;

    if (line->failed
        || store_line_grow(&args, &line->args_room, line->nargs,
                           STORE_LINE_ARGS, sizeof(db_value_t)) != SC_OK)
    {
        line->failed = 1;
        return NULL;
    }

    line->args = args;
    line->ops[line->nops - 1].nargs++;

    return &line->args[line->nargs++];
}


void
store_line_cstr(store_line_t *line, const char *s)
{
    sc_str_t  text = { strlen(s), s };

    store_line_text(line, text);
}


void
store_line_id(store_line_t *line, const char *id)
{
    store_line_number(line, store_shard(id));
    store_line_cstr(line, id);
}


/* The number in an id's first three digits; anything for what is no id. */

static int64_t
store_shard(const char *id)
{
    int          i;
    int64_t      shard;
    const char  *p;

    static const char  hex[] = "0123456789abcdef";

    shard = 0;

    for (i = 0; i < 3 && id[i] != '\0'; i++) {
        p = strchr(hex, id[i]);
        shard = shard * 16 + (p != NULL ? p - hex : 0);
    }

    return shard;
}


void
store_line_job(store_line_t *line, db_sql_t sql, const store_job_t *job)
{
    store_line_op(line, sql, STORE_CONFLICT);
    store_line_id(line, job->id);
    store_line_text(line, job->tenant);
    store_line_text(line, job->kind);
    store_line_number(line, job->state);
    store_line_text(line, job->url);
    store_line_text(line, job->spec);
    store_line_text(line, job->rules_hash);
    store_line_text(line, job->echo);
    store_line_text(line, job->error);
    store_line_number(line, job->created);
    store_line_number(line, job->started);
    store_line_number(line, job->finished);
    store_line_number(line, job->attempts);
    store_line_number(line, job->tries);
    store_line_number(line, job->lane);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_number(line, job->prio);
    store_line_number(line, job->due);
    store_line_number(line, job->expires);

    store_line_ruleset(line, job->tenant, job->rules_hash, job->rules);

    if (job->tags.len != 0) {
        store_line_op(line, SQL_TAG_PUT, STORE_OK);
        store_line_id(line, job->id);
        store_line_text(line, job->tags);
    }
}


void
store_line_ruleset(store_line_t *line, sc_str_t tenant, sc_str_t hash,
    sc_str_t json)
{
    if (hash.len == 0) {
        return;
    }

    store_line_op(line, SQL_RULESET_PUT, STORE_OK);
    store_line_text(line, hash);
    store_line_text(line, json);

    store_line_op(line, SQL_RULESET_OWN, STORE_OK);
    store_line_text(line, tenant);
    store_line_text(line, hash);
}


void
store_line_task(store_line_t *line, const store_job_t *job)
{
    store_line_op(line, SQL_TASK_PUT, STORE_OK);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_number(line, job->prio);
    store_line_number(line, job->due);
}


void
store_line_queue(store_line_t *line, const store_job_t *job, int64_t due)
{
    store_line_op(line, SQL_QUEUE_PUT, STORE_OK);
    store_line_number(line, job->lane);
    store_line_number(line, job->flow);
    store_line_number(line, job->host);
    store_line_text(line, job->tenant);
    store_line_number(line, due);
}


void
store_line_result(store_line_t *line, const store_result_t *r,
    const store_job_t *job)
{
    store_line_op(line, SQL_RESULT_PUT, STORE_FAILED);
    store_line_id(line, r->id);
    store_line_cstr(line, r->job);
    store_line_text(line, r->tenant);
    store_line_text(line, r->url);
    store_line_number(line, r->state);
    store_line_text(line, r->fetch);
    store_line_text(line, r->data);
    store_line_text(line, r->missing);
    store_line_text(line, r->warnings);
    store_line_text(line, r->echo.len != 0 ? r->echo : job->echo);
    store_line_text(line, r->error);
    store_line_text(line, r->etag);
    store_line_number(line, r->at);
    store_line_text(line, r->view);
    store_line_text(line, r->host);
    store_line_text(line, r->ruleset);
    store_line_text(line, r->digest);
    store_line_number(line, job->line);
    store_line_number(line, job->depth);
    store_line_text(line, job->context);
    store_line_number(line, r->gone);
}


void
store_line_messages(store_line_t *line, const store_message_t *messages,
    size_t n)
{
    size_t                  i;
    const store_message_t  *m;

    for (i = 0; i < n; i++) {
        m = &messages[i];
        store_line_op(line, SQL_OUTBOX_PUT, STORE_FAILED);
        store_line_id(line, m->id);
        store_line_text(line, m->tenant);
        store_line_cstr(line, m->job);
        store_line_text(line, m->spec);
        store_line_text(line, m->event);
        store_line_text(line, m->body);
        store_line_number(line, m->created);
        store_line_number(line, m->due);
        store_line_number(line, m->tries);
        store_line_number(line, m->state);
        store_line_text(line, m->last);
    }
}


void
store_line_doc(store_line_t *line, db_sql_t sql, const store_doc_t *doc)
{
    store_line_op(line, sql, sql == SQL_DOC_NEW ? STORE_CONFLICT
                                                : STORE_FAILED);
    store_line_text(line, doc->kind);
    store_line_text(line, doc->tenant);
    store_line_text(line, doc->name);
    store_line_text(line, doc->body);
    store_line_number(line, doc->at);
}


void
store_line_tally(store_line_t *line, int64_t job, const char *prefix)
{
    store_line_op(line, SQL_TALLY_PUT, STORE_OK);
    store_line_number(line, job);
    store_line_cstr(line, prefix);
}
