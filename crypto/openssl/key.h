/* SPDX-License-Identifier: Apache-2.0 */
/* A loaded key, as the files of this folder see it. */
#ifndef CRYPTO_OPENSSL_KEY_H
#define CRYPTO_OPENSSL_KEY_H

#include "crypto/common/mechanism.h"
#include "crypto/common/pkcs1.h"
#include "crypto/crypto.h"
#include "crypto/openssl/curve.h"
#include "crypto/openssl/pool.h"

struct loaded {
    atomic_uint users; /* the crypto_key itself, and open streams */
    size_t allocated;  /* bytes, to be wiped */
    enum key_type type;
    bool is_private;
    size_t size; /* secret keys: of the key; RSA: of the modulus; else of a coordinate */
    const struct curve *curve;
    EVP_PKEY *pkey;                        /* RSA, EC, ED25519, X25519 */
    struct pool pool;                      /* contexts that hold this key */
    uint8_t rejection[REJECTION_KEY_SIZE]; /* RSA private: see crypto/common/pkcs1.h */
    uint8_t secret[];                      /* secret keys */
};

/* What crypto_key holds; NULL in a zeroed one. */
struct loaded *key_loaded(const struct crypto_key *key);
void key_share(struct loaded *loaded);
void key_release(struct loaded *loaded);

/* The context of `shape`: a waiting one, or a new one (*is_new), of READY_PKEY with the key in it.
 * A new one must be initialised; of READY_MAC it is NULL. */
enum status key_take(struct loaded *loaded, enum ready_kind kind, uint64_t shape,
                     struct ready **ready, bool *is_new) MUST_USE;

/* The shape of contexts for this use of a key: everything their initialisation depends on. */
uint64_t key_shape(const struct mechanism *mechanism, enum function function);

/* Builds OpenSSL's form of the key and checks it; each for the types of its file's name. */
enum status rsa_key_build(const struct key_parts *parts, struct loaded *loaded) MUST_USE;
enum status ec_key_build(const struct key_parts *parts, struct loaded *loaded) MUST_USE;

/* OpenSSL's form of a public point: PUBLIC_KEY_INVALID where it is none. */
enum status ec_key_make_public(const struct curve *curve, struct bytes point,
                               EVP_PKEY **pkey) MUST_USE;

#endif
