#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# signing.sh: messages signed under a policy by a daemon, as people and scripts meet it. Started by
# tools/with-module. What verifies the result are npm's packages (statement_check.sh installs them); where
# they are not there, that is one skipped case.
set -u
export LC_ALL=C.UTF-8
: "${EDGEHSM:?start me with tools/with-module}"
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
printf '%s\n' "$PIN" >pin
e() { "$EDGEHSM" "$@" --pin-file pin; }
passed=0 failed=0 skipped=0
tell() { # SENTENCE STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)) && echo "ok    $1"
    else failed=$((failed + 1)) && echo "FAIL  $1: $(tail -n 5 out)"; fi
}
says() { # SENTENCE STATUS TEXT WORD...
    local sentence=$1 status=$2 text=$3 found
    shift 3
    e "$@" >out 2>&1 </dev/null
    found=$?
    [ $found = "$status" ] && grep -q -F -e "$text" out
    tell "$sentence" $?
}
cat >cmd.policy <<'END'
policy "cmd" version 3
key "cmd"
message cbor { 1 op : one of "stop" "speed" "load" "night" "often"  ? 2 value : 0..1500  3 seq : module counter }
allow op is "stop" and value absent
allow op is "speed" and value present and step(value from any) <= 200
allow op is "load" needs 2 of [safety] within 10m
allow op is one of "night" "often" and hours in 00:00..24:00
allow op is "often" rate 1/1h
END
says "a key is made with its policy" 0 "cmd" key new cmd --policy cmd.policy
says "a text that is no policy makes no key" 1 "column 1: expected" key new bad --policy "$here/signing.sh"
says "a key for something else takes no policy" 2 "signs only" key new box --type aes256 --policy cmd.policy
says "a message is signed" 0 "counter" sign -k cmd --message op=stop -o 1.cose
says "the next one counts" 0 "2" sign -k cmd --message 'op=speed value=300' -o 2.cose
says "a step that is too large is refused" 4 "EH-2603" sign -k cmd --message 'op=speed value=501' -o no.cose
says "a small one is not" 0 "3" sign -k cmd --message 'op=speed value=500' -o 3.cose
says "what needs people is refused" 4 "EH-2605" sign -k cmd --message op=load -o no.cose
says "what needs the time is refused without it" 4 "EH-2603" sign -k cmd --message op=night -o no.cose
says "a bucket begins empty" 4 "EH-2604" sign -k cmd --message op=often -o no.cose
says "a value outside of its range is refused" 4 "EH-2602" sign -k cmd --message 'op=speed value=1501' -o no.cose
says "the module's field is refused" 4 "EH-2602" sign -k cmd --message 'op=stop seq=9' -o no.cose
says "raw bytes that are no message are refused" 4 "EH-2602" sign -k cmd --message 'cbor a0ff' -o no.cose
says "a field that is not there is told" 2 "no such field" sign -k cmd --message ops=stop -o no.cose
[ ! -e no.cose ]
tell "nothing is written of what is refused" $?
date >file
says "a file is not signed by such a key" 4 "EH-2304" sign -k cmd -o no.sig file
says "nor a certificate request" 4 "EH-2304" key csr cmd -o no.csr
says "last-error says why" 0 "the key signs messages under its policy only" last-error -n 2
e key new plain >out 2>&1
says "a key without policy signs no message" 4 "bound to no policy" sign -k plain --message op=stop -o no.cose
for type in p384 p521 ed25519; do
    e key new "cmd-$type" --type $type --policy cmd.policy >out 2>&1
    says "$type signs messages too" 0 "counter" sign -k "cmd-$type" --message op=stop -o "$type.cose"
    e key show "cmd-$type" --pem "$type.pem" >out 2>&1
done
e key show cmd --pem p256.pem >out 2>&1
e key show plain --pem other.pem >out 2>&1
says "the log tells the line that decided" 0 "sign_message" log show -n 40

COSE_MODULES=${COSE_MODULES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/edgehsm-cose}
if command -v node >/dev/null 2>&1 && [ -e "$COSE_MODULES/node_modules/@auth0/cose" ]; then
    # One library in each process: two of them teach the same decoder different things.
    cat >verify.mjs <<'END'
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const require = createRequire(process.env.COSE_MODULES + "/package.json");
const [library, pem, file, counter] = process.argv.slice(2);
const cose = require(library), message = readFileSync(file), key = createPublicKey(readFileSync(pem));
const jwk = key.export({ format: "jwk" });
const raw = { x: Buffer.from(jwk.x, "base64url"), y: Buffer.from(jwk.y ?? "", "base64url") };
if (library === "@auth0/cose") await cose.Sign1.decode(message).verify(key);
if (library === "cose-js") await cose.sign.verify(message, { key: raw });
if (library === "cose-kit" && !(await cose.coseVerify(message, key)).isValid) throw new Error("not valid");
const cbor = require("cbor");
const header = cbor.decodeFirstSync(cbor.decodeFirstSync(message).value[0]);
if (String(header.get(-70001)) !== counter) throw new Error("another counter");
END
    export COSE_MODULES
    verify() { # SENTENCE PEM FILE COUNTER
        local library
        for library in @auth0/cose cose-kit cose-js; do
            case "$library $3" in
            "cose-js ed25519.cose" | "cose-js p521.cose") continue ;; # cose-js 0.9.0 knows neither of them
            esac
            node verify.mjs $library "$2" "$3" "$4" >out 2>&1
            tell "$library verifies $1" $?
        done
    }
    verify "the first statement" p256.pem 1.cose 1
    verify "the second" p256.pem 2.cose 2
    verify "the third" p256.pem 3.cose 3
    verify "one of P-384" p384.pem p384.cose 1
    verify "one of P-521" p521.pem p521.cose 1
    verify "one of Ed25519" ed25519.pem ed25519.cose 1
    for library in @auth0/cose cose-kit cose-js; do
        node verify.mjs $library p256.pem 1.cose 1 >out 2>&1 && ! node verify.mjs $library other.pem 1.cose 1 >out 2>&1
        tell "$library refuses one under another key" $?
    done
else
    skipped=1
    echo "skip  node or @auth0/cose is not there"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
