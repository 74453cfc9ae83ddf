/* SPDX-License-Identifier: Apache-2.0 */
/* T4: every order of the things that can happen to an operation in parts, up to five of them, is
 * answered as a model of a few lines says. */
#include "test/component/quick.h"
#include "test/component/fixture.h"
#include "test/share.h"

enum event_kind { OPEN, UPDATE, CLOSE, CANCEL, DESTROY_KEY, LOGOUT, LOGIN, CLOSE_SESSION, EVENTS };
enum { LENGTH = 5 };
static const char *const names[EVENTS] = {"open",   "update", "close", "cancel",
                                          "destroy", "logout", "login", "end of the session"};

static struct module module;
static uint64_t sequences, steps;

/* What is so, as the events tell. */
struct world_model {
    bool session, user, key, handle, active;
};

struct subject {
    uint32_t function;
    struct mechanism mechanism;
    bool has_key; /* an operation with a private key ends with the login, a digest does not */
    uint32_t session;
    uint64_t key;
};

static enum status expect_open(struct world_model *is, const struct subject *subject) {
    if (is->active) {
        return STATUS_OPERATION_ACTIVE;
    }
    if (subject->has_key && !(is->key && is->handle)) {
        return STATUS_KEY_INVALID;
    }
    is->active = true;
    return STATUS_OK;
}

static enum status expect_in_session(struct world_model *is, const struct subject *subject,
                                     enum event_kind event) {
    bool was_active = is->active;
    switch (event) {
    case OPEN:
        return expect_open(is, subject);
    case UPDATE:
        return was_active ? STATUS_OK : STATUS_OPERATION_NOT_STARTED;
    case CLOSE:
        is->active = false;
        return was_active ? STATUS_OK : STATUS_OPERATION_NOT_STARTED;
    case CANCEL:
        is->active = false;
        return STATUS_OK;
    case DESTROY_KEY: /* an operation that began with it goes on */
        if (!is->key || !is->handle) {
            return STATUS_OBJECT_INVALID;
        }
        is->key = false;
        return STATUS_OK;
    case LOGOUT: /* private session objects go, handles of the login mean nothing any more */
        if (!is->user) {
            return STATUS_NOT_LOGGED_IN;
        }
        is->user = is->handle = false;
        is->active = was_active && !subject->has_key;
        return STATUS_OK;
    case LOGIN:
        if (is->user) {
            return STATUS_ALREADY_LOGGED_IN;
        }
        is->user = true;
        return STATUS_OK;
    default:
        *is = (struct world_model){0};
        return STATUS_OK;
    }
}

static enum status expected(struct world_model *is, const struct subject *subject,
                            enum event_kind event) {
    return is->session ? expect_in_session(is, subject, event) : STATUS_SESSION_INVALID;
}

static enum status happen(const struct subject *subject, enum event_kind event) {
    uint32_t session = subject->session;
    uint32_t function = subject->function;
    struct stream_open_req open = {session, function, subject->key, subject->mechanism};
    switch (event) {
    case OPEN:
        return call_stream_open(&module, open, NULL);
    case UPDATE:
        return call_stream_update(
            &module, (struct stream_update_req){session, function, bytes_of_text("a part")}, NULL);
    case CLOSE:
        return call_stream_close(
            &module, (struct stream_close_req){.session = session, .function = function}, NULL);
    case CANCEL:
        return call_stream_cancel(&module, (struct stream_cancel_req){session, function}, NULL);
    case DESTROY_KEY:
        return call_object_destroy(&module, (struct object_destroy_req){session, subject->key},
                                   NULL);
    case LOGOUT:
        return call_logout(&module, (struct logout_req){session}, NULL);
    case LOGIN:
        return call_login(
            &module, (struct login_req){session, USER_USER, bytes_of_text(USER_PIN)}, NULL);
    default:
        return call_session_close(&module, (struct session_close_req){session}, NULL);
    }
}

static void play(struct subject *subject, const enum event_kind *events) {
    static const uint32_t cipher[] = {ATTRIBUTE_ENCRYPT, 0xffffffffu};
    static const uint32_t mac[] = {ATTRIBUTE_SIGN, 0xffffffffu};
    struct session_close_all_req close = {0};
    assert_int_equal(call_session_close_all(&module, close, NULL), STATUS_OK);
    subject->session = module_user_session(&module);
    assert_int_equal(module_make_aes(&module, subject->session,
                                     subject->function == F_ENCRYPT ? cipher : mac, &subject->key),
                     STATUS_OK);
    struct world_model is = {true, true, true, true, false};
    for (int i = 0; i < LENGTH; i++) {
        enum status wanted = expected(&is, subject, events[i]);
        enum status got = happen(subject, events[i]);
        steps++;
        if (got != wanted) {
            for (int k = 0; k <= i; k++) {
                print_message("%s, ", names[events[k]]);
            }
            fail_msg("function %u: %s, expected %s", subject->function, status_row(got)->name,
                     status_row(wanted)->name);
        }
    }
    sequences++;
}

/* What the log held is kept elsewhere. */
static void make_room_in_the_log(void) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    if (next - first > 6000) {
        assert_int_equal(port_log_release(next - 100), STATUS_OK);
    }
}

static void play_every_order(struct subject subject) {
    enum event_kind events[LENGTH];
    uint32_t all = 1;
    for (int i = 0; i < LENGTH; i++) {
        all *= EVENTS;
    }
    const uint32_t step = all / share_of(all) | 1; /* odd, so that a share has every last event */
    for (uint32_t number = 0; number < all; number += step) {
        uint32_t rest = number;
        for (int i = 0; i < LENGTH; i++, rest /= EVENTS) {
            events[i] = (enum event_kind)(rest % EVENTS);
        }
        play(&subject, events);
        make_room_in_the_log();
    }
    print_message("# operations in parts: %llu orders, %llu steps\n", (unsigned long long)sequences,
                  (unsigned long long)steps);
}

static void every_order_with_a_mac_is_as_the_model_says(void **state) {
    (void)state;
    play_every_order((struct subject){.function = F_SIGN,
                                      .mechanism = {.algorithm = ALGORITHM_AES_CMAC},
                                      .has_key = true});
}

static void every_order_with_a_digest_is_as_the_model_says(void **state) {
    (void)state;
    play_every_order((struct subject){
        .function = F_DIGEST,
        .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256}});
}

static void every_order_with_a_cipher_is_as_the_model_says(void **state) {
    (void)state;
    play_every_order((struct subject){
        .function = F_ENCRYPT,
        .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128, .make_iv = 1},
        .has_key = true});
}

static int fresh_module(void **state) {
    (void)state;
    sim_reset(NULL, true);
    sim_set_log_capacity(8000);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    return 0;
}

static int end_module(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, fresh_module, end_module)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(every_order_with_a_mac_is_as_the_model_says),
        STORY(every_order_with_a_digest_is_as_the_model_says),
        STORY(every_order_with_a_cipher_is_as_the_model_says),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
