/* SPDX-License-Identifier: Apache-2.0 */
/* Objects, tokens and logins as callers of the door see them. */
#include "test/conformance/door.h"

static CK_RV get(CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attribute) {
    return door.f->C_GetAttributeValue(door.session, object, attribute, 1);
}

static void each_attribute_is_served_whatever_becomes_of_the_others(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE value[100] = {0x55}, point[100], small[1];
    CK_KEY_TYPE type = 0;
    CK_BBOOL sign = 7;
    door_ec_pair(&public, &private);
    CK_ATTRIBUTE attributes[] = {
        {CKA_VALUE, value, sizeof(value)},       /* sensitive */
        {CKA_KEY_TYPE, &type, sizeof(type)},     /* given */
        {CKA_MODULUS, point, sizeof(point)},     /* not of this key */
        {CKA_LABEL, NULL, 5},                    /* length asked */
        {CKA_EC_PARAMS, small, sizeof(small)},   /* too small */
        {CKA_SIGN, &sign, sizeof(sign)},         /* given */
        {CKA_VENDOR_DEFINED | 1, point, 1},      /* not of anything */
        {CKA_WRAP_TEMPLATE, NULL, 0},            /* nested, and not kept */
    };
    CK_RV rv = door.f->C_GetAttributeValue(door.session, private, attributes, COUNT(attributes));
    assert_true(rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID);
    assert_int_equal(attributes[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(value[0], 0x55);
    assert_int_equal(attributes[1].ulValueLen, sizeof(type));
    assert_int_equal(type, CKK_EC);
    assert_int_equal(attributes[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(attributes[3].ulValueLen, 0);
    assert_int_equal(attributes[4].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(sign, CK_TRUE);
    assert_int_equal(attributes[6].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    assert_int_equal(attributes[7].ulValueLen, CK_UNAVAILABLE_INFORMATION);
    CK_ATTRIBUTE params = {CKA_EC_PARAMS, small, sizeof(small)};
    door_is(get(private, &params), CKR_BUFFER_TOO_SMALL);
    params = (CK_ATTRIBUTE){CKA_EC_PARAMS, NULL, 0};
    door_ok(get(private, &params));
    assert_int_equal(params.ulValueLen, 10);
}

static void mechanisms_in_attributes_are_the_standards(void **state) {
    (void)state;
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM_TYPE allowed[] = {CKM_ECDSA_SHA384, CKM_ECDH1_DERIVE}, back[4], made = 0;
    CK_MECHANISM generate = {CKM_EC_KEY_PAIR_GEN, NULL, 0}, other = {CKM_ECDSA_SHA256, NULL, 0};
    CK_MECHANISM same = {CKM_ECDSA_SHA384, NULL, 0};
    CK_ATTRIBUTE public[] = {ATTR_BYTES(CKA_EC_PARAMS, p256)};
    CK_ATTRIBUTE private[] = {ATTR(CKA_SIGN, door_yes),
                              ATTR_BYTES(CKA_ALLOWED_MECHANISMS, allowed)};
    CK_OBJECT_HANDLE keys[2];
    door_ok(door.f->C_GenerateKeyPair(door.session, &generate, public, 1, private, 2, &keys[0],
                                      &keys[1]));
    CK_ATTRIBUTE list = {CKA_ALLOWED_MECHANISMS, back, sizeof(back)};
    door_ok(get(keys[1], &list));
    assert_int_equal(list.ulValueLen, sizeof(allowed));
    assert_memory_equal(back, allowed, sizeof(allowed));
    CK_ATTRIBUTE origin = ATTR(CKA_KEY_GEN_MECHANISM, made);
    door_ok(get(keys[1], &origin));
    assert_int_equal(made, CKM_EC_KEY_PAIR_GEN);
    door_is(door.f->C_SignInit(door.session, &other, keys[1]), CKR_KEY_FUNCTION_NOT_PERMITTED);
    door_ok(door.f->C_SignInit(door.session, &same, keys[1]));
    CK_OBJECT_HANDLE imported = door_generic("0123456789abcdef", 16);
    door_ok(get(imported, &origin));
    assert_int_equal(made, CK_UNAVAILABLE_INFORMATION);
}

static void values_of_wrong_size_are_refused(void **state) {
    (void)state;
    CK_BYTE two[2] = {1, 1}, odd = 2, date[8] = {'2', '0', '2', '6', '1', '1', '2', '5'};
    CK_ULONG wide = (CK_ULONG)-2;
    CK_OBJECT_CLASS class = CKO_DATA;
    const struct {
        CK_ATTRIBUTE attribute;
        CK_RV rv;
    } cases[] = {
        {{CKA_TOKEN, two, 2}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_TOKEN, &odd, 1}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_TOKEN, NULL, 1}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_CLASS, two, 2}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_CLASS, &wide, sizeof(wide)}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_START_DATE, date, 7}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_ALLOWED_MECHANISMS, date, 7}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_ALLOWED_MECHANISMS, &wide, sizeof(wide)}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_LABEL, two, (CK_ULONG)-1}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_LABEL, two, 1u << 30}, CKR_ATTRIBUTE_VALUE_INVALID},
        {{CKA_WRAP_TEMPLATE, NULL, 0}, CKR_ATTRIBUTE_TYPE_INVALID},
        {{(CK_ATTRIBUTE_TYPE)-1, two, 1}, CKR_ATTRIBUTE_TYPE_INVALID},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), cases[i].attribute};
        CK_OBJECT_HANDLE object = 0;
        door_is(door.f->C_CreateObject(door.session, template, 2, &object), cases[i].rv);
        assert_int_equal(object, 0);
    }
}

static CK_ULONG count_found(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
    CK_OBJECT_HANDLE found[7];
    CK_ULONG part = 0, sum = 0;
    door_ok(door.f->C_FindObjectsInit(session, template, count));
    do {
        door_ok(door.f->C_FindObjects(session, found, COUNT(found), &part));
        sum += part;
    } while (part > 0);
    door_ok(door.f->C_FindObjectsFinal(session));
    return sum;
}

static void searches_find_what_matches_and_nothing_else(void **state) {
    (void)state;
    CK_OBJECT_HANDLE made[20], found = 0;
    CK_ULONG count = 0;
    CK_BYTE vendor = 1;
    for (size_t i = 0; i < COUNT(made); i++) {
        made[i] = door_data("many", "x", 1);
    }
    (void)door_data("other", "x", 1);
    CK_ATTRIBUTE many = {CKA_LABEL, "many", 4}, none = {CKA_LABEL, "man", 3};
    CK_ATTRIBUTE unknown = {CKA_VENDOR_DEFINED | 77, &vendor, 1}, odd = {CKA_TOKEN, NULL, 0};
    assert_int_equal(count_found(door.session, &many, 1), 20);
    assert_int_equal(count_found(door.session, &none, 1), 0);
    assert_int_equal(count_found(door.session, &unknown, 1), 0);
    assert_int_equal(count_found(door.session, &odd, 1), 0);
    assert_true(count_found(door.session, NULL, 0) >= 21);
    door_ok(door.f->C_DestroyObject(door.session, made[3]));
    assert_int_equal(count_found(door.session, &many, 1), 19);
    door_is(door.f->C_FindObjects(door.session, &found, 1, &count), CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_FindObjectsInit(door.session, &many, 1));
    door_is(door.f->C_FindObjectsInit(door.session, &many, 1), CKR_OPERATION_ACTIVE);
    door_ok(door.f->C_SessionCancel(door.session, CKF_FIND_OBJECTS));
    door_is(door.f->C_FindObjectsFinal(door.session), CKR_OPERATION_NOT_INITIALIZED);
}

static void copy_takes_no_template_too(void **state) {
    (void)state;
    CK_OBJECT_HANDLE object = door_data("a", "value", 5), copy = 0;
    CK_BYTE value[16];
    CK_ULONG size = 0;
    CK_ATTRIBUTE read = {CKA_VALUE, value, sizeof(value)};
    door_ok(door.f->C_CopyObject(door.session, object, NULL, 0, &copy));
    assert_int_not_equal(copy, object);
    door_ok(get(copy, &read));
    assert_int_equal(read.ulValueLen, 5);
    assert_memory_equal(value, "value", 5);
    door_ok(door.f->C_GetObjectSize(door.session, copy, &size));
    assert_true(size > 5);
    CK_ATTRIBUTE label = {CKA_LABEL, "bb", 2};
    door_ok(door.f->C_SetAttributeValue(door.session, copy, &label, 1));
    door_ok(door.f->C_DestroyObject(door.session, copy));
    door_is(get(copy, &read), CKR_OBJECT_HANDLE_INVALID);
}

static void private_objects_are_hidden_without_login(void **state) {
    (void)state;
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_PRIVATE, door_yes),
                               {CKA_LABEL, "hidden", 6}};
    CK_OBJECT_HANDLE object = 0, public, private;
    CK_MECHANISM ecdsa = {CKM_ECDSA, NULL, 0};
    CK_BYTE byte[100];
    door_ok(door.f->C_CreateObject(door.session, template, 3, &object));
    door_ec_pair(&public, &private);
    assert_int_equal(count_found(door.session, &template[2], 1), 1);
    door_ok(door.f->C_Logout(door.session));
    assert_int_equal(count_found(door.session, &template[2], 1), 0);
    CK_ATTRIBUTE label = {CKA_LABEL, byte, sizeof(byte)};
    door_is(get(object, &label), CKR_OBJECT_HANDLE_INVALID);
    CK_RV rv = door.f->C_SignInit(door.session, &ecdsa, private);
    assert_true(rv == CKR_KEY_HANDLE_INVALID || rv == CKR_USER_NOT_LOGGED_IN);
    door_is(door.f->C_Logout(door.session), CKR_USER_NOT_LOGGED_IN);
}

static void profiles_are_there_before_login(void **state) {
    (void)state;
    static const CK_PROFILE_ID claimed[] = {CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER,
                                            CKP_AUTHENTICATION_TOKEN,
                                            CKP_PUBLIC_CERTIFICATES_TOKEN};
    CK_OBJECT_CLASS class = CKO_PROFILE;
    door_ok(door.f->C_Logout(door.session));
    for (size_t i = 0; i < COUNT(claimed); i++) {
        CK_PROFILE_ID id = claimed[i];
        CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_PROFILE_ID, id)};
        assert_int_equal(count_found(door.session, template, 2), 1);
    }
}

static void listed_mechanisms_are_described_and_none_twice(void **state) {
    (void)state;
    CK_MECHANISM_TYPE list[256];
    CK_MECHANISM_INFO info;
    CK_ULONG count = 0;
    door_ok(door.f->C_GetMechanismList(door.slot, NULL, &count));
    assert_in_range(count, 60, COUNT(list));
    CK_ULONG small = count - 1;
    door_is(door.f->C_GetMechanismList(door.slot, list, &small), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(small, count);
    door_ok(door.f->C_GetMechanismList(door.slot, list, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        door_ok(door.f->C_GetMechanismInfo(door.slot, list[i], &info));
        assert_int_not_equal(info.flags, 0);
        for (CK_ULONG j = 0; j < i; j++) {
            assert_int_not_equal(list[i], list[j]);
        }
    }
    door_is(door.f->C_GetMechanismInfo(door.slot, CKM_DES_CBC, &info), CKR_MECHANISM_INVALID);
    door_is(door.f->C_GetMechanismList(7777, NULL, &count), CKR_SLOT_ID_INVALID);
    door_ok(door.f->C_GetMechanismInfo(door.slot, CKM_AES_GCM, &info));
    assert_int_equal(info.ulMinKeySize, 16);
    assert_int_equal(info.ulMaxKeySize, 32);
    assert_true((info.flags & CKF_MESSAGE_ENCRYPT) != 0);
}

static void login(CK_SESSION_HANDLE session, CK_USER_TYPE user, const char *pin, CK_RV wanted) {
    door_is(door.f->C_Login(session, user, (CK_UTF8CHAR *)(uintptr_t)pin, (CK_ULONG)strlen(pin)),
            wanted);
}

static CK_FLAGS token_flags(void) {
    CK_TOKEN_INFO info;
    door_ok(door.f->C_GetTokenInfo(door.slot, &info));
    return info.flags;
}

static void sessions_have_the_states_of_the_standard(void **state) {
    (void)state;
    CK_SESSION_HANDLE other = door_session(0), made = 0;
    CK_SESSION_INFO info;
    door_ok(door.f->C_GetSessionInfo(other, &info));
    assert_int_equal(info.state, CKS_RO_USER_FUNCTIONS);
    assert_int_equal(info.flags, CKF_SERIAL_SESSION);
    assert_int_equal(info.slotID, door.slot);
    login(other, CKU_USER, door.pin, CKR_USER_ALREADY_LOGGED_IN);
    login(other, CKU_SO, door.so_pin, CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
    login(other, 9, door.pin, CKR_USER_TYPE_INVALID);
    login(other, CKU_CONTEXT_SPECIFIC, door.pin, CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_Logout(other));
    door_ok(door.f->C_GetSessionInfo(door.session, &info));
    assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
    login(other, CKU_SO, door.so_pin, CKR_SESSION_READ_ONLY_EXISTS);
    door_ok(door.f->C_CloseSession(other));
    login(door.session, CKU_SO, door.so_pin, CKR_OK);
    door_ok(door.f->C_GetSessionInfo(door.session, &info));
    assert_int_equal(info.state, CKS_RW_SO_FUNCTIONS);
    door_is(door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION, NULL, NULL, &made),
            CKR_SESSION_READ_WRITE_SO_EXISTS);
    door_is(door.f->C_OpenSession(door.slot, CKF_RW_SESSION, NULL, NULL, &made),
            CKR_SESSION_PARALLEL_NOT_SUPPORTED);
    door_is(door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL, NULL,
                                  &made),
            CKR_SESSION_ASYNC_NOT_SUPPORTED);
    door_is(door.f->C_OpenSession(7777, CKF_SERIAL_SESSION, NULL, NULL, &made),
            CKR_SLOT_ID_INVALID);
    door_ok(door.f->C_CloseAllSessions(door.slot));
    door_is(door.f->C_GetSessionInfo(door.session, &info), CKR_SESSION_HANDLE_INVALID);
}

static void pin_lockout_is_seen_and_mended_through_the_door(void **state) {
    (void)state;
    CK_TOKEN_INFO info;
    CK_FLAGS states = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;
    door_ok(door.f->C_Logout(door.session));
    assert_int_equal(token_flags() & states, 0);
    login(door.session, CKU_USER, "wrong pin", CKR_PIN_INCORRECT);
    assert_int_equal(token_flags() & states, CKF_USER_PIN_COUNT_LOW);
    for (int i = 0; i < 100 && (token_flags() & CKF_USER_PIN_FINAL_TRY) == 0; i++) {
        login(door.session, CKU_USER, "wrong pin", CKR_PIN_INCORRECT);
    }
    assert_int_equal(token_flags() & states, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
    (void)door.f->C_Login(door.session, CKU_USER, (CK_UTF8CHAR *)"wrong pin", 9);
    assert_int_equal(token_flags() & states, CKF_USER_PIN_LOCKED);
    login(door.session, CKU_USER, door.pin, CKR_PIN_LOCKED);
    login(door.session, CKU_SO, door.so_pin, CKR_OK);
    CK_UTF8CHAR *pin = (CK_UTF8CHAR *)(uintptr_t)door.pin;
    door_ok(door.f->C_InitPIN(door.session, pin, (CK_ULONG)strlen(door.pin)));
    door_ok(door.f->C_Logout(door.session));
    assert_int_equal(token_flags() & states, 0);
    login(door.session, CKU_USER, door.pin, CKR_OK);
    door_ok(door.f->C_GetTokenInfo(door.slot, &info));
    assert_in_range(info.ulMinPinLen, 4, strlen(door.pin));
    assert_int_equal(info.ulSessionCount, 1);
}

static void key_that_wants_the_pin_each_time_gets_it(void **state) {
    (void)state;
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM generate = {CKM_EC_KEY_PAIR_GEN, NULL, 0}, sign = {CKM_ECDSA_SHA256, NULL, 0};
    CK_ATTRIBUTE public[] = {ATTR_BYTES(CKA_EC_PARAMS, p256)};
    CK_ATTRIBUTE private[] = {ATTR(CKA_SIGN, door_yes), ATTR(CKA_ALWAYS_AUTHENTICATE, door_yes)};
    CK_OBJECT_HANDLE keys[2];
    CK_BYTE signature[64];
    CK_ULONG size = sizeof(signature);
    door_ok(door.f->C_GenerateKeyPair(door.session, &generate, public, 1, private, 2, &keys[0],
                                      &keys[1]));
    for (int i = 0; i < 2; i++) {
        door_ok(door.f->C_SignInit(door.session, &sign, keys[1]));
        door_is(door.f->C_Sign(door.session, signature, 5, signature, &size),
                CKR_USER_NOT_LOGGED_IN);
        door_ok(door.f->C_SignInit(door.session, &sign, keys[1]));
        login(door.session, CKU_CONTEXT_SPECIFIC, door.pin, CKR_OK);
        door_ok(door.f->C_Sign(door.session, signature, 5, signature, &size));
    }
    door_ok(door.f->C_SignInit(door.session, &sign, keys[1]));
    login(door.session, CKU_CONTEXT_SPECIFIC, "wrong pin", CKR_PIN_INCORRECT);
    door_is(door.f->C_Sign(door.session, signature, 5, signature, &size), CKR_USER_NOT_LOGGED_IN);
    door_ok(door.f->C_SignInit(door.session, &sign, keys[1]));
    login(door.session, CKU_CONTEXT_SPECIFIC, door.pin, CKR_OK);
    door_ok(door.f->C_SignUpdate(door.session, signature, 5));
    door_ok(door.f->C_SignFinal(door.session, signature, &size));
}

static void pins_of_wrong_length_are_refused(void **state) {
    (void)state;
    CK_UTF8CHAR *pin = (CK_UTF8CHAR *)(uintptr_t)door.pin, longer[70];
    CK_ULONG size = (CK_ULONG)strlen(door.pin);
    memset(longer, 'x', sizeof(longer));
    door_is(door.f->C_SetPIN(door.session, pin, size, longer, 1), CKR_PIN_LEN_RANGE);
    door_is(door.f->C_SetPIN(door.session, pin, size, longer, 65), CKR_PIN_LEN_RANGE);
    door_is(door.f->C_SetPIN(door.session, longer, 9, longer, 9), CKR_PIN_INCORRECT);
    door_ok(door.f->C_SetPIN(door.session, pin, size, pin, size));
    door_is(door.f->C_InitPIN(door.session, pin, size), CKR_USER_NOT_LOGGED_IN);
    door_ok(door.f->C_Logout(door.session));
    door_is(door.f->C_Login(door.session, CKU_USER, longer, 65), CKR_PIN_INCORRECT);
    door_is(door.f->C_LoginUser(door.session, CKU_USER, pin, size, longer, 3),
            CKR_USER_TYPE_INVALID);
    door_ok(door.f->C_LoginUser(door.session, CKU_USER, pin, size, NULL, 0));
}

/* ---- limits ---- */

/* A key for signatures on P-256 with one limit. */
static CK_OBJECT_HANDLE limited(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM generate = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public[] = {ATTR_BYTES(CKA_EC_PARAMS, p256)};
    CK_ATTRIBUTE private[] = {ATTR(CKA_SIGN, door_yes), {type, &value, sizeof(value)}};
    CK_OBJECT_HANDLE keys[2];
    door_ok(door.f->C_GenerateKeyPair(door.session, &generate, public, 1, private, 2, &keys[0],
                                      &keys[1]));
    return keys[1];
}

static CK_RV sign_once(CK_OBJECT_HANDLE key) {
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    CK_BYTE data[] = "words", signature[64];
    CK_ULONG size = sizeof(signature);
    CK_RV rv = door.f->C_SignInit(door.session, &mechanism, key);
    return rv != CKR_OK ? rv
                        : door.f->C_Sign(door.session, data, sizeof(data), signature, &size);
}

static void limited_key_is_used_up_and_never_loosened(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = limited(CKA_EDGEHSM_USES_MAX, 3);
    CK_ULONG uses = 0, looser = 4, stricter = 2;
    CK_ATTRIBUTE limit = ATTR(CKA_EDGEHSM_USES_MAX, uses), rate = ATTR(CKA_EDGEHSM_RATE_MS, uses);
    door_ok(get(key, &limit));
    assert_int_equal(uses, 3);
    door_is(get(key, &rate), CKR_ATTRIBUTE_TYPE_INVALID);
    CK_ATTRIBUTE change = ATTR(CKA_EDGEHSM_USES_MAX, looser);
    door_is(door.f->C_SetAttributeValue(door.session, key, &change, 1), CKR_ATTRIBUTE_READ_ONLY);
    change = (CK_ATTRIBUTE)ATTR(CKA_EDGEHSM_USES_MAX, stricter);
    door_ok(door.f->C_SetAttributeValue(door.session, key, &change, 1));
    door_ok(sign_once(key));
    door_ok(sign_once(key));
    door_is(sign_once(key), CKR_KEY_EXHAUSTED);
}

static void limited_key_wants_the_pin_after_so_many_uses(void **state) {
    (void)state;
    CK_MECHANISM mechanism = {CKM_ECDSA_SHA256, NULL, 0};
    CK_BYTE data[] = "words", signature[64];
    CK_ULONG size = sizeof(signature);
    CK_OBJECT_HANDLE key = limited(CKA_EDGEHSM_LOGIN_USES, 1);
    door_ok(sign_once(key));
    door_is(sign_once(key), CKR_USER_NOT_LOGGED_IN);
    door_ok(door.f->C_SignInit(door.session, &mechanism, key));
    door_ok(door.f->C_Login(door.session, CKU_CONTEXT_SPECIFIC,
                            (CK_UTF8CHAR_PTR)(uintptr_t)door.pin, strlen(door.pin)));
    door_ok(door.f->C_Sign(door.session, data, sizeof(data), signature, &size));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(each_attribute_is_served_whatever_becomes_of_the_others),
        STORY(mechanisms_in_attributes_are_the_standards),
        STORY(values_of_wrong_size_are_refused),
        STORY(searches_find_what_matches_and_nothing_else),
        STORY(copy_takes_no_template_too),
        STORY(private_objects_are_hidden_without_login),
        STORY(profiles_are_there_before_login),
        STORY(listed_mechanisms_are_described_and_none_twice),
        STORY(sessions_have_the_states_of_the_standard),
        STORY(pin_lockout_is_seen_and_mended_through_the_door),
        STORY(key_that_wants_the_pin_each_time_gets_it),
        STORY(pins_of_wrong_length_are_refused),
        STORY(limited_key_is_used_up_and_never_loosened),
        STORY(limited_key_wants_the_pin_after_so_many_uses),
    };
    return cmocka_run_group_tests_name("door_objects", tests, door_begin, door_finish);
}
