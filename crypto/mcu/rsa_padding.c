/* SPDX-License-Identifier: Apache-2.0 */
/* The paddings of RSA for signatures, with BearSSL's PKCS #1 v1.5 and mask generation. */
#include "crypto/mcu/rsa_padding.h"

#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/mcu/hash.h"

#include <inner.h>

enum { PSS_TRAILER = 0xbc };

/* The object identifier of a hash as BearSSL wants it. */
static const uint8_t *hash_oid(uint32_t hash) {
    static const uint8_t sha1[] = {5, 0x2b, 0x0e, 0x03, 0x02, 0x1a};
    static const uint8_t sha2[][10] = {
        {9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04},
        {9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01},
        {9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02},
        {9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03},
    };
    if (hash == HASH_SHA1) {
        return sha1;
    }
    return hash >= HASH_SHA224 && hash <= HASH_SHA512 ? sha2[hash - HASH_SHA224] : NULL;
}

enum status padding_pkcs1_sign(uint32_t hash, struct bytes data, uint8_t *block, size_t size) {
    const uint8_t *oid = hash_oid(hash);
    if (hash != HASH_NONE && oid == NULL) {
        return STATUS_MECHANISM_PARAM_INVALID;
    }
    return br_rsa_pkcs1_sig_pad(oid, data.data, data.size, (uint32_t)(8 * size), block) == 1
               ? STATUS_OK
               : STATUS_DATA_LENGTH;
}

void padding_raw(struct bytes data, uint8_t *block, size_t size) {
    memset(block, 0, size - data.size);
    bytes_copy(block + size - data.size, data);
}

/* The parts of a PSS block: zeros that fill it up, masked data, hash, trailer. */
struct pss {
    size_t zeros; /* one, where the encoded message is a byte shorter than the modulus */
    size_t data;  /* bytes of masked data */
    size_t hash;
    uint8_t top; /* bits of the first byte of data that may be set */
};

static struct pss pss_layout(const struct mechanism *mechanism, uint32_t bits) {
    size_t size = (bits + 7) / 8;
    size_t encoded = (bits - 1 + 7) / 8;
    size_t hash = hash_size(mechanism->digest);
    return (struct pss){.zeros = size - encoded,
                        .data = encoded - hash - 1,
                        .hash = hash,
                        .top = (uint8_t)(0xffu >> (8 * encoded - (bits - 1)))};
}

/* The hash of eight zeros, the digest and the salt. */
static enum status pss_hash(uint32_t hash, struct bytes digest, struct bytes salt, uint8_t *out) {
    static const uint8_t zeros[8] = {0};
    const struct bytes parts[] = {bytes_of(zeros, sizeof(zeros)), digest, salt};
    return crypto_hash((enum hash)hash, parts, COUNT(parts), out);
}

enum status padding_pss_make(const struct mechanism *mechanism, struct bytes digest, uint32_t bits,
                             uint8_t *block) {
    struct pss pss = pss_layout(mechanism, bits);
    uint8_t *data = block + pss.zeros;
    uint8_t *hash = data + pss.data;
    uint8_t *salt = hash - mechanism->salt_size;
    memset(block, 0, pss.zeros + pss.data);
    if (mechanism->salt_size > 0) {
        TRY(crypto_random(salt, mechanism->salt_size));
    }
    salt[-1] = 0x01;
    TRY(pss_hash(mechanism->digest, digest, bytes_of(salt, mechanism->salt_size), hash));
    br_mgf1_xor(data, pss.data, hash_class(mechanism->mgf), hash, pss.hash);
    data[0] &= pss.top;
    hash[pss.hash] = PSS_TRAILER;
    return STATUS_OK;
}

bool padding_pss_check(const struct mechanism *mechanism, struct bytes digest, uint32_t bits,
                       uint8_t *block) {
    struct pss pss = pss_layout(mechanism, bits);
    uint8_t *data = block + pss.zeros;
    uint8_t *hash = data + pss.data;
    uint8_t *salt = hash - mechanism->salt_size;
    uint8_t expected[HASH_SIZE_MAX];
    if ((pss.zeros != 0 && block[0] != 0) || (data[0] & ~pss.top) != 0 ||
        hash[pss.hash] != PSS_TRAILER) {
        return false;
    }
    br_mgf1_xor(data, pss.data, hash_class(mechanism->mgf), hash, pss.hash);
    data[0] &= pss.top;
    size_t zeros = pss.data - mechanism->salt_size - 1;
    return bytes_all(bytes_of(data, zeros), 0) && salt[-1] == 0x01 &&
           pss_hash(mechanism->digest, digest, bytes_of(salt, mechanism->salt_size), expected) ==
               STATUS_OK &&
           ct_equal(expected, hash, pss.hash);
}
