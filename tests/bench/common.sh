# shellcheck shell=bash disable=SC2154
# What the benches share: a folder, programs in it, what they cost.  For bash;
# sourced with build set, by a script that runs with set -eu.

top=$PWD
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d /tmp/scrape-bench-XXXXXX)
pids=
base=$((20000 + $$ % 20000))
mkdir -p "$dir/tmp"

stop() {
    for pid in $pids; do kill -QUIT "$pid" 2>/dev/null || true; done
    [ -z "${hang:-}" ] || kill -KILL "$hang" 2>/dev/null || true
    wait
    rm -rf "$dir"
}
trap stop EXIT
trap 'exit 1' INT TERM HUP

temps() {
    for t in client_body proxy fastcgi uwsgi scgi; do
        echo "${t}_temp_path $dir/tmp/$1-$t;"
    done
}

start_nginx() { # NAME CONFIGURATION MAIN
    printf '%s\n' "$([ "$(id -u)" -ne 0 ] || echo 'user root;')" \
        "daemon off; worker_processes 1; pid $dir/$1.pid;" \
        "error_log $dir/$1.log;" "$3" "events { worker_connections 4096; }" \
        "http { access_log off; $(temps "$1")" \
        "keepalive_requests 100000000; $2 }" > "$dir/$1.conf"
    nginx -p "$dir" -e "$dir/$1.log" -c "$dir/$1.conf" &
    pids="$pids $!"
    eval "$1=$!"
}

start_gate() { # LOCATIONS
    start_nginx gate "upstream s { server unix:$dir/s.sock; keepalive 128; }
        server { listen 127.0.0.1:$base; $1
        location /v1/ { scrape_pass s; }
        location /readyz { scrape_pass s; } }" \
        "load_module $top/$build/ngx_http_scrape_module.so;"
}

start_scraped() { # STORE OPTION…: sets scraped
    local store=$1
    shift
    "$build/scraped" --listen="unix:$dir/s.sock" --store="$dir/$store" \
        --allow_addresses=127.0.0.0/8 --log="$dir/scraped.log" "$@" &
    scraped=$!
    pids="$pids $scraped"
}

stop_scraped() {
    kill -TERM "$scraped"
    wait "$scraped" || true
}

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

# the process that a master has
worker() {
    tr -d ' ' < "/proc/$1/task/$1/children"
}

# the most a process has had, in KB
peak() {
    awk '/^VmHWM/ { print $2 }' "/proc/$1/status"
}

now() {
    date +%s.%N
}

json() { # NAME OURS LIMIT UNIT
    awk -v n="$1" -v o="$2" -v l="$3" -v u="$4" 'BEGIN {
        printf "{\"name\":\"%s\",\"ours\":%.4g,\"limit\":%s,\"ratio\":%s," \
            "\"unit\":\"%s\"}\n", n, o, l == "" ? "null" : l,
            l == "" ? "null" : sprintf("%.3g", o / l), u }'
}

calc() { # EXPRESSION
    awk "BEGIN { printf \"%.4g\", $1 }"
}
