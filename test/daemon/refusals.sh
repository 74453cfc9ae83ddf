#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# refusals.sh EDGEHSMD EDGEHSM: where the daemon must not start, and says why (R-83); what a kill and a second start
# leave. Prints TAP.
set -u
daemon=$1 client=$2
number=0
work=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-refusals.XXXXXX")
pids=
trap 'for p in $pids; do kill -9 "$p" 2>/dev/null; done; rm -rf "$work"' EXIT
chmod 711 "$work"

result() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' "$work/out"
    fi
}
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

root=false
user=$(id -un)
if [ "$(id -u)" = 0 ]; then
    root=true
    user=nobody
fi

# fresh NAME: a state folder and a folder for the socket, as they should be
fresh() {
    state=$work/$1/state run=$work/$1/run
    mkdir -m 711 "$work/$1"
    mkdir -m 700 "$state"
    mkdir -m 755 "$run"
    if $root; then chown -R "$user" "$state" "$run"; fi
}
identity() {
    if $root; then echo "--user $user"; else echo --allow-swap; fi
}
# refuses NAME TEXT OPTION...: does not start, names TEXT, ends with status 1 or 2
refuses() {
    name=$1 text=$2
    shift 2
    timeout 20 "$daemon" "$@" >"$work/out" 2>&1
    status=$?
    { [ $status = 1 ] || [ $status = 2 ]; } && grep -q -- "$text" "$work/out"
    result "$name" $?
}
start() { # OPTION...; fills $pid
    : >"$work/out"
    # shellcheck disable=SC2046
    "$daemon" $(identity) "$@" >"$work/out" 2>&1 &
    pid=$!
    pids="$pids $pid"
    tries=0
    until grep -q ': ready at ' "$work/out"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] && kill -0 $pid 2>/dev/null || return 1
        sleep 0.05
    done
}
stop() {
    kill -TERM "$pid" && wait "$pid"
}

# shellcheck disable=SC2046
{
    if $root; then
        fresh as-root
        refuses refuses_to_run_as_root "no user 'no-such-user' to become" --user no-such-user \
            --state "$state" --socket "$run/s"
        refuses refuses_to_become_root "refuses to run as root" --user root --state "$state" --socket "$run/s"
    else
        skip refuses_to_run_as_root "needs root"
        skip refuses_to_become_root "needs root"
    fi

    fresh world
    chmod 755 "$state"
    refuses refuses_a_state_folder_that_others_may_read "open to others" $(identity) --state "$state" --socket "$run/s"
    chmod 701 "$state"
    refuses refuses_a_state_folder_that_others_may_enter "open to others" $(identity) --state "$state" --socket "$run/s"
    chmod 710 "$state"
    refuses refuses_a_state_folder_that_its_group_may_enter "open to others" $(identity) --state "$state" --socket "$run/s"

    fresh link
    ln -s "$state" "$work/link/other"
    refuses refuses_a_state_folder_behind_a_link "symbolic link" $(identity) --state "$work/link/other" --socket "$run/s"
    mkdir -m 755 "$work/link/deep"
    ln -s "$work/link" "$work/link/deep/up"
    refuses refuses_a_link_anywhere_in_the_path "symbolic link" $(identity) --state "$work/link/deep/up/state" --socket "$run/s"

    fresh store-link
    ln -s "$work/elsewhere" "$state/store.flash"
    refuses refuses_a_store_that_is_a_link "store.flash" $(identity) --state "$state" --socket "$run/s"
    fresh log-link
    ln -s "$work/link" "$state/log"
    refuses refuses_a_log_that_is_a_link "log" $(identity) --state "$state" --socket "$run/s"
    fresh fifo
    mkfifo "$state/store.flash"
    if $root; then chown "$user" "$state/store.flash"; fi
    refuses refuses_a_store_that_is_a_pipe "store.flash" $(identity) --state "$state" --socket "$run/s"

    fresh file
    refuses refuses_a_state_folder_that_is_none "cannot open" $(identity) --state /etc/hostname --socket "$run/s"
    refuses refuses_an_unknown_option "see edgehsmd --help" --no-such-option
    refuses refuses_a_wrong_size "is not valid" --log-max 12Q
    refuses refuses_an_argument_too_many "is not valid" extra
    refuses refuses_a_socket_path_that_is_too_long "longer than" $(identity) --state "$state" \
        --socket "$run/$(printf %0120d 0)"
    echo file >"$run/s"
    refuses refuses_to_remove_a_file_that_is_no_socket "is no socket" $(identity) --state "$state" --socket "$run/s"
    [ "$(cat "$run/s")" = file ]
    result and_leaves_that_file_alone $?
    refuses refuses_a_root_key_that_is_missing "cannot open" $(identity) --state "$state" --socket "$run/t" \
        --root-key "$work/no-such-key"
    head -c 32 /dev/urandom >"$work/key"
    chmod 644 "$work/key"
    refuses refuses_a_root_key_that_others_may_read "others cannot read" $(identity) --state "$state" \
        --socket "$run/t" --root-key "$work/key"
    if $root; then
        fresh stranger
        chown root "$state"
        refuses refuses_the_state_folder_of_another_user "belongs to user" $(identity) --state "$state" --socket "$run/s"
    else
        skip refuses_the_state_folder_of_another_user "needs root"
    fi
    if ! $root && [ "$(ulimit -l)" != unlimited ]; then
        refuses refuses_to_start_when_memory_cannot_be_locked "allow-swap" --state "$state" --socket "$run/t"
    else
        skip refuses_to_start_when_memory_cannot_be_locked "memory can be locked here"
    fi
}

fresh two
start --state "$state" --socket "$run/s"
result starts_in_a_folder_of_its_own $?
first=$pid
cp "$work/out" "$work/first"
# shellcheck disable=SC2046
refuses keeps_a_second_daemon_out_of_the_store "another edgehsmd uses this store" $(identity) \
    --state "$state" --socket "$run/other"
fresh two-b
# shellcheck disable=SC2046
refuses keeps_a_second_daemon_off_the_socket "in use" $(identity) --state "$state" --socket "$work/two/run/s"
[ "$(stat -c %a "$work/two/run/s")" = 660 ]
result the_socket_is_for_user_and_group_alone $?
find "$work/two/state" ! -type d -printf '%m %p\n' | grep -v '^[64]00 ' >"$work/out"
[ ! -s "$work/out" ]
result every_file_is_private $?
pid=$first
stop
result stops_on_sigterm_with_status_zero $?
[ ! -e "$work/two/run/s" ]
result and_removes_its_socket $?

start --state "$work/two/state" --socket "$work/two/run/s"
result starts_again $?
core=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
if [ -n "$core" ]; then
    kill -9 $core
    wait "$pid"
    [ $? = 1 ] && grep -q 'ended by signal 9' "$work/out"
    result the_parent_says_that_the_core_was_killed $?
    ulimit -c unlimited 2>/dev/null
    start --state "$work/two/state" --socket "$work/two/run/s"
    result starts_again_after_a_kill $?
    read -r core <"/proc/$pid/task/$pid/children"
    grep -q 'Max core file size *0 *0 ' "/proc/$core/limits"
    result allows_itself_no_core_file $?
    as_user=
    if $root; then as_user="setpriv --reuid $user --regid $(id -g $user) --clear-groups"; fi
    : >"$work/out"
    for name in mem maps environ; do
        ! $as_user head -c 1 "/proc/$core/$name" >>"$work/out" 2>/dev/null || echo "read $name" >>"$work/out"
    done
    [ ! -s "$work/out" ]
    result hides_its_memory_from_its_own_user $?
    kill -SEGV $core
    wait "$pid"
    grep -q 'ended by signal 11' "$work/out" && [ -z "$(find "$work" -name 'core*')" ]
    result leaves_no_core_file_when_it_crashes $?
    start --state "$work/two/state" --socket "$work/two/run/s"
    result starts_again_after_a_crash $?
    core=$(cat "/proc/$pid/task/$pid/children")
    kill -9 "$pid"
    wait "$pid" 2>/dev/null
    tries=0
    while kill -0 "$core" 2>/dev/null && [ "$(cut -d' ' -f3 "/proc/$core/stat" 2>/dev/null)" != Z ] && [ $tries -lt 200 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    [ $tries -lt 200 ]
    result the_core_ends_when_its_parent_is_killed $?
    start --state "$work/two/state" --socket "$work/two/run/s" && stop
    result and_the_socket_it_left_is_taken_over $?
else
    for name in the_parent_says_that_the_core_was_killed starts_again_after_a_kill \
        allows_itself_no_core_file hides_its_memory_from_its_own_user \
        leaves_no_core_file_when_it_crashes starts_again_after_a_crash \
        the_core_ends_when_its_parent_is_killed and_the_socket_it_left_is_taken_over; do
        skip $name "this kernel lists no children in /proc"
    done
fi
if command -v systemd-socket-activate >/dev/null 2>&1; then
    fresh handed
    # shellcheck disable=SC2046
    systemd-socket-activate --seqpacket -l "$run/s" "$daemon" $(identity) --state "$state" \
        --socket "$run/s" >"$work/out" 2>&1 &
    pid=$!
    pids="$pids $pid"
    tries=0
    until [ -S "$run/s" ] || [ $tries -gt 200 ]; do
        tries=$((tries + 1))
        sleep 0.05
    done
    "$client" --module "$run/s" status >"$work/client" 2>&1
    result takes_over_a_socket_that_systemd_hands_it $?
    stop
    [ -S "$run/s" ]
    result and_leaves_it_in_place $?
else
    skip takes_over_a_socket_that_systemd_hands_it "needs systemd-socket-activate"
    skip and_leaves_it_in_place "needs systemd-socket-activate"
fi
echo "1..$number"
