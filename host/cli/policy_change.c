/* SPDX-License-Identifier: Apache-2.0 */
/* What a new version of a policy allows that the old one did not. */
#include "host/cli/policy_review.h"

enum { REGIONS_MAX = 4096 };

/* a is not faster than b */
static bool rate_within(const struct policy_rate *a, const struct policy_rate *b) {
    if (b->count == 0) {
        return true;
    }
    return a->count != 0 && a->burst <= b->burst &&
           (uint64_t)a->count * b->period_ms <= (uint64_t)b->count * a->period_ms;
}

/* Whether everybody in the roles of one line is in those of the other, by name. */
static bool roles_within(const struct policy *a, uint32_t roles_a, const struct policy *b,
                         uint32_t roles_b) {
    for (uint32_t i = 0; i < a->role_count; i++) {
        bool found = (roles_a >> i & 1) == 0;
        for (uint32_t k = 0; k < b->role_count && !found; k++) {
            found = (roles_b >> k & 1) != 0 && bytes_equal(a->roles[i], b->roles[k]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

/* Whether a line of the new policy asks at least what a line of the old one asks. */
static bool asks_as_much(const struct policy *to, const struct policy_rule *new_rule,
                         const struct policy *from, const struct policy_rule *old_rule) {
    if (!rate_within(&new_rule->rate, &old_rule->rate)) {
        return false;
    }
    return old_rule->needs == 0 ||
           (new_rule->needs >= old_rule->needs && new_rule->within_ms <= old_rule->within_ms &&
            roles_within(to, new_rule->roles, from, old_rule->roles));
}

/* Bit for each line of the old policy that a new line asks as much as. */
static void compare_lines(const struct policy *from, const struct policy *to,
                          uint32_t covered[POLICY_RULES_MAX]) {
    for (uint32_t i = 0; i < to->rule_count; i++) {
        covered[i] = 0;
        for (uint32_t k = 0; k < from->rule_count; k++) {
            bool as_much = asks_as_much(to, &to->rules[i], from, &from->rules[k]);
            covered[i] |= as_much ? 1u << k : 0;
        }
    }
}

/* What a cell is in: a new line may allow it on its own, so each is looked at. */
struct change {
    struct space space;
    uint32_t covered[POLICY_RULES_MAX];
    struct space_region regions[2][REGIONS_MAX]; /* new; easier */
    uint32_t counts[2];
    bool full[2];
    bool uncounted[ALARM_OF_KEYS]; /* the quota ([0]) or an alarm counted it, and does not now */
};

/* The line of the quota (0), or of an alarm of this kind. */
static uint32_t counter(const struct policy *policy, uint32_t which) {
    return which == 0 ? policy->limit : form_alarm(policy, which);
}

static void look(struct change *change) {
    struct space *space = &change->space;
    const struct policy *from = space->policies[0], *to = space->policies[1];
    struct space_answer before, after;
    space_ask(space, 1, &after);
    if (!after.shape) {
        return;
    }
    space_note(space);
    space_ask(space, 0, &before);
    if (after.denies != 0 || after.allows == 0) {
        return;
    }
    uint32_t old_lines = before.shape && before.denies == 0 ? before.allows : 0;
    bool easier = false;
    for (uint32_t i = 0; i < to->rule_count; i++) {
        easier = easier || ((after.allows >> i & 1) != 0 && (change->covered[i] & old_lines) == 0);
    }
    if (easier) {
        uint32_t which = old_lines == 0 ? 0 : 1;
        change->full[which] =
            !space_collect(space, change->regions[which], &change->counts[which], REGIONS_MAX) ||
            change->full[which];
    }
    for (uint32_t i = 0; i < ALARM_OF_KEYS && old_lines != 0; i++) {
        uint32_t old_rule = counter(from, i), new_rule = counter(to, i);
        bool counted = old_rule != POLICY_NONE && (before.counts >> old_rule & 1) != 0;
        bool counts = new_rule != POLICY_NONE && (after.counts >> new_rule & 1) != 0;
        change->uncounted[i] = change->uncounted[i] || (counted && !counts);
    }
}

static void tell_regions(struct change *change, uint32_t which, const struct review *review) {
    struct space_region *regions = change->regions[which];
    space_join(&change->space, regions, &change->counts[which]);
    for (uint32_t i = 0; i < change->counts[which]; i++) {
        struct review_finding finding = {.kind = which == 0 ? REVIEW_NEW : REVIEW_EASIER};
        space_words(&change->space, &regions[i], &finding.words);
        review->tell(review->context, &finding);
    }
    if (change->full[which]) {
        struct review_finding finding = {.kind = which == 0 ? REVIEW_NEW : REVIEW_EASIER};
        words_add(&finding.words, "and more, which is too much to list");
        review->tell(review->context, &finding);
    }
}

/* ---- quota and alarm ---- */

static void tell_looser(const struct review *review, const struct policy *from, uint32_t old_rule,
                        const struct policy *to, uint32_t new_rule) {
    struct review_finding finding = {.kind = REVIEW_LOOSER};
    words_rule(&finding.words, from, old_rule);
    words_add(&finding.words, "  becomes  ");
    if (new_rule == POLICY_NONE) {
        words_add(&finding.words, "nothing: the line is gone");
    } else {
        finding.line = to->rules[new_rule].line;
        words_rule(&finding.words, to, new_rule);
    }
    review->tell(review->context, &finding);
}

static bool limit_looser(const struct policy *from, const struct policy *to) {
    if (from->limit == POLICY_NONE) {
        return false;
    }
    return to->limit == POLICY_NONE ||
           !rate_within(&to->rules[to->limit].rate, &from->rules[from->limit].rate);
}

static bool in_hours(const struct policy_clause *clause, int64_t minute) {
    bool in = clause->low < clause->high ? minute >= clause->low && minute < clause->high
                                         : minute >= clause->low || minute < clause->high;
    return in == (clause->kind == CLAUSE_HOURS_IN);
}

/* Some minute of the day was outside the usual hours, and is not any more. */
static bool hours_looser(const struct policy *from, const struct policy_rule *before,
                         const struct policy *to, const struct policy_rule *after) {
    bool looser = false;
    for (int64_t minute = 0; minute < 24 * 60; minute++) {
        looser = looser || (in_hours(&from->clauses[before->first], minute) &&
                            !in_hours(&to->clauses[after->first], minute));
    }
    return looser;
}

/* What sets the alarm off got rarer. */
static bool rarer(const struct policy *from, const struct policy_rule *before,
                  const struct policy *to, const struct policy_rule *after) {
    switch (form_kind(before)) {
    case ALARM_SPIKE:
        return !rate_within(&after->rate, &before->rate) || after->factor > before->factor;
    case ALARM_REFUSALS:
        return after->rate.count > before->rate.count ||
               after->rate.period_ms < before->rate.period_ms;
    case ALARM_HOURS:
        return hours_looser(from, before, to, after);
    default:
        return after->rate.count > before->rate.count ||
               after->rate.period_ms > before->rate.period_ms;
    }
}

static bool alarm_looser(const struct policy *from, const struct policy *to, uint32_t kind) {
    uint32_t old_rule = form_alarm(from, kind), new_rule = form_alarm(to, kind);
    if (old_rule == POLICY_NONE || new_rule == POLICY_NONE) {
        return old_rule != POLICY_NONE;
    }
    const struct policy_rule *before = &from->rules[old_rule], *after = &to->rules[new_rule];
    return rarer(from, before, to, after) || (before->actions & ~after->actions) != 0 ||
           !rate_within(&after->throttle, &before->throttle);
}

/* ---- the whole ---- */

static void tell_head(const struct policy *from, const struct policy *to,
                      const struct review *review) {
    struct review_finding finding = {.kind = REVIEW_NOTE};
    if (to->version <= from->version) {
        words_add(&finding.words, "version %u does not come after version %u: no module takes it",
                  to->version, from->version);
        review->tell(review->context, &finding);
    }
    finding.words.used = 0;
    if (!bytes_equal(from->key, to->key)) {
        finding.kind = REVIEW_LOOSER;
        words_add(&finding.words, "the policy is for another key: \"%.*s\", before \"%.*s\"",
                  (int)to->key.size, (const char *)to->key.data, (int)from->key.size,
                  (const char *)from->key.data);
        review->tell(review->context, &finding);
    }
}

enum status review_change(const struct policy *from, const struct policy *to,
                          const struct review *review) {
    static struct change change;
    memset(&change, 0, sizeof(change));
    TRY(space_lay(&change.space, from, to));
    compare_lines(from, to, change.covered);
    for (bool more = space_first(&change.space); more; more = space_next(&change.space)) {
        look(&change);
    }
    tell_head(from, to, review);
    tell_regions(&change, 0, review);
    tell_regions(&change, 1, review);
    if (limit_looser(from, to) || change.uncounted[0]) {
        tell_looser(review, from, from->limit, to, to->limit);
    }
    for (uint32_t kind = ALARM_SPIKE; kind < ALARM_OF_KEYS; kind++) {
        if (alarm_looser(from, to, kind) || change.uncounted[kind]) {
            tell_looser(review, from, form_alarm(from, kind), to, form_alarm(to, kind));
        }
    }
    return STATUS_OK;
}
