/* SPDX-License-Identifier: Apache-2.0 */
/* What the core needs to know of an object without reading it: class, key type and all BOOL
 * attributes, one bit each. */
#ifndef CORE_KEYS_FACTS_H
#define CORE_KEYS_FACTS_H

#include "proto/algorithms.h"
#include "proto/attributes.h"

/* Bits of struct facts: usage bits have the values of enum function, the others follow. */
enum fact {
    FACT_SIGN = F_SIGN,
    FACT_VERIFY = F_VERIFY,
    FACT_ENCRYPT = F_ENCRYPT,
    FACT_DECRYPT = F_DECRYPT,
    FACT_WRAP = F_WRAP,
    FACT_UNWRAP = F_UNWRAP,
    FACT_DERIVE = F_DERIVE,
    FACT_SIGN_RECOVER = 1 << 10,
    FACT_VERIFY_RECOVER = 1 << 11,
    FACT_TOKEN = 1 << 12,
    FACT_PRIVATE = 1 << 13,
    FACT_MODIFIABLE = 1 << 14,
    FACT_COPYABLE = 1 << 15,
    FACT_DESTROYABLE = 1 << 16,
    FACT_SENSITIVE = 1 << 17,
    FACT_EXTRACTABLE = 1 << 18,
    FACT_LOCAL = 1 << 19,
    FACT_NEVER_EXTRACTABLE = 1 << 20,
    FACT_ALWAYS_SENSITIVE = 1 << 21,
    FACT_TRUSTED = 1 << 22,
    FACT_ALWAYS_AUTHENTICATE = 1 << 23,
    FACT_WRAP_WITH_TRUSTED = 1 << 24,
    FACT_ALLOWED_MECHANISMS = 1 << 25, /* the object has a list of them */
    FACT_LIMITED = 1 << 26,            /* its use is limited: core/keys/limits.h */
    FACT_POLICY = 1 << 27, /* the key signs messages under its policy, and does nothing else */
    FACT_USAGE = FACT_SIGN | FACT_VERIFY | FACT_ENCRYPT | FACT_DECRYPT | FACT_WRAP | FACT_UNWRAP |
                 FACT_DERIVE | FACT_SIGN_RECOVER | FACT_VERIFY_RECOVER,
};

struct facts {
    enum object_class class;
    enum key_type type; /* KEY_NONE where it is no key */
    uint32_t bits;
};

/* The bit of a BOOL attribute; 0 for other attributes. */
uint32_t fact_of_attribute(uint32_t attribute) MUST_USE;

/* Reads the facts out of an object's attributes. */
void facts_read(struct facts *facts, struct bytes attributes);

static inline bool facts_has(const struct facts *facts, uint32_t bits) {
    return (facts->bits & bits) == bits;
}
static inline bool facts_is_key(const struct facts *facts) {
    return facts->class == CLASS_PUBLIC_KEY || facts->class == CLASS_PRIVATE_KEY ||
           facts->class == CLASS_SECRET_KEY;
}
/* Private and secret keys: what must stay inside. */
static inline bool facts_is_secret(const struct facts *facts) {
    return facts->class == CLASS_PRIVATE_KEY || facts->class == CLASS_SECRET_KEY;
}

/* Whether keys of this type are of this class. */
bool facts_type_fits(const struct facts *facts) MUST_USE;

/* Whether an attribute of an object with these facts is key material that must not be shown. */
bool facts_hide(const struct facts *facts, uint32_t attribute) MUST_USE;

/* Whether a key may wrap keys that are sensitive: made inside, always secret, and good for nothing
 * but wrapping, so that nobody outside knows it and nothing inside decrypts what it wrapped. Or
 * trusted by the security officer, as long as it does not decrypt, nor encrypt as a secret key. */
bool facts_wraps_sensitive(const struct facts *facts) MUST_USE;

#endif
