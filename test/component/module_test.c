/* SPDX-License-Identifier: Apache-2.0 */
/* The module as a whole: tokens, sessions, objects and the use of keys. */
#include "test/component/fixture.h"

#include "crypto/crypto.h"

static struct module module;

static int fresh_module(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&module);
    return 0;
}

static int end_module(void **state) {
    (void)state;
    if (module.hsm != NULL) {
        module_stop(&module);
    }
    return 0;
}

static void restart(void) {
    module_stop(&module);
    module_start(&module);
}

static void factory_module_has_no_token(void **state) {
    struct status_rep status;
    struct slot_list_rep slots;
    (void)state;
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.reason, STATUS_OK);
    assert_int_equal(status.state, STATE_FACTORY);
    assert_int_equal(call_slot_list(&module, (struct slot_list_req){}, &slots), STATUS_OK);
    assert_int_equal(slots.initialized, 0);
}

static void stored_key_signs_after_restart(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct bytes signature;
    struct template template;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "tls", true, &public_key, &private_key),
                     STATUS_OK);
    restart();
    session = module_user_session(&module);
    template_start(&template);
    template_text(&template, ATTRIBUTE_ID, "tls");
    assert_int_equal(module_find(&module, session, &template, &private_key), 1);
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("hello"), &signature),
                     STATUS_OK);
    assert_int_equal(signature.size, 64);
    uint8_t kept[64];
    memcpy(kept, signature.data, 64);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "tls");
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PUBLIC_KEY);
    assert_int_equal(module_find(&module, session, &template, &public_key), 1);
    struct verify_req verify = {.session = session,
                                .key = public_key,
                                .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
                                .data = bytes_of_text("hello"),
                                .signature = bytes_of(kept, 64)};
    assert_int_equal(call_verify(&module, verify, NULL), STATUS_OK);
    kept[5] ^= 1;
    assert_int_equal(call_verify(&module, verify, NULL), STATUS_SIGNATURE_INVALID);
}

static void private_objects_need_a_login(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct bytes signature;
    struct template all;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
    template_start(&all);
    template_num(&all, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &all, NULL), 1);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    assert_int_equal(module_find(&module, session, &all, NULL), 0);
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_KEY_INVALID);
    assert_int_equal(
        call_login(&module, (struct login_req){session, USER_USER, bytes_of_text(USER_PIN)}, NULL),
        STATUS_OK);
    /* the old handle stays dead: it belonged to another login */
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_KEY_INVALID);
}

static void eighth_wrong_pin_locks_for_ever(void **state) {
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_session(&module);
    struct login_req wrong = {session, USER_USER, bytes_of_text("654321")};
    for (int i = 0; i < PIN_TRIES_MAX - 1; i++) {
        assert_int_equal(call_login(&module, wrong, NULL), STATUS_PIN_INCORRECT);
        if (i == 3) {
            restart();
            session = module_session(&module);
            wrong.session = session;
        }
    }
    assert_int_equal(call_login(&module, wrong, NULL), STATUS_PIN_LOCKED);
    struct login_req right = {session, USER_USER, bytes_of_text(USER_PIN)};
    assert_int_equal(call_login(&module, right, NULL), STATUS_PIN_LOCKED);
}

static void right_pin_gives_the_tries_back(void **state) {
    struct token_info_rep info;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_session(&module);
    struct login_req wrong = {session, USER_USER, bytes_of_text("654321")};
    struct login_req right = {session, USER_USER, bytes_of_text(USER_PIN)};
    for (int i = 0; i < PIN_TRIES_MAX - 1; i++) {
        assert_int_equal(call_login(&module, wrong, NULL), STATUS_PIN_INCORRECT);
    }
    assert_int_equal(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK);
    assert_int_equal(info.user_tries_left, 1);
    assert_int_equal(call_login(&module, right, NULL), STATUS_OK);
    assert_int_equal(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK);
    assert_int_equal(info.user_tries_left, PIN_TRIES_MAX);
}

static void session_of_one_connection_is_nothing_to_another(void **state) {
    uint32_t other = 0;
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct bytes signature;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &other), STATUS_OK);
    uint32_t first = module.connection;
    module.connection = other;
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_SESSION_INVALID);
    uint32_t own = module_user_session(&module);
    assert_int_equal(module_sign(&module, own, private_key, bytes_of_text("x"), &signature),
                     STATUS_KEY_INVALID);
    hsm_disconnect(module.hsm, other);
    module.connection = first;
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_OK);
}

static void session_object_ends_with_its_session(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct status_rep before;
    struct status_rep after;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(call_status(&module, (struct status_req){}, &before), STATUS_OK);
    uint32_t objects = before.objects;
    uint32_t second = module_session(&module);
    assert_int_equal(module_make_pair(&module, second, "k", false, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
    assert_int_equal(after.objects, objects + 2);
    assert_int_equal(call_session_close(&module, (struct session_close_req){second}, NULL),
                     STATUS_OK);
    assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
    assert_int_equal(after.objects, objects);
    struct bytes signature;
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_KEY_INVALID);
}

static void sensitive_value_is_never_shown(void **state) {
    static const uint32_t usage[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT, 0xffffffffu};
    uint64_t key = 0;
    uint8_t types[8];
    struct object_get_rep rep;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_aes(&module, session, usage, &key), STATUS_OK);
    save_u32(types, ATTRIBUTE_VALUE);
    save_u32(types + 4, ATTRIBUTE_VALUE_LEN);
    struct object_get_req get = {session, key, bytes_of(types, sizeof(types))};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    assert_int_equal(rep.attributes.size, 8 + 12);
    assert_int_equal(load_u32(rep.attributes.data + 4), ATTRIBUTE_SIZE_SENSITIVE);
    assert_int_equal(load_u32(rep.attributes.data + 8 + 8), 32);
}

static void wrapped_key_comes_back_and_never_weaker(void **state) {
    static const uint32_t kek_usage[] = {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, 0xffffffffu};
    static const uint32_t key_usage[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT,
                                         ATTRIBUTE_EXTRACTABLE, 0xffffffffu};
    uint64_t kek = 0;
    uint64_t key = 0;
    struct key_wrap_rep wrapped;
    struct key_unwrap_rep unwrapped;
    struct template template;
    uint8_t blob[4096];
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_aes(&module, session, kek_usage, &kek), STATUS_OK);
    assert_int_equal(module_make_aes(&module, session, key_usage, &key), STATUS_OK);
    struct key_wrap_req wrap = {.session = session,
                                .mechanism = {.algorithm = ALGORITHM_AES_KWP},
                                .wrapping_key = kek,
                                .key = key};
    assert_int_equal(call_key_wrap(&module, wrap, &wrapped), STATUS_OK);
    size_t size = wrapped.wrapped.size;
    memcpy(blob, wrapped.wrapped.data, size);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    struct key_unwrap_req unwrap = {.session = session,
                                    .mechanism = wrap.mechanism,
                                    .unwrapping_key = kek,
                                    .wrapped = bytes_of(blob, size),
                                    .attributes = template_of(&template)};
    assert_int_equal(call_key_unwrap(&module, unwrap, &unwrapped), STATUS_OK);
    template_bool(&template, ATTRIBUTE_SENSITIVE, false);
    unwrap.attributes = template_of(&template);
    assert_int_equal(call_key_unwrap(&module, unwrap, &unwrapped), STATUS_TEMPLATE_INCONSISTENT);
    blob[3] ^= 1;
    template.used -= 9;
    unwrap.attributes = template_of(&template);
    assert_int_equal(call_key_unwrap(&module, unwrap, &unwrapped), STATUS_WRAPPED_KEY_INVALID);
}

/* A pair whose private key may leave. */
static void make_leaving_pair(uint32_t session, uint32_t algorithm,
                              struct key_generate_pair_rep *pair) {
    static const uint8_t p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    struct template pub;
    struct template priv;
    template_start(&pub);
    if (algorithm == ALGORITHM_RSA_KEY_PAIR_GEN) {
        template_num(&pub, ATTRIBUTE_MODULUS_BITS, 2048);
    } else if (algorithm == ALGORITHM_EC_KEY_PAIR_GEN) {
        template_bytes(&pub, ATTRIBUTE_EC_PARAMS, p384, sizeof(p384));
    }
    template_start(&priv);
    template_bool(&priv, ATTRIBUTE_EXTRACTABLE, true);
    struct key_generate_pair_req make = {.session = session,
                                         .mechanism = {.algorithm = algorithm},
                                         .public_attributes = template_of(&pub),
                                         .private_attributes = template_of(&priv)};
    assert_int_equal(call_key_generate_pair(&module, make, pair), STATUS_OK);
}

static void check_pair_signs(uint32_t session, uint32_t type, uint64_t private_key,
                             uint64_t public_key) {
    struct sign_rep signature;
    struct mechanism by = {.algorithm = type == KEY_EC        ? ALGORITHM_ECDSA
                                        : type == KEY_ED25519 ? ALGORITHM_EDDSA
                                                              : ALGORITHM_RSA_PKCS1,
                           .hash = type == KEY_ED25519 ? HASH_NONE : HASH_SHA256};
    struct sign_req sign = {session, private_key, by, bytes_of_text("travelled")};
    assert_int_equal(call_sign(&module, sign, &signature), STATUS_OK);
    uint8_t kept[1024];
    memcpy(kept, signature.signature.data, signature.signature.size);
    struct verify_req verify = {session, public_key, by, bytes_of_text("travelled"),
                                bytes_of(kept, signature.signature.size)};
    assert_int_equal(call_verify(&module, verify, NULL), STATUS_OK);
}

static void every_kind_of_private_key_travels_with_its_attributes(void **state) {
    static const uint32_t kek_usage[] = {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, 0xffffffffu};
    static const uint32_t algorithms[] = {ALGORITHM_EC_KEY_PAIR_GEN, ALGORITHM_ED25519_KEY_PAIR_GEN,
                                          ALGORITHM_RSA_KEY_PAIR_GEN};
    static const uint32_t wraps[] = {ALGORITHM_WRAP_WITH_ATTRIBUTES, ALGORITHM_AES_KWP};
    static const uint32_t types[] = {KEY_EC, KEY_ED25519, KEY_RSA};
    uint64_t kek = 0;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_aes(&module, session, kek_usage, &kek), STATUS_OK);
    for (size_t i = 0; i < 2 * COUNT(algorithms); i++) {
        struct template priv;
        struct key_generate_pair_rep pair;
        struct key_wrap_rep wrapped;
        struct key_unwrap_rep back;
        uint8_t blob[4096];
        make_leaving_pair(session, algorithms[i / 2], &pair);
        struct key_wrap_req wrap = {.session = session,
                                    .mechanism = {.algorithm = wraps[i % 2]},
                                    .wrapping_key = kek,
                                    .key = pair.private_key};
        assert_int_equal(call_key_wrap(&module, wrap, &wrapped), STATUS_OK);
        memcpy(blob, wrapped.wrapped.data, wrapped.wrapped.size);
        template_start(&priv);
        if (i % 2 == 1) {
            template_num(&priv, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
            template_num(&priv, ATTRIBUTE_KEY_TYPE, types[i / 2]);
        }
        struct key_unwrap_req unwrap = {.session = session,
                                        .mechanism = wrap.mechanism,
                                        .unwrapping_key = kek,
                                        .wrapped = bytes_of(blob, wrapped.wrapped.size),
                                        .attributes = template_of(&priv)};
        assert_int_equal(call_key_unwrap(&module, unwrap, &back), STATUS_OK);
        check_pair_signs(session, types[i / 2], back.key, pair.public_key);
    }
}

static void parts_and_whole_give_the_same_digest(void **state) {
    struct digest_rep whole;
    struct stream_close_rep close;
    uint8_t kept[64];
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_session(&module);
    assert_int_equal(
        call_digest(&module,
                    (struct digest_req){session, HASH_SHA256, bytes_of_text("in two parts")},
                    &whole),
        STATUS_OK);
    memcpy(kept, whole.digest.data, 32);
    struct stream_open_req open = {
        .session = session,
        .function = F_DIGEST,
        .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256}};
    assert_int_equal(call_stream_open(&module, open, NULL), STATUS_OK);
    assert_int_equal(call_stream_open(&module, open, NULL), STATUS_OPERATION_ACTIVE);
    struct stream_update_req update = {session, F_DIGEST, bytes_of_text("in two ")};
    assert_int_equal(call_stream_update(&module, update, NULL), STATUS_OK);
    update.data = bytes_of_text("parts");
    assert_int_equal(call_stream_update(&module, update, NULL), STATUS_OK);
    assert_int_equal(
        call_stream_close(
            &module, (struct stream_close_req){.session = session, .function = F_DIGEST}, &close),
        STATUS_OK);
    assert_memory_equal(kept, close.data.data, 32);
    assert_int_equal(call_stream_update(&module, update, NULL), STATUS_OPERATION_NOT_STARTED);
}

static void zeroized_module_has_nothing_left(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct bytes signature;
    struct status_rep status;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(call_zeroize(&module, (struct zeroize_req){session}, NULL),
                     STATUS_ROLE_REFUSED);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    assert_int_equal(
        call_login(&module, (struct login_req){session, USER_SO, bytes_of_text(SO_PIN)}, NULL),
        STATUS_OK);
    assert_int_equal(call_zeroize(&module, (struct zeroize_req){session}, NULL), STATUS_OK);
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("x"), &signature),
                     STATUS_ZEROIZED);
    restart();
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.state, STATE_ZEROIZED);
    assert_false(sim_has_root());
}

static void initialising_again_takes_every_object(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    struct template all;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
    struct token_init_req again = {.so_pin = bytes_of_text("wrong-so-pin"),
                                   .label = bytes_of_text("new")};
    assert_int_equal(call_token_init(&module, again, NULL), STATUS_SESSION_EXISTS);
    assert_int_equal(call_session_close(&module, (struct session_close_req){session}, NULL),
                     STATUS_OK);
    assert_int_equal(call_token_init(&module, again, NULL), STATUS_PIN_INCORRECT);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    template_start(&all);
    template_num(&all, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    assert_int_equal(module_find(&module, session, &all, NULL), 0);
    restart();
    session = module_user_session(&module);
    assert_int_equal(module_find(&module, session, &all, NULL), 0);
}

static void peers_need_no_pin(void **state) {
    uint64_t public_key = 0;
    uint64_t private_key = 0;
    uint8_t peers[8];
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_NOT_LOGGED_IN);
    assert_int_equal(
        call_login(&module, (struct login_req){session, USER_SO, bytes_of_text(SO_PIN)}, NULL),
        STATUS_OK);
    save_u32(peers, PEER_UID);
    save_u32(peers + 4, 1000);
    struct token_set_req set = {
        .session = session, .access = ACCESS_PEERS, .peers = bytes_of(peers, sizeof(peers))};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_NOT_LOGGED_IN);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
}

static void module_goes_on_after_a_self_test_on_demand(void **state) {
    struct random_rep random;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_session(&module);
    assert_int_equal(call_self_test(&module, (struct self_test_req){}, NULL), STATUS_OK);
    assert_int_equal(call_random(&module, (struct random_req){session, 16}, &random), STATUS_OK);
    assert_int_equal(random.data.size, 16);
}

/* Time is shown, never a reason to allow or refuse: the order of the log is its own. */
static void clock_set_back_changes_only_the_times_told(void **state) {
    uint64_t public_key = 0, private_key = 0;
    struct bytes signature;
    struct status_rep before, after;
    (void)state;
    sim_set_clock(2000000000);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    assert_int_equal(module_make_pair(&module, session, "k", true, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(call_status(&module, (struct status_req){}, &before), STATUS_OK);
    sim_set_clock(1000000000);
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("m"), &signature),
                     STATUS_OK);
    sim_set_clock(0);
    restart();
    session = module_user_session(&module);
    struct template template;
    template_start(&template);
    template_text(&template, ATTRIBUTE_ID, "k");
    assert_int_equal(module_find(&module, session, &template, &private_key), 1);
    assert_int_equal(module_sign(&module, session, private_key, bytes_of_text("m"), &signature),
                     STATUS_OK);
    assert_int_equal(call_status(&module, (struct status_req){}, &after), STATUS_OK);
    assert_int_equal(after.state, STATE_OPERATIONAL);
    assert_true(after.log_size > before.log_size);
}

/* The first byte that differs, of the flash now and as it was. */
static size_t first_change(const uint8_t *before) {
    size_t at = 0;
    while (at < sim_flash_size() && sim_flash()[at] == before[at]) {
        at++;
    }
    assert_true(at < sim_flash_size());
    return at;
}

static void make_key(uint32_t session, const char *label) {
    uint64_t public_key = 0, private_key = 0;
    assert_int_equal(module_make_pair(&module, session, label, true, &public_key, &private_key),
                     STATUS_OK);
}

/* A cut may take what was not synced. A bit that flips in what was is damage, and no key is dropped
 * in silence for it. */
static void damage_of_a_stored_key_is_not_taken_for_a_cut(void **state) {
    struct status_rep status;
    (void)state;
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    uint8_t *before = malloc(sim_flash_size());
    assert_non_null(before);
    memcpy(before, sim_flash(), sim_flash_size());
    make_key(session, "first");
    size_t at = first_change(before) + 60;
    free(before);
    make_key(session, "second");
    make_key(session, "third");
    sim_flash()[at] ^= 1;
    module_drop(&module);
    crypto_stop(); /* with the process */
    module_start(&module);
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.state, STATE_ERROR);
    assert_int_equal(status.reason, STATUS_STORE_DAMAGED);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, fresh_module, end_module)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(factory_module_has_no_token),
        STORY(stored_key_signs_after_restart),
        STORY(private_objects_need_a_login),
        STORY(eighth_wrong_pin_locks_for_ever),
        STORY(right_pin_gives_the_tries_back),
        STORY(session_of_one_connection_is_nothing_to_another),
        STORY(session_object_ends_with_its_session),
        STORY(sensitive_value_is_never_shown),
        STORY(wrapped_key_comes_back_and_never_weaker),
        STORY(every_kind_of_private_key_travels_with_its_attributes),
        STORY(parts_and_whole_give_the_same_digest),
        STORY(zeroized_module_has_nothing_left),
        STORY(initialising_again_takes_every_object),
        STORY(peers_need_no_pin),
        STORY(module_goes_on_after_a_self_test_on_demand),
        STORY(clock_set_back_changes_only_the_times_told),
        STORY(damage_of_a_stored_key_is_not_taken_for_a_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
