/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are bound to a policy. */
#include "core/keys/guard.h"

#include "base/wipe.h"
#include "crypto/crypto.h"
#include "port/port.h"

enum { RESERVE_MAX = 256 };
_Static_assert(RESERVE_MAX <= POLICY_GAP_MAX + 1, "what a restart skips is one byte");

/* A record: the counter that is reserved u64, the quota used u32 up to there, how much of both is
 * ahead u8, suspensions (bit set by kind) u8, a long silence u8, clients u8 and their uids u32
 * each. What was written before there were alarms ends behind the quota. */
enum { KEPT_SIZE = 16 + 4 * CLIENTS_MAX, KEPT_OLD_SIZE = 12 };

struct kept {
    struct policy_kept counts;
    uint32_t flags; /* of a state */
    uint32_t clients[CLIENTS_MAX];
    uint8_t ahead, client_count;
};

/* ---- making ---- */

static bool signs_statements(const struct facts *facts) {
    return facts->class == CLASS_PRIVATE_KEY &&
           (facts->type == KEY_EC || facts->type == KEY_ED25519);
}

enum status guards_check(const struct facts *facts, struct bytes form, struct policy *room,
                         const char **why) {
    const uint32_t others = FACT_USAGE & ~(uint32_t)FACT_SIGN;
    *why = "POLICY: only EC and Ed25519 private keys sign statements";
    if (!signs_statements(facts)) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    *why = "POLICY: the key signs, and does nothing else";
    if (!facts_has(facts, FACT_SIGN) || (facts->bits & (others | FACT_ALLOWED_MECHANISMS)) != 0) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    *why = "POLICY: the key stays in the token and is never taken out";
    if (!facts_has(facts, FACT_TOKEN | FACT_SENSITIVE) || facts_has(facts, FACT_EXTRACTABLE)) {
        return STATUS_TEMPLATE_INCONSISTENT;
    }
    *why = "POLICY";
    if (form_read(form, room) != STATUS_OK) {
        return STATUS_POLICY_INVALID;
    }
    *why = NULL;
    return STATUS_OK;
}

/* ---- finding ---- */

enum status guards_read(struct objects *objects, uint32_t index, struct span room,
                        struct guard_policy *bound) {
    struct bytes form = {NULL, 0};
    struct span attributes = room;
    TRY(objects_load(objects, index, &attributes));
    enum status status = attributes_find(bytes_of_span(attributes), ATTRIBUTE_POLICY, &form);
    bool good = status == STATUS_OK && form.size <= POLICY_SIZE_MAX;
    bytes_copy(bound->form, bytes_of(form.data, good ? form.size : 0));
    wipe(room.data, attributes.size);
    TRY(good ? STATUS_OK : STATUS_POLICY_INVALID);
    const struct bytes copy = bytes_of(bound->form, form.size);
    TRY(form_read(copy, &bound->policy));
    return crypto_hash(HASH_SHA256, &copy, 1, bound->hash);
}

static bool is_alive(const struct guard *guard, struct objects *objects) {
    const struct object *object = guard->serial != 0 ? objects_at(objects, guard->object) : NULL;
    return object != NULL && object->serial == guard->serial;
}

/* A place for one more; those of keys that are gone are free. */
static struct guard *free_place(struct guards *guards, struct objects *objects) {
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        if (!is_alive(&guards->list[i], objects)) {
            return &guards->list[i];
        }
    }
    return NULL;
}

static struct guard *find_place(struct guards *guards, uint64_t serial) {
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        if (guards->list[i].serial == serial) {
            return &guards->list[i];
        }
    }
    return NULL;
}

/* ---- the record ---- */

static enum status read_kept(struct store *store, uint64_t serial, struct kept *kept) {
    uint8_t raw[KEPT_SIZE] = {0};
    struct span stored = {raw, sizeof(raw)};
    enum status status = store_get(store, record_id(RECORD_GUARD, serial), &stored);
    *kept = (struct kept){.ahead = 0};
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    TRY(status);
    if (stored.size != KEPT_SIZE && stored.size != KEPT_OLD_SIZE) {
        return STATUS_STORE_DAMAGED;
    }
    kept->counts = (struct policy_kept){load_u64(raw), load_u32(raw + 8)};
    kept->ahead = raw[12];
    kept->flags = (uint32_t)raw[13] << 8 | (raw[14] != 0 ? (uint32_t)FLAG_SILENT : 0);
    kept->client_count = raw[15];
    for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
        kept->clients[i] = load_u32(raw + 16 + 4 * i);
    }
    return STATUS_OK;
}

static enum status write_kept(struct store *store, uint64_t serial, const struct kept *kept) {
    uint8_t raw[KEPT_SIZE];
    save_u64(raw, kept->counts.counter);
    save_u32(raw + 8, kept->counts.limit_used);
    raw[12] = kept->ahead;
    raw[13] = (uint8_t)((kept->flags & FLAGS_SUSPENDED) >> 8);
    raw[14] = (kept->flags & FLAG_SILENT) != 0;
    raw[15] = kept->client_count;
    for (uint32_t i = 0; i < CLIENTS_MAX; i++) {
        save_u32(raw + 16 + 4 * i, kept->clients[i]);
    }
    return store_put(store, record_id(RECORD_GUARD, serial), bytes_of(raw, sizeof(raw)),
                     STORE_BOUND);
}

/* Writes what is kept of a state, with the counter reserved up to `reserved`. */
static enum status put(struct guard *guard, struct store *store, const struct policy_state *state,
                       uint64_t reserved) {
    const uint32_t marks = state->flags & ((uint32_t)FLAGS_SUSPENDED | FLAG_SILENT);
    const uint64_t ahead = reserved - state->counter;
    struct kept kept = {.counts = {reserved, state->limit_used + (uint32_t)ahead},
                        .flags = marks,
                        .ahead = (uint8_t)(ahead > POLICY_GAP_MAX ? POLICY_GAP_MAX : ahead),
                        .client_count = state->client_count};
    memcpy(kept.clients, state->clients, sizeof(kept.clients));
    TRY(write_kept(store, guard->serial, &kept));
    guard->reserved = reserved;
    guard->marks = marks;
    return STATUS_OK;
}

enum status guards_find(struct guards *guards, struct objects *objects, uint32_t index,
                        const struct policy *policy, struct guard **found) {
    struct kept kept;
    uint64_t serial = objects->list[index].serial;
    struct guard *guard = find_place(guards, serial);
    if (guard == NULL) {
        guard = free_place(guards, objects);
        TRY(guard != NULL ? STATUS_OK : STATUS_MEMORY);
        TRY(read_kept(objects->store, serial, &kept));
        *guard = (struct guard){.serial = serial,
                                .reserved = kept.counts.counter,
                                .object = index,
                                .marks = kept.flags};
        state_start(&guard->state, &guard->steps, policy, &kept.counts, port_uptime_ms());
        state_go_on(&guard->state, kept.flags, kept.client_count, kept.clients);
        guard->state.skipped = kept.ahead;
        guard->state.used_s =
            serial == guards->exchanged ? (uint32_t)(port_uptime_ms() / 1000) : 0;
    }
    uint32_t idle = form_alarm(policy, ALARM_IDLE);
    guard->idle_s = idle == POLICY_NONE ? 0 : (uint32_t)(policy->rules[idle].rate.period_ms / 1000);
    *found = guard;
    return STATUS_OK;
}

/* ---- the counter ---- */

/* How far ahead: a restart gives up so much of the counter, and of the quota. */
static uint32_t reserve_of(const struct policy *policy) {
    if (policy->limit == POLICY_NONE) {
        return RESERVE_MAX;
    }
    uint32_t part = policy->rules[policy->limit].rate.count / 16;
    return part < 1 ? 1 : part > RESERVE_MAX ? RESERVE_MAX : part;
}

enum status guards_commit(struct guard *guard, struct store *store, const struct policy *policy,
                          const struct policy_answer *answer, bool *wrote) {
    const struct policy_state *next = &answer->change.state;
    *wrote = false;
    if (next->counter > guard->reserved) {
        uint32_t ahead = reserve_of(policy);
        uint64_t reserved =
            next->counter > UINT64_MAX - ahead ? UINT64_MAX : next->counter + ahead - 1;
        TRY(put(guard, store, next, reserved));
        *wrote = true;
    }
    policy_commit(answer, &guard->state, &guard->steps);
    return STATUS_OK;
}

/* ---- alarms ---- */

enum status guards_keep(struct guard *guard, struct store *store, bool *wrote) {
    const uint32_t marks = guard->state.flags & ((uint32_t)FLAGS_SUSPENDED | FLAG_SILENT);
    *wrote = false;
    if (marks == guard->marks) {
        return STATUS_OK;
    }
    TRY(put(guard, store, &guard->state, guard->reserved));
    *wrote = true;
    return STATUS_OK;
}

enum status guards_suspended(const struct guards *guards, struct store *store, uint64_t serial,
                             bool *suspended) {
    struct kept kept;
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        if (guards->list[i].serial == serial) {
            *suspended = (guards->list[i].state.flags & FLAGS_SUSPENDED) != 0;
            return STATUS_OK;
        }
    }
    TRY(read_kept(store, serial, &kept));
    *suspended = (kept.flags & FLAGS_SUSPENDED) != 0;
    return STATUS_OK;
}

enum status guards_resume(struct guards *guards, struct store *store, uint64_t serial) {
    struct kept kept;
    struct guard *guard = find_place(guards, serial);
    if (guard != NULL) {
        struct policy_state next = guard->state;
        next.flags &= ~(uint32_t)FLAGS_SUSPENDED;
        TRY(put(guard, store, &next, guard->reserved));
        guard->state = next;
        return STATUS_OK;
    }
    TRY(read_kept(store, serial, &kept));
    kept.flags &= ~(uint32_t)FLAGS_SUSPENDED;
    return write_kept(store, serial, &kept);
}

uint32_t guards_alarms(const struct guards *guards) {
    uint32_t on = 0;
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        on |= guards->list[i].serial != 0 ? guards->list[i].state.flags : 0;
    }
    return on & FLAGS_ON;
}

enum status guards_tick(struct guards *guards, struct objects *objects, uint64_t uptime_ms,
                        bool *wrote) {
    *wrote = false;
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        struct guard *guard = &guards->list[i];
        bool one = false;
        if (is_alive(guard, objects)) {
            watch_silence(&guard->state, guard->idle_s, uptime_ms);
            TRY(guards_keep(guard, objects->store, &one));
        }
        *wrote = *wrote || one;
    }
    return STATUS_OK;
}

enum status guards_stop(struct guards *guards, struct objects *objects) {
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        struct guard *guard = &guards->list[i];
        if (is_alive(guard, objects) && guard->reserved != 0) {
            TRY(put(guard, objects->store, &guard->state, guard->state.counter));
        }
    }
    return STATUS_OK;
}

/* ---- another policy ---- */

enum status guards_settle(struct guards *guards, struct store *store, uint64_t serial) {
    struct guard *guard = find_place(guards, serial);
    return guard == NULL ? STATUS_OK : put(guard, store, &guard->state, guard->state.counter);
}

void guards_exchanged(struct guards *guards, uint64_t serial) {
    struct guard *guard = find_place(guards, serial);
    guards->exchanges++;
    guards->exchanged = serial;
    if (guard != NULL) {
        *guard = (struct guard){.serial = 0};
    }
}

/* ---- keys that are gone ---- */

/* Finds one record whose key is gone; NOT_FOUND: there is none. */
static enum status find_orphan(struct store *store, struct span room, uint64_t *orphan) {
    uint32_t cursor = 0;
    uint64_t id = 0;
    for (;;) {
        TRY(store_next(store, RECORD_GUARD, &cursor, &id));
        struct span object = room;
        enum status status =
            store_get(store, record_id(RECORD_OBJECT, record_number_of(id)), &object);
        wipe(room.data, room.size);
        if (status == STATUS_NOT_FOUND) {
            *orphan = id;
            return STATUS_OK;
        }
        TRY(status);
    }
}

enum status guards_mount(struct store *store, struct span room) {
    uint64_t orphan = 0;
    for (;;) {
        enum status status = find_orphan(store, room, &orphan);
        if (status == STATUS_NOT_FOUND) {
            return STATUS_OK;
        }
        TRY(status);
        TRY(store_remove(store, orphan, STORE_LAST));
    }
}
