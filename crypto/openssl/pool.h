/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of OpenSSL that are ready for one kind of work: to make one costs more than many an
 * operation. A pool keeps a few; any thread takes one and gives it back, without a lock. */
#ifndef CRYPTO_OPENSSL_POOL_H
#define CRYPTO_OPENSSL_POOL_H

#include "base/compiler.h"
#include "base/status.h"

#include <stdatomic.h>
#include <stdint.h>

#include <openssl/evp.h>

enum { POOL_SLOTS = LIMIT_PICK(8, 2) };

enum ready_kind {
    READY_PKEY,
    READY_DIGEST, /* also EdDSA, which OpenSSL signs through a digest context */
    READY_CIPHER,
    READY_MAC,
    READY_RANDOM,
};

/* One context, and what it is ready for: two contexts of one shape in one pool are alike. */
struct ready {
    uint64_t shape;
    enum ready_kind kind;
    union {
        void *any;
        EVP_PKEY_CTX *pkey;
        EVP_MD_CTX *digest;
        EVP_CIPHER_CTX *cipher;
        EVP_MAC_CTX *mac;
        EVP_RAND_CTX *random;
    };
};

struct pool {
    _Atomic(struct ready *) slots[POOL_SLOTS];
    _Atomic(uint64_t) shapes[POOL_SLOTS]; /* of what most likely lies there: a hint */
    atomic_uint turn;
};

/* For contexts that hold no key, or get a new one each time. */
extern struct pool pool_shared;

/* A context of this shape that nobody else uses, or NULL where a new one must be made. */
struct ready *pool_take(struct pool *pool, uint64_t shape) MUST_USE;
/* Gives a context back in good order. */
void pool_give(struct pool *pool, struct ready *ready);
/* Frees all that nobody uses. */
void pool_drain(struct pool *pool);

/* A context with nothing in it; NULL when memory is short. A READY_PKEY starts without one. */
struct ready *ready_new(enum ready_kind kind, uint64_t shape) MUST_USE;
/* Frees a context; accepts NULL. */
void ready_drop(struct ready *ready);
/* The end of an operation: what went well is kept, what did not is dropped. */
void ready_end(struct pool *pool, struct ready *ready, enum status status);

#endif
