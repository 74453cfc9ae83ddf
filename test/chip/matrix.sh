#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# matrix.sh PROGRAM PART: the matrix of states and roles (R-13) over the line, on a chip without a token.
root=$(cd "$(dirname "$0")/../.." && pwd)
skip() { echo "1..0 # SKIP $*" && exit 0; }
command -v qemu-system-arm >/dev/null || skip "qemu-system-arm is not installed (tools/need chip)"
[ -f "${EDGEHSM_CHIP:-$root/build-chip}/body/firmware/firmware.img" ] ||
    skip "the chip's firmware is not built (./run build --form chip)"
exec "$root/tools/with-module" --form "${CHIP_FORM:-chip}" --bare "$@"
