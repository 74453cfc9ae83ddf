/* SPDX-License-Identifier: Apache-2.0 */
/* The words under `edgehsm log`, and what they share: the log as the module gives it. */
#ifndef HOST_CLI_LOG_H
#define HOST_CLI_LOG_H

#include "client/log_verify.h"
#include "host/cli/cli.h"

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/log_verbs.def"
#undef VERB

/* The log's name and key, and its head freshly signed over a nonce of ours. */
struct log_live {
    struct log_identity identity;
    struct log_checkpoint head;
    uint8_t nonce[32];
    uint8_t cose[LOG_COSE_MAX];
    uint8_t note[LOG_NOTE_MAX];
    size_t cose_size, note_size;
    uint64_t first; /* number of the first entry kept */
    uint64_t end;   /* entries below this number belong to the head */
};

/* Asks for all of that. */
enum status log_live_ask(struct cli *cli, struct log_live *live) MUST_USE;

/* Gives entries [from, end) page by page to `take`; `number` is that of the page's first entry. */
enum status log_live_each(struct cli *cli, uint64_t from, uint64_t end,
                          enum status (*take)(void *context, struct bytes entries, uint64_t number),
                          void *context) MUST_USE;

/* Where entry numbers stand: the first kept and the one after the last. */
enum status log_live_range(struct cli *cli, uint64_t *first, uint64_t *end) MUST_USE;

/* Fills `out` with the key in base64. */
void log_key_text(const struct log_identity *identity, char out[64]);

/* Findings of a verifier, told as they come. */
struct log_findings {
    const struct cli *cli;
    uint64_t count;
};
void log_finding_tell(void *context, const struct log_finding *finding);

/* Prints what a verifier found in the end. STATUS_LOG_ALTERED when something is wrong. */
enum status log_result_print(const struct cli *cli, const struct log_identity *identity,
                             const struct log_result *result) MUST_USE;

#endif
