/* SPDX-License-Identifier: Apache-2.0 */
/* A judge of what a module signs, from outside of it: OpenSSL on the host (judge_openssl.c), on the
 * chip another implementation of the curve than the module signs with (judge_mcu.c). */
#ifndef TEST_COMPONENT_JUDGE_H
#define TEST_COMPONENT_JUDGE_H

#include "base/bytes.h"

void judge_sha256(struct bytes text, uint8_t digest[32]);
/* Whether r and s sign the text under a key on P-256, given as its SubjectPublicKeyInfo. */
bool judge_es256(struct bytes public_key_info, struct bytes text, const uint8_t signature[64]);

#endif
