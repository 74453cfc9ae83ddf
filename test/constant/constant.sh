#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# constant.sh BUILD: links constant.c with the chip's crypto, as BUILD (build-chip) compiled it, and
# runs it on the emulated chip with its clock tied to the number of instructions.
set -eu
build=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
for tool in arm-none-eabi-gcc qemu-system-arm; do
    if ! command -v $tool >/dev/null; then
        echo "skip  constant: $tool is not installed (tools/need chip)"
        echo "0 passed, 0 failed, 1 skipped"
        exit 77
    fi
done
if [ ! -f "$build/crypto/mcu/libcrypto_mcu.a" ]; then
    echo "skip  constant: $build has no chip: ./run build --form chip"
    echo "0 passed, 0 failed, 1 skipped"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-mcpu=cortex-m33 -mthumb -Os -g -std=gnu11 -ffreestanding -DEHSM_SMALL -I.
    -Wall -Wextra -Wconversion -Werror"
# What is verified before it leaves is public: Ed25519's verification is not counted.
link="-nostartfiles -static -specs=nano.specs -Wl,--gc-sections -Wl,--no-warn-rwx-segments
    -Wl,--wrap=crypto_sign_ed25519_verify_detached -Wl,-T,test/constant/constant.ld"
# shellcheck disable=SC2086
arm-none-eabi-gcc $flags $link -o "$work/constant.elf" test/constant/constant.c \
    -Wl,--start-group "$build/crypto/mcu/libcrypto_mcu.a" "$build/crypto/vendor/libbearssl.a" \
    "$build"/crypto/vendor/libsodium_*.a "$build"/proto/libproto*.a "$build/base/libbase.a" \
    -Wl,--end-group
timeout 280 qemu-system-arm -M mps2-an505 -icount shift=0 -display none -monitor none -serial null \
    -semihosting-config enable=on,target=native -kernel "$work/constant.elf" 2>&1
