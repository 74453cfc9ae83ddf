#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# allocations.sh FAILING-HEAP PROVIDER-FOLDER: each allocation of the host side fails once (R-31): of the PKCS #11
# library under pkcs11-tool, of the command line, and of the OpenSSL provider. The program ends with an error of its own
# and no signal, and the module goes on. Run through tools/with-module; prints TAP.
set -u
heap=$(realpath "$1") provider=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export FAILED_ALLOCATION=$work/failed
number=0
ok() { # NAME STATUS
    number=$((number + 1))
    if [ "$2" = 0 ]; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' out
    fi
}
echo "$PIN" >pin
echo message >message
hsm() { "$EDGEHSM" --pin-file pin "$@"; }
sed "s|^#\{0,1\}pin-file = .*|pin-file = $work/pin|" "$provider/openssl.cnf" >openssl.cnf
hsm key new tls >out 2>&1 || { cat out && exit 1; }

# starve NAME COMMAND...: until the command needs no more allocations than it got
starve() {
    local name=$1 n=0 code=0 bad=0
    shift
    while [ $n -lt 1000 ]; do
        n=$((n + 1))
        rm -f failed
        FAIL_ALLOCATION=$n LD_PRELOAD=$heap timeout 60 "$@" >out 2>&1 </dev/null
        code=$?
        [ -e failed ] || break
        # Done without that memory, or a refusal in words; a signal or silence is neither.
        if [ $code -ge 124 ] || { [ $code != 0 ] && [ ! -s out ]; }; then
            echo "allocation $n: status $code" >>out
            bad=1 && break
        fi
    done
    [ $bad = 0 ] && [ $n -gt 1 ] && [ ! -e failed ] && [ $code = 0 ]
    ok "${name}_survives_the_failure_of_each_of_its_$((n - 1))_allocations" $?
}
# The module is as it was, and other programs never notice.
unharmed() { hsm sign -k tls message -o signature >out 2>&1 && hsm key show tls >out 2>&1; ok "$1" $?; }

starve pkcs11_tool pkcs11-tool --module "$MODULE" --login --pin "$PIN" --sign -m ECDSA-SHA256 --label tls \
    --input-file message --output-file signature
unharmed the_module_signs_after_the_library
starve pkcs11_tool_with_objects pkcs11-tool --module "$MODULE" --login --pin "$PIN" --list-objects
starve pkcs11_tool_in_parts pkcs11-tool --module "$MODULE" --login --pin "$PIN" --hash -m SHA256 --input-file message
for verb in "key list" "key show tls" "key csr tls" "sign -k tls message -o s" "verify -k tls message s" "log show" "token list" "status" \
    "last-error" "key new made-once --type ed25519"; do
    case $verb in "key new"*) hsm key delete made-once --yes >/dev/null 2>&1 ;; esac
    # shellcheck disable=SC2086
    starve "edgehsm_$(echo "$verb" | tr -c 'a-z0-9\n' _)" "$EDGEHSM" --pin-file pin $verb
done
unharmed the_module_signs_after_the_command_line
export OPENSSL_CONF=$work/openssl.cnf OPENSSL_MODULES=$provider
starve openssl_with_the_provider openssl dgst -sha256 -sign edgehsm:tls -out signature message
unset OPENSSL_CONF OPENSSL_MODULES
unharmed the_module_signs_after_the_provider
echo "1..$number"
