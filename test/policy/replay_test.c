/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of the past: they are read one behind the other, what the module filled in is taken
 * out of them, and the policy that they were signed under allows them once more. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_message.h"
#include "host/cli/policy_past.h"
#include "test/policy/any_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static struct policy_document document, other;
static struct policy_world world;
static uint64_t boot;
static uint8_t files[1 << 20];
static struct span file;

static const char *const policies[] = {"plc", "smart-meter", "v2x", "firmware", "vpn"};

static void load(struct policy_document *to, const char *name, const char *from, const char *into) {
    static char text[POLICY_SOURCE_MAX], changed[3 * POLICY_SOURCE_MAX];
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.policy", POLICY_FOLDER, name);
    FILE *stream = fopen(path, "r");
    assert_non_null(stream);
    text[fread(text, 1, sizeof(text) - 1, stream)] = 0;
    fclose(stream);
    char *place = from != NULL ? strstr(text, from) : text;
    assert_non_null(place);
    size_t cut = from != NULL ? strlen(from) : 0;
    snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(place - text), text,
             from != NULL ? into : "", place + cut);
    assert_int_equal(policy_document_read(to, bytes_of_text(changed)), STATUS_OK);
}

static void start(const char *name) {
    load(&document, name, NULL, NULL);
    policy_world_start(&world, &document.policy);
    boot = 1;
    file = (struct span){files, 0};
}

/* ---- a module that signs, as far as statements go ---- */

static bool decide(struct bytes input, struct statement *said, struct message *message) {
    struct policy_answer answer;
    policy_world_decide(&world, input, message, &answer);
    *said = (struct statement){
        .algorithm = STATEMENT_ES256,
        .policy_hash = bytes_of(document.form, STATEMENT_HASH_SIZE),
        .facts = {world.state.counter, boot, world.clock.uptime_ms, world.clock.time},
        .quality = world.clock.time != 0 ? QUALITY_TRUSTED : QUALITY_NONE,
        .version = document.policy.version,
        .rule = answer.rule + 1u};
    return policy_allows(&answer);
}

/* Writes the statement behind the others where the policy allows it. */
static bool sign(struct bytes input) {
    static const uint8_t signature[64] = {7};
    uint8_t header_room[STATEMENT_HEADER_MAX], payload_room[STATEMENT_PAYLOAD_MAX];
    struct span header = {header_room, sizeof(header_room)};
    struct span payload = {payload_room, sizeof(payload_room)};
    struct span out = {files + file.size, sizeof(files) - file.size};
    struct statement said;
    struct message message;
    if (!decide(input, &said, &message)) {
        return false;
    }
    assert_int_equal(message_write(&document.policy, &message, &said.facts, &payload), STATUS_OK);
    assert_int_equal(statement_header(&said, &header), STATUS_OK);
    assert_int_equal(statement_write(bytes_of_span(header), bytes_of_span(payload),
                                     bytes_of(signature, sizeof(signature)), &out),
                     STATUS_OK);
    file.size += out.size;
    return true;
}

static bool sign_text(const char *text) {
    uint8_t room[POLICY_SIZE_MAX];
    struct span encoding = {room, sizeof(room)};
    char why[POLICY_MESSAGE_WHY];
    assert_int_equal(policy_message_make(&document.policy, text, &encoding, why), STATUS_OK);
    return sign(bytes_of_span(encoding));
}

/* The counter is reserved ahead, and the quota with it. */
static void restart(uint32_t skipped) {
    const struct policy_kept kept = {world.state.counter + skipped,
                                     world.state.limit_used + skipped};
    world.clock.uptime_ms = any_number(5000);
    state_start(&world.state, &world.steps, world.policy, &kept, world.clock.uptime_ms);
    boot++;
}

/* Replays all; how many were refused, the first of them why. */
static unsigned replay(const struct policy *policy, const struct policy *old, uint32_t *why) {
    struct past past;
    struct past_statement one;
    struct bytes rest = bytes_of_span(file);
    unsigned refused = 0;
    past_start(&past, policy);
    while (past_next(&rest, &one) == STATUS_OK) {
        struct past_policy under = {old, false};
        struct message message;
        struct policy_answer answer;
        assert_int_equal(past_decide(&past, &one, &under, &message, &answer), STATUS_OK);
        if (!policy_allows(&answer)) {
            *why = refused == 0 ? answer.why : *why;
            refused++;
        }
    }
    assert_int_equal(rest.size, 0);
    return refused;
}

/* ---- stories ---- */

static void what_a_policy_allowed_it_allows_again(void **state) {
    uint8_t room[POLICY_SIZE_MAX];
    uint32_t why = 0;
    (void)state;
    for (size_t p = 0; p < COUNT(policies); p++) {
        unsigned signed_ = 0;
        start(policies[p]);
        world.clock.time = 1795564800 + 12 * 3600;
        for (unsigned i = 0; i < 3000 && file.size < sizeof(files) - 4096; i++) {
            policy_world_wait(&world, any_number(any_number(10) == 0 ? 1000000 : 2000));
            world.clock.time = any_number(4) == 0 ? 0 : 1795564800 + any_number(86400);
            world.approval_count = (size_t)any_number(4);
            for (size_t k = 0; k < world.approval_count; k++) {
                world.approvals[k] = (struct policy_approval){0, (uint32_t)any_number(8)};
            }
            signed_ += sign(any_message(&document.policy, room));
            if (any_number(200) == 0) {
                restart((uint32_t)any_number(40));
            }
        }
        print_message("# %s: %u statements, %u starts\n", policies[p], signed_, (unsigned)boot);
        assert_true(signed_ > 20 && boot > 3);
        assert_int_equal(replay(&document.policy, &document.policy, &why), 0);
    }
}

static void a_narrower_policy_refuses_what_it_would_have(void **state) {
    uint32_t why = 0;
    (void)state;
    start("plc");
    world.clock.time = 1795564800 + 12 * 3600;
    policy_world_wait(&world, 60000);
    assert_true(sign_text("op=estop unit=3"));
    assert_true(sign_text("op=pump.speed unit=3 value=150"));
    assert_true(sign_text("op=pump.speed unit=3 value=250"));
    assert_true(sign_text("op=estop unit=64"));
    load(&other, "plc", "value in 0..1500", "value in 0..200");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
    assert_int_equal(why, WHY_NO_RULE);
    load(&other, "plc", "2 unit  : 1..64", "2 unit  : 1..63");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
    assert_int_equal(why, WHY_SHAPE);
    load(&other, "plc", "hours outside 06:00..22:00", "hours outside 06:00..11:59");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 2);
    assert_int_equal(why, WHY_DENIED);
    load(&other, "plc", "rate 20/1s burst 40", "rate 1/1m");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
    assert_int_equal(why, WHY_RATE);
    load(&other, "plc", "limit 200000 per 24h", "limit 1 per 24h");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
    assert_int_equal(why, WHY_LIMIT);
}

static void approvals_count_as_given_where_they_were_needed(void **state) {
    uint32_t why = 0;
    (void)state;
    start("plc");
    world.clock.time = 1795564800 + 12 * 3600;
    policy_world_wait(&world, 60000);
    world.approval_count = 2;
    world.approvals[0].roles = world.approvals[1].roles = 1;
    assert_true(sign_text("op=recipe.load unit=3 value=1"));
    assert_int_equal(replay(&document.policy, &document.policy, &why), 0);
    assert_int_equal(replay(&document.policy, NULL, &why), 1); /* nobody knows of any */
    assert_int_equal(why, WHY_APPROVAL);
    load(&other, "plc", "needs 2 of", "needs 3 of");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
    assert_int_equal(why, WHY_APPROVAL);
    load(&other, "plc", "[shift-lead, process-eng, safety]", "[safety, boss, shift-lead]");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 0); /* by name, not by number */
    load(&other, "plc", "[shift-lead, process-eng, safety]", "[boss]");
    assert_int_equal(replay(&other.policy, &document.policy, &why), 1);
}

static void fields_of_the_module_are_taken_out_of_maps_too(void **state) {
    static const char text[] =
        "policy \"p\" version 1 key \"k\" message cbor { 1 a : { 0 n : int 1 up : module uptime "
        "2 b : { 3 seq : module counter 4 m : int } } 2 at : module time } allow always";
    static const uint8_t asked[] = {0xa1, 0x01, 0xa2, 0x00, 0x07, 0x02, 0xa1, 0x04, 0x08};
    uint8_t room[256];
    struct span out = {room, sizeof(room)};
    struct past_statement one;
    struct bytes rest;
    (void)state;
    start("plc");
    assert_int_equal(policy_document_read(&document, bytes_of_text(text)), STATUS_OK);
    policy_world_start(&world, &document.policy);
    assert_true(sign(bytes_of(asked, sizeof(asked))));
    rest = bytes_of_span(file);
    assert_int_equal(past_next(&rest, &one), STATUS_OK);
    assert_true(one.parts.payload.size > sizeof(asked));
    assert_int_equal(past_message(&document.policy, one.parts.payload, &out), STATUS_OK);
    assert_true(bytes_equal(bytes_of_span(out), bytes_of(asked, sizeof(asked))));
    out.size = sizeof(asked) - 1;
    assert_int_equal(past_message(&document.policy, one.parts.payload, &out), STATUS_TOO_LARGE);
    static const uint8_t none[] = {0x01};
    out.size = sizeof(room);
    assert_int_equal(past_message(&document.policy, bytes_of(none, 1), &out), STATUS_DATA_INVALID);
}

static void what_is_no_statement_is_told_at_its_place(void **state) {
    struct past_statement one;
    (void)state;
    start("plc");
    assert_true(sign_text("op=estop unit=3"));
    size_t first = file.size;
    assert_true(sign_text("op=estop unit=4"));
    for (size_t size = 0; size < file.size; size++) {
        struct bytes rest = bytes_of(files, size);
        enum status status = past_next(&rest, &one);
        assert_int_equal(status, size == 0      ? STATUS_NOT_FOUND
                                 : size < first ? STATUS_DATA_INVALID
                                                : STATUS_OK);
        if (size > first) {
            assert_int_equal(rest.size, size - first);
            assert_int_equal(past_next(&rest, &one), STATUS_DATA_INVALID);
            assert_int_equal(rest.size, size - first);
        }
    }
}

static void statements_of_two_keys_are_not_one_past(void **state) {
    static const struct {
        struct message_facts first, second;
        bool good;
    } rows[] = {
        {{5, 1, 100, 0}, {6, 1, 100, 0}, true},
        {{5, 1, 100, 0}, {5, 1, 101, 0}, false},
        {{5, 1, 100, 0}, {6, 1, 99, 0}, false},
        {{5, 2, 100, 0}, {6, 1, 200, 0}, false},
        {{5, 1, 100, 0}, {900, 2, 1, 0}, true},
        {{5, 1, 100, 0}, {4, 2, 1, 0}, false},
        {{1, 1, UINT64_MAX, 0}, {UINT64_MAX, UINT64_MAX, 0, 0}, true},
    };
    (void)state;
    start("plc");
    assert_true(sign_text("op=estop unit=3"));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct past past;
        struct past_statement one;
        struct past_policy under = {NULL, false};
        struct message message;
        struct policy_answer answer;
        struct bytes rest = bytes_of_span(file);
        past_start(&past, &document.policy);
        assert_int_equal(past_next(&rest, &one), STATUS_OK);
        one.said.facts = rows[i].first;
        assert_int_equal(past_decide(&past, &one, &under, &message, &answer), STATUS_OK);
        one.said.facts = rows[i].second;
        assert_int_equal(past_decide(&past, &one, &under, &message, &answer),
                         rows[i].good ? STATUS_OK : STATUS_DATA_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_policy_allowed_it_allows_again),
        cmocka_unit_test(a_narrower_policy_refuses_what_it_would_have),
        cmocka_unit_test(approvals_count_as_given_where_they_were_needed),
        cmocka_unit_test(fields_of_the_module_are_taken_out_of_maps_too),
        cmocka_unit_test(what_is_no_statement_is_told_at_its_place),
        cmocka_unit_test(statements_of_two_keys_are_not_one_past),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
