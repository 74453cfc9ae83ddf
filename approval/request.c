/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for approval. {1 id, 2 device, 3 class, 4 token, 5 nonce, 6 roles version, 7 expires,
 * 8 [parameters], 9 text} */
#include "approval/request.h"

#include "proto/attributes.h"
#include "proto/cbor.h"

enum { KEY_ID = 1, KEY_DEVICE, KEY_CLASS, KEY_TOKEN, KEY_NONCE, KEY_ROLES, KEY_EXPIRES, KEY_ITEMS,
       KEY_TEXT };

/* What is said of each class: %n stands for parameter n in quotes, %n# for its size in bytes, %n!
 * for the CBOR it holds, as RFC 8949 section 8 writes it, %n~ for what changes from the limits in
 * it to those in the parameter behind it. */
static const struct {
    uint32_t items;
    const char *text;
} classes[APPROVAL_CLASSES] = {
    [APPROVAL_ROLES] = {1, "take another roles file (%0# bytes)"},
    [APPROVAL_POLICY] = {5, "the policy %2 (%3# bytes) takes the place of that of the key %0 (%1)"},
    [APPROVAL_WRAP] = {5, "give out the key %0 (%1), wrapped under %2 (%3) with %4"},
    [APPROVAL_TRUSTED] = {2, "make a key %0 that is trusted to wrap others"},
    [APPROVAL_DESTROY] = {2, "destroy the key %0 (%1) for ever"},
    [APPROVAL_UNLOCK] = {0, "replace the user PIN, which also unlocks it"},
    [APPROVAL_TOKEN] = {2, "loosen the token's rules: %0"},
    [APPROVAL_RESUME] = {2, "let the key %0 (%1) work again, which an alarm suspended"},
    [APPROVAL_MESSAGE] = {5, "sign with the key %0 (%1), under policy %2: %3!"},
    [APPROVAL_LIMITS] = {4, "loosen limits, %2~, of the key %0 (%1)"},
};

uint32_t request_items_of(uint32_t class) {
    return class < APPROVAL_CLASSES ? classes[class].items : 0;
}

static bool class_exists(uint32_t class) {
    return class < APPROVAL_CLASSES && classes[class].text != NULL;
}

/* ---- the text ---- */

struct page {
    uint8_t *data;
    size_t room, used;
};

/* What does not fit shows as an end in dots. */
static void put(struct page *page, uint8_t byte) {
    if (page->used < page->room) {
        page->data[page->used++] = byte;
    } else {
        for (size_t i = 1; i <= 3 && i <= page->room; i++) {
            page->data[page->room - i] = '.';
        }
    }
}

static void put_words(struct page *page, const char *words) {
    for (; *words != 0; words++) {
        put(page, (uint8_t)*words);
    }
}

static void put_quoted(struct page *page, struct bytes value) {
    put(page, '\'');
    for (size_t i = 0; i < value.size; i++) {
        uint8_t byte = value.data[i];
        put(page, byte < 0x20 || byte == 0x7f || byte == '\'' ? '?' : byte);
    }
    put(page, '\'');
}

static void put_number(struct page *page, uint64_t number) {
    uint8_t digits[20];
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0) {
        put(page, digits[--count]);
    }
}

/* ---- CBOR in words: maps and arrays are known by what stands before each item ---- */

struct nest {
    uint64_t left[CBOR_DEPTH_MAX + 1]; /* items still to come */
    bool map[CBOR_DEPTH_MAX + 1];
    uint32_t depth;
};

static void put_hex(struct page *page, struct bytes value) {
    put_words(page, "h'");
    for (size_t i = 0; i < value.size; i++) {
        put(page, (uint8_t)"0123456789abcdef"[value.data[i] >> 4]);
        put(page, (uint8_t)"0123456789abcdef"[value.data[i] & 15]);
    }
    put(page, '\'');
}

static void put_item(struct page *page, const struct cbor_item *item) {
    static const char *const simple[] = {"false", "true", "null"};
    switch (item->type) {
    case CBOR_BYTES:
        put_hex(page, item->bytes);
        break;
    case CBOR_TEXT:
        put_quoted(page, item->bytes);
        break;
    case CBOR_SIMPLE:
        put_words(page, simple[item->value - 20]);
        break;
    case CBOR_NEGATIVE:
        put(page, '-');
        put_number(page, item->value + 1);
        break;
    case CBOR_UINT:
        put_number(page, item->value);
        break;
    default: /* a tag: its number, then what it is on */
        put_number(page, item->value);
        put(page, ' ');
    }
}

/* After an item: what closes, and what stands before the next one. */
static void put_after(struct page *page, struct nest *nest) {
    while (nest->depth > 0 && --nest->left[nest->depth] == 0) {
        put(page, nest->map[nest->depth] ? '}' : ']');
        nest->depth--;
    }
    if (nest->depth > 0) {
        bool value_next = nest->map[nest->depth] && nest->left[nest->depth] % 2 == 1;
        put_words(page, value_next ? ": " : ", ");
    }
}

static void put_open(struct page *page, struct nest *nest, const struct cbor_item *item) {
    bool map = item->type == CBOR_MAP;
    put(page, map ? '{' : '[');
    nest->depth++;
    nest->left[nest->depth] = map ? 2 * item->value : item->value;
    nest->map[nest->depth] = map;
    if (item->value == 0) {
        put(page, map ? '}' : ']');
        nest->depth--;
        put_after(page, nest);
    }
}

static void put_cbor(struct page *page, struct bytes encoding) {
    struct cbor_reader reader;
    struct cbor_item item;
    struct nest nest = {.depth = 0};
    cbor_read(&reader, encoding);
    do {
        if (cbor_next(&reader, &item) != STATUS_OK) {
            put_words(page, "(not CBOR)");
            return;
        }
        if (item.type == CBOR_MAP || item.type == CBOR_ARRAY) {
            put_open(page, &nest, &item);
        } else {
            put_item(page, &item);
            if (item.type != CBOR_TAG) {
                put_after(page, &nest);
            }
        }
    } while (nest.depth > 0 || item.type == CBOR_TAG);
}

/* ---- limits in words: those that change ---- */

static void put_number_or_none(struct page *page, struct bytes list, uint32_t type) {
    struct bytes value;
    if (attributes_find(list, type, &value) == STATUS_OK && value.size == 4) {
        put_number(page, load_u32(value.data));
    } else {
        put_words(page, "none");
    }
}

static void put_changes(struct page *page, struct bytes before, struct bytes after) {
    const char *between = "";
    for (uint32_t type = ATTRIBUTE_USES_MAX; type < ATTRIBUTE_LEASE_KEY; type++) {
        struct bytes old = {NULL, 0}, next = {NULL, 0};
        bool was = attributes_find(before, type, &old) == STATUS_OK;
        bool is = attributes_find(after, type, &next) == STATUS_OK;
        if (was == is && bytes_equal(old, next)) {
            continue;
        }
        put_words(page, between);
        put_words(page, attribute_row(type)->name);
        put_words(page, " from ");
        put_number_or_none(page, before, type);
        put_words(page, " to ");
        put_number_or_none(page, after, type);
        between = ", ";
    }
}

static void put_pattern(struct page *page, const char *pattern, const struct request *request) {
    for (; *pattern != 0; pattern++) {
        if (*pattern != '%') {
            put(page, (uint8_t)*pattern);
            continue;
        }
        const struct request_item *item = &request->items[*++pattern - '0'];
        if (pattern[1] == '#') {
            pattern++;
            put_number(page, item->value.size);
        } else if (pattern[1] == '!') {
            pattern++;
            put_cbor(page, item->value);
        } else if (pattern[1] == '~') {
            pattern++;
            put_changes(page, item->value, item[1].value);
        } else {
            put_quoted(page, item->value);
        }
    }
}

enum status request_text(const struct request *request, struct span *out) {
    struct page page = {out->data, out->size < REQUEST_TEXT_MAX ? out->size : REQUEST_TEXT_MAX, 0};
    if (!class_exists(request->class) || request->item_count != classes[request->class].items) {
        return STATUS_DATA_INVALID;
    }
    put_words(&page, "On token ");
    put_quoted(&page, request->token);
    put_words(&page, ": ");
    put_pattern(&page, classes[request->class].text, request);
    put(&page, '.');
    out->size = page.used;
    return STATUS_OK;
}

/* ---- the form ---- */

static void put_pair(struct cbor_writer *writer, uint64_t key, struct bytes value) {
    cbor_put(writer, CBOR_UINT, key);
    cbor_put_bytes(writer, value);
}

enum status request_write(const struct request *request, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, KEY_TEXT);
    put_pair(&writer, KEY_ID, request->id);
    put_pair(&writer, KEY_DEVICE, request->device);
    cbor_put(&writer, CBOR_UINT, KEY_CLASS);
    cbor_put(&writer, CBOR_UINT, request->class);
    cbor_put(&writer, CBOR_UINT, KEY_TOKEN);
    cbor_put_text(&writer, request->token);
    put_pair(&writer, KEY_NONCE, request->nonce);
    cbor_put(&writer, CBOR_UINT, KEY_ROLES);
    cbor_put(&writer, CBOR_UINT, request->roles_version);
    cbor_put(&writer, CBOR_UINT, KEY_EXPIRES);
    cbor_put(&writer, CBOR_UINT, request->expires_ms);
    cbor_put(&writer, CBOR_UINT, KEY_ITEMS);
    cbor_put(&writer, CBOR_ARRAY, request->item_count);
    for (uint32_t i = 0; i < request->item_count; i++) {
        if (request->items[i].is_text) {
            cbor_put_text(&writer, request->items[i].value);
        } else {
            cbor_put_bytes(&writer, request->items[i].value);
        }
    }
    cbor_put(&writer, CBOR_UINT, KEY_TEXT);
    cbor_put_text(&writer, request->text);
    return cbor_written(&writer, out);
}

static enum status take_key(struct cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, KEY_TEXT, &found));
    return found == key ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status take_bytes(struct cbor_reader *reader, uint64_t key, size_t least, size_t most,
                              struct bytes *value) {
    TRY(take_key(reader, key));
    TRY(cbor_get_bytes(reader, value));
    return value->size >= least && value->size <= most ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status take_text(struct cbor_reader *reader, uint64_t key, size_t most,
                             struct bytes *value) {
    TRY(take_key(reader, key));
    TRY(cbor_get_text(reader, value));
    return value->size <= most ? STATUS_OK : STATUS_DATA_INVALID;
}

static enum status take_number(struct cbor_reader *reader, uint64_t key, uint64_t most,
                               uint64_t *value) {
    TRY(take_key(reader, key));
    return cbor_get_uint(reader, most, value);
}

static enum status take_items(struct cbor_reader *reader, struct request *request) {
    uint64_t count = 0;
    struct cbor_item item;
    TRY(take_key(reader, KEY_ITEMS));
    TRY(cbor_get(reader, CBOR_ARRAY, &count));
    if (count != classes[request->class].items) {
        return STATUS_DATA_INVALID;
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(cbor_next(reader, &item));
        if (item.type != CBOR_BYTES && item.type != CBOR_TEXT) {
            return STATUS_DATA_INVALID;
        }
        request->items[i] = (struct request_item){item.bytes, item.type == CBOR_TEXT};
    }
    request->item_count = (uint32_t)count;
    return STATUS_OK;
}

enum status request_read(struct bytes encoding, struct request *request) {
    struct cbor_reader reader;
    uint64_t pairs = 0, class = 0, roles = 0;
    memset(request, 0, sizeof(*request));
    cbor_read(&reader, encoding);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    if (pairs != KEY_TEXT) {
        return STATUS_DATA_INVALID;
    }
    TRY(take_bytes(&reader, KEY_ID, REQUEST_ID_SIZE, REQUEST_ID_SIZE, &request->id));
    TRY(take_bytes(&reader, KEY_DEVICE, 1, REQUEST_DEVICE_MAX, &request->device));
    TRY(take_number(&reader, KEY_CLASS, APPROVAL_CLASSES - 1, &class));
    request->class = (uint32_t)class;
    if (!class_exists(request->class)) {
        return STATUS_DATA_INVALID;
    }
    TRY(take_text(&reader, KEY_TOKEN, 32, &request->token));
    TRY(take_bytes(&reader, KEY_NONCE, REQUEST_NONCE_SIZE, REQUEST_NONCE_SIZE, &request->nonce));
    TRY(take_number(&reader, KEY_ROLES, UINT32_MAX, &roles));
    request->roles_version = (uint32_t)roles;
    TRY(take_number(&reader, KEY_EXPIRES, UINT64_MAX, &request->expires_ms));
    TRY(take_items(&reader, request));
    TRY(take_text(&reader, KEY_TEXT, REQUEST_TEXT_MAX, &request->text));
    return cbor_close(&reader);
}
