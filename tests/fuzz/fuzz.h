
/*
 * What the targets of tests/fuzz share.  A target is a function that takes any
 * bytes and says whether what the product made of them is as promised; what
 * the sanitizers see counts as well.  targets.def names them all.
 *
 * entry.c hands a target to libFuzzer (`make fuzz`); test_replay.c gives all
 * of them what is in seeds/NAME and found/NAME (`make test`).
 */

#ifndef FUZZ_H
#define FUZZ_H


#include "common/sc_buf.h"


/* What a target is: 0 in any case. */
#define FUZZ_TARGET(name, max, files)                                         \
    int fuzz_##name(const uint8_t *data, size_t size);
#include "tests/fuzz/targets.def"
#undef FUZZ_TARGET


/* End the process unless the promise is kept. */
#define FUZZ_HELD(promise)                                                    \
    ((promise) ? (void) 0 : fuzz_broken(#promise, __FILE__, __LINE__))


void fuzz_broken(const char *promise, const char *file, int line)
    __attribute__((noreturn));

/* The bytes as a view, to be taken apart with the functions below. */
sc_str_t fuzz_input(const uint8_t *data, size_t size);

/* Take the first byte off, 0 when none is left. */
unsigned fuzz_byte(sc_str_t *in);

/* Take what is before the next LF off, and the LF; all when there is none. */
sc_str_t fuzz_line(sc_str_t *in);

/* A copy with a NUL behind it, in memory of just that size; free() it. */
char *fuzz_text(sc_str_t s);

/* Whether it is UTF-8 (RFC 3629); whether it is JSON, of any kind. */
int fuzz_utf8(sc_str_t s);
int fuzz_is_json(sc_str_t s);

/* What is in a buffer, as a view. */
sc_str_t fuzz_view(const sc_buf_t *b);

/* Whether both are the same bytes. */
int fuzz_same(sc_str_t a, sc_str_t b);


#endif /* FUZZ_H */
