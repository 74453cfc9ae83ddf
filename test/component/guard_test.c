/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that are bound to a policy, in a whole module: what they refuse, what they sign, and a
 * counter that never goes back. */
#include "core/command/module.h"
#include "policy/statement.h"
#include "test/component/quick.h"
#include "test/component/world.h"

static struct module module;
static uint32_t session;
static uint64_t public_key, private_key;

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static struct bytes curve = {p256, sizeof(p256)};

/* Makes a pair whose private half has the policy and these facts besides. */
static enum status make_key(struct bytes policy, const uint32_t *yes, const uint32_t *no) {
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    template_start(&open);
    template_bool(&open, ATTRIBUTE_TOKEN, true);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, curve.data, curve.size);
    template_start(&shut);
    template_bytes(&shut, ATTRIBUTE_POLICY, policy.data, policy.size);
    for (; *yes != 0; yes++) {
        template_bool(&shut, (enum attribute) * yes, true);
    }
    for (; *no != 0; no++) {
        template_bool(&shut, (enum attribute) * no, false);
    }
    const struct key_generate_pair_req req = {.session = session,
                                              .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                              .public_attributes = template_of(&open),
                                              .private_attributes = template_of(&shut)};
    TRY(call_key_generate_pair(&module, req, &rep));
    public_key = rep.public_key;
    private_key = rep.private_key;
    return STATUS_OK;
}

static const uint32_t token[] = {ATTRIBUTE_TOKEN, 0}, nothing[] = {0};

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, false);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    assert_int_equal(make_key(world_policy, token, nothing), STATUS_OK);
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

static enum status sign(struct bytes message, struct sign_message_rep *rep) {
    return call_sign_message(&module, (struct sign_message_req){session, private_key, message},
                             rep);
}

/* Signs the message that is allowed; the counter of what comes out. */
static uint64_t sign_one(struct statement_parts *parts) {
    struct statement statement;
    struct sign_message_rep rep;
    assert_int_equal(sign(world_message, &rep), STATUS_OK);
    assert_int_equal(statement_read(rep.statement, parts, &statement), STATUS_OK);
    assert_int_equal(statement.rule, 1);
    assert_int_equal(statement.version, 1);
    assert_int_equal(statement.algorithm, STATEMENT_ES256);
    return statement.facts.counter;
}

/* ---- what comes out ---- */

static void a_statement_verifies_with_the_public_key(void **state) {
    (void)state;
    struct statement_parts parts;
    uint8_t room[STATEMENT_SIGNED_MAX];
    struct span whole = {room, sizeof(room)};
    assert_int_equal(sign_one(&parts), 1);
    assert_int_equal(statement_signed(parts.header, parts.payload, &whole), STATUS_OK);
    struct verify_req req = {.session = session,
                             .key = public_key,
                             .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
                             .data = bytes_of_span(whole),
                             .signature = parts.signature};
    uint8_t copy[64];
    assert_int_equal(parts.signature.size, sizeof(copy));
    memcpy(copy, parts.signature.data, sizeof(copy)); /* the reply's room is used again */
    req.signature = bytes_of(copy, sizeof(copy));
    assert_int_equal(call_verify(&module, req, NULL), STATUS_OK);
    room[whole.size - 1] ^= 1;
    assert_int_equal(call_verify(&module, req, NULL), STATUS_SIGNATURE_INVALID);
}

static void the_header_names_the_policy_by_its_hash(void **state) {
    (void)state;
    struct sign_message_rep rep;
    struct statement_parts parts;
    struct statement statement;
    uint8_t hash[32];
    assert_int_equal(sign(world_message, &rep), STATUS_OK);
    assert_int_equal(statement_read(rep.statement, &parts, &statement), STATUS_OK);
    assert_int_equal(crypto_hash(HASH_SHA256, &world_policy, 1, hash), STATUS_OK);
    assert_memory_equal(statement.policy_hash.data, hash, sizeof(hash));
    assert_int_equal(statement.facts.time, 0);
    assert_int_equal(statement.quality, QUALITY_NONE);
    /* the message, with the counter that the module put in */
    static const uint8_t payload[] = {0xa2, 0x01, 0x64, 'o', 'p', 'e', 'n', 0x02, 0x01};
    assert_int_equal(parts.payload.size, sizeof(payload));
    assert_memory_equal(parts.payload.data, payload, sizeof(payload));
}

static void the_counter_goes_up_by_one(void **state) {
    (void)state;
    struct statement_parts parts;
    for (uint64_t i = 1; i <= 200; i++) {
        assert_int_equal(sign_one(&parts), i);
    }
}

static void the_counter_never_goes_back_whenever_the_power_is_cut(void **state) {
    (void)state;
    struct statement_parts parts;
    uint64_t last = 0;
    for (unsigned round = 0; round < 12; round++) {
        for (unsigned i = 0; i < round * 13 % 80; i++) {
            uint64_t counter = sign_one(&parts);
            assert_true(counter > last && (i == 0 || counter == last + 1));
            assert_true(counter - last <= 257);
            last = counter;
        }
        module_drop(&module);
        module_start(&module);
        session = module_user_session(&module);
        struct template template;
        template_start(&template);
        template_num(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
        assert_int_equal(module_find(&module, session, &template, &private_key), 1);
    }
    assert_true(last > 200);
}

/* ---- what does not ---- */

static void messages_that_the_policy_does_not_allow_are_refused(void **state) {
    (void)state;
    static const struct {
        uint8_t data[12];
        size_t size;
        enum status status;
    } rows[] = {
        {{0xa1, 0x01, 0x64, 's', 'h', 'u', 't'}, 7, STATUS_POLICY_DENIED},
        {{0xa1, 0x01, 0x64, 'o', 'p', 'e', 'm'}, 7, STATUS_MESSAGE_INVALID},
        {{0xa2, 0x01, 0x64, 'o', 'p', 'e', 'n', 0x02, 0x07}, 9, STATUS_MESSAGE_INVALID},
        {{0xa2, 0x01, 0x64, 'o', 'p', 'e', 'n', 0x03, 0x07}, 9, STATUS_MESSAGE_INVALID},
        {{0xa1, 0x01, 0x64, 'o', 'p', 'e', 'n', 0x00}, 8, STATUS_MESSAGE_INVALID},
        {{0xa0}, 1, STATUS_MESSAGE_INVALID},
        {{0}, 0, STATUS_MESSAGE_INVALID},
    };
    struct statement_parts parts;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(sign(bytes_of(rows[i].data, rows[i].size), NULL), rows[i].status);
    }
    assert_int_equal(sign_one(&parts), 1); /* what is refused takes no counter */
}

static void a_bound_key_does_nothing_else(void **state) {
    (void)state;
    static const uint8_t digest[32] = {1};
    struct bytes signature;
    const struct mechanism raw = {.algorithm = ALGORITHM_ECDSA};
    const struct mechanism hashed = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    const struct mechanism both[] = {raw, hashed};
    for (size_t i = 0; i < COUNT(both); i++) {
        struct sign_req req = {session, private_key, both[i], bytes_of(digest, sizeof(digest))};
        struct key_check_req check = {session, F_SIGN, private_key, both[i]};
        struct stream_open_req stream = {session, F_SIGN, private_key, both[i]};
        assert_int_equal(call_sign(&module, req, NULL), STATUS_KEY_FUNCTION_NOT_PERMITTED);
        assert_int_equal(call_key_check(&module, check, NULL), STATUS_KEY_FUNCTION_NOT_PERMITTED);
        assert_int_equal(call_stream_open(&module, stream, NULL),
                         STATUS_KEY_FUNCTION_NOT_PERMITTED);
    }
    assert_int_equal(module_sign(&module, session, private_key, bytes_of(digest, 32), &signature),
                     STATUS_KEY_FUNCTION_NOT_PERMITTED);
}

static void a_key_without_policy_signs_no_messages(void **state) {
    (void)state;
    assert_int_equal(module_make_pair(&module, session, "plain", true, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(sign(world_message, NULL), STATUS_KEY_FUNCTION_NOT_PERMITTED);
}

static void a_policy_is_for_keys_that_stay_and_only_sign(void **state) {
    (void)state;
    static const uint32_t derive[] = {ATTRIBUTE_TOKEN, ATTRIBUTE_SIGN, ATTRIBUTE_DERIVE, 0};
    static const uint32_t leaves[] = {ATTRIBUTE_TOKEN, ATTRIBUTE_EXTRACTABLE, 0};
    static const uint32_t open[] = {ATTRIBUTE_SENSITIVE, 0};
    static const uint32_t silent[] = {ATTRIBUTE_SIGN, 0};
    assert_int_equal(make_key(world_policy, nothing, nothing), STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(make_key(world_policy, leaves, nothing), STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(make_key(world_policy, derive, nothing), STATUS_TEMPLATE_INCONSISTENT);
    assert_int_not_equal(make_key(world_policy, token, open), STATUS_OK);
    assert_int_equal(make_key(world_policy, token, silent), STATUS_TEMPLATE_INCONSISTENT);
    assert_int_equal(make_key(bytes_of(world_policy.data, world_policy.size - 1), token, nothing),
                     STATUS_POLICY_INVALID);
    assert_int_equal(make_key(bytes_of(NULL, 0), token, nothing), STATUS_POLICY_INVALID);
}

static void a_policy_is_not_changed_without_people_and_not_taken_away(void **state) {
    (void)state;
    struct template template;
    struct object_get_rep rep;
    uint8_t type[4];
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_POLICY, world_policy.data, world_policy.size);
    struct object_set_req req = {session, private_key, template_of(&template)};
    assert_int_equal(call_object_set(&module, req, NULL), STATUS_VERSION_OLD);
    template.data[template.used - world_policy.size + 11]++; /* a later version */
    assert_int_equal(call_object_set(&module, req, NULL), STATUS_ATTRIBUTE_READ_ONLY);
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_POLICY, NULL, 0);
    req.attributes = template_of(&template);
    assert_int_equal(call_object_set(&module, req, NULL), STATUS_POLICY_INVALID);
    save_u32(type, (uint32_t)ATTRIBUTE_POLICY);
    struct object_get_req get = {session, private_key, bytes_of(type, sizeof(type))};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    struct bytes value;
    assert_int_equal(attributes_find(rep.attributes, ATTRIBUTE_POLICY, &value), STATUS_OK);
    assert_true(bytes_equal(value, world_policy));
}

static void what_is_kept_goes_with_the_key(void **state) {
    (void)state;
    struct statement_parts parts;
    struct status_rep before = {.store_used = 0}, after;
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(sign_one(&parts), 1);
        struct object_destroy_req req = {session, private_key};
        assert_int_equal(call_object_destroy(&module, req, NULL), STATUS_OK);
        module_stop(&module);
        module_start(&module);
        session = module_user_session(&module);
        assert_int_equal(make_key(world_policy, token, nothing), STATUS_OK);
        assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
        if (round > 0) {
            /* another public half each time, and nothing else */
            assert_true(after.store_used < before.store_used + 1024);
        }
        before = after;
    }
}

/* ES256, ES384, ES512: by the curve of the key. */
static void every_curve_signs_in_its_own_way(void **state) {
    static const uint8_t p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    static const uint8_t p521[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
    static const struct {
        struct bytes curve;
        enum statement_algorithm algorithm;
        size_t size;
    } rows[] = {{{p384, sizeof(p384)}, STATEMENT_ES384, 96},
                {{p521, sizeof(p521)}, STATEMENT_ES512, 132}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sign_message_rep rep;
        struct statement_parts parts;
        struct statement statement;
        curve = rows[i].curve;
        assert_int_equal(make_key(world_policy, token, nothing), STATUS_OK);
        assert_int_equal(sign(world_message, &rep), STATUS_OK);
        assert_int_equal(statement_read(rep.statement, &parts, &statement), STATUS_OK);
        assert_int_equal(statement.algorithm, rows[i].algorithm);
        assert_int_equal(parts.signature.size, rows[i].size);
    }
    curve = bytes_of(p256, sizeof(p256));
}

/* More keys than are remembered at once: none is refused, each goes on behind what is stored. */
static void one_bound_key_in_use_too_many_is_told(void **state) {
    struct sign_message_rep rep;
    uint64_t keys[GUARDS_MAX + 1];
    (void)state;
    for (uint32_t i = 0; i <= GUARDS_MAX; i++) {
        assert_int_equal(make_key(world_policy, token, nothing), STATUS_OK);
        keys[i] = private_key;
        assert_int_equal(sign(world_message, &rep), i < GUARDS_MAX ? STATUS_OK : STATUS_MEMORY);
    }
    struct object_destroy_req destroy = {session, keys[0]};
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    assert_int_equal(sign(world_message, &rep), STATUS_OK); /* a place is free */
}

static void counter_of_a_wrong_size_is_damage(void **state) {
    struct sign_message_rep rep;
    uint32_t cursor = 0;
    uint64_t ids[8], id = 0;
    size_t count = 0;
    (void)state;
    while (store_next(&module.hsm->store, RECORD_OBJECT, &cursor, &id) == STATUS_OK) {
        ids[count++] = record_number_of(id);
    }
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(store_put(&module.hsm->store, record_id(RECORD_GUARD, ids[i]),
                                   bytes_of("abc", 3), STORE_LAST),
                         STATUS_OK);
    }
    assert_int_equal(sign(world_message, &rep), STATUS_STORE_DAMAGED);
}

static void policy_on_a_key_that_signs_no_statements_is_refused(void **state) {
    struct template template;
    (void)state;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    template_bytes(&template, ATTRIBUTE_VALUE, p256, 10);
    template_bytes(&template, ATTRIBUTE_POLICY, world_policy.data, world_policy.size);
    struct object_create_req secret = {session, template_of(&template)};
    assert_int_equal(call_object_create(&module, secret, NULL), STATUS_TEMPLATE_INCONSISTENT);
    static struct template open, shut;
    template_start(&open);
    template_num(&open, ATTRIBUTE_MODULUS_BITS, 2048);
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut, ATTRIBUTE_POLICY, world_policy.data, world_policy.size);
    struct key_generate_pair_req rsa = {
        session, {.algorithm = ALGORITHM_RSA_KEY_PAIR_GEN}, template_of(&open), template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&module, rsa, NULL), STATUS_TEMPLATE_INCONSISTENT);
}

/* message cbor { 1 op : one of "open" }  allow always  limit 40 per 1h */
static const uint8_t quota[] = {
    0xa7, 0x01, 0x01, 0x02, 0x61, 0x71, 0x03, 0x01, 0x04, 0x61, 0x6b, 0x05, 0x81, 0x86, 0x18,
    0xff, 0x01, 0x62, 0x6f, 0x70, 0x00, 0xf4, 0x81, 0x64, 0x6f, 0x70, 0x65, 0x6e, 0x06, 0x80,
    0x07, 0x82, 0x86, 0x00, 0x01, 0x81, 0x80, 0x80, 0x80, 0x80, 0x86, 0x02, 0x01, 0x81, 0x80,
    0x83, 0x18, 0x28, 0x1a, 0x00, 0x36, 0xee, 0x80, 0x18, 0x28, 0x80, 0x80,
};

/* A restart gives nothing back: neither of the quota nor of the rate. */
static void a_quota_is_kept_over_a_restart(void **state) {
    (void)state;
    struct template template;
    unsigned before = 0, after = 0;
    struct object_destroy_req req = {session, private_key};
    assert_int_equal(call_object_destroy(&module, req, NULL), STATUS_OK);
    assert_int_equal(make_key(bytes_of(quota, sizeof(quota)), token, nothing), STATUS_OK);
    while (before < 30) {
        assert_int_equal(sign(world_message, NULL), STATUS_OK);
        before++;
    }
    module_drop(&module);
    module_start(&module);
    session = module_user_session(&module);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &template, &private_key), 1);
    while (sign(world_message, NULL) == STATUS_OK) {
        after++;
    }
    assert_int_equal(sign(world_message, NULL), STATUS_POLICY_TOO_OFTEN);
    /* a reserve of 40 / 16 is given up at most */
    assert_true(before + after <= 40 && before + after >= 38);
}

int main(void) {
#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        STORY(a_statement_verifies_with_the_public_key),
        STORY(the_header_names_the_policy_by_its_hash),
        STORY(the_counter_goes_up_by_one),
        STORY(the_counter_never_goes_back_whenever_the_power_is_cut),
        STORY(messages_that_the_policy_does_not_allow_are_refused),
        STORY(a_bound_key_does_nothing_else),
        STORY(a_key_without_policy_signs_no_messages),
        STORY(a_policy_is_for_keys_that_stay_and_only_sign),
        STORY(a_policy_is_not_changed_without_people_and_not_taken_away),
        STORY(what_is_kept_goes_with_the_key),
        STORY(a_quota_is_kept_over_a_restart),
        STORY(every_curve_signs_in_its_own_way),
        STORY(one_bound_key_in_use_too_many_is_told),
        STORY(counter_of_a_wrong_size_is_damage),
        STORY(policy_on_a_key_that_signs_no_statements_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
