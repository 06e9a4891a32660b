
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "tests/support/client.h"
#include "tests/support/loading.h"


#define LOADING_POLL    1000        /* ms, when nothing is due */


/* One connection. */
typedef struct {
    int                 busy;
    CURL               *curl;
    int64_t             begun;
    struct curl_slist  *headers;
    sc_buf_t            body;
    loading_request_t   request;
} loading_slot_t;

typedef struct {
    const char        *url;
    long               timeout;
    size_t             nslots;
    size_t             nbusy;
    size_t             made;
    int                over;
    int                held;
    void              *data;
    CURLM             *multi;
    loading_slot_t    *slots;
    loading_next_pt    next;
    loading_done_pt    done;
    loading_request_t  request;     /* made, and not begun: held */
} loading_t;


static void loading_create(loading_t *l);
static void loading_fill(loading_t *l);
static int loading_make(loading_t *l);
static void loading_begin(loading_t *l, loading_slot_t *s);
static struct curl_slist *loading_headers(const char *lines, int json);
static int loading_wait(const loading_t *l);
static void loading_ended(loading_t *l);
static void loading_end(loading_t *l, loading_slot_t *s, CURLcode rc);
static void loading_destroy(loading_t *l);
static int loading_compare(const void *one, const void *two);


void
loading_run(const char *url, size_t connections, long timeout,
    loading_next_pt next, loading_done_pt done, void *data)
{
    int        running;
    loading_t  l;

    memset(&l, 0, sizeof(loading_t));
    l.url = url;
    l.timeout = timeout;
    l.nslots = connections;
    l.next = next;
    l.done = done;
    l.data = data;
    loading_create(&l);

    for ( ;; ) {
        loading_fill(&l);

        if (l.nbusy == 0 && l.over) {
            break;
        }

        (void) curl_multi_perform(l.multi, &running);
        loading_ended(&l);

        if (l.nbusy == l.nslots || l.over || l.held) {
            (void) curl_multi_poll(l.multi, NULL, 0, loading_wait(&l), NULL);
        }
    }

    loading_destroy(&l);
}


static void
loading_create(loading_t *l)
{
    size_t  i;

    l->multi = curl_multi_init();
    l->slots = calloc(l->nslots, sizeof(loading_slot_t));
    ck_assert_ptr_nonnull(l->multi);
    ck_assert_ptr_nonnull(l->slots);
    (void) curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS,
                             (long) l->nslots);

    for (i = 0; i < l->nslots; i++) {
        l->slots[i].curl = curl_easy_init();
        ck_assert_ptr_nonnull(l->slots[i].curl);
        sc_buf_init(&l->slots[i].body, 0);
    }
}


/* Begin what is due, as far as there are connections. */
static void
loading_fill(loading_t *l)
{
    size_t  i;

    for (i = 0; i < l->nslots && l->nbusy < l->nslots; i++) {
        if (l->slots[i].busy) {
            continue;
        }

        if (!loading_make(l)) {
            return;
        }

        loading_begin(l, &l->slots[i]);
    }
}


/* Whether there is a request that is due. */
static int
loading_make(loading_t *l)
{
    if (!l->held && !l->over) {
        memset(&l->request, 0, sizeof(loading_request_t));
        l->request.n = l->made;
        l->held = l->next(l->data, &l->request);
        l->over = !l->held;
        l->made += (size_t) l->held;
    }

    return l->held && l->request.due <= loading_now();
}


static void
loading_begin(loading_t *l, loading_slot_t *s)
{
    char                url[LOADING_PATH + 64];
    loading_request_t  *r = &s->request;

    *r = l->request;
    l->held = 0;
    l->nbusy++;
    s->busy = 1;
    s->begun = r->due != 0 ? r->due : loading_now();
    s->headers = loading_headers(r->headers, r->body != NULL);
    sc_buf_reset(&s->body);
    (void) snprintf(url, sizeof(url), "%s%s", l->url, r->path);

    client_prepare(s->curl, url, s->headers, r->body, l->timeout, &s->body);
    curl_easy_setopt(s->curl, CURLOPT_PRIVATE, s);

    if (r->method != NULL) {
        curl_easy_setopt(s->curl, CURLOPT_CUSTOMREQUEST, r->method);
    }

    ck_assert_int_eq(curl_multi_add_handle(l->multi, s->curl), CURLM_OK);
}


static struct curl_slist *
loading_headers(const char *lines, int json)
{
    struct curl_slist  *list;

    list = client_headers(lines);

    if (json && (lines == NULL || strstr(lines, "Content-Type:") == NULL)) {
        list = curl_slist_append(list, "Content-Type: application/json");
    }

    return list;
}


static int
loading_wait(const loading_t *l)
{
    int64_t  ms;

    if (!l->held || l->nbusy == l->nslots) {
        return LOADING_POLL;
    }

    ms = (l->request.due - loading_now()) / 1000000;

    if (ms < 0) {
        return 0;
    }

    return ms < LOADING_POLL ? (int) ms : LOADING_POLL;
}


static void
loading_ended(loading_t *l)
{
    int              left;
    char            *data;
    CURLMsg         *m;
    CURLcode         rc;
    loading_slot_t  *s;

    while ((m = curl_multi_info_read(l->multi, &left)) != NULL) {
        rc = m->data.result;
        (void) curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &data);
        s = (void *) data;
        loading_end(l, s, rc);
    }
}


static void
loading_end(loading_t *l, loading_slot_t *s, CURLcode rc)
{
    loading_reply_t      reply;
    struct curl_header  *field;

    (void) curl_multi_remove_handle(l->multi, s->curl);
    (void) sc_buf_reserve(&s->body, 1);
    s->body.data[s->body.len] = '\0';

    memset(&reply, 0, sizeof(loading_reply_t));
    reply.error = (int) rc;
    reply.time = loading_now() - s->begun;
    reply.body = s->body.data;
    reply.len = s->body.len;
    reply.retry = -1;
    (void) curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &reply.status);

    if (curl_easy_header(s->curl, "Retry-After", 0, CURLH_HEADER, -1, &field)
        == CURLHE_OK)
    {
        reply.retry = strtol(field->value, NULL, 10);
    }

    l->done(l->data, &s->request, &reply);

    curl_slist_free_all(s->headers);
    free(s->request.body);
    s->headers = NULL;
    s->request.body = NULL;
    s->busy = 0;
    l->nbusy--;
}


static void
loading_destroy(loading_t *l)
{
    size_t  i;

    for (i = 0; i < l->nslots; i++) {
        curl_easy_cleanup(l->slots[i].curl);
        sc_buf_free(&l->slots[i].body);
    }

    free(l->slots);
    (void) curl_multi_cleanup(l->multi);
}


int64_t
loading_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}


void
loading_times_add(loading_times_t *t, int64_t time)
{
    if (t->n == t->room) {
        t->room = t->room == 0 ? 1024 : t->room * 2;
        t->times = realloc(t->times, t->room * sizeof(int64_t));
        ck_assert_ptr_nonnull(t->times);
    }

    t->times[t->n++] = time;
}


double
loading_percentile(loading_times_t *t, double part)
{
    size_t  i;

    if (t->n == 0) {
        return 0;
    }

    qsort(t->times, t->n, sizeof(int64_t), loading_compare);
    i = (size_t) (part * (double) (t->n - 1));

    return (double) t->times[i] / 1e6;
}


static int
loading_compare(const void *one, const void *two)
{
    int64_t  a = *(const int64_t *) one, b = *(const int64_t *) two;

    return (a > b) - (a < b);
}


void
loading_times_free(loading_times_t *t)
{
    free(t->times);
    memset(t, 0, sizeof(loading_times_t));
}


int
loading_id(const loading_reply_t *reply, char id[LEDGER_ID])
{
    size_t       len;
    const char  *p;

    p = strstr(reply->body, "\"id\":");

    if (p == NULL) {
        return 0;
    }

    p += 5 + strspn(p + 5, " \"");
    len = strcspn(p, "\"");

    if (len == 0 || len >= LEDGER_ID) {
        return 0;
    }

    memcpy(id, p, len);
    id[len] = '\0';

    return 1;
}
