#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# test/load/threads.sh BUILD WATCHED: clients of BUILD, some hostile, on the daemon of WATCHED, which is built with
# ThreadSanitizer and has no sandbox, for the sanitizer's run-time needs what that forbids. Any report fails.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd) watched=$(cd "$2" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-threads.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/build/body/daemon" "$work/kept"
chmod 755 "$work/kept"
ln -s "$build/host" "$work/build/host"
ln -s "$watched/test/load/edgehsmd-open" "$work/build/body/daemon/edgehsmd"

# exitcode: a daemon that reported ends like any other, so that its log is kept. symbolize: no program is started.
export TSAN_OPTIONS="exitcode=0 symbolize=0" KEEP=1 TMPDIR=$work/kept CMOCKA_MESSAGE_OUTPUT=TAP
export LOAD_CLIENTS="${LOAD_CLIENTS:-40}" LOAD_HOSTILE="${LOAD_HOSTILE:-8}" LOAD_SECONDS="${LOAD_SECONDS:-20}"
EDGEHSM_BUILD=$work/build "$root/tools/with-module" --access peers --daemon --log-max --daemon 1G \
    "$build/test/load/load_test" || failed=1
log=$(ls "$work"/kept/*/daemon.log)
reports=$(grep -c '^WARNING: ThreadSanitizer' "$log")
if [ "$reports" != 0 ]; then
    grep -A 30 '^WARNING: ThreadSanitizer' "$log" | head -120
    echo "not ok no_thread_races_another # $reports reports; addresses: addr2line -fe $watched/test/load/edgehsmd-open"
    exit 1
fi
echo "ok no_thread_races_another"
exit "${failed:-0}"
