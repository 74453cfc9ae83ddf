#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wycheproof.sh PROGRAM: Project Wycheproof's vectors through the library and the line to the emulated chip
# (R-92). WYCHEPROOF_SAMPLE (60) takes one of so many; ./run long takes all, and the chip's log is taken
# out meanwhile, because it would get full.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
if [ "${1:?}" = --inner ]; then
    work=$(mktemp -d)
    (umask 077 && printf '%s\n' "$SO_PIN" >"$work/pin")
    while sleep 10; do
        "$EDGEHSM" log export "$work/log" --release --so-pin-file "$work/pin" >"$work/out" 2>&1 ||
            sed 's/^/# /' "$work/out"
        rm -f "$work/log"
    done &
    trap 'kill $!; rm -rf "$work"' EXIT
    "$2"
    exit
fi
export WYCHEPROOF_SAMPLE="${WYCHEPROOF_SAMPLE:-60}"
export WYCHEPROOF="${WYCHEPROOF:-$root/../shared/vectors/wycheproof}"
exec "$root/test/line/over_chip.sh" "$0" --inner "$1"
