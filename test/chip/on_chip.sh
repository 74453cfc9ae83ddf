# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034 # what is set here is for those who read this file
# What the scripts that work with an emulated chip begin with (`. "$(dirname "$0")/on_chip.sh"`): skips where something is
# missing, starts the script anew beside a chip, and gives $work, $program and a few words to work with.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${EDGEHSM_CHIP:-$here/build-chip}/body/firmware/firmware.elf
skip() { echo "skip  $(basename "$0" .sh): $*" && echo "0 passed, 0 failed, 1 skipped" && exit 77; }
command -v qemu-system-arm >/dev/null || skip "qemu-system-arm is not installed (tools/need chip)"
command -v pkcs11-tool >/dev/null || skip "pkcs11-tool is not installed (tools/need test)"
[ -f "$program" ] || skip "$program is not built (./run build --form chip)"
[ -n "${CHIP_DIR:-}" ] || exec "$here/tools/with-module" --form chip --profile compatible "$0" "$@"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # TEXT COMMAND...
    text=$1
    shift
    if "$@"; then echo "ok    $text" && passed=$((passed + 1))
    else echo "FAIL  $text" && tail -n 5 "$work/log" | sed 's/^/      /' && failed=$((failed + 1)); fi
}
probe() { "$here/tools/chip-probe" "$CHIP_DIR" "$@"; }
symbol() { arm-none-eabi-nm "$program" | awk -v name="$1" '$3 == name { print "0x" $1 }'; }
token() { pkcs11-tool --module "$MODULE" --login --pin "$PIN" "$@" >"$work/log" 2>&1; }
edgehsm() { timeout 150 "$EDGEHSM" --module "$EDGEHSM_MODULE" "$@" >"$work/log" 2>&1; }
: >"$work/log"
