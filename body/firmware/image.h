/* SPDX-License-Identifier: Apache-2.0 */
/* The image of the firmware, and whether the boot stage may run it.
 *
 *     at   0  magic "EHSMIMG1"
 *          8  form of the header u32 = 1
 *         12  size of the body u32
 *         16  version u32: what the boot stage counts
 *         20  address of the body u32
 *         24  zeros 8
 *         32  SHA-256 of the body
 *         64  name 32, ends with zeros
 *         96  zeros 160
 *        256  number of signatures u32
 *        260  signatures: role u32, Ed25519 signature 64
 *        ...  zeros to 512, then the body: table of vectors first
 *
 * Signatures are over bytes 0..255. Their SHA-256 is the measurement: it says all that counts of
 * the image, whoever signed it. Numbers are little-endian. */
#ifndef BODY_FIRMWARE_IMAGE_H
#define BODY_FIRMWARE_IMAGE_H

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/boot.h"

enum {
    IMAGE_HEADER_SIZE = 512,
    IMAGE_SIGNED_SIZE = 256,
    IMAGE_SIGNATURES_MAX = 3,
};

/* Who may sign, and how many of each role must have. */
struct image_key {
    uint32_t role;
    uint8_t public_key[BOOT_KEY_SIZE];
};
struct image_role {
    uint32_t role;
    uint32_t threshold; /* different keys of this role */
};
struct image_policy {
    const struct image_key *keys;
    size_t key_count;
    const struct image_role *roles; /* at least one */
    size_t role_count;
    uint32_t version_min;
    uint32_t address; /* of the body */
};

struct image_facts {
    uint8_t measurement[BOOT_HASH_SIZE];
    uint32_t version;
};

/* Checks an image of at most image.size bytes; fills *facts where it is good. DATA_INVALID: it is
 * no image, or has a bit wrong; SIGNATURE_INVALID: the policy is not met; STORE_ROLLED_BACK: it is
 * older than policy->version_min. */
enum status image_verify(struct bytes image, const struct image_policy *policy,
                         struct image_facts *facts) MUST_USE;

#endif
