#!/bin/sh
# Install the Debian packages that a target needs and that are missing.
# usage: mk/deps.sh build|run|bench|test|prove|fuzz
#
# As root, or with a sudo that does not ask, it installs them; otherwise it
# says which are missing and stops.  No service is started by what it installs.

set -eu

build="gcc libc6-dev make pkg-config nginx nginx-dev libxml2-dev
libcurl4-openssl-dev libsqlite3-dev libc-ares-dev libjansson-dev libinih-dev
libidn2-dev libssl-dev uthash-dev zlib1g-dev libpcre2-dev libgumbo-dev
libuchardet-dev libseccomp-dev libpsl-dev libsystemd-dev libbrotli-dev
libzstd-dev"
run="$build curl"
bench="$run check libsubunit-dev wrk apache2-utils sqlite3"
test="$run check libsubunit-dev pmccabe cppcheck clang-tidy valgrind
python3-httpbin python3-gunicorn tinyproxy-bin squid microsocks dnsmasq-base
python3-parsel python3-html5lib python3-prometheus-client sqlite3
libxml2-utils nodejs"
prove="$test iproute2 sqlmap wapiti"
fuzz="$test clang libclang-rt-14-dev llvm-14"

case "${1:-}" in
    build) want=$build ;;
    run)   want=$run ;;
    bench) want=$bench ;;
    test)  want=$test ;;
    prove) want=$prove ;;
    fuzz)  want=$fuzz ;;
    *)     echo "usage: mk/deps.sh build|run|bench|test|prove|fuzz" >&2; exit 2 ;;
esac

missing=
for package in $want; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) \
        || state=
    [ "$state" = installed ] || missing="$missing $package"
done

[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    echo "missing packages, and neither root nor sudo to install them:" >&2
    echo "    apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "installing$missing"

# invoke-rc.d asks this file before a package may start its service
policy=/usr/sbin/policy-rc.d
kept=
restore() {
    $as_root rm -f $policy
    [ -z "$kept" ] || $as_root mv $kept $policy
}
if $as_root test -e $policy; then
    kept=$policy.scrape-kept
    $as_root mv $policy $kept
fi
trap restore EXIT
trap 'exit 1' INT TERM HUP
printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
$as_root chmod 755 $policy

export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -q --no-install-recommends $missing >/dev/null
