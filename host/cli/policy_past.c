/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of the past, decided anew. */
#include "host/cli/policy_past.h"

#include "proto/cbor.h"

/* ---- reading ---- */

enum status past_next(struct bytes *rest, struct past_statement *found) {
    struct cbor_reader reader;
    if (rest->size == 0) {
        return STATUS_NOT_FOUND;
    }
    *found = (struct past_statement){.logged = false};
    cbor_read(&reader, *rest);
    TRY(cbor_skip(&reader, &found->encoding));
    TRY(statement_read(found->encoding, &found->parts, &found->said));
    *rest = bytes_of(rest->data + found->encoding.size, rest->size - found->encoding.size);
    return STATUS_OK;
}

/* ---- the message that was asked for ---- */

static void put_raw(struct cbor_writer *writer, struct bytes raw) {
    writer->failed = writer->failed || raw.size > writer->room - writer->used;
    if (!writer->failed) {
        bytes_copy(writer->data + writer->used, raw);
        writer->used += raw.size;
    }
}

/* The field of a map that has this key, by its encoding; POLICY_NONE: the shape has none. */
static uint32_t field_of(const struct policy *policy, uint32_t parent, struct bytes key) {
    struct cbor_reader reader;
    uint64_t number = 0;
    cbor_read(&reader, key);
    if (cbor_get_uint(&reader, POLICY_KEY_MAX, &number) != STATUS_OK) {
        return POLICY_NONE;
    }
    for (uint32_t i = 0; i < policy->field_count; i++) {
        if (policy->fields[i].parent == parent && policy->fields[i].key == number) {
            return i;
        }
    }
    return POLICY_NONE;
}

static bool is_module_field(const struct policy *policy, uint32_t field) {
    return field != POLICY_NONE && policy_kind_is_module(policy->fields[field].kind);
}

/* One pair of a map, and the field that it is. */
struct pair {
    struct bytes key, value;
    uint32_t field;
};

static enum status next_pair(struct cbor_reader *reader, const struct policy *policy,
                             uint32_t parent, struct pair *pair) {
    TRY(cbor_skip(reader, &pair->key));
    TRY(cbor_skip(reader, &pair->value));
    pair->field = field_of(policy, parent, pair->key);
    return STATUS_OK;
}

/* Pairs of a map that the module did not fill in. */
static enum status count_pairs(const struct policy *policy, uint32_t parent, struct bytes map,
                               uint64_t *kept) {
    struct cbor_reader reader;
    struct pair pair;
    uint64_t pairs = 0;
    cbor_read(&reader, map);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    *kept = pairs;
    for (; pairs > 0; pairs--) {
        TRY(next_pair(&reader, policy, parent, &pair));
        *kept -= is_module_field(policy, pair.field);
    }
    return STATUS_OK;
}

/* Copies a map without them. It calls itself for the maps that the shape has in it, of which form.h
 * allows POLICY_DEPTH_MAX. */
static enum status copy_map(const struct policy *policy, uint32_t parent, struct bytes map,
                            struct cbor_writer *writer) {
    struct cbor_reader reader;
    struct pair pair;
    uint64_t kept = 0, pairs = 0;
    TRY(count_pairs(policy, parent, map, &kept));
    cbor_put(writer, CBOR_MAP, kept);
    cbor_read(&reader, map);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    for (; pairs > 0; pairs--) {
        TRY(next_pair(&reader, policy, parent, &pair));
        if (is_module_field(policy, pair.field)) {
            continue;
        }
        bool nested = pair.field != POLICY_NONE && policy->fields[pair.field].kind == POLICY_MAP &&
                      pair.value.data[0] >> 5 == CBOR_MAP;
        put_raw(writer, pair.key);
        if (nested) {
            TRY(copy_map(policy, pair.field, pair.value, writer));
        } else {
            put_raw(writer, pair.value);
        }
    }
    return STATUS_OK;
}

enum status past_message(const struct policy *policy, struct bytes payload, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    TRY(copy_map(policy, POLICY_NONE, payload, &writer));
    return cbor_written(&writer, out);
}

/* ---- deciding ---- */

void past_start(struct past *past, const struct policy *policy) {
    *past = (struct past){.counter = 0};
    policy_world_start(&past->world, policy);
}

/* At a start of the module. Statements do not tell when a key was used first: buckets fill from
 * uptime 0 on, so that none is refused for that alone; the quota's period begins with the first
 * statement. Of the quota, what the counter skipped counts as used: the module reserves both ahead
 * and gives up what is left of it. */
static void restart(struct past *past, const struct past_statement *next) {
    const struct message_facts *facts = &next->said.facts;
    uint64_t skipped = past->counter == 0 ? 0 : facts->counter - past->counter - 1;
    uint64_t used = past->world.state.limit_used + skipped;
    const struct policy_kept kept = {facts->counter - 1,
                                     (uint32_t)(used > POLICY_COUNT_MAX ? POLICY_COUNT_MAX : used)};
    state_start(&past->world.state, &past->world.steps, past->world.policy, &kept, 0);
    past->world.state.limit_from_s = (uint32_t)((facts->uptime_ms + 999) / 1000);
    past->restarts += past->counter != 0;
    past->boot = facts->boot;
}

static bool follows(const struct past *past, const struct message_facts *facts) {
    if (facts->counter <= past->counter || facts->boot < past->boot) {
        return false;
    }
    return past->counter == 0 || facts->boot > past->boot ||
           facts->uptime_ms >= past->world.clock.uptime_ms;
}

/* The roles of one policy as the other one numbers them. */
static uint32_t map_roles(const struct policy *from, uint32_t roles, const struct policy *to) {
    uint32_t mapped = 0;
    for (uint32_t i = 0; i < from->role_count; i++) {
        for (uint32_t k = 0; (roles >> i & 1) != 0 && k < to->role_count; k++) {
            mapped |= bytes_equal(from->roles[i], to->roles[k]) ? 1u << k : 0;
        }
    }
    return mapped;
}

static void take_approvals(struct past *past, const struct past_statement *next,
                           struct past_policy *under) {
    const struct policy *old = under->policy;
    under->approved = false;
    past->world.approval_count = 0;
    if (old == NULL || next->said.rule == 0 || next->said.rule > old->rule_count) {
        return;
    }
    const struct policy_rule *rule = &old->rules[next->said.rule - 1];
    const struct policy_approval one = {0, map_roles(old, rule->roles, past->world.policy)};
    under->approved = rule->needs != 0;
    for (uint32_t i = 0; i < rule->needs && i < TABLE_APPROVALS_MAX; i++) {
        past->world.approvals[past->world.approval_count++] = one;
    }
}

/* What the module would be asked to sign under the new policy. */
static enum status message_of(const struct past *past, const struct past_statement *next,
                              const struct policy *old, struct span *out) {
    uint8_t room[STATEMENT_PAYLOAD_MAX];
    struct span first = {room, sizeof(room)};
    struct bytes payload = next->parts.payload;
    if (old != NULL) {
        TRY(past_message(old, payload, &first));
        payload = bytes_of_span(first);
    }
    return past_message(past->world.policy, payload, out);
}

enum status past_decide(struct past *past, const struct past_statement *next,
                        struct past_policy *under, struct message *message,
                        struct policy_answer *answer) {
    const struct message_facts *facts = &next->said.facts;
    uint8_t room[STATEMENT_PAYLOAD_MAX];
    struct span encoding = {room, sizeof(room)};
    if (!follows(past, facts)) {
        return STATUS_DATA_INVALID;
    }
    TRY(message_of(past, next, under->policy, &encoding));
    if (past->counter == 0 || facts->boot != past->boot) {
        restart(past, next);
    }
    past->counter = facts->counter;
    past->world.state.counter = facts->counter - 1;
    past->world.clock = (struct policy_clock){
        facts->uptime_ms, next->said.quality == QUALITY_TRUSTED ? facts->time : 0};
    take_approvals(past, next, under);
    policy_world_decide(&past->world, bytes_of_span(encoding), message, answer);
    return STATUS_OK;
}
