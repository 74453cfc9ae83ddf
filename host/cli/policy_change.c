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
    bool uncounted[2]; /* a limit or a spike line counted it, and does not any more */
};

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
    const uint8_t olds[] = {from->limit, from->spike}, news[] = {to->limit, to->spike};
    for (uint32_t i = 0; i < 2 && old_lines != 0; i++) {
        bool counted = olds[i] != POLICY_NONE && (before.counts >> olds[i] & 1) != 0;
        bool counts = news[i] != POLICY_NONE && (after.counts >> news[i] & 1) != 0;
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

static bool spike_looser(const struct policy *from, const struct policy *to) {
    if (from->spike == POLICY_NONE) {
        return false;
    }
    if (to->spike == POLICY_NONE) {
        return true;
    }
    const struct policy_rule *before = &from->rules[from->spike], *after = &to->rules[to->spike];
    return !rate_within(&after->rate, &before->rate) || after->factor > before->factor ||
           (before->actions & ~after->actions) != 0 ||
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
    if (spike_looser(from, to) || change.uncounted[1]) {
        tell_looser(review, from, from->spike, to, to->spike);
    }
    return STATUS_OK;
}
