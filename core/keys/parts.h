/* SPDX-License-Identifier: Apache-2.0 */
/* Between attributes as objects hold them and components as crypto/ takes them. */
#ifndef CORE_KEYS_PARTS_H
#define CORE_KEYS_PARTS_H

#include "core/keys/facts.h"
#include "crypto/crypto.h"

/* Points the parts into the attributes of a key (borrows them). */
void parts_of_attributes(struct key_parts *parts, const struct facts *facts,
                         struct bytes attributes);

/* A public point without its DER OCTET STRING; clients give both forms (PKCS#11 v3.2,
 * CKA_EC_POINT). */
struct bytes parts_point(enum key_type type, struct bytes point);

/* Adds one attribute of key material, made from the parts, to a list: *used moves on; an attribute
 * that the parts do not have is left out. STATUS_OBJECT_TOO_LARGE. */
enum status parts_add(const struct key_parts *parts, uint32_t attribute, struct span to,
                      size_t *used) MUST_USE;

#endif
