#!/bin/bash
# The figures, as JSON lines: ours, the limit measured in the same run, and
# their ratio. Everything runs on loopback from a folder that is removed.
# usage: tests/bench/run.sh BUILD [SECONDS]

set -eu

build=$1
seconds=${2:-5}
top=$PWD
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d /tmp/scrape-bench-XXXXXX)
pids=
base=$((20000 + $$ % 20000))
export PAGES=500 ORIGIN=http://127.0.0.1:$((base + 1))/p/ PREFER=

stop() {
    for pid in $pids; do kill -QUIT "$pid" 2>/dev/null || true; done
    [ -z "${hang:-}" ] || kill -KILL "$hang" 2>/dev/null || true
    wait
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

mkdir -p "$dir/www/p" "$dir/tmp"
for n in $(seq 0 $((PAGES - 1))); do
    awk -v n="$n" -f tests/bench/page.awk > "$dir/www/p/$n.html"
done

temps() {
    for t in client_body proxy fastcgi uwsgi scgi; do
        echo "${t}_temp_path $dir/tmp/$1-$t;"
    done
}

start_nginx() { # NAME CONFIGURATION
    printf '%s\n' "$([ "$(id -u)" -ne 0 ] || echo 'user root;')" \
        "daemon off; worker_processes 1; pid $dir/$1.pid;" \
        "error_log $dir/$1.log;" "$3" "events { worker_connections 4096; }" \
        "http { access_log off; $(temps "$1")" \
        "keepalive_requests 100000000; $2 }" > "$dir/$1.conf"
    nginx -p "$dir" -e "$dir/$1.log" -c "$dir/$1.conf" &
    pids="$pids $!"
    eval "$1=$!"
}

start_nginx origin "server { listen 127.0.0.1:$((base + 1)); root $dir/www;
    open_file_cache max=1000; types { text/html html; } charset utf-8; }" ""

# the limit of a hand-over: nginx to nginx over a Unix socket
start_nginx back "server { listen unix:$dir/back.sock; return 202; }" ""
start_nginx front "upstream b { server unix:$dir/back.sock; keepalive 128; }
    server { listen 127.0.0.1:$((base + 2)); location / {
    proxy_pass http://b; proxy_http_version 1.1;
    proxy_set_header Connection ''; } }" ""

start_nginx gate "upstream s { server unix:$dir/s.sock; keepalive 128; }
    server { listen 127.0.0.1:$base;
    location /v1/ { scrape_pass s; } location /readyz { scrape_pass s; } }" \
    "load_module $top/$build/ngx_http_scrape_module.so;"

"$build/scraped" --listen="unix:$dir/s.sock" --store="$dir/s.db" \
    --allow_addresses=127.0.0.0/8 --log="$dir/scraped.log" &
scraped=$!
pids="$pids $scraped"

ready() {
    for _ in $(seq 100); do
        if curl -sf -o "$dir/tmp/r" "http://127.0.0.1:$base/readyz"; then
            return
        fi
        sleep 0.1
    done
    echo "the gateway does not become ready" >&2
    exit 1
}
ready

# milliseconds of CPU of a process and its children
cpu() {
    local pid total=0
    for pid in "$@" $(for p in "$@"; do
                          cat "/proc/$p/task/$p/children"; done); do
        total=$((total + $(awk '{ print $14 + $15 }' "/proc/$pid/stat")))
    done
    echo $((total * 1000 / $(getconf CLK_TCK)))
}

rss() {
    local pid total=0
    for pid in "$1" $(cat "/proc/$1/task/$1/children"); do
        total=$((total + $(awk '/^VmRSS/ { print $2 }' \
            "/proc/$pid/status")))
    done
    echo $total
}

load() { # CONNECTIONS URL: sets requests, errors, p50, p99
    read -r _ requests errors _ p50 p99 < <(
        wrk -t1 -c"$1" -d"${seconds}s" --timeout 30s --latency \
            -s tests/bench/extract.lua "$2" | grep BENCH)
    [ "$errors" -eq 0 ] || echo "$errors of $requests failed" >&2
}

json() { # NAME OURS LIMIT UNIT
    awk -v n="$1" -v o="$2" -v l="$3" -v u="$4" 'BEGIN {
        printf "{\"name\":\"%s\",\"ours\":%.4g,\"limit\":%s,\"ratio\":%s," \
            "\"unit\":\"%s\"}\n", n, o, l == "" ? "null" : l,
            l == "" ? "null" : sprintf("%.3g", o / l), u }'
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
kill -TERM $scraped
wait $scraped || true
"$build/tests/origin/origin" 0 > "$dir/hang" &
hang=$!
pids="$pids $hang"
"$build/scraped" --listen="unix:$dir/s.sock" --store="$dir/q.db" \
    --log="$dir/scraped.log" --max_queue=100000000 --max_connections=1 \
    --total_timeout=600000 --allow_addresses=127.0.0.0/8 &
scraped=$!
pids="$pids $scraped"
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
