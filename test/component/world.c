/* SPDX-License-Identifier: Apache-2.0 */
/* A token with everything in it: how it is made, and how it is found again. */
#include "test/component/world.h"

const char world_text[] = "the same few words for everyone";

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

/* message cbor { 1 op : one of "open" "shut"  2 n : module counter }  allow op is "open" */
static const uint8_t policy[] = {
    0xa7, 0x01, 0x01, 0x02, 0x65, 0x77, 0x6f, 0x72, 0x6c, 0x64, 0x03, 0x01,
    0x04, 0x67, 0x67, 0x75, 0x61, 0x72, 0x64, 0x65, 0x64, 0x05, 0x82, 0x86,
    0x18, 0xff, 0x01, 0x62, 0x6f, 0x70, 0x00, 0xf4, 0x82, 0x64, 0x6f, 0x70,
    0x65, 0x6e, 0x64, 0x73, 0x68, 0x75, 0x74, 0x86, 0x18, 0xff, 0x02, 0x61,
    0x6e, 0x06, 0xf4, 0x80, 0x06, 0x80, 0x07, 0x81, 0x86, 0x00, 0x04, 0x81,
    0x81, 0x83, 0x02, 0x00, 0x01, 0x80, 0x80, 0x80,
};
static const uint8_t message[] = {0xa1, 0x01, 0x64, 'o', 'p', 'e', 'n'};
const struct bytes world_policy = {policy, sizeof(policy)};
const struct bytes world_message = {message, sizeof(message)};

/* ---- making it ---- */

static void begin_template(struct world *world, const char *name) {
    template_start(&world->first);
    template_bool(&world->first, ATTRIBUTE_TOKEN, true);
    template_bool(&world->first, ATTRIBUTE_PRIVATE, !world->open);
    template_text(&world->first, ATTRIBUTE_LABEL, name);
    template_text(&world->first, ATTRIBUTE_ID, world->open ? "open" : "shut");
}

static void make_data(struct world *world, const char *name) {
    begin_template(world, name);
    world->first.used -= 8 + 4; /* data objects have no CKA_ID */
    template_text(&world->first, ATTRIBUTE_APPLICATION, world->open ? "open" : "shut");
    template_num(&world->first, ATTRIBUTE_CLASS, CLASS_DATA);
    template_text(&world->first, ATTRIBUTE_VALUE, world_text);
    struct object_create_req req = {world->session, template_of(&world->first)};
    assert_int_equal(call_object_create(&world->module, req, NULL), STATUS_OK);
}

static void make_secret(struct world *world, const char *name, uint32_t algorithm,
                        const uint32_t *facts) {
    begin_template(world, name);
    template_num(&world->first, ATTRIBUTE_VALUE_LEN, 32);
    for (; *facts != ATTRIBUTE_CLASS; facts++) {
        template_bool(&world->first, (enum attribute) * facts, true);
    }
    struct key_generate_req req = {world->session, {.algorithm = algorithm},
                                   template_of(&world->first)};
    assert_int_equal(call_key_generate(&world->module, req, NULL), STATUS_OK);
}

/* A key pair; with a policy its private half signs messages under it and nothing else. */
static void make_pair(struct world *world, const char *name, struct bytes bound) {
    begin_template(world, name);
    world->second = world->first;
    if (bound.size > 0) {
        template_bytes(&world->second, ATTRIBUTE_POLICY, bound.data, bound.size);
    }
    template_bytes(&world->first, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    struct key_generate_pair_req req = {.session = world->session,
                                        .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                        .public_attributes = template_of(&world->first),
                                        .private_attributes = template_of(&world->second)};
    assert_int_equal(call_key_generate_pair(&world->module, req, NULL), STATUS_OK);
}

/* A key whose use is limited, by a lease that world_request renews. */
static void make_leased(struct world *world) {
    struct bytes key = renewals_key(LEASE_KEY_ED25519, WORLD_LEASE_SEED);
    begin_template(world, "leased");
    template_num(&world->first, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&world->first, ATTRIBUTE_SIGN, true);
    template_num(&world->first, ATTRIBUTE_LEASE_USES, WORLD_LEASE_USES);
    template_bytes(&world->first, ATTRIBUTE_LEASE_KEY, key.data, key.size);
    struct key_generate_req req = {world->session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN},
                                   template_of(&world->first)};
    assert_int_equal(call_key_generate(&world->module, req, NULL), STATUS_OK);
}

static void make_objects(struct world *world) {
    static const uint32_t cipher[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT, ATTRIBUTE_CLASS};
    static const uint32_t kek[] = {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, ATTRIBUTE_CLASS};
    static const uint32_t target[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_EXTRACTABLE, ATTRIBUTE_CLASS};
    static const uint32_t base[] = {ATTRIBUTE_DERIVE, ATTRIBUTE_CLASS};
    make_data(world, "data");
    make_data(world, "spare");
    make_pair(world, "pair", bytes_of(NULL, 0));
    make_pair(world, "guarded", world_policy);
    make_secret(world, "cipher", ALGORITHM_AES_KEY_GEN, cipher);
    make_secret(world, "kek", ALGORITHM_AES_KEY_GEN, kek);
    make_secret(world, "target", ALGORITHM_AES_KEY_GEN, target);
    make_secret(world, "base", ALGORITHM_GENERIC_KEY_GEN, base);
    make_leased(world);
}

/* What later requests give back to the module: made once. */
static void make_results(struct world *world) {
    bool open = world->open;
    union any_rep rep;
    assert_int_equal(world_call(world, COMMAND_sign, &rep), STATUS_OK);
    assert_int_equal(rep.sign.signature.size, sizeof(world->signature[open]));
    memcpy(world->signature[open], rep.sign.signature.data, rep.sign.signature.size);
    assert_int_equal(world_call(world, COMMAND_key_wrap, &rep), STATUS_OK);
    world->wrapped_size[open] = rep.key_wrap.wrapped.size;
    assert_true(rep.key_wrap.wrapped.size <= sizeof(world->wrapped[open]));
    memcpy(world->wrapped[open], rep.key_wrap.wrapped.data, rep.key_wrap.wrapped.size);
    assert_int_equal(world_call(world, COMMAND_encrypt, &rep), STATUS_OK);
    world->sealed_size[open] = rep.encrypt.data.size;
    assert_true(rep.encrypt.data.size <= sizeof(world->sealed[open]));
    memcpy(world->sealed[open], rep.encrypt.data.data, rep.encrypt.data.size);
    memcpy(world->iv[open], rep.encrypt.iv.data, sizeof(world->iv[open]));
    renewals_for(&world->module, world->session, world->keys[open].leased, &world->lease);
    assert_int_equal(world->lease.unique_id.size, sizeof(world->unique_id[open]));
    memcpy(world->unique_id[open], world->lease.unique_id.data, sizeof(world->unique_id[open]));
    memcpy(world->device, world->lease.device.data, sizeof(world->device));
}

void world_make(struct world *world) {
    sim_reset(NULL, true);
    module_start(&world->module);
    module_make_token(&world->module, PROFILE_OF_TOKEN_STRICT);
    world->role = WORLD_USER;
    world->session = module_user_session(&world->module);
    world->open = false;
    make_objects(world);
    world->open = true;
    make_objects(world);
    world_find_keys(world, world->session);
    make_results(world);
    world->open = false;
    make_results(world);
    world_leave(world);
}

/* ---- finding it ---- */

static uint64_t find(struct world *world, uint32_t session, uint32_t class, const char *label) {
    uint64_t handle = 0;
    struct template *template = &world->first;
    template_start(template);
    template_num(template, ATTRIBUTE_CLASS, class);
    template_text(template, ATTRIBUTE_LABEL, label);
    template_bool(template, ATTRIBUTE_PRIVATE, !world->open);
    assert_int_equal(module_find(&world->module, session, template, &handle), 1);
    return handle;
}

static void find_half(struct world *world, uint32_t session) {
    world->keys[world->open] = (struct world_keys){
        .data = find(world, session, CLASS_DATA, "data"),
        .spare = find(world, session, CLASS_DATA, "spare"),
        .signer = find(world, session, CLASS_PRIVATE_KEY, "pair"),
        .verifier = find(world, session, CLASS_PUBLIC_KEY, "pair"),
        .guarded = find(world, session, CLASS_PRIVATE_KEY, "guarded"),
        .cipher = find(world, session, CLASS_SECRET_KEY, "cipher"),
        .kek = find(world, session, CLASS_SECRET_KEY, "kek"),
        .target = find(world, session, CLASS_SECRET_KEY, "target"),
        .base = find(world, session, CLASS_SECRET_KEY, "base"),
        .leased = find(world, session, CLASS_SECRET_KEY, "leased"),
    };
}

void world_find_keys(struct world *world, uint32_t session) {
    bool open = world->open;
    world->open = false;
    find_half(world, session);
    world->open = true;
    find_half(world, session);
    world->open = open;
}

void world_enter(struct world *world, enum world_role role) {
    struct module *module = &world->module;
    module_start(module);
    world->role = role;
    world->session = module_user_session(module);
    world_find_keys(world, world->session);
    if (role == WORLD_USER) {
        return;
    }
    assert_int_equal(call_logout(module, (struct logout_req){world->session}, NULL), STATUS_OK);
    if (role == WORLD_SO) {
        struct login_req login = {world->session, USER_SO, bytes_of_text(SO_PIN)};
        assert_int_equal(call_login(module, login, NULL), STATUS_OK);
    }
    if (role == WORLD_NONE) {
        struct session_close_req close = {world->session};
        assert_int_equal(call_session_close(module, close, NULL), STATUS_OK);
    }
}

void world_leave(struct world *world) {
    module_stop(&world->module);
}
