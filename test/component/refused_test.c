/* SPDX-License-Identifier: Apache-2.0 */
/* What commands refuse that the other stories do not ask: each with the status and the words that
 * say why, and with nothing changed. */
#include "core/command/module.h"
#include "core/keys/parts.h"
#include "test/component/quick.h"
#include "test/component/fixture.h"

static struct module module;
static uint32_t session;

static int begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    return 0;
}

static void be(enum user user) {
    const char *pin = user == USER_SO ? SO_PIN : USER_PIN;
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    struct login_req login = {session, user, bytes_of_text(pin)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
}

static void set_profile(uint32_t profile) {
    be(USER_SO);
    struct token_set_req set = {.session = session, .profile = profile};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    be(USER_USER);
}

/* The words of the newest refusal. */
static void expect_words(const char *words) {
    struct refusals_rep rep;
    assert_int_equal(call_refusals(&module, (struct refusals_req){}, &rep), STATUS_OK);
    assert_true(rep.rows.size >= 36);
    struct bytes why = bytes_of(rep.rows.data + 36, load_u32(rep.rows.data + 32));
    if (!bytes_equal(why, bytes_of_text(words))) {
        fail_msg("'%.*s', expected '%s'", (int)why.size, (const char *)why.data, words);
    }
}

/* ---- tokens and PINs ---- */

static void pin_that_was_never_set_lets_nobody_in(void **state) {
    struct session_open_rep open;
    (void)state;
    struct token_init_req init = {1, bytes_of_text(SO_PIN), bytes_of_text("no user yet")};
    assert_int_equal(call_token_init(&module, init, NULL), STATUS_OK);
    assert_int_equal(call_session_open(&module, (struct session_open_req){1, 1}, &open), STATUS_OK);
    struct login_req login = {open.session, USER_USER, bytes_of_text(USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_PIN_NOT_SET);
    login.pin = bytes_of(NULL, 0);
    assert_int_equal(call_login(&module, login, NULL), STATUS_PIN_NOT_SET);
    login.user = USER_CONTEXT;
    assert_int_equal(call_login(&module, login, NULL), STATUS_NOT_LOGGED_IN);
    login.user = USER_CONTEXT + 1;
    assert_int_equal(call_login(&module, login, NULL), STATUS_USER_TYPE_INVALID);
}

static void pin_of_a_wrong_length_is_never_made(void **state) {
    static const uint8_t text[PIN_SIZE_MAX + 1] = {'1'};
    struct pin pin = {.tries = 3};
    (void)state;
    assert_int_equal(pin_make(&pin, bytes_of(text, PIN_SIZE_MIN - 1)), STATUS_PIN_LENGTH);
    assert_int_equal(pin_make(&pin, bytes_of(text, PIN_SIZE_MAX + 1)), STATUS_PIN_LENGTH);
    assert_true(pin.tries == 3 && !pin.set);
    be(USER_SO);
    struct pin_init_req init = {session, bytes_of(text, PIN_SIZE_MIN - 1)};
    assert_int_equal(call_pin_init(&module, init, NULL), STATUS_PIN_LENGTH);
    struct token_init_req token = {1, bytes_of(text, PIN_SIZE_MAX + 1), bytes_of_text("other")};
    assert_int_not_equal(call_token_init(&module, token, NULL), STATUS_OK);
    token.so_pin = bytes_of(text, PIN_SIZE_MIN - 1);
    assert_int_equal(call_token_init(&module, token, NULL), STATUS_PIN_LENGTH);
    token.slot = TOKENS_MAX;
    assert_int_equal(call_token_init(&module, token, NULL), STATUS_SLOT_INVALID);
}

static void long_label_of_a_token_is_cut(void **state) {
    static const char label[] = "a label of more than thirty-two characters";
    struct token_info_rep info;
    (void)state;
    struct token_init_req init = {1, bytes_of_text(SO_PIN), bytes_of_text(label)};
    struct session_close_all_req close = {0};
    init.label.size = LABEL_SIZE; /* the most that a request takes */
    assert_int_equal(call_session_close_all(&module, close, NULL), STATUS_OK);
    assert_int_equal(call_token_init(&module, init, NULL), STATUS_OK);
    assert_int_equal(call_token_info(&module, (struct token_info_req){1}, &info), STATUS_OK);
    assert_memory_equal(info.label.data, label, LABEL_SIZE);
}

static void settings_of_a_token_that_mean_nothing_are_refused(void **state) {
    uint8_t peers[8 * (TOKEN_PEERS_MAX + 1)];
    (void)state;
    be(USER_SO);
    for (size_t at = 0; at < sizeof(peers); at += 8) {
        save_u32(peers + at, PEER_UID);
        save_u32(peers + at + 4, (uint32_t)at);
    }
    struct token_set_req set = {.session = session, .access = ACCESS_PEERS};
    set.peers = bytes_of(peers, 8 * TOKEN_PEERS_MAX);
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK); /* they are there already */
    const struct bytes wrong[] = {bytes_of(peers, 7), bytes_of(peers, 8 * TOKEN_PEERS_MAX - 1)};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        set.peers = wrong[i];
        assert_int_equal(call_token_set(&module, set, NULL), STATUS_ATTRIBUTE_VALUE_INVALID);
    }
    set.peers = bytes_of(peers, 8);
    save_u32(peers, 77);
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_ATTRIBUTE_VALUE_INVALID);
    set = (struct token_set_req){.session = session, .profile = PROFILE_OF_TOKEN_COMPATIBLE + 1};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_ATTRIBUTE_VALUE_INVALID);
    set = (struct token_set_req){.session = session, .access = ACCESS_PEERS + 1};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_ATTRIBUTE_VALUE_INVALID);
    set = (struct token_set_req){.session = session, .options = 1u << 30};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_ATTRIBUTE_VALUE_INVALID);
    struct token_info_rep info;
    assert_int_equal(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK);
    assert_true(info.access == ACCESS_PEERS && info.options == 0);
    assert_int_equal(info.peers.size, 8 * TOKEN_PEERS_MAX);
}

static void slots_that_are_not_there_are_refused(void **state) {
    struct algorithms_req algorithms = {TOKENS_MAX};
    struct token_info_req info = {TOKENS_MAX};
    struct session_open_req open = {TOKENS_MAX, 0};
    struct session_close_all_req close = {TOKENS_MAX};
    (void)state;
    assert_int_equal(call_algorithms(&module, algorithms, NULL), STATUS_SLOT_INVALID);
    assert_int_equal(call_token_info(&module, info, NULL), STATUS_SLOT_INVALID);
    assert_int_equal(call_session_open(&module, open, NULL), STATUS_SLOT_INVALID);
    assert_int_equal(call_session_close_all(&module, close, NULL), STATUS_SLOT_INVALID);
    open.slot = 1;
    assert_int_equal(call_session_open(&module, open, NULL), STATUS_TOKEN_NOT_INITIALIZED);
}

static void process_that_was_refused_at_the_door_is_in_the_log(void **state) {
    struct log_read_rep page;
    struct peer peer = {.uid = 4711, .pid = 1};
    uint64_t first, next;
    (void)state;
    port_log_range(&first, &next);
    hsm_peer_refused(module.hsm, &peer);
    assert_int_equal(call_log_read(&module, (struct log_read_req){next}, &page), STATUS_OK);
    assert_true(page.first == next && page.next == next + 1);
    sim_fail((struct sim_failure){SIM_LOG_APPEND, 1, 1, SIM_NO_EFFECT});
    hsm_peer_refused(module.hsm, &peer);
    struct status_rep status;
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.state, STATE_ERROR);
    assert_int_equal(status.reason, STATUS_STORE_IO);
}

/* Its objects are nothing to anybody else, who looks through all there are. */
static void session_object_is_not_found_by_another_connection(void **state) {
    uint32_t own = module.connection, other = 0;
    uint64_t public_key = 0, private_key = 0;
    struct template template;
    (void)state;
    assert_int_equal(module_make_pair(&module, session, "mine", false, &public_key, &private_key),
                     STATUS_OK);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PUBLIC_KEY);
    assert_int_equal(module_find(&module, session, &template, NULL), 1);
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &other), STATUS_OK);
    module.connection = other;
    assert_int_equal(module_find(&module, module_user_session(&module), &template, NULL), 0);
    hsm_disconnect(module.hsm, other);
    module.connection = own;
}

/* What the log tells last, by its event number; the form of a leaf is deterministic CBOR. */
static bool log_ends_with(enum event event) {
    uint64_t first = 0, next = 0;
    const uint8_t wanted[] = {0x05, 0x19, (uint8_t)((uint32_t)event >> 8), (uint8_t)event};
    port_log_range(&first, &next);
    for (uint64_t at = next - 4; at < next; at++) {
        size_t size = 0;
        const uint8_t *entry = sim_log_entry(at, &size);
        for (size_t i = 0; i + sizeof(wanted) <= size; i++) {
            if (bytes_equal(bytes_of(entry + i, sizeof(wanted)), bytes_of(wanted, 4))) {
                return true;
            }
        }
    }
    return false;
}

static void tampered_module_signs_that_and_has_no_key_in_memory(void **state) {
    (void)state;
    hsm_tampered(module.hsm);
    assert_true(log_ends_with(EVENT_tamper));
    const uint8_t *memory = (const uint8_t *)module.hsm;
    assert_true(bytes_all(bytes_of(memory, offsetof(struct hsm, objects)), 0));
    module_drop(&module);
    module_start(&module);
}

static void end_that_fails_loses_nothing_that_was_synced(void **state) {
    static const enum sim_call calls[] = {SIM_LOG_SYNC, SIM_FLASH_SYNC, SIM_FLASH_PROGRAM,
                                          SIM_LOG_APPEND};
    uint64_t public_key = 0, private_key = 0;
    (void)state;
    assert_int_equal(module_make_pair(&module, session, "kept", true, &public_key, &private_key),
                     STATUS_OK);
    for (size_t i = 0; i < COUNT(calls); i++) {
        struct template template;
        sim_fail((struct sim_failure){calls[i], 1, UINT32_MAX, SIM_NO_EFFECT});
        module_stop(&module);
        sim_fail((struct sim_failure){0});
        module_start(&module);
        session = module_user_session(&module);
        template_start(&template);
        template_text(&template, ATTRIBUTE_LABEL, "kept");
        assert_int_equal(module_find(&module, session, &template, NULL), 2);
    }
}

/* ---- templates ---- */

static enum status make_aes_with(uint32_t attribute, const char *value) {
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_text(&template, (enum attribute)attribute, value);
    struct key_generate_req req = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                   template_of(&template)};
    return call_key_generate(&module, req, NULL);
}

static void dates_lists_and_truth_values_have_their_form(void **state) {
    (void)state;
    assert_int_equal(make_aes_with(ATTRIBUTE_START_DATE, "20261231"), STATUS_OK);
    assert_int_equal(make_aes_with(ATTRIBUTE_END_DATE, ""), STATUS_OK);
    assert_int_equal(make_aes_with(ATTRIBUTE_START_DATE, "2026123"),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    expect_words("START_DATE");
    assert_int_equal(make_aes_with(ATTRIBUTE_START_DATE, "2026-1-1"),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(make_aes_with(ATTRIBUTE_START_DATE, "2026:101"),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(make_aes_with(ATTRIBUTE_ALLOWED_MECHANISMS, "abc"),
                     STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(make_aes_with(ATTRIBUTE_ALLOWED_MECHANISMS, ""), STATUS_OK);
    assert_int_equal(make_aes_with(ATTRIBUTE_SIGN, "\2"), STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_equal(make_aes_with(ATTRIBUTE_SIGN, ""), STATUS_ATTRIBUTE_VALUE_INVALID);
    expect_words("SIGN");
    assert_int_equal(make_aes_with(0x7777, ""), STATUS_ATTRIBUTE_TYPE_INVALID);
}

static void template_that_says_a_thing_twice_is_refused(void **state) {
    struct template template;
    size_t count = 0;
    (void)state;
    assert_non_null(attribute_rows(&count));
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_text(&template, ATTRIBUTE_LABEL, "one");
    template_text(&template, ATTRIBUTE_LABEL, "two");
    struct key_generate_req req = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                   template_of(&template)};
    assert_int_equal(call_key_generate(&module, req, NULL), STATUS_TEMPLATE_INCONSISTENT);
    expect_words("LABEL");
    assert_true(count <= ATTRIBUTES_MAX); /* so that no template without one twice is too long */
}

static void key_larger_than_an_object_is_refused(void **state) {
    struct template template;
    (void)state;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, OBJECT_SIZE_MAX / 8 + 1);
    struct key_generate_req req = {session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                   template_of(&template)};
    assert_int_equal(call_key_generate(&module, req, NULL), STATUS_KEY_SIZE);
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 0xffffffffu);
    req.attributes = template_of(&template);
    assert_int_equal(call_key_generate(&module, req, NULL), STATUS_KEY_SIZE);
}

static enum status import_secret(uint32_t type, size_t size, uint32_t said) {
    static const uint8_t value[OBJECT_SIZE_MAX];
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, type);
    template_bytes(&template, ATTRIBUTE_VALUE, value, size);
    if (said != 0) {
        template_num(&template, ATTRIBUTE_VALUE_LEN, said);
    }
    struct object_create_req req = {session, template_of(&template)};
    return call_object_create(&module, req, NULL);
}

static void imported_key_is_as_long_as_it_says(void **state) {
    (void)state;
    assert_int_equal(import_secret(KEY_AES, 16, 0), STATUS_OK);
    assert_int_equal(import_secret(KEY_AES, 16, 16), STATUS_OK);
    assert_int_equal(import_secret(KEY_AES, 16, 32), STATUS_TEMPLATE_INCONSISTENT);
    assert_int_not_equal(import_secret(KEY_AES, 17, 0), STATUS_OK);
    assert_int_equal(import_secret(KEY_EC, 32, 0), STATUS_ATTRIBUTE_VALUE_INVALID);
    assert_int_not_equal(import_secret(KEY_GENERIC, OBJECT_SIZE_MAX - 100, 0), STATUS_OK);
}

static void object_that_does_not_fit_is_refused(void **state) {
    static const uint8_t value[OBJECT_SIZE_MAX];
    struct template template;
    (void)state;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_bytes(&template, ATTRIBUTE_VALUE, value, OBJECT_SIZE_MAX - 40);
    struct object_create_req req = {session, template_of(&template)};
    assert_int_equal(call_object_create(&module, req, NULL), STATUS_OBJECT_TOO_LARGE);
    struct object_create_rep made;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    template_bytes(&template, ATTRIBUTE_VALUE, value, OBJECT_SIZE_MAX - 400);
    req.attributes = template_of(&template);
    assert_int_equal(call_object_create(&module, req, &made), STATUS_OK);
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_LABEL, value, 500);
    struct object_set_req set = {session, made.object, template_of(&template)};
    assert_int_equal(call_object_set(&module, set, NULL), STATUS_OBJECT_TOO_LARGE);
    struct object_copy_req copy = {session, made.object, template_of(&template)};
    assert_int_equal(call_object_copy(&module, copy, NULL), STATUS_OBJECT_TOO_LARGE);
    template_start(&template);
    template_text(&template, ATTRIBUTE_APPLICATION, "new to it");
    set.attributes = template_of(&template);
    assert_int_equal(call_object_set(&module, set, NULL), STATUS_OK);
}

static void questions_about_attributes_are_whole_numbers(void **state) {
    static const uint8_t types[700] = {0};
    uint64_t public_key = 0, private_key = 0;
    (void)state;
    assert_int_equal(module_make_pair(&module, session, "k", false, &public_key, &private_key),
                     STATUS_OK);
    struct object_get_req get = {session, public_key, bytes_of(types, 6)};
    assert_int_equal(call_object_get(&module, get, NULL), STATUS_BAD_FRAME);
    get.object = public_key ^ 1;
    assert_int_equal(call_object_get(&module, get, NULL), STATUS_OBJECT_INVALID);
    get.object = ~0ull;
    assert_int_equal(call_object_get(&module, get, NULL), STATUS_OBJECT_INVALID);
    struct digest_req digest = {session, HASH_COUNT, bytes_of_text("x")};
    assert_int_equal(call_digest(&module, digest, NULL), STATUS_MECHANISM_INVALID);
}

/* ---- searches ---- */

static size_t find_one(uint32_t attribute, const void *value, size_t size) {
    struct template template;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_bytes(&template, (enum attribute)attribute, value, size);
    return module_find(&module, session, &template, NULL);
}

static void search_compares_kind_size_and_presence(void **state) {
    static const uint32_t usage[] = {ATTRIBUTE_SIGN, 0xffffffffu};
    const uint8_t yes[2] = {1, 0};
    uint64_t key = 0;
    uint8_t type[5] = {KEY_AES};
    (void)state;
    assert_int_equal(module_make_aes(&module, session, usage, &key), STATUS_OK);
    assert_int_equal(find_one(ATTRIBUTE_SIGN, yes, 1), 1);
    assert_int_equal(find_one(ATTRIBUTE_SIGN, yes + 1, 1), 0);
    assert_int_equal(find_one(ATTRIBUTE_SIGN, yes, 2), 0);
    save_u32(type, KEY_AES);
    assert_int_equal(find_one(ATTRIBUTE_KEY_TYPE, type, 4), 1);
    assert_int_equal(find_one(ATTRIBUTE_KEY_TYPE, type, 5), 0);
    save_u32(type, KEY_EC);
    assert_int_equal(find_one(ATTRIBUTE_KEY_TYPE, type, 4), 0);
    assert_int_equal(find_one(ATTRIBUTE_ID, "", 0), 1);           /* it may have one */
    assert_int_equal(find_one(ATTRIBUTE_ID, "x", 1), 0);
    assert_int_equal(find_one(ATTRIBUTE_APPLICATION, "", 0), 0);  /* no key has it */
    assert_int_equal(find_one(ATTRIBUTE_VALUE, "", 0), 0);        /* hidden: nothing is confirmed */
    assert_int_equal(find_one(0x7777, "", 0), 0);
    assert_int_equal(find_one(ATTRIBUTE_SIGN_RECOVER, yes + 1, 1), 0); /* of another class */
    struct template template;
    template_start(&template);
    template_bytes(&template, ATTRIBUTE_CLASS, type, 5);
    assert_int_equal(module_find(&module, session, &template, NULL), 0);
    save_u32(type, KEY_AES);
    template_start(&template); /* what is no key has no type */
    template_num(&template, ATTRIBUTE_CLASS, CLASS_PROFILE);
    template_bytes(&template, ATTRIBUTE_KEY_TYPE, type, 4);
    assert_int_equal(module_find(&module, session, &template, NULL), 0);
    struct object_find_req bad = {.session = session, .attributes = bytes_of(type, 5)};
    assert_int_equal(call_object_find(&module, bad, NULL), STATUS_BAD_FRAME);
}

static const uint8_t known[32] = "some bytes for peers and for IVs";

/* ---- derivation ---- */

static void public_key_derives_nothing(void **state) {
    struct template first, second;
    struct key_generate_pair_rep pair;
    (void)state;
    template_start(&first);
    template_bool(&first, ATTRIBUTE_DERIVE, true);
    template_start(&second);
    template_bool(&second, ATTRIBUTE_DERIVE, true);
    struct key_generate_pair_req make = {session, {.algorithm = ALGORITHM_X25519_KEY_PAIR_GEN},
                                         template_of(&first), template_of(&second)};
    assert_int_equal(call_key_generate_pair(&module, make, &pair), STATUS_OK);
    struct key_derive_req derive = {
        .session = session,
        .mechanism = {.algorithm = ALGORITHM_X25519, .peer = bytes_of(known, 32)},
        .base_key = pair.public_key};
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_KEY_FUNCTION_NOT_PERMITTED);
    derive.base_key = pair.private_key;
    derive.other_key = pair.private_key; /* a salt is for HKDF */
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_MECHANISM_PARAM_INVALID);
}

static void salt_key_is_a_secret_key_that_may_derive(void **state) {
    static const uint32_t derives[] = {ATTRIBUTE_DERIVE, 0xffffffffu};
    static const uint32_t signs[] = {ATTRIBUTE_SIGN, 0xffffffffu};
    struct template template;
    struct key_generate_rep base;
    uint64_t salt = 0, other = 0, public_key = 0, private_key = 0;
    (void)state;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_DERIVE, true);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                    template_of(&template)};
    assert_int_equal(call_key_generate(&module, make, &base), STATUS_OK);
    assert_int_equal(module_make_aes(&module, session, derives, &salt), STATUS_OK);
    assert_int_equal(module_make_aes(&module, session, signs, &other), STATUS_OK);
    assert_int_equal(module_make_pair(&module, session, "k", false, &public_key, &private_key),
                     STATUS_OK);
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    struct key_derive_req derive = {.session = session,
                                    .mechanism = {.algorithm = ALGORITHM_HKDF,
                                                  .hash = HASH_SHA256,
                                                  .steps = HKDF_EXTRACT | HKDF_EXPAND},
                                    .base_key = base.key,
                                    .other_key = salt,
                                    .attributes = template_of(&template)};
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_OK);
    derive.other_key = other;
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_KEY_FUNCTION_NOT_PERMITTED);
    derive.other_key = public_key;
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_KEY_INVALID);
    derive.other_key = public_key ^ 1;
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_KEY_INVALID);
    derive.other_key = salt;
    derive.mechanism.salt = bytes_of_text("and a salt");
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_MECHANISM_PARAM_INVALID);
}

/* A base that everybody may read is taken apart, under the profile that has it. */
static void key_that_is_not_hidden_may_be_taken_apart(void **state) {
    struct template template;
    struct object_create_rep base;
    (void)state;
    set_profile(PROFILE_OF_TOKEN_COMPATIBLE);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    template_bytes(&template, ATTRIBUTE_VALUE, known, 16);
    template_bool(&template, ATTRIBUTE_SENSITIVE, false);
    template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
    template_bool(&template, ATTRIBUTE_DERIVE, true);
    struct object_create_req req = {session, template_of(&template)};
    assert_int_equal(call_object_create(&module, req, &base), STATUS_OK);
    template_start(&template);
    template_bool(&template, ATTRIBUTE_SENSITIVE, false);
    template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
    struct key_derive_req derive = {
        .session = session,
        .mechanism = {.algorithm = ALGORITHM_CONCATENATE_BASE_AND_DATA,
                      .salt = bytes_of(known, 4)},
        .base_key = base.object,
        .attributes = template_of(&template)};
    assert_int_equal(call_key_derive(&module, derive, NULL), STATUS_OK);
}

static void point_in_a_broken_wrapping_is_refused(void **state) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t points[][6] = {{4, 9, 4, 1, 2, 3}, {4, 0x81, 9, 4, 1, 2}, {4, 0x82, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(points); i++) {
        struct template template;
        template_start(&template);
        template_num(&template, ATTRIBUTE_CLASS, CLASS_PUBLIC_KEY);
        template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_EC);
        template_bytes(&template, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
        template_bytes(&template, ATTRIBUTE_EC_POINT, points[i], sizeof(points[i]));
        struct object_create_req req = {session, template_of(&template)};
        assert_int_not_equal(call_object_create(&module, req, NULL), STATUS_OK);
    }
}

/* ---- profiles ---- */

static void strict_profile_says_which_mechanism_it_does_not_offer(void **state) {
    static const uint32_t usage[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT, 0xffffffffu};
    uint64_t key = 0;
    (void)state;
    assert_int_equal(module_make_aes(&module, session, usage, &key), STATUS_OK);
    struct encrypt_req req = {session, key,
                              {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128,
                               .iv = bytes_of(known, 12)},
                              bytes_of_text("text")};
    assert_int_equal(call_encrypt(&module, req, NULL), STATUS_STRICT);
    expect_words("the module makes the IV for encryption: give twelve zero bytes");
    req.mechanism = (struct mechanism){.algorithm = ALGORITHM_RSA_PKCS1};
    assert_int_equal(call_encrypt(&module, req, NULL), STATUS_STRICT);
    expect_words("RSA PKCS #1 v1.5 is for signatures only");
    req.mechanism = (struct mechanism){.algorithm = ALGORITHM_AES_CBC_PAD,
                                       .iv = bytes_of(known, 16)};
    assert_int_equal(call_encrypt(&module, req, NULL), STATUS_STRICT);
    set_profile(PROFILE_OF_TOKEN_COMPATIBLE);
    assert_int_equal(module_make_aes(&module, session, usage, &key), STATUS_OK);
    req.key = key;
    assert_int_equal(call_encrypt(&module, req, NULL), STATUS_OK);
}

/* ---- contracts between the floors ---- */

static void functions_of_the_core_keep_their_contracts(void **state) {
    uint8_t little[16];
    struct span room = {little, sizeof(little)};
    struct draft draft = {.facts = {.class = CLASS_SECRET_KEY, .type = KEY_AES}};
    uint32_t chain = 0, index = 0;
    struct soft_key *found = NULL;
    (void)state;
    assert_int_equal(draft_finish(&draft, NULL, room), STATUS_INTERNAL);
    struct blocks *blocks = &module.hsm->objects.blocks;
    assert_int_equal(blocks_put(blocks, bytes_of(NULL, 0), &chain), STATUS_INTERNAL);
    for (index = 0; module.hsm->objects.list[index].facts.class != CLASS_PROFILE; index++) {
    }
    assert_int_equal(home_soft_get(&module.hsm->home, &module.hsm->objects, index, room, &found),
                     STATUS_KEY_INVALID);
    assert_int_equal(objects_load(&module.hsm->objects, index, &room), STATUS_OBJECT_TOO_LARGE);
    static const uint8_t large[OBJECT_SIZE_MAX + 1];
    static struct template stored;
    template_start(&stored);
    template_bool(&stored, ATTRIBUTE_TOKEN, true);
    template_bytes(&stored, ATTRIBUTE_LABEL, large, OBJECT_SIZE_MAX);
    struct object_place place = {.serial = 5};
    assert_int_equal(objects_add(&module.hsm->objects, &place, template_of(&stored), STORE_LAST,
                                 &index),
                     STATUS_OBJECT_TOO_LARGE);
    /* a point that no curve has, and what is no material of a key */
    const struct key_parts parts = {.type = KEY_EC, .ec_point = bytes_of(large, 134)};
    static const struct key_parts nothing = {.type = KEY_EC};
    size_t used = 0;
    struct span out = {stored.data, sizeof(stored.data)};
    assert_int_equal(parts_add(&parts, ATTRIBUTE_EC_POINT, out, &used), STATUS_OBJECT_TOO_LARGE);
    assert_int_equal(parts_add(&nothing, ATTRIBUTE_PUBLIC_KEY_INFO, out, &used), STATUS_OK);
    assert_int_equal(parts_add(&parts, ATTRIBUTE_LABEL, out, &used), STATUS_OK);
    assert_int_equal(used, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(pin_that_was_never_set_lets_nobody_in),
        STORY(pin_of_a_wrong_length_is_never_made),
        STORY(long_label_of_a_token_is_cut),
        STORY(settings_of_a_token_that_mean_nothing_are_refused),
        STORY(slots_that_are_not_there_are_refused),
        STORY(process_that_was_refused_at_the_door_is_in_the_log),
        STORY(session_object_is_not_found_by_another_connection),
        STORY(tampered_module_signs_that_and_has_no_key_in_memory),
        STORY(end_that_fails_loses_nothing_that_was_synced),
        STORY(dates_lists_and_truth_values_have_their_form),
        STORY(template_that_says_a_thing_twice_is_refused),
        STORY(key_larger_than_an_object_is_refused),
        STORY(imported_key_is_as_long_as_it_says),
        STORY(object_that_does_not_fit_is_refused),
        STORY(questions_about_attributes_are_whole_numbers),
        STORY(search_compares_kind_size_and_presence),
        STORY(public_key_derives_nothing),
        STORY(salt_key_is_a_secret_key_that_may_derive),
        STORY(key_that_is_not_hidden_may_be_taken_apart),
        STORY(point_in_a_broken_wrapping_is_refused),
        STORY(strict_profile_says_which_mechanism_it_does_not_offer),
        STORY(functions_of_the_core_keep_their_contracts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
