/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of public-key signatures behind signature.h, one file each. Sizes have been checked;
 * what is made is verified before it is given out, always. */
#ifndef CRYPTO_MCU_PUBLIC_H
#define CRYPTO_MCU_PUBLIC_H

#include "crypto/mcu/key.h"

/* Fill a whole signature. ERROR_STATE where what was made does not verify. */
enum status rsa_sign(const struct loaded *key, const struct mechanism *mechanism, struct bytes data,
                     uint8_t *signature) MUST_USE;
enum status ecdsa_sign(const struct loaded *key, struct bytes digest, uint8_t *signature) MUST_USE;
enum status eddsa_sign(const struct loaded *key, struct bytes message, uint8_t *signature) MUST_USE;

/* SIGNATURE_INVALID. */
enum status rsa_verify(const struct loaded *key, const struct mechanism *mechanism,
                       struct bytes data, const uint8_t *signature) MUST_USE;
enum status ecdsa_verify(const struct loaded *key, struct bytes digest,
                         const uint8_t *signature) MUST_USE;
enum status eddsa_verify(const struct loaded *key, struct bytes message,
                         const uint8_t *signature) MUST_USE;

/* RSA encryption: OAEP, PKCS #1 v1.5, and the bare operation. See crypto_encrypt, _decrypt. */
enum status rsa_encrypt(const struct loaded *key, const struct mechanism *mechanism,
                        struct bytes data, struct span *out) MUST_USE;
enum status rsa_decrypt(const struct loaded *key, const struct mechanism *mechanism,
                        struct bytes data, struct span *out) MUST_USE;

#endif
