/* SPDX-License-Identifier: Apache-2.0 */
/* URIs by which programs name an object of a token: "pkcs11:..." (RFC 7512), and the short form
 * "edgehsm:NAME[;attribute=value...][?...]" whose first part is the name of a key, or "id:HEX". */
#ifndef CLIENT_KEY_URI_H
#define CLIENT_KEY_URI_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

enum {
    KEY_URI_TEXT_MAX = 255,
    KEY_URI_ID_MAX = 128,
    KEY_URI_PATH_MAX = 1023,
    KEY_URI_PROBLEM = 160,
};

enum key_uri_type {
    KEY_URI_ANY,
    KEY_URI_PRIVATE,
    KEY_URI_PUBLIC,
    KEY_URI_CERTIFICATE,
    KEY_URI_SECRET,
    KEY_URI_DATA,
};

/* What a URI says; texts are empty where it does not say them. */
struct key_uri {
    char token[KEY_URI_TEXT_MAX + 1];
    char serial[KEY_URI_TEXT_MAX + 1];
    char object[KEY_URI_TEXT_MAX + 1];
    uint8_t id[KEY_URI_ID_MAX];
    size_t id_size;
    enum key_uri_type type;
    char pin_source[KEY_URI_PATH_MAX + 1]; /* a path */
    char pin[PIN_SIZE_MAX + 2];            /* wipe the whole struct after use */
};

/* Whether the text begins like one of these URIs. */
bool key_uri_is(const char *text) MUST_USE;

/* Takes a URI apart. manufacturer, model, slot-* and library-* of RFC 7512 are allowed and say
 * nothing here, since there is one module at the other end. STATUS_USAGE, with the reason in
 * `problem` (never a PIN), for what is not well formed, said twice, or not known. */
enum status key_uri_read(const char *text, struct key_uri *uri,
                         char problem[KEY_URI_PROBLEM]) MUST_USE;

#endif
