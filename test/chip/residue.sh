#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# residue.sh PROGRAM: runs the differential sequences, and after each command looks through all RAM of the
# chip for the keys that were imported (R-03): they may be where keys are ready for use, copies of them that
# are objects of a session in the blocks of those, and while an operation in parts is open, in that.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${EDGEHSM_CHIP:-$root/build-chip}/body/firmware/firmware.elf
skip() { echo "1..0 # SKIP $*" && exit 0; }
command -v arm-none-eabi-gcc >/dev/null || skip "arm-none-eabi-gcc is not installed (tools/need chip)"
[ -f "$program" ] || skip "$program is not built (./run build --form chip)"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/arena.c" <<'END'
#include "core/command/module.h"
#include <stddef.h>
const unsigned arena[] = {offsetof(struct hsm, home), sizeof(struct home_soft),
    offsetof(struct hsm, objects.blocks.data), sizeof(((struct hsm *)0)->objects.blocks.data),
    offsetof(struct hsm, streams), sizeof(((struct hsm *)0)->streams)};
END
arm-none-eabi-gcc -std=gnu11 -mcpu=cortex-m33 -mthumb -DEHSM_SMALL -I"$root" -c "$work/arena.c" -o "$work/arena.o"
arm-none-eabi-objcopy -O binary -j .rodata "$work/arena.o" "$work/arena"
# shellcheck disable=SC2046 # six numbers
set -- "$1" $(od -An -tu4 "$work/arena")
start=$(arm-none-eabi-nm "$program" | awk '$3 == "memory_hsm" { print "0x" $1 }')
from=$((start + $2))
export KEY_ARENA_FROM="$from" KEY_ARENA_TO="$((from + $3))"
export SESSION_BLOCKS_FROM="$((start + $4))" SESSION_BLOCKS_TO="$((start + $4 + $5))"
export STREAMS_FROM="$((start + $6))" STREAMS_TO="$((start + $6 + $7))"
"$root/test/chip/differential.sh" "$1"
