#!/bin/bash
# Batches, as JSON lines: what a page of one costs from its line to its row,
# how fast lines are taken in, how fast results are given out, and the memory
# that takes.  It runs on loopback from a folder that is removed.
# usage: tests/bench/jobs.sh BUILD [PAGES=10000] [LINES=1000000] [ROWS=200000]

set -eu

build=$1
pages=${2:-10000}
lines=${3:-1000000}
rows=${4:-200000}
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh

mkdir -p "$dir/www/p"
for n in $(seq 0 499); do
    awk -v n="$n" -f tests/bench/page.awk > "$dir/www/p/$n.html"
done

listens=$(for n in $(seq 0 19); do
    echo "listen 127.0.$n.1:$((base + 1));"
done)
start_nginx origin "server { $listens root $dir/www;
    open_file_cache max=1000; types { text/html html; } charset utf-8; }" ""
start_gate "client_max_body_size 0;"

url=http://127.0.0.1:$base/v1
type='Content-Type: application/x-ndjson'
rules=$(tr '\n' ' ' < tests/bench/extract.lua |
    sed 's/.*rules = \[\[\(.*\)\]\].*/\1/')

post() { # BODY OUT [CURL OPTION…]
    local body=$1 out=$2
    shift 2
    curl -s -o "$out" -H "$type" -T "$body" -X POST "$@" "$url/batch"
}

id() {
    sed -n 's/^{"id":"\([^"]*\)".*/\1/p' "$1"
}

# what a page costs that nothing is done for but what must be done
floor=$("$build/tests/bench/floor" "$dir/www/p/7.html" 2000)
# shellcheck disable=SC2046
set -- $("$build/tests/bench/fetch" \
    "http://127.0.0.1:$((base + 1))/p/7.html" 20000 100)
limit=$(calc "($floor + $2) / 1000")


# a batch over hosts of its own, from its first line to its last row
{
    echo "{\"defaults\":{\"rules\":$rules}}"
    seq 0 $((pages - 1)) | awk -v port=$((base + 1)) '{
        printf "{\"url\":\"http://127.0.%d.1:%d/p/%d.html?%d\"}\n",
            $1 % 20, port, $1 % 500, $1 }'
} > "$dir/pages"

start_scraped pages.db --robots=ignore --host_connections=16
ready
# shellcheck disable=SC2154
before=$(cpu "$scraped" "$gate")
from=$(now)
post "$dir/pages" "$dir/out" -H 'Prefer: wait=45'
job=$(id "$dir/out")
until curl -s "$url/jobs/$job" -H 'Prefer: wait=10' |
        grep -q '"state":"completed"'; do :; done
to=$(now)
after=$(cpu "$scraped" "$gate")

json "batch of $pages pages of 30 KB, CPU of all ours a page" \
    "$(calc "($after - $before) / $pages")" "$limit" "ms"
json "batch of $pages pages of 30 KB" \
    "$(calc "$pages / ($to - $from)")" "" "/s"
stop_scraped

# each of its results so many times, read as one stream; the same by sqlite3
columns=$(sqlite3 "$dir/pages.db" "SELECT group_concat(name)
    FROM pragma_table_info('result') WHERE name NOT IN ('seq', 'id')")
sqlite3 "$dir/pages.db" "INSERT INTO result (id, $columns)
    SELECT printf('%s%06x', substr(id, 1, 23), value), $columns
    FROM result, generate_series(1, $rows / $pages - 1) ORDER BY value"
start_scraped pages.db
ready
from=$(now)
bytes=$(curl -s "$url/jobs/$job/results" -H 'Accept: application/x-ndjson' |
    tee >(wc -l > "$dir/count") | wc -c)
to=$(now)
[ "$(cat "$dir/count")" -ge "$rows" ] || echo "rows are missing" >&2
rate=$(calc "$bytes / ($to - $from) / 1e6")
from=$(now)
bytes=$(sqlite3 "$dir/pages.db" "SELECT json_object('seq', seq, 'id', id,
    'url', url, 'fetch', json(fetch), 'data', json(data)) FROM result" |
    wc -c)
to=$(now)
json "results of $rows pages as NDJSON" "$rate" \
    "$(calc "$bytes / ($to - $from) / 1e6")" "MB/s"
json "the same, peak of scraped" "$(peak "$scraped")" "" "KB RSS"
stop_scraped
rm -f "$dir"/pages.db*

# lines that are only taken in; the same lines as rows of a table, by sqlite3
seq "$lines" | awk '{ printf "{\"url\":\"http://h%d.example/p/%d\"}\n",
    $1 % 1000, $1 }' > "$dir/lines"
{
    echo "{\"defaults\":{\"rules\":{\"t\":\"//h1\"}}}"
    cat "$dir/lines"
} > "$dir/body"

ingest() { # COUNT: sets taken, and the most memory of both
    start_scraped "lines.db" --max_connections=1 --max_queue=100000000 \
        --resolver=127.0.0.1:9
    ready
    from=$(now)
    head -n "$1" "$dir/body" > "$dir/part"
    post "$dir/part" "$dir/out"
    to=$(now)
    taken=$(sed -n 's/.*"accepted":\([0-9]*\).*/\1/p' "$dir/out")
    most=$(peak "$scraped")
    stop_scraped
    rm -f "$dir"/lines.db*
}

ingest 1001
small=$most
ingest $((lines + 1))
rate=$(calc "$taken / ($to - $from)")
from=$(now)
sqlite3 "$dir/limit.db" "PRAGMA journal_mode = WAL" \
    "CREATE TABLE t (seq INTEGER PRIMARY KEY, line TEXT)" \
    ".mode tabs" "CREATE VIEW v AS SELECT line FROM t" \
    "CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN
        INSERT INTO t (line) VALUES (new.line); END" \
    ".import $dir/lines v" > "$dir/tmp/sqlite" 2>&1
to=$(now)
json "batch of $lines lines, taken in and committed" "$rate" \
    "$(calc "$lines / ($to - $from)")" "rows/s"
json "the same, peak of scraped beside that of 1,000 lines" "$most" "$small" \
    "KB RSS"
json "the same, peak of nginx's worker" "$(peak "$(worker "$gate")")" "" \
    "KB RSS"
