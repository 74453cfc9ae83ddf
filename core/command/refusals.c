/* SPDX-License-Identifier: Apache-2.0 */
/* The newest refused commands. */
#include "core/command/refusals.h"

enum { ENTRY_HEADER = 36 };

void refusals_add(struct refusals *refusals, const struct refusal *refusal) {
    refusals->list[refusals->count % REFUSALS_MAX] = *refusal;
    refusals->count++;
}

static void write_entry(uint8_t *at, const struct refusal *refusal, struct bytes why) {
    save_u64(at, refusal->time);
    save_u32(at + 8, refusal->command);
    save_u32(at + 12, refusal->status);
    save_u32(at + 16, refusal->uid);
    save_u32(at + 20, refusal->pid);
    save_u64(at + 24, refusal->object);
    save_u32(at + 32, (uint32_t)why.size);
    bytes_copy(at + ENTRY_HEADER, why);
}

void refusals_write(const struct refusals *refusals, uint32_t uid, struct span to, size_t *used) {
    uint32_t kept = refusals->count < REFUSALS_MAX ? refusals->count : REFUSALS_MAX;
    *used = 0;
    for (uint32_t i = 1; i <= kept; i++) {
        const struct refusal *refusal = &refusals->list[(refusals->count - i) % REFUSALS_MAX];
        struct bytes why = refusal->why != NULL ? bytes_of_text(refusal->why) : bytes_of("", 0);
        if (refusal->uid != uid) {
            continue;
        }
        if (to.size - *used < ENTRY_HEADER + why.size) {
            return;
        }
        write_entry(to.data + *used, refusal, why);
        *used += ENTRY_HEADER + why.size;
    }
}
