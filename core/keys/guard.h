/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are bound to a policy: what the module remembers of each, and the counter that never
 * goes back. A counter is reserved ahead: the store says up to where statements may have left, and
 * after a restart it goes on behind that. */
#ifndef CORE_KEYS_GUARD_H
#define CORE_KEYS_GUARD_H

#include "core/keys/objects.h"
#include "policy/watch.h"

struct guard {
    uint64_t serial;   /* of the key; 0: free */
    uint64_t reserved; /* the counter may go up to here without another write */
    uint32_t object;   /* the key's place in the index */
    uint32_t marks;    /* flags of the state as they are stored: suspensions, silence */
    uint32_t idle_s;   /* silence that its policy calls long; 0: none */
    struct policy_state state;
    struct policy_steps steps;
};

struct guards {
    uint32_t exchanges; /* goes up when a key gets another policy: what was read of it is old */
    uint64_t exchanged; /* serial of the newest such key: it was not silent since the start */
    struct guard list[GUARDS_MAX];
};

/* A key's policy, as a decision needs it. */
struct guard_policy {
    struct policy policy;
    uint8_t form[POLICY_SIZE_MAX]; /* its texts lie here */
    uint8_t hash[32];              /* SHA-256 of the form */
};

/* Whether a key with these facts may be made with this policy: one that signs, in the token, that
 * nobody can take out; and a form that form_read takes. `room` is scratch. POLICY_INVALID,
 * TEMPLATE_INCONSISTENT; *why: which rule. */
enum status guards_check(const struct facts *facts, struct bytes form, struct policy *room,
                         const char **why) MUST_USE;

/* Reads the policy of the key at a place. `room`: OBJECT_SIZE_MAX bytes of scratch, wiped again.
 * The statuses of objects_load; POLICY_INVALID. */
enum status guards_read(struct objects *objects, uint32_t index, struct span room,
                        struct guard_policy *bound) MUST_USE;

/* Finds what is remembered of the key at a place, or starts it. MEMORY: too many such keys are in
 * use; the statuses of store_get. */
enum status guards_find(struct guards *guards, struct objects *objects, uint32_t index,
                        const struct policy *policy, struct guard **guard) MUST_USE;

/* Makes the change that a decision asks for, once the store says that the counter may have come so
 * far; *wrote: it was written now, and must be durable before the statement leaves. On failure
 * nothing changed: the statuses of store_put. */
enum status guards_commit(struct guard *guard, struct store *store, const struct policy *policy,
                          const struct policy_answer *answer, bool *wrote) MUST_USE;

/* Stores what an alarm changed: suspensions and a long silence hold over a restart. *wrote: there
 * was something to write, to be durable before the next reply leaves. The statuses of store_put. */
enum status guards_keep(struct guard *guard, struct store *store, bool *wrote) MUST_USE;
/* Whether an alarm suspended the key with this serial. The statuses of store_get. */
enum status guards_suspended(const struct guards *guards, struct store *store, uint64_t serial,
                             bool *suspended) MUST_USE;
/* Ends that, durably after the body's sync. The statuses of store_put. */
enum status guards_resume(struct guards *guards, struct store *store, uint64_t serial) MUST_USE;
/* Kinds of alarms that are on for any key that is remembered: 1 << enum alarm_kind. */
uint32_t guards_alarms(const struct guards *guards) MUST_USE;

/* About once a second: notices silences that got long, and writes what could not be written. *wrote
 * as above. The statuses of store_put. */
enum status guards_tick(struct guards *guards, struct objects *objects, uint64_t uptime_ms,
                        bool *wrote) MUST_USE;
/* At an orderly end: writes the exact counters, so that nothing is skipped. */
enum status guards_stop(struct guards *guards, struct objects *objects) MUST_USE;

/* Before the policy of a key is exchanged: stores exactly what is remembered of it, as it is and
 * not ahead. The statuses of store_put. */
enum status guards_settle(struct guards *guards, struct store *store, uint64_t serial) MUST_USE;
/* After that: the next use begins with what is stored, under the new policy, as after a restart. */
void guards_exchanged(struct guards *guards, uint64_t serial);

/* Removes from the store what is kept of keys that are gone; after objects_mount. `room` as above.
 */
enum status guards_mount(struct store *store, struct span room) MUST_USE;

#endif
