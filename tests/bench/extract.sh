#!/bin/bash
# Extracts that are waited for, as JSON lines: latency and rate through nginx,
# what they cost, and what parts of them cost by themselves.  It runs on
# loopback from a folder that is removed.
# usage: tests/bench/extract.sh BUILD [SECONDS=5]

set -eu

build=$1
seconds=${2:-5}
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
export PAGES=500 ORIGIN=http://127.0.0.1:$((base + 1))/p/ PREFER=

mkdir -p "$dir/www/p"
for n in $(seq 0 $((PAGES - 1))); do
    awk -v n="$n" -f tests/bench/page.awk > "$dir/www/p/$n.html"
done

start_nginx origin "server { listen 127.0.0.1:$((base + 1)); root $dir/www;
    open_file_cache max=1000; types { text/html html; } charset utf-8; }" ""
start_gate ""
start_scraped s.db
ready

load() { # CONNECTIONS URL: sets requests, errors and p50
    read -r _ requests errors _ p50 _ < <(
        wrk -t1 -c"$1" -d"${seconds}s" --timeout 30s --latency \
            -s tests/bench/extract.lua "$2" | grep BENCH)
    [ "$errors" -eq 0 ] || echo "$errors of $requests failed" >&2
}

url=http://127.0.0.1:$base/v1/extract

json "idle, scraped and its workers" "$(rss "$scraped")" "" "KB RSS"

load 8 "$url"                                           # warm
floor=$("$build/tests/bench/floor" "$dir/www/p/7.html" 2000)

# shellcheck disable=SC2046
set -- $("$build/tests/bench/fetch" "${ORIGIN}7.html" 20000 100)
json "fetch alone of a 30 KB page, c=100, CPU" "$1" "$2" "us"

"$build/tests/bench/handover" 50000

# libcurl's fetch, one parse, the rules, on all cores
limit=$(calc "($floor + $2) / 1000")
most=$(calc "$(nproc) * 1000 / $limit")

load 1 "$url"
json "extract of a 30 KB page, c=1, p50" "$p50" "$limit" "ms"

# shellcheck disable=SC2154
before=$(cpu "$scraped" "$gate")
load 100 "$url"
after=$(cpu "$scraped" "$gate")
json "extract of a 30 KB page, c=100, CPU of all ours" \
    "$(calc "($after - $before) / $requests")" "$limit" "ms"
json "extract of a 30 KB page, c=100" "$(calc "$requests / $seconds")" \
    "$most" "/s"
