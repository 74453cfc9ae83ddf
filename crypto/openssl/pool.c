/* SPDX-License-Identifier: Apache-2.0 */
/* Contexts of OpenSSL that are ready for one kind of work. */
#include "crypto/openssl/pool.h"

#include "crypto/openssl/random.h"

#include <openssl/crypto.h>

struct pool pool_shared;

/* Reading is cheap; taking a word away from another processor is not. */
static bool looks_right(struct pool *pool, size_t slot, uint64_t shape) {
    return atomic_load_explicit(&pool->slots[slot], memory_order_relaxed) != NULL &&
           atomic_load_explicit(&pool->shapes[slot], memory_order_relaxed) == shape;
}

static void set_hint(struct pool *pool, size_t slot, uint64_t shape) {
    atomic_store_explicit(&pool->shapes[slot], shape, memory_order_relaxed);
}

struct ready *pool_take(struct pool *pool, uint64_t shape) {
    for (size_t i = 0; i < POOL_SLOTS; i++) {
        if (!looks_right(pool, i, shape)) {
            continue;
        }
        struct ready *ready = atomic_exchange(&pool->slots[i], NULL);
        if (ready != NULL && ready->shape == shape) {
            return ready;
        }
        struct ready *empty = NULL;
        if (ready == NULL) {
            continue;
        }
        set_hint(pool, i, ready->shape); /* two givers at once left a wrong one */
        if (!atomic_compare_exchange_strong(&pool->slots[i], &empty, ready)) {
            ready_drop(ready);
        }
    }
    return NULL;
}

void pool_give(struct pool *pool, struct ready *ready) {
    uint64_t shape = ready->shape; /* once given, it is another's */
    for (size_t i = 0; i < POOL_SLOTS; i++) {
        struct ready *empty = NULL;
        if (atomic_load_explicit(&pool->slots[i], memory_order_relaxed) == NULL &&
            atomic_compare_exchange_strong(&pool->slots[i], &empty, ready)) {
            set_hint(pool, i, shape);
            return;
        }
    }
    /* Full: one that was used longer ago makes room, so that a change of work is followed. */
    size_t slot = atomic_fetch_add(&pool->turn, 1u) % POOL_SLOTS;
    ready_drop(atomic_exchange(&pool->slots[slot], ready));
    set_hint(pool, slot, shape);
}

void pool_drain(struct pool *pool) {
    for (size_t i = 0; i < POOL_SLOTS; i++) {
        ready_drop(atomic_exchange(&pool->slots[i], NULL));
    }
}

struct ready *ready_new(enum ready_kind kind, uint64_t shape) {
    struct ready *ready = OPENSSL_zalloc(sizeof(*ready));
    if (ready == NULL) {
        return NULL;
    }
    ready->kind = kind;
    ready->shape = shape;
    if (kind == READY_DIGEST) {
        ready->digest = EVP_MD_CTX_new();
    } else if (kind == READY_CIPHER) {
        ready->cipher = EVP_CIPHER_CTX_new();
    } else {
        return ready;
    }
    if (ready->any == NULL) {
        ready_drop(ready);
        return NULL;
    }
    return ready;
}

void ready_drop(struct ready *ready) {
    if (ready == NULL) {
        return;
    }
    switch (ready->kind) {
    case READY_PKEY:
        EVP_PKEY_CTX_free(ready->pkey);
        break;
    case READY_DIGEST:
        EVP_MD_CTX_free(ready->digest);
        break;
    case READY_CIPHER:
        EVP_CIPHER_CTX_free(ready->cipher);
        break;
    case READY_MAC:
        EVP_MAC_CTX_free(ready->mac);
        break;
    case READY_RANDOM:
        EVP_RAND_CTX_free(ready->random);
        break;
    }
    OPENSSL_free(ready);
}

void ready_end(struct pool *pool, struct ready *ready, enum status status) {
    if (status == STATUS_OK) {
        pool_give(pool, ready);
    } else {
        ready_drop(ready);
    }
}
