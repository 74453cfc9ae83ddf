/* SPDX-License-Identifier: Apache-2.0 */
/* The generator behind crypto_random: HMAC_DRBG with SHA-256 (SP 800-90A, 10.1.2). */
#ifndef CRYPTO_MCU_RANDOM_H
#define CRYPTO_MCU_RANDOM_H

#include "base/status.h"

enum status random_start(void) MUST_USE;
/* Wipes the state. */
void random_stop(void);

#endif
