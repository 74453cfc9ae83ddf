#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# exchange.sh: another policy for a key and looser limits, as people approve them beside a real module, by the tool and
# by PKCS #11. Run through tools/with-module; prints TAP.
. "$(dirname "$0")/cli.sh"
yes() { # REQUEST NAME...: these people say yes
    local request=$1 name
    shift
    hsm approve show "$request" -o asked
    for name; do
        hsm approve sign asked -k "$name.pem" --confirm yes -o "yes.$name" && hsm approve give "$request" "yes.$name" ||
            return 1
    done
}
for name in alice bob; do
    openssl genpkey -algorithm ed25519 -out $name.pem 2>/dev/null
    openssl pkey -in $name.pem -pubout -out $name.pub
done
policy() { # VERSION HIGH
    cat <<END
policy "valve" version $1
key "cmd"
message cbor { 1 open : 0..$2  2 n : module counter }
allow open <= $2
END
}
policy 1 100 >1.policy
policy 2 200 >2.policy
policy 3 300 >3.policy
hsm policy compile 2.policy -o 2.cbor
does key_is_made_with_its_policy key new cmd --policy 1.policy
does key_is_made_with_its_limits key new meter --type ed25519 --limit uses=5,rate=2/100ms
refuses policy_stays_without_a_roles_file 'nobody can approve' key policy cmd 2.policy
refuses limits_stay_without_a_roles_file 'USES_MAX only goes down' key limit meter uses=6
does limits_get_tighter_alone key limit meter uses=4
says and_are_told 'uses=4'

hsm approve make-roles --member alice=alice.pub --member bob=bob.pub --role officers=2:alice,bob -o roles
hsm approve set-roles roles
yes "$(waits)" alice bob
does officers_are_set approve set-roles roles

# ---- another policy
does a_value_is_signed sign -k cmd --message open=100 -o s
refuses a_larger_one_is_not 'EH-2602' sign -k cmd --message open=150 -o s
refuses policy_of_the_same_version_is_refused 'EH-2504' key policy cmd 1.policy
refuses another_policy_waits 'edgehsm approve show' key policy cmd 2.policy
request=$(waits)
does it_is_shown approve show "$request" -o asked --policy asked.cbor
says with_its_message '1 open : in 0..200'
says and_its_lines 'allow open <= 200'
says its_version '^version *2'
grep -q "$(sha256sum <2.cbor | cut -d ' ' -f 1)" out && cmp -s 2.cbor asked.cbor
ok and_its_hash $?
hsm policy diff 1.policy asked.cbor
says and_can_be_compared 'Looser than before\|Allowed now, and not before'
sed 's/valve/vAlve/2' asked >forged
refuses forged_request_is_not_shown 'EH-3008\|EH-3009\|EH-3005' approve show forged
yes "$request" alice
ok alice_says_yes $?
refuses one_is_not_enough 'people must approve' key policy cmd 2.policy
yes "$request" bob
ok bob_says_yes $?
refuses another_one_still_waits 'people must approve' key policy cmd 3.policy
does approved_policy_is_taken key policy cmd 2.policy
says and_told '^version *2'
does the_larger_value_is_signed sign -k cmd --message open=150 -o s
says and_the_counter_goes_on 'counter *2'
refuses the_old_policy_does_not_come_back 'EH-2504' key policy cmd 1.policy
hsm log show -n 30
grep -q 'object_set ok' out && grep -q 'in place of the policy [0-9a-f]\{64\}' out
ok log_has_both_hashes $?

# ---- looser limits
does limit_is_used sign -k meter -o s roles
refuses looser_limit_waits 'edgehsm approve show' key limit meter uses=9
request=$(waits)
hsm approve show "$request"
says as_exactly_what_changes 'USES_MAX from 4 to 9, of the key .meter.'
yes "$request" alice bob
ok both_say_yes $?
refuses more_than_was_approved_waits 'people must approve' key limit meter uses=10
does approved_limit_is_taken key limit meter uses=9
says as_it_was_approved 'uses left *8'

# ---- by PKCS #11
if command -v python3 >/dev/null 2>&1; then
    hsm policy compile 3.policy -o 3.cbor
    set_it() { python3 "$here/set_attribute.py" "$@" >out 2>&1; }
    set_it cmd c548530b 3.cbor
    says policy_by_pkcs11_waits '^0x1b$' # CKR_ACTION_PROHIBITED
    request=$(waits)
    hsm last-error
    says and_last_error_names_the_request "$request"
    yes "$request" alice bob && set_it cmd c548530b 3.cbor
    says approved_it_is_taken '^0x0$'
    does and_holds sign -k cmd --message open=300 -o s
    printf '\020\0\0\0\0\0\0\0' >sixteen
    set_it meter c5485301 sixteen
    says limit_by_pkcs11_waits '^0x1b$'
    printf '\003\0\0\0\0\0\0\0' >three
    set_it meter c5485301 three
    says tighter_it_is_taken '^0x0$'
else
    echo "ok $((number += 1)) - pkcs11 # SKIP python3 is not installed"
fi
echo "1..$number"
