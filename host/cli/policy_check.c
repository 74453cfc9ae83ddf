/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy check: what a policy is and what is strange in it; and compile. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/report.h"
#include "policy/policy.h"

#include <stdio.h>

static enum status describe(const struct cli *cli, const struct policy_document *document,
                            struct json_object *object) {
    const struct policy *policy = &document->policy;
    uint8_t hash[POLICY_HASH_SIZE];
    TRY(policy_hash(cli, document, hash));
    output_bytes(object, "policy", policy->name);
    output_number(object, "version", policy->version);
    output_bytes(object, "key", policy->key);
    output_number(object, "fields", policy->field_count);
    output_number(object, "lines", policy->rule_count);
    output_number(object, "bytes", document->size);
    output_number(object, "comparisons_at_most", 2ull * form_bound(policy)); /* decided twice */
    output_number(object, "bytes_of_state",
                  sizeof(struct policy_state) +
                      (policy->step_count == 0 ? 0 : 8u * policy->step_count + 8));
    output_hex(object, "hash", bytes_of(hash, sizeof(hash)));
    return STATUS_OK;
}

/* A policy that cannot be looked through is still a policy. */
static void look_through(const struct cli *cli, const struct policy *policy,
                         struct policy_findings *findings) {
    const struct review review = {policy_finding_take, findings};
    if (review_policy(policy, &review) != STATUS_OK) {
        report_talk(cli, "Too many combinations to look for lines that do nothing.");
    }
}

enum status policy_check_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document document;
    struct arguments arguments = {.least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[0], &document));
    struct policy_findings findings = {json_object_new_array(), 0, 0};
    struct json_object *object = json_object_new_object();
    enum status status = describe(cli, &document, object);
    look_through(cli, &document.policy, &findings);
    if (status != STATUS_OK) {
        json_object_put(object);
        json_object_put(findings.rows);
        return status;
    }
    if (cli->json) {
        json_object_object_add(object, "findings", findings.rows);
        output_object(cli, object);
        return STATUS_OK;
    }
    output_object(cli, object);
    policy_findings_print(&findings);
    json_object_put(findings.rows);
    return STATUS_OK;
}

enum status policy_compile_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document document;
    const char *out = NULL;
    char beside[4096];
    const struct option_row rows[] = {
        {"out", 'o', "FILE", "where to (default: POLICY.cbor)", NULL, &out, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[0], &document));
    if (out == NULL) {
        int size = snprintf(beside, sizeof(beside), "%s.cbor", arguments.words[0]);
        out = size > 0 && (size_t)size < sizeof(beside) ? beside : "-";
    }
    TRY(file_write(cli, out, bytes_of(document.form, document.size), 0644));
    report_talk(cli, "Wrote %s: %zu bytes.", out, document.size);
    return STATUS_OK;
}
