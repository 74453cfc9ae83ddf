/* SPDX-License-Identifier: Apache-2.0 */
/* The usages of all keys with limits, and their records in the store. */
#include "core/keys/usages.h"

#include "port/port.h"

/* Stored form: marks of uses and seconds, where the lease began on both, sequence u64 each; grant
 * of uses, of seconds, flags u32 each. */
enum { STORED_SIZE = 52, STORED_SUSPENDED = 1, SWEEP_BATCH = 64 };

static void write_stored(uint8_t out[STORED_SIZE], const struct usage *usage) {
    save_u64(out, usage->used_mark);
    save_u64(out + 8, usage->seconds_mark);
    save_u64(out + 16, usage->lease_used);
    save_u64(out + 24, usage->lease_second);
    save_u64(out + 32, usage->sequence);
    save_u32(out + 40, usage->lease_uses);
    save_u32(out + 44, usage->lease_seconds);
    save_u32(out + 48, usage->suspended ? STORED_SUSPENDED : 0);
}

static void read_stored(struct usage *usage, const uint8_t in[STORED_SIZE]) {
    *usage = (struct usage){.used_mark = load_u64(in),
                            .seconds_mark = load_u64(in + 8),
                            .lease_used = load_u64(in + 16),
                            .lease_second = load_u64(in + 24),
                            .sequence = load_u64(in + 32),
                            .lease_uses = load_u32(in + 40),
                            .lease_seconds = load_u32(in + 44),
                            .suspended = (load_u32(in + 48) & STORED_SUSPENDED) != 0};
}

/* ---- how a usage begins ---- */

enum status usages_begin(const struct usages *usages, struct bytes attributes, uint64_t serial,
                         bool stored, struct usage *usage) {
    struct limits limits;
    const char *why = NULL;
    *usage = (struct usage){.serial = 0};
    TRY(limits_read(attributes, &limits, &why));
    if (!limits_any(&limits)) {
        return STATUS_OK;
    }
    if (usages->count == LIMITED_KEYS_MAX) {
        return STATUS_LIMITED_COUNT;
    }
    usage_begin(usage, &limits, port_uptime_ms());
    usage->serial = serial;
    usage->stored = stored && limits_counted(&limits);
    return STATUS_OK;
}

enum status usages_mount(const struct usages *usages, struct store *store, struct bytes attributes,
                         uint64_t serial, struct usage *usage) {
    struct limits limits;
    uint8_t raw[STORED_SIZE] = {0};
    struct span out = {raw, sizeof(raw)};
    const char *why = NULL;
    TRY(usages_begin(usages, attributes, serial, true, usage));
    if (usage->serial == 0) {
        return STATUS_OK;
    }
    bool stored = usage->stored;
    enum status status =
        stored ? store_get(store, record_id(RECORD_USAGE, serial), &out) : STATUS_OK;
    if (status == STATUS_NOT_FOUND || out.size != sizeof(raw)) {
        return STATUS_STORE_DAMAGED;
    }
    TRY(status);
    TRY(limits_read(attributes, &limits, &why));
    read_stored(usage, raw);
    usage_resume(usage, &limits, port_uptime_ms());
    usage->serial = serial;
    usage->stored = stored;
    return STATUS_OK;
}

enum status usages_tighten(const struct usages *usages, uint32_t place, struct bytes attributes,
                           bool stored, struct usage *usage) {
    struct limits limits;
    const char *why = NULL;
    TRY(limits_read(attributes, &limits, &why));
    *usage = usages->list[place - 1];
    usage_tighten(usage, &limits, port_uptime_ms());
    usage->stored = stored && limits_counted(&limits);
    return STATUS_OK;
}

/* ---- records ---- */

enum status usages_put(struct store *store, const struct usage *usage, enum store_end end) {
    uint8_t raw[STORED_SIZE];
    if (usage->serial == 0 || !usage->stored) {
        return STATUS_OK;
    }
    write_stored(raw, usage);
    return store_put(store, record_id(RECORD_USAGE, usage->serial), bytes_of(raw, sizeof(raw)),
                     end);
}

enum status usages_remove(struct store *store, const struct usage *usage, enum store_end end) {
    if (usage == NULL || !usage->stored) {
        return STATUS_OK;
    }
    return store_remove(store, record_id(RECORD_USAGE, usage->serial), end);
}

/* ---- the table ---- */

uint32_t usages_keep(struct usages *usages, uint32_t place, const struct usage *usage) {
    if (usage->serial == 0) {
        return 0;
    }
    for (uint32_t i = 0; place == 0 && i < LIMITED_KEYS_MAX; i++) {
        if (usages->list[i].serial == 0) {
            place = i + 1;
            usages->count++;
        }
    }
    usages->list[place - 1] = *usage;
    return place;
}

void usages_drop(struct usages *usages, uint32_t place) {
    if (place != 0) {
        usages->list[place - 1] = (struct usage){.serial = 0};
        usages->count--;
    }
}

struct usage *usages_at(struct usages *usages, uint32_t place, uint64_t serial) {
    if (place == 0 || place > LIMITED_KEYS_MAX || usages->list[place - 1].serial != serial) {
        return NULL;
    }
    return &usages->list[place - 1];
}

/* ---- counting ---- */

/* The mark is durable before anything above it is counted. */
static enum status cover(struct store *store, struct usage *usage, uint32_t more,
                         uint64_t uptime_ms) {
    struct usage next;
    if (!usage->stored || usage_covered(usage, more, uptime_ms, &next)) {
        return STATUS_OK;
    }
    TRY(usages_put(store, &next, STORE_BOUND));
    *usage = next;
    return STATUS_OK;
}

enum status usages_take(struct store *store, struct usage *usage, const struct usage_moment *moment,
                        const char **why) {
    struct usage_answer answer;
    usage_decide(usage, moment, &answer);
    if (!usage_allows(&answer)) {
        *why = answer.why;
        return answer.status != STATUS_OK ? answer.status : STATUS_INTERNAL;
    }
    TRY(cover(store, usage, 1, moment->uptime_ms));
    usage_count(usage, moment);
    return STATUS_OK;
}

enum status usages_tick(struct usages *usages, struct store *store, uint64_t uptime_ms) {
    for (uint32_t i = 0, seen = 0; i < LIMITED_KEYS_MAX && seen < usages->count; i++) {
        struct usage *usage = &usages->list[i];
        struct usage_left left;
        seen += usage->serial != 0 ? 1 : 0;
        if (usage->serial == 0 || !usage->stored || usage->limits.lease_seconds == 0) {
            continue;
        }
        usage_left(usage, uptime_ms, &left);
        if (left.lease_seconds > 0) {
            TRY(cover(store, usage, 0, uptime_ms));
        }
    }
    return STATUS_OK;
}

enum status usages_stop(struct usages *usages, struct store *store, uint64_t uptime_ms) {
    for (uint32_t i = 0; i < LIMITED_KEYS_MAX; i++) {
        struct usage *usage = &usages->list[i];
        if (usage->serial == 0 || !usage->stored) {
            continue;
        }
        uint64_t seconds = usage->limits.lease_seconds != 0 ? usage_seconds(usage, uptime_ms)
                                                            : usage->seconds_mark;
        if (usage->used == usage->used_mark && seconds == usage->seconds_mark) {
            continue;
        }
        usage->used_mark = usage->used;
        usage->seconds_mark = seconds;
        TRY(usages_put(store, usage, STORE_LAST));
    }
    return STATUS_OK;
}

/* ---- sweeping ---- */

static bool is_known(const struct usages *usages, uint64_t serial) {
    for (uint32_t i = 0; i < LIMITED_KEYS_MAX; i++) {
        if (usages->list[i].serial == serial) {
            return true;
        }
    }
    return false;
}

enum status usages_sweep(const struct usages *usages, struct store *store) {
    uint64_t ids[SWEEP_BATCH];
    size_t found = SWEEP_BATCH;
    while (found == SWEEP_BATCH) {
        uint32_t cursor = 0;
        uint64_t id = 0;
        found = 0;
        while (found < SWEEP_BATCH && store_next(store, RECORD_USAGE, &cursor, &id) == STATUS_OK) {
            if (!is_known(usages, record_number_of(id))) {
                ids[found++] = id;
            }
        }
        for (size_t i = 0; i < found; i++) {
            TRY(store_remove(store, ids[i], STORE_LAST));
        }
    }
    return STATUS_OK;
}
