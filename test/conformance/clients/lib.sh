# SPDX-License-Identifier: Apache-2.0
# What the drivers of this folder share; sourced, not run. Each driver runs the configuration and the
# commands that doc/INTEGRATIONS.md shows: a fenced block there carries a name after its language, and
# page, commands and serve take the block of that name. Started by tools/with-module, whose variables
# (MODULE, TOKEN_LABEL, EDGEHSM, EDGEHSM_MODULE) must be set.
set -u
: "${MODULE:?start me with tools/with-module}" "${TOKEN_LABEL:?}" "${EDGEHSM:?}" "${EDGEHSM_MODULE:?}"
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PAGE=$HERE/../../../doc/INTEGRATIONS.md
NAME=$(basename "$0" .sh)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/edgehsm-$NAME.XXXXXX")
PASSED=0 FAILED=0 SKIPPED=0
GROUPS_RUN=()
export LC_ALL=C
# The page says `edgehsm`; here that is the program that was built.
mkdir "$WORK/bin" && ln -s "$EDGEHSM" "$WORK/bin/edgehsm"
export PATH=$WORK/bin:$PATH:/usr/sbin:/sbin
cd "$WORK" || exit 1

# What differs between the page and this run; a driver appends its own (sed expressions).
HERE_INSTEAD=(-e "s#/usr/lib/x86_64-linux-gnu/pkcs11/libedgehsm-pkcs11\.so#$MODULE#g"
    -e "s#token=edgehsm\b#token=$TOKEN_LABEL#g")
instead() { HERE_INSTEAD+=(-e "s#$1#$2#g"); }

pass() { PASSED=$((PASSED + 1)) && echo "ok    $NAME: $1"; }
fail() { FAILED=$((FAILED + 1)) && echo "FAIL  $NAME: $1${2:+ ($2)}"; }
skip() { SKIPPED=$((SKIPPED + 1)) && echo "skip  $NAME: $1"; }
finish() {
    echo "$PASSED passed, $FAILED failed, $SKIPPED skipped"
    [ $FAILED = 0 ] || exit 1
    [ $PASSED != 0 ] || exit 77
    exit 0
}

# needs PROGRAM...: without them the whole driver is one skipped test.
needs() {
    local program
    for program; do
        command -v "$program" >/dev/null || { skip "$program is not installed" && finish; }
    done
}

needs_engine() {
    [ -e "$(openssl version -e | cut -d'"' -f2)/pkcs11.so" ] ||
        { skip "the OpenSSL engine pkcs11 is not installed" && finish; }
}

# page BLOCK: the block of that name, with the names of this run; a block that is not there is a failure.
page() {
    awk -v name="$1" '
        /^```/ && !inside { inside = 1; wanted = $2 == name; next }
        /^```/ { inside = 0; wanted = 0; next }
        wanted { print; found = 1 }
        END { exit !found }' "$PAGE" >"$WORK/.page" || {
        fail "doc/INTEGRATIONS.md has a block $1"
        return 1
    }
    sed "${HERE_INSTEAD[@]}" "$WORK/.page"
}

# check SENTENCE COMMAND...: passes where COMMAND succeeds.
check() {
    local sentence=$1
    shift
    if timeout 60 "$@" >"$WORK/log" 2>&1 </dev/null; then
        pass "$sentence"
    else
        fail "$sentence" "status $?" && tail -n 12 "$WORK/log"
        return 1
    fi
}
# refuse SENTENCE COMMAND...: passes where COMMAND fails by itself, neither killed nor timed out.
refuse() {
    local sentence=$1 status
    shift
    timeout 60 "$@" >"$WORK/log" 2>&1 </dev/null
    status=$?
    case $status in # timeout's own, then signals
    0 | 12[4-7] | 129 | 1[3-8]? | 19[0-2]) fail "$sentence" "status $status" && tail -n 12 "$WORK/log" ;;
    *) pass "$sentence" ;;
    esac
}
# commands BLOCK SENTENCE: the page's commands succeed, each of them.
commands() { page "$1" >"$1.sh" && check "$2" bash -eu "$1.sh"; }

# run_on NAME COMMAND...: in the background, in a process group of its own, until the end.
run_on() {
    setsid "${@:2}" >"$WORK/$1.log" 2>&1 </dev/null &
    GROUP=$!
    GROUPS_RUN+=("$GROUP")
}
# serve BLOCK: the page's command in the background.
serve() { page "$1" >"$1.sh" && run_on "$1" bash -eu "$1.sh"; }
stop() { kill -- "-$1" 2>/dev/null && wait "$1" 2>/dev/null; }
# eventually COMMAND...: within 15 seconds
eventually() {
    local try
    for try in $(seq 150); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    return 1
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# started SENTENCE NAME PORT
started() { if eventually listens "$3"; then pass "$1"; else fail "$1" && tail -n 12 "$WORK/$2.log" && return 1; fi; }
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)) && listens $port; do :; done
    echo $port
}

# authority: a CA outside the module, and its certificate ca.crt; issue NAME: NAME.csr becomes NAME.crt
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 30 \
        -subj "/CN=Test CA" -addext keyUsage=critical,keyCertSign,cRLSign 2>"$WORK/log" ||
        fail "a CA for the test"
}
issue() {
    printf '%s\n' 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
        "extendedKeyUsage=${2:-serverAuth,clientAuth}" 'keyUsage=critical,digitalSignature,keyEncipherment' >issue.cnf
    check "the CA certifies $1" openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -days 30 \
        -CAcreateserial -extfile issue.cnf -out "$1.crt"
}

cleanup() {
    local group
    for group in "${GROUPS_RUN[@]}"; do kill -- "-$group" 2>/dev/null; done
    wait 2>/dev/null
    if [ "${KEEP:-0}" = 1 ]; then echo "kept $WORK"; else rm -rf "$WORK"; fi
}
trap cleanup EXIT
trap 'exit 143' INT TERM HUP
