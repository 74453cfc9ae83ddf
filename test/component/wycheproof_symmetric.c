/* SPDX-License-Identifier: Apache-2.0 */
/* Judges of symmetric algorithms. */
#include "test/component/wycheproof.h"

static uint8_t out_room[1 << 17];

static struct span out_span(void) {
    return (struct span){out_room, sizeof(out_room)};
}

static enum status load(struct crypto_key *key, enum key_type type, struct bytes value) {
    struct key_parts parts = {.type = type, .value = value};
    return crypto_key_load(key, &parts);
}

static struct bytes join(struct bytes a, struct bytes b) {
    static uint8_t joined[1 << 17];
    bytes_copy(joined, a);
    bytes_copy(joined + a.size, b);
    return bytes_of(joined, a.size + b.size);
}

/* ---- encryption: both ways ---- */

static enum verdict judge_cipher(const struct crypto_key *key, const struct mechanism *mechanism,
                                 struct bytes plain, struct bytes cipher) {
    struct span out = out_span();
    if (crypto_decrypt(key, mechanism, cipher, &out) != STATUS_OK) {
        return REFUSED;
    }
    if (vector_compare(out, plain) != ACCEPTED) {
        return WRONG;
    }
    out = out_span();
    if (crypto_encrypt(key, mechanism, plain, &out) != STATUS_OK) {
        return WRONG;
    }
    return vector_compare(out, cipher);
}

static enum verdict judge_aead(const struct vector *vector, uint32_t algorithm, bool ours) {
    struct crypto_key key;
    struct mechanism mechanism = {
        .algorithm = algorithm,
        .iv = vector_bytes(vector->test, "iv"),
        .aad = vector_bytes(vector->test, "aad"),
        .tag_bits = (uint32_t)vector_number(vector->group, "tagSize"),
    };
    struct bytes plain = vector_bytes(vector->test, "msg");
    struct bytes cipher = join(vector_bytes(vector->test, "ct"), vector_bytes(vector->test, "tag"));
    if (load(&key, KEY_AES, vector_bytes(vector->test, "key")) != STATUS_OK) {
        return REFUSED;
    }
    enum verdict verdict = judge_cipher(&key, &mechanism, plain, cipher);
    crypto_key_unload(&key);
    return verdict == REFUSED && !ours ? vector_not_ours("such an IV or tag") : verdict;
}

enum verdict judge_gcm(const struct vector *vector) {
    size_t iv_bits = vector_number(vector->group, "ivSize");
    size_t tag_bits = vector_number(vector->group, "tagSize");
    bool ours = iv_bits >= 8 && iv_bits <= 1024 && (tag_bits == 96 || tag_bits == 128);
    return judge_aead(vector, ALGORITHM_AES_GCM, ours);
}

enum verdict judge_ccm(const struct vector *vector) {
    size_t tag_bits = vector_number(vector->group, "tagSize");
    return judge_aead(vector, ALGORITHM_AES_CCM, tag_bits >= 64);
}

enum verdict judge_cbc(const struct vector *vector) {
    struct crypto_key key;
    struct mechanism mechanism = {.algorithm = ALGORITHM_AES_CBC_PAD,
                                  .iv = vector_bytes(vector->test, "iv")};
    if (load(&key, KEY_AES, vector_bytes(vector->test, "key")) != STATUS_OK) {
        return REFUSED;
    }
    enum verdict verdict = judge_cipher(&key, &mechanism, vector_bytes(vector->test, "msg"),
                                        vector_bytes(vector->test, "ct"));
    crypto_key_unload(&key);
    return verdict;
}

/* ---- wrapping ---- */

static enum verdict judge_wrapping(const struct crypto_key *key, const struct mechanism *mechanism,
                                   struct bytes plain, struct bytes wrapped) {
    struct span out = out_span();
    if (crypto_unwrap(key, mechanism, wrapped, &out) != STATUS_OK) {
        return REFUSED;
    }
    if (vector_compare(out, plain) != ACCEPTED) {
        return WRONG;
    }
    out = out_span();
    if (crypto_wrap(key, mechanism, plain, &out) != STATUS_OK) {
        return WRONG;
    }
    return vector_compare(out, wrapped);
}

static enum verdict judge_wrap(const struct vector *vector, uint32_t algorithm) {
    struct crypto_key key;
    struct mechanism mechanism = {.algorithm = algorithm};
    if (load(&key, KEY_AES, vector_bytes(vector->test, "key")) != STATUS_OK) {
        return REFUSED;
    }
    enum verdict verdict = judge_wrapping(&key, &mechanism, vector_bytes(vector->test, "msg"),
                                          vector_bytes(vector->test, "ct"));
    crypto_key_unload(&key);
    return verdict;
}

enum verdict judge_kw(const struct vector *vector) {
    return judge_wrap(vector, ALGORITHM_AES_KW);
}

enum verdict judge_kwp(const struct vector *vector) {
    return judge_wrap(vector, ALGORITHM_AES_KWP);
}

/* ---- MACs ---- */

static enum verdict judge_mac(const struct vector *vector, enum key_type type,
                              struct mechanism mechanism) {
    struct crypto_key key;
    struct bytes message = vector_bytes(vector->test, "msg");
    struct bytes tag = vector_bytes(vector->test, "tag");
    struct span out = out_span();
    mechanism.mac_size = (uint32_t)vector_number(vector->group, "tagSize") / 8;
    if (load(&key, type, vector_bytes(vector->test, "key")) != STATUS_OK) {
        return REFUSED;
    }
    enum verdict verdict = REFUSED;
    if (crypto_verify(&key, &mechanism, message, tag) == STATUS_OK) {
        verdict = crypto_sign(&key, &mechanism, message, true, &out) == STATUS_OK
                      ? vector_compare(out, tag)
                      : WRONG;
    }
    crypto_key_unload(&key);
    return verdict;
}

static enum verdict judge_hmac(const struct vector *vector, uint32_t hash) {
    return judge_mac(vector, KEY_GENERIC,
                     (struct mechanism){.algorithm = ALGORITHM_HMAC, .hash = hash});
}

enum verdict judge_hmac_sha256(const struct vector *vector) {
    return judge_hmac(vector, HASH_SHA256);
}

enum verdict judge_hmac_sha384(const struct vector *vector) {
    return judge_hmac(vector, HASH_SHA384);
}

enum verdict judge_hmac_sha512(const struct vector *vector) {
    return judge_hmac(vector, HASH_SHA512);
}

enum verdict judge_cmac(const struct vector *vector) {
    return judge_mac(vector, KEY_AES, (struct mechanism){.algorithm = ALGORITHM_AES_CMAC});
}

/* ---- derivation ---- */

static enum verdict judge_hkdf(const struct vector *vector, uint32_t hash) {
    struct crypto_key key;
    struct mechanism mechanism = {
        .algorithm = ALGORITHM_HKDF,
        .hash = hash,
        .salt = vector_bytes(vector->test, "salt"),
        .label = vector_bytes(vector->test, "info"),
        .steps = HKDF_EXTRACT | HKDF_EXPAND,
    };
    struct span out = out_span();
    if (load(&key, KEY_GENERIC, vector_bytes(vector->test, "ikm")) != STATUS_OK) {
        return REFUSED;
    }
    enum status status = crypto_derive(&key, &mechanism, vector_number(vector->test, "size"), &out);
    crypto_key_unload(&key);
    return status == STATUS_OK ? vector_compare(out, vector_bytes(vector->test, "okm")) : REFUSED;
}

enum verdict judge_hkdf_sha256(const struct vector *vector) {
    return judge_hkdf(vector, HASH_SHA256);
}

enum verdict judge_hkdf_sha384(const struct vector *vector) {
    return judge_hkdf(vector, HASH_SHA384);
}
