# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # what is set here is for those who read this file
# What the scripts that use the command line beside a module begin with (`. "$(dirname "$0")/cli.sh"`): a folder to work in
# with files of the PINs, and words that tell TAP.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
number=0
ok() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' out
    fi
}
echo "$PIN" >pin
echo "$SO_PIN" >so
hsm() { "$EDGEHSM" --pin-file pin --so-pin-file so "$@" >out 2>&1 </dev/null; }
does() { local name=$1; shift; hsm "$@"; ok "$name" $?; }
refuses() { # NAME TEXT WORD...: fails with an error of its own that says TEXT
    local name=$1 text=$2 code=0
    shift 2
    hsm "$@" || code=$?
    [ $code -gt 0 ] && [ $code -lt 124 ] && grep -q -e "$text" out
    ok "$name" $?
}
says() { grep -q -e "$2" out; ok "$1" $?; } # NAME TEXT
waits() { "$EDGEHSM" approve list --json | sed -n 's/.*"request" *: *"\([0-9a-f]*\)".*/\1/p' | head -n 1; }
named() { sed -n 's/.*approve show \([0-9a-f]*\).*/\1/p' out; } # the request, by the last refusal
