#!/bin/sh
# Run the suites of a folder in full, one after the other: each prints a line of
# JSON for every promise it tried.
# usage: tests/prove.sh BUILD FOLDER

set -u

PROOF=full
BUILD=$1
export PROOF BUILD
failed=

for suite in "$BUILD/tests/$2"/test_*; do
    "$suite" || failed="$failed $suite"
done

if [ -n "$failed" ]; then
    echo "failed:$failed" >&2
    exit 1
fi
