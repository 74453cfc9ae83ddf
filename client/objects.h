/* SPDX-License-Identifier: Apache-2.0 */
/* Searching objects and reading their attributes, page by page as the module gives them. */
#ifndef CLIENT_OBJECTS_H
#define CLIENT_OBJECTS_H

#include "client/client.h"
#include "proto/attributes.h"

/* What was found: room for `size` handles, `count` of them filled. */
struct objects_found {
    uint64_t *handles;
    size_t size;
    size_t count;
    bool more; /* there are more than fit */
};

/* Ends a list of attribute types. */
enum { OBJECTS_TYPES_END = 0xffffffffu };

/* Adds to *found the handles of one reply of object_find. */
void objects_take(struct objects_found *found, struct bytes handles);

/* Fills `wanted` (4 bytes of room for each type, OBJECTS_TYPES_MAX at most) with the types of a
 * request object_get; returns what the request borrows. */
enum { OBJECTS_TYPES_MAX = 32 };
struct bytes objects_types(const uint32_t *types, uint8_t wanted[4 * OBJECTS_TYPES_MAX]) MUST_USE;

/* Copies a reply of object_get without the attributes that the object does not have or give.
 * `to` has room for all of `from`; returns the size. */
size_t objects_given(struct bytes from, uint8_t *to) MUST_USE;

#endif
