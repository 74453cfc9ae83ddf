/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameters go with which key, and how large results are. */
#include "crypto/common/mechanism.h"

#include "crypto/common/pkcs1.h"

enum { OAEP_OVERHEAD = 2, IV_AND_TAG = WRAP_IV_SIZE + 16 };

bool key_is_secret(enum key_type type) {
    return type == KEY_AES || type == KEY_GENERIC || type == KEY_CHACHA20;
}

enum status key_secret_check(enum key_type type, size_t size) {
    bool fits = type == KEY_AES        ? size == 16 || size == 24 || size == 32
                : type == KEY_CHACHA20 ? size == 32
                                       : size > 0 && size <= SECRET_SIZE_MAX;
    return fits ? STATUS_OK : STATUS_KEY_SIZE;
}

bool mechanism_is_aead(uint32_t algorithm) {
    return algorithm == ALGORITHM_AES_GCM || algorithm == ALGORITHM_AES_CCM ||
           algorithm == ALGORITHM_CHACHA20_POLY1305;
}

bool mechanism_is_mac(uint32_t algorithm) {
    return algorithm == ALGORITHM_HMAC || algorithm == ALGORITHM_AES_CMAC;
}

size_t mechanism_tag_size(const struct mechanism *m) {
    return m->algorithm == ALGORITHM_CHACHA20_POLY1305 ? TAG_SIZE_MAX : m->tag_bits / 8;
}

size_t mechanism_mac_full(const struct mechanism *m) {
    return m->algorithm == ALGORITHM_AES_CMAC ? (size_t)AES_BLOCK : hash_size(m->hash);
}

size_t mechanism_mac_size(const struct mechanism *m) {
    return m->mac_size != 0 ? m->mac_size : mechanism_mac_full(m);
}

bool mechanism_counts(const struct mechanism *mechanism, uint64_t size) {
    uint64_t blocks = size / AES_BLOCK + (size % AES_BLOCK != 0);
    uint64_t counter = 0;
    if (mechanism->counter_bits >= 64) {
        /* Only a counter that is about to wrap can be a problem: its higher part is all ones. */
        for (uint32_t bit = 64; bit < mechanism->counter_bits; bit++) {
            if ((mechanism->iv.data[AES_BLOCK - 1 - bit / 8] >> bit % 8 & 1) == 0) {
                return true;
            }
        }
    }
    for (size_t i = AES_BLOCK - 8; i < AES_BLOCK; i++) {
        counter = counter << 8 | mechanism->iv.data[i];
    }
    if (mechanism->counter_bits >= 64) {
        return blocks == 0 || blocks - 1 <= UINT64_MAX - counter;
    }
    uint64_t range = (uint64_t)1 << mechanism->counter_bits;
    return blocks <= range - (counter & (range - 1));
}

/* SHA-1 is not collision free: no signature with it is made or taken for good. */
static bool signs(uint32_t hash) {
    return hash != HASH_SHA1 && hash_offered(hash);
}

static bool oaep_fits(const struct key_facts *key, const struct mechanism *m) {
    return hash_offered(m->digest) && hash_offered(m->mgf) &&
           key->size >= 2 * hash_size(m->digest) + OAEP_OVERHEAD;
}

static bool pss_fits(const struct key_facts *key, const struct mechanism *m) {
    /* emLen >= hLen + sLen + 2 (RFC 8017, 9.1.1); the modulus has a whole number of bytes or more.
     */
    return signs(m->digest) && signs(m->mgf) && (m->hash == HASH_NONE || m->hash == m->digest) &&
           m->salt_size <= RSA_SIZE_MAX &&
           hash_size(m->digest) + m->salt_size + 2 <= ((size_t)key->bits + 6) / 8;
}

static bool mac_fits(const struct mechanism *m, size_t full) {
    enum { SIZE_MIN = 8 };
    return full != 0 && (m->mac_size == 0 || (m->mac_size >= SIZE_MIN && m->mac_size <= full));
}

static bool gcm_fits(const struct mechanism *m, enum function function) {
    /* OpenSSL keeps at most 128 bytes of an IV. */
    enum { IV_MAX = 128 };
    bool made = m->make_iv != 0 && (function == F_ENCRYPT || function == F_WRAP);
    return (m->tag_bits == 128 || m->tag_bits == 96) &&
           ((made && m->iv.size == 0) || (m->iv.size >= 1 && m->iv.size <= IV_MAX));
}

static bool ccm_fits(const struct mechanism *m) {
    return m->iv.size >= 7 && m->iv.size <= 13 && m->tag_bits >= 64 && m->tag_bits <= 128 &&
           m->tag_bits % 16 == 0;
}

static bool chacha_fits(const struct mechanism *m, enum function function) {
    enum { NONCE_SIZE = 12 };
    return m->iv.size == NONCE_SIZE ||
           (m->make_iv != 0 && m->iv.size == 0 && function == F_ENCRYPT);
}

static bool hkdf_fits(const struct mechanism *m) {
    return hash_offered(m->hash) && m->steps != 0 &&
           (m->steps & ~(uint32_t)(HKDF_EXTRACT | HKDF_EXPAND)) == 0;
}

static bool agreement_fits(const struct mechanism *m) {
    return m->kdf == KDF_NONE ? m->label.size == 0 : hash_offered(m->kdf);
}

static bool parameters_fit(const struct key_facts *key, const struct mechanism *m,
                           enum function function) {
    bool signature = function == F_SIGN || function == F_VERIFY;
    switch (m->algorithm) {
    case ALGORITHM_RSA_PKCS1:
        return m->hash == HASH_NONE || (signature && signs(m->hash));
    case ALGORITHM_ECDSA:
        return m->hash == HASH_NONE || signs(m->hash);
    case ALGORITHM_RSA_PSS:
        return pss_fits(key, m);
    case ALGORITHM_RSA_OAEP:
        return oaep_fits(key, m);
    case ALGORITHM_AES_GCM:
        return gcm_fits(m, function);
    case ALGORITHM_AES_CCM:
        return ccm_fits(m);
    case ALGORITHM_AES_CTR:
        return m->iv.size == AES_BLOCK && m->counter_bits >= 1 && m->counter_bits <= 128;
    case ALGORITHM_AES_CBC:
    case ALGORITHM_AES_CBC_PAD:
        return m->iv.size == AES_BLOCK;
    case ALGORITHM_CHACHA20_POLY1305:
        return chacha_fits(m, function);
    case ALGORITHM_HMAC:
        return hash_offered(m->hash) && mac_fits(m, hash_size(m->hash));
    case ALGORITHM_AES_CMAC:
        return mac_fits(m, AES_BLOCK);
    case ALGORITHM_ECDH:
    case ALGORITHM_X25519:
        return agreement_fits(m);
    case ALGORITHM_HKDF:
        return hkdf_fits(m);
    case ALGORITHM_KBKDF_COUNTER:
        return hash_offered(m->hash);
    default:
        return true;
    }
}

enum status crypto_mechanism_check(const struct crypto_key *key, const struct mechanism *mechanism,
                                   enum function function) {
    const struct algorithm_row *row = algorithm_row(mechanism->algorithm);
    struct key_facts facts;
    if (row == NULL || (row->functions & (uint32_t)function) == 0) {
        return STATUS_MECHANISM_INVALID;
    }
    if (function == F_DIGEST) {
        return hash_offered(mechanism->hash) ? STATUS_OK : STATUS_MECHANISM_PARAM_INVALID;
    }
    if (key == NULL || !key_facts(key, &facts) || !algorithm_takes(row, facts.type)) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    bool private_use =
        function == F_SIGN || function == F_DECRYPT || function == F_UNWRAP || function == F_DERIVE;
    if (!key_is_secret(facts.type) && private_use && !facts.is_private) {
        return STATUS_KEY_FUNCTION_NOT_PERMITTED;
    }
    return parameters_fit(&facts, mechanism, function) ? STATUS_OK : STATUS_MECHANISM_PARAM_INVALID;
}

enum status mechanism_signs_length(const struct mechanism *mechanism, size_t key_size,
                                   size_t size) {
    enum { DIGEST_MAX = 66 };
    bool fits = true;
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_PKCS1:
        fits = size > 0 && size <= key_size - PKCS1_OVERHEAD;
        break;
    case ALGORITHM_RSA_PSS:
        fits = size == hash_size(mechanism->digest);
        break;
    case ALGORITHM_RSA_RAW:
        fits = size > 0 && size <= key_size;
        break;
    case ALGORITHM_ECDSA:
        fits = size > 0 && size <= DIGEST_MAX;
        break;
    default:
        break;
    }
    return fits ? STATUS_OK : STATUS_DATA_LENGTH;
}

static size_t signature_size(const struct key_facts *key, const struct mechanism *m) {
    if (key_is_secret(key->type)) {
        return mechanism_mac_size(m);
    }
    return key->type == KEY_RSA ? key->size : 2 * key->size;
}

static size_t sealed_size(const struct key_facts *key, const struct mechanism *m, size_t size) {
    switch (m->algorithm) {
    case ALGORITHM_AES_GCM:
    case ALGORITHM_AES_CCM:
    case ALGORITHM_CHACHA20_POLY1305:
        return size + mechanism_tag_size(m);
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        return size + IV_AND_TAG;
    case ALGORITHM_AES_CBC_PAD:
        return size - size % AES_BLOCK + AES_BLOCK;
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        return (size + KW_BLOCK - 1) / KW_BLOCK * KW_BLOCK + KW_BLOCK;
    default:
        return key->type == KEY_RSA ? key->size : size;
    }
}

static size_t opened_size(const struct key_facts *key, const struct mechanism *m, size_t size) {
    size_t less = 0;
    switch (m->algorithm) {
    case ALGORITHM_AES_GCM:
    case ALGORITHM_AES_CCM:
    case ALGORITHM_CHACHA20_POLY1305:
        less = mechanism_tag_size(m);
        break;
    case ALGORITHM_WRAP_WITH_ATTRIBUTES:
        less = IV_AND_TAG;
        break;
    case ALGORITHM_AES_KW:
    case ALGORITHM_AES_KWP:
        less = KW_BLOCK;
        break;
    case ALGORITHM_RSA_PKCS1:
        return key->size - PKCS1_OVERHEAD;
    case ALGORITHM_RSA_OAEP:
        return key->size - 2 * hash_size(m->digest) - OAEP_OVERHEAD;
    case ALGORITHM_RSA_RAW:
        return key->size;
    default:
        break;
    }
    return size > less ? size - less : 0;
}

size_t mechanism_output_size(const struct key_facts *key, const struct mechanism *m,
                             enum function function, size_t size) {
    switch (function) {
    case F_SIGN:
    case F_VERIFY:
        return signature_size(key, m);
    case F_DIGEST:
        return hash_size(m->hash);
    case F_ENCRYPT:
    case F_WRAP:
        return sealed_size(key, m, size);
    case F_DECRYPT:
    case F_UNWRAP:
        return opened_size(key, m, size);
    default:
        return size;
    }
}

size_t crypto_output_size(const struct crypto_key *key, const struct mechanism *mechanism,
                          enum function function, size_t size) {
    struct key_facts facts = {.type = KEY_NONE};
    if (crypto_mechanism_check(key, mechanism, function) != STATUS_OK ||
        (key != NULL && !key_facts(key, &facts) && function != F_DIGEST)) {
        return 0;
    }
    return mechanism_output_size(&facts, mechanism, function, size);
}

enum status mechanism_begin(const struct crypto_key *key, const struct mechanism *mechanism,
                            enum function function, size_t size, const struct span *out) {
    TRY(crypto_mechanism_check(key, mechanism, function));
    bool makes = function == F_ENCRYPT || function == F_WRAP;
    if (makes && mechanism->make_iv != 0 && mechanism->iv.size == 0) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    return out->size < crypto_output_size(key, mechanism, function, size) ? STATUS_TOO_LARGE
                                                                          : STATUS_OK;
}
