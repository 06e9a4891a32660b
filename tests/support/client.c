
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <check.h>

#include "tests/support/client.h"


/* longer than any deadline a test sets for the gateway */
#define CLIENT_TIMEOUT    60000


static size_t client_write(char *data, size_t size, size_t n, void *buf);


client_reply_t
client_request(const char *method, const char *url, const char *headers,
    const char *body)
{
    int             rc;
    client_reply_t  reply;

    rc = client_try(&reply, method, url, headers, body, CLIENT_TIMEOUT);

    if (rc != CURLE_OK) {
        ck_abort_msg("%s %s: %s", method, url,
                     curl_easy_strerror((CURLcode) rc));
    }

    return reply;
}


int
client_try(client_reply_t *reply, const char *method, const char *url,
    const char *headers, const char *body, long timeout)
{
    CURLcode            rc;
    sc_buf_t            head, text;
    struct curl_slist  *list;

    static CURL   *curl;
    static pid_t   owner;

    /* a child must not go on with its parent's connections */
    if (curl == NULL || owner != getpid()) {
        curl = curl_easy_init();
        ck_assert_ptr_nonnull(curl);
        owner = getpid();
    }

    memset(reply, 0, sizeof(client_reply_t));
    sc_buf_init(&head, 0);
    sc_buf_init(&text, 0);
    list = client_headers(headers);

    client_prepare(curl, url, list, body, timeout, &text);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_NOBODY, (long) !strcmp(method, "HEAD"));
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, client_write);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &head);

    rc = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_slist_free_all(list);

    (void) sc_buf_reserve(&head, 1);
    (void) sc_buf_reserve(&text, 1);
    head.data[head.len] = '\0';
    text.data[text.len] = '\0';

    reply->headers = head.data;
    reply->body = text.data;
    reply->len = text.len;
    reply->json = json_loadb(text.data, text.len, JSON_DECODE_ANY, NULL);

    return (int) rc;
}


struct curl_slist *
client_headers(const char *lines)
{
    char                line[4096];
    size_t              len;
    struct curl_slist  *list;

    list = curl_slist_append(NULL, "Expect:");

    while (lines != NULL && *lines != '\0') {
        len = strcspn(lines, "\n");
        ck_assert_uint_lt(len, sizeof(line));
        memcpy(line, lines, len);
        line[len] = '\0';
        list = curl_slist_append(list, line);
        lines += len + (lines[len] == '\n');
    }

    return list;
}


void
client_prepare(CURL *curl, const char *url, struct curl_slist *headers,
    const char *body, long timeout, sc_buf_t *text)
{
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_write);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);

    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t) strlen(body));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
}


static size_t
client_write(char *data, size_t size, size_t n, void *buf)
{
    return sc_buf_add(buf, data, size * n) == SC_OK ? size * n : 0;
}


void
client_free(client_reply_t *reply)
{
    free(reply->headers);
    free(reply->body);
    json_decref(reply->json);
    memset(reply, 0, sizeof(client_reply_t));
}


const char *
client_header(const client_reply_t *reply, const char *name)
{
    size_t       len;
    const char  *p, *end;

    static char  value[4096];

    len = strlen(name);

    for (p = reply->headers; *p != '\0'; p = end + (*end != '\0')) {
        end = p + strcspn(p, "\n");

        if (strncasecmp(p, name, len) != 0 || p[len] != ':') {
            continue;
        }

        p += len + 1;
        p += strspn(p, " ");
        len = strcspn(p, "\r\n");
        ck_assert_uint_lt(len, sizeof(value));
        memcpy(value, p, len);
        value[len] = '\0';

        return value;
    }

    return "";
}


const json_t *
client_get(const client_reply_t *reply, const char *path)
{
    char           name[256];
    size_t         len;
    const json_t  *v;

    v = reply->json;

    while (*path != '\0' && v != NULL) {

        if (*path == '[') {
            v = json_array_get(v, (size_t) strtoul(path + 1, NULL, 10));
            path += strcspn(path, "]") + 1;

        } else {
            path += *path == '.';
            len = strcspn(path, ".[");
            ck_assert_uint_lt(len, sizeof(name));
            memcpy(name, path, len);
            name[len] = '\0';
            v = json_object_get(v, name);
            path += len;
        }
    }

    return v;
}


const char *
client_str(const client_reply_t *reply, const char *path)
{
    const char  *s;

    s = json_string_value(client_get(reply, path));

    return s != NULL ? s : "";
}
