/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm log: its words; the log as the module gives it. */
#include "host/cli/log.h"

#include "host/cli/report.h"
#include "host/cli/session.h"
#include "proto/base64.h"

#include <sys/random.h>

static const struct verb words_of_log[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/log_verbs.def"
#undef VERB
};

enum status log_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_log, COUNT(words_of_log), NULL};
    return verb_descend(cli, self, &words, argc, argv);
}

void log_key_text(const struct log_identity *identity, char out[64]) {
    size_t used = base64_write(bytes_of(identity->key, LOG_KEY_SIZE), out);
    out[used] = 0;
}

static enum status identity_ask(struct cli *cli, struct log_identity *identity) {
    const struct log_key_req request = {};
    struct log_key_rep reply;
    TRY(session_call(cli, COMMAND_log_key, &request, &reply, "ask for the log's key"));
    if (reply.public_key.size != LOG_KEY_SIZE || reply.origin.size > LOG_ORIGIN_MAX) {
        return report_failure(cli, STATUS_BAD_FRAME, (struct reason){0}, "ask for the log's key");
    }
    memcpy(identity->key, reply.public_key.data, LOG_KEY_SIZE);
    memcpy(identity->origin, reply.origin.data, reply.origin.size);
    identity->origin[reply.origin.size] = 0;
    return STATUS_OK;
}

enum status log_live_range(struct cli *cli, uint64_t *first, uint64_t *end) {
    struct log_read_req request = {.from = 0};
    struct log_read_rep reply;
    TRY(session_call(cli, COMMAND_log_read, &request, &reply, "read the log"));
    *first = reply.first;
    request.from = UINT64_MAX; /* the module answers from the end then */
    TRY(session_call(cli, COMMAND_log_read, &request, &reply, "read the log"));
    *end = reply.next;
    return STATUS_OK;
}

enum status log_live_ask(struct cli *cli, struct log_live *live) {
    uint64_t end = 0;
    TRY(session_connect(cli));
    TRY(identity_ask(cli, &live->identity));
    TRY(log_live_range(cli, &live->first, &end));
    if (getrandom(live->nonce, sizeof(live->nonce), 0) != (ssize_t)sizeof(live->nonce)) {
        return report_failure(cli, STATUS_NO_ENTROPY, (struct reason){0},
                              "ask for a fresh signature");
    }
    const struct log_checkpoint_req request = {.nonce = bytes_of(live->nonce, sizeof(live->nonce))};
    struct log_checkpoint_rep reply;
    TRY(session_call(cli, COMMAND_log_checkpoint, &request, &reply, "have the log's head signed"));
    if (reply.cose.size > sizeof(live->cose) || reply.note.size > sizeof(live->note)) {
        return report_failure(cli, STATUS_BAD_FRAME, (struct reason){0},
                              "have the log's head signed");
    }
    bytes_copy(live->cose, reply.cose);
    bytes_copy(live->note, reply.note);
    live->cose_size = reply.cose.size;
    live->note_size = reply.note.size;
    enum status status = log_checkpoint_read(bytes_of(live->cose, live->cose_size),
                                             bytes_of(live->note, live->note_size), &live->head);
    if (status != STATUS_OK) {
        return report_failure(cli, status, (struct reason){0}, "read the signed head of the log");
    }
    live->end = live->head.entry;
    return STATUS_OK;
}

/* The part of a page that lies below `end`. */
static struct bytes page_cut(struct bytes entries, uint64_t number, uint64_t end) {
    struct bytes rest = entries;
    struct log_entry entry;
    while (number < end && log_entry_next(&rest, &entry) == STATUS_OK) {
        number++;
    }
    return bytes_of(entries.data, entries.size - rest.size);
}

enum status log_live_each(struct cli *cli, uint64_t from, uint64_t end,
                          enum status (*take)(void *context, struct bytes entries, uint64_t number),
                          void *context) {
    while (from < end) {
        const struct log_read_req request = {.from = from};
        struct log_read_rep reply;
        TRY(session_call(cli, COMMAND_log_read, &request, &reply, "read the log"));
        if (reply.next <= from) {
            return STATUS_OK; /* the archive ends early: the verifier sees that */
        }
        struct bytes page =
            reply.next > end ? page_cut(reply.entries, reply.first, end) : reply.entries;
        TRY(take(context, page, reply.first));
        from = reply.next;
    }
    return STATUS_OK;
}
