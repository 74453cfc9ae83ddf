/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a policy as a row of tokens, each with its place, and the first thing that is wrong
 * with it. */
#ifndef HOST_CLI_POLICY_TOKEN_H
#define HOST_CLI_POLICY_TOKEN_H

#include "base/bytes.h"
#include "base/status.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* a letter, then letters, digits, "_", "-" and "." */
    TOKEN_NUMBER, /* digits, perhaps a minus in front */
    TOKEN_STRING, /* in double quotes; the text between them */
    TOKEN_SIGN,   /* { } ( ) [ ] , : ? / + - .. <= >= < > = */
};

struct token {
    enum token_kind kind;
    struct bytes text;
    int64_t number;
    unsigned line, column; /* from 1 */
};

/* Where and what. */
struct policy_error {
    unsigned line, column;
    char text[320];
};

struct token_reader {
    struct bytes rest;
    unsigned line, column;
    struct token now; /* not yet taken */
    struct policy_error *error;
};

/* Starts with the first token; keeps `text` and `error`. STATUS_FILE_FORMAT: *error says why. */
enum status token_start(struct token_reader *reader, struct bytes text,
                        struct policy_error *error) MUST_USE;
/* Goes on to the next token. */
enum status token_next(struct token_reader *reader) MUST_USE;
/* Whether the token is this word or sign. */
bool token_is(const struct token_reader *reader, const char *text) MUST_USE;
/* Takes the token if it is this word or sign; fills *taken. */
enum status token_maybe(struct token_reader *reader, const char *text, bool *taken) MUST_USE;
/* Takes this word or sign, or says that it was expected. */
enum status token_take(struct token_reader *reader, const char *text) MUST_USE;
/* The same for any token of a kind; `what` says for people what was expected. */
enum status token_take_kind(struct token_reader *reader, enum token_kind kind, const char *what,
                            struct token *taken) MUST_USE;
enum status token_take_number(struct token_reader *reader, int64_t low, int64_t high,
                              const char *what, int64_t *number) MUST_USE;

/* Says what is wrong, at a token; always STATUS_FILE_FORMAT. */
enum status token_fault(struct token_reader *reader, const struct token *at, const char *text,
                        ...) MUST_USE __attribute__((format(printf, 3, 4)));
/* Says what was expected instead of the token that comes. */
enum status token_expected(struct token_reader *reader, const char *what) MUST_USE;

#endif
