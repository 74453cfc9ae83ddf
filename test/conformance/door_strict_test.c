/* SPDX-License-Identifier: Apache-2.0 */
/* What a token with the strict profile refuses, seen through the door, and what it does instead.
 * Run through tools/with-module --profile strict. */
#include "test/conformance/door.h"

static void offered(CK_MECHANISM_TYPE type, CK_RV wanted) {
    CK_MECHANISM_INFO info;
    door_is(door.f->C_GetMechanismInfo(door.slot, type, &info), wanted);
}

static void weak_mechanisms_are_not_offered(void **state) {
    (void)state;
    offered(CKM_AES_ECB, CKR_MECHANISM_INVALID);
    offered(CKM_AES_CBC_PAD, CKR_MECHANISM_INVALID);
    offered(CKM_RSA_X_509, CKR_MECHANISM_INVALID);
    offered(CKM_CONCATENATE_BASE_AND_DATA, CKR_MECHANISM_INVALID);
    offered(CKM_XOR_BASE_AND_DATA, CKR_MECHANISM_INVALID);
    offered(CKM_EXTRACT_KEY_FROM_KEY, CKR_MECHANISM_INVALID);
    offered(CKM_DES3_CBC, CKR_MECHANISM_INVALID);
    offered(CKM_AES_GCM, CKR_OK);
    offered(CKM_ECDSA_SHA256, CKR_OK);
    offered(CKM_SHA256_RSA_PKCS, CKR_OK);
}

/* A secret key of the session with one usage. */
static CK_OBJECT_HANDLE make_aes(CK_ATTRIBUTE_TYPE first, CK_ATTRIBUTE_TYPE second) {
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ULONG size = 32;
    CK_ATTRIBUTE template[] = {ATTR(CKA_VALUE_LEN, size), {first, &door_yes, 1},
                               {second, &door_yes, 1}};
    CK_OBJECT_HANDLE key = 0;
    door_ok(door.f->C_GenerateKey(door.session, &generate, template, COUNT(template), &key));
    return key;
}

static void weak_mechanisms_are_refused_when_used_all_the_same(void **state) {
    (void)state;
    CK_BYTE iv[16] = {1};
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0}, pad = {CKM_AES_CBC_PAD, iv, 16};
    CK_MECHANISM cbc = {CKM_AES_CBC, iv, 16};
    CK_OBJECT_HANDLE key = make_aes(CKA_ENCRYPT, CKA_DECRYPT);
    door_is(door.f->C_EncryptInit(door.session, &ecb, key), CKR_MECHANISM_INVALID);
    door_is(door.f->C_DecryptInit(door.session, &pad, key), CKR_MECHANISM_INVALID);
    door_ok(door.f->C_EncryptInit(door.session, &cbc, key));
}

static void gcm_iv_is_the_modules(void **state) {
    (void)state;
    CK_BYTE iv[12] = {1}, zero[12] = {0}, made[2][12], text[5] = "text", sealed[40];
    CK_GCM_PARAMS gcm = {iv, 12, 96, NULL, 0, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_OBJECT_HANDLE key = make_aes(CKA_ENCRYPT, CKA_DECRYPT);
    door_is(door.f->C_EncryptInit(door.session, &mechanism, key), CKR_MECHANISM_INVALID);
    for (int i = 0; i < 2; i++) {
        CK_ULONG size = sizeof(sealed), back = sizeof(sealed);
        CK_BYTE opened[40];
        memset(iv, 0, sizeof(iv));
        door_ok(door.f->C_EncryptInit(door.session, &mechanism, key));
        door_ok(door.f->C_Encrypt(door.session, text, sizeof(text), sealed, &size));
        memcpy(made[i], iv, 12);
        door_ok(door.f->C_DecryptInit(door.session, &mechanism, key));
        door_ok(door.f->C_Decrypt(door.session, sealed, size, opened, &back));
        assert_memory_equal(opened, text, sizeof(text));
    }
    assert_memory_not_equal(made[0], zero, 12);
    assert_memory_not_equal(made[0], made[1], 12);
}

static void message_with_the_callers_iv_is_refused(void **state) {
    (void)state;
    CK_BYTE iv[12] = {1}, tag[16], text[5] = "text", sealed[40];
    CK_GCM_MESSAGE_PARAMS p = {iv, 12, 0, CKG_NO_GENERATE, tag, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};
    CK_OBJECT_HANDLE key = make_aes(CKA_ENCRYPT, CKA_DECRYPT);
    CK_ULONG size = sizeof(sealed);
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    door_is(door.f->C_EncryptMessage(door.session, &p, sizeof(p), NULL, 0, text, 5, sealed, &size),
            CKR_MECHANISM_INVALID);
    p.ivGenerator = CKG_GENERATE;
    door_ok(door.f->C_EncryptMessage(door.session, &p, sizeof(p), NULL, 0, text, 5, sealed, &size));
}

static void contradictory_uses_of_a_key_are_refused(void **state) {
    (void)state;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ULONG size = 32;
    CK_OBJECT_HANDLE key = 0;
    CK_ATTRIBUTE wrap_decrypt[] = {ATTR(CKA_VALUE_LEN, size), ATTR(CKA_WRAP, door_yes),
                                   ATTR(CKA_DECRYPT, door_yes)};
    CK_ATTRIBUTE unwrap_encrypt[] = {ATTR(CKA_VALUE_LEN, size), ATTR(CKA_UNWRAP, door_yes),
                                     ATTR(CKA_ENCRYPT, door_yes)};
    CK_ATTRIBUTE trusted[] = {ATTR(CKA_VALUE_LEN, size), ATTR(CKA_TRUSTED, door_yes)};
    door_is(door.f->C_GenerateKey(door.session, &generate, wrap_decrypt, 3, &key),
            CKR_TEMPLATE_INCONSISTENT);
    door_is(door.f->C_GenerateKey(door.session, &generate, unwrap_encrypt, 3, &key),
            CKR_TEMPLATE_INCONSISTENT);
    assert_int_not_equal(door.f->C_GenerateKey(door.session, &generate, trusted, 2, &key), CKR_OK);
    assert_int_equal(key, 0);
}

static void keys_are_not_copied(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = make_aes(CKA_ENCRYPT, CKA_DECRYPT), copy = 0;
    CK_OBJECT_HANDLE data = door_data("a", "b", 1);
    assert_int_not_equal(door.f->C_CopyObject(door.session, key, NULL, 0, &copy), CKR_OK);
    door_ok(door.f->C_CopyObject(door.session, data, NULL, 0, &copy));
}

static void rsa_with_pkcs1_padding_signs_but_does_not_decrypt(void **state) {
    (void)state;
    CK_MECHANISM generate = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_MECHANISM pkcs1 = {CKM_RSA_PKCS, NULL, 0}, sign = {CKM_SHA256_RSA_PKCS, NULL, 0};
    CK_ULONG bits = 2048;
    CK_ATTRIBUTE public[] = {ATTR(CKA_MODULUS_BITS, bits)};
    CK_ATTRIBUTE decrypts[] = {ATTR(CKA_DECRYPT, door_yes)}, signs[] = {ATTR(CKA_SIGN, door_yes)};
    CK_OBJECT_HANDLE pair[2];
    door_ok(door.f->C_GenerateKeyPair(door.session, &generate, public, 1, decrypts, 1, &pair[0],
                                      &pair[1]));
    door_is(door.f->C_DecryptInit(door.session, &pkcs1, pair[1]), CKR_MECHANISM_INVALID);
    door_ok(door.f->C_GenerateKeyPair(door.session, &generate, public, 1, signs, 1, &pair[0],
                                      &pair[1]));
    door_ok(door.f->C_SignInit(door.session, &sign, pair[1]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(weak_mechanisms_are_not_offered),
        STORY(weak_mechanisms_are_refused_when_used_all_the_same),
        STORY(gcm_iv_is_the_modules),
        STORY(message_with_the_callers_iv_is_refused),
        STORY(contradictory_uses_of_a_key_are_refused),
        STORY(keys_are_not_copied),
        STORY(rsa_with_pkcs1_padding_signs_but_does_not_decrypt),
    };
    return cmocka_run_group_tests_name("door_strict", tests, door_begin, door_finish);
}
