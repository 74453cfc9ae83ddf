#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hang.sh: firmware that hangs while a host waits for it. The watchdog starts the chip anew, the host
# gets a clear error, and nothing is lost. WHOLE=1 waits for the watchdog's whole minute, otherwise
# most of it is taken away.
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
program=${EDGEHSM_CHIP:-$here/build-chip}/body/firmware/firmware.elf
skip() { echo "skip  hang: $*" && echo "0 passed, 0 failed, 1 skipped" && exit 77; }
command -v qemu-system-arm >/dev/null || skip "qemu-system-arm is not installed (tools/need chip)"
command -v pkcs11-tool >/dev/null || skip "pkcs11-tool is not installed (tools/need test)"
[ -f "$program" ] || skip "$program is not built (./run build --form chip)"
[ -n "${CHIP_DIR:-}" ] || exec "$here/tools/with-module" --form chip --profile compatible "$0"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() { # TEXT COMMAND...
    text=$1
    shift
    if "$@"; then echo "ok    $text" && passed=$((passed + 1))
    else echo "FAIL  $text" && sed 's/^/      /' "$work/log" && failed=$((failed + 1)); fi
}
token() { pkcs11-tool --module "$MODULE" --login --pin "$PIN" "$@" >"$work/log" 2>&1; }
edgehsm() { timeout 150 "$EDGEHSM" --module "$EDGEHSM_MODULE" "$@" >"$work/log" 2>&1; }
write() { "$here/tools/chip-probe" "$CHIP_DIR" write "$@"; }
number() { edgehsm status && awk -v name="$1" '$1 == name { print $2 }' "$work/log"; }
signs() {
    token --sign --mechanism ECDSA-SHA256 --id 02 --input-file "$work/pin" --output-file "$work/sig"
}

echo "$PIN" >"$work/pin"
token --keypairgen --key-type EC:prime256v1 --label pair --id 02
check "a key signs" signs
starts=$(number starts) objects=$(number objects)

# The function that answers begins with a jump to itself; a start loads the program again.
write "0x$(arm-none-eabi-nm "$program" | awk '$3 == "serve_work" { print $1 }')" fee7
if [ -z "${WHOLE:-}" ]; then
    (
        sleep 2
        write 0x50081c00 51e5cc1a # unlocks the watchdog
        write 0x50081000 002d3101 # a second of its clock
    ) &
fi
if edgehsm key list --pin-file "$work/pin"; then refused=false; else refused=true; fi
sed 's/^/      /' "$work/log"
check "who asks meanwhile is told that the chip does not answer" \
    sh -c "$refused && grep -qE 'EH-10(05|06|09)' '$work/log'"
wait
tries=0
until [ "$(number starts)" = $((starts + 1)) ] || [ $tries -gt 60 ]; do tries=$((tries + 1)) && sleep 1; done
check "the watchdog started it anew, once" test "$(number starts)" = $((starts + 1))
check "its objects are there" test "$(number objects)" = "$objects"
check "its key signs" signs
check "its log is whole" edgehsm log verify
echo "$passed passed, $failed failed"
[ $failed = 0 ]
