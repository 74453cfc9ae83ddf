/* SPDX-License-Identifier: Apache-2.0 */
/* All messages that one or two policies can tell apart, as a grid: each thing that a condition
 * looks at is an axis, cut where any condition changes its mind. What holds in every cell of the
 * grid holds for every message. */
#ifndef HOST_CLI_POLICY_SPACE_H
#define HOST_CLI_POLICY_SPACE_H

#include "host/cli/policy_words.h"

enum { SPACE_AXES_MAX = 40, SPACE_CELLS_MAX = 64, SPACE_SIZE_MAX = 4000000 };

/* What an axis is about. */
enum space_kind {
    SPACE_FIELD,      /* a field: its number, its size, or which text */
    SPACE_DIFFERENCE, /* of two fields */
    SPACE_STEP,       /* of a field */
    SPACE_HOURS,      /* minute of the day */
};

struct space_axis {
    enum space_kind kind;
    struct bytes name, other; /* of fields: two policies may number them differently */
    uint32_t field_kind;      /* FIELD: enum policy_kind */
    int64_t from;             /* STEP */
    bool from_any;
    /* cells: numbers from low to high, or texts; the last one is "absent" or "not known" */
    struct bytes symbols[SPACE_CELLS_MAX];
    int64_t low[SPACE_CELLS_MAX], high[SPACE_CELLS_MAX];
    uint32_t count;
};

struct space {
    const struct policy *policies[2]; /* the second may be NULL */
    struct space_axis axes[SPACE_AXES_MAX];
    uint32_t count;
    uint64_t size; /* cells of the grid */
    /* where the clauses and fields of each policy are */
    uint8_t clause_axis[2][POLICY_CLAUSES_MAX];
    uint8_t field_axis[2][POLICY_FIELDS_MAX];
    uint8_t at[SPACE_AXES_MAX];    /* the cell looked at: one cell of each axis */
    uint64_t full[SPACE_AXES_MAX]; /* cells that were noted */
};

/* What a policy says in the cell looked at. */
struct space_answer {
    bool shape;      /* its message can look so */
    uint32_t about;  /* bit set of lines whose conditions hold, exceptions aside */
    uint32_t allows; /* bit set of allow lines that do */
    uint32_t denies; /* bit set of deny lines that do */
    uint32_t vague;  /* bit set of deny lines that do because a field is absent */
    uint32_t counts; /* bit set of limit and spike lines that count it */
};

/* Lays the grid for one policy, or two. STATUS_TOO_LARGE: it would have too many cells. */
enum status space_lay(struct space *space, const struct policy *one,
                      const struct policy *two) MUST_USE;
/* Goes to the first cell, and to the next; false after the last one. Cells that no message can be
 * in are passed over. */
bool space_first(struct space *space) MUST_USE;
bool space_next(struct space *space) MUST_USE;
/* What one of the policies (0 or 1) says there. */
void space_ask(const struct space *space, uint32_t which, struct space_answer *answer);

/* Notes that the cell looked at is one of messages that matter: words say nothing of an axis where
 * all that was noted is meant. */
void space_note(struct space *space);

/* Some cells: for each axis a set of its cells. */
struct space_region {
    uint64_t cells[SPACE_AXES_MAX];
};
/* Adds the cell looked at to regions, which grow as long as they stay boxes; false when there is no
 * room (`max` regions). */
bool space_collect(const struct space *space, struct space_region *regions, uint32_t *count,
                   uint32_t max) MUST_USE;
/* Joins regions that make one box together; fills the new *count. */
void space_join(const struct space *space, struct space_region *regions, uint32_t *count);
/* A region in words. */
void space_words(const struct space *space, const struct space_region *region, struct words *words);

#endif
