/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and versions of the info structures. */
#include "host/pkcs11/texts.h"

void texts_fill_bytes(CK_UTF8CHAR *field, size_t size, struct bytes text) {
    size_t used = text.size < size ? text.size : size;
    memset(field, ' ', size);
    bytes_copy(field, bytes_of(text.data, used));
}

void texts_fill(CK_UTF8CHAR *field, size_t size, const char *text) {
    texts_fill_bytes(field, size, bytes_of_text(text));
}

static CK_BYTE read_number(struct bytes text, size_t *at) {
    unsigned number = 0;
    while (*at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9' && number < 26) {
        number = number * 10 + (unsigned)(text.data[*at] - '0');
        (*at)++;
    }
    return number > UINT8_MAX ? UINT8_MAX : (CK_BYTE)number;
}

CK_VERSION texts_version(struct bytes text) {
    size_t at = 0;
    CK_VERSION version = {0, 0};
    version.major = read_number(text, &at);
    if (at < text.size && text.data[at] == '.') {
        at++;
        version.minor = read_number(text, &at);
    }
    return version;
}
