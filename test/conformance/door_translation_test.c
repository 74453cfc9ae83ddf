/* SPDX-License-Identifier: Apache-2.0 */
/* What the door makes of calls: how many commands, which parameters, which results; and a module
 * that dies and comes back. On a module in the same process, whose commands are counted. */
#include "test/conformance/door.h"

#include "base/status.h"
#include "test/conformance/door_client.h"

static CK_MECHANISM ecdsa = {CKM_ECDSA_SHA256, NULL, 0};

static void sign(CK_OBJECT_HANDLE key) {
    CK_BYTE data[3] = "abc", signature[64];
    CK_ULONG size = sizeof(signature);
    door_ok(door.f->C_SignInit(door.session, &ecdsa, key));
    door_ok(door.f->C_Sign(door.session, data, sizeof(data), signature, &size));
}

static void init_and_sign_cost_one_round_trip(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    door_ec_pair(&public, &private);
    sign(private);
    unsigned before = door_client_calls(0);
    for (int i = 0; i < 10; i++) {
        sign(private);
    }
    assert_int_equal(door_client_calls(0) - before, 10);
    assert_int_equal(door_client_calls(COMMAND_key_check), 1);
}

static void parts_cost_one_round_trip_too(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[100] = {1}, signature[64];
    CK_ULONG size = sizeof(signature);
    door_ec_pair(&public, &private);
    sign(private);
    unsigned before = door_client_calls(0);
    door_ok(door.f->C_SignInit(door.session, &ecdsa, private));
    for (int i = 0; i < 10; i++) {
        door_ok(door.f->C_SignUpdate(door.session, data, sizeof(data)));
    }
    door_ok(door.f->C_SignFinal(door.session, signature, &size));
    assert_int_equal(door_client_calls(0) - before, 1);
}

static void module_is_asked_again_after_anything_that_may_matter(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private, other = door_data("a", "b", 1);
    CK_ATTRIBUTE label = {CKA_LABEL, "c", 1};
    door_ec_pair(&public, &private);
    sign(private);
    unsigned before = door_client_calls(COMMAND_key_check);
    door_ok(door.f->C_SetAttributeValue(door.session, other, &label, 1));
    sign(private);
    assert_int_equal(door_client_calls(COMMAND_key_check) - before, 1);
    door_ok(door.f->C_DestroyObject(door.session, other));
    sign(private);
    assert_int_equal(door_client_calls(COMMAND_key_check) - before, 2);
    door_ok(door.f->C_Logout(door.session));
    CK_RV rv = door.f->C_SignInit(door.session, &ecdsa, private);
    assert_true(rv == CKR_KEY_HANDLE_INVALID || rv == CKR_USER_NOT_LOGGED_IN);
}

/* Encrypts 40 bytes and decrypts them with the same parameters. */
static void gcm_round(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
    CK_BYTE text[40] = {7}, sealed[60], opened[60];
    CK_ULONG size = sizeof(sealed), back = sizeof(opened);
    door_ok(door.f->C_EncryptInit(door.session, mechanism, key));
    door_ok(door.f->C_Encrypt(door.session, text, sizeof(text), sealed, &size));
    door_ok(door.f->C_DecryptInit(door.session, mechanism, key));
    door_ok(door.f->C_Decrypt(door.session, sealed, size, opened, &back));
    assert_int_equal(back, sizeof(text));
    assert_memory_equal(opened, text, sizeof(text));
}

static void zero_iv_is_made_by_the_module_where_the_token_is_strict(void **state) {
    (void)state;
    CK_BYTE iv[12] = {0}, zero[12] = {0}, first[12];
    CK_GCM_PARAMS gcm = {iv, 12, 96, NULL, 0, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_OBJECT_HANDLE key = door_aes(32);
    gcm_round(&mechanism, key);
    assert_memory_equal(iv, zero, 12); /* compatible: the caller's own choice */
    assert_true(door_set_strict(true));
    gcm_round(&mechanism, key);
    assert_memory_not_equal(iv, zero, 12);
    memcpy(first, iv, 12);
    CK_RV rv = door.f->C_EncryptInit(door.session, &mechanism, key);
    door_is(rv, CKR_MECHANISM_INVALID); /* strict: no IV but the module's */
    memset(iv, 0, 12);
    gcm_round(&mechanism, key);
    assert_memory_not_equal(iv, first, 12);
    assert_true(door_set_strict(false));
}

static void made_iv_of_a_message_in_parts_comes_back_too(void **state) {
    (void)state;
    CK_BYTE iv[12] = {0}, zero[12] = {0}, text[40] = {7}, sealed[60], opened[60];
    CK_GCM_PARAMS gcm = {iv, 12, 96, NULL, 0, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_ULONG size = sizeof(sealed), tag = 16, back = sizeof(opened);
    assert_true(door_set_strict(true));
    door_ok(door.f->C_EncryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_EncryptUpdate(door.session, text, sizeof(text), sealed, &size));
    door_ok(door.f->C_EncryptFinal(door.session, sealed + size, &tag));
    assert_memory_not_equal(iv, zero, 12);
    door_ok(door.f->C_DecryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_Decrypt(door.session, sealed, size + tag, opened, &back));
    assert_memory_equal(opened, text, sizeof(text));
    assert_true(door_set_strict(false));
}

static void short_form_of_gcm_parameters_is_read(void **state) {
    (void)state;
    struct {
        CK_BYTE_PTR iv;
        CK_ULONG iv_size;
        CK_BYTE_PTR aad;
        CK_ULONG aad_size;
        CK_ULONG tag_bits;
    } old;
    CK_BYTE iv[12] = {1}, aad[3] = "abc";
    CK_GCM_PARAMS gcm = {iv, 12, 96, aad, 3, 128};
    CK_MECHANISM long_form = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_MECHANISM short_form = {CKM_AES_GCM, &old, sizeof(old)};
    CK_OBJECT_HANDLE key = door_aes(16);
    CK_BYTE one[60], two[60];
    CK_ULONG size = sizeof(one);
    old.iv = iv;
    old.iv_size = 12;
    old.aad = aad;
    old.aad_size = 3;
    old.tag_bits = 128;
    gcm_round(&short_form, key);
    door_ok(door.f->C_EncryptInit(door.session, &long_form, key));
    door_ok(door.f->C_Encrypt(door.session, iv, 12, one, &size));
    door_ok(door.f->C_EncryptInit(door.session, &short_form, key));
    door_ok(door.f->C_Encrypt(door.session, iv, 12, two, &size));
    assert_memory_equal(one, two, size);
}

/* The parameters of C_...Init are the caller's again after it. */
static void parameters_are_copied(void **state) {
    (void)state;
    CK_BYTE iv[100], aad[400], one[60], two[60];
    CK_GCM_PARAMS gcm = {iv, 100, 800, aad, 400, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_OBJECT_HANDLE key = door_aes(16);
    CK_ULONG size = sizeof(one);
    memset(iv, 3, sizeof(iv));
    memset(aad, 4, sizeof(aad));
    door_ok(door.f->C_EncryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_Encrypt(door.session, iv, 12, one, &size));
    CK_BYTE text[12];
    memset(text, 3, sizeof(text));
    door_ok(door.f->C_EncryptInit(door.session, &mechanism, key));
    memset(iv, 0, sizeof(iv));
    memset(aad, 0, sizeof(aad));
    memset(&gcm, 0, sizeof(gcm));
    door_ok(door.f->C_Encrypt(door.session, text, 12, two, &size));
    assert_memory_equal(one, two, size);
}

static CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
static CK_KEY_TYPE generic = CKK_GENERIC_SECRET;

/* Derives `size` bytes and reads them. */
static CK_RV derive(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, CK_BYTE *value, CK_ULONG size) {
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, secret), ATTR(CKA_KEY_TYPE, generic),
                               ATTR(CKA_VALUE_LEN, size), ATTR(CKA_SENSITIVE, door_no),
                               ATTR(CKA_EXTRACTABLE, door_yes)};
    CK_OBJECT_HANDLE key = 0;
    CK_ATTRIBUTE read = {CKA_VALUE, value, size};
    CK_RV rv = door.f->C_DeriveKey(door.session, mechanism, base, template, COUNT(template), &key);
    if (rv == CKR_OK) {
        door_ok(door.f->C_GetAttributeValue(door.session, key, &read, 1));
        assert_int_equal(read.ulValueLen, size);
    }
    return rv;
}

static void make_agreement_pair(CK_MECHANISM_TYPE type, const CK_BYTE *oid, CK_ULONG oid_size,
                                CK_OBJECT_HANDLE *keys) {
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_ATTRIBUTE public[] = {{CKA_EC_PARAMS, (void *)(uintptr_t)oid, oid_size}};
    CK_ATTRIBUTE private[] = {ATTR(CKA_DERIVE, door_yes), ATTR(CKA_SENSITIVE, door_no),
                              ATTR(CKA_EXTRACTABLE, door_yes)};
    door_ok(door.f->C_GenerateKeyPair(door.session, &mechanism, public, 1, private, 3, &keys[0],
                                      &keys[1]));
}

static void peers_point_is_taken_raw_and_wrapped(CK_MECHANISM_TYPE generate, const CK_BYTE *oid,
                                                 CK_ULONG oid_size) {
    CK_OBJECT_HANDLE a[2], b[2];
    CK_BYTE point[200], raw[32], wrapped[32], other[32];
    make_agreement_pair(generate, oid, oid_size, a);
    make_agreement_pair(generate, oid, oid_size, b);
    CK_ATTRIBUTE read = {CKA_EC_POINT, point, sizeof(point)};
    CK_ECDH1_DERIVE_PARAMS p = {CKD_NULL, 0, NULL, 0, point};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &p, sizeof(p)};
    door_ok(door.f->C_GetAttributeValue(door.session, b[0], &read, 1));
    p.ulPublicDataLen = read.ulValueLen;
    door_ok(derive(&mechanism, a[1], wrapped, 32));
    CK_ULONG header = point[1] == 0x81 ? 3 : 2;
    p.pPublicData = point + header;
    p.ulPublicDataLen = read.ulValueLen - header;
    door_ok(derive(&mechanism, a[1], raw, 32));
    assert_memory_equal(raw, wrapped, 32);
    read.ulValueLen = sizeof(point);
    door_ok(door.f->C_GetAttributeValue(door.session, a[0], &read, 1));
    p.ulPublicDataLen = read.ulValueLen - header;
    door_ok(derive(&mechanism, b[1], other, 32));
    assert_memory_equal(raw, other, 32);
    p.ulPublicDataLen--;
    assert_int_not_equal(derive(&mechanism, b[1], other, 32), CKR_OK);
}

static void ecdh_and_x25519_agree_with_raw_and_wrapped_points(void **state) {
    (void)state;
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const CK_BYTE p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
    static const CK_BYTE x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};
    peers_point_is_taken_raw_and_wrapped(CKM_EC_KEY_PAIR_GEN, p256, sizeof(p256));
    peers_point_is_taken_raw_and_wrapped(CKM_EC_KEY_PAIR_GEN, p521, sizeof(p521));
    peers_point_is_taken_raw_and_wrapped(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, x25519, sizeof(x25519));
}

/* RFC 5869, appendix A.1. */
static void hkdf_gives_the_published_values(void **state) {
    (void)state;
    static const CK_BYTE okm[42] = {
        0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36,
        0x2f, 0x2a, 0x2d, 0x2d, 0x0a, 0x90, 0xcf, 0x1a, 0x5a, 0x4c, 0x5d, 0xb0, 0x2d, 0x56,
        0xec, 0xc4, 0xc5, 0xbf, 0x34, 0x00, 0x72, 0x08, 0xd5, 0xb8, 0x87, 0x18, 0x58, 0x65};
    CK_BYTE ikm[22], salt[13], info[10], made[42];
    memset(ikm, 0x0b, sizeof(ikm));
    for (CK_BYTE i = 0; i < 13; i++) {
        salt[i] = i;
    }
    for (CK_BYTE i = 0; i < 10; i++) {
        info[i] = (CK_BYTE)(0xf0 + i);
    }
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, secret), ATTR(CKA_KEY_TYPE, generic),
                               ATTR(CKA_DERIVE, door_yes), {CKA_VALUE, ikm, sizeof(ikm)},
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes)};
    CK_HKDF_PARAMS p = {.bExtract = CK_TRUE, .bExpand = CK_TRUE, .prfHashMechanism = CKM_SHA256,
                        .ulSaltType = CKF_HKDF_SALT_DATA, .pSalt = salt, .ulSaltLen = 13,
                        .pInfo = info, .ulInfoLen = 10};
    CK_MECHANISM mechanism = {CKM_HKDF_DERIVE, &p, sizeof(p)};
    CK_OBJECT_HANDLE base = 0;
    door_ok(door.f->C_CreateObject(door.session, template, COUNT(template), &base));
    door_ok(derive(&mechanism, base, made, sizeof(made)));
    assert_memory_equal(made, okm, sizeof(okm));
    p.ulSaltType = 9;
    door_is(derive(&mechanism, base, made, sizeof(made)), CKR_MECHANISM_PARAM_INVALID);
    p.ulSaltType = CKF_HKDF_SALT_NULL;
    p.prfHashMechanism = CKM_SHA256_HMAC;
    door_is(derive(&mechanism, base, made, sizeof(made)), CKR_MECHANISM_PARAM_INVALID);
}

static void kbkdf_takes_the_one_layout_the_module_builds(void **state) {
    (void)state;
    CK_BYTE zero = 0, made[32], again[32];
    CK_SP800_108_COUNTER_FORMAT counter = {CK_FALSE, 32};
    CK_SP800_108_DKM_LENGTH_FORMAT length = {CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS, CK_FALSE, 32};
    CK_PRF_DATA_PARAM fields[] = {{CK_SP800_108_ITERATION_VARIABLE, &counter, sizeof(counter)},
                                  {CK_SP800_108_BYTE_ARRAY, "label", 5},
                                  {CK_SP800_108_BYTE_ARRAY, &zero, 1},
                                  {CK_SP800_108_BYTE_ARRAY, "context", 7},
                                  {CK_SP800_108_DKM_LENGTH, &length, sizeof(length)}};
    CK_SP800_108_KDF_PARAMS p = {CKM_SHA256_HMAC, 5, fields, 0, NULL};
    CK_MECHANISM mechanism = {CKM_SP800_108_COUNTER_KDF, &p, sizeof(p)};
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, secret), ATTR(CKA_KEY_TYPE, generic),
                               ATTR(CKA_DERIVE, door_yes), {CKA_VALUE, made, sizeof(made)},
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes)};
    CK_OBJECT_HANDLE base = 0;
    memset(made, 5, sizeof(made));
    door_ok(door.f->C_CreateObject(door.session, template, COUNT(template), &base));
    door_ok(derive(&mechanism, base, made, sizeof(made)));
    fields[3].pValue = "Context";
    door_ok(derive(&mechanism, base, again, sizeof(again)));
    assert_memory_not_equal(made, again, sizeof(made));
    counter.ulWidthInBits = 16;
    door_is(derive(&mechanism, base, again, 32), CKR_MECHANISM_PARAM_INVALID);
    counter.ulWidthInBits = 32;
    zero = 1;
    door_is(derive(&mechanism, base, again, 32), CKR_MECHANISM_PARAM_INVALID);
    zero = 0;
    p.ulNumberOfDataParams = 4;
    door_is(derive(&mechanism, base, again, 32), CKR_MECHANISM_PARAM_INVALID);
    p.ulNumberOfDataParams = (CK_ULONG)-1;
    door_is(derive(&mechanism, base, again, 32), CKR_MECHANISM_PARAM_INVALID);
}

static void rsa_parameters_are_read(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[20] = {1}, out[256], back[256];
    CK_ULONG size = sizeof(out), back_size = sizeof(back);
    CK_RSA_PKCS_PSS_PARAMS pss = {CKM_SHA256, CKG_MGF1_SHA256, 32};
    CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, "label", 5};
    CK_MECHANISM sha_pss = {CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof(pss)};
    CK_MECHANISM encrypt = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};
    door_rsa_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &sha_pss, private));
    door_ok(door.f->C_Sign(door.session, data, sizeof(data), out, &size));
    door_ok(door.f->C_VerifyInit(door.session, &sha_pss, public));
    door_ok(door.f->C_Verify(door.session, data, sizeof(data), out, size));
    pss.hashAlg = CKM_SHA384;
    door_is(door.f->C_SignInit(door.session, &sha_pss, private), CKR_MECHANISM_PARAM_INVALID);
    pss.hashAlg = CKM_SHA256;
    pss.mgf = 77;
    door_is(door.f->C_SignInit(door.session, &sha_pss, private), CKR_MECHANISM_PARAM_INVALID);
    door_ok(door.f->C_EncryptInit(door.session, &encrypt, public));
    door_ok(door.f->C_Encrypt(door.session, data, sizeof(data), out, &size));
    door_ok(door.f->C_DecryptInit(door.session, &encrypt, private));
    door_ok(door.f->C_Decrypt(door.session, out, size, back, &back_size));
    assert_int_equal(back_size, sizeof(data));
    assert_memory_equal(back, data, sizeof(data));
    oaep.pSourceData = "other";
    door_ok(door.f->C_DecryptInit(door.session, &encrypt, private));
    assert_int_not_equal(door.f->C_Decrypt(door.session, out, size, back, &back_size), CKR_OK);
    oaep.source = 0;
    door_is(door.f->C_DecryptInit(door.session, &encrypt, private), CKR_MECHANISM_PARAM_INVALID);
}

static void key_travels_with_its_attributes(void **state) {
    (void)state;
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0};
    CK_MECHANISM wrap = {CKM_EDGEHSM_WRAP_WITH_ATTRIBUTES, "bound", 5};
    CK_ULONG size = 32, wrapped_size = 0;
    CK_ATTRIBUTE outer[] = {ATTR(CKA_VALUE_LEN, size), ATTR(CKA_WRAP, door_yes),
                            ATTR(CKA_UNWRAP, door_yes), ATTR(CKA_SENSITIVE, door_yes),
                            ATTR(CKA_EXTRACTABLE, door_no)};
    CK_ATTRIBUTE inner[] = {ATTR(CKA_VALUE_LEN, size), ATTR(CKA_ENCRYPT, door_yes),
                            ATTR(CKA_SENSITIVE, door_yes), ATTR(CKA_EXTRACTABLE, door_yes),
                            {CKA_LABEL, "traveller", 9}};
    CK_OBJECT_HANDLE by = 0, key = 0, back = 0;
    CK_BYTE wrapped[2048], label[16];
    door_ok(door.f->C_GenerateKey(door.session, &generate, outer, COUNT(outer), &by));
    door_ok(door.f->C_GenerateKey(door.session, &generate, inner, COUNT(inner), &key));
    door_ok(door.f->C_WrapKey(door.session, &wrap, by, key, NULL, &wrapped_size));
    CK_ULONG short_size = wrapped_size - 1;
    door_is(door.f->C_WrapKey(door.session, &wrap, by, key, wrapped, &short_size),
            CKR_BUFFER_TOO_SMALL);
    assert_int_equal(short_size, wrapped_size);
    door_ok(door.f->C_WrapKey(door.session, &wrap, by, key, wrapped, &wrapped_size));
    door_ok(door.f->C_UnwrapKey(door.session, &wrap, by, wrapped, wrapped_size, NULL, 0, &back));
    CK_ATTRIBUTE read = {CKA_LABEL, label, sizeof(label)};
    door_ok(door.f->C_GetAttributeValue(door.session, back, &read, 1));
    assert_int_equal(read.ulValueLen, 9);
    assert_memory_equal(label, "traveller", 9);
    wrap.pParameter = "other";
    door_is(door.f->C_UnwrapKey(door.session, &wrap, by, wrapped, wrapped_size, NULL, 0, &back),
            CKR_WRAPPED_KEY_INVALID);
    wrap.pParameter = "bound";
    door_is(door.f->C_UnwrapKey(door.session, &wrap, 77, wrapped, wrapped_size, NULL, 0, &back),
            CKR_UNWRAPPING_KEY_HANDLE_INVALID);
}

static void statuses_become_the_results_of_the_table(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[3] = "abc", signature[64];
    static const struct {
        enum status status;
        CK_RV rv;
    } expected[] = {{STATUS_BUSY, CKR_FUNCTION_REJECTED},
                    {STATUS_LOG_FULL, CKR_DEVICE_MEMORY},
                    {STATUS_ERROR_STATE, CKR_DEVICE_ERROR},
                    {STATUS_ZEROIZED, CKR_DEVICE_ERROR},
                    {STATUS_CONFIRM_LOGIN, CKR_USER_NOT_LOGGED_IN},
                    {STATUS_KEY_INVALID, CKR_KEY_HANDLE_INVALID},
                    {STATUS_SESSION_INVALID, CKR_SESSION_HANDLE_INVALID},
                    {STATUS_BAD_FRAME, CKR_DEVICE_ERROR}};
    door_ec_pair(&public, &private);
    for (size_t i = 0; i < COUNT(expected); i++) {
        CK_ULONG size = sizeof(signature);
        door_ok(door.f->C_SignInit(door.session, &ecdsa, private));
        door_client_answer(COMMAND_sign, expected[i].status);
        door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, &size),
                expected[i].rv);
    }
    sign(private);
}

static void sessions_end_with_the_module_and_new_ones_open(void **state) {
    (void)state;
    CK_SESSION_INFO info;
    CK_SESSION_HANDLE fresh = 0;
    door_client_kill();
    door_is(door.f->C_GetSessionInfo(door.session, &info), CKR_DEVICE_REMOVED);
    door_is(door.f->C_GetSessionInfo(door.session, &info), CKR_DEVICE_REMOVED);
    door_is(door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION, NULL, NULL, &fresh),
            CKR_DEVICE_REMOVED);
    door_client_restart();
    fresh = door_session(0);
    assert_int_not_equal(fresh, door.session);
    door_ok(door.f->C_GetSessionInfo(fresh, &info));
    assert_int_equal(info.state, CKS_RO_PUBLIC_SESSION);
    door_is(door.f->C_GetSessionInfo(door.session, &info), CKR_SESSION_HANDLE_INVALID);
    door_is(door.f->C_CloseSession(door.session), CKR_SESSION_HANDLE_INVALID);
    door_ok(door.f->C_CloseSession(fresh));
}

static void module_that_is_away_is_an_empty_slot(void **state) {
    (void)state;
    CK_SLOT_ID slots[4];
    CK_ULONG count = COUNT(slots);
    CK_SLOT_INFO slot;
    CK_TOKEN_INFO token;
    CK_BYTE bytes[8];
    door_client_kill();
    door_ok(door.f->C_GetSlotList(CK_TRUE, slots, &count));
    assert_int_equal(count, 0);
    count = COUNT(slots);
    door_ok(door.f->C_GetSlotList(CK_FALSE, slots, &count));
    assert_int_equal(count, 1);
    door_ok(door.f->C_GetSlotInfo(slots[0], &slot));
    assert_int_equal(slot.flags & CKF_TOKEN_PRESENT, 0);
    assert_non_null(strstr((char *)slot.slotDescription, "edgehsm doctor"));
    door_is(door.f->C_GetTokenInfo(slots[0], &token), CKR_TOKEN_NOT_PRESENT);
    door_is(door.f->C_GetMechanismList(slots[0], NULL, &count), CKR_TOKEN_NOT_PRESENT);
    door_is(door.f->C_GenerateRandom(door.session, bytes, 8), CKR_DEVICE_REMOVED);
    door_ok(door.f->C_CloseSession(door.session));
    door_ok(door.f->C_CloseAllSessions(door.slot));
    door_client_restart();
    count = COUNT(slots);
    door_ok(door.f->C_GetSlotList(CK_TRUE, slots, &count));
    assert_int_equal(count, 2); /* the token, and one slot to make another in */
}

static void dead_sessions_make_room_for_new_ones(void **state) {
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 60; i++) {
            (void)door_session(0);
        }
        door_client_kill();
        door_client_restart();
    }
    (void)door_session(0);
}

static void session_table_is_bounded(void **state) {
    (void)state;
    CK_SESSION_HANDLE made[100];
    size_t count = 0;
    CK_RV rv = CKR_OK;
    while (rv == CKR_OK && count < COUNT(made)) {
        rv = door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION, NULL, NULL, &made[count]);
        count += rv == CKR_OK ? 1 : 0;
    }
    door_is(rv, CKR_SESSION_COUNT);
    door_ok(door.f->C_CloseSession(made[0]));
    CK_SESSION_HANDLE again = door_session(0);
    assert_int_not_equal(again, made[0]);
    door_is(door.f->C_CloseSession(made[0]), CKR_SESSION_HANDLE_INVALID);
    door_ok(door.f->C_CloseAllSessions(door.slot));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(init_and_sign_cost_one_round_trip),
        STORY(parts_cost_one_round_trip_too),
        STORY(module_is_asked_again_after_anything_that_may_matter),
        STORY(zero_iv_is_made_by_the_module_where_the_token_is_strict),
        STORY(made_iv_of_a_message_in_parts_comes_back_too),
        STORY(short_form_of_gcm_parameters_is_read),
        STORY(parameters_are_copied),
        STORY(ecdh_and_x25519_agree_with_raw_and_wrapped_points),
        STORY(hkdf_gives_the_published_values),
        STORY(kbkdf_takes_the_one_layout_the_module_builds),
        STORY(rsa_parameters_are_read),
        STORY(key_travels_with_its_attributes),
        STORY(statuses_become_the_results_of_the_table),
        STORY(sessions_end_with_the_module_and_new_ones_open),
        STORY(module_that_is_away_is_an_empty_slot),
        STORY(dead_sessions_make_room_for_new_ones),
        STORY(session_table_is_bounded),
    };
    return cmocka_run_group_tests_name("door_translation", tests, door_begin, door_finish);
}
