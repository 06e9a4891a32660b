
/*
 * What the files of this room share.
 *
 *     export.c           what an export is, one item after another
 *     export_accept.c    which one is wanted
 *     export_json.c      items as JSON, which NDJSON and SSE carry, too
 *     export_field.c     what of the data is wanted
 *     export_csv.c       rows
 *     export_xml.c       elements
 *     export_warc.c      records
 *     export_warc_http.c  the response of an origin as a record has it
 *     export_diff.c      how one value becomes another
 */

#ifndef EXPORT_INTERNAL_H
#define EXPORT_INTERNAL_H


#include "sidecar/export/export.h"


/* how data are read: as the worker wrote them */
#define EXPORT_READ    (JSON_DECODE_ANY | JSON_ALLOW_NUL)


/*
 * items    that were written
 * columns  ncolumns of a CSV, between the fixed ones and its end; owned
 * chosen   they are known, and the header row is written
 * fixed    there are fixed ones
 * held     rows that came before the columns were known, each ended by a NUL
 */
struct export_s {
    export_format_t   format;
    char             *base;
    char            **fields;
    size_t            nfields;
    char             *rules;
    size_t            rules_len;
    uint64_t          items;
    char            **columns;
    size_t            ncolumns;
    unsigned          all:1;            /* no fields were given */
    unsigned          chosen:1;
    unsigned          fixed:1;
    sc_buf_t          held;
};


/* The value of a field in data, or NULL; borrowed. */
const json_t *export_field(const json_t *data, const char *name);

/* Append the data of a result, or what is wanted of it. */
void export_field_data(sc_str_t data, const char *const *fields,
    size_t nfields, sc_buf_t *out);

int export_csv_begin(export_t *e, sc_buf_t *out);
int export_csv_item(export_t *e, const store_result_t *result,
    sc_buf_t *out);
int export_csv_end(export_t *e, sc_buf_t *out);

int export_xml_item(export_t *e, const store_result_t *result,
    sc_buf_t *out);

int export_warc_begin(export_t *e, sc_buf_t *out);
int export_warc_item(export_t *e, const store_result_t *result,
    const store_raw_t *raw, sc_buf_t *out);

/* Append the head of a response and its body as one block. */
int export_warc_http(const store_result_t *result, const store_raw_t *raw,
    sc_buf_t *out);


#endif /* EXPORT_INTERNAL_H */
