/* SPDX-License-Identifier: Apache-2.0 */
/* Which parameters go with which key, and how large results are. */
#include "crypto/openssl/mechanism.h"

#include "crypto/openssl/cipher.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/signature.h"

enum { OAEP_OVERHEAD = 2, IV_AND_TAG = 12 + 16, KW_BLOCK = 8 };

/* SHA-1 is not collision free: no signature with it is made or taken for good. */
static bool signs(uint32_t hash) {
    return hash != HASH_NONE && hash != HASH_SHA1 && hash < HASH_COUNT;
}

static bool hash_given(uint32_t hash) {
    return hash != HASH_NONE && hash < HASH_COUNT;
}

static bool oaep_fits(const struct loaded *key, const struct mechanism *m) {
    return hash_given(m->digest) && hash_given(m->mgf) &&
           key->size >= 2 * hash_size(m->digest) + OAEP_OVERHEAD;
}

static bool pss_fits(const struct loaded *key, const struct mechanism *m) {
    /* emLen >= hLen + sLen + 2 (RFC 8017, 9.1.1); the modulus has a whole number of bytes or more.
     */
    return signs(m->digest) && signs(m->mgf) && (m->hash == HASH_NONE || m->hash == m->digest) &&
           m->salt_size <= RSA_SIZE_MAX &&
           hash_size(m->digest) + m->salt_size + 2 <=
               (size_t)(EVP_PKEY_get_bits(key->pkey) + 6) / 8;
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
    return hash_given(m->hash) && m->steps != 0 &&
           (m->steps & ~(uint32_t)(HKDF_EXTRACT | HKDF_EXPAND)) == 0;
}

static bool agreement_fits(const struct mechanism *m) {
    return m->kdf < HASH_COUNT && (m->kdf != KDF_NONE || m->label.size == 0);
}

static bool parameters_fit(const struct loaded *key, const struct mechanism *m,
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
        return hash_given(m->hash) && mac_fits(m, hash_size(m->hash));
    case ALGORITHM_AES_CMAC:
        return mac_fits(m, AES_BLOCK);
    case ALGORITHM_ECDH:
    case ALGORITHM_X25519:
        return agreement_fits(m);
    case ALGORITHM_HKDF:
        return hkdf_fits(m);
    case ALGORITHM_KBKDF_COUNTER:
        return hash_given(m->hash);
    default:
        return true;
    }
}

enum status crypto_mechanism_check(const struct crypto_key *key, const struct mechanism *mechanism,
                                   enum function function) {
    const struct algorithm_row *row = algorithm_row(mechanism->algorithm);
    const struct loaded *loaded = key != NULL ? key_loaded(key) : NULL;
    if (row == NULL || (row->functions & (uint32_t)function) == 0) {
        return STATUS_MECHANISM_INVALID;
    }
    if (function == F_DIGEST) {
        return hash_given(mechanism->hash) ? STATUS_OK : STATUS_MECHANISM_PARAM_INVALID;
    }
    if (loaded == NULL || !algorithm_takes(row, loaded->type)) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    bool private_use =
        function == F_SIGN || function == F_DECRYPT || function == F_UNWRAP || function == F_DERIVE;
    if (loaded->pkey != NULL && private_use && !loaded->is_private) {
        return STATUS_KEY_FUNCTION_NOT_PERMITTED;
    }
    return parameters_fit(loaded, mechanism, function) ? STATUS_OK : STATUS_MECHANISM_PARAM_INVALID;
}

static size_t signature_size(const struct loaded *key, const struct mechanism *m) {
    if (key->pkey == NULL) {
        return mac_size(m);
    }
    return key->type == KEY_RSA ? key->size : 2 * key->size;
}

size_t mechanism_tag_size(const struct mechanism *m) {
    return m->algorithm == ALGORITHM_CHACHA20_POLY1305 ? 16 : m->tag_bits / 8;
}

static size_t sealed_size(const struct loaded *key, const struct mechanism *m, size_t size) {
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

static size_t opened_size(const struct loaded *key, const struct mechanism *m, size_t size) {
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

size_t mechanism_output_size(const struct loaded *key, const struct mechanism *m,
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
    if (crypto_mechanism_check(key, mechanism, function) != STATUS_OK) {
        return 0;
    }
    return mechanism_output_size(key != NULL ? key_loaded(key) : NULL, mechanism, function, size);
}
