/* SPDX-License-Identifier: Apache-2.0 */
/* Lines that do nothing, or something else than they seem to. */
#include "host/cli/policy_review.h"

#include "policy/state.h"

#include <stdarg.h>
#include <stdio.h>

/* What was seen of each line in all cells. */
struct seen {
    uint32_t about;                /* some message meets its conditions */
    uint32_t works;                /* allows or denies some message */
    uint32_t allowed;              /* allow lines: some message of theirs is allowed */
    uint32_t needed;               /* what they allow or deny, no other line does already */
    uint32_t vague;                /* deny lines that deny because a field is absent, and only so */
    uint32_t stopped[ALARM_OF_KEYS]; /* allow lines whose messages the quota ([0]), or an alarm
                                        that stops a key, counts */
    uint32_t by[POLICY_RULES_MAX]; /* for each line: what denies or allows all of it so far */
};

static void tell(const struct review *review, enum review_kind kind, unsigned line,
                 const struct words *words) {
    struct review_finding finding = {.kind = kind, .line = line, .words = *words};
    review->tell(review->context, &finding);
}

/* Allow lines that ask for nothing more than their conditions. */
static uint32_t plain_lines(const struct policy *policy) {
    uint32_t plain = 0;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        bool asks = rule->rate.count != 0 || rule->needs != 0;
        plain |= rule->effect == POLICY_ALLOW && !asks ? 1u << i : 0;
    }
    return plain;
}

/* Lines with a step: they are not for emergencies. */
static uint32_t step_lines(const struct policy *policy) {
    uint32_t lines = 0;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        for (uint32_t k = rule->first; k < rule->first + (uint32_t)rule->count; k++) {
            lines |= policy->clauses[k].kind == CLAUSE_STEP ? 1u << i : 0;
        }
    }
    return lines;
}

/* The line that may stop a key: the quota (0), or an alarm of this kind that throttles or suspends;
 * POLICY_NONE: there is none. */
static uint32_t stopper(const struct policy *policy, uint32_t which) {
    uint32_t rule = which == 0 ? policy->limit : form_alarm(policy, which);
    bool stops = which <= ALARM_SPIKE || rule == POLICY_NONE ||
                 (policy->rules[rule].actions & (ACTION_THROTTLE | ACTION_SUSPEND)) != 0;
    return stops ? rule : (uint32_t)POLICY_NONE;
}

static void see(const struct policy *policy, const struct space_answer *answer, uint32_t plain,
                struct seen *seen) {
    bool denied = answer->denies != 0;
    seen->about |= answer->about;
    seen->works |= answer->allows | answer->denies | answer->counts;
    seen->allowed |= denied ? 0 : answer->allows;
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        uint32_t bit = 1u << i;
        if ((answer->allows & bit) != 0) {
            seen->by[i] &= denied ? answer->denies : answer->allows & plain & ~bit;
            seen->needed |= !denied && (answer->allows & plain & ~bit) == 0 ? bit : 0;
        }
        if ((answer->denies & bit) != 0 && answer->allows != 0) {
            seen->needed |= (answer->denies & ~bit) == 0 ? bit : 0;
            seen->by[i] &= answer->denies & ~bit;
        }
    }
    if (answer->allows != 0) {
        seen->vague |= answer->vague & ((answer->denies & ~answer->vague) == 0 ? ~0u : 0);
    }
    for (uint32_t which = 0; which < ALARM_OF_KEYS && !denied; which++) {
        uint32_t rule = stopper(policy, which);
        if (rule != POLICY_NONE && (answer->counts >> rule & 1) != 0) {
            seen->stopped[which] |= answer->allows & plain;
        }
    }
}

static void add_lines(struct words *words, const struct policy *policy, uint32_t lines) {
    const char *between = "line ";
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        if ((lines >> i & 1) != 0) {
            words_add(words, "%s%u", between, (unsigned)policy->rules[i].line);
            between = " and line ";
        }
    }
}

/* What is wrong with one line; empty: nothing. */
static void judge_line(const struct policy *policy, uint32_t i, const struct seen *seen,
                       struct words *words) {
    const struct policy_rule *rule = &policy->rules[i];
    uint32_t bit = 1u << i;
    if (rule->effect > POLICY_DENY) {
        return;
    }
    if ((seen->works & bit) == 0) {
        words_add(words, "no message can meet this line: it does nothing");
    } else if (rule->effect == POLICY_ALLOW && (seen->allowed & bit) == 0) {
        words_add(words, "all that this line allows is denied");
        if (seen->by[i] != 0 && seen->by[i] != ~0u) {
            words_add(words, " by ");
            add_lines(words, policy, seen->by[i]);
        }
    } else if ((seen->needed & bit) == 0 && rule->effect == POLICY_ALLOW) {
        words_add(words, "all that this line allows is allowed without it");
        if (seen->by[i] != 0 && seen->by[i] != ~0u) {
            words_add(words, ", by ");
            add_lines(words, policy, seen->by[i]);
        }
    } else if ((seen->needed & bit) == 0) {
        words_add(words, "this line denies nothing that would be allowed without it");
    } else if ((seen->vague & bit) != 0) {
        words_add(words, "this line also denies messages without a field that it looks at; where "
                         "these are meant to pass, add: FIELD present and ...");
    }
}

static void judge_stops(const struct policy *policy, const struct seen *seen, uint32_t steps,
                        const struct review *review) {
    for (uint32_t which = 0; which < ALARM_OF_KEYS; which++) {
        uint32_t rule = stopper(policy, which);
        uint32_t lines = seen->stopped[which] & ~steps;
        if (lines == 0) {
            continue;
        }
        struct words words = {.used = 0};
        words_add(&words, "what ");
        add_lines(&words, policy, lines);
        words_add(&words, " allows counts for this %s too; where it is for emergencies, except it",
                  which == 0 ? "quota" : "alarm");
        tell(review, REVIEW_NOTE, policy->rules[rule].line, &words);
    }
}

enum status review_policy(const struct policy *policy, const struct review *review) {
    static struct space space;
    struct seen seen = {.about = 0};
    uint32_t plain = plain_lines(policy);
    memset(seen.by, 0xff, sizeof(seen.by));
    TRY(space_lay(&space, policy, NULL));
    for (bool more = space_first(&space); more; more = space_next(&space)) {
        struct space_answer answer;
        space_ask(&space, 0, &answer);
        if (answer.shape) {
            see(policy, &answer, plain, &seen);
        }
    }
    for (uint32_t i = 0; i < policy->rule_count; i++) {
        struct words words = {.used = 0};
        judge_line(policy, i, &seen, &words);
        if (words.used != 0) {
            tell(review, REVIEW_WARNING, policy->rules[i].line, &words);
        }
    }
    judge_stops(policy, &seen, step_lines(policy), review);
    return STATUS_OK;
}
