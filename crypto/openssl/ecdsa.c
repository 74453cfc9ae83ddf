/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA (FIPS 186-5, 6) with signatures r || s. OpenSSL derives the nonce from the private key,
 * the digest and fresh random bytes together: neither a bad generator nor a fault alone gives it
 * away. */
#include "crypto/openssl/library.h"
#include "crypto/openssl/signature.h"

enum { DER_SIZE_MAX = 3 + 2 * (3 + FIELD_SIZE_MAX), DER_SEQUENCE = 0x30, DER_INTEGER = 0x02 };

static const struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA};

/* Reads the INTEGER at *at into `size` bytes, left-padded with zeros. */
static bool read_integer(struct bytes der, size_t *at, uint8_t *out, size_t size) {
    if (der.size - *at < 2 || der.data[*at] != DER_INTEGER) {
        return false;
    }
    size_t length = der.data[*at + 1];
    *at += 2;
    if (length == 0 || length > size + 1 || length > der.size - *at) {
        return false;
    }
    const uint8_t *value = der.data + *at;
    *at += length;
    if (length == size + 1) {
        if (value[0] != 0) {
            return false;
        }
        value++;
        length--;
    }
    memset(out, 0, size - length);
    memcpy(out + size - length, value, length);
    return true;
}

/* The DER of a signature as r || s; OpenSSL wrote it, so that this never fails in a sound module.
 */
static bool read_der(struct bytes der, uint8_t *out, size_t size) {
    size_t at = der.size > 2 && der.data[1] == 0x81 ? 3 : 2;
    return der.size > at && der.data[0] == DER_SEQUENCE && der.data[at - 1] == der.size - at &&
           read_integer(der, &at, out, size) && read_integer(der, &at, out + size, size) &&
           at == der.size;
}

static size_t write_integer(const uint8_t *value, size_t size, uint8_t *out) {
    while (size > 1 && value[0] == 0) {
        value++;
        size--;
    }
    size_t zero = value[0] >= 0x80 ? 1 : 0;
    out[0] = DER_INTEGER;
    out[1] = (uint8_t)(size + zero);
    out[2] = 0;
    memcpy(out + 2 + zero, value, size);
    return 2 + zero + size;
}

/* r || s as DER; returns its size. */
static size_t write_der(const uint8_t *signature, size_t size, uint8_t *out) {
    uint8_t integers[DER_SIZE_MAX];
    size_t length = write_integer(signature, size, integers);
    length += write_integer(signature + size, size, integers + length);
    size_t at = 0;
    out[at++] = DER_SEQUENCE;
    if (length >= 0x80) {
        out[at++] = 0x81;
    }
    out[at++] = (uint8_t)length;
    memcpy(out + at, integers, length);
    return at + length;
}

static enum status verify_der(struct loaded *key, struct bytes digest, struct bytes der) {
    struct ready *ready = NULL;
    bool is_new = false;
    TRY(key_take(key, READY_PKEY, key_shape(&ecdsa, F_VERIFY), &ready, &is_new));
    enum status status = STATUS_SIGNATURE_INVALID;
    if (is_new && EVP_PKEY_verify_init(ready->pkey) != 1) {
        status = library_failure();
    } else if (EVP_PKEY_verify(ready->pkey, der.data, der.size, digest.data, digest.size) == 1) {
        status = STATUS_OK;
    } else {
        status = library_refusal(STATUS_SIGNATURE_INVALID);
    }
    ready_end(&key->pool, ready, status);
    return status;
}

enum status ecdsa_verify(struct loaded *key, struct bytes digest, const uint8_t *signature) {
    uint8_t der[DER_SIZE_MAX];
    size_t size = write_der(signature, key->size, der);
    return verify_der(key, digest, bytes_of(der, size));
}

enum status ecdsa_sign(struct loaded *key, struct bytes digest, bool verify, uint8_t *signature) {
    struct ready *ready = NULL;
    bool is_new = false;
    uint8_t der[DER_SIZE_MAX];
    size_t size = sizeof(der);
    TRY(key_take(key, READY_PKEY, key_shape(&ecdsa, F_SIGN), &ready, &is_new));
    bool done = (!is_new || EVP_PKEY_sign_init(ready->pkey) == 1) &&
                EVP_PKEY_sign(ready->pkey, der, &size, digest.data, digest.size) == 1;
    enum status status = done ? STATUS_OK : library_failure();
    ready_end(&key->pool, ready, status);
    TRY(status);
    if (verify) {
        TRY(signature_own(verify_der(key, digest, bytes_of(der, size))));
    }
    return read_der(bytes_of(der, size), signature, key->size) ? STATUS_OK : STATUS_INTERNAL;
}
