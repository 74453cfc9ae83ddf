/* SPDX-License-Identifier: Apache-2.0 */
/* The message functions of v3.0: AEAD messages, messages in parts, signed messages. */
#include "test/conformance/door.h"

static CK_BYTE text[600], sealed[600], opened[600], iv[12], tag[16];
static CK_BYTE aad[4] = {'h', 'e', 'a', 'd'};
static CK_GCM_MESSAGE_PARAMS gcm = {iv, sizeof(iv), 0, CKG_NO_GENERATE, tag, 128};
static CK_MECHANISM mechanism = {CKM_AES_GCM, NULL, 0};

static CK_RV seal(CK_ULONG size) {
    CK_ULONG made = sizeof(sealed);
    CK_RV rv = door.f->C_EncryptMessage(door.session, &gcm, sizeof(gcm), aad, 4, text, size, sealed,
                                        &made);
    assert_true(rv != CKR_OK || made == size);
    return rv;
}

static CK_RV open_sealed(CK_ULONG size) {
    CK_ULONG made = sizeof(opened);
    CK_RV rv = door.f->C_DecryptMessage(door.session, &gcm, sizeof(gcm), aad, 4, sealed, size,
                                        opened, &made);
    assert_true(rv != CKR_OK || (made == size && memcmp(opened, text, size) == 0));
    return rv;
}

static int enter(void **state) {
    gcm.ivGenerator = CKG_NO_GENERATE;
    memset(iv, 7, sizeof(iv));
    memset(text, 9, sizeof(text));
    return door_enter(state);
}

static void many_messages_under_one_init(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = door_aes(32);
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_MessageDecryptInit(door.session, &mechanism, key));
    for (CK_ULONG size = 0; size < sizeof(text); size += 111) {
        iv[0] = (CK_BYTE)size;
        door_ok(seal(size));
        door_ok(open_sealed(size));
    }
    door_ok(door.f->C_MessageEncryptFinal(door.session));
    door_is(door.f->C_MessageEncryptFinal(door.session), CKR_OPERATION_NOT_INITIALIZED);
    door_is(seal(1), CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_MessageDecryptFinal(door.session));
}

static void altered_message_is_refused_and_the_next_one_opens(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = door_aes(32);
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    door_ok(seal(100));
    door_ok(door.f->C_MessageDecryptInit(door.session, &mechanism, key));
    tag[3] ^= 1;
    door_is(open_sealed(100), CKR_AEAD_DECRYPT_FAILED);
    tag[3] ^= 1;
    aad[0] ^= 1;
    door_is(open_sealed(100), CKR_AEAD_DECRYPT_FAILED);
    aad[0] ^= 1;
    sealed[99] ^= 1;
    door_is(open_sealed(100), CKR_AEAD_DECRYPT_FAILED);
    sealed[99] ^= 1;
    door_ok(open_sealed(100));
}

static void module_makes_ivs_that_differ(void **state) {
    (void)state;
    enum { MESSAGES = 20 };
    CK_BYTE seen[MESSAGES][12];
    CK_OBJECT_HANDLE key = door_aes(32);
    gcm.ivGenerator = CKG_GENERATE_RANDOM;
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_MessageDecryptInit(door.session, &mechanism, key));
    for (size_t i = 0; i < MESSAGES; i++) {
        door_ok(seal(40));
        memcpy(seen[i], iv, 12);
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(seen[i], seen[j], 12);
        }
        door_ok(open_sealed(40));
    }
}

static void message_in_parts_comes_out_with_its_last_part(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_ULONG size = sizeof(sealed);
    void *p = &gcm;
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_EncryptMessageBegin(door.session, p, sizeof(gcm), aad, 4));
    door_is(seal(1), CKR_OPERATION_ACTIVE);
    door_ok(door.f->C_EncryptMessageNext(door.session, p, sizeof(gcm), text, 50, sealed, &size, 0));
    assert_int_equal(size, 0);
    door_is(door.f->C_EncryptMessageNext(door.session, p, sizeof(gcm), text + 50, 70, sealed, &size,
                                         CKF_END_OF_MESSAGE),
            CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 120);
    door_ok(door.f->C_EncryptMessageNext(door.session, p, sizeof(gcm), text + 50, 70, sealed, &size,
                                         CKF_END_OF_MESSAGE));
    door_ok(door.f->C_MessageDecryptInit(door.session, &mechanism, key));
    door_ok(open_sealed(120));
    door_ok(door.f->C_DecryptMessageBegin(door.session, p, sizeof(gcm), aad, 4));
    door_ok(door.f->C_DecryptMessageNext(door.session, p, sizeof(gcm), sealed, 119, opened, &size,
                                         0));
    size = sizeof(opened);
    door_ok(door.f->C_DecryptMessageNext(door.session, p, sizeof(gcm), sealed + 119, 1, opened,
                                         &size, CKF_END_OF_MESSAGE));
    assert_int_equal(size, 120);
    assert_memory_equal(opened, text, 120);
    door_is(door.f->C_DecryptMessageNext(door.session, p, sizeof(gcm), sealed, 1, opened, &size, 0),
            CKR_OPERATION_NOT_INITIALIZED);
}

static void bad_parameters_of_messages_are_refused(void **state) {
    (void)state;
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_GCM_MESSAGE_PARAMS bad = gcm;
    CK_MECHANISM with_parameter = {CKM_AES_GCM, &gcm, sizeof(gcm)}, cbc = {CKM_AES_CBC, NULL, 0};
    CK_ULONG size = sizeof(sealed);
    door_is(door.f->C_MessageEncryptInit(door.session, &with_parameter, key),
            CKR_MECHANISM_PARAM_INVALID);
    door_is(door.f->C_MessageEncryptInit(door.session, &cbc, key), CKR_MECHANISM_INVALID);
    door_ok(door.f->C_MessageEncryptInit(door.session, &mechanism, key));
    bad.pTag = NULL;
    door_is(door.f->C_EncryptMessage(door.session, &bad, sizeof(bad), NULL, 0, text, 9, sealed,
                                     &size),
            CKR_MECHANISM_PARAM_INVALID);
    bad = gcm;
    bad.pIv = NULL;
    door_is(door.f->C_EncryptMessage(door.session, &bad, sizeof(bad), NULL, 0, text, 9, sealed,
                                     &size),
            CKR_MECHANISM_PARAM_INVALID);
    door_is(door.f->C_EncryptMessage(door.session, NULL, sizeof(bad), NULL, 0, text, 9, sealed,
                                     &size),
            CKR_MECHANISM_PARAM_INVALID);
    door_is(door.f->C_EncryptMessage(door.session, &gcm, sizeof(gcm) - 1, NULL, 0, text, 9, sealed,
                                     &size),
            CKR_MECHANISM_PARAM_INVALID);
    door_is(door.f->C_EncryptMessage(door.session, &gcm, sizeof(gcm), NULL, 5, text, 9, sealed,
                                     &size),
            CKR_ARGUMENTS_BAD);
    door_ok(seal(9));
}

static void signed_messages_verify(void **state) {
    (void)state;
    CK_MECHANISM sign = {CKM_ECDSA_SHA256, NULL, 0};
    CK_OBJECT_HANDLE public, private;
    CK_BYTE signature[64];
    CK_ULONG size = 0;
    door_ec_pair(&public, &private);
    door_ok(door.f->C_MessageSignInit(door.session, &sign, private));
    door_ok(door.f->C_MessageVerifyInit(door.session, &sign, public));
    door_ok(door.f->C_SignMessage(door.session, NULL, 0, text, 50, NULL, &size));
    assert_int_equal(size, 64);
    for (int i = 0; i < 3; i++) {
        door_ok(door.f->C_SignMessage(door.session, NULL, 0, text, 50, signature, &size));
        door_ok(door.f->C_VerifyMessage(door.session, NULL, 0, text, 50, signature, size));
        door_is(door.f->C_VerifyMessage(door.session, NULL, 0, text, 49, signature, size),
                CKR_SIGNATURE_INVALID);
    }
    door_ok(door.f->C_SignMessageBegin(door.session, NULL, 0));
    door_ok(door.f->C_SignMessageNext(door.session, NULL, 0, text, 20, NULL, NULL));
    door_ok(door.f->C_SignMessageNext(door.session, NULL, 0, text, 30, signature, &size));
    door_ok(door.f->C_VerifyMessageBegin(door.session, NULL, 0));
    door_ok(door.f->C_VerifyMessageNext(door.session, NULL, 0, text, 40, NULL, 0));
    door_ok(door.f->C_VerifyMessageNext(door.session, NULL, 0, text, 10, signature, size));
    door_ok(door.f->C_MessageSignFinal(door.session));
    door_ok(door.f->C_MessageVerifyFinal(door.session));
}

static void chacha_and_ccm_messages_open(void **state) {
    (void)state;
    CK_MECHANISM generate = {CKM_CHACHA20_KEY_GEN, NULL, 0};
    CK_MECHANISM chacha = {CKM_CHACHA20_POLY1305, NULL, 0}, ccm = {CKM_AES_CCM, NULL, 0};
    CK_ATTRIBUTE template[] = {ATTR(CKA_ENCRYPT, door_yes), ATTR(CKA_DECRYPT, door_yes)};
    CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS p = {iv, 12, tag};
    CK_CCM_MESSAGE_PARAMS q = {100, iv, 12, 0, CKG_NO_GENERATE, tag, 16};
    CK_OBJECT_HANDLE key = 0, aes = door_aes(16);
    CK_ULONG size = sizeof(sealed);
    door_ok(door.f->C_GenerateKey(door.session, &generate, template, COUNT(template), &key));
    door_ok(door.f->C_MessageEncryptInit(door.session, &chacha, key));
    door_ok(door.f->C_EncryptMessage(door.session, &p, sizeof(p), aad, 4, text, 100, sealed,
                                     &size));
    door_ok(door.f->C_MessageDecryptInit(door.session, &chacha, key));
    door_ok(door.f->C_DecryptMessage(door.session, &p, sizeof(p), aad, 4, sealed, 100, opened,
                                     &size));
    assert_memory_equal(opened, text, 100);
    door_ok(door.f->C_SessionCancel(door.session, CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT));
    door_ok(door.f->C_MessageEncryptInit(door.session, &ccm, aes));
    door_ok(door.f->C_EncryptMessage(door.session, &q, sizeof(q), aad, 4, text, 100, sealed,
                                     &size));
    door_ok(door.f->C_MessageDecryptInit(door.session, &ccm, aes));
    door_ok(door.f->C_DecryptMessage(door.session, &q, sizeof(q), aad, 4, sealed, 100, opened,
                                     &size));
    assert_memory_equal(opened, text, 100);
}

#undef STORY
#define STORY(name) cmocka_unit_test_setup_teardown(name, enter, door_leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(many_messages_under_one_init),
        STORY(altered_message_is_refused_and_the_next_one_opens),
        STORY(module_makes_ivs_that_differ),
        STORY(message_in_parts_comes_out_with_its_last_part),
        STORY(bad_parameters_of_messages_are_refused),
        STORY(signed_messages_verify),
        STORY(chacha_and_ccm_messages_open),
    };
    return cmocka_run_group_tests_name("door_messages", tests, door_begin, door_finish);
}
