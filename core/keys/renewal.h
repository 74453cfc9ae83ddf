/* SPDX-License-Identifier: Apache-2.0 */
/* Renewals of a lease: whether the right key signed what fits this key, this module and now. */
#ifndef CORE_KEYS_RENEWAL_H
#define CORE_KEYS_RENEWAL_H

#include "core/keys/usage.h"
#include "proto/lease.h"

/* Whether a lease key (SubjectPublicKeyInfo; empty: none) is one that can be used.
 * ATTRIBUTE_VALUE_INVALID. */
enum status renewal_key_check(struct bytes spki) MUST_USE;

/* What a renewal must fit. */
struct renewal_for {
    const uint8_t *device_id; /* LEASE_DEVICE_SIZE bytes */
    struct bytes unique_id;
    struct bytes lease_key;
    const struct usage *usage;
};
/* Reads and verifies a renewal; fills *grant. RENEWAL_REFUSED: *why says what does not fit;
 * nothing in it is believed before its signature. */
enum status renewal_read(struct bytes cose, const struct renewal_for *target,
                         struct usage_grant *grant, const char **why) MUST_USE;

#endif
