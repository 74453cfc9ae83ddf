/* SPDX-License-Identifier: Apache-2.0 */
/* Key files. The content is SEQUENCE { VisibleString "PKCS#11 Provider URI v1.0", UTF8String URI }.
 */
#include "host/cli/key_file.h"

#include <openssl/evp.h>
#include <stdio.h>

enum { DER_MAX = 16 + 32 + URI_MAX, LINE_BYTES = 48, TAG_UTF8 = 0x0c, TAG_VISIBLE = 0x1a };

/* Writes tag and length in DER; returns what it took. */
static size_t header_add(uint8_t *to, uint8_t tag, size_t size) {
    to[0] = tag;
    if (size < 0x80) {
        to[1] = (uint8_t)size;
        return 2;
    }
    if (size < 0x100) {
        to[1] = 0x81;
        to[2] = (uint8_t)size;
        return 3;
    }
    to[1] = 0x82;
    to[2] = (uint8_t)(size >> 8);
    to[3] = (uint8_t)size;
    return 4;
}

static size_t text_add(uint8_t *to, uint8_t tag, const char *text) {
    size_t size = strlen(text), used = header_add(to, tag, size);
    memcpy(to + used, text, size);
    return used + size;
}

void key_file_make(const char *uri, char out[KEY_FILE_MAX]) {
    uint8_t inner[DER_MAX], der[DER_MAX];
    size_t size = text_add(inner, TAG_VISIBLE, "PKCS#11 Provider URI v1.0");
    size += text_add(inner + size, TAG_UTF8, uri);
    size_t used = header_add(der, 0x30, size);
    memcpy(der + used, inner, size);
    size += used;
    size_t written = (size_t)snprintf(out, KEY_FILE_MAX, "-----BEGIN PKCS#11 PROVIDER URI-----\n");
    for (size_t at = 0; at < size; at += LINE_BYTES) {
        unsigned char line[2 * LINE_BYTES];
        size_t part = size - at < LINE_BYTES ? size - at : LINE_BYTES;
        EVP_EncodeBlock(line, der + at, (int)part);
        written +=
            (size_t)snprintf(out + written, KEY_FILE_MAX - written, "%s\n", (const char *)line);
    }
    snprintf(out + written, KEY_FILE_MAX - written, "-----END PKCS#11 PROVIDER URI-----\n");
}
