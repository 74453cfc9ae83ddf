/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC (FIPS 198-1) and CMAC (SP 800-38B) with loaded keys. HMAC takes SHA-1 too: clients have old
 * keys for it, and a collision of the hash does not break the MAC. */
#include "crypto/openssl/library.h"
#include "crypto/openssl/signature.h"

enum status mac_begin(struct loaded *key, const struct mechanism *mechanism, struct ready **ready) {
    bool is_new = false;
    TRY(key_take(key, READY_MAC, key_shape(mechanism, F_SIGN), ready, &is_new));
    bool done = false;
    if (is_new) {
        (*ready)->mac = mechanism->algorithm == ALGORITHM_AES_CMAC
                            ? library_cmac_new(key->size)
                            : library_hmac_new(mechanism->hash);
        done =
            (*ready)->mac != NULL && EVP_MAC_init((*ready)->mac, key->secret, key->size, NULL) == 1;
    } else {
        done = EVP_MAC_init((*ready)->mac, NULL, 0, NULL) == 1;
    }
    if (!done) {
        ready_drop(*ready);
        *ready = NULL;
        return library_failure();
    }
    return STATUS_OK;
}

enum status mac_finish(struct ready *ready, const struct mechanism *mechanism, uint8_t *mac) {
    size_t size = 0;
    bool done = EVP_MAC_final(ready->mac, mac, &size, HASH_SIZE_MAX) == 1 &&
                size == mechanism_mac_full(mechanism);
    return done ? STATUS_OK : library_failure();
}
