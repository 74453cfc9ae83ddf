/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks that change what a key is, or read what it holds. */
#include "test/attack/attack.h"

#include <string.h>

static bool set_flag(struct target *target, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
                     bool value) {
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_flag(&attributes, type, value);
    CK_RV rv =
        target->p11->C_SetAttributeValue(target->session, key, attributes.list, attributes.count);
    return rv == CKR_OK && read_flag(target, key, type) == value;
}

static enum outcome set_on(struct target *target, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
                           bool value) {
    bool works = key != 0 && set_flag(target, key, type, value);
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome read_sensitive(struct target *target) {
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = can_read(target, key);
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

/* The buffer must stay untouched, whatever lengths and neighbours are asked for. */
static enum outcome read_sensitive_askew(struct target *target) {
    CK_OBJECT_HANDLE key = make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = false;
    for (CK_ULONG size = 0; size <= 64; size++) {
        CK_BYTE buffer[64];
        CK_ULONG type = 0;
        memset(buffer, 0x5a, sizeof(buffer));
        CK_ATTRIBUTE list[] = {{CKA_KEY_TYPE, &type, sizeof(type)},
                               {CKA_VALUE, buffer, size},
                               {CKA_KEY_TYPE, &type, sizeof(type)}};
        (void)target->p11->C_GetAttributeValue(target->session, key, list, 3);
        for (size_t i = 0; i < sizeof(buffer); i++) {
            works = works || buffer[i] != 0x5a;
        }
    }
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome read_unextractable(struct target *target) {
    CK_OBJECT_HANDLE key = make_aes(target, 32, false, false, USAGE(CKA_ENCRYPT, CKA_DECRYPT));
    bool works = can_read(target, key);
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome unset_sensitive(struct target *target) {
    return set_on(target, make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT)), CKA_SENSITIVE,
                  false);
}

static enum outcome set_extractable(struct target *target) {
    return set_on(target, make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT)), CKA_EXTRACTABLE,
                  true);
}

static enum outcome add_decrypt(struct target *target) {
    return set_on(target, make_aes(target, 32, true, false, USAGE(CKA_WRAP)), CKA_DECRYPT, true);
}

static enum outcome unset_wrap_with_trusted(struct target *target) {
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_OBJECT_HANDLE key = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_VALUE_LEN, 32);
    attributes_flag(&attributes, CKA_SENSITIVE, true);
    attributes_flag(&attributes, CKA_EXTRACTABLE, true);
    attributes_flag(&attributes, CKA_WRAP_WITH_TRUSTED, true);
    if (target->p11->C_GenerateKey(target->session, &mechanism, attributes.list, attributes.count,
                                   &key) != CKR_OK) {
        return ABSENT;
    }
    return set_on(target, key, CKA_WRAP_WITH_TRUSTED, false);
}

static enum outcome copy_with(struct target *target, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
                              bool value) {
    CK_OBJECT_HANDLE copy = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_flag(&attributes, type, value);
    bool works = key != 0 &&
                 target->p11->C_CopyObject(target->session, key, attributes.list, attributes.count,
                                           &copy) == CKR_OK &&
                 read_flag(target, copy, type) == value;
    destroy(target, copy);
    destroy(target, key);
    return works ? WORKS : REFUSED;
}

static enum outcome copy_not_sensitive(struct target *target) {
    return copy_with(target, make_aes(target, 32, true, true, USAGE(CKA_ENCRYPT)), CKA_SENSITIVE,
                     false);
}

static enum outcome copy_extractable(struct target *target) {
    return copy_with(target, make_aes(target, 32, true, false, USAGE(CKA_ENCRYPT)), CKA_EXTRACTABLE,
                     true);
}

static enum outcome copy_decrypt(struct target *target) {
    return copy_with(target, make_aes(target, 32, true, false, USAGE(CKA_WRAP)), CKA_DECRYPT, true);
}

static enum outcome forged_history(struct target *target) {
    static const CK_ATTRIBUTE_TYPE history[] = {CKA_LOCAL, CKA_ALWAYS_SENSITIVE,
                                                CKA_NEVER_EXTRACTABLE};
    static const CK_BYTE value[32] = {1};
    bool works = false;
    for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++) {
        CK_OBJECT_HANDLE key = 0;
        struct attributes attributes;
        attributes_start(&attributes);
        attributes_number(&attributes, CKA_CLASS, CKO_SECRET_KEY);
        attributes_number(&attributes, CKA_KEY_TYPE, CKK_AES);
        attributes_bytes(&attributes, CKA_VALUE, value, sizeof(value));
        attributes_flag(&attributes, history[i], true);
        if (target->p11->C_CreateObject(target->session, attributes.list, attributes.count, &key) ==
            CKR_OK) {
            works = works || read_flag(target, key, history[i]);
        }
        destroy(target, key);
    }
    return works ? WORKS : REFUSED;
}

/* A search for the value of a sensitive key must not confirm a guess. */
static enum outcome search_by_value(struct target *target) {
    static const CK_BYTE value[32] = {9, 8, 7};
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    struct attributes wanted;
    CK_OBJECT_HANDLE key = import_aes(target, value, sizeof(value), USAGE(CKA_ENCRYPT));
    if (key == 0 || can_read(target, key)) {
        destroy(target, key);
        return ABSENT;
    }
    attributes_start(&wanted);
    attributes_bytes(&wanted, CKA_VALUE, value, sizeof(value));
    if (target->p11->C_FindObjectsInit(target->session, wanted.list, wanted.count) == CKR_OK) {
        (void)target->p11->C_FindObjects(target->session, &found, 1, &count);
        (void)target->p11->C_FindObjectsFinal(target->session);
    }
    destroy(target, key);
    return count > 0 ? WORKS : REFUSED;
}

const struct attack attribute_attacks[] = {
    {"A3", "read the value of a sensitive key", read_sensitive},
    {"A3b", "the same with odd lengths, beside other attributes", read_sensitive_askew},
    {"A4", "read the value of a key that is not extractable", read_unextractable},
    {"A5a", "SENSITIVE from true to false", unset_sensitive},
    {"A5b", "EXTRACTABLE from false to true", set_extractable},
    {"A5c", "add DECRYPT to a key that wraps", add_decrypt},
    {"A5d", "WRAP_WITH_TRUSTED from true to false", unset_wrap_with_trusted},
    {"A7", "find a sensitive key by its value", search_by_value},
    {"B1", "copy a sensitive key as one that is not", copy_not_sensitive},
    {"B2", "copy a key as extractable", copy_extractable},
    {"B3", "copy a wrapping key with DECRYPT", copy_decrypt},
    {"X3", "an imported key with a forged history", forged_history},
};
const size_t attribute_attack_count = sizeof(attribute_attacks) / sizeof(attribute_attacks[0]);
