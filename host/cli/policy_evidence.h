/* SPDX-License-Identifier: Apache-2.0 */
/* Whether statements are genuine and all there: by the key that signed them, and by the audit log.
 * Failures are told. */
#ifndef HOST_CLI_POLICY_EVIDENCE_H
#define HOST_CLI_POLICY_EVIDENCE_H

#include "host/cli/cli.h"
#include "host/cli/policy_past.h"

/* All statements of all files, in the order of their counters. */
struct past_list {
    struct past_statement *list;
    size_t count, room;
    size_t doubles; /* that were there twice, and are once */
    struct span *files;
    size_t file_count;
};

/* Reads the files. A counter that comes twice with different statements is refused: they are of two
 * keys, or one is forged. Free with past_list_free, whatever the status. */
enum status past_list_read(const struct cli *cli, char **paths, int count,
                           struct past_list *list) MUST_USE;
void past_list_free(struct past_list *list);

/* Verifies each with the public key in a PEM file. */
enum status past_list_verify(const struct cli *cli, const struct past_list *list,
                             const char *path) MUST_USE;

/* What the log says of the key that signed them. */
struct past_log {
    uint8_t object[8];        /* the key, as the log names it */
    uint64_t signed_;         /* statements of that key in the log */
    uint64_t missing;         /* of these, how many are not in the files */
    uint64_t not_in_log;      /* statements in the files that the log does not have */
    struct json_object *rows; /* of what is missing */
};

/* Verifies the exported log by itself and compares. `key`: the log's public key in base64, or NULL.
 * Fills *found; its rows are for json_object_put. */
enum status past_list_compare(const struct cli *cli, struct past_list *list, const char *path,
                              const char *key, struct past_log *found) MUST_USE;

#endif
