# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The plant at work: it is built, it runs, two officers approve a shutdown, and the log has all of it.

person() { # NAME: a key of his own, which the module never sees
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.pem" 2>/dev/null
    openssl pkey -in "$1.pem" -pubout -out "$1.pub" 2>/dev/null
}

make_roles() {
    for name in olga sam ida tess mallory; do person $name; done
    does hsm approve make-roles --member olga=olga.pub --member sam=sam.pub --member ida=ida.pub \
        --member tess=tess.pub --role officers=2:olga,sam,ida --role operator=1:olga,ida --role safety=1:sam \
        --role time=1:tess -o hall3.roles
    ! officer approve set-roles hall3.roles || stop_here "roles were set that nobody approved"
    approve_by "$(waiting)" olga sam
    does officer approve set-roles hall3.roles
}

make_keys() {
    for name in commands telemetry; do
        does hsm key new $name --policy "$here/$name.policy"
        does hsm key show $name --pem $name.pem
        does quiet "$EDGEHSM" policy compile "$here/$name.policy" -o $name.cbor
    done
}

plant_built() {
    step "The plant: broker, module, keys with policies, officers"
    printf '12345678\n' >pin
    printf '87654321\n' >so-pin
    broker_start
    note "Mosquitto listens on 127.0.0.1:$port"
    module_prepare
    module_start
    does officer init --label hall3 --access pin
    make_roles
    make_keys
    sed -n '/^allow\|^deny\|^spike\|^alarm/p' "$here/commands.policy" | indent
    note "olga or ida (operator) and sam (safety) approve shutdowns; tess tells the time. Their keys are their own."
    note "The controller knows two public keys and two policies, from its commissioning."
    does hsm log export first.log
    log_key=$(sed -n 's/^key  *//p' out.log | head -n 1)
    note "The control room keeps the key of the log, $log_key, and today's end of it"
    listen alarms 'hall3/alarms'
    controller_start
    gateway_start
}

# time_is HH:MM: tess answers the module's question; her clock in this demonstration says what is needed
time_is() {
    does hsm time ask -o question
    does quiet faketime "$(date +%F) $1:00" "$EDGEHSM" time sign question -k tess.pem -o answer
    does hsm time set answer
    rm -f question answer
}

# asked_and_approved UNIT: a shutdown, from the desk to the controller, with two people between
asked_and_approved() {
    must "the module does not sign a shutdown on its own" desk_is_refused "op=pump.shutdown unit=$1"
    saw refused "$line"
    request=$(waiting)
    does hsm approve show "$request"
    indent <out.log
    approve_by "$request" olga sam
    note "olga (operator) and sam (safety) approve exactly this, each with a key of their own"
    must "asked again, it is signed, and the controller obeys" \
        desk_gets " obeyed .*pump.shutdown unit=$1" "op=pump.shutdown unit=$1"
    saw obeyed "$line"
}

plant_works() {
    step "Normal operation"
    must "1,000 sensors are read, signed, and verified by the controller with none missing" \
        comes controller 0 'telemetry round [0-9]*: 1000 sensors, .* 0 missing'
    saw telemetry "$line"
    for value in 200 400 600; do
        must "the desk sets pump 1 to $value" desk_gets " obeyed .*unit=1.*runs at $value" "op=pump.speed unit=1 value=$value"
        saw obeyed "$line"
    done
    must "a leap to 1500 is refused by the module itself" desk_is_refused "op=pump.speed unit=1 value=1500"
    saw refused "$line"
    time_is 12:00
    note "tess tells the module the time, signed: it is noon"
    sleep 1.1 # the bucket of flushes began empty
    must "by day, the line is flushed" desk_gets ' obeyed .*line.flush unit=1' "op=line.flush unit=1"
    saw obeyed "$line"
    note "A planned shutdown of pump 2:"
    desk_gets ' obeyed .*unit=2' "op=pump.speed unit=2 value=150" || stop_here "pump 2 does not start"
    listen old-shutdown hall3/commands -N -C 1 # somebody listens on the wire
    sleep 0.3
    asked_and_approved 2
    desk_gets ' obeyed .*unit=2' "op=pump.speed unit=2 value=100" || stop_here "pump 2 does not start again"
}

shutdown_approved() {
    step "Two officers approve a real shutdown"
    local mark
    listen real-shutdown hall3/commands -N -C 1
    sleep 0.3
    asked_and_approved 1
    must "asked once more, two people are wanted anew" desk_is_refused "op=pump.shutdown unit=1"
    mark=$(lines_of alarms.log)
    say -t hall3/commands -f real-shutdown.log
    must "what was obeyed is not obeyed again" comes alarms "$mark" 'command not obeyed: a replay'
    saw alarm "$line"
    must "pump 1 was shut down exactly once" [ "$(grep -c ' obeyed .*pump.shutdown unit=1' controller.log)" = 1 ]
    must "and pump 2 exactly once, before" [ "$(grep -c ' obeyed .*pump.shutdown unit=2' controller.log)" = 1 ]
}

all_proved() {
    step "The log proves it"
    local mark
    mark=$(lines_of controller.log)
    must "telemetry went on all the time, and none is missing now" \
        comes controller "$mark" 'telemetry round [0-9]*: 1000 sensors, .* 0 missing'
    saw telemetry "$line"
    must "the module's log is whole, by its own fresh signature" hsm log verify
    grep -e '^records\|^end\|^signatures' out.log | indent
    does hsm log export last.log
    must "anybody with the log's key can see that, away from the module" \
        quiet "$EDGEHSM" log verify last.log --key "$log_key"
    does quiet "$EDGEHSM" log show last.log -n 100000
    cp out.log records.log
    printf '  Some of its records:\n'
    grep -e 'sign_message refused (EH-2[56]0[13]\|approval_give\| alarm ok ' records.log | tail -n 20 | indent
}
