/* SPDX-License-Identifier: Apache-2.0 */
/* pkcs11: URIs. */
#include "host/cli/uri.h"

#include <stdio.h>

static size_t add_escaped(char out[URI_MAX], size_t used, const char *text) {
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (; *text != 0 && used + 4 < URI_MAX; text++) {
        if (strchr(plain, *text)) {
            out[used++] = *text;
            out[used] = 0;
        } else {
            used += (size_t)snprintf(out + used, URI_MAX - used, "%%%02X", (unsigned char)*text);
        }
    }
    return used;
}

static size_t add_plain(char out[URI_MAX], size_t used, const char *text) {
    for (; *text != 0 && used + 1 < URI_MAX; text++) {
        out[used++] = *text;
    }
    out[used] = 0;
    return used;
}

void uri_make(const char *token, const char *object, const char *type, char out[URI_MAX]) {
    size_t used = add_plain(out, 0, "pkcs11:token=");
    used = add_escaped(out, used, token);
    used = add_plain(out, used, ";object=");
    used = add_escaped(out, used, object);
    if (type) {
        used = add_plain(out, used, ";type=");
        add_plain(out, used, type);
    }
}
