/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's library judges, with its general curves: the module signs with the one for P-256. */
#include "test/component/judge.h"

#include <bearssl.h>

void judge_sha256(struct bytes text, uint8_t digest[32]) {
    br_sha256_context context;
    br_sha256_init(&context);
    br_sha256_update(&context, text.data, text.size);
    br_sha256_out(&context, digest);
}

/* The point, uncompressed, ends the public key's info. */
bool judge_es256(struct bytes public_key_info, struct bytes text, const uint8_t signature[64]) {
    enum { POINT_SIZE = 65 };
    uint8_t digest[32];
    if (public_key_info.size < POINT_SIZE) {
        return false;
    }
    const uint8_t *point = public_key_info.data + public_key_info.size - POINT_SIZE;
    const br_ec_public_key key = {BR_EC_secp256r1, (unsigned char *)point, POINT_SIZE};
    judge_sha256(text, digest);
    return br_ecdsa_i31_vrfy_raw(&br_ec_prime_i31, digest, sizeof(digest), &key, signature, 64) ==
           1;
}
