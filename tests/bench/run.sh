#!/bin/bash
# The figures, as JSON lines: ours, the limit measured in the same run, and
# their ratio. Everything runs on loopback from folders that are removed.
# usage: [ONLY=PART] [MILLIONS=1] tests/bench/run.sh BUILD [SECONDS=5]
#
# Parts are front (what nginx and scraped cost: enqueue, reads, connections),
# extract (pages that are waited for), jobs (batches and their results), held
# (10,000 origins that are late), queue (MILLIONS of URLs).  The whole takes
# about ten minutes; with MILLIONS=10 as long again.

set -eu

build=$1
seconds=${2:-5}

part() { # NAME ARGUMENT…
    local name=$1
    shift
    case "${ONLY:-$name}" in
        "$name") "tests/bench/$name.sh" "$build" "$@" ;;
    esac
}

case "${ONLY:-front}" in
    front|extract|jobs|held|queue) ;;
    *) echo "no part \"$ONLY\": front extract jobs held queue" >&2; exit 2 ;;
esac

part front "$seconds"
part extract "$seconds"
part jobs
part held 10000 20
[ -n "${MILLIONS:-}" ] || [ "${ONLY:-queue}" != queue ] ||
    echo "a queue of 1,000,000 URLs; MILLIONS=10 is the whole" >&2
part queue "${MILLIONS:-1}"
