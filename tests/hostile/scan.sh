#!/bin/sh
# Two scanners against a gateway that runs, black box: sqlmap looks for places
# where a value becomes SQL, wapiti for those where one becomes a command, a
# file, a header or a script.  Each URL is a scan by each of those that are
# installed; a scan has ended when the scanner says so itself, within
# SCAN_SECONDS.  The last line is {"scans":N,"ended":N,"findings":N}; the status
# is 0 when it came to that line.
# usage: tests/hostile/scan.sh GATEWAY-URL JOB-ID RESULT-ID PAGE-URL

set -eu

gateway=$1
job=$2
result=$3
page=$4
seconds=${SCAN_SECONDS:-1800}
scans=0
ended=0
findings=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

urls="$gateway/v1/jobs?state=completed&kind=extract&limit=5
$gateway/v1/jobs?tag=a:b&since=1&until=99999999999999
$gateway/v1/jobs?cursor=abc
$gateway/v1/jobs/$job*
$gateway/v1/jobs/$job/results?fields=t&since_seq=0
$gateway/v1/results?q=product
$gateway/v1/results?url=$page&fields=t
$gateway/v1/results?host=127.0.0.1&tag=a:b
$gateway/v1/results?ruleset=a&changed_since=1
$gateway/v1/results/$result*
$gateway/v1/results/$result/history?limit=2
$gateway/v1/sessions?after=a
$gateway/v1/rulesets/a*
$gateway/v1/schedules/a*
$gateway/v1/hosts/a*
$gateway/v1/extract?url=$page&xpath.t=h1"

# SCANNER URL FINDINGS-OR-EMPTY: empty is a scan that did not end
count() {
    scans=$((scans + 1))

    if [ -z "$3" ]; then
        echo "$1 did not end: $2"
        tail -n 3 "$dir/log"
        return
    fi

    ended=$((ended + 1))
    findings=$((findings + $3))
    [ "$3" = 0 ] || { echo "$1 found $3: $2"; cat "$dir/found"; }
}

# It says last whether a parameter is injectable; each that is has its heading.
scan_sqlmap() {
    timeout -k 10 "$seconds" sqlmap -u "$1" --batch --dbms=sqlite \
        --level="${SCAN_LEVEL:-2}" --risk=2 --technique=BEU --flush-session \
        --threads=4 --timeout=20 --retries=0 --ignore-code='*' \
        --output-dir="$dir/sqlmap" > "$dir/log" 2>&1 < /dev/null || true
    found=

    if grep -q '^\[\*\] ending @' "$dir/log"; then
        sed -n '/identified the following injection/,$p' "$dir/log" \
            > "$dir/found"

        if grep -q '^Parameter: ' "$dir/found"; then
            found=$(grep -c '^Parameter: ' "$dir/found")

        elif grep -q 'tested parameters do not appear to be injectable' \
                 "$dir/log"; then
            found=0
        fi
    fi

    count sqlmap "$1" "$found"
}

# Its report has a list for each kind; there is none when it was stopped, and
# nothing in it when the URL could not be read at all.
scan_wapiti() {
    rm -f "$dir/found"
    timeout -k 10 "$seconds" wapiti -u "${1%\*}" --scope url \
        -m blindsql,crlf,exec,file,redirect,sql,xss,xxe --flush-session -v 1 \
        --store-session "$dir/wapiti" --no-bugreport -f json -o "$dir/found" \
        > "$dir/log" 2>&1 < /dev/null || true
    found=

    if [ -f "$dir/found" ] && ! grep -q 'interrupted' "$dir/log" \
        && grep -q 'Wapiti found [1-9]' "$dir/log"; then
        found=$(python3 -c 'import json, sys
report = json.load(open(sys.argv[1]))
print(sum(len(v) for v in report["vulnerabilities"].values()))' \
            "$dir/found") || found=
    fi

    count wapiti "$1" "$found"
}

for scanner in sqlmap wapiti; do
    if command -v "$scanner" > /dev/null; then
        for url in $urls; do
            "scan_$scanner" "$url"
        done
    fi
done

echo "{\"scans\":$scans,\"ended\":$ended,\"findings\":$findings}"
