/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of a policy's text. */
#include "host/cli/policy_token.h"

#include "proto/cbor.h"

#include <stdarg.h>
#include <stdio.h>

enum status token_fault(struct token_reader *reader, const struct token *at, const char *text,
                        ...) {
    va_list values;
    reader->error->line = at->line;
    reader->error->column = at->column;
    va_start(values, text);
    vsnprintf(reader->error->text, sizeof(reader->error->text), text, values);
    va_end(values);
    return STATUS_FILE_FORMAT;
}

enum status token_expected(struct token_reader *reader, const char *what) {
    const struct token *now = &reader->now;
    if (now->kind == TOKEN_END) {
        return token_fault(reader, now, "expected %s, but the text ends here", what);
    }
    const char *quote = now->kind == TOKEN_STRING ? "\"" : "";
    int size = now->text.size > 40 ? 40 : (int)now->text.size;
    return token_fault(reader, now, "expected %s, found %s%.*s%s", what, quote, size,
                       (const char *)now->text.data, quote);
}

static bool is_letter(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

static uint8_t peek(const struct token_reader *reader, size_t ahead) {
    return ahead < reader->rest.size ? reader->rest.data[ahead] : 0;
}

/* Goes over so many bytes. */
static void eat(struct token_reader *reader, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (reader->rest.data[i] == '\n') {
            reader->line++;
            reader->column = 1;
        } else if ((reader->rest.data[i] & 0xc0) != 0x80) { /* not a later byte of a character */
            reader->column++;
        }
    }
    reader->rest = bytes_of(reader->rest.data + size, reader->rest.size - size);
}

static void eat_space(struct token_reader *reader) {
    for (;;) {
        uint8_t c = peek(reader, 0);
        if (reader->rest.size > 0 && c == '#') {
            size_t size = 0;
            while (size < reader->rest.size && reader->rest.data[size] != '\n') {
                size++;
            }
            eat(reader, size);
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            eat(reader, 1);
        } else {
            return;
        }
    }
}

/* Letters, digits and "_"; "-" and "." only between two of these. */
static size_t word_size(const struct token_reader *reader) {
    size_t size = 0;
    for (;;) {
        uint8_t c = peek(reader, size), next = peek(reader, size + 1);
        bool joint = (c == '-' || c == '.') && size > 0 && (is_letter(next) || is_digit(next));
        if (!is_letter(c) && !is_digit(c) && !joint) {
            return size;
        }
        size++;
    }
}

static enum status read_number(struct token_reader *reader) {
    struct token *token = &reader->now;
    bool negative = peek(reader, 0) == '-';
    size_t size = negative;
    int64_t number = 0;
    while (is_digit(peek(reader, size))) {
        int digit = peek(reader, size++) - '0';
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_sub_overflow(number, digit, &number)) { /* downwards, to reach the least */
            return token_fault(reader, token, "a number beyond 64 bits");
        }
    }
    if (!negative && number == INT64_MIN) {
        return token_fault(reader, token, "a number beyond 64 bits");
    }
    token->kind = TOKEN_NUMBER;
    token->number = negative ? number : -number;
    token->text = bytes_of(reader->rest.data, size);
    eat(reader, size);
    return STATUS_OK;
}

static enum status read_string(struct token_reader *reader) {
    struct token *token = &reader->now;
    size_t size = 1;
    while (size < reader->rest.size && peek(reader, size) != '"') {
        uint8_t c = peek(reader, size);
        if (c < 0x20 || c == 0x7f || c == '\\') {
            return token_fault(reader, token,
                               c == '\n' ? "the text in quotes does not end"
                                         : "a control character or \"\\\" in text");
        }
        size++;
    }
    if (size == reader->rest.size) {
        return token_fault(reader, token, "the text in quotes does not end");
    }
    token->kind = TOKEN_STRING;
    token->text = bytes_of(reader->rest.data + 1, size - 1);
    eat(reader, size + 1);
    return STATUS_OK;
}

static size_t sign_size(const struct token_reader *reader) {
    uint8_t c = peek(reader, 0), next = peek(reader, 1);
    if ((c == '.' && next == '.') || ((c == '<' || c == '>') && next == '=')) {
        return 2;
    }
    return c != 0 && strchr("{}()[],:?/+-<>=", c) != NULL;
}

enum status token_next(struct token_reader *reader) {
    struct token *token = &reader->now;
    eat_space(reader);
    *token = (struct token){.line = reader->line, .column = reader->column, .kind = TOKEN_END};
    uint8_t c = peek(reader, 0);
    size_t size = sign_size(reader);
    if (reader->rest.size == 0) {
        return STATUS_OK;
    }
    if (c == '"') {
        return read_string(reader);
    }
    if (is_digit(c) || (c == '-' && is_digit(peek(reader, 1)))) {
        return read_number(reader);
    }
    if (!is_letter(c) && size == 0) {
        return token_fault(reader, token, "a character that has no meaning here (byte 0x%02x)", c);
    }
    token->kind = is_letter(c) ? TOKEN_WORD : TOKEN_SIGN;
    size = is_letter(c) ? word_size(reader) : size;
    token->text = bytes_of(reader->rest.data, size);
    eat(reader, size);
    return STATUS_OK;
}

/* Text that people will see must be UTF-8. */
static enum status check_utf8(struct token_reader *reader, struct bytes text) {
    struct cbor_writer writer;
    struct cbor_reader cbor;
    struct bytes value;
    for (size_t at = 0; at < text.size;) {
        size_t size = 1;
        while (at + size < text.size && (text.data[at + size] & 0xc0) == 0x80 && size < 4) {
            size++;
        }
        uint8_t one[16];
        cbor_write(&writer, (struct span){one, sizeof(one)});
        cbor_put_text(&writer, bytes_of(text.data + at, size));
        cbor_read(&cbor, bytes_of(one, writer.used));
        if (cbor_get_text(&cbor, &value) != STATUS_OK) {
            reader->now = (struct token){.line = reader->line, .column = reader->column};
            return token_fault(reader, &reader->now, "the text is not UTF-8 (at byte %u)",
                               (unsigned)at);
        }
        at += size;
    }
    return STATUS_OK;
}

enum status token_start(struct token_reader *reader, struct bytes text,
                        struct policy_error *error) {
    *reader = (struct token_reader){.rest = text, .line = 1, .column = 1, .error = error};
    TRY(check_utf8(reader, text));
    return token_next(reader);
}

bool token_is(const struct token_reader *reader, const char *text) {
    return (reader->now.kind == TOKEN_WORD || reader->now.kind == TOKEN_SIGN) &&
           bytes_equal(reader->now.text, bytes_of_text(text));
}

enum status token_maybe(struct token_reader *reader, const char *text, bool *taken) {
    *taken = token_is(reader, text);
    return *taken ? token_next(reader) : STATUS_OK;
}

enum status token_take(struct token_reader *reader, const char *text) {
    char what[64];
    snprintf(what, sizeof(what), "'%s'", text);
    return token_is(reader, text) ? token_next(reader) : token_expected(reader, what);
}

enum status token_take_kind(struct token_reader *reader, enum token_kind kind, const char *what,
                            struct token *taken) {
    if (reader->now.kind != kind) {
        return token_expected(reader, what);
    }
    *taken = reader->now;
    return token_next(reader);
}

enum status token_take_number(struct token_reader *reader, int64_t low, int64_t high,
                              const char *what, int64_t *number) {
    struct token token;
    TRY(token_take_kind(reader, TOKEN_NUMBER, what, &token));
    if (token.number < low || token.number > high) {
        return token_fault(reader, &token, "%s must be from %lld to %lld", what, (long long)low,
                           (long long)high);
    }
    *number = token.number;
    return STATUS_OK;
}
