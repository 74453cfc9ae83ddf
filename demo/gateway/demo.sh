#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# ./run demo gateway: a gateway signs readings and commands with keys that it never holds, a controller obeys
# nothing else; then somebody owns the gateway's machine and tries everything. Everything happens in a temporary
# folder and on the loopback interface; nothing of it stays.
set -eu

usage() {
    cat <<'EOF'
./run demo [--form chip]
    curl, ssh and openssl use a key that they never hold; with the chip, root looks for it in vain

./run demo gateway [--form process|chip] [--html FILE]

An industrial gateway on real parts: a Mosquitto broker, a gateway program that has the readings of
1,000 simulated sensors and the commands of a desk signed through PKCS#11, a controller that obeys
only signed commands. Then an attacker has root on the gateway's machine, and the PIN: he forges,
replays, asks, floods, signs at night, rolls back, edits the log and loosens policies. At the end two
officers approve a real shutdown. Exit code 0: all was as it must be.

  --form process   the module is an isolated daemon (this is what is taken otherwise)
  --form chip      the module is the emulated chip: slower, so one signature covers 1,000 readings
  --html FILE      also writes a page, complete in itself, with a timeline of what happened
EOF
}

FORM=process html=
while [ $# -gt 0 ]; do
    case $1 in
    --form) FORM=${2:?} && shift 2 ;;
    --html) html=$(realpath -m "${2:?}") && shift 2 ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && echo "demo gateway: there is no '$1'" >&2 && exit 2 ;;
    esac
done
case $FORM in process | chip) ;; *) echo "demo gateway: there is no form '$FORM': process, chip" >&2; exit 2 ;; esac

here=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
BUILD=${EDGEHSM_BUILD:-$ROOT/build}
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C TZ=UTC
EDGEHSM=$BUILD/host/cli/edgehsm
DAEMON=$BUILD/body/daemon/edgehsmd
ENDPOINT=$BUILD/body/endpoint/edgehsm-endpoint
MODULE=$BUILD/host/pkcs11/libedgehsm-pkcs11.so
PATIENCE=${PATIENCE:-60} # seconds, for what should come at once; a chip is slower
for file in "$EDGEHSM" "$DAEMON" "$MODULE" "$BUILD/demo/gateway/gateway" "$BUILD/demo/gateway/controller"; do
    [ -e "$file" ] || { echo "demo gateway: $file is missing: ./run build (it needs libmosquitto-dev)" >&2; exit 1; }
done
for program in mosquitto mosquitto_pub mosquitto_sub faketime openssl python3; do
    command -v $program >/dev/null || { echo "demo gateway: $program is missing: tools/need demo" >&2; exit 1; }
done

WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-gateway.XXXXXX")
# shellcheck source=demo/gateway/parts.sh
. "$here/parts.sh"
cleanup() {
    stop_all
    if [ "${KEEP:-0}" = 1 ]; then echo "kept $WORK" >&2; else rm -rf "$WORK"; fi
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
chmod 711 "$WORK"
cd "$WORK"
umask 077
: >events
# what the parts said before is of no use when the module starts anew
. "$here/plant.sh"
. "$here/attacks.sh"

printf '%sEdge HSM: a gateway whose keys are not its own.%s\n' "$bold" "$plain"
if [ "$FORM" = process ]; then
    note "The module is an isolated daemon on the gateway's machine. Each reading is signed by itself."
else
    note "The module is a chip of its own, emulated. It signs a few times a second: one signature covers the 1,000"
    note "readings of a round, by their SHA-256."
fi
note "All of it happens in $WORK and on 127.0.0.1, and is removed at the end."
plant_built
plant_works
attacks
shutdown_approved
all_proved

printf '\n%s%d held, %d did not%s\n' "$bold" $held $broken "$plain"
event end "$held held, $broken did not"
[ -z "$html" ] || { python3 "$here/page.py" "$WORK" "$FORM" "$here" "$html" && echo "The page is in $html"; }
cat <<EOT

More: doc/GATEWAY.md (what a receiver must check), doc/POLICY.md, doc/APPROVAL.md, doc/AUDIT.md, doc/THREATS.md
EOT
[ $broken = 0 ]
