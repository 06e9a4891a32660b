#!/bin/sh
# Start nginx, scraped and the demo shop on loopback, scrape a page, stay.
# usage: mk/run.sh DIR PORT

set -eu

top=$PWD
port=$2
mkdir -p "$1/tmp"
dir=$(cd "$1" && pwd)
api=http://127.0.0.1:$port
scraped= nginx=

case "$port" in
    ''|*[!0-9]*) echo "PORT \"$port\" is not a port" >&2; exit 2 ;;
esac

stop() {
    trap - EXIT INT TERM HUP
    [ -z "$nginx" ] || kill -QUIT "$nginx" 2>/dev/null || true
    [ -z "$scraped" ] || kill -TERM "$scraped" 2>/dev/null || true
    wait
}
trap stop EXIT
trap 'exit 0' INT TERM HUP

# workers of a root nginx would be nobody, who may not read this tree
user=
[ "$(id -u)" -ne 0 ] || user="user root;"

sed -e "s|@DIR@|$dir|g" -e "s|@TOP@|$top|g" -e "s|@PORT@|$port|g" \
    -e "s|@BUILD@|$top/build|g" -e "s|@USER@|$user|g" \
    conf/demo/nginx.conf.in > "$dir/nginx.conf"

printf '%s\n' "listen = unix:$dir/scraped.sock" "store = $dir/scraped.db" \
    "log = $dir/scraped.log" "allow_addresses = 127.0.0.0/8" \
    > "$dir/scraped.conf"

PATH=$PATH:/usr/sbin:/sbin

build/scraped -c "$dir/scraped.conf" &
scraped=$!

tries=0
until [ -S "$dir/scraped.sock" ]; do
    tries=$((tries + 1))
    if [ $tries -ge 50 ] || ! kill -0 "$scraped" 2>/dev/null; then
        break
    fi
    sleep 0.1
done

nginx -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf" &
nginx=$!

tries=0
until curl -sf -o "$dir/tmp/ready" "$api/readyz" 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -ge 100 ] || ! kill -0 "$scraped" 2>/dev/null \
       || ! kill -0 "$nginx" 2>/dev/null
    then
        echo "it did not start; the logs say:" >&2
        tail -n 5 "$dir/nginx.log" "$dir/scraped.log" >&2 || true
        exit 1
    fi
    sleep 0.1
done

body='{"url": "'$api'/shop/kettle.html",
 "rules": {"title": "//h1",
           "price": {"xpath": "//*[@itemprop=\"price\"]/@content",
                     "type": "number"},
           "images": [{"xpath": "//img/@src", "type": "url"}],
           "offers": {"each": "//li[@class=\"offer\"]",
                      "fields": {"seller": ".//a",
                                 "price": ".//b"}}}}'

printf '\n%s\n' "curl -s $api/v1/extract -H 'Content-Type: application/json' \\
  -d '$body'"
printf '\n'
curl -s "$api/v1/extract" -H 'Content-Type: application/json' -d "$body"
printf '\n\n%s\n%s\n\n' "The same with the rules that are in nginx.conf:" \
    "curl -s '$api/price?url=$api/shop/kettle.html'"
curl -s "$api/price?url=$api/shop/kettle.html"
printf '\n\n%s\n' "Serving on $api, state in $dir. Ctrl-C stops."

wait
