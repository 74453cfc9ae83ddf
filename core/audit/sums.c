/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums. */
#include "core/audit/sums.h"

#include "core/store/store.h"

/* Places that a use may have: few enough to look at all of them. */
enum { WAYS = AUDIT_SUMS_MAX < 4 ? AUDIT_SUMS_MAX : 4 };

bool sums_fits(const struct audit_sum *sum, const struct audit_record *use) {
    return sum->object == use->object && sum->session == use->session && sum->event == use->event &&
           sum->rule == use->rule && sum->role == use->role && sum->has_uid == use->has_uid &&
           sum->uid == use->uid;
}

struct audit_sum *sums_place(struct audit *audit, const struct audit_record *use) {
    uint32_t start = (uint32_t)(use->object ^ use->session ^ use->event) % AUDIT_SUMS_MAX;
    struct audit_sum *place = NULL;
    for (uint32_t i = 0; i < WAYS; i++) {
        struct audit_sum *sum = &audit->sums[(start + i) % AUDIT_SUMS_MAX];
        if (sums_fits(sum, use)) {
            return sum;
        }
        bool better = place == NULL ||
                      (place->count != 0 && (sum->count == 0 || sum->since_ms < place->since_ms));
        place = better ? sum : place;
    }
    return place;
}

static void start_sum(struct audit_sum *sum, const struct audit_record *use) {
    uint64_t number = sums_fits(sum, use) ? sum->last : 0;
    *sum = (struct audit_sum){.session = use->session,
                              .object = use->object,
                              .rule = use->rule,
                              .last = number,
                              .since_ms = port_uptime_ms(),
                              .event = use->event,
                              .uid = use->uid,
                              .role = use->role,
                              .has_uid = use->has_uid};
}

/* Statements have numbers of their own, and two at once may come in the other order; other uses are
 * counted here. */
void sums_add(struct audit_sum *sum, const struct audit_record *use) {
    if (sum->count == 0) {
        start_sum(sum, use);
    }
    uint64_t number = use->counter != 0 ? use->counter : sum->last + 1;
    bool first = sum->count == 0;
    sum->first = first || number < sum->first ? number : sum->first;
    sum->last = first || number > sum->last ? number : sum->last;
    sum->hash_size =
        (uint8_t)(use->payload_hash.size <= sizeof(sum->hash) ? use->payload_hash.size : 0);
    bytes_copy(sum->hash, bytes_of(use->payload_hash.data, sum->hash_size));
    sum->count++;
}

void sums_record(const struct audit_sum *sum, struct audit_record *record) {
    *record = (struct audit_record){.event = sum->event,
                                    .session = sum->session,
                                    .object = sum->object,
                                    .status = STATUS_OK,
                                    .has_uid = sum->has_uid,
                                    .uid = sum->uid,
                                    .role = sum->role,
                                    .rule = sum->rule,
                                    .payload_hash = bytes_of(sum->hash, sum->hash_size),
                                    .class = AUDIT_ROUTINE,
                                    .held = true,
                                    .count = sum->count,
                                    .first = sum->first,
                                    .last = sum->last,
                                    .since_ms = sum->since_ms};
}

/* ---- the mark ---- */

static uint64_t mark_id(void) {
    return record_id(RECORD_LOG, 2);
}

enum status sums_mark(struct audit *audit, uint32_t each, bool *wrote) {
    uint8_t raw[4];
    *wrote = each > audit->marked;
    if (!*wrote) {
        return STATUS_OK;
    }
    save_u32(raw, each);
    TRY(store_put(audit->store, mark_id(), bytes_of(raw, sizeof(raw)), STORE_LAST));
    audit->marked = each;
    return STATUS_OK;
}

enum status sums_marked(struct audit *audit, uint32_t *each) {
    uint8_t raw[4] = {0};
    struct span room = {raw, sizeof(raw)};
    enum status status = store_get(audit->store, mark_id(), &room);
    if (status != STATUS_NOT_FOUND) {
        TRY(status);
    }
    *each = audit->marked = load_u32(raw);
    return STATUS_OK;
}

enum status sums_unmark(struct audit *audit) {
    if (audit->marked != 0) {
        TRY(store_remove(audit->store, mark_id(), STORE_LAST));
        audit->marked = 0;
    }
    return STATUS_OK;
}
