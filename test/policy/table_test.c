/* SPDX-License-Identifier: Apache-2.0 */
/* table_test FOLDER...: every FOLDER/NAME.policy against FOLDER/NAME.table, and the texts in
 * FOLDER/refused.txt, which are no policies. One case is one test. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_table.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned count, failed;

static void tell(bool good, const char *name, const char *why) {
    count++;
    failed += !good;
    printf("%s %u - %s%s%s\n", good ? "ok" : "not ok", count, name,
           good ? "" : " # found: ", good ? "" : why);
}

/* The whole file, ended with a zero byte; NULL where there is none. */
static char *read_file(const char *folder, const char *name) {
    static char text[POLICY_SOURCE_MAX];
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    return text;
}

/* ---- tables ---- */

static void tell_case(void *context, const struct policy_case *found) {
    char name[256];
    snprintf(name, sizeof(name), "%s line %u: %s :%.100s", (const char *)context, found->line,
             found->expected, found->message);
    tell(found->passed, name, found->found.text);
}

static void try_policy(const char *folder, const char *name) {
    static struct policy_document document;
    static char source[POLICY_SOURCE_MAX];
    struct policy_error error = {.line = 0};
    char table[256];
    size_t stem = strlen(name) - strlen(".policy");
    char *text = read_file(folder, name);
    snprintf(source, sizeof(source), "%s", text != NULL ? text : "");
    enum status status = policy_document_read(&document, bytes_of_text(source));
    tell(status == STATUS_OK, name, document.source.error.text);
    snprintf(table, sizeof(table), "%.*s.table", (int)stem, name);
    text = read_file(folder, table);
    if (status == STATUS_OK && text == NULL) {
        tell(false, table, "there is no such table");
    } else if (status == STATUS_OK && policy_table_run(&document.policy, text, &error, tell_case,
                                                       (void *)table) != STATUS_OK) {
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
        struct dirent **names = NULL;
        int found = scandir(argv[i], &names, NULL, alphasort);
        for (int k = 0; k < found; k++) {
            size_t size = strlen(names[k]->d_name);
            if (size > 7 && strcmp(names[k]->d_name + size - 7, ".policy") == 0) {
                try_policy(argv[i], names[k]->d_name);
            }
            free(names[k]);
        }
        free(names);
        char *refused = read_file(argv[i], "refused.txt");
        if (refused != NULL) {
            try_all_refused(refused);
        }
    }
    tell(count > 200, "there are more than 200 cases", "fewer");
    printf("1..%u\n", count);
    return failed > 0;
}
