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

# usage: of FOLDER …
# Their suites; beside them are what they said and what they depend on.
of() {
    for folder in "$@"; do
        find "$top/tests/$folder" -name 'test_*' ! -name '*.*'
    done | sort
}

suites() {
    printf '%s\n' "$@" | BUILD=$top xargs -P 3 -I SUITE sh -c '
        timeout 900 SUITE > SUITE.log 2>&1 || echo "failed: SUITE" >&2'
}

# shellcheck disable=SC2046
suites $(of unit replay fuzz)
# shellcheck disable=SC2046
suites $(of integration)
# once more over the channel, as its half of the module is not used otherwise
export SCRAPE_UPSTREAM=channel
# shellcheck disable=SC2046
suites $(of integration)

# of what is compiled twice, that of the library
find $top/obj/common $top/obj/sidecar $top/nginx/addon/ngx_module \
    -name '*.gcno' | sort | while read -r notes; do
    gcov -b -c -f -n "$notes" 2> /dev/null || true
done | awk -v top="$sources/" -v unreached=$top/unreached -f mk/coverage.awk
