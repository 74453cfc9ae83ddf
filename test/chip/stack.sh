#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How deep the stack of a chip gets while it does everything that goes deep, and what is left of it.
. "$(dirname "$0")/on_chip.sh"
do_it() { # TEXT COMMAND...: and how deep the stack was until then
    text=$1
    shift
    if "$@"; then passed=$((passed + 1)) word=ok; else failed=$((failed + 1)) word=FAIL; fi
    word_of=$(probe read "$(symbol stack_deepest)" 4)
    deepest=$(printf %d "0x$(echo "$word_of" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/')")
    top=$(printf %d "$(symbol __stack_top)")
    printf '%-5s %s: %d bytes until now\n' $word "$text" $((top - deepest))
}
echo data >"$work/data"
do_it "start, self tests, pairing, token" true
for bits in 2048 3072; do
    openssl genrsa -traditional -out "$work/rsa.pem" $bits 2>/dev/null
    openssl rsa -in "$work/rsa.pem" -outform DER -traditional -out "$work/rsa" 2>/dev/null
    do_it "RSA-$bits: import" token --write-object "$work/rsa" --type privkey --id $bits \
        --label r --usage-sign
    do_it "RSA-$bits: sign" token --sign --mechanism SHA256-RSA-PKCS-PSS --id $bits \
        --input-file "$work/data" --output-file "$work/sig"
done
for curve in prime256v1 secp384r1; do
    do_it "$curve: make" token --keypairgen --key-type "EC:$curve" --id 07 --label $curve
    do_it "$curve: sign" token --sign --mechanism ECDSA-SHA256 --id 07 --input-file "$work/data" \
        --output-file "$work/sig"
    token --delete-object --type privkey --id 07 && token --delete-object --type pubkey --id 07
done
do_it "Ed25519: make" token --keypairgen --key-type EC:edwards25519 --id 08 --label ed
do_it "Ed25519: sign" token --sign --mechanism EDDSA --id 08 --input-file "$work/data" \
    --output-file "$work/sig"
read_log() { "$EDGEHSM" --module "$EDGEHSM_MODULE" log export "$work/export" >>"$work/log" 2>&1; }
do_it "the log is read" read_log
# What people sign: roles, an approval, a time, another policy.
echo "$PIN" >"$work/pin"
echo "$SO_PIN" >"$work/so"
cd "$work"
hsm() { "$EDGEHSM" --module "$EDGEHSM_MODULE" --pin-file pin --so-pin-file so "$@" >>log 2>&1; }
waits() {
    "$EDGEHSM" --module "$EDGEHSM_MODULE" approve list --json | sed -n 's/.*"request" *: *"\([0-9a-f]*\)".*/\1/p'
}
say_yes() {
    hsm approve show "$(waits)" -o asked && hsm approve sign asked -k "$1.pem" --confirm yes -o yes &&
        hsm approve give "$(waits)" yes
}
policy() { # VERSION
    printf 'policy "p" version %d\nkey "p"\nmessage cbor { 1 n : 0..9  2 at : module time }\nallow n <= 9\n' "$1"
}
openssl genpkey -algorithm ed25519 -out ed.pem 2>/dev/null
openssl ecparam -genkey -name prime256v1 -noout -out es.pem
for name in ed es; do openssl pkey -in $name.pem -pubout -out $name.pub; done
hsm approve make-roles --member ed=ed.pub --member es=es.pub --role officers=1:ed,es --role time=1:ed,es -o roles
hsm approve set-roles roles || : # it waits
do_it "Ed25519: approve a roles file" say_yes ed
do_it "roles file" hsm approve set-roles roles
for name in ed es; do
    tell() { hsm time ask -o question && hsm time sign question -k "$name.pem" -o answer && hsm time set answer; }
    do_it "$name: the time is told" tell
done
policy 1 >1.policy
policy 2 >2.policy
do_it "policy: make a key" hsm key new p --policy 1.policy
hsm key policy p 2.policy || : # it waits
do_it "ECDSA: approve another policy" say_yes es
do_it "policy: exchange it" hsm key policy p 2.policy
do_it "policy: sign" hsm sign -k p --message n=5 -o statement
[ $failed = 0 ] || sed 's/^/      /' "$work/log"
room=$((top - $(printf %d "$(symbol __stack_limit)")))
if [ $((room - (top - deepest))) -ge 512 ]; then
    echo "ok    the stack has $room bytes" && passed=$((passed + 1))
else
    echo "FAIL  the stack has $room bytes: less than 512 are left" && failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
