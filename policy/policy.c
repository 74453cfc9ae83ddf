/* SPDX-License-Identifier: Apache-2.0 */
/* The decision. Every line is looked at, whatever the others say, so that their order means
 * nothing; only which line is named, where several would do, is the first. */
#include "policy/policy.h"

#include "policy/truth.h"

/* ---- lines ---- */

void policy_line_judge(const struct policy_question *question, uint32_t rule,
                       struct policy_line *line) {
    const struct policy_rule *row = &question->policy->rules[rule];
    *line = (struct policy_line){true, true, false, POLICY_NONE};
    for (uint32_t i = row->first; i < row->first + (uint32_t)row->count; i++) {
        const struct policy_clause *clause = &question->policy->clauses[i];
        if (clause->group != 0 || truth_of(question, clause) == TRUTH_YES) {
            continue;
        }
        line->clause = line->clause == POLICY_NONE ? (uint8_t)i : line->clause;
        line->allows = false;
        line->about = line->about && clause->kind == CLAUSE_STEP;
    }
    /* what may be an exception of an allow line is one */
    line->excepted = truth_of_exceptions(question, row) != TRUTH_NO;
    line->about = line->about && !line->excepted;
}

/* Whether a rule that stands in the way does: it is not clearly about something else, and not
 * clearly excepted. */
static bool stands(const struct policy_question *question, const struct policy_rule *rule) {
    return truth_of_conditions(question, rule) != TRUTH_NO &&
           truth_of_exceptions(question, rule) != TRUTH_YES;
}

/* ---- approvals ---- */

static bool approved(const struct policy_question *question, const struct policy_rule *rule) {
    uint32_t count = 0;
    for (size_t i = 0; i < question->approval_count; i++) {
        const struct policy_approval *approval = &question->approvals[i];
        count += (approval->roles & rule->roles) != 0 && approval->age_ms <= rule->within_ms;
    }
    return count >= rule->needs;
}

/* ---- the steps of a decision; each says whether to go on ---- */

static void refuse(struct policy_answer *answer, enum policy_why why, uint32_t rule,
                   uint32_t clause) {
    answer->why = why;
    answer->rule = (uint8_t)rule;
    answer->clause = (uint8_t)clause;
}

static bool check_message(const struct policy_question *question, struct policy_answer *answer) {
    if (question->message->fault != MESSAGE_FITS) {
        refuse(answer, WHY_SHAPE, POLICY_NONE, POLICY_NONE);
        answer->field = question->message->field;
        return false;
    }
    if (question->state->counter == UINT64_MAX) {
        refuse(answer, WHY_COUNTER, POLICY_NONE, POLICY_NONE);
        return false;
    }
    return true;
}

static bool check_denies(const struct policy_question *question, struct policy_answer *answer) {
    const struct policy *policy = question->policy;
    uint32_t found = POLICY_NONE;
    for (uint32_t i = policy->rule_count; i > 0; i--) {
        const struct policy_rule *rule = &policy->rules[i - 1];
        found = rule->effect == POLICY_DENY && stands(question, rule) ? i - 1 : found;
    }
    if (found == POLICY_NONE) {
        return true;
    }
    refuse(answer, WHY_DENIED, found, truth_first(question, &policy->rules[found]));
    return false;
}

static bool check_limit(const struct policy_question *question, struct policy_answer *answer) {
    uint32_t at = question->policy->limit;
    if (at == POLICY_NONE) {
        return true;
    }
    const struct policy_rule *rule = &question->policy->rules[at];
    if (!stands(question, rule) ||
        state_take_limit(&answer->change.state, &rule->rate, question->clock.uptime_ms)) {
        return true;
    }
    refuse(answer, WHY_LIMIT, at, POLICY_NONE);
    return false;
}

/* Whether an alarm line is about the message: it is not clearly excepted. */
static bool watched(const struct policy_question *question, uint32_t at) {
    return truth_of_exceptions(question, &question->policy->rules[at]) != TRUTH_YES;
}

/* Alarms suspended the key; what is excepted from an alarm is excepted from that too. */
static bool check_suspended(const struct policy_question *question, struct policy_answer *answer) {
    for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS; kind++) {
        uint32_t at = form_alarm(question->policy, kind);
        if ((question->state->flags & FLAG_SUSPENDED(kind)) != 0 &&
            (at == POLICY_NONE || watched(question, at))) {
            refuse(answer, WHY_SUSPENDED, at, POLICY_NONE);
            return false;
        }
    }
    return true;
}

/* Of the alarms that are on and about the message, the one with the slowest throttle. */
static uint32_t find_throttle(const struct policy_question *question,
                              const struct policy_state *state) {
    const struct policy *policy = question->policy;
    uint32_t found = POLICY_NONE;
    for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS; kind++) {
        uint32_t at = form_alarm(policy, kind);
        if (at == POLICY_NONE || (state->flags & FLAG_ON(kind)) == 0 ||
            (policy->rules[at].actions & ACTION_THROTTLE) == 0 || !watched(question, at)) {
            continue;
        }
        if (found == POLICY_NONE || state_token_us(&policy->rules[at].throttle) >
                                        state_token_us(&policy->rules[found].throttle)) {
            found = at;
        }
    }
    return found;
}

/* The spike counts every message that is not excepted; the one that sets it off still leaves. */
static bool check_alarms(const struct policy_question *question, struct policy_answer *answer) {
    struct policy_state *state = &answer->change.state;
    const uint64_t now = question->clock.uptime_ms;
    uint32_t at = question->policy->spike;
    const struct policy_rule *spike = at == POLICY_NONE ? NULL : &question->policy->rules[at];
    if (spike != NULL) {
        state_watch(state, spike, now, false);
    }
    uint32_t slow = find_throttle(question, state);
    if (slow != POLICY_NONE &&
        !state_take(&state->throttle_us, &question->policy->rules[slow].throttle, now)) {
        refuse(answer, WHY_THROTTLED, slow, POLICY_NONE);
        return false;
    }
    if (spike != NULL) {
        uint32_t before = state->flags;
        state_watch(state, spike, now, watched(question, at));
        answer->alarm = (state->flags & ~before & FLAG_ON(ALARM_SPIKE)) != 0;
    }
    return true;
}

static void remember_steps(const struct policy_question *question, const struct policy_rule *rule,
                           struct policy_change *change) {
    for (uint32_t i = rule->first; i < rule->first + (uint32_t)rule->count; i++) {
        const struct policy_clause *clause = &question->policy->clauses[i];
        uint32_t slot = 0;
        if (clause->kind == CLAUSE_STEP && truth_step_slot(question, clause, &slot) &&
            change->step_count < POLICY_STEP_CLAUSES_MAX) {
            change->steps[change->step_count++] = (struct policy_step){
                question->message->values[clause->field].number, (uint8_t)slot};
        }
    }
}

/* What is known of the allow lines seen so far. */
struct lines {
    uint32_t granting; /* the first that allows */
    uint32_t waiting;  /* the one that wants the fewest approvals */
    uint32_t empty;    /* the first that would, but for its rate */
    uint32_t excepted;
    uint32_t closest, clause, reached;
};

static void note_line(const struct policy_question *question, uint32_t at, bool token,
                      const struct policy_line *line, struct lines *lines) {
    const struct policy_rule *rule = &question->policy->rules[at];
    uint32_t reached = line->clause == POLICY_NONE ? rule->count : line->clause - rule->first;
    if (!line->allows) {
        if (lines->closest == POLICY_NONE || reached > lines->reached) {
            lines->closest = at;
            lines->clause = line->clause;
            lines->reached = reached;
        }
    } else if (line->excepted) {
        lines->excepted = lines->excepted == POLICY_NONE ? at : lines->excepted;
    } else if (!token) {
        lines->empty = lines->empty == POLICY_NONE ? at : lines->empty;
    } else if (rule->needs == 0 || approved(question, rule)) {
        lines->granting = lines->granting == POLICY_NONE ? at : lines->granting;
    } else if (lines->waiting == POLICY_NONE ||
               rule->needs < question->policy->rules[lines->waiting].needs) {
        lines->waiting = at;
    }
}

static bool name_refusal(const struct lines *lines, struct policy_answer *answer) {
    if (lines->waiting != POLICY_NONE) {
        refuse(answer, WHY_APPROVAL, lines->waiting, POLICY_NONE);
    } else if (lines->empty != POLICY_NONE) {
        refuse(answer, WHY_RATE, lines->empty, POLICY_NONE);
    } else if (lines->excepted != POLICY_NONE) {
        refuse(answer, WHY_EXCEPTION, lines->excepted, POLICY_NONE);
    } else {
        refuse(answer, WHY_NO_RULE, lines->closest, lines->clause);
    }
    return false;
}

static bool check_allows(const struct policy_question *question, struct policy_answer *answer) {
    struct policy_change *change = &answer->change;
    struct lines lines = {
        POLICY_NONE, POLICY_NONE, POLICY_NONE, POLICY_NONE, POLICY_NONE, POLICY_NONE, 0};
    for (uint32_t i = 0; i < question->policy->rule_count; i++) {
        const struct policy_rule *rule = &question->policy->rules[i];
        struct policy_line line;
        if (rule->effect != POLICY_ALLOW) {
            continue;
        }
        policy_line_judge(question, i, &line);
        bool token = true;
        if (line.about && rule->bucket != POLICY_NONE) {
            token = state_take(&change->state.bucket_us[rule->bucket], &rule->rate,
                               question->clock.uptime_ms);
        }
        if (line.about) {
            remember_steps(question, rule, change);
        }
        note_line(question, i, token, &line, &lines);
    }
    if (lines.granting == POLICY_NONE) {
        return name_refusal(&lines, answer);
    }
    refuse(answer, WHY_NOTHING, lines.granting, POLICY_NONE);
    return true;
}

/* ---- the whole ---- */

/* One decision; apart, so that the compiler cannot make one of two. */
static NO_INLINE uint32_t decide_once(const struct policy_question *question,
                                      struct policy_answer *answer) {
    memset(answer, 0, sizeof(*answer));
    answer->rule = answer->clause = answer->field = POLICY_NONE;
    answer->change.state = *question->state;
    bool allowed = check_message(question, answer) && check_suspended(question, answer) &&
                   check_denies(question, answer) && check_limit(question, answer) &&
                   check_alarms(question, answer) && check_allows(question, answer);
    if (allowed) {
        answer->change.state.counter++;
    }
    if (answer->clause != POLICY_NONE) {
        answer->field = question->policy->clauses[answer->clause].field;
    }
    return allowed                       ? POLICY_ALLOWED
           : answer->why == WHY_APPROVAL ? POLICY_NEEDS_APPROVAL
                                         : POLICY_DENIED;
}

void policy_decide(const struct policy_question *question, struct policy_answer *answer) {
    /* read anew each time: the second decision must not be the first one remembered */
    const struct policy_question *volatile asked = question;
    uint32_t first = decide_once(asked, answer);
    volatile uint32_t mirror = ~decide_once(asked, answer);
    answer->verdict = first;
    answer->mirror = mirror;
    if (first != ~answer->mirror) {
        answer->verdict = POLICY_DENIED;
        answer->mirror = ~(uint32_t)POLICY_DENIED;
    }
}

bool policy_allows(const struct policy_answer *answer) {
    volatile uint32_t verdict = answer->verdict;
    volatile uint32_t mirror = answer->mirror;
    if (verdict != POLICY_ALLOWED) {
        return false;
    }
    return mirror == ~(uint32_t)POLICY_ALLOWED && answer->why == WHY_NOTHING;
}

void policy_commit(const struct policy_answer *answer, struct policy_state *state,
                   struct policy_steps *steps) {
    if (!policy_allows(answer)) {
        return;
    }
    *state = answer->change.state;
    for (uint32_t i = 0; i < answer->change.step_count; i++) {
        steps->last[answer->change.steps[i].slot] = answer->change.steps[i].value;
        steps->known |= 1ull << answer->change.steps[i].slot;
    }
}
