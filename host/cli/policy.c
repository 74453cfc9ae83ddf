/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy: its words, and policies from files. */
#include "host/cli/policy.h"

#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"

#include <openssl/evp.h>
#include <stdio.h>

static const struct verb words_of_policy[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/policy_verbs.def"
#undef VERB
};

enum status policy_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_policy, COUNT(words_of_policy), NULL};
    return verb_descend(cli, self, &words, argc, argv);
}

static enum status tell_failure(const struct cli *cli, const char *path, enum status status,
                                const struct policy_document *document) {
    const struct policy_error *error = &document->source.error;
    char why[REPORT_TEXT_MAX];
    const char *next = "man edgehsm-policy describes the language";
    switch (status) {
    case STATUS_FILE_FORMAT:
        snprintf(why, sizeof(why), "line %u, column %u: %s", error->line, error->column,
                 error->text);
        break;
    case STATUS_TOO_LARGE:
        snprintf(why, sizeof(why), "its compiled form is longer than %d bytes", POLICY_SIZE_MAX);
        next = "shorten names and texts, or make two keys of one";
        break;
    case STATUS_DATA_INVALID:
        snprintf(why, sizeof(why), "it is neither a policy's text nor a compiled policy");
        break;
    default:
        return report_failure(cli, status, (struct reason){0}, "read the policy '%s'", path);
    }
    return report_failure(cli, STATUS_FILE_FORMAT, (struct reason){why, next},
                          "read the policy '%s'", path);
}

enum status policy_load(const struct cli *cli, const char *path, struct policy_document *document) {
    struct span whole = {0};
    TRY(file_read(cli, path, POLICY_SOURCE_MAX, &whole));
    memset(document, 0, sizeof(*document));
    enum status status = policy_document_read(document, bytes_of_span(whole));
    if (status != STATUS_OK) {
        status = tell_failure(cli, path, status, document);
    }
    file_free(&whole); /* the policy's texts are in its compiled form */
    return status;
}

enum status policy_hash(const struct cli *cli, const struct policy_document *document,
                        uint8_t hash[POLICY_HASH_SIZE]) {
    unsigned size = 0;
    if (EVP_Digest(document->form, document->size, hash, &size, EVP_sha256(), NULL) != 1 ||
        size != POLICY_HASH_SIZE) {
        return report_failure(cli, STATUS_INTERNAL, (struct reason){0}, "hash the policy");
    }
    return STATUS_OK;
}

/* ---- findings ---- */

static const struct {
    const char *name;
    const char *heading;
} kinds[] = {
    [REVIEW_WARNING] = {"warning", "Lines to look at:"},
    [REVIEW_NOTE] = {"note", "Worth knowing:"},
    [REVIEW_NEW] = {"new", "Allowed now, and not before:"},
    [REVIEW_EASIER] = {"easier", "Allowed before too, but more was asked:"},
    [REVIEW_LOOSER] = {"looser", "Looser than before:"},
};

void policy_finding_take(void *context, const struct review_finding *finding) {
    struct policy_findings *findings = context;
    struct json_object *row = json_object_new_object();
    output_text(row, "kind", kinds[finding->kind].name);
    if (finding->line != 0) {
        output_number(row, "line", finding->line);
    }
    output_bytes(row, "text", bytes_of_text(finding->words.text));
    json_object_array_add(findings->rows, row);
    findings->warnings += finding->kind == REVIEW_WARNING;
    findings->looser += finding->kind >= REVIEW_NEW;
}

static const char *text_of(struct json_object *row, const char *key) {
    struct json_object *value = NULL;
    return json_object_object_get_ex(row, key, &value) ? json_object_get_string(value) : "";
}

void policy_findings_print(const struct policy_findings *findings) {
    size_t count = json_object_array_length(findings->rows);
    for (size_t kind = 0; kind < COUNT(kinds); kind++) {
        bool headed = false;
        for (size_t i = 0; i < count; i++) {
            struct json_object *row = json_object_array_get_idx(findings->rows, i);
            if (strcmp(text_of(row, "kind"), kinds[kind].name) != 0) {
                continue;
            }
            printf("%s%s", headed ? "" : kinds[kind].heading, headed ? "" : "\n");
            headed = true;
            const char *line = text_of(row, "line");
            printf("  %s%s%s%s\n", line[0] ? "line " : "", line, line[0] ? ": " : "",
                   text_of(row, "text"));
        }
    }
}
