/* SPDX-License-Identifier: Apache-2.0 */
/* From raw noise to entropy (SP 800-90B): health tests of every sample, a start-up test, and
 * conditioning by SHA-256. It asks nobody for noise and knows no time: port/m33 feeds it with what
 * its source gives, byte by byte, and gives up when nothing comes.
 *
 *     entropy_start(&entropy);
 *     while (entropy_take(&entropy, block) == STATUS_NO_ENTROPY) {
 *         if (entropy.state == ENTROPY_FAILED || no byte came in time) fail closed;
 *         entropy_feed(&entropy, byte);
 *     }
 *
 * A test that fails makes it fail for good: only a new start, with its start-up test, ends that. */
#ifndef CRYPTO_MCU_ENTROPY_H
#define CRYPTO_MCU_ENTROPY_H

#include "base/bytes.h"
#include "base/status.h"

/* What is claimed of the source: half a bit of min-entropy in each bit, so 4 in a sample of a byte.
 * The limits of the tests follow from it and from one false alarm in 2^30 samples or windows. */
enum {
    ENTROPY_REPEATS_MAX = 9,   /* 4.4.1: equal samples in a row that fail: 1 + 30 / 4 */
    ENTROPY_WINDOW = 512,      /* 4.4.2: samples of one window */
    ENTROPY_WINDOW_MAX = 71,   /* its first sample so many times in it fails */
    ENTROPY_START_SAMPLES = 1024,
    ENTROPY_BLOCK_SIZE = 32,   /* bytes of entropy that come out at once */
    ENTROPY_BLOCK_SAMPLES = 80 /* 320 bits in, 256 out: 64 more than needed (3.1.5.1.2) */
};
/* The source's own test against noise that is played again and again: a mark is taken every so many
 * samples, and must not be seen again. */
enum { ENTROPY_MARK_SIZE = 16, ENTROPY_MARK_EVERY = 65536 };

enum entropy_state {
    ENTROPY_OFF = 0, /* also a zeroed one */
    ENTROPY_STARTING = 0x3c,
    ENTROPY_HEALTHY = 0x5a,
    ENTROPY_FAILED = 0xc3,
};

/* What failed, for people. */
enum entropy_fault {
    ENTROPY_FAULT_NONE = 0,
    ENTROPY_FAULT_STUCK = 1,  /* repetition count */
    ENTROPY_FAULT_BIASED = 2, /* adaptive proportion */
    ENTROPY_FAULT_REPEATED = 3,
};

struct entropy {
    enum entropy_state state;
    enum entropy_fault fault;
    uint32_t samples;              /* since the mark was taken */
    uint32_t start_left;           /* samples of the start-up test still to come */
    uint32_t repeats;              /* of `last` in a row */
    uint32_t window_at;            /* samples of the window so far */
    uint32_t window_count;         /* of its first sample in it */
    uint8_t last;
    uint8_t window_first;
    uint8_t recent[ENTROPY_MARK_SIZE]; /* a ring: the latest samples */
    uint8_t mark[ENTROPY_MARK_SIZE];
    uint32_t count; /* samples in raw */
    uint8_t raw[ENTROPY_BLOCK_SAMPLES];
};

/* Begins anew: nothing comes out before the start-up test is passed; its samples are not used. */
void entropy_start(struct entropy *entropy);
/* Tests one sample and takes it in; more than a block needs are tested and dropped. */
void entropy_feed(struct entropy *entropy, uint8_t sample);
/* Fills ENTROPY_BLOCK_SIZE bytes, each block from samples of its own. STATUS_NO_ENTROPY, with
 * zeros: not yet enough samples, or failed. */
enum status entropy_take(struct entropy *entropy, uint8_t *out) MUST_USE;
/* Forgets everything. */
void entropy_stop(struct entropy *entropy);

#endif
