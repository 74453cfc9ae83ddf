/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm snippet: configuration of other programs, ready to paste. */
#include "host/cli/arguments.h"
#include "host/cli/key_file.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/place.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/uri.h"

#include <stdio.h>

static const struct snippet_row {
    const char *name;
    const char *sentence;
    const char *text;
} snippets[] = {
#define SNIPPET(name, sentence, text) {#name, sentence, text},
#include "host/cli/snippets.def"
#undef SNIPPET
};

enum { SNIPPET_MAX = 8192 };

struct snippet_values {
    const char *key;
    const char *token;
    char private_uri[URI_MAX];
    char certificate_uri[URI_MAX];
    char key_file[KEY_FILE_MAX];
};

static const char *value_of(const struct snippet_values *values, char letter) {
    switch (letter) {
    case 'k':
        return values->key;
    case 't':
        return values->token;
    case 'u':
        return values->private_uri;
    case 'c':
        return values->certificate_uri;
    case 'l':
        return place_library();
    case 'd':
        return EHSM_DATA;
    case 'p':
        return values->key_file;
    default:
        return "%";
    }
}

static void snippet_fill(const char *text, const struct snippet_values *values, char *out) {
    size_t used = 0;
    for (; *text != 0 && used + 1 < SNIPPET_MAX; text++) {
        if (*text != '%') {
            out[used++] = *text;
            continue;
        }
        text++;
        used += (size_t)snprintf(out + used, SNIPPET_MAX - used, "%s", value_of(values, *text));
        used = used < SNIPPET_MAX ? used : SNIPPET_MAX - 1;
    }
    out[used] = 0;
}

static const struct snippet_row *snippet_find(const char *name) {
    for (size_t i = 0; i < COUNT(snippets); i++) {
        if (strcmp(snippets[i].name, name) == 0) {
            return &snippets[i];
        }
    }
    return NULL;
}

static void snippet_print(const struct cli *cli, const struct snippet_row *row, const char *key) {
    static char text[SNIPPET_MAX];
    struct snippet_values values = {.key = key, .token = cli->label};
    uri_make(cli->label, key, "private", values.private_uri);
    uri_make(cli->label, key, "cert", values.certificate_uri);
    key_file_make(values.private_uri, values.key_file);
    snippet_fill(row->text, &values, text);
    if (!cli->json) {
        fputs(text, stdout);
        return;
    }
    struct json_object *object = json_object_new_object();
    output_text(object, "program", row->name);
    output_text(object, "uri", values.private_uri);
    output_text(object, "text", text);
    output_object(cli, object);
}

enum status snippet_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 2, .most = 2};
    uint64_t handle = 0;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    const struct snippet_row *row = snippet_find(arguments.words[0]);
    if (!row) {
        return report_usage(cli,
                            "there is no snippet for '%s': nginx, curl, ssh, openssl, "
                            "keyfile, java or mosquitto",
                            arguments.words[0]);
    }
    TRY(session_start(cli, SESSION_USER, false));
    TRY(object_one(cli, CLASS_PRIVATE_KEY, arguments.words[1], &handle));
    snippet_print(cli, row, arguments.words[1]);
    return STATUS_OK;
}
