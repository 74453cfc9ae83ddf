/* SPDX-License-Identifier: Apache-2.0 */
/* Every table of the module is filled to its end: connections, sessions, operations in parts, ready
 * keys, objects, the memory of session objects, refusals, the log, the room for a reply. What does
 * not fit is refused with a status that says what is full, nothing else suffers, and when something
 * has gone there is room again. */
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

/* ---- connections and sessions ---- */

static void one_connection_too_many_is_refused(void **state) {
    uint32_t connections[CONNECTIONS_MAX], last = 0;
    (void)state;
    for (uint32_t i = 1; i < CONNECTIONS_MAX; i++) {
        assert_int_equal(hsm_connect(module.hsm, &module.peer, &connections[i]), STATUS_OK);
    }
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &last), STATUS_BUSY);
    hsm_disconnect(module.hsm, connections[3]);
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &last), STATUS_OK);
    assert_int_equal(last, connections[3]);
    for (uint32_t i = 1; i < CONNECTIONS_MAX; i++) {
        hsm_disconnect(module.hsm, connections[i]);
    }
}

static uint32_t open_sessions(struct module *with) {
    uint32_t count = 0;
    struct session_open_rep open;
    enum status status = STATUS_OK;
    while ((status = call_session_open(with, (struct session_open_req){0, 0}, &open)) ==
           STATUS_OK) {
        count++;
    }
    assert_int_equal(status, STATUS_SESSION_COUNT);
    return count;
}

static void one_session_too_many_is_refused(void **state) {
    uint32_t own = module.connection, other = 0;
    struct session_close_all_req close = {0};
    (void)state;
    assert_int_equal(open_sessions(&module), SESSIONS_PER_CONNECTION);
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &other), STATUS_OK);
    module.connection = other;
    assert_int_equal(open_sessions(&module), SESSIONS_MAX - SESSIONS_PER_CONNECTION);
    module.connection = own;
    assert_int_equal(call_session_close_all(&module, close, NULL), STATUS_OK);
    hsm_disconnect(module.hsm, other);
    assert_int_equal(open_sessions(&module), SESSIONS_PER_CONNECTION);
}

/* ---- operations in parts ---- */

static enum status open_digest(uint32_t session) {
    struct stream_open_req open = {
        .session = session,
        .function = F_DIGEST,
        .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256}};
    return call_stream_open(&module, open, NULL);
}

static void one_operation_too_many_is_refused(void **state) {
    uint32_t sessions[STREAMS_MAX + 1];
    (void)state;
    for (uint32_t i = 0; i <= STREAMS_MAX; i++) {
        sessions[i] = module_session(&module);
        assert_int_equal(open_digest(sessions[i]), i < STREAMS_MAX ? STATUS_OK : STATUS_MEMORY);
    }
    struct session_close_req close = {sessions[2]};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    assert_int_equal(open_digest(sessions[STREAMS_MAX]), STATUS_OK);
}

static void operation_of_no_function_or_of_two_is_refused(void **state) {
    static const uint32_t functions[] = {0, F_SIGN | F_VERIFY, F_WRAP, F_DERIVE, 1u << 31};
    uint32_t session = module_user_session(&module);
    (void)state;
    for (size_t i = 0; i < COUNT(functions); i++) {
        struct stream_open_req open = {.session = session, .function = functions[i]};
        assert_int_equal(call_stream_open(&module, open, NULL), STATUS_MECHANISM_INVALID);
        struct stream_update_req update = {session, functions[i], bytes_of_text("part")};
        assert_int_equal(call_stream_update(&module, update, NULL), STATUS_OPERATION_NOT_STARTED);
    }
}

/* ---- keys ready for use ---- */

struct overlapping {
    struct call *call;
    uint8_t frame[FRAME_HEADER_SIZE + 512], reply[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
};

/* A request of which only the first step is done: it keeps its key. */
static void begin_mac(struct overlapping *one, uint32_t session, uint64_t key) {
    struct sign_req req = {session, key, {.algorithm = ALGORITHM_AES_CMAC}, bytes_of_text("data")};
    struct span body = {one->frame + FRAME_HEADER_SIZE, 512};
    size_t used = 0;
    one->call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    assert_non_null(one->call);
    memset(one->call, 0, call_size());
    assert_int_equal(codec_write(command_row(COMMAND_sign)->request, &req, body, &used), STATUS_OK);
    frame_write_header(one->frame, COMMAND_sign, used);
    hsm_check(module.hsm, one->call, module.connection,
              bytes_of(one->frame, FRAME_HEADER_SIZE + used),
              (struct span){one->reply, sizeof(one->reply)});
}

static enum status end_call(struct overlapping *one) {
    hsm_compute(one->call);
    struct bytes raw = hsm_commit(module.hsm, one->call);
    free(one->call);
    return (enum status)load_u32(raw.data + 4);
}

static void one_key_in_use_too_many_is_refused(void **state) {
    static const uint32_t usage[] = {ATTRIBUTE_SIGN, 0xffffffffu};
    static struct overlapping calls[SOFT_KEYS_MAX + 1];
    uint64_t keys[SOFT_KEYS_MAX + 1];
    uint32_t session = module_user_session(&module);
    (void)state;
    for (uint32_t i = 0; i <= SOFT_KEYS_MAX; i++) {
        assert_int_equal(module_make_aes(&module, session, usage, &keys[i]), STATUS_OK);
    }
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i <= SOFT_KEYS_MAX; i++) {
            begin_mac(&calls[i], session, keys[i]);
        }
        for (uint32_t i = 0; i <= SOFT_KEYS_MAX; i++) {
            assert_int_equal(end_call(&calls[i]), i < SOFT_KEYS_MAX ? STATUS_OK : STATUS_BUSY);
        }
    }
    begin_mac(&calls[0], session, keys[SOFT_KEYS_MAX]); /* the place of another is taken */
    assert_int_equal(end_call(&calls[0]), STATUS_OK);
    struct object_destroy_req destroy = {session, keys[1]};
    begin_mac(&calls[0], session, keys[1]);
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    assert_int_equal(end_call(&calls[0]), STATUS_OK); /* it was there when it began */
}

/* ---- objects ---- */

static enum status make_data(uint32_t session, bool token, size_t size, uint64_t *handle) {
    static uint8_t value[OBJECT_SIZE_MAX];
    struct template template;
    struct object_create_rep rep = {0};
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_bool(&template, ATTRIBUTE_TOKEN, token);
    template_text(&template, ATTRIBUTE_LABEL, "one of many");
    template_bytes(&template, ATTRIBUTE_VALUE, value, size);
    struct object_create_req req = {session, template_of(&template)};
    enum status status = call_object_create(&module, req, &rep);
    if (handle != NULL) {
        *handle = rep.object;
    }
    return status;
}

static uint32_t fill_with_data(uint32_t session, bool token, size_t size, enum status full) {
    uint32_t count = 0;
    enum status status = STATUS_OK;
    while ((status = make_data(session, token, size, NULL)) == STATUS_OK) {
        count++;
    }
    assert_int_equal(status, full);
    return count;
}

static size_t count_found(uint32_t session, bool by_label) {
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    if (by_label) {
        template_text(&template, ATTRIBUTE_LABEL, "one of many");
    }
    return module_find(&module, session, &template, NULL);
}

/* The last places are kept for what a token has built in: a token that is made when all is full
 * must not keep the module from starting again. */
static void one_object_too_many_is_refused_and_tokens_can_still_be_made(void **state) {
    uint32_t session = module_user_session(&module);
    (void)state;
    uint32_t count = fill_with_data(session, true, 1, STATUS_OBJECT_COUNT);
    assert_int_equal(count, OBJECTS_MAX - OBJECTS_BUILT_IN);
    assert_int_equal(count_found(session, false), count);
    assert_int_equal(count_found(session, true), count);
    for (uint32_t slot = 1; slot < TOKENS_MAX; slot++) {
        struct token_init_req init = {slot, bytes_of_text(SO_PIN), bytes_of_text("more")};
        assert_int_equal(call_token_init(&module, init, NULL), STATUS_OK);
    }
    module_stop(&module);
    module_start(&module);
    struct status_rep status;
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.state, STATE_OPERATIONAL);
    assert_int_equal(status.objects, OBJECTS_MAX);
    session = module_user_session(&module);
    assert_int_equal(count_found(session, true), count);
    uint64_t handle = 0;
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    for (int i = 0; i < 3; i++) { /* places are taken again, from either end */
        module_find(&module, session, &template, &handle);
        struct object_destroy_req destroy = {session, handle};
        assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    }
    assert_int_equal(fill_with_data(session, true, 1, STATUS_OBJECT_COUNT), 3);
    assert_int_equal(count_found(session, true), count);
}

enum { LARGE = OBJECT_SIZE_MAX / 3 };

static void memory_of_session_objects_ends_with_a_status_of_its_own(void **state) {
    uint32_t session = module_user_session(&module);
    uint64_t kept = 0;
    (void)state;
    assert_int_equal(make_data(session, false, LARGE, &kept), STATUS_OK);
    uint32_t count = fill_with_data(session, false, LARGE, STATUS_MEMORY);
    assert_true(count > 3);
    uint32_t small = fill_with_data(session, false, 1, STATUS_MEMORY);
    struct template template;
    static const uint8_t longer[LARGE + SESSION_BLOCK_SIZE];
    template_start(&template); /* a change that does not fit leaves the object as it was */
    template_bytes(&template, ATTRIBUTE_LABEL, longer, sizeof(longer));
    struct object_set_req set = {session, kept, template_of(&template)};
    assert_int_equal(call_object_set(&module, set, NULL), STATUS_MEMORY);
    uint8_t types[4];
    struct object_get_rep rep;
    save_u32(types, ATTRIBUTE_VALUE);
    struct object_get_req get = {session, kept, bytes_of(types, 4)};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    assert_int_equal(load_u32(rep.attributes.data + 4), LARGE);
    struct object_destroy_req destroy = {session, kept};
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    assert_true(fill_with_data(session, false, 1, STATUS_MEMORY) > 0);
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    session = module_user_session(&module);
    assert_true(fill_with_data(session, false, 1, STATUS_MEMORY) > small);
}

/* A pair of which only one half fits is not made at all. */
static void pair_of_which_one_half_fits_is_not_made(void **state) {
    uint32_t session = module_user_session(&module);
    uint64_t public_key = 0, private_key = 0, handle = 0;
    struct status_rep before, after;
    (void)state;
    for (int token = 0; token <= 1; token++) {
        fill_with_data(session, true, 1, STATUS_OBJECT_COUNT);
        struct template template;
        template_start(&template);
        template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
        module_find(&module, session, &template, &handle);
        struct object_destroy_req destroy = {session, handle};
        assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
        assert_int_equal(call_status(&module, (struct status_req){}, &before), STATUS_OK);
        assert_int_equal(
            module_make_pair(&module, session, "two", token == 1, &public_key, &private_key),
            STATUS_OBJECT_COUNT);
        assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
        assert_int_equal(after.objects, before.objects);
    }
    module_stop(&module);
    module_start(&module);
    assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
    assert_int_equal(after.objects, before.objects);
    assert_int_equal(after.state, STATE_OPERATIONAL);
}

/* More than one page of handles, each object once. */
static void search_over_several_pages_finds_each_object_once(void **state) {
    uint32_t session = module_user_session(&module);
    (void)state;
    uint32_t count = fill_with_data(session, true, 1, STATUS_OBJECT_COUNT);
    struct object_find_rep rep;
    for (int by_label = 0; by_label <= 1; by_label++) {
        struct template template;
        template_start(&template);
        template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
        if (by_label == 1) {
            template_text(&template, ATTRIBUTE_LABEL, "one of many");
        }
        struct object_find_req req = {.session = session, .attributes = template_of(&template)};
        /* a reply with room for ten handles */
        uint8_t request[FRAME_HEADER_SIZE + 512], reply[FRAME_HEADER_SIZE + 4 + 8 + 80];
        uint32_t found = 0, pages = 0;
        do {
            struct span body = {request + FRAME_HEADER_SIZE, 512};
            size_t used = 0;
            assert_int_equal(
                codec_write(command_row(COMMAND_object_find)->request, &req, body, &used),
                STATUS_OK);
            frame_write_header(request, COMMAND_object_find, used);
            hsm_check(module.hsm, module.call, module.connection,
                      bytes_of(request, FRAME_HEADER_SIZE + used),
                      (struct span){reply, sizeof(reply)});
            struct frame frame;
            assert_int_equal(frame_read(hsm_commit(module.hsm, module.call), &frame), STATUS_OK);
            assert_int_equal(frame.code, STATUS_OK);
            assert_int_equal(
                codec_read(command_row(COMMAND_object_find)->reply, frame.body, &rep), STATUS_OK);
            found += (uint32_t)(rep.objects.size / 8);
            req.cursor = rep.cursor;
            pages++;
        } while (rep.cursor != 0);
        assert_int_equal(found, count);
        assert_true(pages >= count / 10);
    }
}

/* ---- refusals ---- */

static size_t refusals_told(void) {
    struct refusals_rep rep;
    assert_int_equal(call_refusals(&module, (struct refusals_req){}, &rep), STATUS_OK);
    size_t count = 0;
    for (size_t at = 0; at < rep.rows.size; count++) {
        assert_int_equal(load_u32(rep.rows.data + at + 16), module.peer.uid);
        at += 36 + load_u32(rep.rows.data + at + 32);
    }
    return count;
}

static void each_user_is_told_of_its_own_newest_refusals(void **state) {
    uint32_t own = module.connection, other = 0;
    struct peer peer = {.uid = 1001, .pid = 9};
    (void)state;
    for (int i = 0; i < REFUSALS_MAX + 3; i++) {
        assert_int_equal(call_logout(&module, (struct logout_req){99}, NULL),
                         STATUS_SESSION_INVALID);
    }
    assert_int_equal(refusals_told(), REFUSALS_MAX);
    assert_int_equal(hsm_connect(module.hsm, &peer, &other), STATUS_OK);
    module.connection = other;
    assert_int_equal(call_logout(&module, (struct logout_req){99}, NULL), STATUS_SESSION_INVALID);
    module.connection = own;
    assert_int_equal(refusals_told(), REFUSALS_MAX - 1);
    hsm_disconnect(module.hsm, other);
}

/* ---- the room for a reply ---- */

/* A body that gives less room than it promised: nothing is written behind it. */
static enum status ask_with_room(enum command command, const void *req, size_t room) {
    static uint8_t reply[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
    struct span body = {module.request + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    memset(reply, 0x5a, sizeof(reply));
    assert_int_equal(codec_write(command_row((uint32_t)command)->request, req, body, &used),
                     STATUS_OK);
    frame_write_header(module.request, (uint32_t)command, used);
    hsm_check(module.hsm, module.call, module.connection,
              bytes_of(module.request, FRAME_HEADER_SIZE + used),
              (struct span){reply, FRAME_HEADER_SIZE + room});
    hsm_compute(module.call);
    struct bytes raw = hsm_commit(module.hsm, module.call);
    assert_true(raw.size <= FRAME_HEADER_SIZE + room);
    assert_true(bytes_all(bytes_of(reply + FRAME_HEADER_SIZE + room, FRAME_BODY_MAX - room), 0x5a));
    return (enum status)load_u32(raw.data + 4);
}

static void reply_never_grows_beyond_its_room(void **state) {
    uint32_t session = module_session(&module);
    struct random_req random = {session, 100};
    struct algorithms_req algorithms = {0};
    struct refusals_req refusals = {};
    (void)state;
    assert_int_equal(call_logout(&module, (struct logout_req){99}, NULL), STATUS_SESSION_INVALID);
    assert_int_equal(call_logout(&module, (struct logout_req){98}, NULL), STATUS_SESSION_INVALID);
    assert_int_equal(ask_with_room(COMMAND_random, &random, 103), STATUS_TOO_LARGE);
    assert_int_equal(ask_with_room(COMMAND_random, &random, 104), STATUS_OK);
    assert_int_equal(ask_with_room(COMMAND_algorithms, &algorithms, 60), STATUS_TOO_LARGE);
    assert_int_equal(ask_with_room(COMMAND_refusals, &refusals, 4 + 36), STATUS_OK); /* one */
    assert_int_equal(ask_with_room(COMMAND_refusals, &refusals, 4 + 30), STATUS_OK); /* none */
    assert_int_equal(ask_with_room(COMMAND_hello, &(struct hello_req){1}, 3), STATUS_TOO_LARGE);
}

/* ---- the log ---- */

static void full_log_refuses_work_until_it_is_released(void **state) {
    uint32_t session = module_session(&module);
    struct digest_req digest = {session, HASH_SHA256, bytes_of_text("work")};
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    struct log_release_req release = {session, UINT64_MAX};
    enum status status = STATUS_OK;
    (void)state;
    sim_set_log_capacity(60);
    assert_int_equal(call_status(&module, (struct status_req){}, NULL), STATUS_OK);
    for (int i = 0; i < 100 && status == STATUS_OK; i++) {
        status = call_digest(&module, digest, NULL);
    }
    assert_int_equal(status, STATUS_LOG_FULL);
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    assert_int_equal(call_log_release(&module, release, NULL), STATUS_OK);
    assert_int_equal(call_digest(&module, digest, NULL), STATUS_OK);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(one_connection_too_many_is_refused),
        STORY(one_session_too_many_is_refused),
        STORY(one_operation_too_many_is_refused),
        STORY(operation_of_no_function_or_of_two_is_refused),
        STORY(one_key_in_use_too_many_is_refused),
        STORY(one_object_too_many_is_refused_and_tokens_can_still_be_made),
        STORY(memory_of_session_objects_ends_with_a_status_of_its_own),
        STORY(pair_of_which_one_half_fits_is_not_made),
        STORY(search_over_several_pages_finds_each_object_once),
        STORY(each_user_is_told_of_its_own_newest_refusals),
        STORY(reply_never_grows_beyond_its_room),
        STORY(full_log_refuses_work_until_it_is_released),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
