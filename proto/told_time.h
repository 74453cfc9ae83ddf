/* SPDX-License-Identifier: Apache-2.0 */
/* The time, as somebody whom a token trusts tells it (doc/TIME.md): a COSE_Sign1 over deterministic
 * CBOR that holds the number the module asked with. Read the same by the module and by the command
 * line. */
#ifndef PROTO_TOLD_TIME_H
#define PROTO_TOLD_TIME_H

#include "proto/cose.h"

/* The name of the role whose members may tell the time, each alone. */
#define TOLD_TIME_ROLE "time"
#define TOLD_TIME_TYPE "application/edgehsm-time+cbor"

enum {
    TOLD_TIME_DEVICE_SIZE = 16,
    TOLD_TIME_NONCE_SIZE = 16,
    TOLD_TIME_PAYLOAD_MAX = 64,
    TOLD_TIME_SIGNED_MAX = TOLD_TIME_PAYLOAD_MAX + COSE_HEADER_MAX + 32,
    TOLD_TIME_MAX = 256, /* the whole of it */
};
/* The end of the year 9999: a larger number is no time. */
#define TOLD_TIME_SECONDS_MAX 253402300799u

/* {1 device id, 2 nonce, 3 seconds since 1970}. With 0 seconds it is the question: what the module
 * asks, as it is carried to whoever tells the time. */
struct told_time {
    struct bytes device;
    struct bytes nonce;
    uint64_t seconds;
};

/* Writes the payload; fills `out`. TOO_LARGE. */
enum status told_time_write(const struct told_time *time, struct span *out) MUST_USE;
/* Reads a payload; it points into it. DATA_INVALID. */
enum status told_time_read(struct bytes payload, struct told_time *time) MUST_USE;
/* Takes the whole apart: the COSE_Sign1 and what it tells, which is not 0 seconds. DATA_INVALID.
 * Nothing is verified. */
enum status told_time_open(struct bytes encoding, struct cose *cose,
                           struct told_time *time) MUST_USE;

#endif
