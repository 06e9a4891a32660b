
#include "sidecar/fetch/jar.h"
#include "tests/fuzz/fuzz.h"


/* A jar's text: what a jar has written another one takes, and writes. */
int
fuzz_jar(const uint8_t *data, size_t size)
{
    int       rc;
    char      err[512];
    jar_t    *jar, *again;
    sc_buf_t  text, copy;

    jar = jar_create();
    again = jar_create();
    FUZZ_HELD(jar != NULL && again != NULL);
    sc_buf_init(&text, 0);
    sc_buf_init(&copy, 0);

    rc = jar_load(jar, fuzz_input(data, size), err, sizeof(err));
    FUZZ_HELD(rc == SC_OK || rc == SC_DECLINED);
    FUZZ_HELD(rc == SC_OK || jar_count(jar) == 0);
    FUZZ_HELD(jar_count(jar) <= JAR_MAX_COOKIES);
    FUZZ_HELD(jar_save(jar, &text) == SC_OK);

    rc = jar_load(again, fuzz_view(&text), err, sizeof(err));
    FUZZ_HELD(rc == SC_OK);
    FUZZ_HELD(jar_save(again, &copy) == SC_OK);
    FUZZ_HELD(fuzz_same(fuzz_view(&text), fuzz_view(&copy)));

    sc_buf_free(&text);
    sc_buf_free(&copy);
    jar_unref(jar);
    jar_unref(again);

    return 0;
}
