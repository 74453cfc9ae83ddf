/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that take a key out by wrapping it (Clulow 2003; Delaune, Kremer, Steel 2008; Bortolozzo
 * et al. 2010). */
#include "test/attack/attack.h"

#include <string.h>

enum { BLOB_MAX = 1024 };

struct blob {
    CK_BYTE data[BLOB_MAX];
    CK_ULONG size;
};

static bool wrap(struct target *target, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE by,
                 CK_OBJECT_HANDLE key, struct blob *blob) {
    static CK_BYTE iv[16];
    bool with_iv = type == CKM_AES_CBC_PAD;
    CK_MECHANISM mechanism = {type, with_iv ? iv : NULL, with_iv ? sizeof(iv) : 0};
    blob->size = sizeof(blob->data);
    return by != 0 && key != 0 &&
           target->p11->C_WrapKey(target->session, &mechanism, by, key, blob->data, &blob->size) ==
               CKR_OK;
}

/* Unwraps the blob as a key that shows its value. */
static CK_OBJECT_HANDLE unwrap_readable(struct target *target, CK_MECHANISM_TYPE type,
                                        CK_OBJECT_HANDLE by, struct blob *blob) {
    static CK_BYTE iv[16];
    bool with_iv = type == CKM_AES_CBC_PAD;
    CK_MECHANISM mechanism = {type, with_iv ? iv : NULL, with_iv ? sizeof(iv) : 0};
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
    attributes_number(&attributes, CKA_KEY_TYPE, CKK_AES);
    attributes_flag(&attributes, CKA_SENSITIVE, false);
    attributes_flag(&attributes, CKA_EXTRACTABLE, true);
    CK_RV rv = target->p11->C_UnwrapKey(target->session, &mechanism, by, blob->data, blob->size,
                                        attributes.list, attributes.count, &key);
    return rv == CKR_OK ? key : 0;
}

static bool decrypts(struct target *target, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE by,
                     struct blob *blob) {
    static CK_BYTE iv[16];
    CK_MECHANISM mechanism = {type, type == CKM_AES_ECB ? NULL : iv,
                              type == CKM_AES_ECB ? 0 : sizeof(iv)};
    CK_BYTE out[BLOB_MAX];
    CK_ULONG size = sizeof(out);
    return target->p11->C_DecryptInit(target->session, &mechanism, by) == CKR_OK &&
           target->p11->C_Decrypt(target->session, blob->data, blob->size / 16 * 16, out, &size) ==
               CKR_OK;
}

static enum outcome wrap_then_decrypt(struct target *target) {
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    if (type == 0) {
        return ABSENT;
    }
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = make_aes(target, 32, true, false, USAGE(CKA_WRAP, CKA_DECRYPT));
    struct blob blob;
    bool works =
        wrap(target, type, by, victim, &blob) &&
        (decrypts(target, CKM_AES_ECB, by, &blob) || decrypts(target, CKM_AES_CBC, by, &blob));
    destroy(target, victim);
    destroy(target, by);
    return works ? WORKS : REFUSED;
}

static enum outcome wrap_decrypt_template(struct target *target) {
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, false, USAGE(CKA_WRAP, CKA_DECRYPT));
    destroy(target, key);
    return key != 0 ? WORKS : REFUSED;
}

static enum outcome rsa_wrap_then_decrypt(struct target *target) {
    CK_OBJECT_HANDLE pub = 0;
    CK_OBJECT_HANDLE priv = 0;
    if (!make_rsa(target, USAGE(CKA_WRAP, CKA_ENCRYPT), USAGE(CKA_UNWRAP, CKA_DECRYPT), &pub,
                  &priv)) {
        return REFUSED;
    }
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_MECHANISM mechanism = {CKM_RSA_PKCS, NULL, 0};
    CK_BYTE out[512];
    CK_ULONG size = sizeof(out);
    struct blob blob;
    bool works =
        wrap(target, CKM_RSA_PKCS, pub, victim, &blob) &&
        target->p11->C_DecryptInit(target->session, &mechanism, priv) == CKR_OK &&
        target->p11->C_Decrypt(target->session, blob.data, blob.size, out, &size) == CKR_OK;
    destroy(target, victim);
    destroy(target, pub);
    destroy(target, priv);
    return works ? WORKS : REFUSED;
}

static enum outcome rsa_all_purposes(struct target *target) {
    CK_OBJECT_HANDLE pub = 0;
    CK_OBJECT_HANDLE priv = 0;
    bool works = make_rsa(target, USAGE(CKA_VERIFY, CKA_ENCRYPT, CKA_WRAP),
                          USAGE(CKA_SIGN, CKA_DECRYPT, CKA_UNWRAP), &pub, &priv);
    if (works) {
        destroy(target, pub);
        destroy(target, priv);
    }
    return works ? WORKS : REFUSED;
}

static enum outcome wrap_under_known_key(struct target *target) {
    static const CK_BYTE known[32] = {1, 2, 3};
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = import_aes(target, known, sizeof(known), USAGE(CKA_WRAP));
    struct blob blob;
    bool works = type != 0 && wrap(target, type, by, victim, &blob);
    destroy(target, victim);
    destroy(target, by);
    return type == 0 ? ABSENT : works ? WORKS : REFUSED;
}

static enum outcome unwrap_as_readable(struct target *target) {
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = make_aes(target, 32, true, false, USAGE(CKA_WRAP, CKA_UNWRAP));
    struct blob blob;
    CK_OBJECT_HANDLE copy = 0;
    if (type != 0 && wrap(target, type, by, victim, &blob)) {
        copy = unwrap_readable(target, type, by, &blob);
    }
    bool works = can_read(target, copy);
    destroy(target, victim);
    destroy(target, by);
    destroy(target, copy);
    return type == 0 ? ABSENT : works ? WORKS : REFUSED;
}

static enum outcome encrypt_then_unwrap(struct target *target) {
    static CK_BYTE known[32] = {7, 7, 7};
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0};
    struct blob blob = {.size = BLOB_MAX};
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT, CKA_UNWRAP));
    bool works = false;
    if (key != 0 && target->p11->C_EncryptInit(target->session, &ecb, key) == CKR_OK &&
        target->p11->C_Encrypt(target->session, known, sizeof(known), blob.data, &blob.size) ==
            CKR_OK) {
        CK_OBJECT_HANDLE trojan = unwrap_readable(target, CKM_AES_ECB, key, &blob);
        works = trojan != 0;
        destroy(target, trojan);
    }
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome wrap_under_weaker_key(struct target *target) {
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = make_aes(target, 16, true, false, USAGE(CKA_WRAP, CKA_UNWRAP));
    struct blob blob;
    bool works = type != 0 && wrap(target, type, by, victim, &blob);
    destroy(target, victim);
    destroy(target, by);
    return type == 0 ? ABSENT : works ? WORKS : REFUSED;
}

static enum outcome wrap_under_des(struct target *target) {
    CK_MECHANISM mechanism = {CKM_DES2_KEY_GEN, NULL, 0};
    CK_OBJECT_HANDLE by = 0;
    struct attributes attributes;
    struct blob blob;
    if (!has_mechanism(target, CKM_DES2_KEY_GEN, CKF_GENERATE)) {
        return ABSENT;
    }
    attributes_start(&attributes);
    attributes_flag(&attributes, CKA_WRAP, true);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = target->p11->C_GenerateKey(target->session, &mechanism, attributes.list,
                                            attributes.count, &by) == CKR_OK &&
                 (wrap(target, CKM_DES3_ECB, by, victim, &blob) ||
                  wrap(target, CKM_DES3_CBC_PAD, by, victim, &blob));
    destroy(target, victim);
    destroy(target, by);
    return works ? WORKS : REFUSED;
}

static enum outcome trusted_by_user(struct target *target) {
    static const CK_BYTE known[32] = {1, 2, 3};
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
    attributes_number(&attributes, CKA_KEY_TYPE, CKK_AES);
    attributes_bytes(&attributes, CKA_VALUE, known, sizeof(known));
    attributes_flag(&attributes, CKA_WRAP, true);
    attributes_flag(&attributes, CKA_TRUSTED, true);
    bool works = target->p11->C_CreateObject(target->session, attributes.list, attributes.count,
                                             &key) == CKR_OK &&
                 read_flag(target, key, CKA_TRUSTED);
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

/* Swaps the halves of a wrapped key: whatever unwraps it must notice. */
static enum outcome altered_blob(struct target *target) {
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = make_aes(target, 32, true, false, USAGE(CKA_WRAP, CKA_UNWRAP));
    struct blob blob;
    bool works = false;
    for (int way = 0; type != 0 && way < 3; way++) {
        if (!wrap(target, type, by, victim, &blob)) {
            break;
        }
        if (way == 0) {
            blob.data[blob.size / 2] ^= 1;
        } else if (way == 1) {
            memcpy(blob.data + 16, blob.data, 16);
        } else {
            blob.size -= 8;
        }
        CK_OBJECT_HANDLE made = unwrap_readable(target, type, by, &blob);
        works = works || made != 0;
        destroy(target, made);
    }
    destroy(target, victim);
    destroy(target, by);
    return type == 0 ? ABSENT : works ? WORKS : REFUSED;
}

static enum outcome wrap_unextractable(struct target *target) {
    CK_MECHANISM_TYPE type = aes_wrap_mechanism(target);
    CK_OBJECT_HANDLE victim = make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    CK_OBJECT_HANDLE by = make_aes(target, 32, true, false, USAGE(CKA_WRAP, CKA_UNWRAP));
    struct blob blob;
    bool works = type != 0 && wrap(target, type, by, victim, &blob);
    destroy(target, victim);
    destroy(target, by);
    return type == 0 ? ABSENT : works ? WORKS : REFUSED;
}

const struct attack wrapping_attacks[] = {
    {"A1", "wrap a sensitive key, decrypt the blob with the wrapping key", wrap_then_decrypt},
    {"A1t", "one AES key with WRAP and DECRYPT", wrap_decrypt_template},
    {"A2", "wrap with an RSA public key, decrypt with the private one", rsa_wrap_then_decrypt},
    {"A2t", "one RSA pair to sign, decrypt and unwrap", rsa_all_purposes},
    {"A6", "wrap a key that is not extractable", wrap_unextractable},
    {"C1", "wrap a sensitive key under an imported key", wrap_under_known_key},
    {"C2", "unwrap a wrapped key as one that shows its value", unwrap_as_readable},
    {"C3", "encrypt known bytes, unwrap them as a key", encrypt_then_unwrap},
    {"C4", "wrap AES-256 under AES-128", wrap_under_weaker_key},
    {"C5", "wrap AES-256 under two-key DES", wrap_under_des},
    {"C6", "the user makes a trusted wrapping key", trusted_by_user},
    {"C7", "unwrap an altered, spliced or shortened blob", altered_blob},
};
const size_t wrapping_attack_count = sizeof(wrapping_attacks) / sizeof(wrapping_attacks[0]);
