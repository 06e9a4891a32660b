
#include <stdlib.h>
#include <string.h>

#include "common/regex/sc_regex.h"
#include "tests/fuzz/fuzz.h"


#define FUZZ_ROOM     65536
#define FUZZ_MATCHES  1000


static void fuzz_regex_matches(sc_regex_t *re, sc_str_t subject);
static void fuzz_regex_replaced(sc_regex_t *re, sc_str_t subject,
    sc_str_t with);


/* Lines: flags, a pattern, what it is replaced by; the rest is the subject. */
int
fuzz_regex(const uint8_t *data, size_t size)
{
    char             *flags;
    sc_str_t          in, pattern, with;
    sc_regex_t       *re;
    sc_regex_error_t  err;

    in = fuzz_input(data, size);
    flags = fuzz_text(fuzz_line(&in));
    pattern = fuzz_line(&in);
    with = fuzz_line(&in);
    re = sc_regex_compile(pattern.data, pattern.len, flags, &err);

    if (re == NULL) {
        FUZZ_HELD(err.message[0] != '\0');
        FUZZ_HELD(fuzz_utf8((sc_str_t) { strlen(err.message), err.message }));

    } else {
        fuzz_regex_matches(re, in);
        fuzz_regex_replaced(re, in, with);
        sc_regex_free(re);
    }

    free(flags);

    return 0;
}


static void
fuzz_regex_matches(sc_regex_t *re, sc_str_t subject)
{
    size_t             n;
    unsigned           i;
    sc_str_t           group;
    sc_regex_result_t  rc;

    rc = sc_regex_match(re, subject, 0);

    for (n = 0; rc == SC_REGEX_MATCH && n < FUZZ_MATCHES; n++) {
        for (i = 0; i <= sc_regex_ngroups(re); i++) {
            if (sc_regex_group(re, i, &group) == SC_OK) {
                FUZZ_HELD(group.data >= subject.data);
                FUZZ_HELD(group.data + group.len
                          <= subject.data + subject.len);
            }
        }

        rc = sc_regex_next(re);
    }

    FUZZ_HELD(n <= 2 * subject.len + 2);
}


static void
fuzz_regex_replaced(sc_regex_t *re, sc_str_t subject, sc_str_t with)
{
    sc_buf_t           out;
    sc_regex_error_t   err;
    sc_regex_result_t  rc;

    if (sc_regex_check_replacement(re, with, &err) != SC_OK) {
        return;
    }

    sc_buf_init(&out, FUZZ_ROOM);
    rc = sc_regex_replace(re, subject, with, 1, &out);

    if (rc == SC_REGEX_NO_MATCH) {
        FUZZ_HELD(fuzz_same(fuzz_view(&out), subject));

    } else if (rc != SC_REGEX_MATCH) {
        FUZZ_HELD(out.len == 0);
    }

    sc_buf_free(&out);
}
