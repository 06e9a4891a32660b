#!/bin/bash
# N pages at once from N origins that answer late, as JSON lines: memory of a
# connection beside that of libcurl alone, and whether all are answered.  It
# runs on loopback from a folder that is removed.
# usage: tests/bench/held.sh BUILD [N=10000] [SECONDS=20]

set -eu

build=$1
export COUNT=${2:-10000} PORT
seconds=${3:-20}
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d /tmp/scrape-bench-XXXXXX)
pids=
base=$((20000 + $$ % 20000))

stop() {
    for pid in $pids; do kill -QUIT "$pid" 2>/dev/null || true; done
    [ -z "${late:-}" ] || kill -TERM "$late" 2>/dev/null || true
    wait
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

ulimit -n 40000 2>/dev/null || ulimit -n "$(ulimit -Hn)"
if [ "$(ulimit -n)" != unlimited ] && [ "$(ulimit -n)" -lt $((COUNT + 500)) ]
then
    echo "$(ulimit -n) open files are too few" >&2
    exit 1
fi

mkdir -p "$dir/tmp"

"$build/tests/bench/late" 0 "$seconds" > "$dir/port" &
late=$!

"$build/scraped" --listen="unix:$dir/s.sock" --store="$dir/s.db" \
    --allow_addresses=127.0.0.0/8 --log="$dir/scraped.log" --retries=0 \
    --max_connections=$((COUNT + COUNT / 5)) --max_queue=$((COUNT * 2)) \
    --robots=ignore --total_timeout=120000 --connect_timeout=30000 &
scraped=$!
pids=$scraped

cat > "$dir/nginx.conf" <<END
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
load_module $(realpath "$build")/ngx_http_scrape_module.so;
daemon off; worker_processes 1; pid $dir/nginx.pid; error_log $dir/nginx.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000;
$(for t in client_body proxy fastcgi uwsgi scgi; do
      echo "${t}_temp_path $dir/tmp/$t;"
  done)
upstream s { server unix:$dir/s.sock; keepalive 128; }
server { listen 127.0.0.1:$base; location / { scrape_pass s; } } }
END
nginx -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf" &
pids="$pids $!"

ready() {
    for _ in $(seq 100); do
        PORT=$(cat "$dir/port")
        if [ -n "$PORT" ] && curl -sf -o "$dir/tmp/r" \
            "http://127.0.0.1:$base/readyz"; then
            return
        fi
        sleep 0.1
    done
    echo "the gateway does not become ready" >&2
    exit 1
}
ready

json() { # NAME OURS LIMIT UNIT
    awk -v n="$1" -v o="$2" -v l="$3" -v u="$4" 'BEGIN {
        printf "{\"name\":\"%s\",\"ours\":%.5g,\"limit\":%s,\"ratio\":%s," \
            "\"unit\":\"%s\"}\n", n, o, l == "" ? "null" : l,
            l == "" ? "null" : sprintf("%.3g", o / l), u }'
}

rss() {
    awk '/^VmRSS/ { print $2 }' "/proc/$scraped/status"
}

# sets unended: jobs that have not ended
status() {
    read -r unended < <(curl -sf "http://127.0.0.1:$base/v1/status" |
        grep -o '"unended":[0-9]*' | tr -dc '0-9\n')
}

# sets held, those that wait at the origin now, and the most that did
held() {
    read -r held most < <(curl -sf "http://127.0.0.1:$PORT/held")
}

before=$(rss)
begun=$(date +%s%N)
wrk -t1 -c64 -d120s --timeout 60s -s tests/bench/held.lua \
    "http://127.0.0.1:$base/v1/extract" > "$dir/wrk" &
wrk=$!
pids="$pids $wrk"

# until all are held, or the first of them are answered
memory=0 of=0
while :; do
    held
    [ "$held" -ge "$of" ] || break
    if [ "$held" -gt "$of" ]; then
        memory=$(rss)
        of=$held
        ms=$((($(date +%s%N) - begun) / 1000000))
    fi
    [ "$held" -lt "$COUNT" ] || break
    [ $(($(date +%s%N) - begun)) -lt $(((seconds + 60) * 1000000000)) ] ||
        break
    sleep 0.05
done
[ "$of" -gt 0 ] || { echo "no origin was asked" >&2; exit 1; }

wait "$wrk" || true
taken=$(awk '/^TAKEN/ { print $2 }' "$dir/wrk")
taken=${taken:-0}
for _ in $(seq $((seconds * 20 + 200))); do
    status
    [ "$unended" -gt 0 ] || break
    sleep 0.5
done
held

answered=$(sqlite3 "$dir/s.db" "SELECT count(*) FROM result WHERE state = 2
    AND data LIKE '%At last%'")

# libcurl by itself, at the same origins
read -r limit alone < <("$build/tests/bench/alone" "$PORT" "$COUNT")
[ "$alone" -eq "$COUNT" ] || echo "libcurl got $alone, not $COUNT" >&2

[ "$most" -ge "$COUNT" ] || echo "$most were held at once, not $COUNT" >&2
[ "$taken" -eq "$COUNT" ] || echo "$taken jobs were taken, not $COUNT" >&2

name="$COUNT late origins"
json "$name, held at once" "$most" "$COUNT" "connections"
json "$name, begun" "$(awk -v n="$of" -v t="$ms" 'BEGIN {
    print n * 1000 / t }')" "" "/s"
json "$name held at once, RSS a connection" "$(awk -v a="$memory" \
    -v b="$before" -v n="$of" 'BEGIN { print (a - b) / n }')" "$limit" "KB"
json "$name, answered" "$answered" "$COUNT" "pages"
