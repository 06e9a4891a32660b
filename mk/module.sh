#!/bin/bash
# Build the nginx module against Debian's nginx-dev.
# usage: mk/module.sh BUILDDIR CC-OPTIONS LD-OPTIONS
#
# Leaves BUILDDIR/ngx_http_scrape_module.so.  Configures only when needed:
# when `config`, the files it takes or the options have changed.

set -eu

unset CFLAGS
top=$PWD
dir=$1
cc_opt=$2
ld_opt=$3
src=/usr/share/nginx/src

case "$dir" in /*) ;; *) dir=$top/$dir ;; esac
mkdir -p "$dir"

sources=$(echo "$top"/ngx_module/*.[ch] "$top"/common/*.[ch] \
               "$top"/common/*/*.[ch])
stamp="$cc_opt|$ld_opt|$(cat "$top/config" - <<< "$sources" | cksum)"

if [ ! -e "$dir/Makefile" ] \
   || [ "$(cat "$dir/options" 2>/dev/null)" != "$stamp" ]
then
    rm -rf "$dir"
    mkdir -p "$dir"
    # conf_flags sets an array of the options Debian's nginx was built with
    (
        cd $src
        . ./conf_flags
        ./configure "${NGX_CONF_FLAGS[@]}" --with-cc-opt="$cc_opt" \
            --with-ld-opt="$ld_opt" --add-dynamic-module="$top" \
            --builddir="$dir"
    ) > "$dir.log" 2>&1 || { tail -n 20 "$dir.log" >&2; exit 1; }
    printf '%s' "$stamp" > "$dir/options"
fi

# what make was given on its command line would take the place of what
# configure wrote: it is in the options already
MAKEFLAGS=${MAKEFLAGS-}
export MAKEFLAGS="${MAKEFLAGS%% -- *}"
make -s -C $src -f "$dir/Makefile" modules
