#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bench/bench.sh [publish]: measures this module, raw OpenSSL in the same process and SoftHSM 2, with one program, in
# turns, and prints a table of ratios. Writes results.tsv, RESULTS.md and results.svg to build/bench-results (or the
# folder OUT); with `publish` also RESULTS.md and results.svg to bench/. What a person has to say about the figures
# stands in bench/NOTES.md and becomes the end of RESULTS.md.
# ROUNDS (9), SECONDS_EACH (0.2) and OBJECTS (10000) may be set: rounds are short and many, since a shared machine is fast
# or slow for seconds at a time, and a ratio is worth something only inside one such time.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=${EDGEHSM_BUILD:-$root/build}
build=$(cd "$build" && pwd)
out=${OUT:-$build/bench-results}
rounds=${ROUNDS:-9} each=${SECONDS_EACH:-0.2} objects=${OBJECTS:-10000}
bench=$build/bench/bench
tsv=$out/results.tsv

say() { printf '%s\n' "$*" >&2; }
fail() { say "bench: $*" && exit 1; }

# ---- who is measured. A case that fails leaves its line out and says so.
measure() { timeout "${PATIENCE:-120}" "$bench" "$@" >>"$tsv" || say "bench: $* failed, its line is missing"; }
on_raw() { measure raw "$@"; }
on_module() { EDGEHSM_MODULE=$AUDITED measure module "$@"; }
on_unaudited() { measure unaudited "$@"; }
# The audited module again, while a hundred uses of a key share a record of its log.
log_each() { "$EDGEHSM" --module "$AUDITED" token set --log-each "$1" --so-pin-file "$BENCH_WORK/so" >/dev/null || say "bench: log-each $1 failed"; }
on_shared() { log_each 100 && EDGEHSM_MODULE=$AUDITED measure shared "$@" && log_each 1; }
on_softhsm() { [ -z "$SOFTHSM" ] || MODULE=$SOFTHSM TOKEN_LABEL=bench PIN=123456 measure softhsm "$@"; }

# ---- one round: each case on each target, one after the other
round() {
    local case form
    for case in sign-p256 sign-ed25519 sign-rsa2048 sign-p384 gcm-1k gcm-64k; do
        for form in "1 1" "2 1" "8 1" "1 8"; do
            # shellcheck disable=SC2086 # two words
            on_raw $case $form "$each" && on_module $case $form "$each" && on_softhsm $case $form "$each"
        done
    done
    for case in 1 2 3; do
        on_module audit-p256 1 1 "$each" && on_unaudited audit-p256 1 1 "$each" && on_shared audit-p256 1 1 "$each"
        on_module policy "$each" 1 && on_module policy "$each" 100
    done
    for case in keygen-p256-token session; do
        on_module $case 1 1 "$each" && on_softhsm $case 1 1 "$each"
    done
}

# ---- many objects: filling takes long, and is done once
many() {
    local i PATIENCE=7200
    on_module fill "$objects"
    on_softhsm fill "$objects"
    for i in 1 2 3; do
        on_module find "$objects" && on_softhsm find "$objects"
        on_module start "$objects" && WITH_PIN=1 on_softhsm start "$objects"
        on_module start-pin "$objects" && on_softhsm start-pin "$objects"
    done
    boot
}

# A second daemon on a copy of the store: from its start until it serves.
boot() {
    local i begun ended pid
    for i in 1 2 3; do
        rm -rf "$BENCH_WORK/boot" "$BENCH_WORK/boot.sock" && : >"$BENCH_WORK/boot.log" && cp -a "$EDGEHSM_STATE" "$BENCH_WORK/boot" || return
        begun=$(date +%s%N)
        "$build/body/daemon/edgehsmd" --state "$BENCH_WORK/boot" --socket "$BENCH_WORK/boot.sock" --user "$(stat -c %U "$BENCH_WORK/boot")" \
            --log-max 256M >"$BENCH_WORK/boot.log" 2>&1 &
        pid=$!
        until grep -q ': ready at ' "$BENCH_WORK/boot.log" || ! kill -0 $pid 2>/dev/null; do sleep 0.002; done
        ended=$(date +%s%N)
        if grep -q ': ready at ' "$BENCH_WORK/boot.log"; then
            printf 'module\tboot\t1\t1\t%s\t0\t0\t0\n' "$(awk "BEGIN { print ($ended - $begun) / 1e9 }")" >>"$tsv"
        else
            say "bench: the second daemon did not start:" && cat "$BENCH_WORK/boot.log" >&2
        fi
        kill $pid 2>/dev/null
        wait $pid
    done
}

# The memory of the daemon's processes.
memory_of() {
    local pid=$1 child
    for child in "$pid" $(cat /proc/"$pid"/task/*/children 2>/dev/null); do
        awk '/VmHWM/ { print $2 }' "/proc/$child/status" 2>/dev/null
    done | sort -n | tail -1
}

# ---- three calls of this script, one inside the other: for the module, for its double without log
case ${1:-} in
with-unaudited)
    printf '%s\n' "$SO_PIN" >"$BENCH_WORK/so"
    export AUDITED=$EDGEHSM_MODULE AUDITED_DAEMON=$EDGEHSM_DAEMON AUDITED_STATE=$EDGEHSM_STATE
    EDGEHSM_BUILD=$BENCH_WORK/unaudited exec "$root/tools/with-module" --daemon --log-max --daemon 8G bash "$0" inside
    ;;
inside)
    build=$REAL_BUILD bench=$build/bench/bench EDGEHSM_STATE=$AUDITED_STATE
    for i in $(seq "$rounds"); do
        say "round $i of $rounds"
        round
    done
    say "$objects objects"
    many
    peak=$(memory_of "$AUDITED_DAEMON")
    printf 'daemon\tpeak-memory\t1\t1\t%s\t0\t0\t%s\n' "${peak:-0}" "${peak:-0}" >>"$tsv"
    exit 0
    ;;
'' | publish) ;;
*) fail "usage: bench.sh [publish]" ;;
esac

[ -x "$bench" ] || fail "$bench is missing: ./run build"
log=$(meson compile -C "$build" edgehsmd-unaudited 2>&1) || { say "$log" && fail "the daemon without log does not build"; }
mkdir -p "$out"
: >"$tsv"
BENCH_WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-bench.XXXXXX")
trap 'rm -rf "$BENCH_WORK"' EXIT

# ---- the peer: a SoftHSM 2 token on the same file system as the module's store
SOFTHSM=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
if [ -n "$SOFTHSM" ]; then
    mkdir -p "$BENCH_WORK/tokens"
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$BENCH_WORK/tokens" >"$BENCH_WORK/softhsm2.conf"
    export SOFTHSM2_CONF=$BENCH_WORK/softhsm2.conf
    softhsm2-util --init-token --free --label bench --pin 123456 --so-pin 87654321 >/dev/null || SOFTHSM=
fi
[ -n "$SOFTHSM" ] || say "bench: SoftHSM 2 is not here: its columns stay empty (apt-get install softhsm2)"

# ---- the double: the same build but for the daemon
mkdir -p "$BENCH_WORK/unaudited/body/daemon"
ln -s "$build/bench/edgehsmd-unaudited" "$BENCH_WORK/unaudited/body/daemon/edgehsmd"
ln -s "$build/host" "$BENCH_WORK/unaudited/host"
chmod 755 "$BENCH_WORK"

export SOFTHSM BENCH_WORK REAL_BUILD=$build EDGEHSM_BUILD=$build OUT=$out
"$root/tools/with-module" --access pin --access peers --daemon --log-max --daemon 8G bash "$0" with-unaudited || exit 1
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
machine="$(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), kernel $(uname -r), $(openssl version | cut -d' ' -f1,2)"
{
    awk -f "$root/bench/report.awk" -v commit="$commit" -v date="$(date -u +%Y-%m-%d)" -v machine="$machine" \
        -v rounds="$rounds" -v each="$each" -v objects="$objects" -v svg="$out/results.svg" "$tsv" &&
        printf '\n' && cat "$root/bench/NOTES.md" && printf '\n![Ratios of each case](results.svg)\n'
} >"$out/RESULTS.md" || exit 1
cat "$out/RESULTS.md"
say ""
say "written: $out/RESULTS.md, $out/results.svg, $out/results.tsv"
if [ "${1:-}" = publish ]; then
    cp "$out/RESULTS.md" "$out/results.svg" "$root/bench/" && say "published: bench/RESULTS.md, bench/results.svg"
fi
