/* SPDX-License-Identifier: Apache-2.0 */
/* Judges of public-key algorithms. */
#include "test/component/wycheproof.h"

static const struct bytes ed25519_oid = {(const uint8_t *)"\x06\x03\x2b\x65\x70", 5};
static const struct bytes x25519_oid = {(const uint8_t *)"\x06\x03\x2b\x65\x6e", 5};

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
    const struct vector_curve *curve = vector_curve(vector_text(public, "curve"));
    if (curve == NULL || strcmp(vector_text(vector->group, "sha"), curve->sha) != 0) {
        return WRONG;
    }
    struct key_parts parts = {.type = KEY_EC,
                              .ec_params = curve->oid,
                              .ec_point = vector_bytes(public, "uncompressed")};
    struct mechanism mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = curve->hash};
    return verify(&parts, &mechanism, vector_bytes(vector->test, "msg"), signature);
}

enum verdict judge_ecdsa_p1363(const struct vector *vector) {
    return judge_ecdsa(vector, vector_bytes(vector->test, "sig"));
}

enum verdict judge_ecdsa_der(const struct vector *vector) {
    uint8_t signature[132];
    const struct vector_curve *curve =
        vector_curve(vector_text(member(vector->group, "publicKey"), "curve"));
    if (curve == NULL) {
        return WRONG;
    }
    if (!vector_signature_of_der(vector_bytes(vector->test, "sig"), curve->size, signature)) {
        return REFUSED;
    }
    return judge_ecdsa(vector, bytes_of(signature, 2 * curve->size));
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
    const struct vector_curve *curve = vector_curve(vector_text(vector->group, "curve"));
    if (curve == NULL) {
        return WRONG;
    }
    struct key_parts parts = {.type = KEY_EC,
                              .is_private = true,
                              .ec_params = curve->oid,
                              .value = vector_integer(vector->test, "private")};
    return agree(&parts, ALGORITHM_ECDH, peer, vector_bytes(vector->test, "shared"));
}

enum verdict judge_ecdh_point(const struct vector *vector) {
    return judge_ecdh(vector, vector_bytes(vector->test, "public"));
}

enum verdict judge_ecdh_spki(const struct vector *vector) {
    struct bytes point;
    if (!vector_point_of_spki(vector_bytes(vector->test, "public"), &point)) {
        return vector_not_ours("the point stands in another form than the canonical one");
    }
    return judge_ecdh(vector, point);
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
