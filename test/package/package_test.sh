#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages in a clean Debian root, uses them, upgrades them, removes and purges them.
# test/package/package_test.sh FOLDER-WITH-DEBS; needs root and debootstrap; says so, and counts itself skipped, where it cannot.
set -u
debs=$(cd "${1:?folder with .deb files}" && pwd)
passed=0 failed=0
PATH=$PATH:/usr/sbin:/sbin

check() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1)) && echo "ok    package: $name"
    else
        failed=$((failed + 1)) && echo "FAIL  package: $name -- $(tail -c 300 "$work/log" | tr '\n' ' ')"
    fi
}
skip() { echo "skip  package: $1"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
[ "$(id -u)" = 0 ] || skip "not root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"

work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-root.XXXXXX")
clean=$work/root
daemon=
finish() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null
    umount "$clean/proc" "$clean/dev" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT

# the machine's own source of packages
mirror=$(awk '/^URIs:/ && $2 !~ /security/ { print $2; exit } /^deb / && $0 !~ /security/ { for (i = 2; i <= NF; i++) if ($i ~ /:\/\//) { print $i; exit } }' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -1)
suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
[ -n "$mirror" ] || skip "this machine's apt sources name no mirror"
echo "a clean root of $suite"
debootstrap --variant=minbase --include=adduser,libseccomp2,libjson-c5,openssl "$suite" "$clean" "$mirror" >"$work/log" 2>&1 ||
    skip "debootstrap failed: $(tail -1 "$work/log")"
mount -t proc proc "$clean/proc"
mount --bind /dev "$clean/dev"

inside() { DEBIAN_FRONTEND=noninteractive chroot "$clean" "$@"; }
version_of() { dpkg-deb -f "$1" Version; }

# newer PACKAGE: the same package with a higher version
newer() {
    rm -rf "$work/again"
    dpkg-deb -R "$1" "$work/again" &&
        sed -i "s/^Version: .*/Version: $(version_of "$1")+1/" "$work/again/DEBIAN/control" &&
        dpkg-deb -b "$work/again" "$clean/pkg/newer-$(basename "$1")" >/dev/null
}

start_daemon() {
    mkdir -p "$clean/run/edgehsm" && chroot "$clean" chown edgehsm:edgehsm /run/edgehsm
    chroot "$clean" /usr/sbin/edgehsmd --user edgehsm --allow-swap --state /var/lib/edgehsm \
        --socket /run/edgehsm/module.sock >"$work/daemon.log" 2>&1 &
    daemon=$!
    for _ in $(seq 100); do
        [ -S "$clean/run/edgehsm/module.sock" ] && inside edgehsm status >/dev/null 2>&1 && return 0
        sleep 0.1
    done
    cat "$work/daemon.log"
    return 1
}
stop_daemon() { kill "$daemon" && wait "$daemon"; daemon=; rm -f "$clean/run/edgehsm/module.sock"; return 0; }

mkdir -p "$clean/pkg"
for package in edgehsmd edgehsm libedgehsm-pkcs11 edgehsm-openssl; do
    cp "$(ls "$debs/${package}"_*.deb | grep -v dbgsym | tail -1)" "$clean/pkg/"
done
check "install" inside sh -c 'dpkg -i /pkg/*.deb'
check "the daemon's user and group are there" inside sh -c 'getent passwd edgehsm && getent group edgehsm'
check "the state folder is the daemon's alone" sh -c "[ \"\$(chroot '$clean' stat -c '%U %a' /var/lib/edgehsm)\" = 'edgehsm 700' ]"
check "the daemon starts as its own user" start_daemon
check "edgehsm init" inside edgehsm init
check "edgehsm key new" inside edgehsm key new tls
check "edgehsm sign" inside sh -c 'echo hello >/f && edgehsm sign -k tls /f'
check "openssl verifies" inside sh -c 'edgehsm key show tls --pem /tls.pub && openssl dgst -sha256 -verify /tls.pub -signature /f.sig /f'
check "openssl signs through the provider" inside sh -c 'OPENSSL_CONF=/usr/share/edgehsm/openssl.cnf openssl dgst -sha256 -sign edgehsm:tls -out /f3.sig /f && openssl dgst -sha256 -verify /tls.pub -signature /f3.sig /f'
check "p11-kit module file is in place" test -s "$clean/usr/share/p11-kit/modules/edgehsm.module"
check "man pages are in place" sh -c "ls $clean/usr/share/man/man1/edgehsm.1.gz $clean/usr/share/man/man8/edgehsmd.8.gz"
check "daemon stops" stop_daemon

for deb in "$clean"/pkg/*.deb; do newer "$deb"; done
check "upgrade" inside sh -c 'dpkg -i /pkg/newer-*.deb'
check "the daemon starts on the old store" start_daemon
check "the key signs after the upgrade" inside sh -c 'edgehsm sign -k tls /f -o /f2.sig && openssl dgst -sha256 -verify /tls.pub -signature /f2.sig /f'
check "daemon stops again" stop_daemon

check "remove" inside dpkg -r edgehsm-openssl edgehsm edgehsmd libedgehsm-pkcs11
check "the state is kept" test -s "$clean/var/lib/edgehsm/store.flash"
check "no program is left" sh -c "! ls $clean/usr/bin/edgehsm $clean/usr/sbin/edgehsmd $clean/usr/lib/*/ossl-modules/edgehsm.so 2>/dev/null"
check "purge" inside dpkg -P edgehsm-openssl edgehsm edgehsmd libedgehsm-pkcs11
check "the state is gone" test ! -e "$clean/var/lib/edgehsm"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
