/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of key types and of uses. */
#include "host/cli/key_type.h"

#include "host/cli/report.h"

#include <stdio.h>

/* CKA_EC_PARAMS: object identifiers in DER. */
static const uint8_t oid_p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
static const uint8_t oid_p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
static const uint8_t oid_ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
static const uint8_t oid_x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};

#define PARAMS(oid) \
    { (oid), sizeof(oid) }
#define EC_USES "sign", "sign,derive"
#define RSA_USES "sign", "sign,decrypt,wrap"
#define AES_USES "encrypt", "encrypt,sign,wrap,derive"

static const struct key_type_row rows[] = {
    {"p256", KEY_EC, ALGORITHM_EC_KEY_PAIR_GEN, 256, PARAMS(oid_p256), EC_USES},
    {"p384", KEY_EC, ALGORITHM_EC_KEY_PAIR_GEN, 384, PARAMS(oid_p384), EC_USES},
    {"p521", KEY_EC, ALGORITHM_EC_KEY_PAIR_GEN, 521, PARAMS(oid_p521), EC_USES},
    {"ed25519", KEY_ED25519, ALGORITHM_ED25519_KEY_PAIR_GEN, 255, PARAMS(oid_ed25519), "sign",
     "sign"},
    {"x25519", KEY_X25519, ALGORITHM_X25519_KEY_PAIR_GEN, 255, PARAMS(oid_x25519), "derive",
     "derive"},
    {"rsa2048", KEY_RSA, ALGORITHM_RSA_KEY_PAIR_GEN, 2048, {NULL, 0}, RSA_USES},
    {"rsa3072", KEY_RSA, ALGORITHM_RSA_KEY_PAIR_GEN, 3072, {NULL, 0}, RSA_USES},
    {"rsa4096", KEY_RSA, ALGORITHM_RSA_KEY_PAIR_GEN, 4096, {NULL, 0}, RSA_USES},
    {"aes128", KEY_AES, ALGORITHM_AES_KEY_GEN, 128, {NULL, 0}, AES_USES},
    {"aes192", KEY_AES, ALGORITHM_AES_KEY_GEN, 192, {NULL, 0}, AES_USES},
    {"aes256", KEY_AES, ALGORITHM_AES_KEY_GEN, 256, {NULL, 0}, AES_USES},
    {"chacha20", KEY_CHACHA20, ALGORITHM_CHACHA20_KEY_GEN, 256, {NULL, 0}, "encrypt", "encrypt"},
    {"hmac256", KEY_GENERIC, ALGORITHM_GENERIC_KEY_GEN, 256, {NULL, 0}, "sign", "sign,derive"},
    {"hmac512", KEY_GENERIC, ALGORITHM_GENERIC_KEY_GEN, 512, {NULL, 0}, "sign", "sign,derive"},
};

static const struct key_usage_row usages[] = {
    {"sign", {ATTRIBUTE_SIGN}, {ATTRIBUTE_VERIFY}, {ATTRIBUTE_SIGN, ATTRIBUTE_VERIFY}},
    {"decrypt", {ATTRIBUTE_DECRYPT}, {ATTRIBUTE_ENCRYPT}, {ATTRIBUTE_DECRYPT}},
    {"encrypt", {0}, {0}, {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT}},
    {"derive", {ATTRIBUTE_DERIVE}, {0}, {ATTRIBUTE_DERIVE}},
    {"wrap", {ATTRIBUTE_UNWRAP}, {ATTRIBUTE_WRAP}, {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP}},
};

const struct key_type_row *key_type_find(const char *name) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

void key_type_names(char *out, size_t room) {
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < COUNT(rows) && used < room; i++) {
        used += (size_t)snprintf(out + used, room - used, "%s%s", i == 0 ? "" : " ", rows[i].name);
    }
}

const char *key_type_name(uint32_t type, uint32_t bits, struct bytes params) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool same = (uint32_t)rows[i].type == type;
        bool fits =
            rows[i].params.size > 0 ? bytes_equal(rows[i].params, params) : rows[i].bits == bits;
        if (same && fits) {
            return rows[i].name;
        }
    }
    switch (type) {
    case KEY_RSA:
        return "rsa";
    case KEY_EC:
        return "ec";
    case KEY_ED25519:
        return "ed25519";
    case KEY_X25519:
        return "x25519";
    case KEY_AES:
        return "aes";
    case KEY_CHACHA20:
        return "chacha20";
    case KEY_GENERIC:
        return "secret";
    default:
        return "unknown";
    }
}

/* Whether `word` is one of the words of `list`, which commas separate. */
static bool list_has(const char *list, struct bytes word) {
    while (*list != 0) {
        size_t length = strcspn(list, ",");
        if (bytes_equal(bytes_of(list, length), word)) {
            return true;
        }
        list += length + (list[length] == ',' ? 1 : 0);
    }
    return false;
}

static const uint32_t *usage_attributes(const struct key_usage_row *row, enum object_class class) {
    switch (class) {
    case CLASS_PRIVATE_KEY:
        return row->private_attributes;
    case CLASS_PUBLIC_KEY:
        return row->public_attributes;
    default:
        return row->secret_attributes;
    }
}

static enum status usage_add(struct bytes word, enum object_class class, struct span template,
                             size_t *used) {
    for (size_t i = 0; i < COUNT(usages); i++) {
        if (!bytes_equal(word, bytes_of_text(usages[i].name))) {
            continue;
        }
        const uint32_t *attributes = usage_attributes(&usages[i], class);
        for (size_t a = 0; a < 2; a++) {
            if (attributes[a] != 0) {
                TRY(attributes_add_bool(template, used, attributes[a], true));
            }
        }
    }
    return STATUS_OK;
}

enum status key_usage_add(const struct cli *cli, const struct key_type_row *row, const char *text,
                          enum object_class class, struct span template, size_t *used) {
    const char *rest = text ? text : row->usage;
    while (*rest != 0) {
        size_t length = strcspn(rest, ",");
        struct bytes word = bytes_of(rest, length);
        if (!list_has(row->usages, word)) {
            return report_usage(cli, "a key of type %s cannot be for '%.*s'; it can be for: %s",
                                row->name, (int)length, rest, row->usages);
        }
        TRY(usage_add(word, class, template, used));
        rest += length + (rest[length] == ',' ? 1 : 0);
    }
    return STATUS_OK;
}

void key_usage_text(struct bytes attributes, char *out, size_t room) {
    static const struct {
        const char *name;
        uint32_t attribute;
    } names[] = {
        {"sign", ATTRIBUTE_SIGN},       {"verify", ATTRIBUTE_VERIFY},
        {"encrypt", ATTRIBUTE_ENCRYPT}, {"decrypt", ATTRIBUTE_DECRYPT},
        {"derive", ATTRIBUTE_DERIVE},   {"wrap", ATTRIBUTE_WRAP},
        {"unwrap", ATTRIBUTE_UNWRAP},
    };
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < COUNT(names) && used < room; i++) {
        if (attributes_bool(attributes, names[i].attribute, false)) {
            used += (size_t)snprintf(out + used, room - used, "%s%s", used == 0 ? "" : ",",
                                     names[i].name);
        }
    }
}

const uint32_t *key_usage_attributes(size_t *count) {
    static const uint32_t all[] = {ATTRIBUTE_SIGN,    ATTRIBUTE_VERIFY, ATTRIBUTE_ENCRYPT,
                                   ATTRIBUTE_DECRYPT, ATTRIBUTE_DERIVE, ATTRIBUTE_WRAP,
                                   ATTRIBUTE_UNWRAP};
    *count = COUNT(all);
    return all;
}
