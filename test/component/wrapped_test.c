/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapped keys: which key may wrap which, what comes back must be what was asked for, and what
 * somebody who knows the wrapping key, and can write into a blob what he likes, gets out of it. */
#include "crypto/crypto.h"
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

/* ---- wrapping ---- */

static uint64_t make_key(size_t size, uint32_t one, uint32_t two) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, (uint32_t)size);
    template_bool(&template, (enum attribute)one, true);
    template_bool(&template, (enum attribute)two, true);
    struct key_generate_req req = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                   template_of(&template)};
    assert_int_equal(call_key_generate(&module, req, &rep), STATUS_OK);
    return rep.key;
}

static enum status wrap(uint64_t by, uint64_t key) {
    struct key_wrap_req req = {session, {.algorithm = ALGORITHM_AES_KWP}, by, key};
    return call_key_wrap(&module, req, NULL);
}

static void key_is_not_wrapped_by_a_weaker_one(void **state) {
    (void)state;
    uint64_t weak = make_key(16, ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP);
    uint64_t strong = make_key(32, ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP);
    uint64_t long_key = make_key(32, ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE);
    uint64_t short_key = make_key(16, ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE);
    uint64_t stays = make_key(16, ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT);
    assert_int_equal(wrap(weak, long_key), STATUS_KEY_NOT_WRAPPABLE);
    expect_words("the wrapping key is the weaker one");
    assert_int_equal(wrap(weak, short_key), STATUS_OK);
    assert_int_equal(wrap(strong, long_key), STATUS_OK);
    assert_int_equal(wrap(strong, stays), STATUS_KEY_UNEXTRACTABLE);
    assert_int_equal(wrap(strong, long_key ^ 1), STATUS_KEY_INVALID);
    uint64_t choosy = make_key(16, ATTRIBUTE_EXTRACTABLE, ATTRIBUTE_WRAP_WITH_TRUSTED);
    assert_int_equal(wrap(strong, choosy), STATUS_KEY_NOT_WRAPPABLE);
    expect_words("WRAP_WITH_TRUSTED");
    uint64_t public_key = 0, private_key = 0;
    assert_int_equal(module_make_pair(&module, session, "k", false, &public_key, &private_key),
                     STATUS_OK);
    assert_int_equal(wrap(strong, public_key), STATUS_KEY_NOT_WRAPPABLE);
    expect_words("only secret and private keys are wrapped");
}

static void wrapped_key_of_another_type_than_asked_is_refused(void **state) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    struct template first, second;
    struct key_generate_pair_rep pair;
    struct key_wrap_rep wrapped;
    uint8_t blob[512];
    (void)state;
    uint64_t kek = make_key(32, ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP);
    template_start(&first);
    template_bytes(&first, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&second);
    template_bool(&second, ATTRIBUTE_EXTRACTABLE, true);
    struct key_generate_pair_req make = {session, {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                         template_of(&first), template_of(&second)};
    assert_int_equal(call_key_generate_pair(&module, make, &pair), STATUS_OK);
    struct key_wrap_req wrap_it = {session, {.algorithm = ALGORITHM_AES_KWP}, kek,
                                   pair.private_key};
    assert_int_equal(call_key_wrap(&module, wrap_it, &wrapped), STATUS_OK);
    memcpy(blob, wrapped.wrapped.data, wrapped.wrapped.size);
    struct key_unwrap_req unwrap = {.session = session,
                                    .mechanism = wrap_it.mechanism,
                                    .unwrapping_key = kek,
                                    .wrapped = bytes_of(blob, wrapped.wrapped.size)};
    static const struct {
        uint32_t class, type;
        enum status status;
    } wishes[] = {
        {CLASS_PRIVATE_KEY, KEY_EC, STATUS_OK},
        {CLASS_PRIVATE_KEY, KEY_ED25519, STATUS_TEMPLATE_INCONSISTENT},
        {CLASS_SECRET_KEY, KEY_AES, STATUS_WRAPPED_KEY_INVALID},
        {CLASS_PUBLIC_KEY, KEY_EC, STATUS_TEMPLATE_INCONSISTENT},
        {CLASS_DATA, KEY_EC, STATUS_TEMPLATE_INCONSISTENT},
    };
    for (size_t i = 0; i < COUNT(wishes); i++) {
        template_start(&first);
        template_num(&first, ATTRIBUTE_CLASS, wishes[i].class);
        template_num(&first, ATTRIBUTE_KEY_TYPE, wishes[i].type);
        unwrap.attributes = template_of(&first);
        assert_int_equal(call_key_unwrap(&module, unwrap, NULL), wishes[i].status);
    }
    template_start(&first);
    template_num(&first, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&first, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    template_num(&first, ATTRIBUTE_VALUE_LEN, 5); /* not the length that is in it */
    unwrap.attributes = template_of(&first);
    assert_int_equal(call_key_unwrap(&module, unwrap, NULL), STATUS_WRAPPED_KEY_INVALID);
}

/* ---- blobs of somebody who knows the wrapping key ---- */

static const uint8_t known[32] = "everybody knows this wrapping ke";
static uint64_t known_kek;

/* The security officer vouches for a key that others hold too. */
static void import_known_kek(void) {
    struct template template;
    struct object_create_rep rep;
    be(USER_SO);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    template_bytes(&template, ATTRIBUTE_VALUE, known, sizeof(known));
    template_bool(&template, ATTRIBUTE_PRIVATE, false);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_TRUSTED, true);
    template_bool(&template, ATTRIBUTE_UNWRAP, true);
    template_text(&template, ATTRIBUTE_LABEL, "known");
    struct object_create_req req = {session, template_of(&template)};
    assert_int_equal(call_object_create(&module, req, &rep), STATUS_OK);
    be(USER_USER);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "known");
    assert_int_equal(module_find(&module, session, &template, &known_kek), 1);
}

static enum status unwrap_forged(const struct template *object, uint64_t *key) {
    static const struct mechanism by = {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES};
    struct key_parts parts = {.type = KEY_AES, .value = bytes_of(known, sizeof(known))};
    struct crypto_key kek;
    uint8_t blob[4096];
    struct span out = {blob, sizeof(blob)};
    struct key_unwrap_rep rep;
    assert_int_equal(crypto_key_load(&kek, &parts), STATUS_OK);
    assert_int_equal(crypto_wrap(&kek, &by, template_of(object), &out), STATUS_OK);
    crypto_key_unload(&kek);
    struct key_unwrap_req req = {.session = session,
                                 .mechanism = by,
                                 .unwrapping_key = known_kek,
                                 .wrapped = bytes_of_span(out)};
    TRY(call_key_unwrap(&module, req, &rep));
    *key = rep.key;
    return STATUS_OK;
}

static void begin_object(struct template *object, uint32_t class, uint32_t type) {
    template_start(object);
    template_num(object, ATTRIBUTE_CLASS, class);
    template_num(object, ATTRIBUTE_KEY_TYPE, type);
    template_bytes(object, ATTRIBUTE_VALUE, known, 16);
    template_bool(object, ATTRIBUTE_PRIVATE, true);
    template_bool(object, ATTRIBUTE_SENSITIVE, true);
}

static bool is_true(uint64_t key, uint32_t attribute) {
    uint8_t types[4];
    struct object_get_rep rep;
    save_u32(types, attribute);
    struct object_get_req get = {session, key, bytes_of(types, 4)};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    return attributes_bool(rep.attributes, attribute, false);
}

static void history_in_a_forged_blob_does_not_count(void **state) {
    static const uint32_t history[] = {ATTRIBUTE_LOCAL, ATTRIBUTE_TRUSTED,
                                       ATTRIBUTE_NEVER_EXTRACTABLE};
    struct template object;
    uint64_t key = 0;
    (void)state;
    import_known_kek();
    begin_object(&object, CLASS_SECRET_KEY, KEY_AES);
    for (size_t i = 0; i < COUNT(history); i++) {
        template_bool(&object, (enum attribute)history[i], true);
    }
    assert_int_equal(unwrap_forged(&object, &key), STATUS_OK);
    for (size_t i = 0; i < COUNT(history); i++) {
        assert_false(is_true(key, history[i]));
    }
    /* Said twice, the second time would be left standing. */
    for (size_t i = 0; i < COUNT(history); i++) {
        begin_object(&object, CLASS_SECRET_KEY, KEY_AES);
        template_bool(&object, (enum attribute)history[i], true);
        template_bool(&object, (enum attribute)history[i], true);
        assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    }
}

static void forged_blob_that_is_no_key_is_refused(void **state) {
    struct template object;
    uint64_t key = 0;
    (void)state;
    import_known_kek();
    static const uint32_t classes[] = {CLASS_DATA, CLASS_CERTIFICATE, CLASS_PUBLIC_KEY,
                                       CLASS_PROFILE, 77};
    for (size_t i = 0; i < COUNT(classes); i++) {
        begin_object(&object, classes[i], KEY_AES);
        assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    }
    begin_object(&object, CLASS_SECRET_KEY, KEY_RSA); /* no such secret key */
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    begin_object(&object, CLASS_PRIVATE_KEY, KEY_AES);
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    begin_object(&object, CLASS_SECRET_KEY, KEY_AES);
    template_text(&object, (enum attribute)0x7777, "unknown");
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    begin_object(&object, CLASS_SECRET_KEY, KEY_AES);
    template_text(&object, ATTRIBUTE_EXTRACTABLE, ""); /* no truth value */
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    begin_object(&object, CLASS_SECRET_KEY, KEY_AES);
    object.used -= 1; /* cut off */
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID);
    template_start(&object);
    template_num(&object, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&object, ATTRIBUTE_KEY_TYPE, KEY_AES);
    assert_int_equal(unwrap_forged(&object, &key), STATUS_WRAPPED_KEY_INVALID); /* no value */
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(key_is_not_wrapped_by_a_weaker_one),
        STORY(wrapped_key_of_another_type_than_asked_is_refused),
        STORY(history_in_a_forged_blob_does_not_count),
        STORY(forged_blob_that_is_no_key_is_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return failed;
}
