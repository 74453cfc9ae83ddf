/* SPDX-License-Identifier: Apache-2.0 */
/* The conflict table: attributes that must not stand together on one key, since together they let a
 * caller take keys out (Clulow 2003; Bortolozzo, Centenaro, Focardi, Steel 2010). */
#ifndef CORE_KEYS_CONFLICTS_H
#define CORE_KEYS_CONFLICTS_H

#include "core/keys/facts.h"

/* How a new object comes to be. */
enum creation {
    CREATION_IMPORT,   /* C_CreateObject */
    CREATION_GENERATE, /* C_GenerateKey, both halves of C_GenerateKeyPair */
    CREATION_UNWRAP,
    CREATION_DERIVE,
    CREATION_COPY,
};

/* STATUS_TEMPLATE_INCONSISTENT when the facts of a key conflict under the profile; *why then says
 * which (a constant text). */
enum status conflicts_check(const struct facts *facts, enum creation creation, bool strict,
                            const char **why) MUST_USE;

#endif
