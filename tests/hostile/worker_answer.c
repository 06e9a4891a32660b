
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "tests/hostile/worker_answer.h"


#define ANSWER_PARTS    8
#define ANSWER_FIELDS   (offsetof(wire_reply_t, charset) / 4)
#define ANSWER_CHANGES  4


static void answer_change(worker_answer_t *a, uint64_t *state);
static void answer_field(worker_answer_t *a, uint64_t *state);
static void answer_insert(worker_answer_t *a, uint64_t *state);
static void answer_remove(worker_answer_t *a, uint64_t *state);
static void answer_noise(worker_answer_t *a, uint64_t *state);
static uint64_t answer_random(uint64_t *state, uint64_t n);
static void answer_counts(const wire_reply_t *head,
    size_t counts[ANSWER_PARTS]);
static int answer_head(const wire_reply_t *head, size_t *len);
static int answer_to(const wire_reply_t *head, uint64_t number);
static int answer_word(const char *text, size_t size, int any);
static int answer_json(const char *text, size_t len, char first);
static int answer_found(const char *text, size_t len);
static int answer_line(const char *line);


static const char *const  answer_parts[ANSWER_PARTS] = {
    "{\"page\":\"%s\",\"n\":[1,-2.5,true,null,\"\xc3\xa4\\n\\u00e4\"]}",
    "[\"a.b\"]",
    "[\"a has no value\"]",
    "{\"links\":[{\"url\":\"http://a.example/\"}]}",
    "{\"\":[[1,2],[0,2]]}",
    "{\"ok\":true}",
    "l http://a.example/1\nf https://b.example/?x {\"context\":{\"k\":1}}\n",
    "http://c.example/"
};


void
worker_answer(worker_answer_t *a, uint64_t number, const char *name)
{
    size_t         i;
    uint32_t      *counts[ANSWER_PARTS];
    wire_reply_t   head;

    memset(&head, 0, sizeof(wire_reply_t));
    head.magic = WIRE_MAGIC;
    head.status = WIRE_OK;
    head.flags = WIRE_MATCHED;
    head.number = number;
    head.elapsed = 1000000;
    (void) snprintf(head.charset, sizeof(head.charset), "utf-8");
    (void) snprintf(head.charset_from, sizeof(head.charset_from), "header");
    counts[0] = &head.data;
    counts[1] = &head.missing;
    counts[2] = &head.warnings;
    counts[3] = &head.view;
    counts[4] = &head.fill;
    counts[5] = &head.form;
    counts[6] = &head.found;
    counts[7] = &head.refresh;
    a->len = sizeof(wire_reply_t);

    for (i = 0; i < ANSWER_PARTS; i++) {
        /* the first alone has a name to fill in */
        *counts[i] = (uint32_t) snprintf(a->bytes + a->len,
                                         sizeof(a->bytes) - a->len,
                                         i == 0 ? answer_parts[0] : "%s",
                                         i == 0 ? name : answer_parts[i]);
        *counts[i] += (i == ANSWER_PARTS - 1);
        a->len += *counts[i];
    }

    memcpy(a->bytes, &head, sizeof(wire_reply_t));
}


void
worker_answer_mutate(worker_answer_t *a, uint64_t seed)
{
    size_t    i, n;
    uint64_t  state = (seed + 1) * UINT64_C(0x9E3779B97F4A7C15) | 1;

    n = answer_random(&state, 2) ? 1 : 1 + answer_random(&state,
                                                         ANSWER_CHANGES);

    for (i = 0; i < n; i++) {
        answer_change(a, &state);
    }
}


static void
answer_change(worker_answer_t *a, uint64_t *state)
{
    size_t  at = answer_random(state, a->len);

    switch (answer_random(state, 16)) {

    case 0 ... 3:
        a->bytes[at] = (char) answer_random(state, 256);
        break;

    case 4 ... 5:
        a->bytes[at] ^= (char) (1u << answer_random(state, 8));
        break;

    case 6 ... 10:
        answer_field(a, state);
        break;

    case 11:
        a->len = at + 1;
        break;

    case 12:
        answer_insert(a, state);
        break;

    case 13:
        answer_remove(a, state);
        break;

    case 14:
        /* the same a second time */
        if (2 * a->len <= sizeof(a->bytes)) {
            memcpy(a->bytes + a->len, a->bytes, a->len);
            a->len *= 2;
        }

        break;

    default:
        answer_noise(a, state);
    }
}


/* A count, or half of a number. */
static void
answer_field(worker_answer_t *a, uint64_t *state)
{
    size_t    at = answer_random(state, ANSWER_FIELDS) * 4;
    uint32_t  value;

    static const uint32_t  values[] = {
        0, 1, 2, 3, 4, 7, 8, WIRE_MAX_FOUND, WIRE_MAX_FOUND + 1,
        WIRE_MAX_REPLY, WIRE_MAX_REPLY + 1, INT32_MAX, UINT32_C(1) << 31,
        UINT32_MAX - 1, UINT32_MAX
    };

    if (at + 4 > a->len) {
        return;
    }

    memcpy(&value, a->bytes + at, 4);

    switch (answer_random(state, 4)) {

    case 0:
        value++;
        break;

    case 1:
        value--;
        break;

    case 2:
        value = (uint32_t) answer_random(state, UINT32_MAX);
        break;

    default:
        value = values[answer_random(state,
                                     sizeof(values) / sizeof(values[0]))];
    }

    memcpy(a->bytes + at, &value, 4);
}


static void
answer_insert(worker_answer_t *a, uint64_t *state)
{
    size_t  at = answer_random(state, a->len);
    size_t  n = 1 + answer_random(state, 16);

    if (a->len + n <= sizeof(a->bytes)) {
        memmove(a->bytes + at + n, a->bytes + at, a->len - at);
        a->len += n;
    }
}


static void
answer_remove(worker_answer_t *a, uint64_t *state)
{
    size_t  at = answer_random(state, a->len);
    size_t  n = 1 + answer_random(state, 16);

    if (n < a->len - at) {
        memmove(a->bytes + at, a->bytes + at + n, a->len - at - n);
        a->len -= n;
    }
}


static void
answer_noise(worker_answer_t *a, uint64_t *state)
{
    size_t  i;

    a->len = 1 + answer_random(state, sizeof(a->bytes));

    for (i = 0; i < a->len; i++) {
        a->bytes[i] = (char) answer_random(state, 256);
    }
}


/* xorshift64*, Vigna 2014 */
static uint64_t
answer_random(uint64_t *state, uint64_t n)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;

    return (*state * UINT64_C(0x2545F4914F6CDD1D) >> 32) % n;
}


worker_answer_verdict_t
worker_answer_judge(const worker_answer_t *a, uint64_t number,
    wire_reply_t *head)
{
    size_t       i, len, counts[ANSWER_PARTS];
    const char  *p = a->bytes + sizeof(wire_reply_t);

    static const char  first[] = { '\0', '[', '[', '{', '{', '{' };

    if (a->len < sizeof(wire_reply_t)) {
        return WORKER_ANSWER_SHORT;
    }

    memcpy(head, a->bytes, sizeof(wire_reply_t));

    if (!answer_head(head, &len)
        || a->len - sizeof(wire_reply_t) > len)
    {
        return WORKER_ANSWER_WRONG;
    }

    if (a->len - sizeof(wire_reply_t) < len) {
        return WORKER_ANSWER_SHORT;
    }

    if (!answer_to(head, number)) {
        return WORKER_ANSWER_WRONG;
    }

    answer_counts(head, counts);

    for (i = 0; i < sizeof(first); i++) {
        if (!answer_json(p, counts[i], first[i])) {
            return WORKER_ANSWER_WRONG;
        }

        p += counts[i];
    }

    if (!answer_found(p, counts[6])
        || (counts[7] != 0 && (strnlen(p + counts[6], counts[7])
                               != counts[7] - 1)))
    {
        return WORKER_ANSWER_WRONG;
    }

    return WORKER_ANSWER_RIGHT;
}


static void
answer_counts(const wire_reply_t *head, size_t counts[ANSWER_PARTS])
{
    counts[0] = head->data;
    counts[1] = head->missing;
    counts[2] = head->warnings;
    counts[3] = head->view;
    counts[4] = head->fill;
    counts[5] = head->form;
    counts[6] = head->found;
    counts[7] = head->refresh;
}


static int
answer_head(const wire_reply_t *head, size_t *len)
{
    size_t  i, counts[ANSWER_PARTS];

    answer_counts(head, counts);

    for (i = *len = 0; i < ANSWER_PARTS; i++) {
        *len += counts[i];
    }

    if (head->magic != WIRE_MAGIC || head->flags > 7 || *len > WIRE_MAX_REPLY
        || head->found > WIRE_MAX_FOUND || head->refresh_delay < 0
        || head->elapsed < 0
        || !answer_word(head->detail, sizeof(head->detail), 1)
        || !answer_word(head->charset, sizeof(head->charset), 1)
        || !answer_word(head->charset_from, sizeof(head->charset_from), 1))
    {
        return 0;
    }

    return (*len == 0 && head->status >= WIRE_READY
            && head->status <= WIRE_TIMEOUT)
           || head->status == WIRE_OK;
}


/* To this page, and with all that a page has. */
static int
answer_to(const wire_reply_t *head, uint64_t number)
{
    return head->number == number && head->status != WIRE_READY
           && answer_word(head->charset, sizeof(head->charset), 0)
           && answer_word(head->charset_from, sizeof(head->charset_from), 0)
           && (head->status != WIRE_OK
               || (head->data != 0 && head->missing != 0
                   && head->warnings != 0));
}


static int
answer_word(const char *text, size_t size, int any)
{
    size_t  i;

    for (i = 0; i < size && text[i] != '\0'; i++) {
        if (!any && (text[i] < '!' || text[i] > '~')) {
            return 0;
        }
    }

    return i < size;
}


static int
answer_json(const char *text, size_t len, char first)
{
    size_t   i;
    json_t  *json;

    if (len == 0) {
        return 1;
    }

    for (i = 0; i < len; i++) {
        if ((unsigned char) text[i] < ' ') {
            return 0;
        }
    }

    json = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_decref(json);

    return json != NULL && (first == '\0' || *text == first);
}


static int
answer_found(const char *text, size_t len)
{
    size_t       n;
    char         line[WORKER_ANSWER_ROOM];
    const char  *lf;

    while (len > 0) {
        lf = memchr(text, '\n', len);
        n = (lf != NULL) ? (size_t) (lf - text) : 0;

        if (n == 0 || memchr(text, '\0', n) != NULL) {
            return 0;
        }

        memcpy(line, text, n);
        line[n] = '\0';

        if (!answer_line(line)) {
            return 0;
        }

        text += n + 1;
        len -= n + 1;
    }

    return 1;
}


static int
answer_line(const char *line)
{
    char         url[WORKER_ANSWER_ROOM];
    size_t       n, scheme;
    const char  *rest;

    if (line[0] == '\0' || strchr("lxfsi", line[0]) == NULL
        || line[1] != ' ')
    {
        return 0;
    }

    n = strcspn(line + 2, " ");
    memcpy(url, line + 2, n);
    url[n] = '\0';
    scheme = strncmp(url, "http://", 7) == 0 ? 7
             : strncmp(url, "https://", 8) == 0 ? 8 : n;
    rest = line + 2 + n;

    return n > scheme && answer_word(url, sizeof(url), 0)
           && (*rest == '\0'
               || (rest[1] == '{' && answer_json(rest + 1, strlen(rest + 1),
                                                 '{')));
}
