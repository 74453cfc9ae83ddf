/* SPDX-License-Identifier: Apache-2.0 */
/* Stretching of PINs: PBKDF2-HMAC-SHA-256 (SP 800-132); the cost is the number of iterations. An
 * iteration is two blocks of SHA-256, about 7,000 instructions: a thousand, the least that SP
 * 800-132 recommends, take about 65 ms at 160 MHz. What stops guessing is that the chip counts
 * wrong tries and locks; the stretching is for the day its flash is read out. */
#include "base/wipe.h"
#include "crypto/crypto.h"

#include <bearssl.h>

enum { ITERATIONS = 1000 };

uint32_t crypto_pin_cost(void) {
    return ITERATIONS;
}

enum status crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost, uint8_t *out) {
    static const uint8_t first_block[4] = {0, 0, 0, 1};
    br_hmac_key_context key;
    br_hmac_context hmac;
    WIPE_AT_END(key, sizeof(key));
    WIPE_AT_END(hmac, sizeof(hmac));
    SECRET_BYTES(block, PIN_VERIFIER_SIZE);
    if (cost == 0 || pin.size == 0) {
        return STATUS_PIN_LENGTH;
    }
    br_hmac_key_init(&key, &br_sha256_vtable, pin.data, pin.size);
    br_hmac_init(&hmac, &key, 0);
    br_hmac_update(&hmac, salt, PIN_SALT_SIZE);
    br_hmac_update(&hmac, first_block, sizeof(first_block));
    (void)br_hmac_out(&hmac, block);
    memcpy(out, block, PIN_VERIFIER_SIZE);
    for (uint32_t i = 1; i < cost; i++) {
        br_hmac_init(&hmac, &key, 0);
        br_hmac_update(&hmac, block, PIN_VERIFIER_SIZE);
        (void)br_hmac_out(&hmac, block);
        for (size_t j = 0; j < PIN_VERIFIER_SIZE; j++) {
            out[j] ^= block[j];
        }
    }
    return STATUS_OK;
}
