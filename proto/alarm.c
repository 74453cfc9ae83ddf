/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms in words and as rows. */
#include "proto/alarm.h"

_Static_assert(sizeof(struct alarm) == 64, "the ring of alarms is small");

const char *alarm_name(uint32_t kind) {
    static const char names[ALARM_KINDS][9] = {"other",    "spike", "idle", "refusals",
                                               "hours",    "gap",   "newcomer", "login",
                                               "door",     "approval", "log"};
    return names[kind < ALARM_KINDS ? kind : 0];
}

void alarm_set_label(struct alarm *alarm, struct bytes label) {
    while (label.size > 0 && label.data[label.size - 1] == ' ') {
        label.size--;
    }
    if (label.size > ALARM_LABEL_MAX) {
        label.size = ALARM_LABEL_MAX;
    }
    alarm->label_size = (uint8_t)label.size;
    bytes_copy(alarm->label, label);
}

/* ---- words ---- */

/* A number and what follows it. */
static void add_number(struct text *text, uint64_t number, const char *after) {
    text_add_number(text, number);
    text_add(text, after);
}

/* In the largest unit of which it has two, or that fits. */
static void add_duration(struct text *text, uint32_t seconds) {
    static const struct {
        uint32_t seconds;
        const char *unit;
    } units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    size_t i = 0;
    while (i + 1 < COUNT(units) && seconds % units[i].seconds != 0 &&
           seconds < 2 * units[i].seconds) {
        i++;
    }
    while (i + 1 < COUNT(units) && seconds < units[i].seconds) {
        i++;
    }
    add_number(text, seconds / units[i].seconds, units[i].unit);
}

static void add_clock(struct text *text, uint32_t minute) {
    const uint8_t clock[] = {(uint8_t)('0' + minute / 600 % 10), (uint8_t)('0' + minute / 60 % 10),
                             ':', (uint8_t)('0' + minute / 10 % 6), (uint8_t)('0' + minute % 10)};
    text_add_bytes(text, bytes_of(clock, sizeof(clock)));
}

static void add_of_key(const struct alarm *alarm, struct text *text) {
    switch (alarm->kind) {
    case ALARM_SPIKE:
        add_number(text, alarm->count, " signatures in ");
        add_duration(text, alarm->period_s);
        text_add(text, ", usual ");
        text_add_number(text, alarm->usual);
        return;
    case ALARM_IDLE:
        text_add(text, alarm->count != 0 ? "used after " : "used after more than ");
        add_duration(text, alarm->count != 0 ? alarm->count : alarm->usual);
        text_add(text, " of silence");
        return;
    case ALARM_REFUSALS:
        add_number(text, alarm->count, " messages refused within ");
        add_duration(text, alarm->period_s);
        return;
    case ALARM_HOURS:
        if (alarm->count == ALARM_TIME_UNKNOWN) {
            text_add(text, "used at a time that nobody vouches for");
        } else {
            text_add(text, "used at ");
            add_clock(text, alarm->count);
        }
        text_add(text, ", usual ");
        add_clock(text, alarm->usual >> 16);
        text_add(text, "..");
        add_clock(text, alarm->usual & 0xffff);
        return;
    case ALARM_GAP:
        text_add(text, "up to ");
        add_number(text, alarm->count, " numbers of its counter skipped over a restart");
        return;
    default:
        text_add(text, "first use by user ");
        text_add_number(text, alarm->uid);
    }
}

static void add_of_module(const struct alarm *alarm, struct text *text) {
    static const char *const what[] = {" wrong PINs", " processes turned away at the door",
                                       " approvals refused"};
    if (alarm->kind == ALARM_LOG) {
        text_add(text, "the log is full: export it, and release what is kept elsewhere");
        return;
    }
    add_number(text, alarm->count, what[alarm->kind - ALARM_LOGIN]);
    if (alarm->period_s != 0) {
        text_add(text, " within ");
        add_duration(text, alarm->period_s);
        text_add(text, ", the last by user ");
        text_add_number(text, alarm->uid);
    } else {
        text_add(text, alarm->usual != 0 ? " in a row, " : " in a row: the PIN is locked");
        if (alarm->usual != 0) {
            add_number(text, alarm->usual, " tries left");
        }
    }
}

void alarm_words(const struct alarm *alarm, struct text *text) {
    if (alarm->kind == 0 || alarm->kind >= ALARM_KINDS) {
        text_add(text, "alarm of kind ");
        text_add_number(text, alarm->kind);
        return;
    }
    if (alarm->kind != ALARM_DOOR && alarm->kind != ALARM_LOG) {
        text_add(text, alarm->kind < ALARM_OF_KEYS ? "key " : "token ");
        text_add_bytes(text, bytes_of(alarm->label, alarm->label_size));
        text_add(text, ": ");
    }
    if (alarm->kind < ALARM_OF_KEYS) {
        add_of_key(alarm, text);
    } else {
        add_of_module(alarm, text);
    }
}

/* ---- rows ---- */

enum status alarm_write(const struct alarm *alarm, struct span to, size_t *used) {
    const uint32_t what = alarm->kind | (uint32_t)alarm->slot << 8 | (uint32_t)alarm->actions << 16;
    const uint32_t numbers[] = {alarm->number, alarm->time,     alarm->uid, alarm->count,
                                alarm->usual,  alarm->period_s, what,       alarm->label_size};
    if (to.size - *used < ALARM_ROW_SIZE + (size_t)alarm->label_size) {
        return STATUS_TOO_LARGE;
    }
    uint8_t *at = to.data + *used;
    save_u64(at, alarm->uptime_ms);
    save_u64(at + 8, alarm->object);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        save_u32(at + 16 + 4 * i, numbers[i]);
    }
    bytes_copy(at + ALARM_ROW_SIZE, bytes_of(alarm->label, alarm->label_size));
    *used += ALARM_ROW_SIZE + (size_t)alarm->label_size;
    return STATUS_OK;
}

enum status alarm_read(struct bytes *rows, struct alarm *alarm) {
    const uint8_t *at = rows->data;
    if (rows->size < ALARM_ROW_SIZE) {
        return STATUS_DATA_INVALID;
    }
    uint32_t size = load_u32(at + ALARM_ROW_SIZE - 4);
    if (size > ALARM_LABEL_MAX || size > rows->size - ALARM_ROW_SIZE) {
        return STATUS_DATA_INVALID;
    }
    *alarm = (struct alarm){.uptime_ms = load_u64(at),
                            .object = load_u64(at + 8),
                            .number = load_u32(at + 16),
                            .time = load_u32(at + 20),
                            .uid = load_u32(at + 24),
                            .count = load_u32(at + 28),
                            .usual = load_u32(at + 32),
                            .period_s = load_u32(at + 36),
                            .kind = at[40],
                            .slot = at[41],
                            .actions = at[42],
                            .label_size = (uint8_t)size};
    bytes_copy(alarm->label, bytes_of(at + ALARM_ROW_SIZE, size));
    rows->data += ALARM_ROW_SIZE + size;
    rows->size -= ALARM_ROW_SIZE + size;
    return STATUS_OK;
}
