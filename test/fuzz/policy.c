/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of policies: the compiled form, which has one encoding; messages of a fixed
 * policy and of the one read; statements; and on the host the text, whose form the module takes. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_past.h"
#include "host/cli/policy_review.h"
#include "policy/watch.h"
#include "policy/statement.h"
#include "test/fuzz/fuzz.h"

static struct policy policy;
static struct policy_document document;
static uint8_t again[STATEMENT_SIZE_MAX];

static bool same(struct span out, struct bytes input) {
    return bytes_equal(bytes_of_span(out), input);
}

/* Decides for a message twice, by clocks that the input gives; what is allowed can be written. */
static void decide(struct bytes message, struct bytes *rest) {
    static struct message read;
    struct policy_answer answer;
    struct policy_watch watch;
    struct policy_state state;
    struct policy_steps steps;
    const struct policy_kept kept = {fuzz_number(rest, 8), fuzz_byte(rest)};
    state_start(&state, &steps, &policy, &kept, 0);
    struct policy_approval approval = {fuzz_number(rest, 4), fuzz_byte(rest)};
    struct policy_question question = {.policy = &policy,
                                       .message = &read,
                                       .state = &state,
                                       .steps = &steps,
                                       .approvals = &approval,
                                       .approval_count = 1};
    bool fits = message_read(&policy, message, &read) == STATUS_OK;
    REQUIRE(fits == (read.fault == MESSAGE_FITS));
    for (unsigned i = 0; i < 3; i++) {
        question.clock.uptime_ms += fuzz_number(rest, 5);
        question.clock.time = fuzz_number(rest, 5);
        question.client = fuzz_byte(rest);
        watch_message(&question, &state, &watch);
        policy_decide(&question, &answer);
        REQUIRE(policy_allows(&answer) == (answer.why == WHY_NOTHING));
        REQUIRE(fits || !policy_allows(&answer));
        if (!policy_allows(&answer)) {
            watch_refusal(&question, &answer, &state, &watch);
        }
        REQUIRE((watch.fresh & ~(uint32_t)FLAGS_ON) == 0);
        watch_silence(&state, 1, question.clock.uptime_ms);
        policy_commit(&answer, &state, &steps);
    }
    struct message_facts facts = {1, 2, 3, question.clock.time};
    struct span out = {again, sizeof(again)};
    if (fits) {
        REQUIRE(message_write(&policy, &read, &facts, &out) == STATUS_OK);
        REQUIRE(out.size >= message.size && out.size <= STATEMENT_PAYLOAD_MAX);
    }
}

static void read_form(struct bytes form, struct bytes rest) {
    if (form_read(form, &policy) != STATUS_OK) {
        return;
    }
    struct span out = {again, sizeof(again)};
    REQUIRE(form_write(&policy, &out) == STATUS_OK && same(out, form));
    REQUIRE(form_bound(&policy) < 4096);
    struct bytes message = fuzz_string(&rest);
    decide(message, &rest);
}

static void read_text(struct bytes text) {
    memset(&document, 0, sizeof(document));
    enum status status = policy_document_read(&document, text);
    REQUIRE(status == STATUS_OK || status == STATUS_FILE_FORMAT || status == STATUS_TOO_LARGE ||
            status == STATUS_DATA_INVALID);
    REQUIRE(status != STATUS_FILE_FORMAT || document.source.error.text[0] != 0);
    if (status == STATUS_OK) {
        for (uint32_t i = 0; i < document.policy.rule_count; i++) {
            struct words words = {.used = 0};
            words_rule(&words, &document.policy, i);
        }
    }
}

static void read_statement(struct bytes input) {
    struct statement_parts parts;
    struct statement statement;
    struct span out = {again, sizeof(again)};
    if (input.size > sizeof(again) || statement_read(input, &parts, &statement) != STATUS_OK) {
        return;
    }
    REQUIRE(statement_write(parts.header, parts.payload, parts.signature, &out) == STATUS_OK);
    REQUIRE(same(out, input));
    out = (struct span){again, sizeof(again)};
    REQUIRE(statement_header(&statement, &out) == STATUS_OK && same(out, parts.header));
}

/* Statements one behind the other, replayed under a policy with fields of the module in maps. */
static void read_past(struct bytes input) {
    static const char text[] =
        "policy \"p\" version 1 key \"k\" message cbor { 1 a : { 0 n : int 1 up : module uptime "
        "2 b : { 3 seq : module counter ? 4 m : int } } 2 at : module time ? 3 op : one of \"x\" } "
        "allow step(a.n from any) <= 9 rate 3/1s limit 9 per 1h spike normal 3 per 1s factor 2 "
        "then "
        "suspend";
    static struct policy_document fixed;
    struct past past;
    struct past_statement one;
    struct past_policy under = {&fixed.policy, false};
    struct message message;
    struct policy_answer answer;
    if (fixed.size == 0) {
        REQUIRE(policy_document_read(&fixed, bytes_of_text(text)) == STATUS_OK);
    }
    past_start(&past, &fixed.policy);
    struct bytes rest = input;
    while (past_next(&rest, &one) == STATUS_OK) {
        enum status status = past_decide(&past, &one, &under, &message, &answer);
        REQUIRE(status == STATUS_OK || status == STATUS_DATA_INVALID || status == STATUS_TOO_LARGE);
        under.policy = under.policy == NULL ? &fixed.policy : NULL;
        if (status == STATUS_OK) {
            struct words words = {.used = 0};
            words_refusal(&words, &fixed.policy, &message, &answer);
            REQUIRE(past.counter == one.said.facts.counter);
        }
    }
    REQUIRE(rest.size <= input.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    uint8_t what = fuzz_byte(&input);
    struct bytes first = what % 4 == 0 ? fuzz_string(&input) : input;
    uint8_t *exact = fuzz_exact(first);
    first.data = exact;
    switch (what % 4) {
    case 0:
        read_form(first, input);
        break;
    case 1:
        read_statement(first);
        read_past(first);
        break;
    default:
        read_text(first);
    }
    free(exact);
    return 0;
}
