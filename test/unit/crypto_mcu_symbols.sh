#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# crypto_mcu_symbols.sh ARCHIVE LIBRARY...: what the chip's crypto (ARCHIVE, with its libraries) asks
# of the world around it: copying of memory, this project's base and proto, and the platform's
# randomness. No heap, no input or output, no clock, and in our own part no memcmp.
set -eu
archive=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# names OPTION FILE...: undefined (-u) or defined symbols
names() { nm "$@" 2>/dev/null | awk 'NF > 1 { print $NF }' | sort -u; }

tell() { # NAME FILE: passes where the file is empty
    if [ -s "$2" ]; then
        failed=$((failed + 1))
        echo "FAIL  $1: $(tr '\n' ' ' <"$2")"
    else
        passed=$((passed + 1))
        echo "ok    $1"
    fi
}

names --defined-only "$archive" "$@" >"$work/here"
names -u "$archive" "$@" | comm -23 - "$work/here" >"$work/asked"
# randombytes_buf: only asked by a function of libsodium that the linker drops.
grep -vxE 'mem(cpy|move|set|cmp)|bcmp|strlen|abort|randombytes_buf|port_random|algorithm_row|algorithm_takes|hash_size|ct_equal|wipe|secret_mark_wipe|_GLOBAL_OFFSET_TABLE_|__stack_chk_(fail|guard)|__(asan|ubsan|sanitizer|tsan|gcov|llvm)_.*' \
    "$work/asked" >"$work/strange" || true
tell crypto_mcu_asks_for_memory_functions_and_randomness_alone "$work/strange"
names -u "$archive" | grep -xE 'memcmp|bcmp|abort|malloc|calloc|realloc|free' >"$work/banned" || true
tell crypto_mcu_itself_compares_and_allocates_nothing_with_the_c_library "$work/banned"
grep -qx memcpy "$work/asked" && : >"$work/none" || echo "nm reads nothing" >"$work/none"
tell symbols_were_read "$work/none"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
