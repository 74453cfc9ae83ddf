#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# hang.sh: firmware that hangs while a host waits for it. The watchdog starts the chip anew, the host
# gets a clear error, and nothing is lost. WHOLE=1 waits for the watchdog's whole minute, otherwise
# most of it is taken away.
. "$(dirname "$0")/on_chip.sh"
write() { probe write "$@"; }
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
        sleep 5 # the request is on its way by then
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
