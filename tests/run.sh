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

for suite in "$sanitized"/tests/unit/test_*[!.]; do
    case $suite in *.[od]) ;; *) run "$sanitized" "$suite" ;; esac
done

for suite in "$sanitized"/tests/replay/test_*; do
    run "$sanitized" "$suite"
done

for suite in "$build"/tests/style/test_*; do
    run "$build" "$suite"
done

for suite in "$sanitized"/tests/integration/test_*; do
    run "$sanitized" "$suite"
done

for suite in "$build"/tests/integration/test_*; do
    run "$build" "$suite"
done

if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
