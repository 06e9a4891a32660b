#!/bin/sh
# Run every suite: style, unit and replay (sanitized), integration (sanitized and
# over scrape_channel, then as built for users and over keepalive), the promises
# in brief.  The last lines are those of the last suite, or again what the suites said that failed;
# the status is 0 only when all passed.
# usage: tests/run.sh BUILD SANITIZED-BUILD

set -u

build=$1
sanitized=$2
failed=
said=$(mktemp)

# suites that share nothing, three at a time, as most of them wait more than they
# work; what each said stays together
together() {
    logs=$(mktemp -d)
    of=$1
    shift
    printf '%s\n' "$@" | BUILD=$of xargs -P 3 -I SUITE sh -c '
        "$1" > "$2/$(basename "$1")" 2>&1
        echo $? > "$2/$(basename "$1").status"' sh SUITE "$logs"
    for suite in "$@"; do
        name=$(basename "$suite")
        echo "== $suite"
        cat "$logs/$name"

        if [ "$(cat "$logs/$name.status")" != 0 ]; then
            failed="$failed $suite"
            { echo "== $suite"; tail -n 60 "$logs/$name"; } >> "$said"
        fi
    done
    rm -rf "$logs"
}

# shellcheck disable=SC2046
together "$sanitized" $(find "$sanitized"/tests/unit "$sanitized"/tests/replay \
               "$sanitized"/tests/faults "$sanitized"/tests/fuzz \
               -name 'test_*' ! -name '*.*' | sort)

# the style keeps the processors busy while others wait
SCRAPE_UPSTREAM=channel
export SCRAPE_UPSTREAM
together "$sanitized" "$build"/tests/style/test_* \
    "$sanitized"/tests/integration/test_*

unset SCRAPE_UPSTREAM
together "$build" "$build"/tests/integration/test_*

# in brief, as PROOF=full is not set
# shellcheck disable=SC2046
together "$build" $(find "$build"/tests/torture "$build"/tests/load \
    "$build"/tests/hostile "$build"/tests/access -name 'test_*' | sort)

if [ -n "$failed" ]; then
    cat "$said"
    rm -f "$said"
    echo "failed:$failed" >&2
    exit 1
fi

rm -f "$said"
