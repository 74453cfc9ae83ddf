/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that a daemon and a chip both hold, with the same values; and templates for more. */
#ifndef TEST_CHIP_PAIR_KEYS_H
#define TEST_CHIP_PAIR_KEYS_H

#include "test/chip/pair.h"

struct pair_key {
    uint32_t number;
    uint32_t type;      /* enum key_type */
    uint32_t functions; /* 0: each end has another value, or it is no key */
    bool token;
    uint32_t partner;  /* what verifies its signatures; 0: none */
    uint32_t decrypts; /* what opens what it encrypted; 0: itself */
};

enum { PAIR_KEK, PAIR_TARGET, PAIR_KEYS_MAX = 24 };
extern struct pair_key pair_keys[PAIR_KEYS_MAX];
extern size_t pair_key_count;

/* Called with each secret value before it is imported; NULL: nothing. */
extern void (*pair_keys_tell)(const char *name, struct bytes value);

/* As the security officer: imports the first, which wraps others, and vouches for it. */
void pair_keys_vouch(uint32_t session);
/* Imports the others as objects that everybody sees, so that they outlive a logout. */
void pair_keys_make(uint32_t session);

extern const struct bytes pair_p256_oid, pair_p384_oid, pair_ed25519_oid, pair_x25519_oid;
/* Other sides of a key agreement. */
extern struct bytes pair_p256_peer, pair_x25519_peer;

struct pair_template {
    uint8_t data[2900];
    size_t used;
};
void pair_template_bool(struct pair_template *template, uint32_t type, bool value);
void pair_template_num(struct pair_template *template, uint32_t type, uint32_t value);
void pair_template_bytes(struct pair_template *template, uint32_t type, struct bytes value);
/* CKA_SIGN and so on, out of a set of enum function. */
void pair_template_uses(struct pair_template *template, uint32_t functions);
static inline struct bytes pair_template_of(const struct pair_template *template) {
    return bytes_of(template->data, template->used);
}

#endif
