# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The rooted host: what somebody tries who owns the gateway's machine and has the user's PIN. Each attempt has
# a row in `attacks`; what it expects is written down before it is tried.

attacks() {
    step "Somebody has root on the gateway's machine"
    note "He has the user's PIN and the way to the broker too. He uses the same programs as the gateway; the desk's topic, the commands' topic and the module are his."
    forged
    replayed
    asked
    flooded
    at_night
    if [ "$FORM" = process ]; then rolled_back; else unplugged; fi
    log_edited
    policy_loosened
}

# alarm_comes MARK PATTERN: the controller says it to the control room
alarm_comes() {
    must "the controller's alarm names it" comes alarms "$1" "$2"
    saw alarm "$line"
}
# module_alarm KIND: the module's own list of alarms names it
module_alarm() {
    must "the module's alarm names it" module_has_alarm "$1"
    saw alarm "$line"
}
module_has_alarm() {
    hsm alarms || return 1
    line=$(grep -e "\b$1\b" out.log | tail -n 1)
    [ -n "$line" ]
}

forged() {
    local boot counter rest mark
    attempt a "He sends a forged shutdown: every field right, signed with a key of his own"
    expect "the controller knows one key, and it is not this one"
    read -r boot counter rest <controller.memory
    does "$BUILD/demo/gateway/forger" mallory.pem commands.cbor "$boot" $((counter + 1)) \
        'op=pump.shutdown unit=1' forged.cose
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f forged.cose
    alarm_comes "$mark" 'the signature is not by the key'
    python3 -c 'import sys; d = bytearray(open("old-shutdown.log", "rb").read()); d[-70] ^= 1
open("altered.cose", "wb").write(d)'
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f altered.cose
    must "nor does a real one pass of which a single bit was turned" comes alarms "$mark" 'the signature is not by the key'
}

replayed() {
    local mark
    attempt b "He replays the old shutdown of pump 2, and holds a command back to send it later"
    expect "a counter that is not above the last one is not obeyed; a gap is seen when the next command comes"
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f old-shutdown.log
    alarm_comes "$mark" 'command not obeyed: a replay'
    does hsm sign -k commands --message 'op=pump.speed unit=1 value=700' -o held-back.cose
    mark=$(lines_of alarms.log)
    desk "op=pump.speed unit=1 value=650"
    must "the desk's next command is not obeyed: one before it never came" comes alarms "$mark" 'never came: 1 of them'
    saw alarm "$line"
    must "the desk asks again, and is obeyed" desk_gets ' obeyed .*runs at 640' "op=pump.speed unit=1 value=640"
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f held-back.cose
    must "what was held back comes too late" comes alarms "$mark" 'command not obeyed: a replay'
}

asked() {
    local request mark
    attempt c "He asks the module to sign a shutdown, approves it himself, asks for a bare signature, searches for a hole"
    expect "people must approve; his key is nobody's; the key signs messages under its policy only; searching is seen"
    must "the module wants two people" refused EH-2501 hsm sign -k commands --message 'op=pump.shutdown unit=3' -o none.cose
    request=$(waiting)
    does hsm approve show "$request" -o request
    does quiet "$EDGEHSM" approve sign request -k mallory.pem --confirm yes -o request.mallory
    must "an approval by his own key is nobody's" refused EH-2503 hsm approve give "$request" request.mallory
    must "nor is it when he tries again, and again" \
        given_thrice hsm approve give "$request" request.mallory
    must "the module signs no bare bytes with that key" refused EH-2304 hsm sign -k commands forged.cose -o none.sig
    must "nothing came out of it" [ ! -e none.cose ]
    proved "what he asked for" 'sign_message refused (EH-2501'
    proved "his approvals" 'approval_give refused (EH-2503'
    module_alarm approval
    mark=$(lines_of gateway.log)
    for value in $(seq 1501 1512); do echo "op=pump.speed unit=5 value=$value"; done | say -t hall3/desk -l
    must "twelve commands beyond the policy are refused" counted gateway "$mark" 'not signed: .*unit=5' 12
    module_alarm refusals
}
given_thrice() { ! "$@" && ! "$@"; }

flooded() {
    local mark seen count=250 pause=0.015 signed
    [ "$FORM" = process ] || { count=120 pause=0.1; }
    attempt d "He floods the module with $count lawful commands, to shake the pump"
    expect "10 at once, then 5 in a second; then the alarm comes, and one in a minute"
    mark=$(lines_of gateway.log)
    seen=$(lines_of controller.log)
    for i in $(seq $count); do
        echo "op=pump.speed unit=4 value=$((100 + i % 2 * 100))"
        sleep $pause
    done | say -t hall3/desk -l
    must "all $count were asked for" counted gateway "$mark" 'igned: .*unit=4' $count
    signed=$(tail -n +$((mark + 1)) gateway.log | grep -c 'Z signed: .*unit=4' || true)
    saw refused "$signed of $count were signed, each a lawful step of pump 4; the others were refused"
    must "less than half was signed" [ $((signed * 2)) -lt $count ]
    must "the controller obeyed those, and missed none" counted controller "$seen" ' obeyed .*unit=4' "$signed"
    must "the alarm came: it says so to who asks now" desk_is_refused 'op=pump.speed unit=4 value=100'
    does hsm last-error
    must "last-error names the alarm" grep -q 'alarm of the policy is on' out.log
    module_alarm spike
    proved "the alarm" ' alarm ok .*signatures'
}
# counted FILE MARK PATTERN COUNT: waits for so many lines
counted() {
    local tries
    for tries in $(seq $((PATIENCE * 20))); do
        [ "$(tail -n +$(($2 + 1)) "$1.log" | grep -c -e "$3")" -lt "$4" ] || return 0
        sleep 0.05
    done
    return 1
}

at_night() {
    attempt e "He signs at night: the line is to be flushed while nobody stands at the drains"
    expect "the module trusts no clock of the host; tess has told it that it is 23:00, and the policy says 06:00 to 22:00"
    time_is 23:00
    must "the host's clock set to noon changes nothing: the module refuses" \
        refused EH-2603 quiet faketime "$(date +%F) 12:00:00" "$EDGEHSM" --pin-file pin sign -k commands \
        --message 'op=line.flush unit=1' -o none.cose
    does hsm time ask -o question
    does quiet "$EDGEHSM" time sign question -k mallory.pem -o answer
    must "a time that he signs himself is nobody's" refused EH- hsm time set answer
    proved "the refusal, and which line of the policy it was" 'sign_message refused (EH-2603'
    module_alarm hours
}

# ---- the store

rolled_back() {
    local mark
    attempt f "He copies the module's whole state, lets work go on, and puts the old state back"
    expect "this form has no monotonic counter: the module does not see it, and says so in its status."
    expect "The controller sees it, for it knows the newest counter; and so does who kept the end of the log"
    stop $gateway
    module_stop
    cp -a state state.old
    module_start
    gateway_start

    for value in 100 200 150; do
        must "work goes on: pump 1 to $value" desk_gets " obeyed .*runs at $value" "op=pump.speed unit=1 value=$value"
    done
    does hsm log export kept.log
    note "The control room keeps today's end of the log"
    stop $gateway
    module_stop
    mv state state.newest
    cp -a state.old state
    module_start
    gateway_start

    must "status says what this form lacks" hsm status
    saw note "$(grep -i rollback out.log | head -n 1)"
    mark=$(lines_of alarms.log)
    desk "op=pump.speed unit=1 value=50"
    alarm_comes "$mark" 'command not obeyed: a replay'
    must "the log that was put back is not the one whose end was signed" log_is_not_that
    saw refused "$(head -n 1 out.log | sed 's/^ *//')"
    stop $gateway
    module_stop
    rm -rf state
    mv state.newest state
    module_start
    gateway_start

    must "with its own state again, the desk is obeyed" desk_gets ' obeyed .*runs at 120' "op=pump.speed unit=1 value=120"
    must "and the log goes on from where the control room knew it" hsm log verify --since kept.log
    rm -rf state.old
}

unplugged() {
    local before after
    attempt f "He looks for the module's state to put an old one back"
    expect "there is none on this machine: a host has a line to the chip, and nothing else. He can cut its power"
    saw note "on this machine: $(cd state && echo *)"
    must "no store is within his reach" [ ! -e state/store.flash ]
    does hsm log export kept.log
    read -r before _ <controller.memory
    stop $gateway
    module_stop
    stop $chip
    chip_power_on
    module_start
    gateway_start

    must "power cut and back: the desk is obeyed" desk_gets ' obeyed .*runs at 120' "op=pump.speed unit=1 value=120"
    saw obeyed "$line"
    read -r after _ <controller.memory
    must "the number of the start went up from $before to $after, and no counter came twice" [ "$after" -gt "$before" ]
    must "the log goes on from where the control room knew it" hsm log verify --since kept.log
    module_stop
    stop $gateway
    mkdir -m 700 elsewhere
    # shellcheck disable=SC2086
    [ -z "$identity" ] || chown "$user" elsewhere
    # shellcheck disable=SC2086
    must "the chip belongs to its host: pairing it anew is refused" \
        refused paired quiet "$ENDPOINT" --pair --chip "unix:$WORK/chip/host.sock" --state "$WORK/elsewhere" $identity
    module_start
    gateway_start

    note "Who opens the chip and writes its flash is another attacker: doc/THREATS.md, rows 7 and 12"
}

log_is_not_that() { ! hsm log verify --since kept.log && grep -q EH-3008 out.log; }

# ---- the log

log_edited() {
    local record
    attempt g "He edits, drops and cuts off the records that tell of him"
    expect "whoever has the log's key sees it, and which record it was"
    does hsm log export seized.log
    does quiet "$EDGEHSM" log show seized.log -n 100000
    record=$(sed -n 's/^#\([0-9]*\) .*sign_message refused (EH-2501.*/\1/p' out.log | tail -n 1)
    note "Record $record is that of the shutdown that he asked for"
    for verb in edit drop cut; do
        does python3 "$here/meddle.py" seized.log meddled.log $verb "$record"
        must "$verb: it is found, and record $record is named" record_is_named "$record"
        saw refused "$(head -n 1 out.log | sed 's/^ *//')"
    done
    [ "$FORM" = process ] || return 0
    stop $gateway
    module_stop
    cp -a state state.newest
    does python3 "$here/meddle.py" seized.log state/log archive "$record"
    module_start
    must "the same in the module's own archive, on the disk: it is found" record_is_named_live "$record"
    saw refused "$(head -n 1 out.log | sed 's/^ *//')"
    module_stop
    rm -rf state
    mv state.newest state
    module_start
    gateway_start
}
record_is_named() {
    ! quiet "$EDGEHSM" log verify meddled.log --key "$log_key" && grep -q "\b$1\b" out.log
}
record_is_named_live() { ! hsm log verify && grep -q "\b$1\b" out.log; }

# ---- the policy

policy_loosened() {
    local mark
    attempt h "He brings a looser policy, in which everything is allowed"
    expect "another policy for the key waits for the officers; another key is not the one that the controller knows"
    must "exchanging the policy waits for two officers" \
        refused EH-2501 hsm key policy commands "$here/looser.policy"
    proved "the try" 'object_set refused (EH-2501'
    does quiet "$EDGEHSM" policy diff "$here/commands.policy" "$here/looser.policy"
    saw note "officers who are asked read, with edgehsm policy diff: $(sed -n '/^  /{s/^ *//;p;q;}' out.log), and more"
    does hsm key new commands-2 --policy "$here/looser.policy"
    must "a key of his own, with that policy, signs what he wants" \
        hsm sign -k commands-2 --message 'op=pump.shutdown unit=1' -o loose.cose
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f loose.cose
    alarm_comes "$mark" 'the signature is not by the key'
    must "no pump was shut down in all of this" [ "$(grep -c ' obeyed .*pump.shutdown' controller.log)" = 1 ]
    sleep 0.3
}
