/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the OpenSSL provider shares: the instance, its errors, and its tables. */
#ifndef HOST_OPENSSL_PROVIDER_PROVIDER_H
#define HOST_OPENSSL_PROVIDER_PROVIDER_H

#include "base/bytes.h"
#include "base/status.h"

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

struct provider {
    const OSSL_CORE_HANDLE *handle;
    OSSL_LIB_CTX *libctx; /* its own, with OpenSSL's default provider: for all that is public */
    const char *address;  /* of the module */
    const char *pin_file; /* NULL: not configured */
    OSSL_FUNC_core_new_error_fn *new_error;
    OSSL_FUNC_core_vset_error_fn *vset_error;
    OSSL_FUNC_BIO_gets_fn *bio_gets;
    OSSL_FUNC_BIO_read_ex_fn *bio_read;
};

/* Puts an error on OpenSSL's queue: the reason is the status, its data says what cannot be done and
 * what to type next (NULL: the status's own advice). Returns 0, OpenSSL's failure. */
int provider_fail(const struct provider *provider, enum status status, const char *next,
                  const char *what, ...) __attribute__((format(printf, 4, 5)));

/* One table each, ended by a row of zeros. */
extern const OSSL_ALGORITHM keymgmt_algorithms[];
extern const OSSL_ALGORITHM signature_algorithms[];
extern const OSSL_ALGORITHM exchange_algorithms[];
extern const OSSL_ALGORITHM cipher_algorithms[];
extern const OSSL_ALGORITHM store_algorithms[];
extern const OSSL_ALGORITHM decoder_algorithms[];

#define PROVIDER_PROPERTIES "provider=edgehsm"
#define NAMES_RSA "RSA:rsaEncryption:1.2.840.113549.1.1.1"
#define NAMES_EC "EC:id-ecPublicKey:1.2.840.10045.2.1"
#define NAMES_ED25519 "ED25519:1.3.101.112"
#define NAMES_X25519 "X25519:1.3.101.110"

/* A row of a dispatch table. */
#define ROW(number, function) \
    { (number), (void (*)(void))(function) }
#define ROW_END \
    { 0, NULL }

#endif
