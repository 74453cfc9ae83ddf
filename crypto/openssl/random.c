/* SPDX-License-Identifier: Apache-2.0 */
/* The random generator: CTR_DRBG with AES-256 (SP 800-90A, 10.2.1) of OpenSSL, one for each thread
 * that draws at the same time. Every draw mixes 32 fresh bytes of the platform into the state
 * before it gives anything (additional input, 9.3.1): a forked, cloned or restored process never
 * repeats a value. OpenSSL seeds each generator, and again after 256 draws, from the operating
 * system.
 *
 * OpenSSL draws through it too: nonces of ECDSA, keys, salts, blinding. A process-wide RAND_METHOD
 * is the only way to reach all of them; it is marked as deprecated in favour of providers. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/openssl/random.h"

#include "base/wipe.h"
#include "crypto/crypto.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/pool.h"
#include "port/port.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>

enum { FRESH_SIZE = 32, STRENGTH_BITS = 256 };

static struct pool generators;
static _Thread_local bool starved;

bool random_was_starved(void) {
    bool was = starved;
    starved = false;
    return was;
}

static struct ready *generator_new(const uint8_t *fresh) {
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, (char *)(uintptr_t) "AES-256-CTR",
                                         0),
        OSSL_PARAM_construct_end(),
    };
    struct ready *ready = ready_new(READY_RANDOM, 0);
    if (ready == NULL) {
        return NULL;
    }
    ready->random = EVP_RAND_CTX_new(library.generator, NULL);
    if (ready->random == NULL ||
        EVP_RAND_instantiate(ready->random, STRENGTH_BITS, 0, fresh, FRESH_SIZE, params) != 1) {
        ready_drop(ready);
        return NULL;
    }
    return ready;
}

static bool draw(uint8_t *out, size_t size) {
    SECRET_BYTES(fresh, FRESH_SIZE);
    if (port_random(fresh, sizeof(fresh)) != STATUS_OK) {
        return false;
    }
    struct ready *generator = pool_take(&generators, 0);
    if (generator == NULL) {
        generator = generator_new(fresh);
    }
    if (generator == NULL) {
        return false;
    }
    if (EVP_RAND_generate(generator->random, out, size, STRENGTH_BITS, 0, fresh, sizeof(fresh)) !=
        1) {
        ready_drop(generator);
        wipe(out, size);
        return false;
    }
    pool_give(&generators, generator);
    return true;
}

static int method_bytes(unsigned char *out, int size) {
    if (size >= 0 && draw(out, (size_t)size)) {
        return 1;
    }
    starved = true;
    return 0;
}

/* What callers stir in is not needed, and must not wake OpenSSL's own generators. */
static int method_seed(const void *data, int size) {
    (void)data;
    (void)size;
    return 1;
}

static int method_add(const void *data, int size, double entropy) {
    (void)entropy;
    return method_seed(data, size);
}

static int method_status(void) {
    return 1;
}

static const RAND_METHOD method = {
    .seed = method_seed,
    .bytes = method_bytes,
    .add = method_add,
    .pseudorand = method_bytes,
    .status = method_status,
};

enum status random_start(void) {
    uint8_t first[FRESH_SIZE];
    if (RAND_set_rand_method(&method) != 1) {
        return library_failure();
    }
    TRY(crypto_random(first, sizeof(first)));
    wipe(first, sizeof(first));
    return STATUS_OK;
}

void random_stop(void) {
    (void)RAND_set_rand_method(NULL);
    pool_drain(&generators);
}

enum status crypto_random(uint8_t *out, size_t size) {
    if (!draw(out, size)) {
        wipe(out, size);
        return library_refusal(STATUS_NO_ENTROPY);
    }
    return STATUS_OK;
}
