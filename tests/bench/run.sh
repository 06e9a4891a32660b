#!/bin/bash
# The figures, as JSON lines: ours, the limit measured in the same run, and
# their ratio. Everything runs on loopback from a folder that is removed.
# usage: tests/bench/run.sh BUILD [SECONDS]

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

# the limit of a hand-over: nginx to nginx over a Unix socket
start_nginx back "server { listen unix:$dir/back.sock; return 202; }" ""
start_nginx front "upstream b { server unix:$dir/back.sock; keepalive 128; }
    server { listen 127.0.0.1:$((base + 2)); location / {
    proxy_pass http://b; proxy_http_version 1.1;
    proxy_set_header Connection ''; } }" ""

start_gate ""
start_scraped s.db
ready

load() { # CONNECTIONS URL: sets requests, errors, p50, p99
    read -r _ requests errors _ p50 p99 < <(
        wrk -t1 -c"$1" -d"${seconds}s" --timeout 30s --latency \
            -s tests/bench/extract.lua "$2" | grep BENCH)
    [ "$errors" -eq 0 ] || echo "$errors of $requests failed" >&2
}

url=http://127.0.0.1:$base/v1/extract

json "idle, scraped and its workers" "$(rss $scraped)" "" "KB RSS"

load 8 "$url"                                           # warm
floor=$("$build/tests/bench/floor" "$dir/www/p/7.html" 2000)

# shellcheck disable=SC2046
set -- $("$build/tests/bench/fetch" "${ORIGIN}7.html" 20000 100)
json "fetch alone of a 30 KB page, c=100, CPU" "$1" "$2" "us"

"$build/tests/bench/handover" 50000

load 1 "$url"
json "extract of a 30 KB page, c=1, p50" "$p50" \
    "$(awk -v f="$floor" 'BEGIN { print f / 1000 }')" "ms"

before=$(cpu $scraped $gate)
load 100 "$url"
after=$(cpu $scraped $gate)
json "extract of a 30 KB page, c=100, CPU of all ours" \
    "$(awk -v b="$before" -v a="$after" -v n="$requests" \
        'BEGIN { print (a - b) / n }')" \
    "$(awk -v f="$floor" 'BEGIN { print f / 1000 }')" "ms"
json "extract of a 30 KB page, c=100" \
    "$(awk -v n="$requests" -v s="$seconds" 'BEGIN { print n / s }')" "" "/s"

before=$(cpu $front $back)
load 100 "http://127.0.0.1:$((base + 2))/"
after=$(cpu $front $back)
limit=$(awk -v b="$before" -v a="$after" -v n="$requests" \
    'BEGIN { print (a - b) * 1000 / n }')

# the queue is not worked on meanwhile: only the hand-over is counted
stop_scraped
"$build/tests/origin/origin" 0 > "$dir/hang" &
hang=$!
pids="$pids $hang"
start_scraped q.db --max_queue=100000000 --max_connections=1 \
    --total_timeout=600000
ready

# one fetch that does not end holds the only place
export PREFER=respond-async ORIGIN=http://127.0.0.1:$(cat "$dir/hang")/hang?
before=$(cpu $scraped $gate)
load 100 "$url"
after=$(cpu $scraped $gate)
json "enqueue, committed, c=100, CPU of nginx and scraped" \
    "$(awk -v b="$before" -v a="$after" -v n="$requests" \
        'BEGIN { print (a - b) * 1000 / n }')" "$limit" "us"
json "enqueue, committed, c=100" \
    "$(awk -v n="$requests" -v s="$seconds" 'BEGIN { print n / s }')" "" "/s"

# and what a page that is waited for costs
tests/bench/held.sh "$build" 10000 20

# jobs of many pages
tests/bench/jobs.sh "$build"

# what nginx and scraped cost beside the page
tests/bench/front.sh "$build" "$seconds"
