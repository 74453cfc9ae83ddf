/* SPDX-License-Identifier: Apache-2.0 */
/* Errors and talk on stderr. */
#include "host/cli/report.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *colour(const char *code) {
    const char *no = getenv("NO_COLOR");
    if ((no && *no) || !isatty(STDERR_FILENO)) {
        return "";
    }
    return code;
}

/* Names that came from outside may stand in every part of a message. */
struct message {
    char what[REPORT_TEXT_MAX];
    char why[REPORT_TEXT_MAX];
    char next[REPORT_TEXT_MAX];
};

static void failure_print_json(const struct status_row *row, const struct message *message) {
    char code[16];
    snprintf(code, sizeof(code), "EH-%04u", (unsigned)row->status);
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "code", json_object_new_string(code));
    json_object_object_add(error, "name", json_object_new_string(row->name));
    json_object_object_add(error, "what", json_object_new_string(message->what));
    json_object_object_add(error, "why", json_object_new_string(message->why));
    json_object_object_add(error, "next", json_object_new_string(message->next));
    struct json_object *whole = json_object_new_object();
    json_object_object_add(whole, "error", error);
    fprintf(stderr, "%s\n", json_object_to_json_string_ext(whole, JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(whole);
}

static void message_fill(struct message *message, struct reason reason,
                         const struct status_row *row) {
    const char *next = reason.next ? reason.next : row->advice;
    if (strncmp(next, "run: ", 5) == 0) { /* the word before it says that already */
        next += 5;
    }
    report_clean(bytes_of_text(reason.why ? reason.why : row->text), message->why, REPORT_TEXT_MAX);
    report_clean(bytes_of_text(next), message->next, REPORT_TEXT_MAX);
}

enum status report_failure(const struct cli *cli, enum status status, struct reason reason,
                           const char *what, ...) {
    const struct status_row *row = status_row((uint32_t)status);
    char raw[REPORT_TEXT_MAX];
    struct message message;
    va_list list;
    va_start(list, what);
    vsnprintf(raw, sizeof(raw), what, list);
    va_end(list);
    report_clean(bytes_of_text(raw), message.what, REPORT_TEXT_MAX);
    message_fill(&message, reason, row);
    if (cli->json) {
        failure_print_json(row, &message);
        return status;
    }
    fflush(stdout); /* what was printed before comes before */
    fprintf(stderr, "%sedgehsm:%s cannot %s: %s (EH-%04u)\n", colour("\033[1;31m"),
            colour("\033[0m"), message.what, message.why, (unsigned)row->status);
    if (message.next[0] != 0) {
        fprintf(stderr, "  next: %s\n", message.next);
    }
    return status;
}

enum status report_usage(const struct cli *cli, const char *why, ...) {
    char raw[REPORT_TEXT_MAX], text[REPORT_TEXT_MAX];
    va_list list;
    va_start(list, why);
    vsnprintf(raw, sizeof(raw), why, list);
    va_end(list);
    report_clean(bytes_of_text(raw), text, sizeof(text));
    return report_failure(cli, STATUS_USAGE, (struct reason){text, NULL},
                          "understand the command line");
}

void report_talk(const struct cli *cli, const char *text, ...) {
    if (cli->json) {
        return;
    }
    fflush(stdout);
    va_list list;
    va_start(list, text);
    vfprintf(stderr, text, list);
    va_end(list);
    fputc('\n', stderr);
}

int report_exit_code(enum status status) {
    switch (status) {
    case STATUS_OK:
        return 0;
    case STATUS_USAGE:
        return 2;
    case STATUS_SLOT_INVALID:
    case STATUS_TOKEN_NOT_INITIALIZED:
    case STATUS_OBJECT_INVALID:
    case STATUS_KEY_INVALID:
    case STATUS_NOT_FOUND:
        return 3;
    case STATUS_UNREACHABLE:
    case STATUS_DISCONNECTED:
    case STATUS_VERSION:
        return 5;
    case STATUS_PEER_REFUSED:
    case STATUS_PIN_INCORRECT:
    case STATUS_PIN_LOCKED:
    case STATUS_PIN_LENGTH:
    case STATUS_PIN_NOT_SET:
    case STATUS_PIN_NEEDED:
    case STATUS_NOT_LOGGED_IN:
    case STATUS_ROLE_REFUSED:
    case STATUS_CONFIRM_LOGIN:
    case STATUS_NOT_CONFIRMED:
    case STATUS_NAME_TAKEN:
    case STATUS_ATTRIBUTE_READ_ONLY:
    case STATUS_ATTRIBUTE_SENSITIVE:
    case STATUS_TEMPLATE_INCONSISTENT:
    case STATUS_ACTION_PROHIBITED:
    case STATUS_MECHANISM_INVALID:
    case STATUS_STRICT:
    case STATUS_KEY_FUNCTION_NOT_PERMITTED:
    case STATUS_KEY_UNEXTRACTABLE:
    case STATUS_KEY_SPENT:
    case STATUS_KEY_RATE:
    case STATUS_KEY_HOURS:
    case STATUS_KEY_SUSPENDED:
    case STATUS_RENEWAL_REFUSED:
    case STATUS_MESSAGE_INVALID:
    case STATUS_POLICY_DENIED:
    case STATUS_POLICY_TOO_OFTEN:
    case STATUS_POLICY_APPROVAL:
    case STATUS_POLICY_SUSPENDED:
        return 4;
    default:
        return 1;
    }
}

/* Length of the UTF-8 character at the front that may be shown as it is; 0 where there is none. */
static size_t printable_length(struct bytes text) {
    uint8_t first = text.data[0];
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7f ? 1 : 0;
    }
    size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc3 || first > 0xf4 || text.size < length) { /* c2: partly controls (C1) */
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong =
        (first == 0xe0 && text.data[1] < 0xa0) || (first == 0xf0 && text.data[1] < 0x90);
    bool outside = (first == 0xed && text.data[1] > 0x9f) || (first == 0xf4 && text.data[1] > 0x8f);
    bool steering = first == 0xe2 && (text.data[1] == 0x80 || text.data[1] == 0x81);
    return overlong || outside || steering ? 0 : length;
}

void report_clean(struct bytes text, char *out, size_t room) {
    size_t used = 0;
    while (text.size > 0 && used + 5 <= room) {
        size_t length = printable_length(text);
        if (length == 0) {
            snprintf(out + used, room - used, "\\x%02x", text.data[0]);
            used += 4;
            length = 1;
        } else {
            memcpy(out + used, text.data, length);
            used += length;
        }
        text = bytes_of(text.data + length, text.size - length);
    }
    out[used] = 0;
}
