/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of decisions: nothing outside the shape is allowed, the order of the lines means
 * nothing, rates and quotas hold whatever the times are, and one flipped bit allows nothing. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_table.h"
#include "proto/cbor.h"
#include "test/policy/any_message.h"
#include "test/share.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct policy_document document;
static struct policy_world world;
static const char *const policies[] = {"plc", "smart-meter", "v2x", "firmware", "vpn"};

/* Loads one of the worked policies; with `open`, its lines are replaced by one that allows every
 * message of its shape. */
static void load(const char *name, bool open) {
    static char text[POLICY_SOURCE_MAX];
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.policy", POLICY_FOLDER, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[size] = 0;
    if (open) {
        char *end = strstr(text, "\n}\n");
        assert_non_null(end);
        strncpy(end + 3, "allow always\n", sizeof(text) - (size_t)(end + 3 - text));
    }
    assert_int_equal(policy_document_read(&document, bytes_of_text(text)), STATUS_OK);
    policy_world_start(&world, &document.policy);
}

static void load_text(const char *rest) {
    static char text[4096];
    snprintf(
        text, sizeof(text),
        "policy \"t\" version 1 key \"k\" message cbor { 1 n : int 2 op : one of \"a\" \"b\" }\n"
        "%s",
        rest);
    assert_int_equal(policy_document_read(&document, bytes_of_text(text)), STATUS_OK);
    policy_world_start(&world, &document.policy);
}

/* ---- an oracle of shapes, which knows nothing of how messages are read ---- */

static int64_t number_of(const struct cbor_item *item) {
    return item->type == CBOR_UINT ? (int64_t)item->value : -1 - (int64_t)item->value;
}

static bool value_fits(const struct policy_field *field, const struct cbor_item *item) {
    bool known = false;
    switch (field->kind) {
    case POLICY_SYMBOL:
        for (uint32_t i = 0; i < field->symbols && item->type == CBOR_TEXT; i++) {
            known =
                known || bytes_equal(document.policy.symbols[field->first_symbol + i], item->bytes);
        }
        return known;
    case POLICY_INT:
        return (item->type == CBOR_UINT || item->type == CBOR_NEGATIVE) &&
               item->value <= INT64_MAX && number_of(item) >= field->low &&
               number_of(item) <= field->high;
    case POLICY_BOOL:
        return item->type == CBOR_SIMPLE && (item->value == 20 || item->value == 21);
    case POLICY_BYTES:
    case POLICY_TEXT:
        return item->type == (field->kind == POLICY_TEXT ? CBOR_TEXT : CBOR_BYTES) &&
               item->bytes.size >= (size_t)field->low && item->bytes.size <= (size_t)field->high;
    case POLICY_MAP:
        return item->type == CBOR_MAP;
    default:
        return false;
    }
}

/* Fits one map and all below it; `there` counts what was found. */
static bool map_fits(struct cbor_reader *reader, uint32_t parent, uint64_t pairs, unsigned *there) {
    const struct policy *policy = &document.policy;
    for (; pairs > 0; pairs--) {
        struct cbor_item key, value;
        uint32_t at = 0;
        if (cbor_next(reader, &key) != STATUS_OK || key.type != CBOR_UINT) {
            return false;
        }
        while (at < policy->field_count &&
               (policy->fields[at].parent != parent || policy->fields[at].key != key.value)) {
            at++;
        }
        if (at == policy->field_count || cbor_next(reader, &value) != STATUS_OK ||
            !value_fits(&policy->fields[at], &value)) {
            return false;
        }
        there[at]++;
        if (value.type == CBOR_MAP && !map_fits(reader, at, value.value, there)) {
            return false;
        }
    }
    return true;
}

static bool message_fits(struct bytes message) {
    struct cbor_reader reader;
    struct cbor_item item;
    unsigned there[POLICY_FIELDS_MAX] = {0};
    cbor_read(&reader, message);
    if (message.size > 1024 || cbor_next(&reader, &item) != STATUS_OK || item.type != CBOR_MAP ||
        !map_fits(&reader, POLICY_NONE, item.value, there) || cbor_close(&reader) != STATUS_OK) {
        return false;
    }
    for (uint32_t i = 0; i < document.policy.field_count; i++) {
        const struct policy_field *field = &document.policy.fields[i];
        bool wanted = !field->optional && !policy_kind_is_module(field->kind) &&
                      (field->parent == POLICY_NONE || there[field->parent] == 1);
        if (there[i] > 1 || (wanted && there[i] == 0)) {
            return false;
        }
    }
    return true;
}

static void nothing_outside_the_shape_is_ever_allowed(void **state) {
    (void)state;
    uint8_t room[POLICY_SIZE_MAX];
    struct message message;
    struct policy_answer answer;
    for (size_t p = 0; p < COUNT(policies); p++) {
        const unsigned count = share_of(40000);
        unsigned allowed = 0, refused = 0;
        load(policies[p], true);
        for (unsigned i = 0; i < count; i++) {
            struct bytes input = mutate_message(any_message(&document.policy, room), room);
            bool fits = message_fits(input);
            policy_world_decide(&world, input, &message, &answer);
            assert_int_equal(policy_allows(&answer), fits);
            assert_int_equal(answer.why, fits ? WHY_NOTHING : WHY_SHAPE);
            allowed += fits;
            refused += !fits;
        }
        print_message("# %s: %u of the shape, %u not\n", policies[p], allowed, refused);
        assert_true(allowed > count / 8 && refused > count / 8);
    }
}

static void what_is_signed_is_what_was_read_with_the_modules_fields(void **state) {
    (void)state;
    uint8_t room[POLICY_SIZE_MAX], again[POLICY_SIZE_MAX];
    const struct message_facts facts = {7, 8, 9, 10};
    for (size_t p = 0; p < COUNT(policies); p++) {
        load(policies[p], true);
        for (unsigned i = 0; i < share_of(2000); i++) {
            struct message message;
            struct span out = {again, sizeof(again)};
            struct cbor_reader reader;
            struct bytes whole;
            struct bytes input = any_message(&document.policy, room);
            assert_int_equal(message_read(&document.policy, input, &message), STATUS_OK);
            assert_int_equal(message_write(&document.policy, &message, &facts, &out), STATUS_OK);
            cbor_read(&reader, bytes_of_span(out));
            assert_int_equal(cbor_skip(&reader, &whole), STATUS_OK);
            assert_int_equal(cbor_close(&reader), STATUS_OK);
            assert_true(out.size >= input.size);
            /* the host must not be able to hand in what the module writes */
            bool filled = out.size > input.size;
            assert_int_equal(message_fits(bytes_of_span(out)), !filled);
        }
    }
}

/* ---- the order of the lines ---- */

/* The same policy with its lines in another order. */
static void shuffle(const struct policy *from, struct policy *to) {
    *to = *from;
    for (uint32_t i = to->rule_count; i > 1; i--) {
        uint32_t other = (uint32_t)any_number(i);
        struct policy_rule rule = to->rules[i - 1];
        to->rules[i - 1] = to->rules[other];
        to->rules[other] = rule;
    }
    for (uint32_t i = 0; i < to->rule_count; i++) {
        to->limit = to->rules[i].effect == POLICY_LIMIT ? (uint8_t)i : to->limit;
        to->spike = to->rules[i].effect == POLICY_SPIKE ? (uint8_t)i : to->spike;
        if (to->rules[i].effect == POLICY_ALARM) {
            to->alarms[to->rules[i].factor] = (uint8_t)(i + 1);
        }
    }
}

static void the_order_of_the_lines_means_nothing(void **state) {
    (void)state;
    static struct policy_world other;
    static struct policy shuffled;
    uint8_t room[POLICY_SIZE_MAX];
    struct message message;
    struct policy_answer one, two;
    unsigned verdicts[3] = {0};
    for (size_t p = 0; p < COUNT(policies); p++) {
        load(policies[p], false);
        shuffle(&document.policy, &shuffled);
        policy_world_start(&other, &shuffled);
        for (unsigned i = 0; i < share_of(20000); i++) {
            struct bytes input = any_message(&document.policy, room);
            uint64_t wait = any_number(8) == 0 ? any_number(600000) : any_number(200);
            policy_world_wait(&world, wait);
            world.clock.time = any_number(16) == 0 ? 0 : 1795564800 + any_number(86400);
            world.approval_count = (size_t)any_number(4);
            for (size_t k = 0; k < world.approval_count; k++) {
                world.approvals[k] =
                    (struct policy_approval){any_number(900000), (uint32_t)any_number(8)};
                other.approvals[k] = world.approvals[k];
            }
            other.clock = world.clock;
            other.approval_count = world.approval_count;
            policy_world_decide(&world, input, &message, &one);
            policy_world_decide(&other, input, &message, &two);
            assert_int_equal(one.verdict, two.verdict);
            assert_memory_equal(&world.state, &other.state, sizeof(world.state));
            verdicts[policy_allows(&one) ? 0 : one.verdict == POLICY_DENIED ? 1 : 2]++;
        }
    }
    print_message("# %u allowed, %u denied, %u want approvals\n", verdicts[0], verdicts[1],
                  verdicts[2]);
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        assert_true(verdicts[i] > share_of(1000));
    }
}

/* ---- rates, quota, counter ---- */

static bool ask(int64_t number) {
    uint8_t room[32];
    struct span out = {room, sizeof(room)};
    struct cbor_writer writer;
    struct message message;
    struct policy_answer answer;
    cbor_write(&writer, out);
    cbor_put(&writer, CBOR_MAP, 2);
    cbor_put(&writer, CBOR_UINT, 1);
    cbor_put_int(&writer, number);
    cbor_put(&writer, CBOR_UINT, 2);
    cbor_put_text(&writer, bytes_of_text("a"));
    assert_int_equal(cbor_written(&writer, &out), STATUS_OK);
    policy_world_decide(&world, bytes_of_span(out), &message, &answer);
    return policy_allows(&answer);
}

static void a_rate_holds_over_every_stretch_of_time(void **state) {
    (void)state;
    enum { EVENTS = 3000 };
    static uint64_t times[EVENTS];
    load_text("allow always rate 7/3s burst 5");
    unsigned count = 0;
    for (unsigned tries = 0; count < EVENTS && tries < 200000; tries++) {
        policy_world_wait(&world, any_number(5) == 0 ? any_number(2000) : any_number(120));
        if (ask(1)) {
            times[count++] = world.clock.uptime_ms;
        }
    }
    assert_int_equal(count, EVENTS);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = i; k < count && k < i + 60; k++) {
            /* from i to k: at most the burst and what came in meanwhile */
            uint64_t passed = times[k] - times[i];
            assert_true((uint64_t)(k - i + 1) <= 5 + passed * 7 / 3000);
        }
    }
}

static void a_quota_is_exact_on_both_sides_and_survives_a_restart(void **state) {
    (void)state;
    load_text("allow always limit 10 per 1h");
    for (unsigned i = 0; i < 10; i++) {
        assert_true(ask(1));
    }
    assert_false(ask(1));
    policy_world_wait(&world, 3599999);
    assert_false(ask(1));
    policy_world_wait(&world, 1);
    for (unsigned i = 0; i < 7; i++) {
        assert_true(ask(1));
    }
    assert_int_equal(policy_world_change(&world, "restart"), STATUS_OK);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(ask(1));
    }
    assert_false(ask(1));
}

static void the_counter_goes_up_by_one_for_what_is_allowed_and_ends_at_its_end(void **state) {
    (void)state;
    load_text("allow n is 1");
    assert_true(ask(1));
    assert_int_equal(world.state.counter, 1);
    assert_false(ask(2));
    assert_int_equal(world.state.counter, 1);
    world.state.counter = UINT64_MAX - 1;
    assert_true(ask(1));
    assert_true(world.state.counter == UINT64_MAX);
    assert_false(ask(1));
    assert_true(world.state.counter == UINT64_MAX);
}

static void a_step_that_leaves_64_bits_is_no_step(void **state) {
    (void)state;
    load_text("allow step(n from any) <= 9223372036854775807");
    assert_true(ask(INT64_MAX));
    assert_false(ask(-1));
    assert_true(ask(0));
    assert_true(ask(-INT64_MAX));
    assert_false(ask(1));
    assert_false(ask(INT64_MAX));
    assert_true(ask(0));
    assert_false(ask(INT64_MIN));
    assert_true(ask(-1));
    assert_true(ask(INT64_MIN));
}

/* ---- faults ---- */

static struct policy_answer answer_of(const char *rest) {
    static const uint8_t message[] = {0xa2, 0x01, 0x05, 0x02, 0x61, 'a'};
    struct message read;
    struct policy_answer answer;
    load_text(rest);
    policy_world_decide(&world, bytes_of(message, sizeof(message)), &read, &answer);
    return answer;
}

static void no_two_flipped_bits_of_an_answer_allow_anything(void **state) {
    (void)state;
    static const char *const rests[] = {"allow n is 6", "allow always needs 1 of [a] within 1m"};
    for (size_t i = 0; i < COUNT(rests); i++) {
        const struct policy_answer answer = answer_of(rests[i]);
        assert_false(policy_allows(&answer));
        for (unsigned a = 0; a < 96; a++) {
            for (unsigned b = a; b < 96; b++) {
                struct policy_answer flipped = answer;
                uint32_t *words[] = {&flipped.verdict, &flipped.mirror, &flipped.why};
                *words[a / 32] ^= 1u << a % 32;
                *words[b / 32] ^= b == a ? 0 : 1u << b % 32;
                assert_false(policy_allows(&flipped));
            }
        }
    }
}

static void a_single_flipped_bit_takes_a_yes_away(void **state) {
    (void)state;
    const struct policy_answer answer = answer_of("allow n is 5");
    assert_true(policy_allows(&answer));
    for (unsigned bit = 0; bit < 64; bit++) {
        struct policy_answer flipped = answer;
        *(bit < 32 ? &flipped.verdict : &flipped.mirror) ^= 1u << bit % 32;
        assert_false(policy_allows(&flipped));
    }
}

static void only_an_allowed_answer_changes_anything(void **state) {
    (void)state;
    struct policy_answer answer = answer_of("allow n is 6");
    struct policy_state before = world.state;
    answer.change.state.counter = 99;
    policy_commit(&answer, &world.state, &world.steps);
    assert_memory_equal(&before, &world.state, sizeof(before));
}

/* ---- the compiled form ---- */

static void every_turned_byte_of_a_form_is_refused_or_means_what_it_says(void **state) {
    (void)state;
    static struct policy policy;
    uint8_t form[POLICY_SIZE_MAX], again[POLICY_SIZE_MAX];
    unsigned taken = 0, refused = 0;
    for (size_t p = 0; p < COUNT(policies); p++) {
        load(policies[p], false);
        for (size_t at = 0; at < document.size; at++) {
            memcpy(form, document.form, document.size);
            for (unsigned change = 1; change < 256; change += 1 + (unsigned)any_number(4)) {
                struct span out = {again, sizeof(again)};
                form[at] = (uint8_t)(document.form[at] ^ change);
                if (form_read(bytes_of(form, document.size), &policy) != STATUS_OK) {
                    refused++;
                    continue;
                }
                taken++;
                assert_int_equal(form_write(&policy, &out), STATUS_OK);
                assert_int_equal(out.size, document.size);
                assert_memory_equal(form, again, out.size);
            }
        }
        for (size_t size = 0; size < document.size; size++) {
            assert_int_equal(form_read(bytes_of(document.form, size), &policy),
                             STATUS_DATA_INVALID);
        }
    }
    print_message("# %u taken, %u refused\n", taken, refused);
    assert_true(taken > 1000 && refused > 10000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_the_shape_is_ever_allowed),
        cmocka_unit_test(what_is_signed_is_what_was_read_with_the_modules_fields),
        cmocka_unit_test(the_order_of_the_lines_means_nothing),
        cmocka_unit_test(a_rate_holds_over_every_stretch_of_time),
        cmocka_unit_test(a_quota_is_exact_on_both_sides_and_survives_a_restart),
        cmocka_unit_test(the_counter_goes_up_by_one_for_what_is_allowed_and_ends_at_its_end),
        cmocka_unit_test(a_step_that_leaves_64_bits_is_no_step),
        cmocka_unit_test(no_two_flipped_bits_of_an_answer_allow_anything),
        cmocka_unit_test(a_single_flipped_bit_takes_a_yes_away),
        cmocka_unit_test(only_an_allowed_answer_changes_anything),
        cmocka_unit_test(every_turned_byte_of_a_form_is_refused_or_means_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
