/* SPDX-License-Identifier: Apache-2.0 */
/* The random generator: HMAC_DRBG with SHA-256 (SP 800-90A, 10.1.2) of BearSSL. Every request first
 * reseeds it with 32 fresh bytes of the platform (prediction resistance, 9.3.1 step 7): what the
 * state was before never decides what comes out alone. */
#include "crypto/mcu/random.h"

#include "base/wipe.h"
#include "crypto/crypto.h"
#include "port/port.h"

#include <bearssl.h>
#include <stdatomic.h>

/* 256 bits of security strength: as much entropy for each seed, and half of it as the nonce. */
enum { SEED_SIZE = 48, RESEED_SIZE = 32, REQUEST_MAX = 65536 };

static struct {
    br_hmac_drbg_context drbg;
    bool seeded;
    atomic_flag busy; /* on the chip there is one thread; natively tests have more */
} generator = {.busy = ATOMIC_FLAG_INIT};

static enum status seed(void) {
    SECRET_BYTES(fresh, SEED_SIZE);
    TRY(port_random(fresh, sizeof(fresh)));
    br_hmac_drbg_init(&generator.drbg, &br_sha256_vtable, fresh, sizeof(fresh));
    generator.seeded = true;
    return STATUS_OK;
}

static enum status draw(uint8_t *out, size_t size) {
    SECRET_BYTES(fresh, RESEED_SIZE);
    if (!generator.seeded) {
        TRY(seed());
    }
    do {
        size_t part = size < REQUEST_MAX ? size : REQUEST_MAX;
        TRY(port_random(fresh, sizeof(fresh)));
        br_hmac_drbg_update(&generator.drbg, fresh, sizeof(fresh));
        br_hmac_drbg_generate(&generator.drbg, out, part);
        out += part;
        size -= part;
    } while (size > 0);
    return STATUS_OK;
}

enum status crypto_random(uint8_t *out, size_t size) {
    while (atomic_flag_test_and_set(&generator.busy)) {
    }
    enum status status = draw(out, size);
    atomic_flag_clear(&generator.busy);
    if (status != STATUS_OK) {
        wipe(out, size);
    }
    return status;
}

enum status random_start(void) {
    SECRET_BYTES(first, RESEED_SIZE);
    random_stop();
    return crypto_random(first, sizeof(first));
}

void random_stop(void) {
    wipe(&generator.drbg, sizeof(generator.drbg));
    generator.seeded = false;
}
