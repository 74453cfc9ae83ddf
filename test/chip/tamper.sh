#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tamper.sh [busy]: pulls the tamper pin of a chip that works, and looks for every secret in its RAM
# and flash (R-40, R-41). Each was there before. busy: in the middle of RSA signatures.
. "$(dirname "$0")/on_chip.sh"
look() { # what of the secrets is in RAM and flash; each window of 8 bytes of them counts
    probe ram "$work/ram"
    python3 - "$work/ram" "$CHIP_DIR/nv.bin" "$work/secrets" <<'EOF'
import sys
FLASH = 1 << 20  # what is behind it is not used
images = [open(name, "rb").read(FLASH) for name in sys.argv[1:3]]
for line in open(sys.argv[3]):
    name, secret = line.split()
    secret = bytes.fromhex(secret)
    pieces = [secret[i:i + 8] for i in range(len(secret) - 7)]
    for where, image in zip(("ram", "flash"), images):
        if any(piece in image for piece in pieces):
            print(name, where)
EOF
}

# An AES key that the test knows, used so that it is ready in RAM; and the root key.
head -c 32 /dev/urandom >"$work/aes"
token --write-object "$work/aes" --type secrkey --key-type AES:32 --label known --id 01 \
    --usage-decrypt --sensitive
token --keypairgen --key-type EC:prime256v1 --label pair --id 02
head -c 64 /dev/urandom >"$work/data"
token --sign --mechanism ECDSA-SHA256 --id 02 --input-file "$work/data" --output-file "$work/sig"
head -c 16 /dev/urandom >"$work/iv"
token --encrypt --mechanism AES-CBC-PAD --id 01 --iv "$(xxd -p "$work/iv")" \
    --input-file "$work/data" --output-file "$work/cipher" || true
{
    echo "aes $(xxd -p -c 64 "$work/aes")"
    echo "root $(head -c 32 "$CHIP_DIR/nv.bin" | xxd -p -c 64)"
} >"$work/secrets"
look >"$work/before"
sed 's/^/      before: /' "$work/before"
check "the root key is in flash before" grep -q 'root flash' "$work/before"
check "a key in use is in RAM before" grep -q 'aes ram' "$work/before"
check "a key in the store is sealed" sh -c "! grep -q 'aes flash' $work/before"

if [ "${1:-}" = busy ]; then
    openssl genrsa -traditional -out "$work/rsa.pem" 3072 2>/dev/null
    openssl rsa -in "$work/rsa.pem" -outform DER -traditional -out "$work/rsa" 2>/dev/null
    token --write-object "$work/rsa" --type privkey --id 03 --label rsa --usage-sign
    # Its larger prime, in the order of a key that is ready and of one that is computed with.
    openssl rsa -in "$work/rsa.pem" -noout -text 2>/dev/null | awk '
        /^prime1:/ { on = 1; next } /^prime2:/ { on = 0 } on { gsub(/[ :]/, ""); hex = hex $0 }
        END { print "prime", substr(hex, length(hex) - 383) }' >>"$work/secrets"
    while token --sign --mechanism SHA256-RSA-PKCS --id 03 --input-file "$work/data" \
        --output-file "$work/sig"; do :; done &
    sleep 1.5
fi
probe tamper
tries=0
until timeout 5 "$EDGEHSM" --module "$EDGEHSM_MODULE" status 2>&1 | grep -qi tamper; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || break
    sleep 0.1
done
"$EDGEHSM" --module "$EDGEHSM_MODULE" status >"$work/status" 2>&1 || true
sed 's/^/      /' "$work/status"
check "the state tells of tamper" grep -qi tamper "$work/status"
look >"$work/after"
sed 's/^/      after: /' "$work/after"
check "no secret is left in RAM or flash" test ! -s "$work/after"
check "nothing signs any more" sh -c "! pkcs11-tool --module '$MODULE' --login --pin '$PIN' \
    --sign --mechanism ECDSA-SHA256 --id 02 --input-file '$work/data' >/dev/null 2>&1"
[ "${1:-}" = busy ] || check "the log says so" python3 - "$CHIP_DIR/nv.bin" <<'EOF'
import sys
log = open(sys.argv[1], "rb").read()[104 * 4096:256 * 4096]
sys.exit(0 if b"\x19\x10\x0a" in log else 1)  # CBOR: event 0x100a
EOF
wait
echo "$passed passed, $failed failed"
[ $failed = 0 ]
