/* SPDX-License-Identifier: Apache-2.0 */
/* The grid of messages: some of its cells together, in words. */
#include "host/cli/policy_space.h"

/* Whether two regions differ in one axis only; fills it. */
static bool joinable(const struct space *space, const struct space_region *a,
                     const struct space_region *b, uint32_t *axis) {
    uint32_t different = 0;
    for (uint32_t i = 0; i < space->count && different < 2; i++) {
        if (a->cells[i] != b->cells[i]) {
            *axis = i;
            different++;
        }
    }
    return different == 1;
}

void space_note(struct space *space) {
    for (uint32_t i = 0; i < space->count; i++) {
        space->full[i] |= 1ull << space->at[i];
    }
}

bool space_collect(const struct space *space, struct space_region *regions, uint32_t *count,
                   uint32_t max) {
    struct space_region region = {{0}};
    uint32_t axis = 0;
    for (uint32_t i = 0; i < space->count; i++) {
        region.cells[i] = 1ull << space->at[i];
    }
    /* cells come in the order of the last axis: most join the region before */
    if (*count > 0 && joinable(space, &regions[*count - 1], &region, &axis)) {
        regions[*count - 1].cells[axis] |= region.cells[axis];
        return true;
    }
    if (*count == max) {
        return false;
    }
    regions[(*count)++] = region;
    return true;
}

void space_join(const struct space *space, struct space_region *regions, uint32_t *count) {
    bool again = true;
    while (again) {
        again = false;
        for (uint32_t a = 0; a < *count; a++) {
            for (uint32_t b = a + 1; b < *count; b++) {
                uint32_t axis = 0;
                if (joinable(space, &regions[a], &regions[b], &axis)) {
                    regions[a].cells[axis] |= regions[b].cells[axis];
                    regions[b--] = regions[--*count];
                    again = true;
                }
            }
        }
    }
}

static void add_symbols(struct words *words, const struct space_axis *axis, uint64_t cells) {
    uint32_t count = (uint32_t)__builtin_popcountll(cells);
    words_add(words, count == 1 ? " is" : " is one of");
    for (uint32_t i = 0; i < axis->count; i++) {
        if ((cells >> i & 1) != 0) {
            words_add(words, " \"%.*s\"", (int)axis->symbols[i].size,
                      (const char *)axis->symbols[i].data);
        }
    }
}

static void add_range(struct words *words, const struct space_axis *axis, int64_t low,
                      int64_t high) {
    if (axis->kind == SPACE_HOURS) {
        words_add(words, "in ");
        words_hours(words, low, high + 1);
    } else if (axis->kind == SPACE_FIELD && axis->field_kind == POLICY_BOOL) {
        words_add(words, "is %s", low < high ? "true or false" : low == 1 ? "true" : "false");
    } else if (axis->kind == SPACE_FIELD && axis->field_kind == POLICY_MAP) {
        words_add(words, "present");
    } else if (axis->kind == SPACE_STEP && low == 0) {
        words_range(words, INT64_MIN, high);
    } else {
        words_range(words, low, high);
    }
}

/* Cells that lie side by side are one range. */
static void add_ranges(struct words *words, const struct space_axis *axis, uint64_t cells) {
    const char *between = " ";
    for (uint32_t i = 0; i + 1 < axis->count; i++) {
        if ((cells >> i & 1) == 0) {
            continue;
        }
        uint32_t last = i;
        while (last + 2 < axis->count && (cells >> (last + 1) & 1) != 0) {
            last++;
        }
        words_add(words, "%s", between);
        add_range(words, axis, axis->low[i], axis->high[last]);
        between = " or ";
        i = last;
    }
}

static void add_name(struct words *words, const struct space_axis *axis) {
    if (axis->kind == SPACE_HOURS) {
        words_add(words, "hours");
        return;
    }
    words_add(words, "%s%.*s", axis->kind == SPACE_STEP ? "step(" : "", (int)axis->name.size,
              (const char *)axis->name.data);
    if (axis->kind == SPACE_DIFFERENCE) {
        words_add(words, " - %.*s", (int)axis->other.size, (const char *)axis->other.data);
    } else if (axis->kind == SPACE_STEP) {
        words_add(words, "%s%.*s)", axis->other.size > 0 ? " by " : "", (int)axis->other.size,
                  (const char *)axis->other.data);
    } else if (axis->field_kind == POLICY_BYTES || axis->field_kind == POLICY_TEXT) {
        words_add(words, "'s size");
    }
}

void space_words(const struct space *space, const struct space_region *region,
                 struct words *words) {
    const char *between = "";
    for (uint32_t i = 0; i < space->count; i++) {
        const struct space_axis *axis = &space->axes[i];
        uint64_t cells = region->cells[i], last = 1ull << (axis->count - 1);
        bool absent = (cells & last) != 0, more = (cells & ~last) != 0;
        bool all = (space->full[i] & ~cells) == 0;
        /* that something is not known goes without saying where nothing else is said */
        if (all || (!more && axis->kind != SPACE_FIELD && axis->kind != SPACE_HOURS)) {
            continue;
        }
        words_add(words, "%s", between);
        between = " and ";
        add_name(words, axis);
        if (more && axis->kind == SPACE_FIELD && axis->field_kind == POLICY_SYMBOL) {
            add_symbols(words, axis, cells & ~last);
        } else if (more) {
            add_ranges(words, axis, cells & ~last);
        }
        if (absent) {
            words_add(words, "%s%s", more ? " or " : " ",
                      axis->kind == SPACE_FIELD   ? "absent"
                      : axis->kind == SPACE_HOURS ? "without trusted time"
                                                  : "not known");
        }
    }
    if (between[0] == 0) {
        words_add(words, "any message");
    }
}
