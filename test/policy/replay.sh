#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# replay.sh SIGN_MANY: statements that a daemon signed, replayed under other policies, with its log beside them. Started by
# tools/with-module.
set -u
export LC_ALL=C.UTF-8
: "${EDGEHSM:?start me with tools/with-module}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sign_many=$(realpath "$1")
cd "$work" || exit 1
printf '%s\n' "$PIN" >pin
e() { "$EDGEHSM" "$@" --pin-file pin; }
passed=0 failed=0
tell() { # SENTENCE STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)) && echo "ok    $1"
    else failed=$((failed + 1)) && echo "FAIL  $1: $(tail -n 5 out)"; fi
}
says() { # SENTENCE STATUS TEXT WORD...
    local sentence=$1 status=$2 text=$3 found
    shift 3
    "$EDGEHSM" policy replay "$@" >out 2>&1 </dev/null
    found=$?
    [ $found = "$status" ] && grep -q -F -e "$text" out
    tell "$sentence" $?
}
json() { # SENTENCE EXPRESSION-ON-d EXPECTED WORD...
    local sentence=$1 expression=$2 expected=$3
    shift 3
    "$EDGEHSM" policy replay "$@" --json 2>err |
        python3 -c 'import json,sys; print(eval(sys.argv[1], {"d": json.load(sys.stdin)}))' "$expression" >out 2>&1
    [ "$(tail -n 1 out)" = "$expected" ]
    tell "$sentence" $?
}
cat >old.policy <<'END'
policy "cmd" version 3
key "cmd"
message cbor { 1 op : one of "stop" "speed"  ? 2 value : 0..1500  3 seq : module counter }
allow op is "stop" and value absent
allow op is "speed" and value present
END
sed 's/version 3/version 4/; s/value present/value in 0..1000/' old.policy >new.policy
sed 's/version 3/version 5/; s/3 seq : module counter //' old.policy >fewer.policy
e key new cmd --policy old.policy >out 2>&1 && e key show cmd --pem cmd.pem >>out 2>&1
tell "a key is made" $?
e key new other --policy old.policy >out 2>&1 && e key show other --pem other.pem >>out 2>&1
tell "and another" $?
for i in 1 2 3 4 5 6 7 8; do
    e sign -k cmd --message "op=speed value=$((i * 200))" -o $i.cose >out 2>&1 # the last is beyond the shape
done
[ ! -e 8.cose ] && [ -e 7.cose ]
tell "seven messages are signed" $?
e sign -k cmd --message op=stop -o stop.cose >out 2>&1 && e sign -k other --message op=stop -o else.cose >>out 2>&1
tell "and two stops" $?
e log export today.log >out 2>&1
tell "the log is exported" $?
key=$(sed -n '1s/^edgehsm-log 1 [^ ]* \([^ ]*\) .*/\1/p' today.log)
cat [1-7].cose stop.cose >all.cbor

says "the old policy refuses nothing" 0 "refused                        0" old.policy all.cbor
says "the new one names the line and the condition" 0 "this does not hold: value in 0..1000" new.policy all.cbor --old old.policy
json "the same one by one" 'd["statements"], d["allowed"], d["refused"]' "(8, 6, 2)" new.policy stop.cose [1-7].cose
json "in the order of their counters, with the line that allowed them" \
    '[(r["counter"], r["was_allowed_by"], r["line"]) for r in d["refusals"]]' "[(6, 2, 5), (7, 2, 5)]" new.policy 7.cose [1-6].cose stop.cose
json "once each, however often they are given" 'd["statements"], d["there_twice"]' "(8, 8)" new.policy all.cbor [1-7].cose stop.cose
says "a field that the old policy's module filled is taken out" 0 "refused                        0" fewer.policy all.cbor --old old.policy
says "without the old policy it cannot be known" 0 "a key that the message does not have" fewer.policy all.cbor
says "and that is said" 0 "next: --old POLICY" fewer.policy all.cbor
json "gaps are told" '[(g["first"], g["last"], g["at_a_restart"]) for g in d["gaps"]]' "[(3, 4, False)]" old.policy 1.cose 2.cose 5.cose

says "the key verifies them" 0 "all good" old.policy all.cbor --key cmd.pem
says "another key does not" 1 "cannot accept the statement with the counter 1" old.policy all.cbor --key other.pem
{ head -c 60 1.cose && printf x && tail -c +62 1.cose; } >bad.cose
says "a damaged one is no statement, or not signed" 1 "cannot" old.policy bad.cose --key cmd.pem
says "statements of two keys are told apart" 1 "two different ones have the counter 1" old.policy all.cbor else.cose
says "a file that is none is refused with its place" 1 "at byte 0 stands no COSE_Sign1" old.policy old.policy
cat all.cbor pin >tail.cbor
says "so is what stands behind statements" 1 "at byte $(stat -c %s all.cbor) stands no" old.policy tail.cbor

says "all are in the log" 0 "of these not in the files      0" old.policy all.cbor --log today.log --log-key "$key"
json "and only that key's count" 'd["signed_by_it_in_the_log"], d["not_in_the_log"]' "(8, 0)" old.policy all.cbor --log today.log
says "a past that was cleaned is told" 1 "statements that the log tells of are not in the files" old.policy [1-6].cose stop.cose --log today.log
json "with the record of what is missing" 'len(d["missing"]), d["missing"][0]["statements"]' "(1, 1)" old.policy [1-6].cose stop.cose --log today.log
says "statements of another log prove nothing" 0 "not in the log                 0" old.policy else.cose --log today.log
{ head -c 2000 today.log && printf x && tail -c +2002 today.log; } >bad.log
says "a log that was altered is refused" 1 "cannot trust the log" old.policy all.cbor --log bad.log
says "so is one of another key" 1 "another key than the one given" old.policy all.cbor --log today.log --log-key AAAA
says "a key of no log is a mistake" 2 "--log-key is for the log" old.policy all.cbor --log-key AAAA
says "a word is missing" 2 "something is missing" old.policy
e sign -k cmd --message op=stop -o later.cose >out 2>&1
json "what is later than the log is counted" 'd["not_in_the_log"]' "1" old.policy all.cbor later.cose --log today.log

# ---- several statements in one record of the log
printf '%s\n' "$SO_PIN" >so
"$EDGEHSM" token set --log-each 5 --so-pin-file so >out 2>&1
tell "uses of a key share a record" $?
e key new many --policy old.policy >out 2>&1
"$sign_many" many 12 a.cbor >out 2>&1 && "$sign_many" many 1 b.cbor >>out 2>&1 && "$sign_many" many 3 c.cbor >>out 2>&1
tell "a gateway signs" $?
"$EDGEHSM" log show --all -n 40 >out 2>&1
for numbers in 1..5 6..10 11..12 14..16; do
    grep -q "sign_message ok .* numbers $numbers since" out
    tell "the log tells of the statements $numbers in one line" $?
done
e log export many.log >out 2>&1
json "each of them is told" 'd["signed_by_it_in_the_log"], d["of_these_not_in_the_files"], d["not_in_the_log"]' "(16, 0, 0)" \
    old.policy a.cbor b.cbor c.cbor --log many.log
says "three are missed" 1 "In the log, and not in these files" old.policy a.cbor b.cbor --log many.log
json "and counted" 'd["of_these_not_in_the_files"], d["missing"][0]["statements"]' "(3, 3)" old.policy a.cbor b.cbor --log many.log
json "so is the one that has a record of its own" 'd["of_these_not_in_the_files"]' "1" old.policy a.cbor c.cbor --log many.log

echo "$passed passed, $failed failed"
[ $failed = 0 ]
