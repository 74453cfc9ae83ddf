#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test/long.sh [SHARE [WORD]]: the campaigns that take hours (./run long). SHARE, in percent (100),
# shortens those that can be; with WORD, only those run whose name has it. What was run and how it
# went is written to doc/LONG.md, or where REPORT says.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${EDGEHSM_BUILD:-$root/build}
fuzz_build=${FUZZ_BUILD:-$root/build-fuzz}
memory_build=${MEMORY_BUILD:-$root/build-memory}
report=${REPORT:-$root/doc/LONG.md}
share=${1:-100} word=${2:-}
case $share in
'' | *[!0-9]* | 0)
    echo "long.sh: '$share' is no share in percent; say for example: test/long.sh 10" >&2
    exit 2
    ;;
esac
[ -x "$build/test/load/load_test" ] || {
    echo "long.sh: $build/test/load/load_test is missing: ./run build" >&2
    exit 1
}
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-long.XXXXXX")
trap 'rm -rf "$work"' EXIT
export CMOCKA_MESSAGE_OUTPUT=TAP EDGEHSM_BUILD="$build"
failed=0

# of SECONDS: the share of it, one at least
of() { n=$(($1 * share / 100)); [ "$n" -gt 0 ] || n=1; echo "$n"; }

# campaign NAME COMMAND...: runs it, adds a row to the table and what it says of itself to the notes
campaign() {
    name=$1 began=$(date +%s)
    shift
    case $name in *"$word"*) ;; *) return 0 ;; esac
    echo "== $name"
    "$@" >"$work/log" 2>&1 && status=0 || status=$?
    took=$(($(date +%s) - began))
    passed=$(grep -c '^ok ' "$work/log" || true)
    bad=$(grep '^not ok ' "$work/log" | grep -vc '# SKIP' || true)
    if [ "$status" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
    failed=$((failed + bad))
    echo "| $name | $passed | $bad | $took |" >>"$work/rows"
    { echo; echo "$name:"; echo
      grep -E '^(# [a-z0-9_ ]+:|# (DIFFERENCE|RESIDUE) |ok [a-z]+:|not ok |FAIL |1\.\.0 # SKIP|skip )' "$work/log" |
        sed 's/^# //; s/^/    /'; } >>"$work/notes"
    tail -n 3 "$work/log"
    if [ "$bad" != 0 ]; then tail -n 60 "$work/log" >&2; fi
}

with_log() { # COMMAND...: beside a module whose log has room for all that is to come
    "$root/tools/with-module" --access peers --daemon --log-max --daemon 16G "$@"
}

# Uses of keys share records of the log.
shared() {
    # shellcheck disable=SC2016 # for the inner shell
    LOAD_SECONDS=$(of 120) with_log sh -c 'printf "%s\n" "$SO_PIN" >"$1/so" &&
        "$EDGEHSM" token set --log-each 50 --so-pin-file "$1/so" >/dev/null && "$2"' sh "$work" "$build/test/load/load_test"
}

loaded() { LOAD_SECONDS=$(of 600) with_log "$build/test/load/load_test"; }

cut_everywhere() {
    EHSM_LONG=1 "$build/test/powerloss/store_powerloss" &&
        EHSM_LONG=1 "$build/test/powerloss/module_powerloss"
}

chip_killed() { CUTS=$(of 500) "$root/test/chip/power_test.py"; }

chip_beside_daemon() {
    SEQUENCES=$(of 10000) "$root/test/chip/differential.sh" "$build/test/chip/differential_line_test"
}

chip_memory_searched() { # about ten commands in a sequence
    SEQUENCES=$(of 1000) "$root/test/chip/residue.sh" "$build/test/chip/differential_line_test"
}

chip_vectors() {
    WYCHEPROOF_SAMPLE=$((share < 100 ? 100 / share : 1)) \
        "$root/test/chip/wycheproof.sh" "$build/test/conformance/wycheproof_door"
}

chip_units() { "$root/test/chip/units.py" all; }

chip_operations() {
    "$root/test/line/over_chip.sh" "$build/test/conformance/door_operations_installed"
}

pins_timed() { EHSM_SAMPLES=100000 "$build/test/component/pin_timing_test"; }

searched() {
    if [ "$share" -ge 100 ]; then
        RULES_DEPTH=7 RULES_STATES=6000000 "$build/test/model/rules_test"
    else
        "$build/test/model/rules_test"
    fi
}

rsa_generated() { EHSM_RSA_KEYS=$(of 1000) "$build/test/attack/rsa_keys_test"; }

# The log has what each program said.
memory_watched() {
    meson test -C "$memory_build" --no-rebuild --suite memory_long --logbase memory_long && ended=0 || ended=$?
    sed 's/^FAIL /not ok /' "$memory_build/meson-logs/memory_long.txt"
    return $ended
}

fuzzed() { "$root/test/fuzz/fuzz.sh" run "$fuzz_build" "$(of 1800)" "$(of 600)"; }

campaign "load: 200 clients, 20 hostile" loaded
campaign "load: the same, where uses of keys share records of the log" shared
campaign "object rules: search" searched
campaign "power cut at every byte" cut_everywhere
campaign "the chip killed at moments by chance" chip_killed
campaign "the chip beside a daemon: the same answers" chip_beside_daemon
campaign "no key in the chip's RAM after each command" chip_memory_searched
campaign "unit and component tests on the chip" chip_units
campaign "Wycheproof's vectors over the line to the chip" chip_vectors
campaign "all operations of the PKCS #11 library over the line to the chip" chip_operations
campaign "PINs: time of wrong, locked and missing ones" pins_timed
campaign "RSA keys: fingerprint and shared primes" rsa_generated
campaign "no use of memory that was never written: what takes long" memory_watched
if [ -x "$fuzz_build/test/fuzz/fuzz_store" ]; then
    campaign "fuzzing" fuzzed
elif [ -z "$word" ]; then
    echo "| fuzzing: not run, no build of the targets (test/fuzz/fuzz.sh build build-fuzz) | | | |" \
        >>"$work/rows"
fi

commit=$(git -C "$root" rev-parse --short=12 HEAD 2>/dev/null || echo "unknown")
{
    echo "# The long campaigns"
    echo
    echo "Written by \`./run long\`. The last run: $(date -u '+%Y-%m-%d %H:%M') UTC, commit $commit," \
        "$(uname -m), $(nproc) processors,"
    echo "load average $(cut -d ' ' -f 1-3 /proc/loadavg) at its end. Time-bound campaigns ran for" \
        "$share % of their time.${word:+ Only those whose name has '$word' ran.}"
    echo
    echo "| campaign | passed | failed | seconds |"
    echo "|---|---|---|---|"
    cat "$work/rows"
    echo
    echo "What the campaigns say of themselves:"
    cat "$work/notes"
} >"$work/report"
cat "$work/report" >"$report"
echo "== written to $report; $failed failed"
[ "$failed" = 0 ]
