/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a policy (doc/POLICY.md), read into what its compiled form holds. */
#ifndef HOST_CLI_POLICY_SOURCE_H
#define HOST_CLI_POLICY_SOURCE_H

#include "host/cli/policy_token.h"
#include "policy/form.h"

enum { POLICY_SOURCE_MAX = 65536 };

struct policy_source {
    struct policy policy;      /* its texts point into the text and into `names` */
    struct policy_error error; /* after a failure */
    /* while it is read */
    struct token_reader reader;
    char names[POLICY_FIELDS_MAX * (POLICY_NAME_MAX + 1)];
    size_t names_used;
};

/* Reads a policy's text (kept). STATUS_FILE_FORMAT: source->error says where and why. */
enum status policy_source_read(struct policy_source *source, struct bytes text) MUST_USE;

/* ---- between the parts of the reader ---- */

/* Takes the name of a field; fills *field with its number. */
enum status policy_source_field(struct policy_source *source, uint8_t *field) MUST_USE;
/* Takes a duration: a number and ms, s, m, h or d. */
enum status policy_source_duration(struct policy_source *source, uint64_t *ms) MUST_USE;
/* Takes one line: allow, deny, limit, spike or alarm. */
enum status policy_line_read(struct policy_source *source) MUST_USE;
/* Takes a condition on hours, without that word, and adds it to the policy. */
enum status policy_source_hours(struct policy_source *source, uint32_t group) MUST_USE;
/* Takes one condition and adds it to the policy. */
enum status policy_condition_read(struct policy_source *source, uint32_t group) MUST_USE;

#endif
