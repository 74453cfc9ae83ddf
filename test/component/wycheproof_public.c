/* SPDX-License-Identifier: Apache-2.0 */
/* Judges of public-key algorithms. */
#include "test/component/wycheproof.h"

#include <openssl/ecdsa.h>

static const struct {
    const char *name;
    const char *sha;
    struct bytes oid;
    uint32_t hash;
    size_t size;
} curves[] = {
    {"secp256r1",
     "SHA-256",
     {(const uint8_t *)"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10},
     HASH_SHA256,
     32},
    {"secp384r1", "SHA-384", {(const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x22", 7}, HASH_SHA384, 48},
    {"secp521r1", "SHA-512", {(const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x23", 7}, HASH_SHA512, 66},
};
static const struct bytes ed25519_oid = {(const uint8_t *)"\x06\x03\x2b\x65\x70", 5};
static const struct bytes x25519_oid = {(const uint8_t *)"\x06\x03\x2b\x65\x6e", 5};

static size_t curve_of(const char *name) {
    size_t i = 0;
    while (i < COUNT(curves) && strcmp(curves[i].name, name) != 0) {
        i++;
    }
    return i;
}

static struct json_object *member(struct json_object *object, const char *name) {
    return json_object_object_get(object, name);
}

static enum verdict verify(const struct key_parts *parts, const struct mechanism *mechanism,
                           struct bytes message, struct bytes signature) {
    struct crypto_key key;
    if (crypto_key_load(&key, parts) != STATUS_OK) {
        return WRONG; /* the keys of these files are all valid */
    }
    enum status status = crypto_verify(&key, mechanism, message, signature);
    crypto_key_unload(&key);
    return status == STATUS_OK ? ACCEPTED : REFUSED;
}

/* ---- ECDSA and EdDSA ---- */

static enum verdict judge_ecdsa(const struct vector *vector, struct bytes signature) {
    struct json_object *public = member(vector->group, "publicKey");
    size_t curve = curve_of(vector_text(public, "curve"));
    if (curve == COUNT(curves) ||
        strcmp(vector_text(vector->group, "sha"), curves[curve].sha) != 0) {
        return WRONG;
    }
    struct key_parts parts = {.type = KEY_EC,
                              .ec_params = curves[curve].oid,
                              .ec_point = vector_bytes(public, "uncompressed")};
    struct mechanism mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = curves[curve].hash};
    return verify(&parts, &mechanism, vector_bytes(vector->test, "msg"), signature);
}

enum verdict judge_ecdsa_p1363(const struct vector *vector) {
    return judge_ecdsa(vector, vector_bytes(vector->test, "sig"));
}

/* crypto.h takes r || s: only what is DER of numbers that fit becomes that. */
static bool read_der(struct bytes der, size_t size, uint8_t *out) {
    const unsigned char *at = der.data;
    unsigned char *again = NULL;
    ECDSA_SIG *read = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
    int length = read != NULL ? i2d_ECDSA_SIG(read, &again) : 0;
    bool strict = length > 0 && bytes_equal(bytes_of(again, (size_t)length), der) &&
                  !BN_is_negative(ECDSA_SIG_get0_r(read)) &&
                  !BN_is_negative(ECDSA_SIG_get0_s(read)) &&
                  BN_bn2binpad(ECDSA_SIG_get0_r(read), out, (int)size) == (int)size &&
                  BN_bn2binpad(ECDSA_SIG_get0_s(read), out + size, (int)size) == (int)size;
    OPENSSL_free(again);
    ECDSA_SIG_free(read);
    return strict;
}

enum verdict judge_ecdsa_der(const struct vector *vector) {
    uint8_t signature[132];
    size_t curve = curve_of(vector_text(member(vector->group, "publicKey"), "curve"));
    if (curve == COUNT(curves)) {
        return WRONG;
    }
    size_t size = curves[curve].size;
    if (!read_der(vector_bytes(vector->test, "sig"), size, signature)) {
        return REFUSED;
    }
    return judge_ecdsa(vector, bytes_of(signature, 2 * size));
}

enum verdict judge_ed25519(const struct vector *vector) {
    struct key_parts parts = {.type = KEY_ED25519,
                              .ec_params = ed25519_oid,
                              .ec_point = vector_bytes(member(vector->group, "publicKey"), "pk")};
    struct mechanism mechanism = {.algorithm = ALGORITHM_EDDSA};
    return verify(&parts, &mechanism, vector_bytes(vector->test, "msg"),
                  vector_bytes(vector->test, "sig"));
}

/* ---- agreement ---- */

static enum verdict agree(const struct key_parts *parts, uint32_t algorithm, struct bytes peer,
                          struct bytes shared) {
    uint8_t room[66];
    struct span out = {room, sizeof(room)};
    struct mechanism mechanism = {.algorithm = algorithm, .peer = peer};
    struct crypto_key key;
    if (crypto_key_load(&key, parts) != STATUS_OK) {
        return WRONG; /* the private keys of these files are all valid */
    }
    enum status status = crypto_derive(&key, &mechanism, 0, &out);
    crypto_key_unload(&key);
    return status == STATUS_OK ? vector_compare(out, shared) : REFUSED;
}

static enum verdict judge_ecdh(const struct vector *vector, struct bytes peer) {
    size_t curve = curve_of(vector_text(vector->group, "curve"));
    if (curve == COUNT(curves)) {
        return WRONG;
    }
    struct key_parts parts = {.type = KEY_EC,
                              .is_private = true,
                              .ec_params = curves[curve].oid,
                              .value = vector_integer(vector->test, "private")};
    return agree(&parts, ALGORITHM_ECDH, peer, vector_bytes(vector->test, "shared"));
}

enum verdict judge_ecdh_point(const struct vector *vector) {
    return judge_ecdh(vector, vector_bytes(vector->test, "public"));
}

/* crypto.h takes bare points: of all encodings around them only the canonical one is taken off. */
enum verdict judge_ecdh_spki(const struct vector *vector) {
    static const uint8_t header[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    struct bytes der = vector_bytes(vector->test, "public");
    bool canonical = der.size > sizeof(header) &&
                     bytes_equal(bytes_of(der.data, sizeof(header)), bytes_of(header, 26));
    if (!canonical) {
        return NOT_OURS;
    }
    return judge_ecdh(vector, bytes_of(der.data + sizeof(header), der.size - sizeof(header)));
}

enum verdict judge_x25519(const struct vector *vector) {
    struct key_parts parts = {.type = KEY_X25519,
                              .is_private = true,
                              .ec_params = x25519_oid,
                              .value = vector_bytes(vector->test, "private")};
    return agree(&parts, ALGORITHM_X25519, vector_bytes(vector->test, "public"),
                 vector_bytes(vector->test, "shared"));
}

/* ---- RSA ---- */

static enum verdict judge_rsa_signature(const struct vector *vector,
                                        const struct mechanism *mechanism) {
    struct json_object *public = member(vector->group, "publicKey");
    struct key_parts parts = {.type = KEY_RSA,
                              .modulus = vector_integer(public, "modulus"),
                              .public_exponent = vector_integer(public, "publicExponent")};
    return verify(&parts, mechanism, vector_bytes(vector->test, "msg"),
                  vector_bytes(vector->test, "sig"));
}

enum verdict judge_rsa_pkcs1(const struct vector *vector) {
    struct mechanism mechanism = {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256};
    return judge_rsa_signature(vector, &mechanism);
}

enum verdict judge_rsa_pss(const struct vector *vector) {
    struct mechanism mechanism = {.algorithm = ALGORITHM_RSA_PSS,
                                  .hash = HASH_SHA256,
                                  .digest = HASH_SHA256,
                                  .mgf = HASH_SHA256,
                                  .salt_size = (uint32_t)vector_number(vector->group, "sLen")};
    return judge_rsa_signature(vector, &mechanism);
}

enum verdict judge_rsa_oaep(const struct vector *vector) {
    struct json_object *private = member(vector->group, "privateKey");
    struct key_parts parts = {
        .type = KEY_RSA,
        .is_private = true,
        .modulus = vector_integer(private, "modulus"),
        .public_exponent = vector_integer(private, "publicExponent"),
        .private_exponent = vector_integer(private, "privateExponent"),
        .prime_1 = vector_integer(private, "prime1"),
        .prime_2 = vector_integer(private, "prime2"),
        .exponent_1 = vector_integer(private, "exponent1"),
        .exponent_2 = vector_integer(private, "exponent2"),
        .coefficient = vector_integer(private, "coefficient"),
    };
    struct mechanism mechanism = {.algorithm = ALGORITHM_RSA_OAEP,
                                  .digest = HASH_SHA256,
                                  .mgf = HASH_SHA256,
                                  .label = vector_bytes(vector->test, "label")};
    uint8_t room[512];
    struct span out = {room, sizeof(room)};
    struct crypto_key key;
    if (crypto_key_load(&key, &parts) != STATUS_OK) {
        return WRONG;
    }
    enum status status = crypto_decrypt(&key, &mechanism, vector_bytes(vector->test, "ct"), &out);
    crypto_key_unload(&key);
    return status == STATUS_OK ? vector_compare(out, vector_bytes(vector->test, "msg")) : REFUSED;
}
