
/*
 * What form.c (where to send), form_control.c (which controls) and
 * form_entry.c (which values) share.
 */

#ifndef FORM_INTERNAL_H
#define FORM_INTERNAL_H


#include "sidecar/form/form.h"


/* What of a control is sent. */
typedef enum {
    FORM_NONE = 0,      /* nothing: not a control, or one without a value */
    FORM_VALUE,         /* its value attribute */
    FORM_LINE,          /* the same without line ends */
    FORM_CHECKBOX,
    FORM_RADIO,
    FORM_SUBMIT,
    FORM_FILE,          /* no file: an empty value */
    FORM_SELECT,
    FORM_TEXTAREA
} form_kind_t;


/* A control of the form that is not disabled. */
typedef struct {
    const xmlNode  *node;
    form_kind_t     kind;
} form_control_t;


/*
 * A submission under way.
 *
 * controls  form_control_t, in document order
 * submit    the button, NULL when there is none
 * query     the entry list, serialized so far
 * text      one value; used again for each
 * used      by index of fill, whether it is in the query
 */
typedef struct {
    const xmlNode      *form;
    const form_fill_t  *fill;
    size_t              nfill;
    sc_buf_t            controls;
    const xmlNode      *submit;
    sc_buf_t            query;
    sc_buf_t            text;
    unsigned char       used[FORM_MAX_FILL];
} form_entries_t;


/* Collect the controls; a failure shows in e->controls.failed. */
void form_collect(form_entries_t *e);

/* What kind of control a node is. */
form_kind_t form_kind(const xmlNode *node);

/* Serialize what the controls and fill give into e->query. */
void form_serialize(form_entries_t *e);

/* The index of a name in fill, nfill when it is not there. */
size_t form_filled(const form_entries_t *e, const char *name);


#endif /* FORM_INTERNAL_H */
