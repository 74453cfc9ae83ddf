/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are bound to a policy. */
#include "core/keys/guard.h"

#include "base/wipe.h"
#include "crypto/crypto.h"
#include "port/port.h"

enum { KEPT_SIZE = 12, RESERVE_MAX = 256 };

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

/* A place for one more; those of keys that are gone are free. */
static struct guard *free_place(struct guards *guards, struct objects *objects) {
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        struct guard *guard = &guards->list[i];
        const struct object *object =
            guard->serial != 0 ? objects_at(objects, guard->object) : NULL;
        if (object == NULL || object->serial != guard->serial) {
            return guard;
        }
    }
    return NULL;
}

static enum status read_kept(struct store *store, uint64_t serial, struct policy_kept *kept) {
    uint8_t raw[KEPT_SIZE];
    struct span stored = {raw, sizeof(raw)};
    enum status status = store_get(store, record_id(RECORD_GUARD, serial), &stored);
    *kept = (struct policy_kept){0, 0};
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    TRY(status);
    if (stored.size != KEPT_SIZE) {
        return STATUS_STORE_DAMAGED;
    }
    *kept = (struct policy_kept){load_u64(raw), load_u32(raw + 8)};
    return STATUS_OK;
}

enum status guards_find(struct guards *guards, struct objects *objects, uint32_t index,
                        const struct policy *policy, struct guard **found) {
    struct policy_kept kept;
    uint64_t serial = objects->list[index].serial;
    for (uint32_t i = 0; i < GUARDS_MAX; i++) {
        if (guards->list[i].serial == serial) {
            *found = &guards->list[i];
            return STATUS_OK;
        }
    }
    struct guard *guard = free_place(guards, objects);
    if (guard == NULL) {
        return STATUS_MEMORY;
    }
    TRY(read_kept(objects->store, serial, &kept));
    *guard = (struct guard){.serial = serial, .reserved = kept.counter, .object = index};
    state_start(&guard->state, &guard->steps, policy, &kept, port_uptime_ms());
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
        uint8_t raw[KEPT_SIZE];
        uint64_t reserved =
            next->counter > UINT64_MAX - ahead ? UINT64_MAX : next->counter + ahead - 1;
        save_u64(raw, reserved);
        save_u32(raw + 8, next->limit_used + ahead - 1);
        TRY(store_put(store, record_id(RECORD_GUARD, guard->serial), bytes_of(raw, sizeof(raw)),
                      STORE_BOUND));
        guard->reserved = reserved;
        *wrote = true;
    }
    policy_commit(answer, &guard->state, &guard->steps);
    return STATUS_OK;
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
