/* SPDX-License-Identifier: Apache-2.0 */
/* What the core needs to know of an object without reading it. */
#include "core/keys/facts.h"

#include "core/keys/limits.h"

static const struct {
    uint32_t attribute;
    uint32_t bit;
} fact_bits[] = {
    {ATTRIBUTE_TOKEN, FACT_TOKEN},
    {ATTRIBUTE_PRIVATE, FACT_PRIVATE},
    {ATTRIBUTE_TRUSTED, FACT_TRUSTED},
    {ATTRIBUTE_SENSITIVE, FACT_SENSITIVE},
    {ATTRIBUTE_ENCRYPT, FACT_ENCRYPT},
    {ATTRIBUTE_DECRYPT, FACT_DECRYPT},
    {ATTRIBUTE_WRAP, FACT_WRAP},
    {ATTRIBUTE_UNWRAP, FACT_UNWRAP},
    {ATTRIBUTE_SIGN, FACT_SIGN},
    {ATTRIBUTE_SIGN_RECOVER, FACT_SIGN_RECOVER},
    {ATTRIBUTE_VERIFY, FACT_VERIFY},
    {ATTRIBUTE_VERIFY_RECOVER, FACT_VERIFY_RECOVER},
    {ATTRIBUTE_DERIVE, FACT_DERIVE},
    {ATTRIBUTE_EXTRACTABLE, FACT_EXTRACTABLE},
    {ATTRIBUTE_LOCAL, FACT_LOCAL},
    {ATTRIBUTE_NEVER_EXTRACTABLE, FACT_NEVER_EXTRACTABLE},
    {ATTRIBUTE_ALWAYS_SENSITIVE, FACT_ALWAYS_SENSITIVE},
    {ATTRIBUTE_MODIFIABLE, FACT_MODIFIABLE},
    {ATTRIBUTE_COPYABLE, FACT_COPYABLE},
    {ATTRIBUTE_DESTROYABLE, FACT_DESTROYABLE},
    {ATTRIBUTE_ALWAYS_AUTHENTICATE, FACT_ALWAYS_AUTHENTICATE},
    {ATTRIBUTE_WRAP_WITH_TRUSTED, FACT_WRAP_WITH_TRUSTED},
};

uint32_t fact_of_attribute(uint32_t attribute) {
    for (size_t i = 0; i < COUNT(fact_bits); i++) {
        if (fact_bits[i].attribute == attribute) {
            return fact_bits[i].bit;
        }
    }
    return 0;
}

void facts_read(struct facts *facts, struct bytes attributes) {
    *facts = (struct facts){CLASS_DATA, KEY_NONE, 0};
    struct attribute_entry entry;
    while (attributes_next(&attributes, &entry) == STATUS_OK) {
        uint32_t bit = fact_of_attribute(entry.type);
        if (bit != 0 && entry.value.size == 1 && entry.value.data[0] != 0) {
            facts->bits |= bit;
        } else if (entry.type == ATTRIBUTE_CLASS && entry.value.size == 4) {
            facts->class = (enum object_class)load_u32(entry.value.data);
        } else if (entry.type == ATTRIBUTE_KEY_TYPE && entry.value.size == 4) {
            facts->type = (enum key_type)load_u32(entry.value.data);
        } else if (entry.type == ATTRIBUTE_ALLOWED_MECHANISMS && entry.value.size > 0) {
            facts->bits |= FACT_ALLOWED_MECHANISMS;
        } else if (limits_name(entry.type) && entry.value.size > 0) {
            facts->bits |= FACT_LIMITED;
        } else if (entry.type == ATTRIBUTE_POLICY) {
            facts->bits |= FACT_POLICY;
        }
    }
}

bool facts_type_fits(const struct facts *facts) {
    switch (facts->type) {
    case KEY_AES:
    case KEY_GENERIC:
    case KEY_CHACHA20:
        return facts->class == CLASS_SECRET_KEY;
    case KEY_RSA:
    case KEY_EC:
    case KEY_ED25519:
    case KEY_X25519:
        return facts->class == CLASS_PUBLIC_KEY || facts->class == CLASS_PRIVATE_KEY;
    default:
        return false;
    }
}

bool facts_hide(const struct facts *facts, uint32_t attribute) {
    if (!facts_is_secret(facts)) {
        return false;
    }
    if (!facts_has(facts, FACT_SENSITIVE) && facts_has(facts, FACT_EXTRACTABLE)) {
        return false;
    }
    switch (attribute) {
    case ATTRIBUTE_VALUE:
    case ATTRIBUTE_PRIVATE_EXPONENT:
    case ATTRIBUTE_PRIME_1:
    case ATTRIBUTE_PRIME_2:
    case ATTRIBUTE_EXPONENT_1:
    case ATTRIBUTE_EXPONENT_2:
    case ATTRIBUTE_COEFFICIENT:
        return true;
    default:
        return false;
    }
}

bool facts_wraps_sensitive(const struct facts *facts) {
    /* Whoever vouches for it: it would show what it wrapped. Counter mode encrypts to decrypt. */
    bool encrypts = facts->class == CLASS_SECRET_KEY && facts_has(facts, FACT_ENCRYPT);
    if (encrypts || facts_has(facts, FACT_DECRYPT)) {
        return false;
    }
    if (facts_has(facts, FACT_TRUSTED)) {
        return true;
    }
    const uint32_t others = FACT_USAGE & ~(uint32_t)(FACT_WRAP | FACT_UNWRAP);
    return facts->class == CLASS_SECRET_KEY && (facts->bits & others) == 0 &&
           facts_has(facts,
                     FACT_LOCAL | FACT_SENSITIVE | FACT_ALWAYS_SENSITIVE | FACT_NEVER_EXTRACTABLE);
}
