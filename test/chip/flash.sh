#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# flash.sh: a chip whose flash is full, whose log is full, and whose flash is worn: each ends in a
# clear error on the host, and nothing is lost.
. "$(dirname "$0")/on_chip.sh"
put() { token --write-object "$work/object" --type data --label "$1"; }
drop() { token --delete-object --type data --label "$1"; }
signs() { token --sign --mechanism ECDSA-SHA256 --id 02 --input-file "$work/object" --output-file "$work/sig"; }
objects() { token --list-objects --type data && grep -c "label:" "$work/log" || true; }
told() { edgehsm last-error && grep -q "$1" "$work/log"; } # the newest refusal of this user
wear() { # COUNT as four bytes: erasures of each sector of the store
    probe write 0x80100020 "$(yes "$1" | head -n 96 | tr -d '\n')"
}

# ---- full

head -c 2600 /dev/urandom >"$work/object"
echo "$SO_PIN" >"$work/so-pin"
token --keypairgen --key-type EC:prime256v1 --label pair --id 02
count=0
while [ $count -lt 200 ] && put "object$count"; do count=$((count + 1)); done
check "a store with $count objects of 2,600 bytes is full: EH-1105" told EH-1105
check "all of them are there" test "$(objects)" = $count
check "its key signs" signs
check "an object can be deleted" drop object0
check "and another one be made in its place" put object0

# ---- the log

rounds=0
while [ $rounds -lt 200 ] && token --list-objects; do rounds=$((rounds + 1)); done
check "a log without room stops what must be logged: EH-1107" told EH-1107
check "it can be read then, and its room be freed" edgehsm log export --release \
    --so-pin-file "$work/so-pin" "$work/log.export"
check "what was read is whole" edgehsm log verify "$work/log.export"
check "and its key signs again" signs

# ---- worn: 100,000 erasures

wear a0860100
rounds=0
while [ $rounds -lt 60 ] && drop object0 && put object0; do rounds=$((rounds + 1)); done
check "flash that can be erased no more ends in an error: EH-1106" told EH-1106
check "the chip tells its state" edgehsm status
sed -n 's/^objects /      objects /p' "$work/log"
wear 00000000
drop object0 || true
check "nothing was lost" test "$(objects)" = $((count - 1))
check "its key signs once more" signs
echo "$passed passed, $failed failed"
[ $failed = 0 ]
