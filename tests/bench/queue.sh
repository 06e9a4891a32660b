#!/bin/bash
# A long queue, as JSON lines: the memory that millions of URLs on 100,000
# hosts take, and how fast pages are dispatched from it beside a queue of
# 10,000.  Hosts are addresses of 127.0.0.0/8; it runs from a folder that is
# removed.
# usage: tests/bench/queue.sh BUILD [MILLIONS=1]

set -eu

build=$1
lines=$(awk -v m="${2:-1}" 'BEGIN { print int(m * 1000000) }')
short=10000
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh

# an origin for all addresses; each fetch is of another, so none is kept open
start_nginx origin "server { listen $((base + 1)) backlog=4096;
    keepalive_timeout 0; default_type text/html;
    return 200 '<!DOCTYPE html><h1>A page</h1>'; }" ""
start_gate "client_max_body_size 0;"
"$build/tests/origin/origin" 0 > "$dir/hang" &
hang=$!
pids="$pids $hang"
url=http://127.0.0.1:$base/v1

# one fetch after the other that does not end holds the only place
hold() {
    local n
    for n in $(seq 8); do
        curl -s -o "$dir/tmp/r" "$url/extract" -H 'Prefer: respond-async' \
            -H 'Content-Type: application/json' -d "{\"rules\":{\"t\":\"//h1\"},
            \"url\":\"http://127.0.0.1:$(cat "$dir/hang")/hang?$n\"}"
    done
}

lines() { # COUNT
    echo '{"defaults":{"rules":{"t":"//h1"}}}'
    seq 0 $(($1 - 1)) | awk -v port=$((base + 1)) '{
        h = $1 % 100000
        printf "{\"url\":\"http://127.%d.%d.%d:%d/p/%d\"}\n",
            1 + h / 65536, h / 256 % 256, h % 256, port, $1 }'
}

unended() {
    curl -s "$url/status" | grep -o '"unended":[0-9]*' | tr -dc '0-9'
}

# sets seconds from the moment that $1 have ended to that when $2 have
between() {
    local left from=
    while left=$(unended); do
        if [ -z "$from" ] && [ "$left" -le $((all - $1)) ]; then
            from=$(now)
            first=$left
        fi
        if [ "$left" -le $((all - $2)) ]; then
            break
        fi
        sleep 0.1
    done
    seconds=$(calc "$(now) - $from")
    ended=$((first - left))
}

queue() { # COUNT: sets rate of dispatch, of taking in, most memory in MB
    start_scraped q.db --max_connections=1 --max_queue=100000000 \
        --total_timeout=600000 --drain_timeout=0
    ready
    hold
    from=$(now)
    taken=$(lines "$1" | curl -s -H 'Content-Type: application/x-ndjson' \
        -T - -X POST "$url/batch" |
        sed -n 's/.*"accepted":\([0-9]*\).*/\1/p')
    into=$(calc "${taken:-0} / ($(now) - $from)")
    [ "${taken:-0}" -eq "$1" ] || echo "$taken of $1 were taken" >&2
    most=$(peak "$scraped")
    stop_scraped

    start_scraped q.db --robots=ignore --max_queue=100000000 \
        --drain_timeout=0
    ready
    all=$1
    between 1000 9000
    rate=$(calc "$ended / $seconds")
    [ "$(peak "$scraped")" -le "$most" ] || most=$(peak "$scraped")
    most=$(calc "$most / 1024")
    stop_scraped
    rm -f "$dir"/q.db*
}

queue "$short"
limit=$rate
small=$most
queue "$lines"
name="$lines URLs on 100,000 hosts"
json "$name, queued" "$into" "" "/s"
json "$name, peak of scraped beside that of 10,000" "$most" "$small" "MB RSS"
json "$name, dispatched beside a queue of 10,000" "$rate" "$limit" "/s"
