#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# time.sh: the time that a token trusts, as people and a cron job give it, beside a real module: keys with hours and
# a policy with hours work by it, through the tool and through PKCS #11. Run through tools/with-module; prints TAP.
. "$(dirname "$0")/cli.sh"
for name in alice clock; do openssl genpkey -algorithm ed25519 -out $name.pem 2>/dev/null; done
openssl ecparam -genkey -name prime256v1 -noout -out watch.pem
openssl genrsa -out rsa.pem 2048 2>/dev/null
for name in alice clock watch; do openssl pkey -in $name.pem -pubout -out $name.pub; done
echo words >file

# ---- nobody may tell it yet
does a_fresh_token_trusts_no_time time
grep -q 'trusted time *unknown' out
ok and_says_so $?
refuses without_a_role_it_does_not_ask 'edgehsm approve make-roles' time ask -o question
does roles_name_who_tells_the_time approve make-roles --member alice=alice.pub --member clock=clock.pub \
    --member watch=watch.pub --role officers=1:alice --role time=1:clock,watch -o r
hsm approve set-roles r
request=$(waits)
hsm approve show "$request" -o request && hsm approve sign request -k alice.pem --confirm yes -o yes &&
    hsm approve give "$request" yes
does and_are_set approve set-roles r

# ---- keys that wait for it: one for all of today but an hour half a day away, one for that hour alone
hour=$(date -u +%-H)
away=$(printf %02d $(((hour + 12) % 24))) after=$(printf %02d $(((hour + 13) % 24)))
does a_key_for_the_day_is_made key new day --type ed25519 --limit "hours=$after:00-$away:00"
does a_key_for_the_night_is_made key new night --type ed25519 --limit "hours=$away:00-$after:00"
cat >cmd.policy <<END
policy "cmd" version 1
key "cmd"
message cbor { 1 op : one of "day" "night" "stop"  2 at : module time }
allow op is "day" and hours in $after:00..$away:00
allow op is "night" and hours in $away:00..$after:00
allow op is "stop"
END
does a_key_under_a_policy_with_hours_is_made key new cmd --policy cmd.policy
refuses the_day_does_not_begin_by_itself 'EH-2317' sign -k day -o s file
refuses nor_for_the_policy 'EH-2603' sign -k cmd --message op=day -o s

# ---- asked, signed, given
refuses what_is_no_question_is_not_signed 'edgehsm time ask' time sign file -k clock.pem
does the_module_asks time ask -o question
refuses an_rsa_key_does_not_sign 'neither P-256 nor Ed25519' time sign question -k rsa.pem
does somebody_else_signs time sign question -k alice.pem -o alices
refuses and_is_refused 'not in the role' time set alices
does the_clock_signs time sign question -k clock.pem
does the_module_takes_it time set question.time
refuses once 'no question of the last 60 seconds' time set question.time
does another_one_counts_too time ask -o question
"$EDGEHSM" time ask -o - 2>said | "$EDGEHSM" time sign - -k watch.pem -o - 2>>said | "$EDGEHSM" time set - >out 2>&1
ok in_one_pipe $?
hsm time --json
now=$(date -u +%Y-%m-%dT%H)
grep -q "\"trusted_time\":\"\($now\|$(date -u -d '-1 minute' +%Y-%m-%dT%H)\)" out
ok it_is_the_time_of_who_signed $?

# ---- what it lets happen
does the_key_for_the_day_signs sign -k day -o s file
refuses the_one_for_the_night_does_not 'EH-2317' sign -k night -o s file
does the_policy_lets_the_day_be_signed sign -k cmd --message op=day -o day.cose
refuses but_not_the_night 'EH-2603' sign -k cmd --message op=night -o night.cose
if command -v pkcs11-tool >/dev/null 2>&1; then
    p11() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN_LABEL" --login --pin "$PIN" "$@" >out 2>&1; }
    p11 --sign --mechanism EDDSA --label day --input-file file --output-file s11
    ok the_day_by_pkcs11 $?
    p11 --sign --mechanism EDDSA --label night --input-file file --output-file s11 || grep -q CKR_ACTION_PROHIBITED out
    ok the_night_is_refused_by_pkcs11 $?
else
    echo "ok $((number += 1)) - pkcs11 # SKIP pkcs11-tool (opensc) is not installed"
fi
does the_key_says_that_it_may_be_used key show day
grep -q 'may be used' out
ok now $?
hsm log show -n 60
grep -q 'time_set ok' out && grep -q 'the time is 1' out && grep -q 'time_set refused (EH-2702' out
ok the_log_tells_what_was_told $?
echo "1..$number"
