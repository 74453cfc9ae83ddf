#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench/bench.sh: measures this module, raw OpenSSL in the same process and SoftHSM 2, with one program, in turns, and
# prints a table of ratios. Writes bench/results.tsv, bench/RESULTS.md and bench/results.svg in the folder OUT (build/bench).
# ROUNDS (3) and SECONDS_EACH (1) may be set.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${EDGEHSM_BUILD:-$root/build}
out=${OUT:-$build/bench-results}
rounds=${ROUNDS:-3} each=${SECONDS_EACH:-1}
bench=$build/bench/bench
[ -x "$bench" ] || { echo "bench: $bench is missing: ./run build" >&2; exit 1; }
mkdir -p "$out"
tsv=$out/results.tsv
: >"$tsv"

say() { printf '%s\n' "$*" >&2; }

# ---- the peer: a SoftHSM 2 token on the same file system as the module's store
softhsm=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
if [ -n "$softhsm" ]; then
    mkdir -p "$work/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/tokens" >"$work/softhsm2.conf"
    export SOFTHSM2_CONF=$work/softhsm2.conf
    softhsm2-util --init-token --free --label bench --pin 123456 --so-pin 87654321 >/dev/null || softhsm=
fi
[ -n "$softhsm" ] || say "bench: SoftHSM 2 is not here: its columns stay empty (apt-get install softhsm2)"

on_softhsm() { [ -z "$softhsm" ] || MODULE=$softhsm TOKEN_LABEL=bench PIN=123456 "$bench" softhsm "$@" >>"$tsv"; }
on_raw() { "$bench" raw "$@" >>"$tsv"; }
# inside tools/with-module
on_module() { "$bench" module "$@" >>"$tsv"; }

# ---- one round: each case on each target, one after the other
signing="sign-p256 sign-ed25519 sign-rsa2048 sign-p384"
round() {
    local case
    for case in $signing gcm-1k gcm-64k; do
        on_raw $case 1 1 "$each" && on_module $case 1 1 "$each" && on_softhsm $case 1 1 "$each"
    done
    for case in 2 8; do
        on_raw sign-p256 $case 1 "$each" && on_module sign-p256 $case 1 "$each" && on_softhsm sign-p256 $case 1 "$each"
    done
    on_raw sign-p256 1 8 "$each" && on_module sign-p256 1 8 "$each" && on_softhsm sign-p256 1 8 "$each"
    for case in session keygen-p256-token; do
        on_module $case 1 1 "$each" && on_softhsm $case 1 1 "$each"
    done
}

# ---- many objects, once: filling takes long
many() {
    local n=${OBJECTS:-10000} i
    on_module fill "$n" && on_softhsm fill "$n"
    for i in 1 2 3; do
        on_module find "$n" && on_softhsm find "$n"
        on_module start "$n" && on_softhsm start "$n"
    done
}

if [ "${1:-}" = inside ]; then
    for i in $(seq "$rounds"); do
        say "round $i of $rounds"
        round || say "bench: a case failed, its line is missing"
    done
    say "${OBJECTS:-10000} objects"
    many || say "bench: a case failed, its line is missing"
    peak=$(awk '/VmHWM/ { print $2 }' "/proc/${EDGEHSM_DAEMON:-none}/status" 2>/dev/null || echo 0)
    printf 'daemon\tpeak-memory\t1\t1\t%s\t0\t0\t%s\n' "${peak:-0}" "${peak:-0}" >>"$tsv"
    exit 0
fi

export EDGEHSM_BUILD=$build OUT=$out
"$root/tools/with-module" bash "$0" inside || exit 1
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
machine="$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), kernel $(uname -r), $(openssl version | cut -d' ' -f1,2)"
awk -f "$root/bench/report.awk" -v commit="$commit" -v date="$(date -u +%Y-%m-%d)" -v machine="$machine" \
    -v rounds="$rounds" -v svg="$out/results.svg" "$tsv" >"$out/RESULTS.md" || exit 1
cat "$out/RESULTS.md"
say ""
say "written: $out/RESULTS.md, $out/results.svg, $out/results.tsv"
