/* SPDX-License-Identifier: Apache-2.0 */
/* RSA signatures and encryption (RFC 8017): padding and the operation together. */
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/common/pkcs1.h"
#include "crypto/mcu/public.h"
#include "crypto/mcu/rsa_padding.h"

enum { OAEP_OVERHEAD = 2 };

/* The block that is signed; PSS makes a new one each time. */
static enum status make_block(const struct loaded *key, const struct mechanism *mechanism,
                              struct bytes data, uint8_t *block) {
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_PKCS1:
        return padding_pkcs1_sign(mechanism->hash, data, block, key->size);
    case ALGORITHM_RSA_PSS:
        return padding_pss_make(mechanism, data, key->bits, block);
    default:
        padding_raw(data, block, key->size);
        return STATUS_OK;
    }
}

enum status rsa_verify(const struct loaded *key, const struct mechanism *mechanism,
                       struct bytes data, const uint8_t *signature) {
    uint8_t block[CHIP_RSA_SIZE];
    uint8_t expected[CHIP_RSA_SIZE];
    memcpy(block, signature, key->size);
    if (rsa_public(key, block) != STATUS_OK) {
        return STATUS_SIGNATURE_INVALID;
    }
    if (mechanism->algorithm == ALGORITHM_RSA_PSS) {
        return padding_pss_check(mechanism, data, key->bits, block) ? STATUS_OK
                                                                    : STATUS_SIGNATURE_INVALID;
    }
    TRY(make_block(key, mechanism, data, expected));
    return ct_equal(block, expected, key->size) ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

enum status rsa_sign(const struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                     uint8_t *signature) {
    uint8_t block[CHIP_RSA_SIZE];
    TRY(make_block(key, mechanism, data, block));
    TRY(rsa_private(key, block));
    enum status verified = rsa_verify(key, mechanism, data, block);
    if (verified != STATUS_OK) {
        return verified == STATUS_SIGNATURE_INVALID ? STATUS_ERROR_STATE : verified;
    }
    memcpy(signature, block, key->size);
    return STATUS_OK;
}

static size_t longest(const struct loaded *key, const struct mechanism *mechanism) {
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_OAEP:
        return key->size - 2 * hash_size(mechanism->digest) - OAEP_OVERHEAD;
    case ALGORITHM_RSA_PKCS1:
        return key->size - (size_t)PKCS1_OVERHEAD;
    default:
        return key->size;
    }
}

enum status rsa_encrypt(const struct loaded *key, const struct mechanism *mechanism,
                        struct bytes data, struct span *out) {
    SECRET_BYTES(block, CHIP_RSA_SIZE);
    if (data.size > longest(key, mechanism)) {
        return STATUS_DATA_LENGTH;
    }
    switch (mechanism->algorithm) {
    case ALGORITHM_RSA_OAEP:
        TRY(padding_oaep_make(mechanism, data, block, key->size));
        break;
    case ALGORITHM_RSA_PKCS1:
        TRY(padding_pkcs1_encrypt(data, block, key->size));
        break;
    default:
        padding_raw(data, block, key->size);
        break;
    }
    TRY(rsa_public(key, block));
    memcpy(out->data, block, key->size);
    out->size = key->size;
    return STATUS_OK;
}

enum status rsa_decrypt(const struct loaded *key, const struct mechanism *mechanism,
                        struct bytes data, struct span *out) {
    SECRET_BYTES(block, CHIP_RSA_SIZE);
    struct span plain = {block, key->size};
    if (data.size != key->size) {
        return STATUS_CIPHERTEXT_LENGTH;
    }
    bytes_copy(block, data);
    enum status status = rsa_private(key, block);
    if (status != STATUS_OK) {
        /* A number above the modulus, which everybody can see. */
        return status == STATUS_DATA_INVALID ? STATUS_CIPHERTEXT_INVALID : status;
    }
    if (mechanism->algorithm == ALGORITHM_RSA_PKCS1) {
        TRY(pkcs1_open(key->as.rsa.rejection, data, block, &plain));
    } else if (mechanism->algorithm == ALGORITHM_RSA_OAEP) {
        TRY(padding_oaep_open(mechanism, block, key->size, &plain));
    }
    if (plain.size > out->size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(out->data, plain.data, plain.size);
    out->size = plain.size;
    return STATUS_OK;
}
