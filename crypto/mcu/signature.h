/* SPDX-License-Identifier: Apache-2.0 */
/* Public-key signatures of what has been hashed already: the end of crypto_sign and of a stream.
 * The mechanism has been checked. */
#ifndef CRYPTO_MCU_SIGNATURE_H
#define CRYPTO_MCU_SIGNATURE_H

#include "crypto/mcu/key.h"

enum status signature_make(const struct loaded *key, const struct mechanism *mechanism,
                           struct bytes data, bool verify, struct span *signature) MUST_USE;
enum status signature_check(const struct loaded *key, const struct mechanism *mechanism,
                            struct bytes data, struct bytes signature) MUST_USE;

#endif
