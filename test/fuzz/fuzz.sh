#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test/fuzz/fuzz.sh build BUILD             builds the fuzz targets (clang, ASan, UBSan)
# test/fuzz/fuzz.sh run BUILD [CORE OTHER]  replays each committed corpus, then fuzzes each target of
#                                           the trusted core for CORE seconds (60), the others for
#                                           OTHER (60), three at a time; ends with the count
# test/fuzz/fuzz.sh grow BUILD SECONDS      fuzzes each for so long and adds to test/fuzz/corpus what
#                                           reaches new code
# A finding is kept in BUILD/findings; to see it again: BUILD/test/fuzz/fuzz_TARGET FILE
set -eu

here=$(cd "$(dirname "$0")" && pwd)
core="frames_none frames_public frames_user frames_so store attributes keys keys_mcu cbor policy approvals"
other="log replies door uri lanes line pilot serve"
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

build_targets() {
    flags="-Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link"
    [ -f "$1/build.ninja" ] || CC=clang meson setup "$1" "$here/../.." -Dfuzz=true -Dwerror=true \
        --buildtype=debugoptimized $flags
    meson compile -C "$1" fuzz
}

# fuzz BUILD TARGET WORK WORD...: libFuzzer with what holds for all; the store and the module keep
# large inputs slow, so inputs stay short
fuzz() {
    build=$1 target=$2 work=$3
    shift 3
    mkdir -p "$build/findings"
    "$build/test/fuzz/fuzz_$target" -timeout=120 -rss_limit_mb=2048 -entropic=0 -max_len=4096 \
        -artifact_prefix="$build/findings/$target-" -print_final_stats=1 "$@" >"$work" 2>&1
}

# one BUILD TARGET SECONDS: a line that says how it went, "ok" or "not ok" first
one() {
    build=$1 target=$2 seconds=$3
    corpus=$here/corpus/${target%_mcu} log=$build/fuzz-$target.log
    grown=$(mktemp -d)
    trap 'rm -rf "$grown"' EXIT
    seeds=$(find "$corpus" -type f | wc -l)
    if [ "$seeds" -eq 0 ]; then
        echo "not ok $target: its corpus is empty: $corpus"
    elif ! fuzz "$build" "$target" "$log" -runs=0 "$corpus"; then
        tail -n 40 "$log" >&2
        echo "not ok $target: an input of its corpus fails ($log)"
    elif [ "$seconds" -gt 0 ] &&
        ! fuzz "$build" "$target" "$log" -max_total_time="$seconds" "$grown" "$corpus"; then
        tail -n 40 "$log" >&2
        echo "not ok $target: a new input fails, kept in $build/findings ($log)"
    else
        done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "ok $target: $seeds kept inputs, then $done in $seconds s"
    fi
}

run_all() {
    build=$1 results=$1/fuzz-results
    { for t in $core; do echo "$t $2"; done; for t in $other; do echo "$t $3"; done; } |
        xargs -P 3 -L 1 "$0" one "$build" | tee "$results"
    awk '/^ok / { p++ } /^not ok / { f++ } END { print p + 0 " passed, " f + 0 " failed" }' "$results"
    ! grep -q '^not ok ' "$results"
}

grow() {
    for target in $core $other; do
        merged=$(mktemp -d)
        mkdir -p "$here/corpus/${target%_mcu}"
        fuzz "$1" "$target" "$1/fuzz-$target.log" -max_total_time="$2" "$merged" \
            "$here/corpus/${target%_mcu}" || { echo "$target: see $1/fuzz-$target.log" >&2; exit 1; }
        "$1/test/fuzz/fuzz_$target" -merge=1 -max_len=1024 -timeout=120 "$here/corpus/${target%_mcu}" \
            "$merged" >"$1/fuzz-$target.log" 2>&1
        rm -r "$merged"
        echo "$target: $(find "$here/corpus/${target%_mcu}" -type f | wc -l) inputs"
    done
}

absolute() { mkdir -p "$1" && cd "$1" && pwd; }

case ${1:-} in
build) build_targets "$2" ;;
run) run_all "$(absolute "$2")" "${3:-60}" "${4:-60}" ;;
one) one "$2" "$3" "$4" ;;
grow) grow "$(absolute "$2")" "$3" ;;
*) sed -n 's/^# \{0,1\}//p' "$0" | sed 1d >&2; exit 2 ;;
esac
