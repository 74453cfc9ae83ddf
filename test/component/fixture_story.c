/* SPDX-License-Identifier: Apache-2.0 */
/* What stories of a module begin with, on whatever platform it runs. */
#include "test/component/fixture.h"

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* ---- templates ---- */

void template_start(struct template *template) {
    template->used = 0;
}

void template_bytes(struct template *template, enum attribute attribute, const void *data,
                    size_t size) {
    struct span room = {template->data, sizeof(template->data)};
    assert_int_equal(
        attributes_add(room, &template->used, (uint32_t)attribute, bytes_of(data, size)),
        STATUS_OK);
}

void template_bool(struct template *template, enum attribute attribute, bool value) {
    uint8_t raw = value ? 1 : 0;
    template_bytes(template, attribute, &raw, 1);
}

void template_num(struct template *template, enum attribute attribute, uint32_t value) {
    uint8_t raw[4];
    save_u32(raw, value);
    template_bytes(template, attribute, raw, sizeof(raw));
}

void template_text(struct template *template, enum attribute attribute, const char *text) {
    template_bytes(template, attribute, text, strlen(text));
}

/* ---- beginnings ---- */

void module_make_token(struct module *module, uint32_t profile) {
    struct session_open_rep open;
    assert_int_equal(call_token_init(module,
                                     (struct token_init_req){.so_pin = bytes_of_text(SO_PIN),
                                                             .label = bytes_of_text("test")},
                                     NULL),
                     STATUS_OK);
    assert_int_equal(call_session_open(module, (struct session_open_req){0, 1}, &open), STATUS_OK);
    uint32_t session = open.session;
    assert_int_equal(
        call_login(module, (struct login_req){session, USER_SO, bytes_of_text(SO_PIN)}, NULL),
        STATUS_OK);
    assert_int_equal(
        call_pin_init(module, (struct pin_init_req){session, bytes_of_text(USER_PIN)}, NULL),
        STATUS_OK);
    assert_int_equal(call_token_set(module,
                                    (struct token_set_req){.session = session, .profile = profile},
                                    NULL),
                     STATUS_OK);
    assert_int_equal(call_session_close(module, (struct session_close_req){session}, NULL),
                     STATUS_OK);
}

uint32_t module_session(struct module *module) {
    struct session_open_rep open;
    assert_int_equal(call_session_open(module, (struct session_open_req){0, 1}, &open), STATUS_OK);
    return open.session;
}

uint32_t module_user_session(struct module *module) {
    uint32_t session = module_session(module);
    assert_int_equal(
        call_login(module, (struct login_req){session, USER_USER, bytes_of_text(USER_PIN)}, NULL),
        STATUS_OK);
    return session;
}

enum status module_make_pair(struct module *module, uint32_t session, const char *label, bool token,
                             uint64_t *public_key, uint64_t *private_key) {
    struct template public_template;
    struct template private_template;
    struct key_generate_pair_rep rep;
    template_start(&public_template);
    template_bool(&public_template, ATTRIBUTE_TOKEN, token);
    template_bytes(&public_template, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_text(&public_template, ATTRIBUTE_LABEL, label);
    template_start(&private_template);
    template_bool(&private_template, ATTRIBUTE_TOKEN, token);
    template_text(&private_template, ATTRIBUTE_LABEL, label);
    template_text(&private_template, ATTRIBUTE_ID, label);
    TRY(call_key_generate_pair(
        module,
        (struct key_generate_pair_req){.session = session,
                                       .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                       .public_attributes = template_of(&public_template),
                                       .private_attributes = template_of(&private_template)},
        &rep));
    *public_key = rep.public_key;
    *private_key = rep.private_key;
    return STATUS_OK;
}

enum status module_make_aes(struct module *module, uint32_t session, const uint32_t *usage,
                            uint64_t *key) {
    struct template template;
    struct key_generate_rep rep;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    for (; *usage != 0xffffffffu; usage++) {
        template_bool(&template, (enum attribute) * usage, true);
    }
    TRY(call_key_generate(
        module,
        (struct key_generate_req){.session = session,
                                  .mechanism = {.algorithm = ALGORITHM_AES_KEY_GEN},
                                  .attributes = template_of(&template)},
        &rep));
    *key = rep.key;
    return STATUS_OK;
}

enum status module_sign(struct module *module, uint32_t session, uint64_t key, struct bytes data,
                        struct bytes *signature) {
    struct sign_rep rep;
    struct sign_req req = {.session = session,
                           .key = key,
                           .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
                           .data = data};
    TRY(call_sign(module, req, &rep));
    *signature = rep.signature;
    return STATUS_OK;
}

size_t module_find(struct module *module, uint32_t session, const struct template *template,
                   uint64_t *first) {
    struct object_find_req req = {.session = session, .attributes = template_of(template)};
    struct object_find_rep rep;
    size_t count = 0;
    do {
        assert_int_equal(call_object_find(module, req, &rep), STATUS_OK);
        if (first != NULL && count == 0 && rep.objects.size > 0) {
            *first = load_u64(rep.objects.data);
        }
        count += rep.objects.size / 8;
        req.cursor = rep.cursor;
    } while (rep.cursor != 0);
    return count;
}
