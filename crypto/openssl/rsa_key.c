/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys: loading, completing, generating. */
#include "base/wipe.h"
#include "crypto/common/parts.h"
#include "crypto/openssl/key.h"
#include "crypto/openssl/library.h"
#include "crypto/openssl/rsa_numbers.h"

#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

static enum status make_pkey(const struct rsa_numbers *numbers, size_t count, EVP_PKEY **pkey) {
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library.context, "RSA", NULL);
    bool done = builder != NULL && maker != NULL;
    for (size_t i = 0; done && i < count; i++) {
        done = OSSL_PARAM_BLD_push_BN(builder, rsa_number_names[i], numbers->at[i]) == 1;
    }
    if (done) {
        params = OSSL_PARAM_BLD_to_param(builder);
        int selection = count > RSA_E + 1 ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
        done = params != NULL && EVP_PKEY_fromdata_init(maker) == 1 &&
               EVP_PKEY_fromdata(maker, pkey, selection, params) == 1;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(maker);
    return done ? STATUS_OK : library_failure();
}

/* The secret behind the answers to badly padded messages, see crypto/common/pkcs1.h. */
static enum status make_rejection_key(const struct rsa_numbers *numbers, struct loaded *loaded) {
    SECRET_BYTES(d, RSA_SIZE_MAX);
    if (BN_bn2binpad(numbers->at[RSA_D], d, (int)loaded->size) < 0) {
        return library_failure();
    }
    struct bytes whole = bytes_of(d, loaded->size);
    return crypto_hash(HASH_SHA256, &whole, 1, loaded->rejection);
}

enum status rsa_key_build(const struct key_parts *parts, struct loaded *loaded) {
    struct rsa_numbers numbers = {0};
    enum status status = rsa_numbers_read(parts, &numbers);
    size_t count = parts->is_private ? RSA_NUMBERS : RSA_E + 1;
    if (status == STATUS_OK) {
        status =
            parts->is_private ? rsa_numbers_complete(&numbers) : rsa_numbers_check_public(&numbers);
    }
    if (status == STATUS_OK) {
        loaded->size = (size_t)BN_num_bytes(numbers.at[RSA_N]);
        status = make_pkey(&numbers, count, &loaded->pkey);
    }
    if (status == STATUS_OK && parts->is_private) {
        status = make_rejection_key(&numbers, loaded);
    }
    rsa_numbers_free(&numbers);
    return status;
}

enum status rsa_key_fill(struct key_parts *parts, struct span *room) {
    struct rsa_numbers numbers = {0};
    enum status status = rsa_numbers_read(parts, &numbers);
    size_t count = parts->is_private ? RSA_NUMBERS : RSA_E + 1;
    if (status == STATUS_OK) {
        status =
            parts->is_private ? rsa_numbers_complete(&numbers) : rsa_numbers_check_public(&numbers);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_write(&numbers, count, parts, room);
    }
    rsa_numbers_free(&numbers);
    return status;
}

enum status rsa_key_check_primes(const struct key_parts *parts) {
    struct rsa_numbers numbers = {0};
    enum status status = rsa_numbers_read(parts, &numbers);
    if (status == STATUS_OK) {
        status = rsa_numbers_check_primes(&numbers);
    }
    rsa_numbers_free(&numbers);
    return status;
}

static enum status generate_pkey(BIGNUM *e, uint32_t bits, EVP_PKEY **pkey) {
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(library.context, "RSA", NULL);
    bool done = maker != NULL && EVP_PKEY_keygen_init(maker) == 1 &&
                EVP_PKEY_CTX_set_rsa_keygen_bits(maker, (int)bits) == 1 &&
                EVP_PKEY_CTX_set1_rsa_keygen_pubexp(maker, e) == 1 &&
                EVP_PKEY_generate(maker, pkey) == 1;
    EVP_PKEY_CTX_free(maker);
    return done ? STATUS_OK : library_failure();
}

/* The exponent asked for, 65537 by default; FIPS 186-5, A.1.1: odd, above 2^16. */
static enum status read_exponent(struct bytes bytes, BIGNUM **e) {
    if (bytes.size > RSA_SIZE_MAX) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    *e = BN_new();
    bool read =
        *e != NULL && (bytes.size == 0 ? BN_set_word(*e, RSA_F4) == 1
                                       : BN_bin2bn(bytes.data, (int)bytes.size, *e) != NULL);
    if (!read) {
        return library_failure();
    }
    bool valid = BN_is_odd(*e) && BN_num_bits(*e) > 16 && BN_num_bits(*e) <= 64;
    return valid ? STATUS_OK : STATUS_ATTRIBUTE_VALUE_INVALID;
}

enum status rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room) {
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX || bits % 256 != 0) {
        return STATUS_KEY_SIZE;
    }
    BIGNUM *e = NULL;
    EVP_PKEY *pkey = NULL;
    struct rsa_numbers numbers = {0};
    enum status status = read_exponent(parts->public_exponent, &e);
    *parts = (struct key_parts){.type = KEY_RSA, .is_private = true};
    if (status == STATUS_OK) {
        status = generate_pkey(e, bits, &pkey);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_read_pkey(pkey, &numbers);
    }
    if (status == STATUS_OK) {
        status = rsa_numbers_write(&numbers, RSA_NUMBERS, parts, room);
    }
    rsa_numbers_free(&numbers);
    EVP_PKEY_free(pkey);
    BN_free(e);
    return status;
}
