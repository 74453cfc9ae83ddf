/* SPDX-License-Identifier: Apache-2.0 */
/* The Merkle tree of RFC 9162 section 2.1, grown leaf by leaf, holding only its frontier: the roots
 * of the complete subtrees that the leaves so far make up, one for each bit set in the size. */
#ifndef PROTO_MERKLE_H
#define PROTO_MERKLE_H

#include "base/bytes.h"
#include "base/status.h"

enum { MERKLE_HASH_SIZE = 32, MERKLE_LEVELS = 64 };

/* A tree; zeroed: the empty one. */
struct merkle {
    uint64_t size; /* leaves */
    /* [i]: root of the subtree of 2^i leaves; valid where bit i of size is set */
    uint8_t nodes[MERKLE_LEVELS][MERKLE_HASH_SIZE];
};

/* SHA-256 over the concatenation of parts. Whoever links the tree brings it: the module has it from
 * crypto, a verifier from its own library. What follows fails with its status. */
enum status merkle_hash(const struct bytes *parts, size_t count,
                        uint8_t out[MERKLE_HASH_SIZE]) MUST_USE;

/* Hash of a leaf: SHA-256(0x00 || leaf). */
enum status merkle_leaf(struct bytes leaf, uint8_t out[MERKLE_HASH_SIZE]) MUST_USE;
/* Adds a leaf by its hash. On failure the tree is as before. */
enum status merkle_add(struct merkle *tree, const uint8_t leaf[MERKLE_HASH_SIZE]) MUST_USE;
/* Undoes the newest merkle_add, once. */
void merkle_take_back(struct merkle *tree);
/* Root of the tree; of the empty one: SHA-256 of nothing. */
enum status merkle_root(const struct merkle *tree, uint8_t out[MERKLE_HASH_SIZE]) MUST_USE;
/* Number of subtrees in the frontier. */
uint32_t merkle_frontier(const struct merkle *tree) MUST_USE;

#endif
