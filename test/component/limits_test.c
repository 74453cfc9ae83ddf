/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals at the edges of a session: PINs of a wrong length, sessions that only read, groups that
 * are let in, and keys that are used for one mechanism or after one confirmation only. */
#include "test/component/fixture.h"

#include "core/session/peer.h"

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

static struct bytes long_pin(void) {
    static uint8_t pin[PIN_SIZE_MAX];
    memset(pin, '7', sizeof(pin));
    return bytes_of(pin, sizeof(pin));
}

static void pins_of_a_wrong_length_are_refused(void **state) {
    (void)state;
    uint32_t session = module_user_session(&module);
    struct pin_set_req set = {session, bytes_of_text(USER_PIN), bytes_of_text("1")};
    assert_int_equal(call_pin_set(&module, set, NULL), STATUS_PIN_LENGTH);
    set.new_pin = bytes_of(NULL, 0);
    assert_int_equal(call_pin_set(&module, set, NULL), STATUS_PIN_LENGTH);
    set.new_pin = long_pin();
    assert_int_equal(call_pin_set(&module, set, NULL), STATUS_OK);
    struct token_init_req init = {1, bytes_of_text("1"), bytes_of_text("other")};
    assert_int_equal(call_token_init(&module, init, NULL), STATUS_PIN_LENGTH);
}

static void a_session_that_reads_changes_nothing(void **state) {
    (void)state;
    struct session_open_rep open;
    struct session_open_req reads = {0, 0};
    assert_int_equal(call_session_open(&module, reads, &open), STATUS_OK);
    struct login_req login = {open.session, USER_USER, bytes_of_text(USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    struct pin_set_req set = {open.session, bytes_of_text(USER_PIN), bytes_of_text("another-pin")};
    assert_int_equal(call_pin_set(&module, set, NULL), STATUS_SESSION_READ_ONLY);
    uint64_t public_key = 0, private_key = 0;
    assert_int_equal(
        module_make_pair(&module, open.session, "kept", true, &public_key, &private_key),
        STATUS_SESSION_READ_ONLY);
    assert_int_equal(
        module_make_pair(&module, open.session, "brief", false, &public_key, &private_key),
        STATUS_OK);
}

static void more_random_bytes_than_fit_are_refused(void **state) {
    (void)state;
    uint32_t session = module_session(&module);
    struct random_req random = {session, FRAME_BODY_MAX + 1};
    assert_int_equal(call_random(&module, random, NULL), STATUS_TOO_LARGE);
}

/* A pair on P-256 whose private key has one more attribute. */
static uint64_t make_signer(uint32_t session, uint32_t attribute, struct bytes value) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    struct template first, second;
    struct key_generate_pair_rep rep;
    template_start(&first);
    template_bytes(&first, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&second);
    template_bytes(&second, (enum attribute)attribute, value.data, value.size);
    struct key_generate_pair_req req = {.session = session,
                                        .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                        .public_attributes = template_of(&first),
                                        .private_attributes = template_of(&second)};
    assert_int_equal(call_key_generate_pair(&module, req, &rep), STATUS_OK);
    return rep.private_key;
}

static enum status sign_with(uint32_t session, uint64_t key, uint32_t hash) {
    struct sign_req req = {.session = session,
                           .key = key,
                           .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = hash},
                           .data = bytes_of_text("words")};
    return call_sign(&module, req, NULL);
}

static void a_key_is_used_with_its_allowed_mechanisms_only(void **state) {
    (void)state;
    uint8_t allowed[4];
    save_u32(allowed, ALGORITHM_ECDSA | HASH_SHA384 << 16);
    uint32_t session = module_user_session(&module);
    uint64_t key = make_signer(session, ATTRIBUTE_ALLOWED_MECHANISMS, bytes_of(allowed, 4));
    assert_int_equal(sign_with(session, key, HASH_SHA384), STATUS_OK);
    assert_int_equal(sign_with(session, key, HASH_SHA256), STATUS_KEY_FUNCTION_NOT_PERMITTED);
}

static void each_use_of_some_keys_is_confirmed(void **state) {
    (void)state;
    const uint8_t yes = 1;
    uint32_t session = module_user_session(&module);
    uint64_t key = make_signer(session, ATTRIBUTE_ALWAYS_AUTHENTICATE, bytes_of(&yes, 1));
    struct login_req confirm = {session, USER_CONTEXT, bytes_of_text(USER_PIN)};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(sign_with(session, key, HASH_SHA256), STATUS_CONFIRM_LOGIN);
        assert_int_equal(call_login(&module, confirm, NULL), STATUS_OK);
        assert_int_equal(sign_with(session, key, HASH_SHA256), STATUS_OK);
    }
    assert_int_equal(sign_with(session, key, HASH_SHA256), STATUS_CONFIRM_LOGIN);
}

static uint32_t state_for(const struct peer *peer) {
    struct session_info_rep info;
    uint32_t own = module.connection;
    assert_int_equal(hsm_connect(module.hsm, peer, &module.connection), STATUS_OK);
    struct session_info_req ask = {module_session(&module)};
    assert_int_equal(call_session_info(&module, ask, &info), STATUS_OK);
    hsm_disconnect(module.hsm, module.connection);
    module.connection = own;
    return info.state;
}

static void a_group_is_let_in_without_a_pin_and_others_are_not(void **state) {
    (void)state;
    uint8_t entry[8];
    struct token_info_rep info;
    save_u32(entry, PEER_GID);
    save_u32(entry + 4, 42);
    uint32_t session = module_session(&module);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    struct token_set_req set = {
        .session = session, .access = ACCESS_PEERS, .peers = bytes_of(entry, sizeof(entry))};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK);
    assert_true(bytes_equal(info.peers, bytes_of(entry, sizeof(entry))));
    struct session_close_req close = {session};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    struct peer member = {.uid = 7, .pid = 2, .group_count = 2, .groups = {41, 42}};
    struct peer stranger = {.uid = 7, .pid = 3, .group_count = 2, .groups = {41, 43}};
    assert_int_equal(state_for(&member), SESSION_RW_USER);
    assert_int_equal(state_for(&stranger), SESSION_RW_PUBLIC);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pins_of_a_wrong_length_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_session_that_reads_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(more_random_bytes_than_fit_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_key_is_used_with_its_allowed_mechanisms_only, begin, end),
        cmocka_unit_test_setup_teardown(each_use_of_some_keys_is_confirmed, begin, end),
        cmocka_unit_test_setup_teardown(a_group_is_let_in_without_a_pin_and_others_are_not, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
