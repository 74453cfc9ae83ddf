/* SPDX-License-Identifier: Apache-2.0 */
/* The export file of the audit log. */
#include "client/log_entry.h"
#include "proto/base64.h"
#include "proto/text.h"

static const char magic[] = "edgehsm-log 1 ";

enum status log_file_header(const struct log_identity *identity, uint64_t first,
                            struct span *out) {
    struct text text = text_in(*out);
    text_add(&text, magic);
    text_add(&text, identity->origin);
    text_add(&text, " ");
    text_add_base64(&text, bytes_of(identity->key, LOG_KEY_SIZE));
    text_add(&text, " ");
    text_add_number(&text, first);
    text_add(&text, "\n");
    return text_end(&text, out);
}

enum status log_file_head(struct bytes cose, struct bytes note, struct span *out) {
    uint8_t numbers[12];
    save_u32(numbers, (uint32_t)(4 + cose.size + note.size));
    save_u32(numbers + 4, LOG_HEAD);
    save_u32(numbers + 8, (uint32_t)cose.size);
    struct text text = text_in(*out);
    text_add_bytes(&text, bytes_of(numbers, sizeof(numbers)));
    text_add_bytes(&text, cose);
    text_add_bytes(&text, note);
    return text_end(&text, out);
}

/* Takes the word before the next `end` off the line. */
static bool take_word(struct bytes *line, char end, struct bytes *word) {
    for (size_t i = 0; i < line->size; i++) {
        if (line->data[i] == (uint8_t)end) {
            *word = bytes_of(line->data, i);
            *line = bytes_of(line->data + i + 1, line->size - i - 1);
            return true;
        }
    }
    return false;
}

static bool read_number(struct bytes word, uint64_t *number) {
    *number = 0;
    for (size_t i = 0; i < word.size; i++) {
        uint64_t digit = (uint64_t)word.data[i] - '0';
        if (word.data[i] < '0' || digit > 9 || *number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return word.size > 0;
}

/* Reads the words of the first line; `rest` becomes what follows it. */
static bool read_header(struct bytes *rest, struct log_file *file) {
    struct bytes origin, key, number;
    size_t size = sizeof(magic) - 1;
    if (rest->size < size || !bytes_equal(bytes_of(rest->data, size), bytes_of_text(magic))) {
        return false;
    }
    *rest = bytes_of(rest->data + size, rest->size - size);
    struct span key_room = {file->identity.key, LOG_KEY_SIZE};
    if (!take_word(rest, ' ', &origin) || origin.size > LOG_ORIGIN_MAX ||
        !take_word(rest, ' ', &key) || base64_read(key, &key_room) != STATUS_OK ||
        key_room.size != LOG_KEY_SIZE || !take_word(rest, '\n', &number)) {
        return false;
    }
    for (size_t i = 0; i < origin.size; i++) {
        if (origin.data[i] <= ' ' || origin.data[i] > '~') {
            return false;
        }
    }
    bytes_copy((uint8_t *)file->identity.origin, origin);
    return read_number(number, &file->first);
}

enum status log_file_open(struct bytes whole, struct log_file *file) {
    *file = (struct log_file){.first = 0};
    struct bytes rest = whole;
    uint8_t again[LOG_FILE_HEADER_MAX];
    struct span header = {again, sizeof(again)};
    if (!read_header(&rest, file) ||
        log_file_header(&file->identity, file->first, &header) != STATUS_OK ||
        header.size != whole.size - rest.size ||
        !bytes_equal(bytes_of_span(header), bytes_of(whole.data, header.size))) {
        return STATUS_DATA_INVALID;
    }
    file->entries = rest;
    return STATUS_OK;
}
