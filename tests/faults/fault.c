
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/faults/fault.h"


/* the sanitizer's; NULL without it */
void __sanitizer_print_stack_trace(void) __attribute__((weak));

static void fault_trace(void);


static _Atomic unsigned  fault_kinds;
static _Atomic size_t    fault_calls;
static _Atomic size_t    fault_nth;
static _Atomic int       fault_held;


void
fault_begin(unsigned calls, size_t nth)
{
    fault_calls = 0;
    fault_nth = nth;
    fault_held = 0;
    fault_kinds = calls;
}


size_t
fault_end(void)
{
    fault_kinds = 0;

    return fault_calls;
}


int
fault_fails(unsigned kind)
{
    if (!(fault_kinds & kind) || fault_held > 0) {
        return 0;
    }

    if (atomic_fetch_add(&fault_calls, 1) + 1 != fault_nth) {
        return 0;
    }

    fault_trace();

    return 1;
}


/* for who looks into one of them: FAULT_TRACE=1 */
static void
fault_trace(void)
{
    if (getenv("FAULT_TRACE") == NULL || !__sanitizer_print_stack_trace) {
        return;
    }

    fault_hold();
    __sanitizer_print_stack_trace();
    fault_release();
}


void
fault_hold(void)
{
    fault_held++;
}


void
fault_release(void)
{
    fault_held--;
}
