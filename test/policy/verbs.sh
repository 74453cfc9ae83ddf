#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verbs.sh EDGEHSM FOLDER: edgehsm policy as people and scripts meet it, on the worked policies in FOLDER.
set -u
export LC_ALL=C.UTF-8
edgehsm=$1 folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
tell() { # SENTENCE STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)) && echo "ok    $1"
    else failed=$((failed + 1)) && echo "FAIL  $1: $(tail -n 5 "$work/out")"; fi
}
says() { # SENTENCE STATUS TEXT WORD...: that exit code, and that text in what it says
    local sentence=$1 status=$2 text=$3 found
    shift 3
    "$edgehsm" policy "$@" >"$work/out" 2>&1
    found=$?
    [ $found = "$status" ] && grep -q -F -e "$text" "$work/out"
    tell "$sentence" $?
}
is_json() { python3 -c 'import json,sys; print(eval(sys.argv[1], {"d": json.load(sys.stdin)}))' "$1"; }
json() { # SENTENCE EXPRESSION-ON-d EXPECTED WORD...
    local sentence=$1 expression=$2 expected=$3
    shift 3
    "$edgehsm" policy "$@" --json 2>"$work/out" | is_json "$expression" >>"$work/out" 2>&1
    [ "$(tail -n 1 "$work/out")" = "$expected" ]
    tell "$sentence" $?
}

plc=$folder/plc.policy
for policy in "$folder"/*.policy; do
    name=$(basename "$policy" .policy)
    says "$name: the table of the worked policy holds" 0 ", 0 failed" test "$policy" "$folder/$name.table"
    json "$name: nothing is strange in it" 'len([f for f in d["findings"] if f["kind"] == "warning"])' 0 check "$policy"
    says "$name: nothing new against itself" 0 "Nothing is allowed that was not before" diff "$policy" "$policy"
done

says "check tells the longest decision" 0 "comparisons at most" check "$plc"
says "explain allows" 0 "allowed by line" explain "$plc" op=estop unit=3
says "explain names the condition" 0 "this does not hold: value in 0..1500" \
    explain "$plc" op=pump.speed unit=3 value=1800 --time 09:30
says "explain names the deny line" 0 "denied by line 21" explain "$plc" op=pump.speed unit=3 value=100
says "explain names the field" 0 "'unit' in 1..64" explain "$plc" op=pump.speed unit=99 value=100
json "explain counts approvals" 'd["verdict"], d["rule"]' "('allow', 4)" explain "$plc" op=recipe.load unit=1 \
    value=5 --time 9:30 --approval safety --approval shift-lead
json "explain wants approvals" 'd["verdict"]' "needs approval" explain "$plc" op=recipe.load unit=1 value=5 \
    --time 9:30 --approval safety,shift-lead
says "explain takes bytes" 0 "deterministic CBOR" explain "$plc" cbor a0ff
says "explain refuses a role that is not there" 2 "no such role" explain "$plc" op=estop unit=3 --approval boss
says "explain refuses a time that is none" 2 "time of day" explain "$plc" op=estop unit=3 --time noon
says "explain refuses a field that is not there" 2 "no such field" explain "$plc" ops=estop

sed 's/0\.\.1500/0..1600/; s/version 7/version 8/' "$plc" >"$work/new.policy"
says "diff tells what is new" 0 'op is "pump.speed" and value in 1501..1600' diff "$plc" "$work/new.policy"
json "diff says whether it is looser" 'd["looser"]' True diff "$plc" "$work/new.policy"
json "diff says whether it is stricter" 'd["looser"]' False diff "$work/new.policy" "$plc"

says "compile writes the form" 0 "Wrote" compile "$plc" -o "$work/plc.cbor"
says "the form is taken as the text is" 0 "line3-plc" check "$work/plc.cbor"
"$edgehsm" policy check "$plc" >"$work/text" 2>&1
"$edgehsm" policy check "$work/plc.cbor" >"$work/out" 2>&1 && cmp -s "$work/text" "$work/out"
tell "text and form are told alike" $?
head -c 300 "$work/plc.cbor" >"$work/cut.cbor"
says "a form that is cut is refused" 1 "neither a policy's text nor a compiled policy" check "$work/cut.cbor"

sed 's/<= 200/< 200/' "$plc" >"$work/bad.policy"
says "a wrong text is refused with its place" 1 "line 16, column 71: expected '<=', found <" check "$work/bad.policy"
says "a file that is not there is told" 1 "cannot read" check "$work/none.policy"
says "a word is missing" 2 "a word is missing" --
printf 'allow 1: op=estop unit=1\ndeny none: op=estop unit=1\n' >"$work/bad.table"
says "a table that does not hold fails" 1 "line 2: expected deny none; found allow" test "$plc" "$work/bad.table"
printf 'permit: op=estop\n' >"$work/bad.table"
says "a table that is none is refused with its place" 1 "line 1: expected allow, needs or deny" test "$plc" "$work/bad.table"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
