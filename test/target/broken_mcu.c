/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's key derivation, of which a call fails. */
#include "test/component/broken.h"

/* The names are the linker's: __wrap_X is called where X is, __real_X is X. */
enum status __real_crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info,
                               struct span out);
enum status __wrap_crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info,
                               struct span out);

enum status __wrap_crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info,
                               struct span out) {
    return broken_fails() ? STATUS_INTERNAL : __real_crypto_hkdf(key, salt, info, out);
}
