/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm log verify: the module's log, or an export away from it. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/log.h"
#include "host/cli/output.h"
#include "host/cli/report.h"

#include <stdio.h>

void log_finding_tell(void *context, const struct log_finding *finding) {
    struct log_findings *findings = context;
    findings->count++;
    if (findings->cli->json) {
        struct json_object *object = json_object_new_object();
        output_text(object, "finding", finding->text);
        output_number(object, "first_record", finding->first);
        output_number(object, "last_record", finding->last);
        output_number(object, "entry", finding->entry);
        fprintf(stderr, "%s\n",
                json_object_to_json_string_ext(object, JSON_C_TO_STRING_NOSLASHESCAPE));
        json_object_put(object);
    } else {
        fprintf(stderr, "  %s\n", finding->text);
    }
}

static void result_describe(struct json_object *object, const struct log_identity *identity,
                            const struct log_result *result) {
    char key[64];
    log_key_text(identity, key);
    output_text(object, "log", result->ok ? "whole" : "ALTERED");
    output_text(object, "origin", identity->origin);
    output_text(object, "key", key);
    output_number(object, "first_record", result->first);
    output_number(object, "records", result->size);
    output_number(object, "records_signed", result->signed_size);
    output_number(object, "signatures", result->checkpoints);
    output_text(object, "end",
                result->end_proved ? "proved: nothing is missing at the end"
                                   : "not proved: later records may be missing");
    if (result->unproved != 0) {
        output_number(object, "records_whose_signature_is_in_an_earlier_export", result->unproved);
    }
    if (result->lost != 0) {
        output_number(object, "entries_known_to_be_lost", result->lost);
    }
    output_time(object, "from", result->time_first);
    output_time(object, "to", result->time_last);
    output_hex(object, "root", bytes_of(result->root, LOG_HASH_SIZE));
}

enum status log_result_print(const struct cli *cli, const struct log_identity *identity,
                             const struct log_result *result) {
    struct json_object *object = json_object_new_object();
    result_describe(object, identity, result);
    output_object(cli, object);
    if (result->ok) {
        return STATUS_OK;
    }
    char why[96];
    snprintf(why, sizeof(why), "%u thing%s wrong with it, named above", (unsigned)result->findings,
             result->findings == 1 ? " is" : "s are");
    return report_failure(cli, STATUS_LOG_ALTERED, (struct reason){why, NULL}, "trust this log");
}

static enum status verify_page(void *context, struct bytes entries, uint64_t number) {
    struct log_verifier *verifier = context;
    struct log_entry entry;
    log_verify_place(verifier, number);
    while (log_entry_next(&entries, &entry) == STATUS_OK) {
        log_verify_entry(verifier, &entry);
    }
    return STATUS_OK;
}

/* The end of a log that was exported before: what is verified now must go on from there. */
static enum status expect_earlier(const struct cli *cli, struct bytes whole, const char *path,
                                  struct log_verifier *verifier) {
    struct log_file file;
    struct log_entry entry;
    struct log_checkpoint head;
    if (log_file_open(whole, &file) != STATUS_OK ||
        log_entry_next(&file.entries, &entry) != STATUS_OK || entry.kind != LOG_HEAD ||
        log_checkpoint_read_entry(entry.bytes, &head) != STATUS_OK) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"it is not an exported log with a signed end",
                                              "edgehsm log export FILE makes one"},
                              "take '%s' as the earlier log", path);
    }
    if (log_verify_expect(verifier, &head, bytes_of(NULL, 0)) != STATUS_OK) {
        return report_failure(cli, STATUS_LOG_ALTERED,
                              (struct reason){"the earlier export is another log's: its end was "
                                              "signed by another key",
                                              "keep both: evidence"},
                              "trust this log");
    }
    return STATUS_OK;
}

static enum status expect_since(const struct cli *cli, const char *since,
                                struct log_verifier *verifier) {
    struct span whole = {0};
    if (!since) {
        return STATUS_OK;
    }
    TRY(file_read(cli, since, FILE_SIZE_MAX, &whole));
    enum status status = expect_earlier(cli, bytes_of_span(whole), since, verifier);
    file_free(&whole);
    return status;
}

/* A log of which that end was released cannot be followed back to it. */
static enum status since_met(const struct cli *cli, const char *since,
                             const struct log_verifier *verifier, const struct log_result *result) {
    if (!since || !result->ok || verifier->expected[verifier->expected_count - 1].met) {
        return STATUS_OK;
    }
    return report_failure(cli, STATUS_NOT_FOUND,
                          (struct reason){"what stood at its end was released since",
                                          "edgehsm log verify RELEASED-EXPORT --since it, then "
                                          "--since RELEASED-EXPORT"},
                          "follow the log back to '%s'", since);
}

static enum status live_verify(struct cli *cli, const char *since) {
    static struct log_live live;
    static struct log_verifier verifier;
    struct log_findings findings = {cli, 0};
    struct log_result result;
    TRY(log_live_ask(cli, &live));
    log_verify_start(&verifier, &live.identity, log_finding_tell, &findings);
    enum status status =
        log_verify_expect(&verifier, &live.head, bytes_of(live.nonce, sizeof(live.nonce)));
    if (status != STATUS_OK) {
        return report_failure(
            cli, STATUS_LOG_ALTERED,
            (struct reason){"the module's fresh signature of its head is not good",
                            "keep the store and the log as they are: evidence"},
            "trust this log");
    }
    TRY(expect_since(cli, since, &verifier));
    TRY(log_live_each(cli, live.first, live.end, verify_page, &verifier));
    log_verify_end(&verifier, &result);
    TRY(log_result_print(cli, &live.identity, &result));
    return since_met(cli, since, &verifier, &result);
}

/* The file says whose log it is; a key given apart decides whether to believe it. */
static enum status key_compare(const struct cli *cli, const struct log_file *file,
                               const char *given) {
    char key[64];
    log_key_text(&file->identity, key);
    if (given && strcmp(given, key) != 0) {
        return report_failure(
            cli, STATUS_LOG_ALTERED,
            (struct reason){"it was signed by another key than the one given",
                            "compare with: edgehsm log export, which tells the key"},
            "trust this log");
    }
    if (!given) {
        report_talk(cli,
                    "The key is taken from the file itself; to be sure whose log it is, give the "
                    "one you know: --key KEY");
    }
    return STATUS_OK;
}

/* What is known from elsewhere. */
struct known {
    const char *key, *since;
};

static enum status whole_verify(struct cli *cli, struct bytes whole, const char *path,
                                const struct known *known) {
    static struct log_verifier verifier;
    struct log_findings findings = {cli, 0};
    struct log_result result;
    struct log_file file;
    if (log_file_open(whole, &file) != STATUS_OK) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"its first line is not that of an exported log",
                                              "edgehsm log export FILE makes one"},
                              "verify the log in '%s'", path);
    }
    TRY(key_compare(cli, &file, known->key));
    log_verify_start(&verifier, &file.identity, log_finding_tell, &findings);
    TRY(expect_since(cli, known->since, &verifier));
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    TRY(log_result_print(cli, &file.identity, &result));
    return since_met(cli, known->since, &verifier, &result);
}

enum status log_check_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct known known = {NULL, NULL};
    const struct option_row rows[] = {
        {"key", 0, "KEY", "the log's public key in base64, known from elsewhere", NULL, &known.key,
         NULL},
        {"since", 0, "FILE", "an earlier export: the log must go on from its end", NULL,
         &known.since, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows), .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (arguments.count == 0) {
        return live_verify(cli, known.since);
    }
    struct span whole = {0};
    TRY(file_read(cli, arguments.words[0], FILE_SIZE_MAX, &whole));
    enum status status = whole_verify(cli, bytes_of_span(whole), arguments.words[0], &known);
    file_free(&whole);
    return status;
}
