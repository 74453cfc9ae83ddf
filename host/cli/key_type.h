/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of key the command line makes and names, and what keys are for. */
#ifndef HOST_CLI_KEY_TYPE_H
#define HOST_CLI_KEY_TYPE_H

#include "host/cli/cli.h"
#include "proto/attributes.h"

struct key_type_row {
    const char *name;
    enum key_type type;
    enum algorithm algorithm; /* that generates it */
    uint32_t bits;            /* RSA modulus, secret keys; EC: of the curve */
    struct bytes params;      /* CKA_EC_PARAMS */
    const char *usage;        /* where --usage is not given */
    const char *usages;       /* all it can be for */
};

/* The row of a name, NULL where there is none. */
const struct key_type_row *key_type_find(const char *name) MUST_USE;
/* The name for what is known of a key; "unknown" otherwise. */
const char *key_type_name(uint32_t type, uint32_t bits, struct bytes params) MUST_USE;
/* Fills `out` with all names, separated by blanks. */
void key_type_names(char *out, size_t room);

/* One use of a key: the attributes it sets. 0: none in this class. */
struct key_usage_row {
    const char *name;
    uint32_t private_attributes[2];
    uint32_t public_attributes[2];
    uint32_t secret_attributes[2];
};

/* Looks at each word of `text` (separated by commas) and appends the attributes for a class to a
 * template. Refuses words that the type is not for; told already. */
enum status key_usage_add(const struct cli *cli, const struct key_type_row *row, const char *text,
                          enum object_class class, struct span template, size_t *used) MUST_USE;

/* Fills `out` with the uses that an object's attributes allow, e.g. "sign,derive". */
void key_usage_text(struct bytes attributes, char *out, size_t room);

/* The attributes that key_usage_text looks at; fills *count. */
const uint32_t *key_usage_attributes(size_t *count) MUST_USE;

#endif
