#!/bin/sh
# The rules of the house that a program can hold, one subject a call. Prints
# what is wrong; the status is 0 when nothing is.
# usage: tests/style/check.sh SUBJECT

set -u

code=$(find common sidecar ngx_module tests -name '*.[ch]' | sort)
ours=$(find common sidecar ngx_module -name '*.[ch]' | sort)
status=0
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT

# kept in a file, as the end of a pipe cannot set a variable
complain() {
    echo "$*" | tee -a "$complaints"
}

# lines of grep's output are complaints
none() {
    found=$(cat)
    [ -z "$found" ] || complain "$found"
}

check_layout() {
    # shellcheck disable=SC2086
    awk -f tests/style/format.awk $code || status=1
}

check_banned() {
    words='strcpy|strcat|stpcpy|strncat|sprintf|vsprintf|gets|atoi|atol|atoll'
    words="$words|atof|strtok|alloca|scanf|sscanf|fscanf|system|popen|tmpnam"
    words="$words|mktemp|assert|rand|srand|localtime|gmtime|asctime|ctime"
    # shellcheck disable=SC2086
    grep -nE "(^|[^a-zA-Z0-9_])($words) *\(" $code /dev/null | none
    # shellcheck disable=SC2086
    grep -nE 'TODO|FIXME|(^|[^X])XXX([^X]|$)' $code /dev/null | none
}

# pmccabe: modified complexity, traditional, statements, first line, lines,
# file(line): function
check_lengths() {
    # shellcheck disable=SC2086
    pmccabe $(echo $ours | tr ' ' '\n' | grep '\.c$') | sort -k5n | awk '
        $1 > 15  { print $6 " " $7 ": complexity " $1 " > 15"; bad = 1 }
        $5 > 120 { print $6 " " $7 ": " $5 " lines > 120"; bad = 1 }
        { n[NR] = $5 }
        END {
            median = n[int((NR + 1) / 2)]
            p90 = n[int(NR * 0.9)]
            printf "%d functions, lines: median %d, p90 %d, longest %d\n",
                NR, median, p90, n[NR]
            if (median > 20) { print "median > 20"; bad = 1 }
            if (p90 > 60)    { print "p90 > 60"; bad = 1 }
            exit bad
        }' || status=1
    for file in $code; do
        lines=$(wc -l < "$file")
        [ "$lines" -le 800 ] || complain "$file: $lines lines > 800"
    done
}

# Nobody includes from above: each folder with all it may include from.
check_includes() {
    while read -r room may; do
        pattern=$(echo "$may" | tr ' ' '|')
        # shellcheck disable=SC2046
        grep -HnE '#include "(common|sidecar|ngx_module|tests)/' \
            $(find "$room" -maxdepth 1 -name '*.[ch]') /dev/null \
            | grep -vE "#include \"($pattern)/[^/]*\"" | none
    done <<'ROOMS'
common common
common/css common common/css
common/jsonpath common common/regex common/jsonpath
common/regex common common/regex
common/xpath common common/regex common/xpath
common/rules common common/css common/jsonpath common/regex common/xpath common/rules
ngx_module common common/rules ngx_module
sidecar/core common sidecar/core
sidecar/metrics common sidecar/metrics
sidecar/loop common sidecar/core sidecar/metrics sidecar/loop
sidecar/url common sidecar/core sidecar/resolve sidecar/url
sidecar/resolve common sidecar/core sidecar/metrics sidecar/loop sidecar/resolve
sidecar/fetch common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/resolve sidecar/proxy sidecar/fetch
sidecar/page common sidecar/core sidecar/url sidecar/page
sidecar/views common sidecar/core sidecar/url sidecar/page sidecar/views
sidecar/form common sidecar/core sidecar/url sidecar/page sidecar/form
sidecar/extract common common/regex common/xpath common/rules sidecar/core sidecar/url sidecar/page sidecar/form sidecar/views sidecar/extract
sidecar/crawl common common/rules sidecar/core sidecar/url sidecar/page sidecar/views sidecar/crawl
sidecar/worker common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/page sidecar/views sidecar/extract sidecar/crawl sidecar/worker
sidecar/store common sidecar/core sidecar/metrics sidecar/loop sidecar/store
sidecar/drift common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/store sidecar/drift
sidecar/rulesets common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/store sidecar/rulesets
sidecar/ctl common common/rules sidecar/core sidecar/url sidecar/page sidecar/extract sidecar/store sidecar/ctl
sidecar/robots common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/fetch sidecar/robots
sidecar/hosts common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/fetch sidecar/store sidecar/hosts
sidecar/proxy common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/proxy
sidecar/lanes common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/fetch sidecar/store sidecar/hosts sidecar/lanes
sidecar/session common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/fetch sidecar/store sidecar/session
sidecar/tenants common sidecar/core sidecar/loop sidecar/store sidecar/tenants
sidecar/frontier common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/resolve sidecar/fetch sidecar/extract sidecar/worker sidecar/store sidecar/robots sidecar/hosts sidecar/proxy sidecar/session sidecar/lanes sidecar/drift sidecar/tenants sidecar/frontier
sidecar/push common sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/resolve sidecar/fetch sidecar/store sidecar/push
sidecar/schedule common sidecar/core sidecar/metrics sidecar/loop sidecar/store sidecar/schedule
sidecar/export common sidecar/core sidecar/store sidecar/export
sidecar/jobs common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/fetch sidecar/store sidecar/robots sidecar/lanes sidecar/crawl sidecar/tenants sidecar/frontier sidecar/push sidecar/jobs
sidecar/api common common/rules sidecar/core sidecar/metrics sidecar/loop sidecar/url sidecar/extract sidecar/fetch sidecar/store sidecar/proxy sidecar/hosts sidecar/session sidecar/drift sidecar/rulesets sidecar/tenants sidecar/frontier sidecar/lanes sidecar/crawl sidecar/push sidecar/schedule sidecar/export sidecar/jobs sidecar/api
ROOMS
    # SQL is at home in store/
    # shellcheck disable=SC2046
    grep -nE '#include <sqlite3.h>' \
        $(find common sidecar ngx_module -name '*.[ch]' \
          | grep -v sidecar/store/) /dev/null | none
}

# A header is a manual: what it declares stands below a comment, and comments
# are two fifths of it.
check_headers() {
    for file in $(echo "$ours" | tr ' ' '\n' | grep '\.h$'); do
        awk '
            /^[ ]*\/\*/ { c = 1 }
            { if ($0 != "") { lines++ } }
            c { comments++ }
            /\*\// { c = 0; next }
            END {
                if (lines > 40 && comments * 100 < lines * 25) {
                    printf "%s: %d of %d lines are comment\n",
                        FILENAME, comments, lines
                    exit 1
                }
            }' "$file" || status=1
    done
}

# Directives, variables, settings and endpoints are what the pages say.
check_docs() {
    awk -f tests/style/directives.awk ngx_module/*.c docs/directives.md \
        || status=1
    for name in $(grep -oE '^    \{ "[a-z_]+", [01]' \
                      ngx_module/ngx_http_scrape_status_table.c \
                      | cut -d'"' -f2); do
        grep -qE "^\| \`$name(_total)?\` \|" docs/status.md \
            || complain "docs/status.md lacks $name"
    done
    for name in $(grep -oE '^SETTING\([A-Z]+, [a-z_]+' \
                      sidecar/core/settings.def | cut -d' ' -f2); do
        grep -q "^| \`$name\` |" docs/settings.md \
            || complain "docs/settings.md lacks the setting $name"
        grep -qE "^#$name =" conf/scraped.conf \
            || complain "conf/scraped.conf lacks the setting $name"
    done
    for type in $(grep -hoE '"/(fetch|policy|extract|server|request|job|result|ruleset|rules|limits)/[a-z-]+"' \
                      sidecar/*/*.c ngx_module/*.c | tr -d '"' | sort -u); do
        grep -q "$type" docs/api.md || complain "docs/api.md lacks $type"
    done
    frames=$(grep -oE 'sc_string\("[a-z]+"\)' common/sc_frame.c \
        | cut -d'"' -f2)
    [ -n "$frames" ] || complain "no frame found in the code"
    for type in $frames; do
        grep -q "^| \`$type\` |" docs/protocol.md \
            || complain "docs/protocol.md lacks the frame $type"
    done
}

# uninitvar: cppcheck does not see what the macros of uthash assign; gcc does
check_cppcheck() {
    # shellcheck disable=SC2046
    cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
        --enable=warning,performance,portability \
        --suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
        --suppress=uninitvar \
        -I. -D__GNUC__ -j 2 $(find common sidecar -name '*.c') 2>&1 || status=1
}

# The analyzer cannot follow the macros of uthash and utlist and sees freed
# memory behind them; the sanitized suites look there instead.
check_tidy() {
    flags=$(pkg-config --cflags libxml-2.0 libcurl libcares jansson inih \
        libidn2)
    macros=$(grep -lE '(HASH|DL)_[A-Z]+' common/*.c sidecar/*/*.c)
    # shellcheck disable=SC2086
    tidy "$CHECKS,$NOT_WITH_MACROS" $macros
    # shellcheck disable=SC2046
    tidy "$CHECKS" $(find common sidecar -name '*.c' \
        | grep -vxF "$macros")
}

# usage: tidy CHECKS FILE …
# The analyzer follows 40,000 states of a function: all 225,000 of its default
# would take longer than all suites together.
tidy() {
    checks=$1
    shift
    echo "$@" | tr ' ' '\n' | xargs -P 2 -n 1 sh -c '
        checks=$1; flags=$2; shift 2
        clang-tidy --quiet --warnings-as-errors="*" --checks="$checks" "$@" \
            --extra-arg=-Xclang --extra-arg=-analyzer-config \
            --extra-arg=-Xclang --extra-arg=max-nodes=40000 \
            -- -std=gnu11 -D_GNU_SOURCE -I. $flags 2>/dev/null' \
        sh "$checks" "$flags" || status=1
}

# A user's own CFLAGS come behind what the project needs, and take nothing of it
# away: the common code is part of a shared object, too.
check_flags() {
    unset MAKEFLAGS MAKELEVEL
    make -n -W common/sc_buf.c CFLAGS=-O0 build/obj/common/sc_buf.o \
        | grep ' -c ' | has "a common object" -std=gnu11 -fPIC -O0
    # the line that would configure is shown, not run
    make -n SHELL=/bin/echo -W config CFLAGS=-O0 \
        build/ngx_http_scrape_module.so | grep 'mk/module.sh' \
        | has "the module" -fPIC -O0
    check_flags_handed_on "${BUILD:-build}/nginx"
}

# usage: has WHAT FLAG …
# The commands on standard input, each of which must have these.
has() {
    what=$1
    shift
    commands=$(cat)
    if [ -z "$commands" ]; then
        complain "$what: no command"
        return
    fi
    for flag in "$@"; do
        echo "$commands" | grep -vE -e "[ \"]$flag( |\"|\$)" \
            | sed "s/^/$what lacks $flag: /" | none
    done
}

# What is on make's command line does not take the place of what configure
# wrote: in a copy of what it wrote, where nothing is built.
check_flags_handed_on() {
    if [ ! -e "$1/options" ]; then
        echo "skipped: $1 is not there"
        return
    fi
    # nginx's configure takes a dot in a name for that of an ending
    copy=$(mktemp -d /tmp/flagsXXXXXX)
    cp "$1/options" "$1"/*.[ch] "$copy"
    sed "s|$PWD/$1|$copy|g" "$1/Makefile" > "$copy/Makefile"
    MAKEFLAGS='n -- CFLAGS=-O0' mk/module.sh "$copy" \
        "$(cut -d'|' -f1 "$copy/options")" \
        "$(cut -d'|' -f2 "$copy/options")" | grep -E '^[a-z]*cc -c' \
        | has "an object of the module" -fPIC -D_GNU_SOURCE
    rm -rf "$copy" "$copy.log"
}

# The unit leaves scraped little that it does not need: systemd's scale is
# from 0 to 100.
check_unit() {
    if ! command -v systemd-analyze >/dev/null; then
        echo "skipped: systemd-analyze is not installed"
        return
    fi
    systemd-analyze security --offline=true --threshold=20 --no-pager \
        conf/scraped.service > /dev/null || complain \
        "systemd-analyze security conf/scraped.service: more than 2.0"
}

# The project speaks of itself alone.
check_words() {
    git ls-files -z --cached --others --exclude-standard 2>/dev/null \
        | xargs -0 grep -nIE '/(work|root)/[a-z]' \
        | grep -v '^tests/style/check.sh:' | none
}

CHECKS="-*,bugprone-*,clang-analyzer-*,misc-redundant-expression"
CHECKS="$CHECKS,-bugprone-easily-swappable-parameters"
CHECKS="$CHECKS,-bugprone-reserved-identifier,-bugprone-narrowing-conversions"
CHECKS="$CHECKS,-bugprone-assignment-in-if-condition"
CHECKS="$CHECKS,-clang-analyzer-security.insecureAPI.DeprecatedOrUnsafeBufferHandling"
CHECKS="$CHECKS,-bugprone-not-null-terminated-result"
NOT_WITH_MACROS="-clang-analyzer-unix.Malloc"
NOT_WITH_MACROS="$NOT_WITH_MACROS,-clang-analyzer-core.NullDereference"

"check_$1"
[ ! -s "$complaints" ] || status=1
exit $status
