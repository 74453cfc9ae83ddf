#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cli_pages.sh EDGEHSM EDGEHSMD ENDPOINT COMPLETION PAGE...: the manual pages format without a warning; manual and completion
# know every verb and every option that --help shows; completion proposes what fits.
set -u
export LC_ALL=C.UTF-8
edgehsm=$1 daemon=$2 endpoint=$3 completion=$4
shift 4
passed=0 failed=0
check() { # NAME COMMAND...
    local name=$1 out
    shift
    if out=$("$@" 2>&1); then passed=$((passed + 1)) && echo "ok    $name"
    else failed=$((failed + 1)) && echo "FAIL  $name: $out"; fi
}

formats() {
    local said
    said=$(man --warnings -E UTF-8 -l "$1" 2>&1 >/dev/null) && [ -z "$said" ] || { echo "$said"; return 1; }
}
for page; do check "$(basename "$page") formats without a warning" formats "$page"; done

read_page() { man --nh --nj -E ascii -l "$1" 2>/dev/null | sed 's/.\x08//g'; }
for page; do
    case $page in
    *edgehsm.1) plain=$(read_page "$page") ;;
    *edgehsmd.8) plain_of_daemon=$(read_page "$page") ;;
    *endpoint.8) plain_of_endpoint=$(read_page "$page") ;;
    esac
done
words="init|status|doctor|key new|key list|key show|key import|key csr|key cert|key policy|key limit|key lease|key renew|key suspend|key resume|key delete|sign|verify"
words="$words|log show|log verify|log export|alarms|policy check|policy test|policy explain|policy diff|policy replay|policy compile|approve show|time show|time ask|time sign|time set|token list|token pin|token set|snippet|last-error|zeroize"
IFS='|' read -r -a verbs <<<"$words"

options_of() { # shellcheck disable=SC2086
    "$edgehsm" $1 --help | sed -n 's/^ *\(-[a-zA-Z], \)\?--\([a-z-]*\).*/--\2/p'
}
in_manual() {
    local option missing=
    for option in $(options_of "$1"); do
        grep -q -e "$option" <<<"$plain" || missing="$missing $option"
    done
    [ -z "$missing" ] || { echo "the manual lacks$missing"; return 1; }
}
for verb in "${verbs[@]}"; do check "the manual has every option of '$verb'" in_manual "$verb"; done
in_manual_of_program() { # PROGRAM PAGE
    local option missing=
    for option in $("$1" --help | grep -o -e '--[a-z-]*' | sort -u); do
        grep -q -e "$option" <<<"$2" || missing="$missing $option"
    done
    [ -z "$missing" ] || { echo "the manual lacks$missing"; return 1; }
}
check "the manual has every option of edgehsmd" in_manual_of_program "$daemon" "$plain_of_daemon"
check "the manual has every option of edgehsm-endpoint" in_manual_of_program "$endpoint" "$plain_of_endpoint"

# ---- completion, as bash would call it
# shellcheck disable=SC1090
. "$completion"
complete_line() { # WORD...: the last one is being typed
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _edgehsm
    printf '%s\n' ${COMPREPLY[@]+"${COMPREPLY[@]}"}
}
completes() {
    local option missing= proposed
    # shellcheck disable=SC2086
    proposed=$(complete_line edgehsm $1 --)
    for option in $(options_of "$1"); do
        grep -q -x -e "$option" <<<"$proposed" || [ "$option" = --version ] || missing="$missing $option"
    done
    [ -z "$missing" ] || { echo "completion lacks$missing"; return 1; }
}
for verb in "${verbs[@]}"; do check "completion has every option of '$verb'" completes "$verb"; done

proposes() { # EXPECTED WORD...: that line is among the proposals
    local expected=$1 proposed
    shift
    proposed=$(complete_line "$@")
    grep -q -x -e "$expected" <<<"$proposed" || { echo "got: $proposed"; return 1; }
}
edgehsm() { printf '  {\n    "name":"tls",\n    "kind":"key pair"\n  }\n'; } # stands for the module's keys
check "completion proposes verbs" proposes zeroize edgehsm z
check "completion proposes words" proposes import edgehsm key i
check "completion proposes types" proposes rsa3072 edgehsm key new x --type rsa
check "completion proposes profiles behind other options" proposes compatible edgehsm --module /x init --profile c
check "completion proposes keys" proposes tls edgehsm sign -k t
check "completion proposes keys of words" proposes tls edgehsm key show t
check "completion proposes files" proposes "$0" edgehsm verify -k tls "$0"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
