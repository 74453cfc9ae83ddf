/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC (FIPS 198-1) and CMAC (SP 800-38B). */
#ifndef CRYPTO_MCU_MAC_H
#define CRYPTO_MCU_MAC_H

#include "crypto/common/mechanism.h"

#include <bearssl.h>

/* CMAC: AES in a chain, with the last block held back. */
struct cmac {
    br_aes_ct_ctrcbc_keys aes;
    uint8_t chain[AES_BLOCK];
    uint8_t last[AES_BLOCK];
    size_t held; /* bytes in `last` */
};

/* A MAC in the making. */
struct mac {
    bool is_cmac;
    union {
        br_hmac_context hmac;
        struct cmac cmac;
    } as;
};

/* HMAC with a hash that there is. */
void mac_begin_hmac(struct mac *mac, struct bytes key, uint32_t hash);
/* CMAC; the key has 16, 24 or 32 bytes. */
void mac_begin_cmac(struct mac *mac, struct bytes key);
/* Either of the two, of a mechanism that has been checked. */
void mac_begin(struct mac *mac, struct bytes key, const struct mechanism *mechanism);
void mac_update(struct mac *mac, struct bytes data);
/* Fills the whole MAC, before truncation (at most HASH_SIZE_MAX bytes); the state is wiped. */
void mac_finish(struct mac *mac, uint8_t *out);

/* crypto_sign and crypto_verify of a MAC, with the bytes of the key. */
enum status mac_sign(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                     struct span *out) MUST_USE;
enum status mac_verify(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                       struct bytes signature) MUST_USE;

#endif
