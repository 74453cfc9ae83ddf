/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy replay: what a policy would have said to the statements of the past. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/policy_evidence.h"
#include "host/cli/report.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN_MAX = 100, GAPS_MAX = 100, FILES_MAX = 100000 };

struct replay {
    const struct cli *cli;
    struct past past;
    struct past_list list;
    struct past_log log;
    bool compared, verified;
    /* policies that statements can be of: the new one, and those given with --old */
    struct known {
        struct policy_document *document;
        uint8_t hash[POLICY_HASH_SIZE];
    } known[1 + OPTION_LIST_MAX];
    size_t known_count;
    uint64_t allowed, refused, alarms, approved, unknown, gap;
    struct json_object *refusals, *reasons, *gaps;
};

/* ---- policies ---- */

static enum status know(struct replay *replay, const char *path) {
    struct known *known = &replay->known[replay->known_count];
    known->document = malloc(sizeof(*known->document));
    if (known->document == NULL) {
        return report_failure(replay->cli, STATUS_MEMORY, (struct reason){0}, "read a policy");
    }
    replay->known_count++;
    TRY(policy_load(replay->cli, path, known->document));
    return policy_hash(replay->cli, known->document, known->hash);
}

static const struct policy *policy_of(const struct replay *replay,
                                      const struct statement *statement) {
    for (size_t i = 0; i < replay->known_count; i++) {
        const struct known *known = &replay->known[i];
        if (bytes_equal(statement->policy_hash, bytes_of(known->hash, POLICY_HASH_SIZE))) {
            return &known->document->policy;
        }
    }
    return NULL;
}

/* ---- one after the other ---- */

static void count_reason(struct replay *replay, struct json_object *row, const char *why) {
    size_t count = json_object_array_length(replay->reasons);
    for (size_t i = 0; i < count; i++) {
        struct json_object *reason = json_object_array_get_idx(replay->reasons, i);
        if (strcmp(json_object_get_string(json_object_object_get(reason, "why")), why) == 0) {
            struct json_object *times = json_object_object_get(reason, "times");
            json_object_set_uint64(times, json_object_get_uint64(times) + 1);
            return;
        }
    }
    struct json_object *reason = json_object_new_object();
    struct json_object *line = json_object_object_get(row, "line");
    output_number(reason, "times", 1);
    if (line != NULL) {
        json_object_object_add(reason, "line", json_object_get(line));
    }
    json_object_object_add(reason, "why", json_object_new_string(why));
    json_object_array_add(replay->reasons, reason);
}

static void output_when(struct json_object *row, const struct statement *said) {
    char text[64];
    output_number(row, "counter", said->facts.counter);
    output_number(row, "boot", said->facts.boot);
    output_number(row, "uptime_ms", said->facts.uptime_ms);
    if (said->facts.time != 0) {
        output_time(row, "time", said->facts.time);
    } else {
        snprintf(text, sizeof(text), "start %llu +%llu.%03llus",
                 (unsigned long long)said->facts.boot,
                 (unsigned long long)(said->facts.uptime_ms / 1000),
                 (unsigned long long)(said->facts.uptime_ms % 1000));
        output_text(row, "time", text);
    }
}

static void note_refusal(struct replay *replay, const struct past_statement *one,
                         const struct message *message, const struct policy_answer *answer) {
    const struct policy *policy = replay->past.world.policy;
    struct json_object *row = json_object_new_object();
    struct words why = {.used = 0};
    char clean[REPORT_TEXT_MAX];
    words_refusal(&why, policy, message, answer);
    report_clean(bytes_of_text(why.text), clean, sizeof(clean));
    output_when(row, &one->said);
    output_number(row, "was_allowed_by", one->said.rule);
    if (answer->rule != POLICY_NONE) {
        output_number(row, "line", policy->rules[answer->rule].line);
    }
    output_text(row, "why", clean);
    count_reason(replay, row, clean);
    json_object_array_add(replay->refusals, row);
    replay->refused++;
}

/* Counters that are not there: statements that somebody left out, or that the module gave up at a
 * restart, or after a signature that failed. */
static void note_gap(struct replay *replay, const struct past_statement *one) {
    uint64_t before = replay->past.counter, counter = one->said.facts.counter;
    if (before == 0 || counter - before == 1) {
        return;
    }
    replay->gap += counter - before - 1;
    if (json_object_array_length(replay->gaps) < GAPS_MAX) {
        struct json_object *row = json_object_new_object();
        output_number(row, "first", before + 1);
        output_number(row, "last", counter - 1);
        output_flag(row, "at_a_restart", one->said.facts.boot != replay->past.boot);
        json_object_array_add(replay->gaps, row);
    }
}

static enum status decide_one(struct replay *replay, const struct past_statement *one) {
    struct past_policy under = {policy_of(replay, &one->said), false};
    struct message message;
    struct policy_answer answer;
    uint64_t before = replay->past.counter;
    if (one->said.facts.counter > before) {
        note_gap(replay, one);
    }
    if (past_decide(&replay->past, one, &under, &message, &answer) != STATUS_OK) {
        char why[128];
        snprintf(why, sizeof(why), "that with the counter %llu does not come after that with %llu",
                 (unsigned long long)one->said.facts.counter, (unsigned long long)before);
        return report_failure(replay->cli, STATUS_DATA_INVALID,
                              (struct reason){why, "give the statements of one key of one module"},
                              "take these statements for those of one key");
    }
    replay->approved += under.approved;
    replay->unknown += under.policy == NULL;
    replay->alarms += answer.alarm;
    replay->allowed += policy_allows(&answer);
    if (!policy_allows(&answer)) {
        note_refusal(replay, one, &message, &answer);
    }
    return STATUS_OK;
}

/* ---- what is told ---- */

static struct json_object *summary_of(const struct replay *replay) {
    struct json_object *object = json_object_new_object();
    const struct policy *policy = replay->past.world.policy;
    output_bytes(object, "policy", policy->name);
    output_number(object, "version", policy->version);
    output_number(object, "statements", replay->list.count);
    output_number(object, "allowed", replay->allowed);
    output_number(object, "refused", replay->refused);
    output_number(object, "alarms", replay->alarms);
    output_number(object, "restarts", replay->past.restarts);
    output_number(object, "approvals_taken_as_given", replay->approved);
    output_number(object, "of_a_policy_that_is_not_known", replay->unknown);
    output_number(object, "there_twice", replay->list.doubles);
    output_number(object, "counters_that_are_not_there", replay->gap);
    output_text(object, "signatures", replay->verified ? "all good" : "not looked at");
    if (replay->compared) {
        output_hex(object, "key_in_the_log", bytes_of(replay->log.object, 8));
        output_number(object, "signed_by_it_in_the_log", replay->log.signed_);
        output_number(object, "of_these_not_in_the_files", replay->log.missing);
        output_number(object, "not_in_the_log", replay->log.not_in_log);
    }
    return object;
}

static void print_rows(struct json_object *rows, const char *heading, const char *const *columns) {
    static const struct cli text = {.json = false};
    size_t count = json_object_array_length(rows);
    struct json_object *shown = json_object_new_array();
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
        json_object_array_add(shown, json_object_get(json_object_array_get_idx(rows, i)));
    }
    if (count > 0) {
        printf("%s\n", heading);
        output_table(&text, shown, columns);
        if (count > SHOWN_MAX) {
            printf("... and %zu more: --json tells them all\n", count - SHOWN_MAX);
        }
        printf("\n");
    } else {
        json_object_put(shown);
    }
}

static void print_text(const struct replay *replay) {
    static const char *const refusal[] = {"counter", "time", "why", NULL};
    static const char *const reason[] = {"times", "why", NULL};
    static const char *const gap[] = {"first", "last", "at_a_restart", NULL};
    static const char *const missing[] = {"record",     "boot",         "uptime_ms",
                                          "statements", "payload_hash", NULL};
    print_rows(replay->refusals, "Would be refused:", refusal);
    if (json_object_array_length(replay->refusals) > json_object_array_length(replay->reasons)) {
        print_rows(replay->reasons, "By reason:", reason);
    }
    print_rows(replay->gaps, "Counters that are not there:", gap);
    if (replay->compared) {
        print_rows(replay->log.rows, "In the log, and not in these files:", missing);
    }
}

static void print(const struct replay *replay) {
    struct json_object *object = summary_of(replay);
    if (replay->cli->json) {
        json_object_object_add(object, "refusals", json_object_get(replay->refusals));
        json_object_object_add(object, "reasons", json_object_get(replay->reasons));
        json_object_object_add(object, "gaps", json_object_get(replay->gaps));
        if (replay->compared) {
            json_object_object_add(object, "missing", json_object_get(replay->log.rows));
        }
    } else {
        print_text(replay);
    }
    output_object(replay->cli, object);
    if (replay->unknown != 0) {
        report_talk(replay->cli,
                    "\n%llu of the statements are of a policy that was not given: whether people "
                    "approved them is not known, and counts as no.\nnext: --old POLICY",
                    (unsigned long long)replay->unknown);
    }
    if (!replay->verified) {
        report_talk(replay->cli, "\nTo be sure that the key signed them all: --key KEY.pem");
    }
}

/* ---- the whole ---- */

struct given {
    const char *key, *log, *log_key;
    struct option_list old;
};

static enum status go_through(struct replay *replay, const struct given *given,
                              const struct arguments *arguments) {
    const struct cli *cli = replay->cli;
    TRY(know(replay, arguments->words[0]));
    for (size_t i = 0; i < given->old.count; i++) {
        TRY(know(replay, given->old.texts[i]));
    }
    TRY(past_list_read(cli, arguments->words + 1, arguments->count - 1, &replay->list));
    if (given->key != NULL) {
        TRY(past_list_verify(cli, &replay->list, given->key));
        replay->verified = true;
    }
    if (given->log != NULL) {
        replay->compared = true;
        TRY(past_list_compare(cli, &replay->list, given->log, given->log_key, &replay->log));
    }
    past_start(&replay->past, &replay->known[0].document->policy);
    for (size_t i = 0; i < replay->list.count; i++) {
        TRY(decide_one(replay, &replay->list.list[i]));
    }
    print(replay);
    if (replay->log.missing > 0) {
        return report_failure(cli, STATUS_CHECK_FAILED,
                              (struct reason){"statements that the log tells of are not in the "
                                              "files",
                                              "find them: without them this is not what happened"},
                              "take this for the whole past");
    }
    return STATUS_OK;
}

static void end(struct replay *replay) {
    for (size_t i = 0; i < replay->known_count; i++) {
        free(replay->known[i].document);
    }
    past_list_free(&replay->list);
    json_object_put(replay->refusals);
    json_object_put(replay->reasons);
    json_object_put(replay->gaps);
    json_object_put(replay->log.rows);
}

enum status policy_replay_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct replay replay;
    struct given given = {0};
    const struct option_row rows[] = {
        {"old", 0, "POLICY", "a policy that they were signed under; may come several times", NULL,
         NULL, &given.old},
        {"key", 0, "KEY.pem", "the public key that signed them", NULL, &given.key, NULL},
        {"log", 0, "EXPORT", "an exported log: tells which statements are missing", NULL,
         &given.log, NULL},
        {"log-key", 0, "KEY", "the log's public key in base64, known from elsewhere", NULL,
         &given.log_key, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 2, .most = FILES_MAX};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (given.log_key != NULL && given.log == NULL) {
        return report_usage(cli, "--log-key is for the log that --log names");
    }
    replay = (struct replay){.cli = cli};
    replay.refusals = json_object_new_array();
    replay.reasons = json_object_new_array();
    replay.gaps = json_object_new_array();
    enum status status = go_through(&replay, &given, &arguments);
    end(&replay);
    return status;
}
