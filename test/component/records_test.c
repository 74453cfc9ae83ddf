/* SPDX-License-Identifier: Apache-2.0 */
/* Records of tokens, PINs, objects and starts that authenticate and make no sense: put through the
 * store's own door, as a mistake of the module or who holds its keys would. The module says that
 * its store is damaged, or sweeps what belongs to no token; nothing else is lost. */
#include "core/command/module.h"
#include "test/component/quick.h"
#include "test/component/fixture.h"

static struct module module;

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

static void put(enum record_kind kind, uint64_t number, const void *data, size_t size) {
    assert_int_equal(store_put(&module.hsm->store, record_id(kind, number), bytes_of(data, size),
                               STORE_BOUND),
                     STATUS_OK);
}

static size_t get(enum record_kind kind, uint64_t number, uint8_t *data, size_t room) {
    struct span out = {data, room};
    assert_int_equal(store_get(&module.hsm->store, record_id(kind, number), &out), STATUS_OK);
    return out.size;
}

/* Starts again without a word to the old one. */
static struct status_rep start_again(void) {
    struct status_rep status;
    module_drop(&module);
    module_start(&module);
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    return status;
}

static void expect_damaged(void) {
    struct status_rep status = start_again();
    assert_int_equal(status.state, STATE_ERROR);
    assert_int_equal(status.reason, STATUS_STORE_DAMAGED);
    struct slot_list_rep slots;
    assert_int_equal(call_slot_list(&module, (struct slot_list_req){}, &slots),
                     STATUS_STORE_DAMAGED);
}

/* ---- tokens, PINs, starts ---- */

static void token_of_a_wrong_size_is_damage(void **state) {
    uint8_t token[512] = {0};
    (void)state;
    size_t size = get(RECORD_TOKEN, 0, token, sizeof(token));
    struct sim_memory *memory = sim_remember(NULL);
    for (size_t wrong = size - 1; wrong <= size + 1; wrong += 2) {
        sim_recall(memory);
        start_again();
        put(RECORD_TOKEN, 0, token, wrong);
        expect_damaged();
    }
    sim_forget(memory);
}

static void token_with_more_peers_than_fit_is_damage(void **state) {
    uint8_t token[512];
    (void)state;
    size_t size = get(RECORD_TOKEN, 0, token, sizeof(token));
    save_u32(token + 16, TOKEN_PEERS_MAX + 1);
    put(RECORD_TOKEN, 0, token, size);
    expect_damaged();
}

static void tries_of_a_wrong_size_are_damage(void **state) {
    static const uint8_t tries[5] = {0};
    (void)state;
    struct sim_memory *memory = sim_remember(NULL);
    for (uint64_t user = USER_SO; user <= USER_USER; user++) {
        for (size_t wrong = 3; wrong <= sizeof(tries); wrong += 2) {
            sim_recall(memory);
            start_again();
            put(RECORD_PIN, user, tries, wrong);
            expect_damaged();
        }
    }
    sim_forget(memory);
}

static void token_without_a_count_of_tries_has_none(void **state) {
    struct token_info_rep info;
    (void)state;
    assert_int_equal(
        store_remove(&module.hsm->store, record_id(RECORD_PIN, USER_USER), STORE_BOUND), STATUS_OK);
    assert_int_equal(start_again().state, STATE_OPERATIONAL);
    assert_int_equal(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK);
    assert_int_equal(info.user_tries_left, PIN_TRIES_MAX);
    module_user_session(&module);
}

static void count_of_starts_of_a_wrong_size_is_damage(void **state) {
    static const uint8_t boot[8] = {1};
    (void)state;
    struct sim_memory *memory = sim_remember(NULL);
    for (size_t wrong = 3; wrong <= 5; wrong += 2) {
        sim_recall(memory);
        start_again();
        put(RECORD_MODULE, 1, boot, wrong);
        expect_damaged();
    }
    sim_forget(memory);
}

/* ---- roles ---- */

static enum status list_requests(uint32_t session) {
    return call_approval_list(&module, (struct approval_list_req){session}, NULL);
}

static void roles_that_make_no_sense_are_damage(void **state) {
    static const uint8_t large[ROLES_FILE_MAX + 1];
    uint8_t roles[64] = {0};
    uint32_t session = module_session(&module);
    (void)state;
    assert_int_equal(list_requests(session), STATUS_OK);
    put(RECORD_ROLES, 0, roles, 3);
    assert_int_equal(list_requests(session), STATUS_STORE_DAMAGED);
    put(RECORD_ROLES, 0, roles, sizeof(roles)); /* of a token that was here before */
    assert_int_equal(list_requests(session), STATUS_OK);
    save_u32(roles, module.hsm->tokens.list[0].generation);
    put(RECORD_ROLES, 0, roles, sizeof(roles)); /* no roles file */
    assert_int_equal(list_requests(session), STATUS_STORE_DAMAGED);
    assert_int_equal(quorum_put_roles(&module.hsm->store, 0, 1, bytes_of(large, sizeof(large))),
                     STATUS_TOO_LARGE);
}

/* All places hold requests that somebody has approved: none of them is thrown out. */
static void request_that_finds_no_place_is_refused(void **state) {
    struct quorum *quorum = &module.hsm->quorum;
    struct quorum_subject subject = {.class = APPROVAL_ROLES};
    uint64_t number = 0;
    (void)state;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        quorum->list[i] = (struct waiting){
            .used = true, .id = i + 1, .expires_ms = port_uptime_ms() + 1000, .signer_count = 1};
    }
    assert_int_equal(quorum_ask(quorum, &subject, NULL, &number), STATUS_BUSY);
}

/* ---- what is kept of keys ---- */

static uint64_t make_limited(uint32_t session) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_num(&template, ATTRIBUTE_USES_MAX, 100);
    struct key_generate_req req = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                   template_of(&template)};
    assert_int_equal(call_key_generate(&module, req, &rep), STATUS_OK);
    return rep.key;
}

static uint64_t newest_of(enum record_kind kind) {
    uint32_t cursor = 0;
    uint64_t id = 0;
    assert_int_equal(store_next(&module.hsm->store, kind, &cursor, &id), STATUS_OK);
    return record_number_of(id);
}

static void count_of_uses_of_a_wrong_size_is_damage(void **state) {
    uint8_t record[128] = {0};
    (void)state;
    make_limited(module_user_session(&module));
    put(RECORD_USAGE, newest_of(RECORD_USAGE), record, 3);
    expect_damaged();
}

static void key_with_limits_of_which_the_count_is_gone_is_damage(void **state) {
    (void)state;
    make_limited(module_user_session(&module));
    assert_int_equal(store_remove(&module.hsm->store,
                                  record_id(RECORD_USAGE, newest_of(RECORD_USAGE)), STORE_BOUND),
                     STATUS_OK);
    expect_damaged();
}

/* The end cannot write how often keys were used: the marks set before count. */
static void end_that_cannot_write_counts_of_uses_is_survived(void **state) {
    uint32_t session = module_user_session(&module);
    struct encrypt_req use = {.session = session,
                              .key = make_limited(session),
                              .mechanism = {.algorithm = ALGORITHM_AES_GCM,
                                            .tag_bits = 128,
                                            .make_iv = 1},
                              .data = bytes_of_text("once")};
    (void)state;
    assert_int_equal(call_encrypt(&module, use, NULL), STATUS_OK);
    sim_fail((struct sim_failure){SIM_FLASH_PROGRAM, 1, UINT32_MAX, SIM_NO_EFFECT});
    module_stop(&module);
    sim_fail((struct sim_failure){0});
    module_start(&module);
    assert_int_equal(start_again().state, STATE_OPERATIONAL);
}

static void counts_of_keys_that_are_gone_are_swept(void **state) {
    uint8_t record[64] = {0};
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        put(RECORD_USAGE, 4000 + i, record, sizeof(record));
    }
    assert_int_equal(start_again().state, STATE_OPERATIONAL);
    uint32_t cursor = 0;
    uint64_t id = 0;
    assert_int_equal(store_next(&module.hsm->store, RECORD_USAGE, &cursor, &id), STATUS_NOT_FOUND);
}

/* ---- objects ---- */

static const struct template *some_object(void) {
    static struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_text(&template, ATTRIBUTE_LABEL, "put by hand");
    return &template;
}

static void put_object(uint64_t number, uint32_t slot, uint32_t generation) {
    uint8_t record[256];
    const struct template *object = some_object();
    save_u32(record, slot);
    save_u32(record + 4, generation);
    memcpy(record + 8, object->data, object->used);
    put(RECORD_OBJECT, number, record, 8 + object->used);
}

static uint32_t objects_in_store(void) {
    uint32_t cursor = 0, count = 0;
    uint64_t id = 0;
    while (store_next(&module.hsm->store, RECORD_OBJECT, &cursor, &id) == STATUS_OK) {
        count++;
    }
    return count;
}

static size_t found_by_hand(void) {
    struct template template;
    uint32_t session = module_session(&module);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "put by hand");
    return module_find(&module, session, &template, NULL);
}

/* What a token left behind when making it anew was cut: more than one batch of it. */
static void objects_of_tokens_that_are_gone_are_swept_at_the_start(void **state) {
    enum { LEFT = OBJECTS_MAX - OBJECTS_BUILT_IN - 5 };
    (void)state;
    uint32_t now = module.hsm->tokens.list[0].generation;
    put_object(1000, 0, now);
    put_object(1001, 0, now);
    put_object(1002, TOKENS_MAX, now);
    put_object(1003, 1, 0);
    put(RECORD_OBJECT, 1004, "short", 5);
    for (uint32_t i = 0; i < LEFT; i++) {
        put_object(2000 + i, 0, now + 2);
    }
    assert_int_equal(start_again().state, STATE_OPERATIONAL);
    assert_int_equal(objects_in_store(), 2);
    assert_int_equal(found_by_hand(), 2);
    assert_int_equal(start_again().state, STATE_OPERATIONAL);
    assert_int_equal(found_by_hand(), 2);
}

/* The power goes while they are swept: the rest goes at the next start. */
static void sweeping_that_is_cut_is_finished_later(void **state) {
    (void)state;
    uint32_t now = module.hsm->tokens.list[0].generation;
    put_object(1000, 0, now);
    for (uint32_t i = 0; i < 20; i++) {
        put_object(2000 + i, 0, now + 2);
    }
    struct sim_memory *memory = sim_remember(NULL);
    for (uint64_t nth = 1; nth < 40; nth += 3) {
        sim_recall(memory);
        module_drop(&module);
        sim_fail((struct sim_failure){SIM_FLASH_PROGRAM, nth, UINT32_MAX, SIM_NO_EFFECT});
        module_start(&module);
        sim_fail((struct sim_failure){0});
        assert_int_equal(start_again().state, STATE_OPERATIONAL);
        assert_int_equal(objects_in_store(), 1);
        assert_int_equal(found_by_hand(), 1);
    }
    sim_forget(memory);
}

static void failing_reads_while_objects_are_taken_are_told(void **state) {
    (void)state;
    uint32_t now = module.hsm->tokens.list[0].generation;
    put_object(1000, 0, now);
    put_object(2000, 0, now + 2);
    struct sim_memory *memory = sim_remember(NULL);
    bool came = true;
    for (uint64_t nth = 1; came; nth++) {
        struct status_rep status;
        sim_recall(memory);
        module_drop(&module);
        sim_fail((struct sim_failure){SIM_FLASH_READ, nth, 1, SIM_NO_EFFECT});
        module_start(&module);
        came = sim_failed();
        sim_fail((struct sim_failure){0});
        assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
        assert_int_equal(status.state, came ? STATE_ERROR : STATE_OPERATIONAL);
        assert_int_equal(status.reason, came ? STATUS_STORE_IO : STATUS_OK);
        assert_int_equal(start_again().state, STATE_OPERATIONAL);
        assert_int_equal(found_by_hand(), 1);
    }
    sim_forget(memory);
}

static void more_objects_than_the_index_holds_stop_the_module(void **state) {
    uint8_t record[256];
    uint32_t count = 0;
    const struct template *object = some_object();
    (void)state;
    save_u32(record, 0);
    save_u32(record + 4, module.hsm->tokens.list[0].generation);
    memcpy(record + 8, object->data, object->used);
    while (store_put(&module.hsm->store, record_id(RECORD_OBJECT, 1000 + count),
                     bytes_of(record, 8 + object->used), STORE_LAST) == STATUS_OK) {
        count++;
    }
    assert_true(count > OBJECTS_MAX - OBJECTS_BUILT_IN);
    for (uint32_t slot = 1; slot < TOKENS_MAX; slot++) {
        struct token_init_req init = {slot, bytes_of_text(SO_PIN), bytes_of_text("more")};
        assert_int_equal(call_token_init(&module, init, NULL), STATUS_OK);
    }
    struct status_rep status = start_again();
    assert_int_equal(status.state, STATE_ERROR);
    assert_int_equal(status.reason, STATUS_OBJECT_COUNT);
    assert_int_equal(objects_in_store(), count); /* they are still there */
}

/* A record that changes under a module that runs. */
static void object_that_turns_malformed_is_never_shown(void **state) {
    static const uint8_t large[OBJECT_SIZE_MAX + 9];
    uint8_t types[4];
    struct template all;
    uint64_t handle = 0;
    (void)state;
    put_object(1000, 0, module.hsm->tokens.list[0].generation);
    start_again();
    uint32_t session = module_session(&module);
    template_start(&all);
    template_text(&all, ATTRIBUTE_LABEL, "put by hand");
    assert_int_equal(module_find(&module, session, &all, &handle), 1);
    save_u32(types, ATTRIBUTE_LABEL);
    struct object_get_req get_label = {session, handle, bytes_of(types, 4)};
    assert_int_equal(call_object_get(&module, get_label, NULL), STATUS_OK);
    put(RECORD_OBJECT, 1000, large, 7);
    assert_int_equal(call_object_get(&module, get_label, NULL), STATUS_STORE_DAMAGED);
    struct object_find_req find = {.session = session, .attributes = template_of(&all)};
    assert_int_equal(call_object_find(&module, find, NULL), STATUS_STORE_DAMAGED);
    put(RECORD_OBJECT, 1000, large, sizeof(large));
    assert_int_not_equal(call_object_get(&module, get_label, NULL), STATUS_OK);
    assert_true(bytes_all(bytes_of(module.hsm->objects.scratch, sizeof(large) - 1), 0));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(token_of_a_wrong_size_is_damage),
        STORY(token_with_more_peers_than_fit_is_damage),
        STORY(tries_of_a_wrong_size_are_damage),
        STORY(token_without_a_count_of_tries_has_none),
        STORY(count_of_starts_of_a_wrong_size_is_damage),
        STORY(roles_that_make_no_sense_are_damage),
        STORY(request_that_finds_no_place_is_refused),
        STORY(count_of_uses_of_a_wrong_size_is_damage),
        STORY(key_with_limits_of_which_the_count_is_gone_is_damage),
        STORY(end_that_cannot_write_counts_of_uses_is_survived),
        STORY(counts_of_keys_that_are_gone_are_swept),
        STORY(objects_of_tokens_that_are_gone_are_swept_at_the_start),
        STORY(sweeping_that_is_cut_is_finished_later),
        STORY(failing_reads_while_objects_are_taken_are_told),
        STORY(more_objects_than_the_index_holds_stop_the_module),
        STORY(object_that_turns_malformed_is_never_shown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
