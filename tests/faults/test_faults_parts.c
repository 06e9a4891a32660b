
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/sc_json_of.h"
#include "sidecar/fetch/fetch_internal.h"
#include "sidecar/loop/loop.h"
#include "sidecar/metrics/metrics.h"
#include "sidecar/proxy/proxy.h"
#include "tests/faults/fault.h"
#include "tests/support/process.h"


#define FAULTS_MAX_BODY    1000
#define FAULTS_END         20           /* bytes of an end that is compared */

/* longer than the text's first room, with what is written in pieces */
#define FAULTS_JSON                                                           \
    "{\"long enough a key\":[\"a\\nb\\\"c\\u0001d\",1.5,-7,true,null],"     \
    "\"another\":{\"a\\tb\":\"some words that take their room\"}}"

#define FAULTS_BEFORE      "eu http://me:secret@a:8001\nus https://b:8002\n"
#define FAULTS_AFTER       "eu socks5://c:8003\nasia http://d:8004\n"

#define FAULTS_SCENE(name, work)                                              \
    { name, FAULT_OURS, work, NULL, 0, 0 }


static int faults_members(void);
static int faults_deflate(void);
static int faults_bare(void);
static int faults_br(void);
static int faults_frames(void);
static int faults_chain(void);
static int faults_decode(const char *encoding, const unsigned char *data,
    size_t len);
static int faults_add(fetch_t *fetch, const unsigned char *data, size_t len);
static int faults_fetcher(void);
static int faults_text(void);
static int faults_openmetrics(void);
static int faults_prometheus(void);
static int faults_json(void);
static int faults_metrics(metrics_format_t format);
static int faults_written(void);
static int faults_proxies(void);


/*
 * "<html><body><h1>Coded</h1><p>one two one two one two</p></body></html>", as
 * gzip -9, zlib, brotli -q 11 and zstd -19 --check make it: members and frames
 * of its first 30 bytes and of the rest, chain in gzip and then in brotli.
 */
static const unsigned char  coded_members[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xb3, 0xc9,
    0x28, 0xc9, 0xcd, 0xb1, 0xb3, 0x49, 0xca, 0x4f, 0xa9, 0xb4, 0xb3, 0xc9,
    0x30, 0xb4, 0x73, 0xce, 0x4f, 0x49, 0x4d, 0xb1, 0xd1, 0x07, 0xb2, 0x6c,
    0x0a, 0xec, 0xf2, 0x01, 0x71, 0x85, 0x3b, 0x40, 0x1e, 0x00, 0x00, 0x00,
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x4b,
    0x55, 0x28, 0x29, 0xcf, 0x57, 0xc8, 0xcf, 0x43, 0xa1, 0x6d, 0xf4, 0x0b,
    0xec, 0x6c, 0xf4, 0x93, 0xf2, 0x53, 0x2a, 0x81, 0x54, 0x46, 0x49, 0x6e,
    0x8e, 0x1d, 0x00, 0x09, 0xf7, 0xd6, 0x92, 0x28, 0x00, 0x00, 0x00
};

static const unsigned char  coded_deflate[] = {
    0x78, 0xda, 0xb3, 0xc9, 0x28, 0xc9, 0xcd, 0xb1, 0xb3, 0x49, 0xca, 0x4f,
    0xa9, 0xb4, 0xb3, 0xc9, 0x30, 0xb4, 0x73, 0xce, 0x4f, 0x49, 0x4d, 0xb1,
    0xd1, 0x07, 0xb2, 0x6c, 0x0a, 0xec, 0xf2, 0xf3, 0x52, 0x15, 0x4a, 0xca,
    0xf3, 0x15, 0xd0, 0x68, 0x1b, 0xfd, 0x02, 0x3b, 0x1b, 0x7d, 0x88, 0x16,
    0x7d, 0xb0, 0x7e, 0x00, 0x49, 0xce, 0x17, 0xb8
};

static const unsigned char  coded_bare[] = {
    0xb3, 0xc9, 0x28, 0xc9, 0xcd, 0xb1, 0xb3, 0x49, 0xca, 0x4f, 0xa9, 0xb4,
    0xb3, 0xc9, 0x30, 0xb4, 0x73, 0xce, 0x4f, 0x49, 0x4d, 0xb1, 0xd1, 0x07,
    0xb2, 0x6c, 0x0a, 0xec, 0xf2, 0xf3, 0x52, 0x15, 0x4a, 0xca, 0xf3, 0x15,
    0xd0, 0x68, 0x1b, 0xfd, 0x02, 0x3b, 0x1b, 0x7d, 0x88, 0x16, 0x7d, 0xb0,
    0x7e, 0x00
};

static const unsigned char  coded_br[] = {
    0x1f, 0x45, 0x00, 0xf0, 0x2d, 0x0e, 0xcc, 0xf3, 0xec, 0x49, 0x9d, 0xc2,
    0x6d, 0x4c, 0x3f, 0x18, 0xeb, 0x17, 0x34, 0x38, 0x3a, 0xcd, 0x33, 0x54,
    0xf6, 0xa6, 0x62, 0x7c, 0xca, 0xed, 0x2e, 0x41, 0x78, 0xc8, 0x60, 0x03,
    0x0e, 0x5c, 0x4a, 0x29, 0xb3, 0x81, 0xf0, 0x76, 0x60, 0x86, 0x8e, 0x28,
    0x6e, 0x19, 0x1a, 0x8a, 0xfa, 0x9d, 0xf2, 0xa2, 0xcb, 0xc7, 0x88, 0x7a
};

static const unsigned char  coded_frames[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x68, 0xf1, 0x00, 0x00, 0x3c, 0x68, 0x74,
    0x6d, 0x6c, 0x3e, 0x3c, 0x62, 0x6f, 0x64, 0x79, 0x3e, 0x3c, 0x68, 0x31,
    0x3e, 0x43, 0x6f, 0x64, 0x65, 0x64, 0x3c, 0x2f, 0x68, 0x31, 0x3e, 0x3c,
    0x70, 0x3e, 0x6f, 0x8f, 0xdb, 0x68, 0x05, 0x28, 0xb5, 0x2f, 0xfd, 0x04,
    0x68, 0x05, 0x01, 0x00, 0xd0, 0x6e, 0x65, 0x20, 0x74, 0x77, 0x6f, 0x20,
    0x6f, 0x3c, 0x2f, 0x70, 0x3e, 0x3c, 0x2f, 0x62, 0x6f, 0x64, 0x79, 0x3e,
    0x3c, 0x2f, 0x68, 0x74, 0x6d, 0x6c, 0x3e, 0x01, 0x00, 0xe5, 0xcb, 0x05,
    0x14, 0x0e, 0xf6, 0x61
};

static const unsigned char  coded_chain[] = {
    0x8f, 0x21, 0x80, 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
    0x03, 0xb3, 0xc9, 0x28, 0xc9, 0xcd, 0xb1, 0xb3, 0x49, 0xca, 0x4f, 0xa9,
    0xb4, 0xb3, 0xc9, 0x30, 0xb4, 0x73, 0xce, 0x4f, 0x49, 0x4d, 0xb1, 0xd1,
    0x07, 0xb2, 0x6c, 0x0a, 0xec, 0xf2, 0xf3, 0x52, 0x15, 0x4a, 0xca, 0xf3,
    0x15, 0xd0, 0x68, 0x1b, 0xfd, 0x02, 0x3b, 0x1b, 0x7d, 0x88, 0x16, 0x7d,
    0xb0, 0x7e, 0x00, 0x78, 0xa4, 0x03, 0xdb, 0x46, 0x00, 0x00, 0x00, 0x03
};

static const fault_scene_t  faults_scenes[] = {
    FAULTS_SCENE("gzip in two members", faults_members),
    FAULTS_SCENE("deflate", faults_deflate),
    FAULTS_SCENE("deflate without zlib's head", faults_bare),
    FAULTS_SCENE("brotli", faults_br),
    FAULTS_SCENE("zstd in two frames", faults_frames),
    FAULTS_SCENE("gzip within brotli", faults_chain),
    { "fetcher made", FAULT_OURS, faults_fetcher, NULL, 1, 0 },
    FAULTS_SCENE("numbers as text", faults_text),
    FAULTS_SCENE("numbers as OpenMetrics", faults_openmetrics),
    FAULTS_SCENE("numbers for Prometheus", faults_prometheus),
    FAULTS_SCENE("numbers as JSON", faults_json),
    FAULTS_SCENE("JSON written", faults_written),
    FAULTS_SCENE("proxies read again", faults_proxies)
};


int
main(void)
{
    return fault_suite("faults_parts", faults_scenes,
                       sizeof(faults_scenes) / sizeof(faults_scenes[0]));
}


static int
faults_members(void)
{
    return faults_decode("gzip", coded_members, sizeof(coded_members));
}


static int
faults_deflate(void)
{
    return faults_decode("deflate", coded_deflate, sizeof(coded_deflate));
}


static int
faults_bare(void)
{
    return faults_decode("deflate", coded_bare, sizeof(coded_bare));
}


static int
faults_br(void)
{
    return faults_decode("br", coded_br, sizeof(coded_br));
}


static int
faults_frames(void)
{
    return faults_decode("zstd", coded_frames, sizeof(coded_frames));
}


static int
faults_chain(void)
{
    return faults_decode("gzip, br", coded_chain, sizeof(coded_chain));
}


/* In two parts, as it may come. */
static int
faults_decode(const char *encoding, const unsigned char *data, size_t len)
{
    int         rc;
    fetch_t     fetch;
    fetcher_t   fetcher;

    memset(&fetch, 0, sizeof(fetch_t));
    memset(&fetcher, 0, sizeof(fetcher_t));
    fetch.fetcher = &fetcher;
    fetch.request.max_body = FAULTS_MAX_BODY;
    fetch.head.encoding = (char *) encoding;
    sc_buf_init(&fetch.result.body, 0);

    rc = faults_add(&fetch, data, len / 2);

    if (rc == SC_OK) {
        rc = faults_add(&fetch, data + len / 2, len - len / 2);
    }

    if (rc == SC_OK && fetch_decode_unended(&fetch) != NULL) {
        rc = SC_DECLINED;
    }

    if (rc == SC_OK) {
        fault_say("%s", fetch.result.body.data);
    }

    fetch_decode_free(&fetch.decode);
    sc_buf_free(&fetch.result.body);

    return rc;
}


/* No call that fails is the content's fault. */
static int
faults_add(fetch_t *fetch, const unsigned char *data, size_t len)
{
    if (fetch_decode_add(fetch, (const char *) data, len) == SC_OK) {
        return SC_OK;
    }

    return fetch->result.error == FETCH_RESOURCES ? SC_ERROR : SC_DECLINED;
}


/* In a process of its own, as libcurl is told once where memory is from. */
static int
faults_fetcher(void)
{
    char        err[128];
    loop_t     *loop;
    fetcher_t  *fetcher;
    resolve_t  *resolve;

    loop = loop_create();
    if (loop == NULL) {
        return SC_ERROR;
    }

    fetcher = NULL;
    resolve = resolve_create(loop, "127.0.0.1:53", err, sizeof(err));

    if (resolve != NULL) {
        fetcher = fetcher_create(loop, resolve, NULL, "a", 10);
        fault_say("%s", fetcher != NULL ? "made" : "none");
    }

    if (fetcher != NULL) {
        fetcher_destroy(fetcher);
    }

    if (resolve != NULL) {
        resolve_destroy(resolve);
    }

    loop_destroy(loop);

    return fetcher != NULL ? SC_OK : SC_ERROR;
}


static int
faults_text(void)
{
    return faults_metrics(METRICS_TEXT);
}


static int
faults_openmetrics(void)
{
    return faults_metrics(METRICS_OPENMETRICS);
}


static int
faults_prometheus(void)
{
    return faults_metrics(METRICS_PROMETHEUS);
}


static int
faults_json(void)
{
    return faults_metrics(METRICS_JSON);
}


/* Of what the process uses the numbers change: its words are counted. */
static int
faults_metrics(metrics_format_t format)
{
    int          rc;
    size_t       words;
    sc_buf_t     out;
    const char  *p;

    metrics_set(METRICS_PAGES, 7);
    sc_buf_init(&out, 0);
    rc = metrics_write(&out, format, "1.2.3");

    if (rc == SC_OK) {
        words = 0;

        for (p = out.data; *p != '\0'; p++) {
            words += (*p == ' ' || *p == ':' || *p == '\n');
        }

        fault_say("%zu %s", words, out.data + out.len - FAULTS_END);
    }

    sc_buf_free(&out);

    return rc;
}


/* Neither a key nor a value lacks anything. */
static int
faults_written(void)
{
    char    *text;
    json_t  *json;

    fault_hold();
    json = json_loads(FAULTS_JSON, 0, NULL);
    fault_release();
    text = sc_json_text(json, JSON_COMPACT | JSON_SORT_KEYS);
    fault_hold();
    json_decref(json);
    fault_release();

    if (text == NULL) {
        return SC_ERROR;
    }

    fault_say("%s", text);
    free(text);

    return SC_OK;
}


/* What is not taken as a whole leaves all as it was. */
static int
faults_proxies(void)
{
    int             rc, same;
    char            path[64], err[256];
    proxies_t      *p;
    const proxy_t  *proxy;

    fault_hold();
    process_file(path, sizeof(path), FAULTS_BEFORE);
    p = proxies_open(path, err, sizeof(err));
    process_write(path, FAULTS_AFTER);
    fault_release();

    err[0] = '\0';
    rc = (p != NULL) ? proxies_reload(p, err, sizeof(err)) : SC_DECLINED;

    fault_hold();
    proxy = proxies_next(p, "eu", 0);
    same = (proxy != NULL && strcmp(proxy->host, "a") == 0
            && proxies_known(p, "us") && !proxies_known(p, "asia"));
    fault_say("%s %d%d", (proxy != NULL) ? proxy->host : "none",
              proxies_known(p, "us"), proxies_known(p, "asia"));
    proxies_close(p);
    (void) unlink(path);
    fault_release();

    return (rc == SC_OK || (same && err[0] != '\0')) ? rc : SC_DECLINED;
}
