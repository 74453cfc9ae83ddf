#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# webauthn.sh: people who approve with passkeys. What an authenticator in software answers to the module's request is
# taken by npm's @simplewebauthn/server, which stands for any site's, and by the module; what is wrong with it is refused
# by both. Run through tools/with-module; prints TAP. The package is installed into ~/.cache/edgehsm-webauthn on first use;
# without node 20, or where npm cannot get it, all of it is skipped.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
skip() { echo "1..0 # SKIP $1"; exit 0; }
for program in node npm; do command -v $program >/dev/null 2>&1 || skip "$program is not installed"; done
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || skip "@simplewebauthn/server wants node 20"
export WEBAUTHN_MODULES=${WEBAUTHN_MODULES:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/edgehsm-webauthn}
if [ ! -e "$WEBAUTHN_MODULES/node_modules/@simplewebauthn/server" ]; then
    mkdir -p "$WEBAUTHN_MODULES"
    echo '{"private":true}' >"$WEBAUTHN_MODULES/package.json"
    (cd "$WEBAUTHN_MODULES" && timeout 120 npm install --no-audit --no-fund --ignore-scripts \
        @simplewebauthn/server@14.0.3) >npm.log 2>&1 ||
        skip "npm could not install @simplewebauthn/server: $(tail -n 1 npm.log)"
fi
number=0
ok() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' out said 2>/dev/null
    fi
}
echo "$PIN" >pin
echo "$SO_PIN" >so
hsm() { "$EDGEHSM" --pin-file pin --so-pin-file so "$@" >out 2>&1 </dev/null; }
does() { local name=$1; shift; hsm "$@"; ok "$name" $?; }
waits() { "$EDGEHSM" approve list --json | sed -n 's/.*"request" *: *"\([0-9a-f]*\)".*/\1/p' | head -n 1; }
answers() { node "$here/webauthn.mjs" answer "$@" >said 2>&1; } # NAME REQUEST WHICH FILE

# ---- three people: a key in a file for the roles, two passkeys of one site for the token's rules
openssl genpkey -algorithm ed25519 -out alice.pem 2>/dev/null
openssl pkey -in alice.pem -pubout -out alice.pub
node "$here/webauthn.mjs" make ES256 bob && node "$here/webauthn.mjs" make EdDSA carol
ok passkeys_are_made $?
does roles_file_names_their_site approve make-roles --member alice=alice.pub --member bob=bob.pub --member carol=carol.pub \
    --passkey bob=approve.example --passkey carol=approve.example --role officers=1:alice --role safety=2:bob,carol \
    --needs token=safety -o roles
hsm approve set-roles roles
hsm approve show "$(waits)" -o asked && hsm approve sign asked -k alice.pem --confirm yes -o yes &&
    hsm approve give "$(waits)" yes
does roles_are_set approve set-roles roles
hsm token set --profile compatible
request=$(waits)
does request_is_written approve show "$request" -o asked

# ---- what is wrong is refused by both
both_refuse() { # NAME WHICH
    local who=$1 which=$2
    answers "$who" asked "$which" assertion
    grep -q '^refused' said
    ok "simplewebauthn_refuses_${which//-/_}_of_$who" $?
    rm -f yes
    hsm approve sign asked --assertion assertion -k "$who.pub" --confirm yes -o yes &&
        ! hsm approve give "$request" yes && grep -q 'EH-2405' out
    ok "and_so_does_the_module_${which//-/_}_of_$who" $?
}
for who in bob carol; do
    for which in other-site not-verified not-present other-challenge registration altered; do
        both_refuse $who $which
    done
done
hsm approve list
grep -q 'token *0 *2' out
ok nothing_was_counted $?

# ---- what is right is taken by both
for who in bob carol; do
    answers $who asked good assertion
    grep -q '^accepted' said
    ok "simplewebauthn_accepts_$who" $?
    hsm approve sign asked --assertion assertion -k $who.pub --confirm yes -o yes && hsm approve give "$request" yes
    ok "and_so_does_the_module_$who" $?
done
node "$here/webauthn.mjs" make ES256 eve
answers eve asked good assertion
hsm approve sign asked --assertion assertion -k eve.pub --confirm yes -o yes && ! hsm approve give "$request" yes &&
    grep -q 'EH-2503' out
ok strangers_passkey_is_refused $?
hsm approve sign asked --assertion assertion -k bob.pub --confirm yes -o yes && ! hsm approve give "$request" yes &&
    grep -q 'EH-2405' out
ok also_in_the_name_of_another $?
does what_was_approved_is_done token set --profile compatible
echo "1..$number"
