#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ./run demo --form chip: a chip of its own keeps the key. Unmodified programs use it; root looks through all memory of
# the machine while signatures run; then the tamper pin is pulled. The chip is emulated by QEMU.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
command -v qemu-system-arm >/dev/null || { echo "demo: qemu-system-arm is missing: tools/need chip" >&2; exit 1; }
[ -f "${EDGEHSM_CHIP:-$here/build-chip}/body/firmware/firmware.img" ] ||
    { echo "demo: the chip's firmware is missing: ./run build --form chip" >&2; exit 1; }
[ -n "${CHIP_DIR:-}" ] || exec "$here/tools/with-module" --form chip "$0"

bold= green= red= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' dim=$'\033[2m' plain=$'\033[0m'
fi
STEPS=7 number=0 rows=()
step() { number=$((number + 1)); printf '\n%s[%d/%d] %s%s\n' "$bold" $number $STEPS "$*" "$plain"; }
note() { printf '  %s\n' "$*"; }
indent() { sed 's/^/  | /'; }
shown() { rows+=("$1"); printf '  %s✓%s %s\n' "$green" "$plain" "$1"; }
broken() {
    printf '%s  ✗ %s%s\n' "$red" "$1" "$plain" >&2
    [ ! -s "$WORK/out" ] || indent <"$WORK/out" >&2
    exit 1
}
run() { # COMMAND...: shows it and what it says; it must succeed
    local text="$*"
    text=${text//$EDGEHSM/edgehsm}
    text=${text//$MODULE/libedgehsm-pkcs11.so}
    printf '  %s$ %s%s\n' "$dim" "$text" "$plain"
    timeout 120 "$@" >"$WORK/out" 2>&1 </dev/null || broken "this failed: exit $?"
    indent <"$WORK/out"
}
refused() { # WHAT COMMAND...: must fail; shows how
    local what=$1 code=0
    shift
    timeout 120 "$@" >"$WORK/out" 2>&1 </dev/null || code=$?
    [ $code != 0 ] || broken "this was possible, and must not be: $what"
    printf '  | %-40s %s\n' "$what" "$(head -n 1 "$WORK/out" | sed 's/.*: //' | cut -c 1-70)"
}

WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-demo.XXXXXX")
signing=
cleanup() {
    [ -z "$signing" ] || kill "$signing" 2>/dev/null || true
    rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
cd "$WORK"
umask 077
printf '%s\n' "$PIN" >pin
printf '%sEdge HSM: a chip of its own keeps the key.%s\n' "$bold" "$plain"

step "The module is a microcontroller; the host has a serial line to it, paired and encrypted"
run "$EDGEHSM" status
grep -q '^form *chip' out || broken "this is not the chip"
shown "the module runs as process $CHIP_PROCESS, which stands for the chip"

step "A key is made in the chip, and another one is moved into it"
run "$EDGEHSM" key new device --pin-file pin
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out moved.pem 2>/dev/null
# its 32 private bytes, each turned over, so that nothing but the key itself looks like the key
openssl ec -in moved.pem -outform DER 2>/dev/null | dd bs=1 skip=7 count=32 2>/dev/null |
    python3 -c 'import sys; sys.stdout.buffer.write(bytes(b ^ 255 for b in sys.stdin.buffer.read()))' >needles
[ "$(wc -c <needles)" = 32 ] || broken "no key to look for"
run "$EDGEHSM" key import moved moved.pem --pin-file pin
shred -u moved.pem
shown "two keys in the chip; of one of them this demonstration knows what to look for"

step "They sign, and plain openssl verifies"
printf '{"device":"gateway-7","celsius":21.5}\n' >telemetry.json
for key in device moved; do
    run "$EDGEHSM" sign -k $key telemetry.json -o $key.sig --pin-file pin
    "$EDGEHSM" key show $key --pem $key.pub --pin-file pin >out 2>&1 || broken "no public key"
    run openssl dgst -sha256 -verify $key.pub -signature $key.sig telemetry.json
done
shown "signatures of the chip that anybody can check"

step "ssh uses the chip without knowing it"
ssh-keygen -D "$MODULE" 2>/dev/null >keys || true
printf '%s\n' "$PIN" >ask.pin
printf '#!/bin/sh\ncat %s/ask.pin\n' "$WORK" >askpass
chmod 700 askpass
eval "$(ssh-agent -s -P '/*')" >/dev/null
SSH_ASKPASS_REQUIRE=force SSH_ASKPASS=$WORK/askpass timeout 120 ssh-add -s "$MODULE" >out 2>&1 </dev/null ||
    { ssh-agent -k >/dev/null; broken "ssh-add does not take the chip"; }
ssh-add -L | grep -m 1 ecdsa >ssh.pub || true
echo "signed by a chip" >letter
timeout 60 ssh-keygen -q -Y sign -f ssh.pub -n demo letter >out 2>&1 || { ssh-agent -k >/dev/null; broken "no signature"; }
printf 'gateway %s\n' "$(cat ssh.pub)" >allowed
run sh -c 'ssh-keygen -Y verify -f allowed -I gateway -n demo -s letter.sig <letter'
ssh-agent -k >/dev/null
shown "unmodified ssh-agent and ssh-keygen sign with a key of the chip"

step "Root looks for the key in all memory of this machine, while signatures run"
if [ "$(id -u)" = 0 ]; then
    (while :; do "$EDGEHSM" sign -k moved telemetry.json -o busy.sig --pin-file pin >/dev/null 2>&1 || exit; done) &
    signing=$!
    sleep 1
    run python3 "$here/demo/scan.py" needles "$CHIP_PROCESS"
    kill $signing
    wait $signing 2>/dev/null || true
    signing=
    shown "8 bytes of the key are nowhere but in the chip"
else
    note "Only root can read the memory of all processes: run this as root to see it."
fi

step "The log of the chip has it all, signed"
run "$EDGEHSM" log show -n 6 --pin-file pin
run "$EDGEHSM" log verify --pin-file pin
shown "each use of a key is recorded in the chip"

step "The tamper pin is pulled"
"$here/tools/chip-probe" "$CHIP_DIR" tamper
for _ in $(seq 100); do
    timeout 10 "$EDGEHSM" status >out 2>&1 || true
    ! grep -qi tamper out || break
    sleep 0.2
done
grep -qi tamper out || broken "the chip does not say that it was tampered with"
indent <out
refused "signing" "$EDGEHSM" sign -k moved telemetry.json -o none.sig --pin-file pin
refused "listing keys" "$EDGEHSM" key list --pin-file pin
refused "setting it up again" "$EDGEHSM" init --label new --pin-file pin
shown "nothing works any more, and the chip says why"

printf '\n%sWhat was shown%s\n' "$bold" "$plain"
for row in "${rows[@]}"; do printf '  %s✓%s %s\n' "$green" "$plain" "$row"; done
cat <<EOT

${bold}What this form, a chip of its own, protects against${plain}

  root, kernel and programs of this machine        no key can be copied; whoever is let in can use it, and
                                                   every use is in the chip's log
  probes on the line                               see neither PIN nor data; cannot replay or change
  tampering that the pin notices                   every key ends
  ${bold}glitches, power analysis, opening the chip       NO: and an emulator shows nothing about them${plain}

  More: doc/THREATS.md, doc/LINE.md, doc/CHIP.md
EOT
