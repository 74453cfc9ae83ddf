/* SPDX-License-Identifier: Apache-2.0 */
/* The conflict table. */
#include "core/keys/conflicts.h"

struct conflict {
    uint32_t classes;
    uint32_t all_of;  /* these facts stand on the key ... */
    uint32_t none_of; /* ... and these do not */
    bool strict_only;
    const char *why;
};

static const struct conflict conflicts[] = {
    /* by construction; checked all the same */
    {A_V | A_S, FACT_ALWAYS_SENSITIVE, FACT_SENSITIVE, false,
     "a key that is not SENSITIVE cannot be ALWAYS_SENSITIVE"},
    {A_V | A_S, FACT_EXTRACTABLE | FACT_NEVER_EXTRACTABLE, 0, false,
     "EXTRACTABLE and NEVER_EXTRACTABLE exclude each other"},
    /* wrap, then decrypt; encrypt, then unwrap */
    {A_V | A_S | A_P, FACT_WRAP | FACT_DECRYPT, 0, true, "WRAP and DECRYPT exclude each other"},
    {A_V | A_S | A_P, FACT_UNWRAP | FACT_ENCRYPT, 0, true, "UNWRAP and ENCRYPT exclude each other"},
    {A_V | A_S | A_P, FACT_WRAP | FACT_ENCRYPT, 0, true, "WRAP and ENCRYPT exclude each other"},
    {A_V | A_S | A_P, FACT_UNWRAP | FACT_DECRYPT, 0, true, "UNWRAP and DECRYPT exclude each other"},
    {A_S, FACT_WRAP, FACT_SENSITIVE, true, "a key that can WRAP must be SENSITIVE"},
    {A_S | A_V, 0, FACT_SENSITIVE | FACT_EXTRACTABLE, true,
     "a key that is not EXTRACTABLE must be SENSITIVE"},
    /* one key, one purpose (SP 800-57 part 1, 5.2) */
    {A_S | A_P, FACT_ENCRYPT | FACT_SIGN, 0, true, "ENCRYPT and SIGN exclude each other"},
    {A_S | A_P, FACT_ENCRYPT | FACT_VERIFY, 0, true, "ENCRYPT and VERIFY exclude each other"},
    {A_S | A_P, FACT_ENCRYPT | FACT_VERIFY_RECOVER, 0, true,
     "ENCRYPT and VERIFY_RECOVER exclude each other"},
    {A_S | A_V, FACT_DECRYPT | FACT_SIGN, 0, true, "DECRYPT and SIGN exclude each other"},
    {A_S | A_V, FACT_DECRYPT | FACT_VERIFY, 0, true, "DECRYPT and VERIFY exclude each other"},
    {A_S | A_V, FACT_DECRYPT | FACT_SIGN_RECOVER, 0, true,
     "DECRYPT and SIGN_RECOVER exclude each other"},
    {A_S | A_V, FACT_UNWRAP | FACT_SIGN, 0, true, "UNWRAP and SIGN exclude each other"},
    {A_S | A_P, FACT_WRAP | FACT_VERIFY, 0, true, "WRAP and VERIFY exclude each other"},
    {A_S, FACT_WRAP | FACT_SIGN, 0, true, "WRAP and SIGN exclude each other"},
    {A_S, FACT_WRAP | FACT_DERIVE, 0, true, "WRAP and DERIVE exclude each other"},
    {A_S, FACT_UNWRAP | FACT_DERIVE, 0, true, "UNWRAP and DERIVE exclude each other"},
};

enum status conflicts_check(const struct facts *facts, enum creation creation, bool strict,
                            const char **why) {
    for (size_t i = 0; i < COUNT(conflicts); i++) {
        const struct conflict *row = &conflicts[i];
        if ((row->classes & (1u << facts->class)) != 0 && (strict || !row->strict_only) &&
            facts_has(facts, row->all_of) && (facts->bits & row->none_of) == 0) {
            *why = row->why;
            return STATUS_TEMPLATE_INCONSISTENT;
        }
    }
    if (strict && creation != CREATION_GENERATE && facts_has(facts, FACT_WRAP) &&
        !facts_has(facts, FACT_TRUSTED)) {
        *why = "a key that was not made inside can WRAP only when it is TRUSTED";
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    return STATUS_OK;
}
