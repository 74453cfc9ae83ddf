/* SPDX-License-Identifier: Apache-2.0 */
/* Where the user PIN comes from: the URI (pin-value, pin-source), the provider's section of the
 * configuration (pin-file), a credential of systemd (edgehsm-pin), or OpenSSL's prompt. */
#ifndef HOST_OPENSSL_PROVIDER_PIN_H
#define HOST_OPENSSL_PROVIDER_PIN_H

#include "host/openssl-provider/lookup.h"

/* Declare with WIPE_AT_END. */
struct pin {
    uint8_t data[PIN_SIZE_MAX + 2];
    size_t size;
};

/* Gets it; false with the reason on the error queue. */
bool pin_get(const struct provider *provider, const struct key_uri *uri, const char *label,
             const struct lookup_prompt *prompt, struct pin *pin) MUST_USE;

#endif
