#!/bin/bash
# What the suites reach: a build of its own that counts (gcc --coverage), the
# unit, replay and integration suites over it, then a line for each room,
#
#     {"room":…,"lines":N,"reached":PERCENT,"branches":N,"taken":PERCENT}
#
# "all" last, and the functions that nothing has called in
# build/coverage/unreached.  Extract workers do not count: their sandbox lets
# them write no file, so that what runs there is seen by the unit suites alone.
# usage: mk/coverage.sh

set -eu

top=build/coverage
jobs=${JOBS:-$(nproc)}
sources=$PWD

make -s --no-print-directory -j"$jobs" BUILD=$top HARDEN= \
    CFLAGS="-O1 -g -w --coverage -fprofile-update=atomic" SAN_LDFLAGS=--coverage \
    all tests $top/tests/fuzz/test_replay

find $top -name '*.gcda' -delete

# one run over the channel, as its half of the module is not used otherwise
suites() {
    printf '%s\n' "$@" | BUILD=$top xargs -P 3 -I SUITE sh -c '
        timeout 900 SUITE > SUITE.log 2>&1 || echo "failed: SUITE" >&2'
}

suites $top/tests/unit/test_*[!.d] $top/tests/replay/test_*[!.d]
suites $top/tests/fuzz/test_replay
suites $top/tests/integration/test_*[!.d]
SCRAPE_UPSTREAM=channel suites $top/tests/integration/test_*[!.d]

# of what is compiled twice, that of the library
find $top/obj/common $top/obj/sidecar $top/nginx/addon/ngx_module \
    -name '*.gcno' | sort | while read -r notes; do
    gcov -b -c -f -n "$notes" 2> /dev/null || true
done | awk -v top="$sources/" -v unreached=$top/unreached -f mk/coverage.awk
