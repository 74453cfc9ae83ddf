#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# differential.sh PROGRAM: runs it beside a daemon and a chip, both with a fresh token.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
export DAEMON_MODULE
if [ "${1:?}" = --inner ]; then
    DAEMON_MODULE=$EDGEHSM_MODULE
    exec "$root/tools/with-module" --form "${CHIP_FORM:-chip}" --profile compatible "$2"
fi
command -v qemu-system-arm >/dev/null ||
    { echo "1..0 # SKIP qemu-system-arm is not installed (tools/need chip)" && exit 0; }
[ -f "${EDGEHSM_CHIP:-$root/build-chip}/body/firmware/firmware.img" ] ||
    { echo "1..0 # SKIP the chip's firmware is not built (./run build --form chip)" && exit 0; }
exec "$root/tools/with-module" --profile compatible "$0" --inner "$1"
