/* SPDX-License-Identifier: Apache-2.0 */
/* Tools of the attacks. */
#include "test/attack/attack.h"

#include <string.h>

static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;

void attributes_start(struct attributes *attributes) {
    attributes->count = 0;
}

void attributes_flag(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, bool value) {
    attributes->list[attributes->count++] =
        (CK_ATTRIBUTE){type, value ? &yes : &no, sizeof(CK_BBOOL)};
}

void attributes_number(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    CK_ULONG *place = &attributes->numbers[attributes->count];
    *place = value;
    attributes->list[attributes->count++] = (CK_ATTRIBUTE){type, place, sizeof(CK_ULONG)};
}

void attributes_bytes(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *data,
                      size_t size) {
    attributes->list[attributes->count++] =
        (CK_ATTRIBUTE){type, (CK_VOID_PTR)(size_t)data, (CK_ULONG)size};
}

static void add_usage(struct attributes *attributes, const CK_ATTRIBUTE_TYPE *usage,
                      const CK_ATTRIBUTE_TYPE *all) {
    for (; *all != NO_MORE; all++) {
        bool wanted = false;
        for (const CK_ATTRIBUTE_TYPE *u = usage; *u != NO_MORE; u++) {
            wanted = wanted || *u == *all;
        }
        attributes_flag(attributes, *all, wanted);
    }
}

static const CK_ATTRIBUTE_TYPE secret_usage[] = {CKA_ENCRYPT, CKA_DECRYPT, CKA_SIGN,   CKA_VERIFY,
                                                 CKA_WRAP,    CKA_UNWRAP,  CKA_DERIVE, NO_MORE};
static const CK_ATTRIBUTE_TYPE public_key_usage[] = {CKA_ENCRYPT, CKA_VERIFY, CKA_WRAP, NO_MORE};
static const CK_ATTRIBUTE_TYPE private_key_usage[] = {CKA_DECRYPT, CKA_SIGN, CKA_UNWRAP, CKA_DERIVE,
                                                      NO_MORE};

CK_OBJECT_HANDLE make_aes(struct target *target, CK_ULONG size, bool sensitive, bool extractable,
                          const CK_ATTRIBUTE_TYPE *usage) {
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_VALUE_LEN, size);
    attributes_flag(&attributes, CKA_SENSITIVE, sensitive);
    attributes_flag(&attributes, CKA_EXTRACTABLE, extractable);
    add_usage(&attributes, usage, secret_usage);
    CK_RV rv = target->p11->C_GenerateKey(target->session, &mechanism, attributes.list,
                                          attributes.count, &key);
    return rv == CKR_OK ? key : 0;
}

CK_OBJECT_HANDLE import_aes(struct target *target, const CK_BYTE *value, CK_ULONG size,
                            const CK_ATTRIBUTE_TYPE *usage) {
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
    attributes_number(&attributes, CKA_KEY_TYPE, CKK_AES);
    attributes_bytes(&attributes, CKA_VALUE, value, size);
    add_usage(&attributes, usage, secret_usage);
    CK_RV rv =
        target->p11->C_CreateObject(target->session, attributes.list, attributes.count, &key);
    return rv == CKR_OK ? key : 0;
}

bool make_rsa(struct target *target, const CK_ATTRIBUTE_TYPE *public_usage,
              const CK_ATTRIBUTE_TYPE *private_usage, CK_OBJECT_HANDLE *public_key,
              CK_OBJECT_HANDLE *private_key) {
    static const CK_BYTE exponent[] = {1, 0, 1};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    struct attributes pub;
    struct attributes priv;
    attributes_start(&pub);
    attributes_number(&pub, CKA_MODULUS_BITS, 2048);
    attributes_bytes(&pub, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
    add_usage(&pub, public_usage, public_key_usage);
    attributes_start(&priv);
    attributes_flag(&priv, CKA_SENSITIVE, true);
    attributes_flag(&priv, CKA_EXTRACTABLE, false);
    add_usage(&priv, private_usage, private_key_usage);
    return target->p11->C_GenerateKeyPair(target->session, &mechanism, pub.list, pub.count,
                                          priv.list, priv.count, public_key, private_key) == CKR_OK;
}

bool make_ec(struct target *target, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key) {
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    struct attributes pub;
    struct attributes priv;
    attributes_start(&pub);
    attributes_bytes(&pub, CKA_EC_PARAMS, p256, sizeof(p256));
    attributes_start(&priv);
    attributes_flag(&priv, CKA_DERIVE, true);
    attributes_flag(&priv, CKA_SENSITIVE, true);
    return target->p11->C_GenerateKeyPair(target->session, &mechanism, pub.list, pub.count,
                                          priv.list, priv.count, public_key, private_key) == CKR_OK;
}

bool read_value(struct target *target, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *size) {
    CK_ATTRIBUTE value = {CKA_VALUE, out, *size};
    CK_RV rv = target->p11->C_GetAttributeValue(target->session, key, &value, 1);
    *size = value.ulValueLen;
    return rv == CKR_OK && value.ulValueLen != CK_UNAVAILABLE_INFORMATION && value.ulValueLen > 0;
}

bool can_read(struct target *target, CK_OBJECT_HANDLE key) {
    CK_BYTE value[512];
    CK_ULONG size = sizeof(value);
    return key != 0 && read_value(target, key, value, &size);
}

bool read_flag(struct target *target, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type) {
    CK_BBOOL flag = CK_FALSE;
    CK_ATTRIBUTE value = {type, &flag, sizeof(flag)};
    return target->p11->C_GetAttributeValue(target->session, key, &value, 1) == CKR_OK &&
           flag == CK_TRUE;
}

bool has_mechanism(struct target *target, CK_MECHANISM_TYPE mechanism, CK_FLAGS flags) {
    CK_MECHANISM_INFO info;
    memset(&info, 0, sizeof(info));
    return target->p11->C_GetMechanismInfo(target->slot, mechanism, &info) == CKR_OK &&
           (info.flags & flags) == flags;
}

CK_MECHANISM_TYPE aes_wrap_mechanism(struct target *target) {
    static const CK_MECHANISM_TYPE candidates[] = {
        CKM_AES_KEY_WRAP, CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD, CKM_AES_CBC_PAD, CKM_AES_ECB};
    for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
        if (has_mechanism(target, candidates[i], CKF_WRAP)) {
            return candidates[i];
        }
    }
    return 0;
}

void destroy(struct target *target, CK_OBJECT_HANDLE object) {
    if (object != 0) {
        (void)target->p11->C_DestroyObject(target->session, object);
    }
}
