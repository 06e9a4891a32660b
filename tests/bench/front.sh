#!/bin/bash
# What a request costs in nginx and scraped, over a channel and over stock
# keepalive: enqueued and committed, a stored result, the same from the cache.
# The limits of the same run: nginx to nginx over a Unix socket, a file of
# nginx's, proxy_cache. JSON lines.
# usage: tests/bench/front.sh BUILD [SECONDS] [CONNECTIONS…]

set -eu

build=$1
seconds=${2:-3}
shift $(($# < 2 ? $# : 2))
[ $# -gt 0 ] || set -- 1 16 100 400
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh

mkdir -p "$dir/www" "$dir/cache" "$dir/pcache"
awk 'BEGIN { for (i = 0; i < 1024; i++) printf "x" }' > "$dir/www/1k"
cp "$dir/www/1k" "$dir/www/page.html"

# limits: a hand-over, a file, a cached one
start_nginx back "server { listen unix:$dir/back.sock; root $dir/www;
    location = /202 { return 202; } }" ""
start_nginx front "proxy_cache_path $dir/pcache keys_zone=p:1m;
    upstream b { server unix:$dir/back.sock; keepalive 512; }
    server { listen 127.0.0.1:$((base + 2)); root $dir/www;
        location = /202 { proxy_pass http://b; proxy_http_version 1.1;
            proxy_set_header Connection ''; }
        location = /cached { proxy_pass http://b/1k; proxy_cache p;
            proxy_cache_valid 1h; } }" ""
# shellcheck disable=SC2154
front_pids="$front $back"

# an origin's page of 1 KB, for the result that is read
start_nginx origin "server { listen 127.0.0.1:$((base + 1)); root $dir/www;
    types { text/html html; } }" ""

gate() { # NAME PORT UPSTREAM
    mkdir -p "$dir/cache-$1"
    start_nginx "$1" "scrape_cache_path $dir/cache-$1 keys_zone=c:1m;
        scrape_temp_path $dir/tmp/$1-scrape;
        upstream s { server unix:$dir/s.sock; $3 }
        server { listen 127.0.0.1:$2 backlog=4096;
            location /v1/ { scrape_pass s; }
            location /readyz { scrape_pass s; }
            location /cached/v1/ { scrape_pass s; scrape_cache c;
                scrape_cache_valid 1h; scrape_ignore_headers Cache-Control; }
        }" "load_module $top/$build/ngx_http_scrape_module.so;"
}

gate channel "$base" "scrape_channel;"
gate keepalive "$((base + 3))" "keepalive 512;"
start_scraped s.db --max_queue=100000000 --max_connections=1 \
    --total_timeout=600000
ready

# the result that is read, then a fetch that holds the only place
result=$(curl -s "http://127.0.0.1:$base/v1/extract" \
    -H 'Content-Type: application/json' -d "{\"url\":
    \"http://127.0.0.1:$((base + 1))/page.html\",\"rules\":
    {\"text\":\"//body\"}}" | sed 's/.*"result":"\([^"]*\)".*/\1/')
"$build/tests/origin/origin" 0 > "$dir/hang" &
hang=$!
pids="$pids $hang"
sleep 0.2
export PREFER=respond-async PAGES=500
ORIGIN="http://127.0.0.1:$(cat "$dir/hang")/hang?"
export ORIGIN

# microseconds of CPU a request of these processes: sets cost and rate
load() { # CONNECTIONS URL SCRIPT PID…
    local before after c=$1 url=$2 script=$3 requests errors
    shift 3
    before=$(cpu "$@")
    read -r _ requests errors _ < <(
        wrk -t1 -c"$c" -d"${seconds}s" --timeout 30s --latency \
            -s "tests/bench/$script.lua" "$url" | grep BENCH)
    after=$(cpu "$@")
    [ "$errors" -eq 0 ] || echo "$errors of $requests failed" >&2
    cost=$(calc "($after - $before) * 1000 / $requests")
    rate=$(calc "$requests / $seconds")
}

pair() { # NAME CONNECTIONS LIMIT PATH SCRIPT
    local limit=$3 way port pid
    for way in channel keepalive; do
        port=$base
        [ $way = channel ] || port=$((base + 3))
        pid=$(eval "echo \$$way")
        load "$2" "http://127.0.0.1:$port$4" "$5" "$pid" "$scraped"
        json "$1, c=$2, $way, CPU" "$cost" "$limit" "us"
        json "$1, c=$2, $way" "$rate" "" "/s"
    done
}

for c in "$@"; do
    # shellcheck disable=SC2086
    load "$c" "http://127.0.0.1:$((base + 2))/202" extract $front_pids
    pair "enqueue, committed" "$c" "$cost" /v1/extract extract

    # shellcheck disable=SC2154
    load "$c" "http://127.0.0.1:$((base + 2))/1k" read "$front"
    pair "stored result" "$c" "$cost" "$result" read

    # shellcheck disable=SC2154
    load "$c" "http://127.0.0.1:$((base + 2))/cached" read "$front"
    pair "cached result" "$c" "$cost" "/cached$result" read
done

# a thousand at once, each with a connection of its own
ab -q -c 1000 -n 20000 "http://127.0.0.1:$base$result" > "$dir/ab"
json "1,000 clients, 20,000 connections, failed" \
    "$(awk '/^Failed requests/ { print $3 }' "$dir/ab")" "" "requests"
json "1,000 clients, 20,000 connections, worst connect" \
    "$(awk '/^Connect:/ { print $6 }' "$dir/ab")" "" "ms"
