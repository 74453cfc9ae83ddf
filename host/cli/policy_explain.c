/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm policy explain: what a policy says to one message, line by line. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/policy.h"
#include "host/cli/policy_message.h"
#include "host/cli/policy_table.h"
#include "host/cli/report.h"
#include "policy/truth.h"

#include <stdio.h>

/* Long enough after a start that every bucket is full. */
static const uint64_t FULL_MS = POLICY_PERIOD_MS_MAX + 1;

/* What one line says to the message. */
static void say(const struct policy_question *question, uint32_t rule, struct words *words) {
    const struct policy_rule *row = &question->policy->rules[rule];
    enum truth excepted = truth_of_exceptions(question, row);
    if (row->effect != POLICY_ALLOW) {
        bool stands = truth_of_conditions(question, row) != TRUTH_NO;
        const char *yes = row->effect == POLICY_DENY    ? "denies"
                          : row->effect != POLICY_ALARM ? "counts it"
                          : row->factor == ALARM_HOURS  ? "alarm"
                                                        : "watches it";
        words_add(words, "%s",
                  !stands                 ? "not about it"
                  : excepted == TRUTH_YES ? "excepts it"
                                          : yes);
        return;
    }
    struct policy_line line;
    policy_line_judge(question, rule, &line);
    if (line.allows && !line.excepted) {
        words_add(words, row->needs != 0 ? "allows, with approvals" : "allows");
    } else if (line.allows) {
        words_add(words, "excepts it");
    } else {
        words_add(words, "no: ");
        words_clause(words, question->policy, &question->policy->clauses[line.clause]);
        if (truth_of(question, &question->policy->clauses[line.clause]) == TRUTH_UNKNOWN) {
            words_add(words, " is not known");
        }
    }
}

static struct json_object *lines_of(const struct policy_question *question) {
    struct json_object *rows = json_object_new_array();
    for (uint32_t i = 0; i < question->policy->rule_count; i++) {
        struct json_object *row = json_object_new_object();
        struct words rule = {.used = 0}, said = {.used = 0};
        words_rule(&rule, question->policy, i);
        say(question, i, &said);
        output_number(row, "rule", i + 1);
        output_number(row, "line", question->policy->rules[i].line);
        output_bytes(row, "says", bytes_of_text(said.text));
        output_bytes(row, "text", bytes_of_text(rule.text));
        json_object_array_add(rows, row);
    }
    return rows;
}

static struct json_object *answer_of(const struct policy_question *question,
                                     const struct policy_answer *answer) {
    struct json_object *object = json_object_new_object();
    struct words why = {.used = 0};
    words_refusal(&why, question->policy, question->message, answer);
    output_text(object, "verdict",
                policy_allows(answer)                      ? "allow"
                : answer->verdict == POLICY_NEEDS_APPROVAL ? "needs approval"
                                                           : "deny");
    if (answer->rule != POLICY_NONE) {
        output_number(object, "rule", answer->rule + 1u);
    }
    output_bytes(object, "why", bytes_of_text(why.text));
    return object;
}

static enum status explain(const struct cli *cli, struct policy_world *world,
                           struct bytes encoding) {
    static const char *const columns[] = {"rule", "line", "says", "text", NULL};
    struct message message;
    struct policy_answer answer;
    struct policy_question question = {.policy = world->policy,
                                       .message = &message,
                                       .state = &world->state,
                                       .steps = &world->steps,
                                       .clock = world->clock,
                                       .approvals = world->approvals,
                                       .approval_count = world->approval_count};
    bool fits = message_read(world->policy, encoding, &message) == STATUS_OK;
    policy_decide(&question, &answer);
    struct json_object *object = answer_of(&question, &answer);
    struct json_object *rows = fits ? lines_of(&question) : NULL;
    if (cli->json && rows != NULL) {
        json_object_object_add(object, "lines", rows);
    }
    output_object(cli, object);
    if (!cli->json && rows != NULL) {
        output_table(cli, rows, columns);
    }
    return STATUS_OK;
}

/* The words of the command line as one text. */
static enum status join(const struct cli *cli, const struct arguments *arguments, char *text,
                        size_t room) {
    size_t used = 0;
    for (int i = 1; i < arguments->count; i++) {
        int size =
            snprintf(text + used, room - used, "%s%s", i == 1 ? "" : " ", arguments->words[i]);
        if (size < 0 || (size_t)size >= room - used) {
            return report_usage(cli, "the message is too long");
        }
        used += (size_t)size;
    }
    return STATUS_OK;
}

static enum status set_up(const struct cli *cli, struct policy_world *world, const char *time,
                          const struct option_list *approvals) {
    char line[256];
    policy_world_wait(world, FULL_MS);
    snprintf(line, sizeof(line), "time %s", time != NULL ? time : "none");
    if (policy_world_change(world, line) != STATUS_OK) {
        return report_usage(cli, "--time takes a time of day, such as 09:30, not '%s'", time);
    }
    for (size_t i = 0; i < approvals->count; i++) {
        snprintf(line, sizeof(line), "approval %s", approvals->texts[i]);
        if (policy_world_change(world, line) != STATUS_OK) {
            return report_usage(cli, "the policy has no such role: '%s'", approvals->texts[i]);
        }
    }
    return STATUS_OK;
}

enum status policy_explain_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document document;
    static struct policy_world world;
    static char text[8192];
    uint8_t room[POLICY_SIZE_MAX];
    struct span encoding = {room, sizeof(room)};
    char why[POLICY_MESSAGE_WHY];
    const char *time = NULL;
    struct option_list approvals = {.count = 0};
    const struct option_row rows[] = {
        {"time", 0, "HH:MM", "the time of day (UTC) of a trusted clock (default: there is none)",
         NULL, &time, NULL},
        {"approval", 0, "ROLE,...", "somebody with these roles approved; may come several times",
         NULL, NULL, &approvals},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 2, .most = 64};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[0], &document));
    policy_world_start(&world, &document.policy);
    TRY(set_up(cli, &world, time, &approvals));
    TRY(join(cli, &arguments, text, sizeof(text)));
    if (policy_message_make(&document.policy, text, &encoding, why) != STATUS_OK) {
        return report_usage(cli, "%s", why);
    }
    return explain(cli, &world, bytes_of_span(encoding));
}
