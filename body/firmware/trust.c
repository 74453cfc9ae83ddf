/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the boot stage believes: one role, one key. The key is a list of bytes that the build makes
 * of the key it was given (option image_key); by default that of development-key.pem beside this
 * file, which everybody has. */
#include "body/firmware/trust.h"

static const struct image_key keys[] = {{.role = 1, .public_key = {IMAGE_PUBLIC_KEY}}};
static const struct image_role roles[] = {{.role = 1, .threshold = 1}};

const struct image_policy trust_policy = {
    .keys = keys,
    .key_count = COUNT(keys),
    .roles = roles,
    .role_count = COUNT(roles),
};
