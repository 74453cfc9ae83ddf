#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# killed.sh EDGEHSMD EDGEHSM MODULE CREATOR: the daemon is killed again and again while objects are made; what it
# acknowledged is there, and its log is whole. Prints TAP.
set -u
daemon=$1 client=$2 creator=$4
export MODULE="$3" PIN=12345678
ROUNDS=6
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-killed.XXXXXX")
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$work"' EXIT
chmod 711 "$work"
mkdir -m 700 "$work/state"
mkdir -m 755 "$work/run"
if [ "$(id -u)" = 0 ]; then
    chown nobody "$work/state" "$work/run"
    identity="--user nobody"
else
    identity=--allow-swap
fi
export EDGEHSM_MODULE="$work/run/s"
echo $PIN >"$work/pin"
echo 87654321 >"$work/so-pin"
chmod 600 "$work/pin" "$work/so-pin"

result() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else echo "not ok $number - $1"; fi
}
start() {
    : >"$work/out"
    # shellcheck disable=SC2086
    "$daemon" $identity --state "$work/state" --socket "$work/run/s" --mode 0666 >"$work/out" 2>&1 &
    pid=$!
    tries=0
    until grep -q ': ready at ' "$work/out"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] && kill -0 $pid 2>/dev/null || return 1
        sleep 0.05
    done
}

if [ ! -e "/proc/$$/task/$$/children" ]; then
    echo "1..1"
    echo "ok 1 - a_killed_daemon_loses_nothing_it_acknowledged # SKIP this kernel lists no children in /proc"
    exit 0
fi
start && "$client" init --label killed --access pin --pin-file "$work/pin" \
    --so-pin-file "$work/so-pin" >"$work/init" 2>&1 || {
    cat "$work/out" "$work/init"
    echo "1..1"
    echo "not ok 1 - the_module_starts"
    exit 1
}
number=0 last=0 round=0
while [ $round -lt $ROUNDS ]; do
    round=$((round + 1))
    echo $last | "$creator" create >"$work/acknowledged" &
    making=$!
    sleep "0.$((3 + round))"
    read -r core <"/proc/$pid/task/$pid/children"
    # shellcheck disable=SC2086
    kill -9 $core
    wait "$pid" $making 2>/dev/null
    new=$(tail -n 1 "$work/acknowledged")
    last=${new:-$last}
    start
    "$creator" check "$last" >"$work/check" 2>&1
    status=$?
    sed 's/^/# /' "$work/check"
    echo "# $last objects acknowledged"
    result "what_was_acknowledged_before_kill_${round}_is_there" $status
done
"$client" log verify >"$work/verify" 2>&1
status=$?
sed 's/^/# /' "$work/verify"
result "the_log_is_whole_after_${ROUNDS}_kills" $status
echo "1..$number"
