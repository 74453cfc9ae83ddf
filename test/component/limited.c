/* SPDX-License-Identifier: Apache-2.0 */
/* Stories about keys with limits. */
#include "test/component/limited.h"

struct limited limited;
const struct mechanism limited_hmac = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256};

int limited_begin(void **state) {
    (void)state;
    sim_reset(NULL, true);
    module_start(&limited.module);
    module_make_token(&limited.module, PROFILE_OF_TOKEN_STRICT);
    limited.session = module_user_session(&limited.module);
    return 0;
}

int limited_end(void **state) {
    (void)state;
    module_stop(&limited.module);
    return 0;
}

void limited_add_limits(struct template *template, const struct limit *limits) {
    for (; limits->attribute != ATTRIBUTE_CLASS; limits++) {
        if (limits->attribute == ATTRIBUTE_LEASE_KEY) {
            struct bytes key = renewals_key((enum lease_key_form)limits->value, 7);
            template_bytes(template, ATTRIBUTE_LEASE_KEY, key.data, key.size);
        } else {
            template_num(template, limits->attribute, limits->value);
        }
    }
}

enum status limited_make_with(const struct limit *limits, bool stored, uint64_t *key) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_bool(&template, ATTRIBUTE_TOKEN, stored);
    template_text(&template, ATTRIBUTE_LABEL, "limited");
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    template_bool(&template, ATTRIBUTE_VERIFY, true);
    limited_add_limits(&template, limits);
    struct key_generate_req req = {
        limited.session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN}, template_of(&template)};
    TRY(call_key_generate(&limited.module, req, &rep));
    *key = rep.key;
    return STATUS_OK;
}

uint64_t limited_make(const struct limit *limits) {
    uint64_t key = 0;
    assert_int_equal(limited_make_with(limits, true, &key), STATUS_OK);
    return key;
}

enum status limited_set(uint64_t key, const struct limit *limits) {
    struct template template;
    template_start(&template);
    limited_add_limits(&template, limits);
    struct object_set_req req = {limited.session, key, template_of(&template)};
    return call_object_set(&limited.module, req, NULL);
}

enum status limited_use(uint64_t key) {
    struct sign_req req = {limited.session, key, limited_hmac, bytes_of_text("words")};
    return call_sign(&limited.module, req, NULL);
}

uint32_t limited_uses_until(uint64_t key, enum status refusal) {
    uint32_t count = 0;
    enum status status = limited_use(key);
    for (; status == STATUS_OK && count < 100000; count++) {
        status = limited_use(key);
    }
    assert_int_equal(status, refusal);
    return count;
}

struct key_usage_rep limited_usage_of(uint64_t key) {
    struct key_usage_rep rep;
    struct key_usage_req req = {limited.session, key};
    assert_int_equal(call_key_usage(&limited.module, req, &rep), STATUS_OK);
    return rep;
}

static uint64_t find_key(void) {
    struct template template;
    uint64_t key = 0;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_text(&template, ATTRIBUTE_LABEL, "limited");
    assert_int_equal(module_find(&limited.module, limited.session, &template, &key), 1);
    return key;
}

uint64_t limited_restart(bool orderly) {
    if (orderly) {
        module_stop(&limited.module);
    } else {
        module_drop(&limited.module);
    }
    module_start(&limited.module);
    limited.session = module_user_session(&limited.module);
    return find_key();
}

enum status limited_renew(uint64_t key, enum lease_key_form form, uint8_t seed,
                          struct lease lease) {
    renewals_for(&limited.module, limited.session, key, &lease);
    struct key_renew_req req = {limited.session, key, renewals_sign(form, seed, &lease)};
    return call_key_renew(&limited.module, req, NULL);
}
