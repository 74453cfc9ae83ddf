#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# approve.sh: approval by several people, as they do it: roles, requests, signatures by keys in files, and the tool that
# shows what is asked. Run through tools/with-module; prints TAP.
. "$(dirname "$0")/cli.sh"
for name in alice dave; do openssl genpkey -algorithm ed25519 -out $name.pem 2>/dev/null; done
for name in bob carol; do openssl ecparam -genkey -name prime256v1 -noout -out $name.pem; done
openssl genrsa -out rsa.pem 2048 2>/dev/null
for name in alice bob carol dave rsa; do openssl pkey -in $name.pem -pubout -out $name.pub; done
people="--member alice=alice.pub --member bob=bob.pub --member carol=carol.pub"

# ---- the roles file
does nothing_waits_on_a_fresh_token approve
# shellcheck disable=SC2086
{
    does roles_file_is_made approve make-roles $people --role officers=2:alice,bob,carol -o one.roles
    refuses threshold_above_its_members_is_refused 'above its role' approve make-roles $people --role officers=4:alice,bob -o x
    refuses unknown_member_is_refused "no --member" approve make-roles $people --role officers=1:eve -o x
    refuses same_key_twice_is_refused 'comes twice' approve make-roles $people --member again=bob.pub --role officers=1:bob -o x
    refuses rsa_key_is_refused 'neither P-256 nor Ed25519' approve make-roles --member r=rsa.pub --role officers=1:r -o x
    refuses unknown_class_is_refused 'wants CLASS=ROLE' approve make-roles $people --role o=1:bob --needs coffee=o -o x
}
refuses file_that_is_no_roles_file_is_refused 'no roles file' approve set-roles alice.pub
refuses first_roles_file_waits_for_those_it_names 'people must approve' approve set-roles one.roles
request=$(waits)
does request_is_shown_and_written approve show "$request" -o roles.request
grep -q 'alice,bob,carol' out
ok and_names_the_new_people $?
for name in alice bob; do does "${name}_signs" approve sign roles.request -k $name.pem --confirm yes; done
does approvals_are_taken approve give "$request" roles.request.alice roles.request.bob
does roles_are_set approve set-roles one.roles
does roles_are_shown approve roles
grep -q '^officers *2 *alice,bob,carol' out
ok as_they_are $?
refuses older_roles_file_is_refused 'not above' approve set-roles one.roles

# ---- what needs approval
refuses compatible_profile_waits 'edgehsm approve show' token set --profile compatible
request=$(waits)
hsm last-error
grep -q "request  *$request" out
ok last_error_names_the_request $?
does request_is_written approve show "$request" -o loosen.request
does carol_signs approve sign loosen.request -k carol.pem --confirm yes -o carols
does carol_signs_again approve sign loosen.request -k carol.pem --confirm yes -o again
does one_person_is_taken_once approve give "$request" carols again
refuses one_person_is_not_two 'people must approve' token set --profile compatible
refuses approval_of_another_request_is_refused 'does not fit' approve give "$request" roles.request.alice
does stranger_signs approve sign loosen.request -k dave.pem --confirm yes -o daves
refuses stranger_is_refused 'nobody who may approve' approve give "$request" daves
refuses unconfirmed_approval_is_not_made 'not confirmed' approve sign loosen.request -k bob.pem -o bobs
[ ! -e bobs ]
ok and_writes_nothing $?
sed 's/compatible/harmless  /' loosen.request >forged.request
refuses request_with_another_text_is_not_shown 'does not say what' approve show forged.request
refuses nor_signed 'does not say what' approve sign forged.request -k bob.pem --confirm yes
does bob_signs approve sign loosen.request -k bob.pem --confirm yes -o bobs
does second_person_is_taken approve give "$request" bobs
does approved_command_is_done token set --profile compatible
refuses request_that_was_used_is_no_more 'not any more' approve give "$request" bobs
does tightening_needs_nobody token set --profile strict
refuses loosening_needs_them_again 'people must approve' token set --profile compatible
refuses number_that_is_none_is_refused 'no number of a request' approve give 12 bobs

# ---- officers whose keys are on cards: a P-256 and an Ed25519 one, through PKCS #11
soft=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -1)
if [ -n "$soft" ] && command -v pkcs11-tool >/dev/null; then
    mkdir cards
    printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$work/cards" >softhsm2.conf
    export SOFTHSM2_CONF=$work/softhsm2.conf
    softhsm2-util --init-token --free --label card --pin 1234 --so-pin 123456 >/dev/null
    make_key() { pkcs11-tool --module "$soft" --token-label card --login --pin 1234 --keypairgen --key-type "$1" --label "$2" --id "$3" >out 2>&1; }
    make_key EC:prime256v1 erin 01 && make_key EC:edwards25519 frank 02
    ok cards_have_keys $?
    erin="pkcs11:token=card;object=erin?module-path=$soft" frank="pkcs11:token=card;id=%02?module-path=$soft"
    echo 1234 >card.pin
    # shellcheck disable=SC2086
    does roles_file_takes_keys_of_cards approve make-roles $people --member "erin=$erin" --member "frank=$frank" \
        --role officers=2:alice,erin,frank --release 2 -o two.roles
    refuses new_roles_wait 'people must approve' approve set-roles two.roles
    request=$(named)
    hsm approve show "$request" -o cards.request
    for name in alice bob; do does "${name}_signs_the_new_roles" approve sign cards.request -k $name.pem --confirm yes; done
    does those_of_the_old_roles_agree approve give "$request" cards.request.alice cards.request.bob
    refuses those_of_the_new_roles_must_agree_too 'people must approve' approve set-roles two.roles
    request=$(named)
    hsm approve show "$request" -o cards.request
    does erin_signs_with_a_card approve sign cards.request -k "$erin&pin-source=file:$work/card.pin" --confirm yes -o erins
    does frank_signs_with_a_card approve sign cards.request -k "$frank&pin-value=1234" --confirm yes -o franks
    refuses wrong_pin_of_a_card_is_refused 'PIN' approve sign cards.request -k "$frank&pin-value=9999" --confirm yes -o x
    refuses key_that_is_not_on_the_card_is_refused 'no such public key' approve sign cards.request \
        -k "pkcs11:token=card;object=eve?module-path=$soft&pin-value=1234" --confirm yes -o x
    refuses card_that_is_not_there_is_refused 'no such token' approve sign cards.request \
        -k "pkcs11:token=none;object=erin?module-path=$soft&pin-value=1234" --confirm yes -o x
    refuses module_that_is_not_there_is_refused 'does not load' approve sign cards.request \
        -k "pkcs11:token=card;object=erin?module-path=/nothing.so" --confirm yes -o x
    refuses text_that_is_no_uri_is_refused 'no URI' approve sign cards.request -k 'pkcs11:token=card;%' --confirm yes -o x
    does signatures_of_cards_are_taken approve give "$request" erins franks
    does roles_with_cards_are_set approve set-roles two.roles
else
    number=$((number + 1))
    echo "ok $number - officers_with_cards # SKIP SoftHSM 2 or pkcs11-tool is missing"
fi

# ---- the log has all of it
hsm log show --all -n 400
grep -q 'roles_set ok' out && grep -q 'token_set refused (EH-2501' out && grep -q 'approval_give ok' out &&
    grep -q 'approval_give refused (EH-2503' out
ok log_tells_who_asked_and_what_was_answered $?
echo "1..$number"
