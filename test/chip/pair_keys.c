/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a daemon and a chip both hold. Their values are of this run, made by OpenSSL. */
#include "test/chip/pair_keys.h"
#include "proto/attributes.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>

void (*pair_keys_tell)(const char *name, struct bytes value);
struct pair_key pair_keys[PAIR_KEYS_MAX];
size_t pair_key_count;

#define OID(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }
const struct bytes pair_p256_oid = OID("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07");
const struct bytes pair_p384_oid = OID("\x06\x05\x2b\x81\x04\x00\x22");
const struct bytes pair_ed25519_oid = OID("\x06\x03\x2b\x65\x70");
const struct bytes pair_x25519_oid = OID("\x06\x03\x2b\x65\x6e");
static uint8_t p256_peer[65], x25519_peer[32];
struct bytes pair_p256_peer = {p256_peer, sizeof(p256_peer)};
struct bytes pair_x25519_peer = {x25519_peer, sizeof(x25519_peer)};

static void must(bool ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "pair_keys: %s\n", what);
        exit(1);
    }
}

/* ---- templates ---- */

void pair_template_bytes(struct pair_template *template, uint32_t type, struct bytes value) {
    struct span room = {template->data, sizeof(template->data)};
    must(attributes_add(room, &template->used, type, value) == STATUS_OK, "a template is full");
}

void pair_template_bool(struct pair_template *template, uint32_t type, bool value) {
    uint8_t byte = value ? 1 : 0;
    pair_template_bytes(template, type, bytes_of(&byte, 1));
}

void pair_template_num(struct pair_template *template, uint32_t type, uint32_t value) {
    uint8_t word[4];
    save_u32(word, value);
    pair_template_bytes(template, type, bytes_of(word, sizeof(word)));
}

void pair_template_uses(struct pair_template *template, uint32_t functions) {
    static const struct {
        uint32_t function, type;
    } uses[] = {{F_SIGN, ATTRIBUTE_SIGN},       {F_VERIFY, ATTRIBUTE_VERIFY},
                {F_ENCRYPT, ATTRIBUTE_ENCRYPT}, {F_DECRYPT, ATTRIBUTE_DECRYPT},
                {F_WRAP, ATTRIBUTE_WRAP},       {F_UNWRAP, ATTRIBUTE_UNWRAP},
                {F_DERIVE, ATTRIBUTE_DERIVE}};
    for (size_t i = 0; i < COUNT(uses); i++) {
        if ((functions & uses[i].function) != 0) {
            pair_template_bool(template, uses[i].type, true);
        }
    }
}

/* ---- keys ---- */

static void tell(const char *name, struct bytes value) {
    if (pair_keys_tell != NULL) {
        pair_keys_tell(name, value);
    }
}

static struct pair_template template_of_place(bool token, uint32_t class, uint32_t type,
                                              uint32_t functions) {
    struct pair_template template = {.used = 0};
    pair_template_num(&template, ATTRIBUTE_CLASS, class);
    pair_template_num(&template, ATTRIBUTE_KEY_TYPE, type);
    pair_template_bool(&template, ATTRIBUTE_PRIVATE, false);
    pair_template_bool(&template, ATTRIBUTE_TOKEN, token);
    if (class != CLASS_PUBLIC_KEY) {
        pair_template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
        pair_template_bool(&template, ATTRIBUTE_SENSITIVE, true);
    }
    pair_template_uses(&template, functions);
    return template;
}

/* Where memory is searched they are in the store: sealed, and in the clear when ready. */
static struct pair_template key_template(uint32_t class, uint32_t type, uint32_t functions) {
    return template_of_place(pair_keys_tell != NULL, class, type, functions);
}

static uint32_t import(uint32_t session, const struct pair_template *template, uint32_t type,
                       uint32_t functions) {
    union any_req request = {.object_create = {session, pair_template_of(template)}};
    must(pair_ask(COMMAND_object_create, &request) == STATUS_OK, "a key cannot be imported");
    pair_keys[pair_key_count++] =
        (struct pair_key){.number = pair_newest(), .type = type, .functions = functions};
    return pair_newest();
}

static void import_secret(uint32_t session, struct pair_template *template, uint32_t type,
                          size_t size, uint32_t functions) {
    uint8_t value[64];
    must(RAND_bytes(value, (int)size) == 1, "no random bytes");
    pair_template_bytes(template, ATTRIBUTE_VALUE, bytes_of(value, size));
    tell("a secret key", bytes_of(value, size));
    import(session, template, type, functions);
}

static void make_secret(uint32_t session, uint32_t type, size_t size, uint32_t functions) {
    struct pair_template template = key_template(CLASS_SECRET_KEY, type, functions);
    import_secret(session, &template, type, size, functions);
}

static void add_number(struct pair_template *template, uint32_t type, const EVP_PKEY *key,
                       const char *name, size_t size) {
    uint8_t raw[512];
    BIGNUM *number = NULL;
    must(EVP_PKEY_get_bn_param(key, name, &number) == 1, name);
    size_t length = size != 0 ? size : (size_t)BN_num_bytes(number);
    must(BN_bn2binpad(number, raw, (int)length) == (int)length, name);
    pair_template_bytes(template, type, bytes_of(raw, length));
    if (type != ATTRIBUTE_MODULUS && type != ATTRIBUTE_PUBLIC_EXPONENT) {
        tell(name, bytes_of(raw, length));
    }
    BN_free(number);
}

/* An elliptic key of a curve with points, and its public half. */
static void make_curve(uint32_t session, const char *name, struct bytes oid, size_t size,
                       uint32_t functions) {
    EVP_PKEY *key = EVP_EC_gen(name);
    uint8_t point[2 + 97] = {0x04, (uint8_t)(2 * size + 1)};
    size_t length = 0;
    must(key != NULL && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point + 2,
                                                        sizeof(point) - 2, &length) == 1,
         name);
    struct pair_template template = key_template(CLASS_PRIVATE_KEY, KEY_EC, functions);
    pair_template_bytes(&template, ATTRIBUTE_EC_PARAMS, oid);
    add_number(&template, ATTRIBUTE_VALUE, key, OSSL_PKEY_PARAM_PRIV_KEY, size);
    import(session, &template, KEY_EC, functions);
    if ((functions & F_SIGN) != 0) {
        struct pair_template public = key_template(CLASS_PUBLIC_KEY, KEY_EC, F_VERIFY);
        pair_template_bytes(&public, ATTRIBUTE_EC_PARAMS, oid);
        pair_template_bytes(&public, ATTRIBUTE_EC_POINT, bytes_of(point, 2 + length));
        struct pair_key *private = &pair_keys[pair_key_count - 1];
        private->partner = import(session, &public, KEY_EC, F_VERIFY);
    } else {
        memcpy(p256_peer, point + 2, sizeof(p256_peer));
    }
    EVP_PKEY_free(key);
}

/* A key of 32 bytes: Ed25519 or X25519. */
static void make_short(uint32_t session, const char *name, uint32_t type, struct bytes oid,
                       uint32_t functions) {
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, name);
    uint8_t private[32], public[2 + 32] = {0x04, 32};
    size_t size = sizeof(private), public_size = 32;
    must(key != NULL && EVP_PKEY_get_raw_private_key(key, private, &size) == 1 &&
             EVP_PKEY_get_raw_public_key(key, public + 2, &public_size) == 1,
         name);
    struct pair_template template = key_template(CLASS_PRIVATE_KEY, type, functions);
    pair_template_bytes(&template, ATTRIBUTE_EC_PARAMS, oid);
    pair_template_bytes(&template, ATTRIBUTE_VALUE, bytes_of(private, size));
    tell(name, bytes_of(private, size));
    import(session, &template, type, functions);
    if (type == KEY_ED25519) {
        struct pair_template other = key_template(CLASS_PUBLIC_KEY, type, F_VERIFY);
        pair_template_bytes(&other, ATTRIBUTE_EC_PARAMS, oid);
        pair_template_bytes(&other, ATTRIBUTE_EC_POINT, bytes_of(public, sizeof(public)));
        struct pair_key *signer = &pair_keys[pair_key_count - 1];
        signer->partner = import(session, &other, type, F_VERIFY);
    } else {
        memcpy(x25519_peer, public + 2, sizeof(x25519_peer));
    }
    EVP_PKEY_free(key);
}

static void make_rsa(uint32_t session, uint32_t functions, uint32_t public_functions) {
    static const struct {
        uint32_t type;
        const char *name;
    } parts[] = {{ATTRIBUTE_MODULUS, OSSL_PKEY_PARAM_RSA_N},
                 {ATTRIBUTE_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E},
                 {ATTRIBUTE_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},
                 {ATTRIBUTE_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1},
                 {ATTRIBUTE_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2},
                 {ATTRIBUTE_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
                 {ATTRIBUTE_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2},
                 {ATTRIBUTE_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
    EVP_PKEY *key = EVP_RSA_gen(2048);
    must(key != NULL, "RSA");
    struct pair_template private = key_template(CLASS_PRIVATE_KEY, KEY_RSA, functions);
    struct pair_template public = key_template(CLASS_PUBLIC_KEY, KEY_RSA, public_functions);
    for (size_t i = 0; i < COUNT(parts); i++) {
        add_number(&private, parts[i].type, key, parts[i].name, 0);
        if (i < 2) {
            add_number(&public, parts[i].type, key, parts[i].name, 0);
        }
    }
    uint32_t first = import(session, &private, KEY_RSA, functions);
    struct pair_key *made = &pair_keys[pair_key_count - 1];
    made->partner = import(session, &public, KEY_RSA, public_functions);
    pair_keys[pair_key_count - 1].decrypts = first;
    EVP_PKEY_free(key);
}

void pair_keys_vouch(uint32_t session) {
    struct pair_template template =
        template_of_place(true, CLASS_SECRET_KEY, KEY_AES, F_WRAP | F_UNWRAP);
    pair_template_bool(&template, ATTRIBUTE_TRUSTED, true);
    import_secret(session, &template, KEY_AES, 32, F_WRAP | F_UNWRAP); /* PAIR_KEK */
}

void pair_keys_make(uint32_t session) {
    make_secret(session, KEY_AES, 16, F_ENCRYPT | F_DECRYPT); /* PAIR_TARGET */
    make_secret(session, KEY_AES, 24, F_SIGN | F_VERIFY);
    make_secret(session, KEY_AES, 32, F_ENCRYPT | F_DECRYPT);
    make_secret(session, KEY_GENERIC, 40, F_SIGN | F_VERIFY);
    make_secret(session, KEY_GENERIC, 32, F_DERIVE);
    make_curve(session, "P-256", pair_p256_oid, 32, F_SIGN);
    make_curve(session, "P-384", pair_p384_oid, 48, F_SIGN);
    make_curve(session, "P-256", pair_p256_oid, 32, F_DERIVE);
    make_short(session, "ED25519", KEY_ED25519, pair_ed25519_oid, F_SIGN);
    make_short(session, "X25519", KEY_X25519, pair_x25519_oid, F_DERIVE);
    make_rsa(session, F_SIGN, F_VERIFY);
    make_rsa(session, F_DECRYPT | F_UNWRAP, F_ENCRYPT | F_WRAP);
    if (pair_both_have(ALGORITHM_CHACHA20_POLY1305, F_ENCRYPT)) {
        make_secret(session, KEY_CHACHA20, 32, F_ENCRYPT | F_DECRYPT);
    }
}
