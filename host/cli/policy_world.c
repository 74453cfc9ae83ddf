/* SPDX-License-Identifier: Apache-2.0 */
/* What surrounds a message when a policy is tried without a module. */
#include "host/cli/policy_table.h"

#include "policy/watch.h"

#include <stdio.h>
#include <stdlib.h>

/* 2026-11-25, midnight: any day would do */
static const uint64_t DAY = 1795564800;

void policy_world_start(struct policy_world *world, const struct policy *policy) {
    *world = (struct policy_world){.policy = policy};
    const struct policy_kept none = {0, 0};
    state_start(&world->state, &world->steps, policy, &none, 0);
}

void policy_world_wait(struct policy_world *world, uint64_t ms) {
    uint64_t before = world->clock.uptime_ms / 1000;
    world->clock.uptime_ms += ms;
    if (world->clock.time != 0) {
        world->clock.time += world->clock.uptime_ms / 1000 - before;
    }
    for (size_t i = 0; i < world->approval_count; i++) {
        world->approvals[i].age_ms += ms;
    }
}

void policy_world_ask(struct policy_world *world, struct bytes encoding, struct message *message,
                      struct policy_answer *answer, uint32_t *alarms) {
    struct policy_watch watch;
    struct policy_question question = {.policy = world->policy,
                                       .message = message,
                                       .state = &world->state,
                                       .steps = &world->steps,
                                       .clock = world->clock,
                                       .approvals = world->approvals,
                                       .approval_count = world->approval_count,
                                       .client = world->client};
    if (message_read(world->policy, encoding, message) != STATUS_OK &&
        message->fault == MESSAGE_FITS) {
        message->fault = MESSAGE_ENCODING;
    }
    watch_message(&question, &world->state, &watch);
    policy_decide(&question, answer);
    if (!policy_allows(answer)) {
        watch_refusal(&question, answer, &world->state, &watch);
    }
    policy_commit(answer, &world->state, &world->steps);
    *alarms = watch.fresh | (answer->alarm ? FLAG_ON(ALARM_SPIKE) : 0);
}

void policy_world_decide(struct policy_world *world, struct bytes encoding, struct message *message,
                         struct policy_answer *answer) {
    uint32_t alarms = 0;
    policy_world_ask(world, encoding, message, answer, &alarms);
}

/* ---- words of a table ---- */

static enum status set_time(struct policy_world *world, const char *text) {
    unsigned hour = 0, minute = 0;
    char rest = 0;
    if (strcmp(text, "none") == 0) {
        world->clock.time = 0;
        return STATUS_OK;
    }
    if (sscanf(text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || hour > 23 || minute > 59) {
        return STATUS_USAGE;
    }
    world->clock.time = DAY + hour * 3600ull + minute * 60ull;
    return STATUS_OK;
}

static enum status wait_for(struct policy_world *world, const char *text) {
    static const struct {
        const char *unit;
        uint64_t ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *unit = NULL;
    unsigned long long number = strtoull(text, &unit, 10);
    for (size_t i = 0; i < COUNT(units); i++) {
        if (unit != text && text[0] != '-' && strcmp(unit, units[i].unit) == 0 &&
            number <= POLICY_PERIOD_MS_MAX / units[i].ms) {
            policy_world_wait(world, number * units[i].ms);
            return STATUS_OK;
        }
    }
    return STATUS_USAGE;
}

/* One more person, who has these roles: ROLE,ROLE */
static enum status approve(struct policy_world *world, const char *text) {
    struct policy_approval approval = {0, 0};
    while (*text != 0) {
        size_t size = strcspn(text, ",");
        uint32_t role = 0;
        while (role < world->policy->role_count &&
               !bytes_equal(world->policy->roles[role], bytes_of(text, size))) {
            role++;
        }
        if (role == world->policy->role_count) {
            return STATUS_USAGE;
        }
        approval.roles |= 1u << role;
        text += size + (text[size] == ',');
    }
    if (approval.roles == 0 || world->approval_count == TABLE_APPROVALS_MAX) {
        return STATUS_USAGE;
    }
    world->approvals[world->approval_count++] = approval;
    return STATUS_OK;
}

/* Memory is gone; the counter, how much of the quota was used, who used the key and what suspended
 * it are kept, and of the counter so much was skipped. */
static void start_again(struct policy_world *world, uint8_t skipped) {
    const struct policy_state before = world->state;
    const struct policy_kept kept = {before.counter + skipped, before.limit_used};
    world->clock.uptime_ms = 0;
    world->approval_count = 0;
    state_start(&world->state, &world->steps, world->policy, &kept, 0);
    state_go_on(&world->state, before.flags, before.client_count, before.clients);
    world->state.skipped = skipped;
}

static enum status restart(struct policy_world *world, const char *text) {
    start_again(world, 0);
    return *text == 0 ? STATUS_OK : STATUS_USAGE;
}

static enum status read_count(const char *text, uint32_t most, uint32_t *count) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != 0 || value > most) {
        return STATUS_USAGE;
    }
    *count = (uint32_t)value;
    return STATUS_OK;
}

/* The power is cut: so many numbers were reserved ahead. */
static enum status cut(struct policy_world *world, const char *text) {
    uint32_t skipped = 0;
    TRY(read_count(text, POLICY_GAP_MAX, &skipped));
    start_again(world, (uint8_t)skipped);
    return STATUS_OK;
}

static enum status set_client(struct policy_world *world, const char *text) {
    return read_count(text, UINT32_MAX, &world->client);
}

static enum status forget_approvals(struct policy_world *world, const char *text) {
    world->approval_count = 0;
    return strcmp(text, "none") == 0 ? STATUS_OK : STATUS_USAGE;
}

enum status policy_world_change(struct policy_world *world, const char *line) {
    static const struct {
        const char *word;
        enum status (*change)(struct policy_world *world, const char *text);
    } rows[] = {{"time", set_time},
                {"wait", wait_for},
                {"approval", approve},
                {"approvals", forget_approvals},
                {"restart", restart},
                {"cut", cut},
                {"client", set_client}};
    size_t size = strcspn(line, " \t");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (bytes_equal(bytes_of(line, size), bytes_of_text(rows[i].word))) {
            return rows[i].change(world, line + size + strspn(line + size, " \t"));
        }
    }
    return STATUS_NOT_FOUND;
}
