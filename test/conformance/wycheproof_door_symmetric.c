/* SPDX-License-Identifier: Apache-2.0 */
/* Judges of symmetric algorithms that ask the door. */
#include "test/conformance/wycheproof_door.h"

static uint8_t room[1 << 17];

static struct bytes join(struct bytes a, struct bytes b) {
    static uint8_t joined[1 << 17];
    bytes_copy(joined, a);
    bytes_copy(joined + a.size, b);
    return bytes_of(joined, a.size + b.size);
}

/* ---- encryption: both ways ---- */

static enum verdict encrypts_to(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes plain,
                                struct bytes cipher) {
    CK_ULONG size = sizeof(room);
    CK_RV rv = door.f->C_EncryptInit(door.session, mechanism, key);
    if (rv == CKR_OK) {
        rv = door.f->C_Encrypt(door.session, (CK_BYTE *)(uintptr_t)plain.data, plain.size, room,
                               &size);
    }
    return rv == CKR_OK ? vector_compare((struct span){room, size}, cipher)
                        : judge_unexpected("C_Encrypt", rv);
}

static enum verdict judge_cipher(const struct vector *vector, CK_MECHANISM *mechanism,
                                 struct bytes cipher) {
    struct bytes plain = vector_bytes(vector->test, "msg");
    CK_OBJECT_HANDLE key = judge_import_secret(CKK_AES, vector_bytes(vector->test, "key"),
                                               CKA_ENCRYPT, CKA_DECRYPT);
    if (key == 0) {
        return REFUSED;
    }
    enum verdict verdict = judge_decryption(key, mechanism, cipher, plain);
    if (verdict == ACCEPTED) {
        verdict = encrypts_to(key, mechanism, plain, cipher);
    }
    judge_forget(key);
    return verdict;
}

static struct bytes cipher_and_tag(const struct vector *vector) {
    return join(vector_bytes(vector->test, "ct"), vector_bytes(vector->test, "tag"));
}

enum verdict judge_gcm(const struct vector *vector) {
    size_t iv_bits = vector_number(vector->group, "ivSize");
    size_t tag_bits = vector_number(vector->group, "tagSize");
    struct bytes iv = vector_bytes(vector->test, "iv"), aad = vector_bytes(vector->test, "aad");
    CK_GCM_PARAMS params = {(CK_BYTE *)(uintptr_t)iv.data, iv.size, iv_bits,
                            (CK_BYTE *)(uintptr_t)aad.data, aad.size, tag_bits};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &params, sizeof(params)};
    enum verdict verdict = judge_cipher(vector, &mechanism, cipher_and_tag(vector));
    if (verdict == REFUSED && (tag_bits != 96 && tag_bits != 128)) {
        return vector_not_ours("tags of less than 96 bits");
    }
    return verdict == REFUSED && (iv_bits < 8 || iv_bits > 1024)
               ? vector_not_ours("IVs that are empty or longer than 128 bytes")
               : verdict;
}

enum verdict judge_ccm(const struct vector *vector) {
    size_t tag_bits = vector_number(vector->group, "tagSize");
    struct bytes iv = vector_bytes(vector->test, "iv"), aad = vector_bytes(vector->test, "aad");
    CK_CCM_PARAMS params = {vector_bytes(vector->test, "ct").size,
                            (CK_BYTE *)(uintptr_t)iv.data, iv.size,
                            (CK_BYTE *)(uintptr_t)aad.data, aad.size, tag_bits / 8};
    CK_MECHANISM mechanism = {CKM_AES_CCM, &params, sizeof(params)};
    enum verdict verdict = judge_cipher(vector, &mechanism, cipher_and_tag(vector));
    return verdict == REFUSED && tag_bits < 64 ? vector_not_ours("tags of less than 64 bits")
                                               : verdict;
}

enum verdict judge_cbc(const struct vector *vector) {
    struct bytes iv = vector_bytes(vector->test, "iv");
    CK_MECHANISM mechanism = {CKM_AES_CBC_PAD, (void *)(uintptr_t)iv.data, iv.size};
    return judge_cipher(vector, &mechanism, vector_bytes(vector->test, "ct"));
}

/* ---- wrapping: a generic secret comes in, and goes out again the same ---- */

static enum verdict wraps_to(CK_OBJECT_HANDLE by, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
                             struct bytes wrapped) {
    CK_ULONG size = sizeof(room);
    CK_RV rv = door.f->C_WrapKey(door.session, mechanism, by, key, room, &size);
    return rv == CKR_OK ? vector_compare((struct span){room, size}, wrapped)
                        : judge_unexpected("C_WrapKey", rv);
}

static enum verdict unwrap(const struct vector *vector, CK_MECHANISM *mechanism,
                           CK_OBJECT_HANDLE by) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_OBJECT_HANDLE key = 0;
    struct bytes wrapped = vector_bytes(vector->test, "ct");
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes)};
    CK_RV rv = door.f->C_UnwrapKey(door.session, mechanism, by, (CK_BYTE *)(uintptr_t)wrapped.data,
                                   wrapped.size, template, COUNT(template), &key);
    if (rv != CKR_OK) {
        return rv == CKR_WRAPPED_KEY_INVALID || rv == CKR_WRAPPED_KEY_LEN_RANGE
                   ? REFUSED
                   : judge_unexpected("C_UnwrapKey", rv);
    }
    enum verdict verdict = judge_value(key, vector_bytes(vector->test, "msg"));
    if (verdict == ACCEPTED) {
        verdict = wraps_to(by, mechanism, key, wrapped);
    }
    judge_forget(key);
    return verdict;
}

static enum verdict judge_wrap(const struct vector *vector, CK_MECHANISM_TYPE type) {
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_OBJECT_HANDLE by = judge_import_secret(CKK_AES, vector_bytes(vector->test, "key"), CKA_WRAP,
                                              CKA_UNWRAP);
    if (by == 0) {
        return REFUSED;
    }
    enum verdict verdict = unwrap(vector, &mechanism, by);
    judge_forget(by);
    return verdict;
}

enum verdict judge_kw(const struct vector *vector) {
    return judge_wrap(vector, CKM_AES_KEY_WRAP);
}

enum verdict judge_kwp(const struct vector *vector) {
    return judge_wrap(vector, CKM_AES_KEY_WRAP_KWP);
}

/* ---- MACs ---- */

static enum verdict signs_to(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes message,
                             struct bytes tag) {
    CK_ULONG size = sizeof(room);
    CK_RV rv = door.f->C_SignInit(door.session, mechanism, key);
    if (rv == CKR_OK) {
        rv = door.f->C_Sign(door.session, (CK_BYTE *)(uintptr_t)message.data, message.size, room,
                            &size);
    }
    return rv == CKR_OK ? vector_compare((struct span){room, size}, tag)
                        : judge_unexpected("C_Sign", rv);
}

static enum verdict judge_mac(const struct vector *vector, CK_KEY_TYPE type,
                              CK_MECHANISM_TYPE algorithm) {
    CK_MAC_GENERAL_PARAMS size = vector_number(vector->group, "tagSize") / 8;
    CK_MECHANISM mechanism = {algorithm, &size, sizeof(size)};
    struct bytes message = vector_bytes(vector->test, "msg");
    struct bytes tag = vector_bytes(vector->test, "tag");
    CK_OBJECT_HANDLE key = judge_import_secret(type, vector_bytes(vector->test, "key"), CKA_SIGN,
                                               CKA_VERIFY);
    if (key == 0) {
        return REFUSED;
    }
    enum verdict verdict = judge_signature(key, &mechanism, message, tag);
    if (verdict == ACCEPTED) {
        verdict = signs_to(key, &mechanism, message, tag);
    }
    judge_forget(key);
    return verdict;
}

enum verdict judge_hmac_sha256(const struct vector *vector) {
    return judge_mac(vector, CKK_GENERIC_SECRET, CKM_SHA256_HMAC_GENERAL);
}

enum verdict judge_hmac_sha384(const struct vector *vector) {
    return judge_mac(vector, CKK_GENERIC_SECRET, CKM_SHA384_HMAC_GENERAL);
}

enum verdict judge_hmac_sha512(const struct vector *vector) {
    return judge_mac(vector, CKK_GENERIC_SECRET, CKM_SHA512_HMAC_GENERAL);
}

enum verdict judge_cmac(const struct vector *vector) {
    return judge_mac(vector, CKK_AES, CKM_AES_CMAC_GENERAL);
}

/* ---- derivation ---- */

static enum verdict derive(CK_OBJECT_HANDLE base, CK_MECHANISM *mechanism, CK_ULONG size,
                           struct bytes expected) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_OBJECT_HANDLE key = 0;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes),
                               ATTR(CKA_VALUE_LEN, size)};
    CK_RV rv = door.f->C_DeriveKey(door.session, mechanism, base, template, COUNT(template), &key);
    if (rv != CKR_OK) {
        return rv == CKR_DATA_LEN_RANGE ? REFUSED : judge_unexpected("C_DeriveKey", rv);
    }
    enum verdict verdict = judge_value(key, expected);
    judge_forget(key);
    return verdict;
}

enum { DERIVED_MAX = 4096, HKDF_BLOCKS_MAX = 255 };

static enum verdict judge_hkdf(const struct vector *vector, CK_MECHANISM_TYPE hash,
                               size_t hash_size) {
    size_t size = vector_number(vector->test, "size");
    struct bytes salt = vector_bytes(vector->test, "salt");
    struct bytes info = vector_bytes(vector->test, "info");
    CK_HKDF_PARAMS params = {.bExtract = CK_TRUE,
                             .bExpand = CK_TRUE,
                             .prfHashMechanism = hash,
                             .ulSaltType = salt.size > 0 ? CKF_HKDF_SALT_DATA : CKF_HKDF_SALT_NULL,
                             .pSalt = salt.size > 0 ? (CK_BYTE *)(uintptr_t)salt.data : NULL,
                             .ulSaltLen = salt.size,
                             .pInfo = (CK_BYTE *)(uintptr_t)info.data,
                             .ulInfoLen = info.size};
    CK_MECHANISM mechanism = {CKM_HKDF_DERIVE, &params, sizeof(params)};
    CK_OBJECT_HANDLE base = judge_import_secret(
        CKK_GENERIC_SECRET, vector_bytes(vector->test, "ikm"), CKA_DERIVE, CKA_DERIVE);
    if (base == 0) {
        return REFUSED;
    }
    enum verdict verdict = derive(base, &mechanism, size, vector_bytes(vector->test, "okm"));
    judge_forget(base);
    return verdict == REFUSED && size > DERIVED_MAX && size <= HKDF_BLOCKS_MAX * hash_size
               ? vector_not_ours("keys of more than 4096 bytes")
               : verdict;
}

enum verdict judge_hkdf_sha256(const struct vector *vector) {
    return judge_hkdf(vector, CKM_SHA256, 32);
}

enum verdict judge_hkdf_sha384(const struct vector *vector) {
    return judge_hkdf(vector, CKM_SHA384, 48);
}
