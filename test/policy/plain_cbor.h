/* SPDX-License-Identifier: Apache-2.0 */
/* CBOR as RFC 8949 says it, read into a tree. Written for tests, apart from proto/cbor.c, so that
 * what a module signed is judged by another reader than the module's. */
#ifndef TEST_POLICY_PLAIN_CBOR_H
#define TEST_POLICY_PLAIN_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAIN_NODES_MAX = 512 };
enum {
    PLAIN_UINT = 0,
    PLAIN_NEGATIVE,
    PLAIN_BYTES,
    PLAIN_TEXT,
    PLAIN_ARRAY,
    PLAIN_MAP,
    PLAIN_TAG,
    PLAIN_SIMPLE
};

struct plain_node {
    unsigned type;
    uint64_t value;       /* number, tag, simple value; sizes of bytes and text; items */
    const uint8_t *at;    /* content of bytes and text */
    const uint8_t *start; /* the whole encoding */
    size_t size;
    int child, next; /* first inside (of a map: key, value, key ...); sibling; -1: none */
};

struct plain_tree {
    struct plain_node nodes[PLAIN_NODES_MAX]; /* nodes[0] is the whole */
    int count;
};

/* Reads one item that fills all of `data`, in the deterministic encoding of section 4.2.1 (shortest
 * heads, definite lengths, keys in bytewise order, none twice, UTF-8). False: it is not that. */
bool plain_read(struct plain_tree *tree, const uint8_t *data, size_t size);
/* The value under an integer key of a map; NULL: it has none. */
const struct plain_node *plain_find(const struct plain_tree *tree, const struct plain_node *map,
                                    int64_t key);
/* A number, of either sign; false: it is none, or beyond 64 bits. */
bool plain_int(const struct plain_node *node, int64_t *number);

#endif
