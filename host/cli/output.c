/* SPDX-License-Identifier: Apache-2.0 */
/* Results as text and JSON. */
#include "host/cli/output.h"

#include "host/cli/report.h"

#include <stdio.h>
#include <time.h>

enum { COLUMNS_MAX = 12, JSON_STYLE = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE };

void output_text(struct json_object *object, const char *key, const char *value) {
    json_object_object_add(object, key, json_object_new_string(value));
}

void output_bytes(struct json_object *object, const char *key, struct bytes text) {
    char clean[REPORT_TEXT_MAX];
    report_clean(text, clean, sizeof(clean));
    output_text(object, key, clean);
}

void output_hex(struct json_object *object, const char *key, struct bytes value) {
    char text[2 * 128 + 1] = "";
    for (size_t i = 0; i < value.size && i < 128; i++) {
        snprintf(text + 2 * i, 3, "%02x", value.data[i]);
    }
    output_text(object, key, text);
}

void output_number(struct json_object *object, const char *key, uint64_t value) {
    json_object_object_add(object, key, json_object_new_uint64(value));
}

void output_flag(struct json_object *object, const char *key, bool value) {
    json_object_object_add(object, key, json_object_new_boolean(value));
}

void output_time(struct json_object *object, const char *key, uint64_t seconds) {
    char text[32] = "unknown";
    time_t when = (time_t)seconds;
    struct tm parts;
    if (seconds != 0 && gmtime_r(&when, &parts)) {
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    }
    output_text(object, key, text);
}

static const char *value_text(struct json_object *value) {
    if (!value) {
        return "";
    }
    if (json_object_is_type(value, json_type_boolean)) {
        return json_object_get_boolean(value) ? "yes" : "no";
    }
    return json_object_get_string(value);
}

static void print_key(const char *key, int width) {
    int used = 0;
    for (; key[used] != 0; used++) {
        putchar(key[used] == '_' ? ' ' : key[used]);
    }
    printf("%*s", width > used ? width - used : 0, "");
}

void output_object(const struct cli *cli, struct json_object *object) {
    if (cli->json) {
        printf("%s\n", json_object_to_json_string_ext(object, JSON_STYLE));
    } else {
        int width = 0;
        json_object_object_foreach(object, name, unused) {
            (void)unused;
            int length = (int)strlen(name);
            width = length > width ? length : width;
        }
        json_object_object_foreach(object, key, value) {
            print_key(key, width + 2);
            printf("%s\n", value_text(value));
        }
    }
    json_object_put(object);
}

/* Characters, not bytes: labels may be UTF-8. */
static int text_width(const char *text) {
    int width = 0;
    for (; *text != 0; text++) {
        width += ((unsigned char)*text & 0xc0) != 0x80;
    }
    return width;
}

static void print_rows(struct json_object *rows, const char *const *columns) {
    int widths[COLUMNS_MAX] = {0};
    size_t count = json_object_array_length(rows);
    for (size_t c = 0; c < COLUMNS_MAX && columns[c]; c++) {
        widths[c] = text_width(columns[c]);
        for (size_t i = 0; i < count; i++) {
            struct json_object *row = json_object_array_get_idx(rows, i);
            int width = text_width(value_text(json_object_object_get(row, columns[c])));
            widths[c] = width > widths[c] ? width : widths[c];
        }
    }
    for (size_t c = 0; c < COLUMNS_MAX && columns[c]; c++) {
        print_key(columns[c], columns[c + 1] ? widths[c] + 2 : 0);
    }
    putchar('\n');
    for (size_t i = 0; i < count; i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        for (size_t c = 0; c < COLUMNS_MAX && columns[c]; c++) {
            const char *text = value_text(json_object_object_get(row, columns[c]));
            printf("%s%*s", text, columns[c + 1] ? widths[c] + 2 - text_width(text) : 0, "");
        }
        putchar('\n');
    }
}

void output_table(const struct cli *cli, struct json_object *rows, const char *const *columns) {
    if (cli->json) {
        printf("%s\n", json_object_to_json_string_ext(rows, JSON_STYLE));
    } else {
        print_rows(rows, columns);
    }
    json_object_put(rows);
}
