/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy: what its words share. */
#ifndef HOST_CLI_POLICY_H
#define HOST_CLI_POLICY_H

#include "host/cli/cli.h"
#include "host/cli/policy_document.h"
#include "host/cli/policy_review.h"

#include <json-c/json.h>

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/policy_verbs.def"
#undef VERB

enum { POLICY_HASH_SIZE = 32 };

/* Reads a policy, as text or compiled; tells of every failure. `document` is large. */
enum status policy_load(const struct cli *cli, const char *path,
                        struct policy_document *document) MUST_USE;
/* SHA-256 of the compiled form: what statements and evidence name a policy by. */
enum status policy_hash(const struct cli *cli, const struct policy_document *document,
                        uint8_t hash[POLICY_HASH_SIZE]) MUST_USE;

/* What was found, kept until it is printed. */
struct policy_findings {
    struct json_object *rows;
    unsigned warnings, looser;
};
/* Takes a finding; the context is a struct policy_findings. */
void policy_finding_take(void *context, const struct review_finding *finding);
/* Prints them for people: one to a line, under a heading for each kind. */
void policy_findings_print(const struct policy_findings *findings);

#endif
