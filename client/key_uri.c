/* SPDX-License-Identifier: Apache-2.0 */
/* URIs of keys, taken apart. */
#include "client/key_uri.h"

#include <stdio.h>

static const char pkcs11_prefix[] = "pkcs11:";
static const char short_prefix[] = "edgehsm:";
static const char id_prefix[] = "id:";

static bool begins(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool key_uri_is(const char *text) {
    return begins(text, pkcs11_prefix) || begins(text, short_prefix);
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Undoes %XX. */
static enum status unescape(struct bytes from, struct span *to) {
    size_t used = 0;
    for (size_t i = 0; i < from.size; i++) {
        uint8_t byte = from.data[i];
        if (byte == '%') {
            int high = i + 2 < from.size ? digit_of((char)from.data[i + 1]) : -1;
            int low = i + 2 < from.size ? digit_of((char)from.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return STATUS_USAGE;
            }
            byte = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (used == to->size) {
            return STATUS_USAGE;
        }
        to->data[used++] = byte;
    }
    to->size = used;
    return STATUS_OK;
}

/* A text must be new, not empty, and hold no zero byte. */
static enum status text_take(struct bytes value, char *to, size_t room) {
    struct span out = {(uint8_t *)to, room - 1};
    if (to[0] != 0) {
        return STATUS_USAGE;
    }
    TRY(unescape(value, &out));
    to[out.size] = 0;
    return out.size > 0 && strlen(to) == out.size ? STATUS_OK : STATUS_USAGE;
}

static enum status id_take(struct bytes value, struct key_uri *uri) {
    struct span out = {uri->id, sizeof(uri->id)};
    if (uri->id_size != 0) {
        return STATUS_USAGE;
    }
    TRY(unescape(value, &out));
    uri->id_size = out.size;
    return out.size > 0 ? STATUS_OK : STATUS_USAGE;
}

static enum status type_take(struct bytes value, struct key_uri *uri) {
    static const struct {
        const char *name;
        enum key_uri_type type;
    } types[] = {
        {"private", KEY_URI_PRIVATE},   {"public", KEY_URI_PUBLIC}, {"cert", KEY_URI_CERTIFICATE},
        {"secret-key", KEY_URI_SECRET}, {"data", KEY_URI_DATA},
    };
    for (size_t i = 0; i < COUNT(types) && uri->type == KEY_URI_ANY; i++) {
        if (bytes_equal(value, bytes_of_text(types[i].name))) {
            uri->type = types[i].type;
            return STATUS_OK;
        }
    }
    return STATUS_USAGE;
}

/* A path, or file:PATH, or file://PATH. RFC 7512's |command is not run. */
static enum status pin_source_take(struct bytes value, struct key_uri *uri) {
    char raw[sizeof(uri->pin_source)] = "";
    TRY(text_take(value, raw, sizeof(raw)));
    const char *path = begins(raw, "file:") ? raw + 5 : raw;
    path += begins(path, "//") ? 2 : 0;
    if (path[0] == 0 || path[0] == '|' || uri->pin_source[0] != 0) {
        return STATUS_USAGE;
    }
    memcpy(uri->pin_source, path, strlen(path) + 1);
    return STATUS_OK;
}

/* What is allowed and says nothing here. */
static bool is_ignored(struct bytes name) {
    static const char *const names[] = {"manufacturer",         "model",
                                        "slot-description",     "slot-id",
                                        "slot-manufacturer",    "library-description",
                                        "library-manufacturer", "library-version",
                                        "module-name",          "module-path"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (bytes_equal(name, bytes_of_text(names[i]))) {
            return true;
        }
    }
    return false;
}

static enum status attribute_take(struct bytes name, struct bytes value, struct key_uri *uri) {
#define NAMED(text) bytes_equal(name, bytes_of_text(text))
    if (NAMED("token")) {
        return text_take(value, uri->token, sizeof(uri->token));
    }
    if (NAMED("serial")) {
        return text_take(value, uri->serial, sizeof(uri->serial));
    }
    if (NAMED("object")) {
        return text_take(value, uri->object, sizeof(uri->object));
    }
    if (NAMED("id")) {
        return id_take(value, uri);
    }
    if (NAMED("type")) {
        return type_take(value, uri);
    }
    if (NAMED("pin-source")) {
        return pin_source_take(value, uri);
    }
    if (NAMED("pin-value")) {
        return text_take(value, uri->pin, sizeof(uri->pin));
    }
#undef NAMED
    return is_ignored(name) ? STATUS_OK : STATUS_USAGE;
}

/* The first part of the short form. */
static enum status name_take(struct bytes name, struct key_uri *uri) {
    size_t prefix = strlen(id_prefix);
    if (name.size <= prefix ||
        !bytes_equal(bytes_of(name.data, prefix), bytes_of_text(id_prefix))) {
        return text_take(name, uri->object, sizeof(uri->object));
    }
    struct bytes hex = bytes_of(name.data + prefix, name.size - prefix);
    if (hex.size % 2 != 0 || hex.size / 2 > sizeof(uri->id)) {
        return STATUS_USAGE;
    }
    for (size_t i = 0; i < hex.size; i += 2) {
        int high = digit_of((char)hex.data[i]), low = digit_of((char)hex.data[i + 1]);
        if (high < 0 || low < 0) {
            return STATUS_USAGE;
        }
        uri->id[i / 2] = (uint8_t)(high << 4 | low);
    }
    uri->id_size = hex.size / 2;
    return STATUS_OK;
}

static enum status part_take(struct bytes part, bool is_name, struct key_uri *uri,
                             char problem[KEY_URI_PROBLEM]) {
    const uint8_t *equal = memchr(part.data, '=', part.size);
    struct bytes name = bytes_of(part.data, equal ? (size_t)(equal - part.data) : part.size);
    enum status status = STATUS_USAGE;
    if (is_name) {
        status = name_take(part, uri);
    } else if (equal) {
        status = attribute_take(name, bytes_of(equal + 1, part.size - name.size - 1), uri);
    }
    if (status != STATUS_OK) {
        snprintf(problem, KEY_URI_PROBLEM, "'%.*s' is unknown, said twice, or has no valid value",
                 (int)(name.size < 60 ? name.size : 60), (const char *)name.data);
    }
    return status;
}

enum status key_uri_read(const char *text, struct key_uri *uri, char problem[KEY_URI_PROBLEM]) {
    memset(uri, 0, sizeof(*uri));
    bool is_name = begins(text, short_prefix);
    if (!key_uri_is(text)) {
        snprintf(problem, KEY_URI_PROBLEM, "it begins neither with pkcs11: nor with edgehsm:");
        return STATUS_USAGE;
    }
    text += strlen(is_name ? short_prefix : pkcs11_prefix);
    bool in_query = *text == '?' && !is_name; /* a path may be empty */
    text += in_query;
    while (*text != 0 || is_name) {
        size_t size = strcspn(text, in_query ? "&" : ";?");
        TRY(part_take(bytes_of(text, size), is_name, uri, problem));
        is_name = false;
        text += size;
        in_query = in_query || *text == '?';
        text += *text != 0;
    }
    return STATUS_OK;
}
