#!/bin/bash
# Run the fuzzing targets: built with clang's address and undefined behaviour
# sanitizers, each for a time, on all processors.  Prints a line of JSON for
# each target,
#
#     {"target":…,"executions":N,"coverage":PERCENT,"features":N,"findings":N}
#
# where coverage is of the branches of the files that targets.def names, by
# what is in the target's corpus, and features is libFuzzer's own count.  What
# is found is left in build/fuzz/found/NAME; the status is 1 when there is any.
# usage: tests/fuzz/run.sh SECONDS [TARGET …]

set -eu

seconds=$1
shift
top=build/fuzz
measured=build/fuzz-coverage
jobs=${JOBS:-$(nproc)}
names=$(sed -n 's/^FUZZ_TARGET(\([a-z_]*\),.*/\1/p' tests/fuzz/targets.def)
[ $# -eq 0 ] || names=$*
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=print_stacktrace=1

# what targets.def says of a target: 2 is the size, 3 the files
said() {
    sed -n "s/^FUZZ_TARGET($1, \([0-9]*\), \"\(.*\)\")\$/\\$2/p" \
        tests/fuzz/targets.def
}

programs() {
    for name in $names; do
        echo "$1/tests/fuzz/fuzz_$name"
    done
}

built() {
    dir=$1
    shift
    # shellcheck disable=SC2046
    make -s --no-print-directory -j"$jobs" BUILD="$dir" CC=clang HARDEN= \
        "$@" $(programs "$dir")
}

# one target; libFuzzer ends at the first thing it finds
fuzzed() {
    name=$1
    mkdir -p "$top/corpus/$name" "$top/found/$name"
    dict=
    [ ! -e "tests/fuzz/$name.dict" ] || dict=-dict=tests/fuzz/$name.dict
    # shellcheck disable=SC2086
    "$top/tests/fuzz/fuzz_$name" $dict -max_total_time="$seconds" \
        -max_len="$(said "$name" 1)" -timeout=60 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$top/found/$name/" \
        "$top/corpus/$name" "tests/fuzz/seeds/$name" \
        > "$top/$name.log" 2>&1 || true
}

# branches of its files, in percent: of those that the compiler counts
covered() {
    name=$1
    program=$measured/tests/fuzz/fuzz_$name
    LLVM_PROFILE_FILE=$measured/$name.raw "$program" -runs=0 -timeout=60 \
        "$top/corpus/$name" "tests/fuzz/seeds/$name" \
        > "$measured/$name.log" 2>&1 || true
    llvm-profdata-14 merge -sparse -o "$measured/$name.data" \
        "$measured/$name.raw" 2> /dev/null || { echo null; return; }
    # shellcheck disable=SC2046
    llvm-cov-14 export -summary-only -instr-profile "$measured/$name.data" \
        "$program" $(said "$name" 2) 2> /dev/null \
        | sed -n 's/.*"totals":{"branches":{"count":\([0-9]*\),"covered":\([0-9]*\),.*/\1 \2/p' \
        | awk '{ printf "%.1f\n", $1 ? 100 * $2 / $1 : 100 }'
}

told() {
    name=$1
    log=$top/$name.log
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    features=$(sed -n 's/.* ft: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    findings=$(find "$top/found/$name" -type f | wc -l)
    printf '{"target":"%s","executions":%s,"coverage":%s,"features":%s,"findings":%s}\n' \
        "$name" "${executions:-0}" "$(covered "$name")" "${features:-0}" \
        "$findings"
}

case "${FUZZ_STEP:-}" in
    fuzz) fuzzed "$1"; exit 0 ;;
    tell) told "$1"; exit 0 ;;
esac

built $top SANITIZE=fuzzer-no-link,address,undefined CFLAGS="-O1 -g -w"
built $measured SANITIZE=fuzzer-no-link SAN_LDFLAGS=-fprofile-instr-generate \
    CFLAGS="-O1 -g -w -fprofile-instr-generate -fcoverage-mapping"
rm -rf $top/found

for step in fuzz tell; do
    # shellcheck disable=SC2086
    printf '%s\n' $names | FUZZ_STEP=$step xargs -P "$jobs" -I NAME \
        "$0" "$seconds" NAME
done | sort

if [ -n "$(find $top/found -type f)" ]; then
    echo "found:" >&2
    find $top/found -type f >&2
    exit 1
fi
