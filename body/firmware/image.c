/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an image may run. */
#include "body/firmware/image.h"

static const uint8_t magic[8] = {'E', 'H', 'S', 'M', 'I', 'M', 'G', '1'};

enum {
    FORM_AT = 8,
    SIZE_AT = 12,
    VERSION_AT = 16,
    ADDRESS_AT = 20,
    ZEROS_AT = 24,
    HASH_AT = 32,
    NAME_AT = 64,
    REST_AT = 96,
    COUNT_AT = IMAGE_SIGNED_SIZE,
    SIGNATURES_AT = COUNT_AT + 4,
    SIGNATURE_ROOM = 4 + BOOT_SIGNATURE_SIZE,
    FORM = 1,
};

static bool zeros(const uint8_t *header, uint32_t from, uint32_t to) {
    return bytes_all(bytes_of(header + from, to - from), 0);
}

static bool form_fits(const uint8_t *header, size_t size, const struct image_policy *policy) {
    uint32_t count = load_u32(header + COUNT_AT);
    return bytes_equal(bytes_of(header, sizeof(magic)), bytes_of(magic, sizeof(magic))) &&
           load_u32(header + FORM_AT) == FORM &&
           load_u32(header + SIZE_AT) <= size - IMAGE_HEADER_SIZE &&
           load_u32(header + SIZE_AT) > 0 && load_u32(header + ADDRESS_AT) == policy->address &&
           zeros(header, ZEROS_AT, HASH_AT) && zeros(header, REST_AT, COUNT_AT) &&
           count <= IMAGE_SIGNATURES_MAX &&
           zeros(header, SIGNATURES_AT + count * SIGNATURE_ROOM, IMAGE_HEADER_SIZE);
}

/* Whether a signature of the image that says this role verifies with this key. */
static bool key_signed(const uint8_t *header, const struct image_key *key) {
    struct bytes message = bytes_of(header, IMAGE_SIGNED_SIZE);
    uint32_t count = load_u32(header + COUNT_AT);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *signature = header + SIGNATURES_AT + i * SIGNATURE_ROOM;
        if (load_u32(signature) == key->role &&
            boot_signature_valid(key->public_key, message, signature + 4)) {
            return true;
        }
    }
    return false;
}

/* A key counts once, however often it signed; keys that stand in the policy twice are a mistake of
 * the policy. */
static bool role_met(const uint8_t *header, const struct image_policy *policy,
                     const struct image_role *role) {
    uint32_t signers = 0;
    for (size_t i = 0; i < policy->key_count; i++) {
        const struct image_key *key = &policy->keys[i];
        signers += key->role == role->role && key_signed(header, key) ? 1 : 0;
    }
    return role->threshold > 0 && signers >= role->threshold;
}

/* Each signature must be of use: one that is not would be bytes that nobody vouches for. */
static bool signatures_useful(const uint8_t *header, const struct image_policy *policy) {
    uint32_t useful = 0;
    for (size_t i = 0; i < policy->key_count; i++) {
        useful += key_signed(header, &policy->keys[i]) ? 1 : 0;
    }
    return useful == load_u32(header + COUNT_AT);
}

enum status image_verify(struct bytes image, const struct image_policy *policy,
                         struct image_facts *facts) {
    uint8_t hash[BOOT_HASH_SIZE];
    if (image.size < IMAGE_HEADER_SIZE || !form_fits(image.data, image.size, policy)) {
        return STATUS_DATA_INVALID;
    }
    bool met = policy->role_count > 0 && signatures_useful(image.data, policy);
    for (size_t i = 0; i < policy->role_count; i++) {
        met = met && role_met(image.data, policy, &policy->roles[i]);
    }
    if (!met) {
        return STATUS_SIGNATURE_INVALID;
    }
    struct bytes body =
        bytes_of(image.data + IMAGE_HEADER_SIZE, load_u32(image.data + SIZE_AT));
    if (!boot_hash(body, hash) ||
        !bytes_equal(bytes_of(hash, sizeof(hash)), bytes_of(image.data + HASH_AT, sizeof(hash)))) {
        return STATUS_DATA_INVALID;
    }
    if (load_u32(image.data + VERSION_AT) < policy->version_min) {
        return STATUS_STORE_ROLLED_BACK;
    }
    if (!boot_hash(bytes_of(image.data, IMAGE_SIGNED_SIZE), facts->measurement)) {
        return STATUS_INTERNAL;
    }
    facts->version = load_u32(image.data + VERSION_AT);
    return STATUS_OK;
}
