/* SPDX-License-Identifier: Apache-2.0 */
/* table_test FILE...: every NAME.policy against NAME.table beside it; in a file of another name are
 * texts that are no policies. One case is one test. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_table.h"

#include <stdio.h>

static unsigned count, failed;

static void tell(bool good, const char *name, const char *why) {
    count++;
    failed += !good;
    printf("%s %u - %s%s%s\n", good ? "ok" : "not ok", count, name,
           good ? "" : " # found: ", good ? "" : why);
}

/* The whole file, ended with a zero byte; NULL where there is none. */
static char *read_file(const char *path) {
    static char text[POLICY_SOURCE_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    return text;
}

static const char *name_in(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

/* ---- tables ---- */

static void tell_case(void *context, const struct policy_case *found) {
    char name[256];
    snprintf(name, sizeof(name), "%s line %u: %s :%.100s", name_in(context), found->line,
             found->expected, found->message);
    tell(found->passed, name, found->found.text);
}

static void try_policy(const char *path) {
    static struct policy_document document;
    static char source[POLICY_SOURCE_MAX];
    struct policy_error error = {.line = 0};
    char table[1024];
    size_t stem = strlen(path) - strlen(".policy");
    char *text = read_file(path);
    snprintf(source, sizeof(source), "%s", text != NULL ? text : "");
    enum status status = policy_document_read(&document, bytes_of_text(source));
    tell(status == STATUS_OK, name_in(path), document.source.error.text);
    snprintf(table, sizeof(table), "%.*s.table", (int)stem, path);
    text = read_file(table);
    if (status == STATUS_OK && text == NULL) {
        tell(false, table, "there is no such table");
    } else if (status == STATUS_OK && policy_table_run(&document.policy, text, &error, tell_case,
                                                       table) != STATUS_OK) {
        printf("# line %u\n", error.line);
        tell(false, table, error.text);
    }
}

/* ---- texts that are refused ---- */

static const char head[] =
    "policy \"p\" version 1\nkey \"k\"\nmessage cbor { 1 op : one of \"a\" \"b\" 2 n : int 3 yes : "
    "bool ? 4 opt : 0..9 5 seq : module counter 6 t : text 4 7 w : 5..100 }\n";

static void try_refused(const char *expected, const char *text) {
    static struct policy_document document;
    static char source[POLICY_SOURCE_MAX];
    char found[400];
    bool short_form = text[0] == '@';
    snprintf(source, sizeof(source), "%s%s", short_form ? head : "", text + short_form);
    enum status status = policy_document_read(&document, bytes_of_text(source));
    const struct policy_error *error = &document.source.error;
    snprintf(found, sizeof(found), "%u:%u %s", error->line, error->column, error->text);
    tell(status == STATUS_FILE_FORMAT && strcmp(found, expected) == 0, expected,
         status == STATUS_FILE_FORMAT ? found : "it is taken");
}

static void try_all_refused(char *text) {
    char *block = strstr(text, "--- ");
    while (block != NULL) {
        char *expected = block + strlen("--- ");
        char *body = strchr(expected, '\n');
        if (body == NULL) {
            return;
        }
        *body++ = 0;
        char *next = strncmp(body, "--- ", 4) == 0 ? body : strstr(body, "\n--- ");
        if (next != NULL && next != body) {
            *next++ = 0;
        }
        if (next == body) {
            try_refused(expected, "");
        } else {
            try_refused(expected, body);
        }
        block = next;
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        size_t size = strlen(argv[i]);
        if (size > 7 && strcmp(argv[i] + size - 7, ".policy") == 0) {
            try_policy(argv[i]);
        } else if (read_file(argv[i]) != NULL) {
            try_all_refused(read_file(argv[i]));
        } else {
            tell(false, argv[i], "there is no such file");
        }
    }
    tell(count > 200, "there are more than 200 cases", "fewer");
    printf("1..%u\n", count);
    return failed > 0;
}
