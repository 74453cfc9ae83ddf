/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of a token: finding them and reading their attributes. */
#ifndef HOST_OPENSSL_PROVIDER_OBJECT_H
#define HOST_OPENSSL_PROVIDER_OBJECT_H

#include "client/key_uri.h"
#include "client/objects.h"
#include "host/openssl-provider/token.h"

enum { OBJECT_FOUND_MAX = 256 };

/* Fills *found (its handles have room for OBJECT_FOUND_MAX) with the token objects of a class that
 * have the label and id of the URI. */
enum status object_find(struct token *token, const struct key_uri *uri, enum object_class class,
                        struct objects_found *found) MUST_USE;

/* Reads attributes (types end with OBJECTS_TYPES_END); what the object does not give is left out.
 * *attributes is malloc'ed: free(attributes->data). */
enum status object_get(struct token *token, uint64_t handle, const uint32_t *types,
                       struct span *attributes) MUST_USE;

#endif
