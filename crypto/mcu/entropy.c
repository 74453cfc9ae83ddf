/* SPDX-License-Identifier: Apache-2.0 */
/* Health tests and conditioning of raw noise. */
#include "crypto/mcu/entropy.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/crypto.h"

void entropy_start(struct entropy *entropy) {
    wipe(entropy, sizeof(*entropy));
    entropy->start_left = ENTROPY_START_SAMPLES;
    entropy->state = ENTROPY_STARTING;
}

void entropy_stop(struct entropy *entropy) {
    wipe(entropy, sizeof(*entropy));
}

static void fail(struct entropy *entropy, enum entropy_fault fault) {
    wipe(entropy, sizeof(*entropy));
    entropy->fault = fault;
    entropy->state = ENTROPY_FAILED;
}

/* Repetition count (4.4.1). */
static bool repeats(struct entropy *entropy, uint8_t sample) {
    entropy->repeats = entropy->repeats > 0 && sample == entropy->last ? entropy->repeats + 1 : 1;
    entropy->last = sample;
    return entropy->repeats >= ENTROPY_REPEATS_MAX;
}

/* Adaptive proportion (4.4.2). */
static bool prevails(struct entropy *entropy, uint8_t sample) {
    if (entropy->window_at == 0) {
        entropy->window_first = sample;
        entropy->window_count = 0;
    }
    entropy->window_count += sample == entropy->window_first;
    entropy->window_at = (entropy->window_at + 1) % ENTROPY_WINDOW;
    return entropy->window_count >= ENTROPY_WINDOW_MAX;
}

/* Whether the latest samples are the mark's. */
static bool marks_again(const struct entropy *entropy) {
    uint8_t straight[ENTROPY_MARK_SIZE];
    for (uint32_t i = 0; i < ENTROPY_MARK_SIZE; i++) {
        straight[i] = entropy->recent[(entropy->samples + i) % ENTROPY_MARK_SIZE];
    }
    return ct_equal(straight, entropy->mark, ENTROPY_MARK_SIZE);
}

/* Whether noise from the mark on has come again. */
static bool comes_again(struct entropy *entropy, uint8_t sample) {
    entropy->recent[entropy->samples % ENTROPY_MARK_SIZE] = sample;
    entropy->samples++;
    if (entropy->samples == ENTROPY_MARK_SIZE) {
        memcpy(entropy->mark, entropy->recent, ENTROPY_MARK_SIZE);
        return false;
    }
    bool again = entropy->samples > ENTROPY_MARK_SIZE && marks_again(entropy);
    if (entropy->samples == ENTROPY_MARK_EVERY) {
        entropy->samples = 0;
    }
    return again;
}

void entropy_feed(struct entropy *entropy, uint8_t sample) {
    if (entropy->state != ENTROPY_STARTING && entropy->state != ENTROPY_HEALTHY) {
        return;
    }
    if (repeats(entropy, sample)) {
        fail(entropy, ENTROPY_FAULT_STUCK);
    } else if (prevails(entropy, sample)) {
        fail(entropy, ENTROPY_FAULT_BIASED);
    } else if (comes_again(entropy, sample)) {
        fail(entropy, ENTROPY_FAULT_REPEATED);
    } else if (entropy->state == ENTROPY_STARTING) {
        entropy->start_left--;
        entropy->state = entropy->start_left == 0 ? ENTROPY_HEALTHY : ENTROPY_STARTING;
    } else if (entropy->count < ENTROPY_BLOCK_SAMPLES) {
        entropy->raw[entropy->count++] = sample;
    }
}

enum status entropy_take(struct entropy *entropy, uint8_t *out) {
    memset(out, 0, ENTROPY_BLOCK_SIZE);
    if (entropy->state != ENTROPY_HEALTHY || entropy->count < ENTROPY_BLOCK_SAMPLES) {
        return STATUS_NO_ENTROPY;
    }
    struct bytes raw = bytes_of(entropy->raw, sizeof(entropy->raw));
    TRY(crypto_hash(HASH_SHA256, &raw, 1, out));
    wipe(entropy->raw, sizeof(entropy->raw));
    entropy->count = 0;
    return STATUS_OK;
}
