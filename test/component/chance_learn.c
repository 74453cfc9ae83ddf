/* SPDX-License-Identifier: Apache-2.0 */
/* What is learnt from the replies to commands by chance, and what is there to begin with. */
#include "test/component/chance.h"

/* ---- learning ---- */

/* How a result was made. */
struct deed {
    uint64_t key;
    const struct mechanism *mechanism;
    struct bytes iv, data;
    bool wraps;
};

static void keep_blob(struct chance *chance, struct bytes result, const struct deed *deed) {
    /* Wrapped keys are rare: they are not pushed out by the rest. */
    uint32_t half = CHANCE_BLOBS / 2;
    uint32_t which = chance_below(chance, half) + (deed->wraps ? half : 0);
    struct chance_blob *blob = &chance->blobs[which];
    if (result.size == 0 || result.size > CHANCE_BLOB_SIZE || deed->iv.size > sizeof(blob->iv) ||
        deed->mechanism->peer.size > 0) {
        return;
    }
    *blob = (struct chance_blob){
        .size = result.size, .key = deed->key, .mechanism = *deed->mechanism};
    memcpy(blob->bytes, result.data, result.size);
    if (deed->mechanism->make_iv != 0) {
        blob->mechanism.make_iv = 0;
        bytes_copy(blob->iv, deed->iv);
        blob->mechanism.iv = bytes_of(blob->iv, deed->iv.size);
    }
    if (deed->data.size <= sizeof(blob->data)) {
        bytes_copy(blob->data, deed->data);
        blob->data_size = deed->data.size;
    }
}

static const struct {
    uint32_t attribute, function;
} usages[] = {
    {ATTRIBUTE_SIGN, F_SIGN},       {ATTRIBUTE_VERIFY, F_VERIFY}, {ATTRIBUTE_ENCRYPT, F_ENCRYPT},
    {ATTRIBUTE_DECRYPT, F_DECRYPT}, {ATTRIBUTE_WRAP, F_WRAP},     {ATTRIBUTE_UNWRAP, F_UNWRAP},
    {ATTRIBUTE_DERIVE, F_DERIVE},
};

static uint32_t uses_of(struct bytes attributes) {
    uint32_t uses = 0;
    for (size_t i = 0; i < COUNT(usages); i++) {
        bool set = attributes_bool(attributes, usages[i].attribute, false);
        uses |= set ? usages[i].function : 0;
    }
    return uses;
}

static void add_key(struct chance *chance, uint64_t handle, uint32_t type, struct bytes attributes,
                    bool kept) {
    struct chance_key key = {handle, type, uses_of(attributes), kept};
    chance->newest = handle;
    if (chance->key_count < CHANCE_KEYS) {
        chance->keys[chance->key_count++] = key;
        return;
    }
    struct chance_key *other = &chance->keys[chance_below(chance, CHANCE_KEYS)];
    *other = other->kept ? *other : key;
}

/* Keys that a command made. */
static void learn_keys(struct chance *chance, enum command command, const union any_req *request,
                       const union any_rep *reply) {
    switch (command) {
    case COMMAND_key_unwrap: {
        struct bytes template = request->key_unwrap.attributes;
        uint32_t type = attributes_num(template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
        add_key(chance, reply->key_unwrap.key, type, template, false);
        break;
    }
    case COMMAND_key_derive: {
        struct bytes template = request->key_derive.attributes;
        uint32_t type = attributes_num(template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
        add_key(chance, reply->key_derive.key, type, template, false);
        break;
    }
    case COMMAND_key_generate: {
        const struct key_generate_req *req = &request->key_generate;
        uint32_t type = algorithm_row(req->mechanism.algorithm)->key;
        add_key(chance, reply->key_generate.key, type, req->attributes, false);
        break;
    }
    case COMMAND_key_generate_pair: {
        const struct key_generate_pair_req *req = &request->key_generate_pair;
        uint32_t type = algorithm_row(req->mechanism.algorithm)->key;
        add_key(chance, reply->key_generate_pair.public_key, type, req->public_attributes, false);
        add_key(chance, reply->key_generate_pair.private_key, type, req->private_attributes,
                false);
        break;
    }
    default:
        break;
    }
}

/* What it gave out, and how. */
static void learn_blobs(struct chance *chance, enum command command, const union any_req *request,
                        const union any_rep *reply) {
    switch (command) {
    case COMMAND_key_wrap: {
        const struct key_wrap_req *req = &request->key_wrap;
        struct deed deed = {.key = req->wrapping_key,
                            .mechanism = &req->mechanism,
                            .iv = reply->key_wrap.iv,
                            .wraps = true};
        keep_blob(chance, reply->key_wrap.wrapped, &deed);
        break;
    }
    case COMMAND_encrypt: {
        const struct encrypt_req *req = &request->encrypt;
        struct deed deed = {req->key, &req->mechanism, reply->encrypt.iv, req->data, false};
        keep_blob(chance, reply->encrypt.data, &deed);
        break;
    }
    case COMMAND_sign: {
        const struct sign_req *req = &request->sign;
        struct deed deed = {req->key, &req->mechanism, {NULL, 0}, req->data, false};
        keep_blob(chance, reply->sign.signature, &deed);
        break;
    }
    default:
        break;
    }
}

void chance_learn(struct chance *chance, const struct command_row *row,
                  const union any_req *request, const union any_rep *reply) {
    learn_keys(chance, row->command, request, reply);
    learn_blobs(chance, row->command, request, reply);
    switch (row->command) {
    case COMMAND_login:
        chance->role = request->login.user != USER_CONTEXT ? request->login.user : chance->role;
        break;
    case COMMAND_logout:
        chance->role = USER_CONTEXT;
        break;
    case COMMAND_session_close:
    case COMMAND_session_close_all:
        chance->session = 0;
        break;
    case COMMAND_stream_open:
        chance->function = request->stream_open.function;
        break;
    default:
        break;
    }
}

/* ---- settling ---- */

/* A list of results without those that are not given. */
static struct bytes given(struct chance *chance, struct bytes list) {
    template_start(&chance->second);
    for (size_t at = 0; at + 8 <= list.size;) {
        uint32_t size = load_u32(list.data + at + 4);
        if (size == ATTRIBUTE_SIZE_INVALID || size == ATTRIBUTE_SIZE_SENSITIVE) {
            at += 8;
            continue;
        }
        template_bytes(&chance->second, (enum attribute)load_u32(list.data + at),
                       list.data + at + 8, size);
        at += 8 + size;
    }
    return template_of(&chance->second);
}

static void look_at(struct chance *chance, uint64_t handle) {
    struct object_get_rep rep;
    struct bytes label = {NULL, 0};
    uint8_t types[4 * (COUNT(usages) + 3)];
    save_u32(types, ATTRIBUTE_LABEL);
    save_u32(types + 4, ATTRIBUTE_KEY_TYPE);
    save_u32(types + 8, ATTRIBUTE_TOKEN);
    for (size_t i = 0; i < COUNT(usages); i++) {
        save_u32(types + 12 + 4 * i, usages[i].attribute);
    }
    struct object_get_req req = {chance->session, handle, bytes_of(types, sizeof(types))};
    struct attribute_entry entry;
    if (call_object_get(chance->module, req, &rep) != STATUS_OK) {
        return;
    }
    struct bytes rest = rep.attributes;
    assert_int_equal(attributes_next(&rest, &entry), STATUS_OK);
    label = entry.value;
    bool kept = bytes_equal(label, bytes_of_text(CHANCE_KEPT));
    /* a data object has no type: its mark is no size */
    uint32_t type = load_u32(rest.data + 4) == 4 ? load_u32(rest.data + 8) : (uint32_t)KEY_NONE;
    if (!kept && chance_below(chance, 4) != 0) {
        struct object_destroy_req destroy = {chance->session, handle};
        enum status status = call_object_destroy(chance->module, destroy, NULL);
        (void)status; /* some may not be destroyed, or not by this role */
        return;
    }
    add_key(chance, handle, type, given(chance, rest), kept);
}

/* Keys that are good for something: chance alone finds too few. */
static void make_tools(struct chance *chance) {
    static const uint32_t uses[][3] = {
        {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT, ATTRIBUTE_EXTRACTABLE},
        {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, ATTRIBUTE_SENSITIVE},
        {ATTRIBUTE_DERIVE, ATTRIBUTE_SENSITIVE, ATTRIBUTE_EXTRACTABLE},
        {ATTRIBUTE_SIGN, ATTRIBUTE_VERIFY, ATTRIBUTE_EXTRACTABLE},
        {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP, ATTRIBUTE_DECRYPT}, /* refused in a strict token */
    };
    for (size_t i = 0; i < COUNT(uses); i++) {
        struct key_generate_rep rep;
        template_start(&chance->first);
        template_num(&chance->first, ATTRIBUTE_VALUE_LEN, 32);
        for (size_t k = 0; k < COUNT(uses[i]); k++) {
            template_bool(&chance->first, (enum attribute)uses[i][k], true);
        }
        struct key_generate_req req = {chance->session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                       template_of(&chance->first)};
        for (int copies = 0; copies < 3; copies++) {
            if (call_key_generate(chance->module, req, &rep) == STATUS_OK) {
                add_key(chance, rep.key, KEY_AES, template_of(&chance->first), false);
            }
        }
    }
}

/* A point that can be agreed with. */
static void learn_point(struct chance *chance) {
    struct key_generate_pair_rep pair;
    struct object_get_rep rep;
    struct attribute_entry entry;
    uint8_t types[4];
    template_start(&chance->first);
    template_bytes(&chance->first, ATTRIBUTE_EC_PARAMS, chance_p256, sizeof(chance_p256));
    template_start(&chance->second);
    template_bool(&chance->second, ATTRIBUTE_DERIVE, true);
    struct key_generate_pair_req make = {.session = chance->session,
                                         .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                         .public_attributes = template_of(&chance->first),
                                         .private_attributes = template_of(&chance->second)};
    if (call_key_generate_pair(chance->module, make, &pair) != STATUS_OK) {
        return;
    }
    add_key(chance, pair.private_key, KEY_EC, template_of(&chance->second), false);
    save_u32(types, ATTRIBUTE_EC_POINT);
    struct object_get_req get = {chance->session, pair.public_key, bytes_of(types, sizeof(types))};
    assert_int_equal(call_object_get(chance->module, get, &rep), STATUS_OK);
    assert_int_equal(attributes_next(&rep.attributes, &entry), STATUS_OK);
    assert_true(entry.value.size <= sizeof(chance->point));
    memcpy(chance->point, entry.value.data, entry.value.size);
    chance->point_size = entry.value.size;
}

static void look_around(struct chance *chance) {
    static uint8_t handles[8 * OBJECTS_MAX];
    struct object_find_req req = {.session = chance->session};
    struct object_find_rep rep;
    size_t used = 0;
    chance->key_count = 0;
    for (size_t i = 0; i < CHANCE_BLOBS; i++) {
        chance->blobs[i].key = 0; /* handles end with the login */
    }
    do {
        assert_int_equal(call_object_find(chance->module, req, &rep), STATUS_OK);
        assert_true(used + rep.objects.size <= sizeof(handles));
        memcpy(handles + used, rep.objects.data, rep.objects.size);
        used += rep.objects.size;
        req.cursor = rep.cursor;
    } while (rep.cursor != 0);
    for (size_t i = 0; i < used; i += 8) {
        look_at(chance, load_u64(handles + i));
    }
}

void chance_settle(struct chance *chance) {
    struct module *module = chance->module;
    if (chance->session != 0 && chance_below(chance, 150) != 0) {
        return;
    }
    struct session_close_all_req close = {0};
    assert_int_equal(call_session_close_all(module, close, NULL), STATUS_OK);
    chance->session = module_session(module);
    chance->role = USER_CONTEXT;
    uint32_t who = chance_below(chance, 20);
    if (who > 0) {
        uint32_t user = who == 1 ? USER_SO : USER_USER;
        struct login_req login = {chance->session, user,
                                  bytes_of_text(user == USER_SO ? SO_PIN : USER_PIN)};
        assert_int_equal(call_login(module, login, NULL), STATUS_OK);
        chance->role = user;
    }
    look_around(chance);
    if (chance->role == USER_USER) {
        make_tools(chance);
        learn_point(chance);
    }
}
