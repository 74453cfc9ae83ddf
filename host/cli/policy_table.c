/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of cases. A case is: EXPECTED : MESSAGE, where what is expected is
 *     allow [RULE] [alarm [KIND ...]]     needs [RULE] [alarm ...]     deny WHY [RULE] [alarm ...]
 * and may have "N x" in front: the same N times. */
#include "host/cli/policy_table.h"

#include "host/cli/policy_message.h"

#include <stdio.h>
#include <stdlib.h>

/* What a case expects. */
struct expectation {
    unsigned times;
    uint32_t verdict;
    uint32_t why;
    unsigned rule; /* 1 is the first; 0: any */
    uint32_t alarms; /* bit set of 1 << enum alarm_kind; 1: any */
};

static const struct {
    const char *word;
    uint32_t why;
} reasons[] = {{"shape", WHY_SHAPE},         {"suspended", WHY_SUSPENDED},
               {"rule", WHY_DENIED},         {"limit", WHY_LIMIT},
               {"throttle", WHY_THROTTLED},  {"none", WHY_NO_RULE},
               {"exception", WHY_EXCEPTION}, {"rate", WHY_RATE}};

static bool read_number(char **at, unsigned *number) {
    char *end = NULL;
    unsigned long value = strtoul(*at, &end, 10);
    if (end == *at || **at < '0' || **at > '9' || value > 1000000) {
        return false;
    }
    *number = (unsigned)value;
    *at = end + strspn(end, " \t");
    return true;
}

static bool take_word(char **at, const char *word) {
    size_t size = strlen(word);
    char after = (*at)[0] != 0 && strncmp(*at, word, size) == 0 ? (*at)[size] : 'x';
    if (after != ' ' && after != '\t' && after != 0) {
        return false;
    }
    *at += size;
    *at += strspn(*at, " \t");
    return true;
}

static bool read_reason(char **at, uint32_t *why) {
    for (size_t i = 0; i < COUNT(reasons); i++) {
        if (take_word(at, reasons[i].word)) {
            *why = reasons[i].why;
            return true;
        }
    }
    return false;
}

/* The kinds behind the word `alarm`. */
static uint32_t read_alarms(char **at) {
    uint32_t alarms = 0;
    bool more = true;
    while (more) {
        more = false;
        for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS && !more; kind++) {
            more = take_word(at, alarm_name(kind));
            alarms |= more ? 1u << kind : 0;
        }
    }
    return alarms == 0 ? 1 : alarms;
}

static bool read_expectation(char *text, struct expectation *expected) {
    *expected = (struct expectation){.times = 1};
    if (read_number(&text, &expected->times) && !take_word(&text, "x")) {
        return false;
    }
    if (take_word(&text, "allow")) {
        expected->verdict = POLICY_ALLOWED;
        expected->why = WHY_NOTHING;
    } else if (take_word(&text, "needs")) {
        expected->verdict = POLICY_NEEDS_APPROVAL;
        expected->why = WHY_APPROVAL;
    } else {
        expected->verdict = POLICY_DENIED;
        if (!take_word(&text, "deny") || !read_reason(&text, &expected->why)) {
            return false;
        }
    }
    read_number(&text, &expected->rule);
    expected->alarms = take_word(&text, "alarm") ? read_alarms(&text) : 0;
    return *text == 0 && expected->times > 0;
}

static bool is_met(const struct expectation *expected, const struct policy_answer *answer,
                   uint32_t alarms) {
    bool alarmed = expected->alarms == 1 ? alarms != 0 : alarms == expected->alarms;
    bool allowed = expected->verdict == POLICY_ALLOWED;
    bool rule =
        expected->rule == 0 || (answer->rule != POLICY_NONE && expected->rule == answer->rule + 1u);
    return answer->verdict == expected->verdict && answer->why == expected->why && rule &&
           policy_allows(answer) == allowed && alarmed;
}

static void describe(const struct policy *policy, const struct message *message,
                     const struct policy_answer *answer, uint32_t alarms,
                     struct words *words) {
    words->used = 0;
    words_add(words, "%s: ",
              policy_allows(answer)                      ? "allow"
              : answer->verdict == POLICY_NEEDS_APPROVAL ? "needs"
                                                         : "deny");
    words_refusal(words, policy, message, answer);
    if (answer->rule != POLICY_NONE) {
        words_add(words, " [rule %u]", answer->rule + 1u);
    }
    for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS; kind++) {
        if ((alarms >> kind & 1) != 0) {
            words_add(words, " [alarm %s]", alarm_name(kind));
        }
    }
}

static enum status run_case(struct policy_world *world, struct policy_case *found,
                            const struct expectation *expected, char why[POLICY_MESSAGE_WHY]) {
    uint8_t room[POLICY_SIZE_MAX];
    struct span encoding = {room, sizeof(room)};
    struct message message;
    struct policy_answer answer;
    TRY(policy_message_make(world->policy, found->message, &encoding, why));
    found->passed = true;
    for (unsigned i = 0; i < expected->times && found->passed; i++) {
        uint32_t alarms = 0;
        policy_world_ask(world, bytes_of_span(encoding), &message, &answer, &alarms);
        describe(world->policy, &message, &answer, alarms, &found->found);
        found->passed = is_met(expected, &answer, alarms);
    }
    return STATUS_OK;
}

static enum status fault(struct policy_error *error, unsigned line, const char *text,
                         const char *about) {
    error->line = line;
    error->column = 1;
    snprintf(error->text, sizeof(error->text), "%s: %.100s", text, about);
    return STATUS_FILE_FORMAT;
}

/* Cuts blanks at the end, and a remark. */
static void trim(char *line) {
    size_t size = strlen(line);
    if (line[0] == '#') {
        size = 0;
    }
    while (size > 0 && strchr(" \t\r", line[size - 1]) != NULL) {
        size--;
    }
    line[size] = 0;
}

/* One line; fills *found when it was a case. */
static enum status run_line(struct policy_world *world, char *line, struct policy_case *found,
                            bool *is_case, struct policy_error *error) {
    struct expectation expected;
    char why[POLICY_MESSAGE_WHY];
    *is_case = false;
    enum status status = *line == 0 ? STATUS_OK : policy_world_change(world, line);
    if (status == STATUS_USAGE) {
        return fault(error, found->line, "what follows this word is not right", line);
    }
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    char *colon = strchr(line, ':');
    if (colon == NULL) {
        return fault(error, found->line, "expected EXPECTATION : MESSAGE", line);
    }
    *colon = 0;
    trim(line);
    if (!read_expectation(line, &expected)) {
        return fault(error, found->line,
                     "expected allow, needs or deny, why (shape, suspended, rule, limit, throttle, "
                     "none, exception or rate) and the number of a rule",
                     line);
    }
    snprintf(found->expected, sizeof(found->expected), "%s", line);
    found->message = colon + 1;
    found->found.used = 0;
    if (run_case(world, found, &expected, why) != STATUS_OK) {
        return fault(error, found->line, "no message can be made of this", why);
    }
    *is_case = true;
    return STATUS_OK;
}

enum status policy_table_run(const struct policy *policy, char *text, struct policy_error *error,
                             void (*tell)(void *context, const struct policy_case *found),
                             void *context) {
    struct policy_world world;
    struct policy_case found = {.line = 0};
    policy_world_start(&world, policy);
    while (text != NULL) {
        char *end = strchr(text, '\n');
        char *next = end != NULL ? end + 1 : NULL;
        bool is_case = false;
        if (end != NULL) {
            *end = 0;
        }
        found.line++;
        text += strspn(text, " \t");
        trim(text);
        TRY(run_line(&world, text, &found, &is_case, error));
        if (is_case) {
            tell(context, &found);
        }
        text = next;
    }
    return STATUS_OK;
}
