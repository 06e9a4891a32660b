#!/bin/sh
# Build all of it on Debian 13, whose nginx is newer, and run the integration
# suites there: in a system of its own, made by debootstrap below FOLDER.
# usage: tests/debian13.sh [FOLDER]
#
# Needs root, debootstrap and a Debian mirror, which is the one of apt's
# configuration.  A FOLDER that is named is kept, and used again by the next
# run; without one it is a scratch folder that goes away.  JOBS=2 compilers
# and suites run at once; SUITES=… names a part of them.  Mounts and processes
# are in namespaces of their own: nothing of them is left behind.

set -eu

jobs=${JOBS:-2}
suites=${SUITES:-*}
release=trixie
folder=${1:-}

if [ "${IN_NAMESPACE:-}" != yes ]; then
    if [ "$(id -u)" -ne 0 ]; then
        echo "debootstrap and chroot need root" >&2
        exit 1
    fi

    if ! command -v debootstrap >/dev/null; then
        echo "missing package: apt-get install debootstrap" >&2
        exit 1
    fi

    if [ -z "$folder" ]; then
        folder=$(mktemp -d /var/tmp/scrape-debian13.XXXXXX)
        trap 'rm -rf --one-file-system "$folder"' EXIT
        trap 'exit 1' INT TERM HUP
    fi

    mkdir -p "$folder"
    # the inner root of a chroot is not nginx's worker: it must come through
    chmod 755 "$folder"
    IN_NAMESPACE=yes unshare --mount --pid --fork --kill-child \
        --propagation private "$0" "$folder"
    exit
fi

# the archive itself, not its updates, whichever host apt takes it from
mirror=$(apt-get indextargets --format '$(LABEL) $(COMPONENT) $(REPO_URI)' \
    'Created-By: Packages' | awk '$1 == "Debian" && $2 == "main" {
        print $3; exit }')

if [ -z "$mirror" ]; then
    echo "apt has no Debian mirror: apt-get update" >&2
    exit 1
fi

if [ ! -e "$folder/made" ]; then
    echo "making Debian $release from $mirror"
    rm -rf --one-file-system "$folder/system"
    debootstrap --variant=minbase --include=ca-certificates "$release" \
        "$folder/system" "$mirror" > "$folder/debootstrap.log" 2>&1 \
        || { tail -n 20 "$folder/debootstrap.log" >&2; exit 1; }
    touch "$folder/made"
fi

system=$folder/system
mount -t proc proc "$system/proc"
mount --rbind /sys "$system/sys"
mount --rbind /dev "$system/dev"
mount -t tmpfs -o mode=1777 tmpfs "$system/tmp"
cp /etc/resolv.conf "$system/etc/resolv.conf"

# what has been built there stays, and is built again where it changed
mkdir -p "$system/src"
find "$system/src" -mindepth 1 -maxdepth 1 ! -name build \
    -exec rm -rf {} +
tar -c --exclude=./build --exclude=./run --exclude=./.git . \
    | tar -x -C "$system/src"

in_system() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        JOBS="$jobs" SUITES="$suites" BUILD=build \
        chroot "$system" sh -euc "cd /src; $1"
}

in_system 'mk/deps.sh test; nginx -v'
in_system 'make -s -j"$JOBS" all build/tests/origin/origin \
    $(for f in tests/integration/test_$SUITES.c; do echo "build/${f%.c}"; done)'

# what a suite said is shown when it failed
in_system 'mkdir -p build/said
    for f in tests/integration/test_$SUITES.c; do echo "build/${f%.c}"; done \
    | xargs -P "$JOBS" -I SUITE sh -c '\''
        said=build/said/$(basename "$1")
        if "$1" > "$said" 2>&1; then
            echo "$1: $(tail -n 1 "$said")"
        else
            cat "$said"
            echo "$1: FAILED"
            exit 1
        fi'\'' sh SUITE'
