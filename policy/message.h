/* SPDX-License-Identifier: Apache-2.0 */
/* A message that is to be signed, read by the shape that a policy gives: deterministic CBOR, maps
 * with small numbers as keys. What the shape does not name is refused, never passed over. */
#ifndef POLICY_MESSAGE_H
#define POLICY_MESSAGE_H

#include "policy/form.h"

/* Why a message does not have the shape. */
enum message_fault {
    MESSAGE_FITS = 0,
    MESSAGE_ENCODING = 1,     /* not deterministic CBOR, a key twice, cut off, too large */
    MESSAGE_KEY = 2,          /* a key that the shape does not have */
    MESSAGE_MODULE_FIELD = 3, /* only the module fills this field */
    MESSAGE_TYPE = 4,         /* not of the field's type */
    MESSAGE_RANGE = 5,        /* a number, a size or a text that the field does not take */
    MESSAGE_MISSING = 6,      /* a field that must be there is not */
};

struct message_value {
    bool present;
    int64_t number;       /* INT; BOOL: 0 or 1; SYMBOL: which of its symbols */
    struct bytes content; /* BYTES, TEXT */
};

/* The values stand beside the fields of the policy. */
struct message {
    struct message_value values[POLICY_FIELDS_MAX];
    uint32_t fault; /* enum message_fault */
    uint8_t field;  /* which field is at fault; POLICY_NONE: none in particular */
};

/* Reads `encoding` (kept: contents point into it). STATUS_DATA_INVALID: message->fault and
 * message->field say why, and the values hold nothing of use. */
enum status message_read(const struct policy *policy, struct bytes encoding,
                         struct message *message) MUST_USE;

/* What only the module knows, for the fields that it fills. */
struct message_facts {
    uint64_t counter;
    uint64_t boot;
    uint64_t uptime_ms;
    uint64_t time; /* seconds since 1970; 0: not known, null is written */
};

/* Writes the message whole, with the module's fields: the payload that is signed. Fills `out`;
 * STATUS_TOO_LARGE. */
enum status message_write(const struct policy *policy, const struct message *message,
                          const struct message_facts *facts, struct span *out) MUST_USE;

#endif
