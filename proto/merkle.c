/* SPDX-License-Identifier: Apache-2.0 */
/* The frontier of a Merkle tree (RFC 9162 section 2.1). */
#include "proto/merkle.h"

/* The bytes that keep leaves and inner nodes apart. */
enum { LEAF_PREFIX = 0x00, NODE_PREFIX = 0x01 };

/* out = hash of the inner node over left and right; out may be one of them. */
static enum status hash_node(const uint8_t *left, const uint8_t *right, uint8_t *out) {
    uint8_t node[1 + 2 * MERKLE_HASH_SIZE] = {NODE_PREFIX};
    memcpy(node + 1, left, MERKLE_HASH_SIZE);
    memcpy(node + 1 + MERKLE_HASH_SIZE, right, MERKLE_HASH_SIZE);
    const struct bytes whole = bytes_of(node, sizeof(node));
    return merkle_hash(&whole, 1, out);
}

enum status merkle_leaf(struct bytes leaf, uint8_t out[MERKLE_HASH_SIZE]) {
    static const uint8_t prefix[1] = {LEAF_PREFIX};
    const struct bytes parts[] = {bytes_of(prefix, 1), leaf};
    return merkle_hash(parts, COUNT(parts), out);
}

enum status merkle_add(struct merkle *tree, const uint8_t leaf[MERKLE_HASH_SIZE]) {
    uint8_t node[MERKLE_HASH_SIZE];
    bytes_copy(node, bytes_of(leaf, MERKLE_HASH_SIZE));
    uint32_t level = 0;
    for (; (tree->size >> level & 1) != 0; level++) {
        TRY(hash_node(tree->nodes[level], node, node));
    }
    bytes_copy(tree->nodes[level], bytes_of(node, sizeof(node)));
    tree->size++;
    return STATUS_OK;
}

void merkle_take_back(struct merkle *tree) {
    tree->size--; /* the node that was written stood where the smaller size has no subtree */
}

enum status merkle_root(const struct merkle *tree, uint8_t out[MERKLE_HASH_SIZE]) {
    if (tree->size == 0) {
        return merkle_hash(NULL, 0, out);
    }
    uint8_t node[MERKLE_HASH_SIZE];
    bool first = true;
    for (uint32_t level = 0; level < MERKLE_LEVELS; level++) {
        if ((tree->size >> level & 1) == 0) {
            continue;
        }
        if (first) {
            bytes_copy(node, bytes_of(tree->nodes[level], sizeof(node)));
            first = false;
        } else {
            TRY(hash_node(tree->nodes[level], node, node));
        }
    }
    bytes_copy(out, bytes_of(node, sizeof(node)));
    return STATUS_OK;
}

uint32_t merkle_frontier(const struct merkle *tree) {
    uint32_t count = 0;
    for (uint64_t size = tree->size; size != 0; size &= size - 1) {
        count++;
    }
    return count;
}
