/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a payload: a map of deterministic CBOR with small numbers as keys, of numbers,
 * texts and bytes. What a receiver reads once the signature around it is verified. */
#ifndef DEMO_GATEWAY_FIELDS_H
#define DEMO_GATEWAY_FIELDS_H

#include "base/bytes.h"
#include "base/status.h"

enum { FIELDS_MAX = 16 };

struct field {
    bool present;
    bool is_number;
    int64_t number;
    struct bytes content; /* of texts and bytes; points into the payload */
};

/* The place of each field is its key. */
struct fields {
    struct field at[FIELDS_MAX];
};

/* Reads all of it. STATUS_DATA_INVALID: anything else than described above. */
enum status fields_read(struct bytes payload, struct fields *fields) MUST_USE;
/* The number with that key, or `otherwise` where there is none. */
int64_t fields_number(const struct fields *fields, unsigned key, int64_t otherwise) MUST_USE;
/* Whether the field with that key is this text. */
bool fields_is(const struct fields *fields, unsigned key, const char *text) MUST_USE;

#endif
