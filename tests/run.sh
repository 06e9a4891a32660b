#!/bin/sh
# Run every suite: style, unit and replay (sanitized), integration (sanitized,
# then as built for users).  The last lines are those of the last suite; the status is
# 0 only when all passed.
# usage: tests/run.sh BUILD SANITIZED-BUILD

set -u

build=$1
sanitized=$2
failed=

run() {
    echo "== $2"
    BUILD=$1 "$2" || failed="$failed $2"
}

# suites that share nothing, two at a time; what each said stays together
together() {
    logs=$(mktemp -d)
    of=$1
    shift
    printf '%s\n' "$@" | BUILD=$of xargs -P 2 -I SUITE sh -c '
        "$1" > "$2/$(basename "$1")" 2>&1
        echo $? > "$2/$(basename "$1").status"' sh SUITE "$logs"
    for suite in "$@"; do
        name=$(basename "$suite")
        echo "== $suite"
        cat "$logs/$name"
        [ "$(cat "$logs/$name.status")" = 0 ] || failed="$failed $suite"
    done
    rm -rf "$logs"
}

# shellcheck disable=SC2046
together "$sanitized" $(find "$sanitized"/tests/unit "$sanitized"/tests/replay \
               -name 'test_*' ! -name '*.*' | sort)

for suite in "$build"/tests/style/test_*; do
    run "$build" "$suite"
done

for of in "$sanitized" "$build"; do
    together "$of" "$of"/tests/integration/test_*
done

if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
