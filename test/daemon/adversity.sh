#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# adversity.sh WITH-MODULE EDGEHSMD: a full disk, a read-only one, too little memory, a socket that is gone, a store
# from another machine (R-31). Each gives a clear error, and nothing is lost. Prints TAP.
set -u
with_module=$1 daemon=$2
here=$(cd "$(dirname "$0")" && pwd)
export WORK
number=0
ok() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' "$WORK/out" 2>/dev/null
    fi
}
skip() { number=$((number + 1)) && echo "ok $number - $1 # SKIP $2"; }
inside="signs_and_stores_while_there_is_room \
    full_disk_refuses_a_new_key_and_says_why nothing_but_the_new_key_is_missing_after_a_full_disk \
    with_room_again_everything_goes_on \
    socket_that_is_gone_is_named_with_the_next_command no_key_was_lost_by_any_of_it"

# ---- under tools/with-module, on a disk of its own
if [ "${3:-}" = inside ]; then
    hsm() { "$EDGEHSM" --module "$EDGEHSM_MODULE" --pin-file "$WORK/pin" "$@" >"$WORK/out" 2>&1; }
    makes() { hsm key new "$1"; }
    signs() { hsm sign -k "$1" "$WORK/message" -o "$WORK/signature"; }
    says() { grep -qi -- "$1" "$WORK/out"; }
    keys_are() { # NAME...: these and no others
        hsm key list --json || return 1
        wanted=$(printf '%s\n' "$@" | sort)
        [ "$(grep -o '"name" *: *"[^"]*"' "$WORK/out" | sed 's/.*"\([^"]*\)"$/\1/' | sort)" = "$wanted" ]
    }
    echo "$PIN" >"$WORK/pin"
    echo message >"$WORK/message"
    makes first && signs first
    ok signs_and_stores_while_there_is_room $?

    cat /dev/zero >"$WORK/disk/fill" 2>/dev/null
    made=0
    until ! makes "while-full-$made" || [ $made -gt 400 ]; do made=$((made + 1)); done
    says 'disk' && [ $made -le 400 ]
    ok full_disk_refuses_a_new_key_and_says_why $?
    rm "$WORK/disk/fill"
    all=first
    i=0
    while [ $i -lt $made ]; do all="$all while-full-$i" && i=$((i + 1)); done
    # shellcheck disable=SC2086
    keys_are $all
    ok nothing_but_the_new_key_is_missing_after_a_full_disk $?
    signs first && makes second
    ok with_room_again_everything_goes_on $?

    socket=${EDGEHSM_MODULE#unix:}
    mv "$socket" "$socket.gone"
    ! hsm status && says "$socket" && says 'edgehsm doctor'
    ok socket_that_is_gone_is_named_with_the_next_command $?
    mv "$socket.gone" "$socket"
    # shellcheck disable=SC2086
    keys_are $all second && signs first && signs second
    ok no_key_was_lost_by_any_of_it $?
    exit 0
fi

WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-adversity.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
chmod 711 "$WORK"
mkdir "$WORK/disk"
if [ "$(id -u)" != 0 ]; then
    for name in $inside; do skip "$name" "mounting a disk needs root"; done
elif ! unshare -m true 2>/dev/null; then
    for name in $inside; do skip "$name" "no mount namespace of its own here"; done
else
    unshare -m sh -c 'mount -t tmpfs -o size=24M,mode=711 small "$WORK/disk" &&
        TMPDIR=$WORK/disk exec "$@"' - "$with_module" "$here/adversity.sh" "$with_module" "$daemon" inside \
        >"$WORK/tap" 2>"$WORK/err"
    cat "$WORK/tap"
    number=$(grep -c '^\(not \)\?ok ' "$WORK/tap")
    cp "$WORK/err" "$WORK/out"
    [ "$number" = "$(echo $inside | wc -w)" ]
    ok the_module_lived_through_all_of_it $?
fi

# ---- starts that cannot go well
state=$WORK/state
user=$(id -un)
[ "$(id -u)" != 0 ] || user=nobody
identity() { if [ "$(id -u)" = 0 ]; then echo "--user $user"; else echo --allow-swap; fi; }
fresh() { rm -rf "$state" "$WORK/run" && mkdir -m 700 "$state" && mkdir -m 755 "$WORK/run" &&
    { [ "$(id -u)" != 0 ] || chown "$user" "$state" "$WORK/run"; }; }
launch() { # fills $pid; true when it works
    : >"$WORK/out"
    # shellcheck disable=SC2046
    "$daemon" --state "$state" --socket "$WORK/run/s" $(identity) --mode 0666 >"$WORK/out" 2>&1 &
    pid=$!
    tries=0
    until grep -q ': ready at ' "$WORK/out"; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] && kill -0 $pid 2>/dev/null || return 1
        sleep 0.05
    done
}

fresh
( ulimit -v 150000 && launch )
status=$?
[ $status != 0 ] && grep -qi 'memory' "$WORK/out" && [ ! -s "$state/store.flash" ]
ok too_little_memory_is_said_at_the_start $?

fresh
launch && kill "$pid" && wait "$pid"
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    before=$(sha256sum <"$state/store.flash")
    # shellcheck disable=SC2046
    timeout 20 unshare -m sh -c 'mount --bind -o ro "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"' - \
        "$state" "$daemon" --state "$state" --socket "$WORK/run/s" $(identity) >"$WORK/out" 2>&1
    [ $? = 1 ] && grep -qi 'read-only' "$WORK/out"
    ok read_only_disk_is_said_at_the_start $?
    [ "$(sha256sum <"$state/store.flash")" = "$before" ]
    ok and_the_store_is_as_it_was $?
else
    skip read_only_disk_is_said_at_the_start "mounting a disk needs root"
    skip and_the_store_is_as_it_was "mounting a disk needs root"
fi
mv "$state/root.key" "$WORK/root.key" # the store was copied, the key stayed behind
head -c 32 /dev/urandom >"$state/root.key"
chmod 400 "$state/root.key"
[ "$(id -u)" != 0 ] || chown "$user" "$state/root.key"
before=$(sha256sum <"$state/store.flash")
launch
"$EDGEHSM" --module "unix:$WORK/run/s" status >"$WORK/out" 2>&1
grep -qi 'another root key\|damaged' "$WORK/out"
ok store_from_another_machine_is_named $?
kill "$pid" && wait "$pid"
[ "$(sha256sum <"$state/store.flash")" = "$before" ]
ok and_is_left_as_it_was $?
cat "$WORK/root.key" >"$WORK/copy" && rm -f "$state/root.key" && cp "$WORK/root.key" "$state/root.key" && chmod 400 "$state/root.key"
[ "$(id -u)" != 0 ] || chown "$user" "$state/root.key"
launch && "$EDGEHSM" --module "unix:$WORK/run/s" status >"$WORK/out" 2>&1 && ! grep -qi damaged "$WORK/out"
ok with_its_own_root_key_it_works_again $?
kill "$pid" && wait "$pid"
echo "1..$number"
