/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks through mechanisms: derivation byte by byte, padding oracles, invalid curves, repeated
 * IVs. */
#include "test/attack/attack.h"

#include <string.h>

/* ---- derivation ---- */

static CK_OBJECT_HANDLE derive_readable(struct target *target, CK_MECHANISM *mechanism,
                                        CK_OBJECT_HANDLE base, CK_ULONG size) {
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
    attributes_number(&attributes, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    attributes_flag(&attributes, CKA_SENSITIVE, false);
    attributes_flag(&attributes, CKA_EXTRACTABLE, true);
    attributes_number(&attributes, CKA_VALUE_LEN, size);
    CK_RV rv = target->p11->C_DeriveKey(target->session, mechanism, base, attributes.list,
                                        attributes.count, &key);
    return rv == CKR_OK ? key : 0;
}

static enum outcome derives(struct target *target, CK_MECHANISM_TYPE type, void *parameter,
                            CK_ULONG parameter_size, CK_ULONG size) {
    if (!has_mechanism(target, type, CKF_DERIVE)) {
        return ABSENT;
    }
    CK_MECHANISM mechanism = {type, parameter, parameter_size};
    CK_OBJECT_HANDLE base = make_aes(target, 32, true, false, USAGE(CKA_DERIVE));
    CK_OBJECT_HANDLE child = base != 0 ? derive_readable(target, &mechanism, base, size) : 0;
    bool works = can_read(target, child);
    destroy(target, child);
    destroy(target, base);
    return works ? WORKS : REFUSED;
}

static enum outcome derive_by_encryption(struct target *target) {
    static CK_BYTE data[16] = {1};
    CK_KEY_DERIVATION_STRING_DATA parameter = {data, sizeof(data)};
    return derives(target, CKM_AES_ECB_ENCRYPT_DATA, &parameter, sizeof(parameter), 16);
}

static enum outcome derive_base_and_data(struct target *target) {
    static CK_BYTE data[1] = {1};
    CK_KEY_DERIVATION_STRING_DATA parameter = {data, sizeof(data)};
    return derives(target, CKM_CONCATENATE_BASE_AND_DATA, &parameter, sizeof(parameter), 33);
}

static enum outcome derive_data_and_base(struct target *target) {
    static CK_BYTE data[1] = {1};
    CK_KEY_DERIVATION_STRING_DATA parameter = {data, sizeof(data)};
    return derives(target, CKM_CONCATENATE_DATA_AND_BASE, &parameter, sizeof(parameter), 33);
}

static enum outcome derive_xor(struct target *target) {
    static CK_BYTE data[32];
    CK_KEY_DERIVATION_STRING_DATA parameter = {data, sizeof(data)};
    return derives(target, CKM_XOR_BASE_AND_DATA, &parameter, sizeof(parameter), 32);
}

static enum outcome derive_extract(struct target *target) {
    CK_EXTRACT_PARAMS first_bit = 0;
    return derives(target, CKM_EXTRACT_KEY_FROM_KEY, &first_bit, sizeof(first_bit), 1);
}

static enum outcome derive_base_and_key(struct target *target) {
    CK_OBJECT_HANDLE other = make_aes(target, 16, true, false, USAGE(CKA_DERIVE));
    enum outcome outcome = derives(target, CKM_CONCATENATE_BASE_AND_KEY, &other, sizeof(other), 48);
    destroy(target, other);
    return outcome;
}

/* ---- RSA padding ---- */

static CK_RV decrypt_code(struct target *target, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
                          const CK_BYTE *block) {
    CK_BYTE out[512];
    CK_ULONG size = sizeof(out);
    if (target->p11->C_DecryptInit(target->session, mechanism, key) != CKR_OK) {
        return CKR_MECHANISM_INVALID;
    }
    return target->p11->C_Decrypt(target->session, (CK_BYTE_PTR)(size_t)block, 256, out, &size);
}

/* Random blocks are badly padded, a block made with the public key well: the answers must not
 * differ. With implicit rejection both succeed. */
static enum outcome bleichenbacher(struct target *target) {
    CK_OBJECT_HANDLE pub = 0;
    CK_OBJECT_HANDLE priv = 0;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    if (!has_mechanism(target, CKM_RSA_PKCS, CKF_DECRYPT)) {
        return ABSENT;
    }
    if (!make_rsa(target, USAGE(CKA_ENCRYPT), USAGE(CKA_DECRYPT), &pub, &priv)) {
        return REFUSED;
    }
    CK_BYTE good[256];
    CK_ULONG size = sizeof(good);
    CK_BYTE message[16] = {1};
    bool made =
        target->p11->C_EncryptInit(target->session, &mechanism, pub) == CKR_OK &&
        target->p11->C_Encrypt(target->session, message, sizeof(message), good, &size) == CKR_OK;
    bool differs = false;
    for (CK_BYTE i = 1; made && i < 40; i++) {
        CK_BYTE bad[256];
        memset(bad, i, sizeof(bad));
        bad[0] = 0;
        CK_RV rv = decrypt_code(target, &mechanism, priv, bad);
        differs = differs || rv != decrypt_code(target, &mechanism, priv, good);
    }
    destroy(target, pub);
    destroy(target, priv);
    return !made ? REFUSED : differs ? WORKS : REFUSED;
}

/* OAEP: whether the first byte is wrong must not be told from a wrong label hash (Manger 2001). */
static enum outcome manger(struct target *target) {
    CK_OBJECT_HANDLE pub = 0;
    CK_OBJECT_HANDLE priv = 0;
    CK_RSA_PKCS_OAEP_PARAMS oaep = {CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};
    if (!make_rsa(target, USAGE(CKA_ENCRYPT), USAGE(CKA_DECRYPT), &pub, &priv)) {
        return ABSENT;
    }
    bool differs = false;
    CK_RV first = CKR_OK;
    for (CK_BYTE i = 1; i < 60; i++) {
        CK_BYTE block[256];
        memset(block, i, sizeof(block));
        block[0] = 0;
        CK_RV rv = decrypt_code(target, &mechanism, priv, block);
        first = i == 1 ? rv : first;
        differs = differs || rv != first || rv == CKR_OK;
    }
    destroy(target, pub);
    destroy(target, priv);
    return differs ? WORKS : REFUSED;
}

/* ---- curves ---- */

static bool derives_with_point(struct target *target, CK_OBJECT_HANDLE priv, const CK_BYTE *point,
                               CK_ULONG size) {
    CK_ECDH1_DERIVE_PARAMS ecdh = {CKD_NULL, 0, NULL, size, (CK_BYTE_PTR)(size_t)point};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &ecdh, sizeof(ecdh)};
    CK_OBJECT_HANDLE child = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
    attributes_number(&attributes, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
    attributes_number(&attributes, CKA_VALUE_LEN, 32);
    CK_RV rv = target->p11->C_DeriveKey(target->session, &mechanism, priv, attributes.list,
                                        attributes.count, &child);
    destroy(target, child);
    return rv == CKR_OK;
}

static enum outcome invalid_points(struct target *target) {
    CK_OBJECT_HANDLE pub = 0;
    CK_OBJECT_HANDLE priv = 0;
    CK_BYTE point[65] = {4};
    if (!make_ec(target, &pub, &priv)) {
        return ABSENT;
    }
    bool works = false;
    memset(point + 1, 0x11, 64);
    works = works || derives_with_point(target, priv, point, sizeof(point)); /* not on the curve */
    memset(point + 1, 0, 64);
    works = works || derives_with_point(target, priv, point, sizeof(point)); /* zero */
    memset(point + 1, 0xff, 64);
    works = works || derives_with_point(target, priv, point, sizeof(point)); /* above the prime */
    works = works || derives_with_point(target, priv, point, 1);             /* infinity */
    works = works || derives_with_point(target, priv, point, 0);
    works = works || derives_with_point(target, priv, point, 64); /* one byte short */
    destroy(target, pub);
    destroy(target, priv);
    return works ? WORKS : REFUSED;
}

/* ---- AES-GCM ---- */

static CK_RV gcm(struct target *target, CK_OBJECT_HANDLE key, CK_ULONG tag_bits, CK_BYTE fill) {
    CK_BYTE iv[12];
    CK_BYTE in[16] = {1};
    CK_BYTE out[64];
    CK_ULONG size = sizeof(out);
    memset(iv, fill, sizeof(iv));
    CK_GCM_PARAMS parameters = {iv, sizeof(iv), 96, NULL, 0, tag_bits};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &parameters, sizeof(parameters)};
    CK_RV rv = target->p11->C_EncryptInit(target->session, &mechanism, key);
    return rv != CKR_OK ? rv : target->p11->C_Encrypt(target->session, in, sizeof(in), out, &size);
}

static enum outcome repeated_iv(struct target *target) {
    if (!has_mechanism(target, CKM_AES_GCM, CKF_ENCRYPT)) {
        return ABSENT;
    }
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = gcm(target, key, 128, 7) == CKR_OK && gcm(target, key, 128, 7) == CKR_OK;
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome short_tag(struct target *target) {
    if (!has_mechanism(target, CKM_AES_GCM, CKF_ENCRYPT)) {
        return ABSENT;
    }
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = gcm(target, key, 32, 0) == CKR_OK;
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

/* The padding of a CBC message must not be an oracle. */
static enum outcome vaudenay(struct target *target) {
    static CK_BYTE iv[16];
    CK_MECHANISM mechanism = {CKM_AES_CBC_PAD, iv, sizeof(iv)};
    if (!has_mechanism(target, CKM_AES_CBC_PAD, CKF_DECRYPT)) {
        return ABSENT;
    }
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_RV first = CKR_OK;
    bool differs = false;
    for (int i = 0; key != 0 && i < 600; i++) {
        CK_BYTE block[16] = {(CK_BYTE)i, (CK_BYTE)(i >> 8)};
        CK_BYTE out[32];
        CK_ULONG size = sizeof(out);
        CK_RV rv = target->p11->C_DecryptInit(target->session, &mechanism, key);
        if (rv == CKR_OK) {
            rv = target->p11->C_Decrypt(target->session, block, sizeof(block), out, &size);
        }
        first = i == 0 ? rv : first;
        differs = differs || rv != first;
    }
    destroy(target, key);
    return differs ? WORKS : REFUSED;
}

const struct attack mechanism_attacks[] = {
    {"D1", "derive a readable key by encrypting data (AES_ECB_ENCRYPT_DATA)", derive_by_encryption},
    {"D2", "the same by CONCATENATE_BASE_AND_DATA", derive_base_and_data},
    {"D3", "the same by CONCATENATE_DATA_AND_BASE", derive_data_and_base},
    {"D4", "the same by XOR_BASE_AND_DATA", derive_xor},
    {"D5", "the same by EXTRACT_KEY_FROM_KEY", derive_extract},
    {"D6", "the same by CONCATENATE_BASE_AND_KEY", derive_base_and_key},
    {"E1", "tell bad RSA PKCS #1 v1.5 padding from good (Bleichenbacher)", bleichenbacher},
    {"E1b", "tell faults of OAEP apart (Manger)", manger},
    {"E1c", "tell bad CBC padding from good (Vaudenay)", vaudenay},
    {"E2", "ECDH with points that are none", invalid_points},
    {"E3", "AES-GCM twice with one IV", repeated_iv},
    {"E4", "AES-GCM with a 32-bit tag (Ferguson)", short_tag},
};
const size_t mechanism_attack_count = sizeof(mechanism_attacks) / sizeof(mechanism_attacks[0]);
