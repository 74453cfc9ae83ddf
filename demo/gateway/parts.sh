# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts of ./run demo gateway: how it talks and keeps count, the module in either form, the broker and
# the programs around it. Sourced by demo.sh, which sets ROOT, BUILD, FORM and WORK.

# ---- how it talks. What is told is also kept in $WORK/events, of which the page is made:
# milliseconds since 1970, kind, text, with tabs between

bold= green= red= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' dim=$'\033[2m' plain=$'\033[0m'
fi
held=0 broken=0 number=0
event() { printf '%s\t%s\t%s\n' "$(date +%s%3N)" "$1" "${2//$'\t'/ }" >>"$WORK/events"; }
indent() { cut -c 1-200 | sed 's/^/  | /'; }
step() { number=$((number + 1)); printf '\n%s[%d] %s%s\n' "$bold" $number "$*" "$plain"; event step "$*"; }
note() { printf '  %s\n' "$*"; event note "$*"; }
attempt() { printf '\n  %s(%s) %s%s\n' "$bold" "$1" "$2" "$plain"; event attempt "$1 $2"; }
expect() { printf '      expected: %s\n' "$*"; event expected "$*"; }
# saw KIND TEXT: what was seen, in the words of who said it
saw() { printf '      seen:     %s\n' "$2"; event "$1" "$2"; }
# must SENTENCE COMMAND...: the sentence is true when COMMAND says so
must() {
    local sentence=$1
    shift
    if "$@"; then
        held=$((held + 1))
        printf '      %s✓%s %s\n' "$green" "$plain" "$sentence"
        event held "$sentence"
    else
        broken=$((broken + 1))
        printf '      %s✗ NOT SO: %s%s\n' "$red" "$sentence" "$plain"
        event broken "$sentence"
    fi
}
stop_here() {
    printf '%s  ✗ %s%s\n' "$red" "$1" "$plain" >&2
    for log in out module chip broker gateway controller; do
        [ ! -s "$WORK/$log.log" ] || { echo "  last lines of $log:" && tail -n 8 "$WORK/$log.log" | indent; } >&2
    done
    [ "$FORM" = process ] || timeout 30 "$ROOT/tools/chip-probe" "$WORK/chip" halted 2>&1 | indent >&2 || true
    exit 1
}

# ---- the command line, as people type it; what it says is in out.log

quiet() { timeout 120 "$@" >"$WORK/out.log" 2>&1 </dev/null; }
hsm() { quiet "$EDGEHSM" --pin-file pin "$@"; }
officer() { quiet "$EDGEHSM" --pin-file pin --so-pin-file so-pin "$@"; }
does() { "$@" || stop_here "this failed: $*"; }
shown() { # COMMAND...: shows it and what it says; it must succeed
    local text="$*"
    printf '  %s$ %s%s\n' "$dim" "${text/#hsm/edgehsm}" "$plain"
    does "$@"
    indent <"$WORK/out.log"
}
# refused STATUS COMMAND...: fails, and for this reason; says so as it was said
refused() {
    local status=$1 code=0
    shift
    "$@" || code=$?
    reason=$(grep -m 1 "$status" "$WORK/out.log" || head -n 1 "$WORK/out.log")
    saw refused "$reason"
    [ $code != 0 ] && grep -q "$status" "$WORK/out.log"
}
lines_of() { wc -l <"$1"; }
# comes FILE MARK PATTERN: waits for a line behind MARK that has PATTERN; it is then in $line
comes() {
    local tries
    for tries in $(seq $((PATIENCE * 20))); do
        line=$(tail -n +$(($2 + 1)) "$WORK/$1.log" | grep -m 1 -e "$3") && line=${line#* } && return 0
        sleep 0.05
    done
    line="(nothing came: $3)"
    return 1
}
comes_not() { sleep 0.3; ! tail -n +$(($2 + 1)) "$WORK/$1.log" | grep -q -e "$3"; }

# ---- processes: those that are started here end here

pids=()
start() { # NAME COMMAND...: in the background; its process is in $pid
    local log=$WORK/$1.log
    shift
    touch "$log"
    "$@" >>"$log" 2>&1 </dev/null &
    pid=$!
    pids+=($pid)
}
stop() { # PROCESS
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
stop_all() {
    local p
    for p in ${pids[@]+"${pids[@]}"}; do kill -TERM "$p" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
ready() { # LOG MARK PATTERN PROCESS WHAT
    local tries
    for tries in $(seq $((PATIENCE * 20))); do
        ! tail -n +$(($2 + 1)) "$WORK/$1.log" | grep -q -e "$3" || return 0
        kill -0 "$4" 2>/dev/null || break
        sleep 0.05
    done
    stop_here "$5 did not start"
}

# ---- the module

module_prepare() {
    mkdir -m 755 "$WORK/run"
    mkdir -m 700 "$WORK/state"
    identity=
    if [ "$(id -u)" = 0 ]; then
        user=nobody
        ! id edgehsm >/dev/null 2>&1 || user=edgehsm
        chown $user "$WORK/run" "$WORK/state"
        identity="--user $user"
    fi
    swap=
    [ "$(id -u)" = 0 ] || [ "$(ulimit -l)" = unlimited ] || swap=--allow-swap
    EDGEHSM_MODULE=unix:$WORK/run/module.sock
    export EDGEHSM_MODULE
    [ "$FORM" = process ] || chip_prepare
}
chip_power_on() {
    local mark
    touch "$WORK/chip.log"
    mark=$(lines_of "$WORK/chip.log")
    start chip "$ROOT/tools/chip-qemu" "$WORK/chip"
    chip=$pid
    ready chip "$mark" '^ready' $chip "the chip"
    chmod 666 "$WORK/chip/host.sock"
}
chip_prepare() {
    mkdir -m 711 "$WORK/chip"
    chip_power_on
    # shellcheck disable=SC2086 # a list of words
    does quiet "$ENDPOINT" --pair --chip "unix:$WORK/chip/host.sock" --state "$WORK/state" $identity
}
module_start() {
    local mark
    touch "$WORK/module.log"
    mark=$(lines_of "$WORK/module.log")
    # shellcheck disable=SC2086
    if [ "$FORM" = process ]; then
        start module "$DAEMON" --state "$WORK/state" --socket "$WORK/run/module.sock" --mode 0666 --log-max 256M \
            $identity $swap
    else
        start module "$ENDPOINT" --state "$WORK/state" --socket "$WORK/run/module.sock" --mode 0666 \
            --chip "unix:$WORK/chip/host.sock" $identity
    fi
    module=$pid
    ready module "$mark" ': ready at ' $module "the module"
    [ "$FORM" = process ] || ready module "$mark" 'the channel stands' $module "the channel to the chip"
}
module_stop() { stop $module; }

# ---- the broker, on a free port of the loopback interface

broker_start() {
    local try
    for try in $(seq 20); do
        port=$((20000 + RANDOM % 20000))
        cat >"$WORK/broker.conf" <<C
listener $port 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
user $(id -un)
C
        start broker mosquitto -c "$WORK/broker.conf"
        broker=$pid
        for _ in $(seq 100); do
            kill -0 $broker 2>/dev/null || break
            if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && grep -q ' running' "$WORK/broker.log"; then return; fi
            sleep 0.05
        done
        stop $broker
        : >"$WORK/broker.log"
    done
    stop_here "mosquitto did not start"
}
say() { timeout 20 mosquitto_pub -h 127.0.0.1 -p "$port" -q 1 "$@"; }
listen() { # NAME TOPIC OPTION...: in the background; what comes is in NAME.log
    local name=$1 topic=$2
    shift 2
    start "$name" mosquitto_sub -h 127.0.0.1 -p "$port" -q 1 -t "$topic" "$@"
}

# ---- the programs of the plant

gateway_start() {
    local mark options=
    touch "$WORK/gateway.log"
    mark=$(lines_of "$WORK/gateway.log")
    [ "$FORM" = process ] || options=--batch
    start gateway "$BUILD/demo/gateway/gateway" --library "$MODULE" --token hall3 --pin-file pin --port "$port" \
        --every 3000 $options
    gateway=$pid
    ready gateway "$mark" ' ready$' $gateway "the gateway"
    # A bucket begins empty, when the key is used first: this one may be refused, the next is not.
    desk "op=pump.speed unit=8 value=0"
    comes gateway "$mark" 'igned: .*unit=8' || stop_here "the gateway does nothing"
    sleep 1
}
controller_start() {
    start controller "$BUILD/demo/gateway/controller" --port "$port" --commands-key commands.pem \
        --commands-policy commands.cbor --telemetry-key telemetry.pem --telemetry-policy telemetry.cbor \
        --memory controller.memory
    ready controller 0 ' ready$' $pid "the controller"
}
# desk TEXT: what somebody at the desk wants
desk() { say -t hall3/desk -m "$1"; }
# desk_gets PATTERN TEXT: asks, and waits for what the controller does about it
desk_gets() {
    local mark
    mark=$(lines_of "$WORK/controller.log")
    desk "$2"
    comes controller "$mark" "$1"
}
# desk_is_refused TEXT: asks, and waits for the gateway to say that the module did not sign
desk_is_refused() {
    local mark
    mark=$(lines_of "$WORK/gateway.log")
    desk "$1"
    comes gateway "$mark" "not signed: .*$1"
}

# ---- people

# waiting: the number of the request that waits
waiting() { "$EDGEHSM" approve list --json 2>/dev/null | sed -n 's/.*"request" *: *"\([0-9a-f]*\)".*/\1/p' | tail -n 1; }
# approve_by REQUEST NAME...: each reads it and signs it on a machine of his own
approve_by() {
    local request=$1 name files=()
    shift
    does hsm approve show "$request" -o "$WORK/request"
    for name in "$@"; do
        does quiet "$EDGEHSM" approve sign "$WORK/request" -k "$name.pem" --confirm yes -o "$WORK/request.$name"
        files+=("$WORK/request.$name")
        event approval "$name approves request $request"
    done
    does hsm approve give "$request" "${files[@]}"
    rm -f "$WORK/request" "${files[@]}"
}

# ---- the log

# log_has PATTERN: the module's log has such a record; it is then in $line
log_has() {
    does hsm log show -n 100000
    line=$(grep -e "$1" "$WORK/out.log" | tail -n 1)
    [ -n "$line" ]
}
# proved WHAT PATTERN: the same, told
proved() {
    must "the log has $1" log_has "$2"
    [ -z "$line" ] || saw record "$line"
}
