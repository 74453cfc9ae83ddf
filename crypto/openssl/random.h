/* SPDX-License-Identifier: Apache-2.0 */
/* The generator behind crypto_random and behind all randomness that OpenSSL draws for itself. */
#ifndef CRYPTO_OPENSSL_RANDOM_H
#define CRYPTO_OPENSSL_RANDOM_H

#include "base/status.h"

#include <stdbool.h>

enum status random_start(void) MUST_USE;
void random_stop(void);

/* Whether a draw failed in this thread since the last call. */
bool random_was_starved(void) MUST_USE;

#endif
