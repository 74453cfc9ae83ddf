#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ./run demo: unmodified programs use a private key that they never hold. Everything happens in a temporary
# folder and on the loopback interface; nothing of it stays.
set -eu
cd "$(dirname "$0")/.."
[ "${1:-} ${2:-}" != "--form chip" ] || exec demo/chip.sh
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C
BUILD=${EDGEHSM_BUILD:-$PWD/build}
edgehsm=$BUILD/host/cli/edgehsm
daemon=$BUILD/body/daemon/edgehsmd
MODULE=$BUILD/host/pkcs11/libedgehsm-pkcs11.so
thief=$BUILD/demo/read-value
for file in "$edgehsm" "$daemon" "$MODULE" "$thief"; do
    [ -e "$file" ] || { echo "demo: $file is missing: ./run build" >&2; exit 1; }
done

# ---- how it talks

bold= green= red= dim= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' dim=$'\033[2m' plain=$'\033[0m'
fi
STEPS=9 number=0 rows=()
step() { number=$((number + 1)); printf '\n%s[%d/%d] %s%s\n' "$bold" $number $STEPS "$*" "$plain"; }
note() { printf '  %s\n' "$*"; }
indent() { sed 's/^/  | /'; }
shown() { rows+=("$1"); printf '  %s✓%s %s\n' "$green" "$plain" "$1"; }
# what a person would type; long paths are shortened
type_out() {
    local text="$*"
    text=${text//$edgehsm/edgehsm}
    text=${text//$MODULE/libedgehsm-pkcs11.so}
    text=${text//$WORK\//}
    printf '  %s$ %s%s\n' "$dim" "$text" "$plain"
}
broken() {
    printf '%s  ✗ %s%s\n' "$red" "$1" "$plain" >&2
    [ ! -s "$WORK/out" ] || indent <"$WORK/out" >&2
    for log in daemon nginx sshd; do
        [ ! -s "$WORK/$log.log" ] || { echo "  last lines of $log:" && tail -n 8 "$WORK/$log.log" | indent; } >&2
    done
    exit 1
}
# run COMMAND...: shows it and what it says; it must succeed
run() {
    type_out "$@"
    timeout 60 "$@" >"$WORK/out" 2>&1 </dev/null || broken "this failed: exit $?"
    indent <"$WORK/out"
}
# quiet COMMAND...: the same, only shown when it fails
quiet() { timeout 60 "$@" >"$WORK/out" 2>&1 </dev/null || broken "failed: $*"; }
# refused WHAT COMMAND...: must fail; shows how
refused() {
    local what=$1 code=0
    shift
    timeout 60 "$@" >"$WORK/out" 2>&1 </dev/null || code=$?
    [ $code != 0 ] || broken "this was possible, and must not be: $what"
    printf '  | %-50s %s\n' "$what" "$(head -n 1 "$WORK/out" | sed 's/.*: //' | cut -c 1-60)"
}

# ---- the folder, and what ends with it

WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-demo.XXXXXX")
pids=()
cleanup() {
    for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    [ -z "${made_run_sshd:-}" ] || rmdir /run/sshd 2>/dev/null || true
    if [ "${KEEP:-0}" = 1 ]; then echo "kept $WORK" >&2; else rm -rf "$WORK"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP
chmod 711 "$WORK"
mkdir -m 755 "$WORK/run"
mkdir -m 700 "$WORK/state"
root=
[ "$(id -u)" != 0 ] || root=yes

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 20000))
        if port_is_free $port; then echo $port && return; fi
    done
    echo "demo: no free port on 127.0.0.1" >&2
    exit 1
}
wait_port() { # PORT PID
    for _ in $(seq 200); do
        port_is_free "$1" || return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

cd "$WORK"
printf '%sEdge HSM: curl, ssh and openssl use a key that they never hold.%s\n' "$bold" "$plain"
note "All of it happens in $WORK and on 127.0.0.1, and is removed at the end."

# ---- 1

step "The module starts: a daemon with its own user, in a folder that only it reads"
identity=
if [ -n "$root" ]; then
    user=nobody
    ! id edgehsm >/dev/null 2>&1 || user=edgehsm
    chown $user "$WORK/run" "$WORK/state"
    identity="--user $user"
else
    user=$(id -un)
    [ "$(ulimit -l)" = unlimited ] || identity=--allow-swap
fi
: >"$WORK/daemon.log"
type_out "edgehsmd --state state --socket run/module.sock $identity &"
# shellcheck disable=SC2086 # a list of words
"$daemon" --state "$WORK/state" --socket "$WORK/run/module.sock" --mode 0660 --log-max 16M $identity \
    >"$WORK/daemon.log" 2>&1 &
pids+=($!)
parent=$!
for _ in $(seq 200); do
    ! grep -q ': ready at ' "$WORK/daemon.log" || break
    kill -0 $parent 2>/dev/null || broken "the daemon did not start"
    sleep 0.05
done
grep -q ': ready at ' "$WORK/daemon.log" || broken "the daemon did not start"
core=$(cat "/proc/$parent/task/$parent/children" 2>/dev/null | tr -d ' ')
core=${core:-$parent}
indent <"$WORK/daemon.log"
owner=$(id -un "$(awk '/^Uid:/ { print $2 }' "/proc/$core/status")")
[ "$owner" = "$user" ] || broken "the daemon runs as $owner"
export EDGEHSM_MODULE=unix:$WORK/run/module.sock
shown "the module runs as user '$owner', alone with its keys"

# ---- 2, 3

step "A token: a place for keys with its own rules"
run "$edgehsm" init --so-pin-file so.pin
shown "a token that lets this user in without a PIN in any file"

step "A device key and its certificate"
run "$edgehsm" key new device --csr device.csr --subject "/O=Edge HSM demo/CN=gateway-7"
quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key \
    -out ca.crt -subj "/O=Edge HSM demo/CN=Demo CA"
run openssl x509 -req -in device.csr -CA ca.crt -CAkey ca.key -days 1 -set_serial 7 \
    -out device.crt
run "$edgehsm" key cert device device.crt
quiet "$edgehsm" key show device --json
for fact in '"made_in_the_module":true' '"extractable":false' '"never_extractable":true'; do
    grep -q "$fact" "$WORK/out" || broken "the key is not what it should be: $fact"
done
shown "a key made in the module, with a certificate of a CA outside"

# ---- 4

step "curl: mutual TLS with that key, against nginx"
port=$(free_port)
quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key \
    -out server.csr -subj /CN=localhost
printf 'subjectAltName=DNS:localhost\n' >server.ext
quiet openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 1 \
    -set_serial 8 -extfile server.ext -out server.crt
cat >nginx.conf <<N
daemon off; pid $WORK/nginx.pid; error_log $WORK/nginx.log; worker_processes 1; ${root:+user root;}
events { worker_connections 64; }
http {
    access_log off; client_body_temp_path $WORK/t1; proxy_temp_path $WORK/t2; fastcgi_temp_path $WORK/t3;
    uwsgi_temp_path $WORK/t4; scgi_temp_path $WORK/t5;
    server {
        listen 127.0.0.1:$port ssl; server_name localhost;
        ssl_certificate $WORK/server.crt; ssl_certificate_key $WORK/server.key;
        ssl_client_certificate $WORK/ca.crt; ssl_verify_client on;
        location / { return 200 "welcome, \$ssl_client_s_dn (certificate: \$ssl_client_verify)\n"; }
    }
}
N
nginx -p "$WORK" -c "$WORK/nginx.conf" -e "$WORK/nginx.log" >/dev/null 2>&1 </dev/null &
pids+=($!)
wait_port "$port" $! || broken "nginx did not start"
uri=$("$edgehsm" key show device --json | sed -n 's/^ *"uri":"\(.*\)".*/\1/p')
export PKCS11_MODULE_PATH=$MODULE # where the module's p11-kit file is installed, this is not needed
run curl -sS --max-time 30 --cacert ca.crt --engine pkcs11 --key-type ENG --key "$uri" \
    --cert device.crt "https://localhost:$port/"
grep -q 'welcome, CN=gateway-7' "$WORK/out" || broken "nginx did not see the device"
refused "the same without the key" curl -sSf --max-time 30 --cacert ca.crt "https://localhost:$port/"
shown "unmodified curl authenticates to nginx with the key"

# ---- 5

step "ssh: login to sshd with the same key"
port=$(free_port)
[ -z "$root" ] || [ -d /run/sshd ] || { mkdir -p /run/sshd && made_run_sshd=yes; }
# Without PAM, sshd lets nobody into an account that is locked; root's often is.
pam=no
[ -z "$root" ] || case $(getent shadow "$(id -un)" | cut -d: -f2) in !*) pam=yes ;; esac
quiet ssh-keygen -q -t ed25519 -N '' -f hostkey
ssh-keygen -D "$MODULE" 2>"$WORK/out" | grep ' device$' >authorized || broken "ssh-keygen sees no key"
cat >sshd.conf <<C
Port $port
ListenAddress 127.0.0.1
HostKey $WORK/hostkey
PidFile $WORK/sshd.pid
AuthorizedKeysFile $WORK/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM $pam
StrictModes no
PermitRootLogin yes
C
"$(command -v sshd)" -D -e -f "$WORK/sshd.conf" >sshd.log 2>&1 </dev/null &
pids+=($!)
wait_port "$port" $! || broken "sshd did not start"
echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 hostkey.pub)" >known
login=(ssh -F /dev/null -p "$port" -o UserKnownHostsFile=known -o IdentityAgent=none -o BatchMode=yes
    -o PreferredAuthentications=publickey -o ConnectTimeout=20)
run "${login[@]}" -o PKCS11Provider="$MODULE" "$(id -un)@127.0.0.1" 'echo "logged in: $(id -un), by public key"'
grep -q '^logged in' "$WORK/out" || broken "no login"
refused "the same without the module" "${login[@]}" -o IdentityFile=none "$(id -un)@127.0.0.1" true
shown "unmodified ssh logs in with the key"

# ---- 6

step "A telemetry message, signed here and verified with plain openssl"
printf '{"device":"gateway-7","time":"%s","celsius":21.5}\n' "$(date -u +%FT%TZ)" >telemetry.json
run "$edgehsm" sign -k device telemetry.json
run "$edgehsm" key show device --pem device.pub
run openssl dgst -sha256 -verify device.pub \
    -signature telemetry.json.sig telemetry.json
sed 's/21.5/99.9/' telemetry.json >forged.json
refused "openssl on a changed message" openssl dgst -sha256 -verify device.pub \
    -signature telemetry.json.sig forged.json
shown "a signature that anybody can check with openssl"

# ---- 7

step "Attempts to read the key"
note "by the user who may use it:"
"$thief" "$MODULE" edgehsm device >"$WORK/out" 2>&1 || broken "the key could be read or weakened"
indent <"$WORK/out"
if [ -n "$root" ]; then
    # an unprivileged user of this machine, neither the daemon's nor anybody's
    stranger=(setpriv --reuid 64999 --regid 64999 --clear-groups --)
    note "by another unprivileged user of this machine:"
    refused "connecting to the module" "${stranger[@]}" "$edgehsm" key list
    refused "reading the store's folder" "${stranger[@]}" ls "$WORK/state"
    refused "reading the store" "${stranger[@]}" cat "$WORK/state/store.flash"
    refused "reading the root key" "${stranger[@]}" cat "$WORK/state/root.key"
else
    stranger=()
    note "by the user that the daemon itself runs as, from another process (run as root to see a stranger try):"
fi
refused "reading the daemon's memory (/proc/PID/mem)" ${stranger[@]+"${stranger[@]}"} \
    head -c 1 "/proc/$core/mem"
refused "reading the map of its memory" ${stranger[@]+"${stranger[@]}"} cat "/proc/$core/maps"
refused "looking at its open files" ${stranger[@]+"${stranger[@]}"} ls "/proc/$core/fd"
if [ -r "$WORK/state/store.flash" ]; then
    ! grep -q -a -e gateway-7 -e device "$WORK/state/store.flash" || broken "the store is in clear"
    note "and on the disk: not even the key's name can be found in the store; it is encrypted."
fi
if [ -n "$root" ]; then
    shown "without root, nobody gets the key; its user can use it, not copy it"
else
    note "Installed, the daemon has a user of its own. Here it runs as you, who can read its folder, the root key"
    note "in it too; so this shows the way through the module and its memory only. Run as root to see the rest."
    shown "the key cannot be read through the module, nor out of its memory"
fi

# ---- 8

step "The audit log: every command is in it, also the refused ones"
run "$edgehsm" log show -n 12
run "$edgehsm" log verify
run "$edgehsm" last-error
shown "each use of the key is recorded, under a signature of the module"

# ---- 9

step "The log cannot be changed unnoticed"
quiet "$edgehsm" log export audit.log
key=$(sed -n '1s/^edgehsm-log 1 [^ ]* \([^ ]*\) .*/\1/p' audit.log)
run "$edgehsm" log verify audit.log --key "$key"
# the record of the attempt above to copy the key: its detail is hidden by one bit
at=$(grep -a -b -o 'keys are not copied' audit.log | head -n 1 | cut -d: -f1)
[ -n "$at" ] || broken "the attempt to copy the key is not in the log"
byte=$(od -An -tu1 -j "$at" -N 1 audit.log | tr -d ' ')
cp audit.log forged.log
# shellcheck disable=SC2059 # the format is the byte
printf "$(printf '\\%03o' $((byte ^ 1)))" | dd of=forged.log bs=1 seek="$at" conv=notrunc 2>/dev/null
note "one bit is flipped in the record of the attempt to copy the key:"
type_out "edgehsm log verify forged.log"
if "$edgehsm" log verify forged.log --key "$key" >"$WORK/out" 2>&1 </dev/null; then
    broken "the forged log was accepted"
fi
grep -e leaf -e EH- "$WORK/out" | indent
grep -q 'leaf [0-9]' "$WORK/out" || broken "the record was not named"
shown "one changed bit is found, and the record named"

# ---- the end

quiet "$edgehsm" status --json
printf '\n%sWhat was shown%s\n' "$bold" "$plain"
for row in "${rows[@]}"; do printf '  %s✓%s %s\n' "$green" "$plain" "$row"; done
cat <<EOT

${bold}What this form, a daemon on the same machine, protects against${plain}

  another user or program of this machine          yes: own user, sandbox, no way to its memory
  a program that may use a key and is broken into  the key is not copied; it can be misused while that
                                                   lasts, and every use is in the log
  a stolen disk                                    only where the root key is kept elsewhere (a systemd
                                                   credential sealed to a TPM); here it lay beside the store
  an old copy of the store put back                no: there is no counter that a copy cannot turn back
  changes to the log                               found by anybody who has the log's key; root can stop it,
                                                   not rewrite what was exported before
  ${bold}root, and the kernel                             NO: root can take the keys${plain}

  If root is your attacker, a key must live in a chip of its own: ./run demo --form chip
  More: doc/THREATS.md
EOT
