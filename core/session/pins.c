/* SPDX-License-Identifier: Apache-2.0 */
/* PINs: stretching and comparison. */
#include "base/ct.h"
#include "base/wipe.h"
#include "core/session/tokens.h"

enum status pin_make(struct pin *pin, struct bytes text) {
    struct pin next = {.set = true, .cost = crypto_pin_cost()};
    if (text.size < PIN_SIZE_MIN || text.size > PIN_SIZE_MAX) {
        return STATUS_PIN_LENGTH;
    }
    TRY(crypto_random(next.salt, sizeof(next.salt)));
    TRY(crypto_pin_stretch(text, next.salt, next.cost, next.verifier));
    *pin = next;
    wipe(&next, sizeof(next));
    return STATUS_OK;
}

bool pin_matches(const struct pin *pin, struct bytes text) {
    SECRET_BYTES(verifier, PIN_VERIFIER_SIZE);
    if (crypto_pin_stretch(text, pin->salt, pin->cost, verifier) != STATUS_OK) {
        return false;
    }
    /* Twice, with far-apart truth values: one skipped instruction must not let anybody in. */
    volatile uint32_t first = ct_equal(verifier, pin->verifier, sizeof(verifier)) ? 0x3ca5965au : 0;
    volatile uint32_t second =
        ct_equal(pin->verifier, verifier, sizeof(verifier)) ? 0xc35a69a5u : 0;
    return (first ^ second) == 0xffffffffu;
}
