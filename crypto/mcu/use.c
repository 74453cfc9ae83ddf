/* SPDX-License-Identifier: Apache-2.0 */
/* What a loaded key does: the way from the mechanisms to the ciphers. */
#include "crypto/common/use.h"

#include "crypto/mcu/cipher.h"
#include "crypto/mcu/ec.h"
#include "crypto/mcu/public.h"

struct bytes use_secret(const struct crypto_key *key) {
    return key_secret(key_loaded(key));
}

enum status use_agreement(const struct crypto_key *key, const struct mechanism *mechanism,
                          uint8_t *secret) {
    return ec_agree(key_loaded(key), mechanism->peer, secret);
}

enum status use_encryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    const struct loaded *loaded = key_loaded(key);
    if (loaded->type == KEY_RSA) {
        return rsa_encrypt(loaded, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm)
               ? aead_encrypt(key_secret(loaded), mechanism, data, out)
               : cipher_run(key_secret(loaded), mechanism, true, data, out);
}

enum status use_decryption(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) {
    const struct loaded *loaded = key_loaded(key);
    if (loaded->type == KEY_RSA) {
        return rsa_decrypt(loaded, mechanism, data, out);
    }
    return mechanism_is_aead(mechanism->algorithm)
               ? aead_decrypt(key_secret(loaded), mechanism, data, out)
               : cipher_run(key_secret(loaded), mechanism, false, data, out);
}

enum status use_key_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                         struct bytes plain, struct span *out) {
    return kw_wrap(key_secret(key_loaded(key)), mechanism, plain, out);
}

enum status use_key_unwrap(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes wrapped, struct span *out) {
    return kw_unwrap(key_secret(key_loaded(key)), mechanism, wrapped, out);
}
