/* SPDX-License-Identifier: Apache-2.0 */
/* Messages signed under a policy, through the vendor mechanism. */
#include "test/conformance/door.h"

#include "policy/statement.h"

/* message cbor { 1 op : one of "open" "shut"  2 n : module counter }  allow op is "open" */
static const CK_BYTE policy[] = {
    0xa7, 0x01, 0x01, 0x02, 0x65, 'w',  'o',  'r',  'l',  'd',  0x03, 0x01, 0x04, 0x67,
    'g',  'u',  'a',  'r',  'd',  'e',  'd',  0x05, 0x82, 0x86, 0x18, 0xff, 0x01, 0x62,
    'o',  'p',  0x00, 0xf4, 0x82, 0x64, 'o',  'p',  'e',  'n',  0x64, 's',  'h',  'u',
    't',  0x86, 0x18, 0xff, 0x02, 0x61, 'n',  0x06, 0xf4, 0x80, 0x06, 0x80, 0x07, 0x81,
    0x86, 0x00, 0x04, 0x81, 0x81, 0x83, 0x02, 0x00, 0x01, 0x80, 0x80, 0x80};
static CK_BYTE allowed[] = {0xa1, 0x01, 0x64, 'o', 'p', 'e', 'n'};
static CK_BYTE denied[] = {0xa1, 0x01, 0x64, 's', 'h', 'u', 't'};
static CK_BYTE shapeless[] = {0xa1, 0x01, 0x64, 'o', 'p', 'e', 'm'};

static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static CK_OBJECT_HANDLE public_key, private_key;
static CK_MECHANISM by_policy = {CKM_EDGEHSM_SIGN_MESSAGE, NULL, 0};

static int enter(void **state) {
    CK_MECHANISM generate = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE open[] = {ATTR_BYTES(CKA_EC_PARAMS, p256), ATTR(CKA_TOKEN, door_yes)};
    CK_ATTRIBUTE shut[] = {ATTR_BYTES(CKA_EDGEHSM_POLICY, policy), ATTR(CKA_TOKEN, door_yes)};
    if (door_enter(state) != 0) {
        return -1;
    }
    return door.f->C_GenerateKeyPair(door.session, &generate, open, 2, shut, 2, &public_key,
                                     &private_key) == CKR_OK
               ? 0
               : -1;
}

static int leave(void **state) {
    door_ok(door.f->C_DestroyObject(door.session, private_key));
    door_ok(door.f->C_DestroyObject(door.session, public_key));
    return door_leave(state);
}

static CK_RV sign(CK_BYTE *message, CK_ULONG message_size, CK_BYTE *out, CK_ULONG *size) {
    door_ok(door.f->C_SignInit(door.session, &by_policy, private_key));
    return door.f->C_Sign(door.session, message, message_size, out, size);
}

static void a_message_becomes_a_statement_that_verifies(void **state) {
    (void)state;
    CK_BYTE out[2560], whole[STATEMENT_SIGNED_MAX];
    CK_ULONG size = 0;
    CK_MECHANISM ecdsa = {CKM_ECDSA_SHA256, NULL, 0};
    struct statement_parts parts;
    struct statement statement;
    struct span room = {whole, sizeof(whole)};
    door_ok(door.f->C_SignInit(door.session, &by_policy, private_key));
    door_ok(door.f->C_Sign(door.session, allowed, sizeof(allowed), NULL, &size));
    assert_true(size > 0 && size <= sizeof(out));
    CK_ULONG small = 10;
    door_is(door.f->C_Sign(door.session, allowed, sizeof(allowed), out, &small),
            CKR_BUFFER_TOO_SMALL);
    door_ok(door.f->C_Sign(door.session, allowed, sizeof(allowed), out, &size));
    assert_int_equal(statement_read(bytes_of(out, size), &parts, &statement), STATUS_OK);
    assert_int_equal(statement.facts.counter, 1);
    assert_int_equal(statement_signed(parts.header, parts.payload, &room), STATUS_OK);
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa, public_key));
    door_ok(door.f->C_Verify(door.session, whole, room.size,
                             (CK_BYTE_PTR)(uintptr_t)parts.signature.data, parts.signature.size));
}

static void a_message_in_parts_is_signed_as_a_whole(void **state) {
    (void)state;
    CK_BYTE out[2560];
    CK_ULONG size = sizeof(out);
    struct statement_parts parts;
    struct statement statement;
    door_ok(door.f->C_SignInit(door.session, &by_policy, private_key));
    door_ok(door.f->C_SignUpdate(door.session, allowed, 3));
    door_ok(door.f->C_SignUpdate(door.session, allowed + 3, sizeof(allowed) - 3));
    door_ok(door.f->C_SignFinal(door.session, out, &size));
    assert_int_equal(statement_read(bytes_of(out, size), &parts, &statement), STATUS_OK);
}

static void a_message_that_is_not_allowed_is_refused_and_ends_the_operation(void **state) {
    (void)state;
    CK_BYTE out[2560], much[1025] = {0};
    CK_ULONG size = sizeof(out);
    door_is(sign(denied, sizeof(denied), out, &size), CKR_ACTION_PROHIBITED);
    size = sizeof(out);
    door_is(sign(shapeless, sizeof(shapeless), out, &size), CKR_DATA_INVALID);
    size = sizeof(out);
    assert_int_not_equal(sign(much, sizeof(much), out, &size), CKR_OK);
    size = sizeof(out);
    door_ok(sign(allowed, sizeof(allowed), out, &size));
    door_is(door.f->C_Sign(door.session, allowed, sizeof(allowed), out, &size),
            CKR_OPERATION_NOT_INITIALIZED);
}

static void such_a_key_does_nothing_else(void **state) {
    (void)state;
    CK_MECHANISM raw = {CKM_ECDSA, NULL, 0}, hashed = {CKM_ECDSA_SHA256, NULL, 0};
    door_is(door.f->C_SignInit(door.session, &raw, private_key), CKR_KEY_FUNCTION_NOT_PERMITTED);
    door_is(door.f->C_SignInit(door.session, &hashed, private_key), CKR_KEY_FUNCTION_NOT_PERMITTED);
}

static void other_keys_sign_no_messages(void **state) {
    (void)state;
    CK_OBJECT_HANDLE other_public = 0, other = 0;
    CK_BYTE out[2560];
    CK_ULONG size = sizeof(out);
    door_ec_pair(&other_public, &other);
    door_ok(door.f->C_SignInit(door.session, &by_policy, other));
    door_is(door.f->C_Sign(door.session, allowed, sizeof(allowed), out, &size),
            CKR_KEY_FUNCTION_NOT_PERMITTED);
    CK_MECHANISM with = {CKM_EDGEHSM_SIGN_MESSAGE, out, 4};
    door_is(door.f->C_SignInit(door.session, &with, private_key), CKR_MECHANISM_PARAM_INVALID);
}

#undef STORY
#define STORY(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(a_message_becomes_a_statement_that_verifies),
        STORY(a_message_in_parts_is_signed_as_a_whole),
        STORY(a_message_that_is_not_allowed_is_refused_and_ends_the_operation),
        STORY(such_a_key_does_nothing_else),
        STORY(other_keys_sign_no_messages),
    };
    return cmocka_run_group_tests_name("door_statements", tests, door_begin, door_finish);
}
