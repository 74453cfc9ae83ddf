/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a real module on the simulated platform. */
#include "test/model/rules.h"

#include "core/command/access.h"
#include "core/command/module.h"
#include "core/keys/parts.h"
#include "test/component/fixture.h"
#include "test/model/wishes.h"

enum { UNKNOWN = -2 };

/* ---- the module and its kinds ---- */

struct kind {
    struct facts facts;
    uint32_t index;
};

static struct module module;
static struct call *asker; /* for handles */
static uint32_t session;
static struct kind kinds[KINDS_MAX];
static int kind_count;
static uint64_t asked;

static int16_t made[2][RULES_WISHES_MAX];
static int16_t unwrapped[KINDS_MAX][WRAPPINGS][CONTENTS][RULES_WISHES_MAX];
static int16_t restored[KINDS_MAX][KINDS_MAX][RULES_CHANGES_MAX + 1];
static int16_t derived[KINDS_MAX][DERIVATIONS][RULES_WISHES_MAX];
static int16_t changed[KINDS_MAX][2][RULES_CHANGES_MAX];
static int16_t wraps[KINDS_MAX][KINDS_MAX][WRAPPINGS];
static int16_t does[KINDS_MAX][5];

static struct objects *objects(void) {
    return &module.hsm->objects;
}

static uint64_t handle_of(int kind) {
    asker->hsm = module.hsm;
    asker->connection = module.connection;
    return access_handle(asker, kinds[kind].index);
}

static struct bytes attributes_of(uint32_t index, uint8_t room[OBJECT_SIZE_MAX]) {
    struct span out = {room, OBJECT_SIZE_MAX};
    assert_int_equal(objects_load(objects(), index, &out), STATUS_OK);
    return bytes_of_span(out);
}

static int find_kind(const struct facts *facts) {
    int i = 0;
    while (i < kind_count && (kinds[i].facts.class != facts->class ||
                              kinds[i].facts.type != facts->type ||
                              kinds[i].facts.bits != facts->bits)) {
        i++;
    }
    return i;
}

/* The kind of attributes that an object has or had; one of a new kind is kept. */
static int kind_of(struct bytes attributes) {
    struct facts facts;
    facts_read(&facts, attributes);
    int kind = find_kind(&facts);
    if (kind < kind_count) {
        return kind;
    }
    static uint64_t serial = 1000;
    const struct object_place place = {.serial = serial++,
                                       .generation = module.hsm->tokens.list[0].generation,
                                       .connection = NOT_CONNECTED};
    assert_true(kind_count < KINDS_MAX);
    kinds[kind].facts = facts;
    assert_int_equal(objects_add(objects(), &place, attributes, STORE_LAST, &kinds[kind].index),
                     STATUS_OK);
    return kind_count++;
}

/* The kind of an object that was just made; it goes again. */
static int take(uint64_t handle) {
    uint8_t room[OBJECT_SIZE_MAX];
    uint32_t index = (uint32_t)(handle >> 40) - 1;
    int kind = kind_of(attributes_of(index, room));
    struct object_destroy_req request = {session, handle};
    assert_int_equal(call_object_destroy(&module, request, NULL), STATUS_OK);
    return kind;
}

static void make_room_in_the_log(void) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    if (next - first > 2000) {
        assert_int_equal(port_log_release(next - 100), STATUS_OK);
    }
    asked++;
}

/* Remembers the answer to a question that is asked once. */
#define ANSWER_ONCE(place, question)    \
    do {                                \
        if ((place) == UNKNOWN) {       \
            make_room_in_the_log();     \
            (place) = (int16_t)(question); \
        }                               \
        return (place);                 \
    } while (0)

/* ---- making keys ---- */

static int generate_secret(int wish) {
    struct template template;
    struct key_generate_rep reply;
    wish_fill(&template, wish, false, false);
    template_num(&template, ATTRIBUTE_VALUE_LEN, VALUE_SIZE);
    bool aes = wish_type(wish) == KEY_AES;
    struct key_generate_req request = {
        session, {.algorithm = aes ? ALGORITHM_AES_KEY_GEN : ALGORITHM_GENERIC_KEY_GEN},
        template_of(&template)};
    return call_key_generate(&module, request, &reply) == STATUS_OK ? take(reply.key)
                                                                    : RULES_REFUSED;
}

static int generate_pair(int wish) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    struct template public, private;
    struct key_generate_pair_rep reply;
    wish_fill(&private, wish, false, false);
    template_start(&public);
    template_bytes(&public, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    struct key_generate_pair_req request = {.session = session,
                                            .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                            .public_attributes = template_of(&public),
                                            .private_attributes = template_of(&private)};
    if (call_key_generate_pair(&module, request, &reply) != STATUS_OK) {
        return RULES_REFUSED;
    }
    struct object_destroy_req destroy = {session, reply.public_key};
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    return take(reply.private_key);
}

int rules_generate(int wish) {
    bool secret = wish_class(wish) == CLASS_SECRET_KEY;
    ANSWER_ONCE(made[0][wish], secret ? generate_secret(wish) : generate_pair(wish));
}

static int import(int wish) {
    struct template template;
    struct object_create_rep reply;
    wish_fill(&template, wish, true, true);
    struct object_create_req request = {session, template_of(&template)};
    return call_object_create(&module, request, &reply) == STATUS_OK ? take(reply.object)
                                                                     : RULES_REFUSED;
}

int rules_import(int wish) {
    ANSWER_ONCE(made[1][wish], import(wish));
}

/* ---- wrapping and unwrapping ---- */

static struct mechanism mechanism_of(enum wrapping how, bool wrap) {
    static const uint8_t iv[12] = {1, 2, 3};
    static const uint32_t algorithms[WRAPPINGS] = {ALGORITHM_AES_KWP, ALGORITHM_AES_GCM,
                                                   ALGORITHM_WRAP_WITH_ATTRIBUTES};
    struct mechanism mechanism = {.algorithm = algorithms[how]};
    if (how == WRAPPING_GCM) {
        mechanism.tag_bits = 128;
        mechanism.make_iv = wrap ? 1 : 0;
        mechanism.iv = wrap ? bytes_of("", 0) : bytes_of(iv, sizeof(iv));
    }
    return mechanism;
}

static int ask_wrap(int by, int target, enum wrapping how) {
    struct key_wrap_req request = {session, mechanism_of(how, true), handle_of(by),
                                   handle_of(target)};
    return call_key_wrap(&module, request, NULL) == STATUS_OK;
}

bool rules_wraps(int by, int target, enum wrapping how) {
    int16_t *place = &wraps[by][target][how];
    if (*place == UNKNOWN) {
        make_room_in_the_log();
        *place = (int16_t)ask_wrap(by, target, how);
    }
    return *place != 0;
}

/* Wraps as the module would, under the value of a key that is there. */
static struct bytes wrap_here(int by, enum wrapping how, struct bytes plain, struct span out) {
    uint8_t room[OBJECT_SIZE_MAX];
    struct key_parts parts;
    struct crypto_key key;
    struct mechanism mechanism = mechanism_of(how, false);
    if (how == WRAPPING_ATTRIBUTES) {
        mechanism.iv = bytes_of("", 0);
    }
    parts_of_attributes(&parts, &kinds[by].facts, attributes_of(kinds[by].index, room));
    assert_int_equal(crypto_key_load(&key, &parts), STATUS_OK);
    assert_int_equal(crypto_wrap(&key, &mechanism, plain, &out), STATUS_OK);
    crypto_key_unload(&key);
    return bytes_of_span(out);
}

static struct bytes plain_of(enum content content, struct span out) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static uint8_t value[VALUE_SIZE], room[8192];
    struct span rest = {room, sizeof(room)};
    memset(value, 0x2a, sizeof(value));
    if (content == CONTENT_SECRET) {
        return bytes_of(value, sizeof(value));
    }
    struct key_parts parts = {.type = KEY_EC,
                              .is_private = true,
                              .ec_params = bytes_of(p256, sizeof(p256)),
                              .value = bytes_of(value, sizeof(value))};
    assert_int_equal(crypto_key_complete(&parts, &rest), STATUS_OK);
    assert_int_equal(crypto_key_to_pkcs8(&parts, &out), STATUS_OK);
    return bytes_of_span(out);
}

static int ask_unwrap(int by, enum wrapping how, struct bytes blob, struct bytes template) {
    struct key_unwrap_rep reply;
    struct key_unwrap_req request = {session, mechanism_of(how, false), handle_of(by), blob,
                                     template};
    if (how == WRAPPING_ATTRIBUTES) {
        request.mechanism.iv = bytes_of("", 0);
    }
    return call_key_unwrap(&module, request, &reply) == STATUS_OK ? take(reply.key) : RULES_REFUSED;
}

static int unwrap(int by, enum wrapping how, enum content content, int wish) {
    uint8_t plain[512], blob[1024];
    struct template template;
    if (kinds[by].facts.type != KEY_AES) {
        return RULES_REFUSED;
    }
    wish_fill(&template, wish, true, false);
    struct bytes value = plain_of(content, (struct span){plain, sizeof(plain)});
    struct bytes wrapped = wrap_here(by, how, value, (struct span){blob, sizeof(blob)});
    return ask_unwrap(by, how, wrapped, template_of(&template));
}

int rules_unwrap(int by, enum wrapping how, enum content content, int wish) {
    ANSWER_ONCE(unwrapped[by][how][content][wish], unwrap(by, how, content, wish));
}

static int restore(int by, int kind, int change) {
    uint8_t room[OBJECT_SIZE_MAX], blob[OBJECT_SIZE_MAX];
    struct template template;
    if (kinds[by].facts.type != KEY_AES) {
        return RULES_REFUSED;
    }
    template_start(&template);
    if (change >= 0) {
        wish_change(&template, change);
    }
    struct bytes wrapped = wrap_here(by, WRAPPING_ATTRIBUTES,
                                     attributes_of(kinds[kind].index, room),
                                     (struct span){blob, sizeof(blob)});
    return ask_unwrap(by, WRAPPING_ATTRIBUTES, wrapped, template_of(&template));
}

int rules_restore(int by, int kind, int change) {
    ANSWER_ONCE(restored[by][kind][change + 1], restore(by, kind, change));
}

/* ---- deriving ---- */

static int derive(int base, enum derivation how, int wish) {
    static const uint8_t pad[VALUE_SIZE] = {7};
    struct template template;
    struct key_derive_rep reply;
    struct mechanism mechanism = {.algorithm = ALGORITHM_XOR_BASE_AND_DATA,
                                  .salt = bytes_of(pad, sizeof(pad))};
    if (wish_class(wish) != CLASS_SECRET_KEY) {
        return RULES_REFUSED;
    }
    if (how == DERIVATION_HKDF) {
        mechanism = (struct mechanism){.algorithm = ALGORITHM_HKDF,
                                       .hash = HASH_SHA256,
                                       .steps = HKDF_EXTRACT | HKDF_EXPAND};
    }
    wish_fill(&template, wish, true, false);
    template_num(&template, ATTRIBUTE_VALUE_LEN, VALUE_SIZE);
    struct key_derive_req request = {.session = session,
                                     .mechanism = mechanism,
                                     .base_key = handle_of(base),
                                     .attributes = template_of(&template)};
    return call_key_derive(&module, request, &reply) == STATUS_OK ? take(reply.key) : RULES_REFUSED;
}

int rules_derive(int base, enum derivation how, int wish) {
    ANSWER_ONCE(derived[base][how][wish], derive(base, how, wish));
}

/* Whether a key of one byte comes out of it that can be used. */
static int gives_a_byte(int kind, const struct mechanism *mechanism) {
    struct template template;
    struct key_derive_rep reply;
    template_start(&template);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 1);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    template_bool(&template, ATTRIBUTE_SENSITIVE, facts_has(&kinds[kind].facts, FACT_SENSITIVE));
    template_bool(&template, ATTRIBUTE_EXTRACTABLE,
                  facts_has(&kinds[kind].facts, FACT_EXTRACTABLE));
    struct key_derive_req request = {
        .session = session,
        .mechanism = *mechanism,
        .base_key = handle_of(kind),
        .attributes = template_of(&template)};
    if (call_key_derive(&module, request, &reply) != STATUS_OK) {
        return 0;
    }
    struct sign_req sign = {session, reply.key,
                            {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 32},
                            bytes_of("tried", 5)};
    struct sign_rep signature;
    enum status status = call_sign(&module, sign, &signature);
    struct object_destroy_req destroy = {session, reply.key};
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    return status == STATUS_OK;
}

static int crumbles(int kind) {
    static const uint8_t pad[VALUE_SIZE - 1];
    const struct mechanism ways[] = {
        {.algorithm = ALGORITHM_EXTRACT_KEY},
        {.algorithm = ALGORITHM_XOR_BASE_AND_DATA, .salt = bytes_of(pad, 1)},
        {.algorithm = ALGORITHM_CONCATENATE_BASE_AND_DATA, .salt = bytes_of(pad, 1)},
    };
    int any = 0;
    for (size_t i = 0; i < COUNT(ways); i++) {
        any |= gives_a_byte(kind, &ways[i]);
    }
    return any;
}

static int frays(int kind) {
    const struct mechanism mechanism = {
        .algorithm = ALGORITHM_HKDF, .hash = HASH_SHA256, .steps = HKDF_EXTRACT | HKDF_EXPAND};
    return gives_a_byte(kind, &mechanism);
}

/* ---- changing ---- */

static int set(int kind, int change) {
    uint8_t before[OBJECT_SIZE_MAX], after[OBJECT_SIZE_MAX];
    struct template template;
    uint32_t index = kinds[kind].index;
    struct bytes original = attributes_of(index, before);
    template_start(&template);
    wish_change(&template, change);
    struct object_set_req request = {session, handle_of(kind), template_of(&template)};
    if (call_object_set(&module, request, NULL) != STATUS_OK) {
        return RULES_REFUSED;
    }
    struct bytes now = attributes_of(index, after);
    assert_int_equal(objects_replace(objects(), index, module.hsm->tokens.list[0].generation,
                                     original),
                     STATUS_OK);
    return kind_of(now);
}

int rules_set(int kind, int change) {
    ANSWER_ONCE(changed[kind][0][change], set(kind, change));
}

static int copy(int kind, int change) {
    struct template template;
    struct object_copy_rep reply;
    template_start(&template);
    wish_change(&template, change);
    struct object_copy_req request = {session, handle_of(kind), template_of(&template)};
    return call_object_copy(&module, request, &reply) == STATUS_OK ? take(reply.object)
                                                                   : RULES_REFUSED;
}

int rules_copy(int kind, int change) {
    ANSWER_ONCE(changed[kind][1][change], copy(kind, change));
}

/* ---- looking and using ---- */

static int shows(int kind) {
    uint8_t type[4];
    struct object_get_rep reply;
    struct bytes value;
    save_u32(type, ATTRIBUTE_VALUE);
    struct object_get_req request = {session, handle_of(kind), bytes_of(type, sizeof(type))};
    assert_int_equal(call_object_get(&module, request, &reply), STATUS_OK);
    return attributes_find(reply.attributes, ATTRIBUTE_VALUE, &value) == STATUS_OK &&
           value.size > 0;
}

static int uses(int kind, bool decrypt) {
    static const uint8_t zeros[16];
    struct mechanism mechanism = {.algorithm = ALGORITHM_AES_CBC, .iv = bytes_of(zeros, 16)};
    struct encrypt_req encrypt = {session, handle_of(kind), mechanism, bytes_of(zeros, 16)};
    struct decrypt_req reverse = {session, handle_of(kind), mechanism, bytes_of(zeros, 16)};
    enum status status =
        decrypt ? call_decrypt(&module, reverse, NULL) : call_encrypt(&module, encrypt, NULL);
    return status == STATUS_OK;
}

static int ask(int kind, int which) {
    switch (which) {
    case 0:
        return shows(kind);
    case 1:
    case 2:
        return uses(kind, which == 2);
    case 3:
        return crumbles(kind);
    default:
        return frays(kind);
    }
}

static bool once(int kind, int which) {
    int16_t *place = &does[kind][which];
    if (*place == UNKNOWN) {
        make_room_in_the_log();
        *place = (int16_t)ask(kind, which);
    }
    return *place != 0;
}

bool rules_shows(int kind) {
    return once(kind, 0);
}

bool rules_encrypts(int kind) {
    return once(kind, 1);
}

bool rules_decrypts(int kind) {
    return once(kind, 2);
}

bool rules_crumbles(int kind) {
    return once(kind, 3);
}

bool rules_frays(int kind) {
    return once(kind, 4);
}

/* ---- start and end ---- */

static void fill_unknown(int16_t *places, size_t size) {
    for (size_t i = 0; i < size / sizeof(*places); i++) {
        places[i] = UNKNOWN;
    }
}

static void forget_answers(void) {
    fill_unknown(&made[0][0], sizeof(made));
    fill_unknown(&unwrapped[0][0][0][0], sizeof(unwrapped));
    fill_unknown(&restored[0][0][0], sizeof(restored));
    fill_unknown(&derived[0][0][0], sizeof(derived));
    fill_unknown(&changed[0][0][0], sizeof(changed));
    fill_unknown(&wraps[0][0][0], sizeof(wraps));
    fill_unknown(&does[0][0], sizeof(does));
    kind_count = 0;
    asked = 0;
}

/* The officer's key: TRUSTED, visible to all. */
static int make_trusted(enum trusted trusted) {
    static const uint32_t others[] = {ATTRIBUTE_UNWRAP, ATTRIBUTE_DECRYPT, ATTRIBUTE_ENCRYPT};
    struct template template;
    uint8_t value[VALUE_SIZE] = {9};
    struct object_create_rep reply;
    uint8_t room[OBJECT_SIZE_MAX];
    uint32_t officer = module_session(&module);
    struct login_req login = {officer, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    template_bytes(&template, ATTRIBUTE_VALUE, value, sizeof(value));
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_SENSITIVE, true);
    template_bool(&template, ATTRIBUTE_EXTRACTABLE, false);
    template_bool(&template, ATTRIBUTE_WRAP, true);
    template_bool(&template, (enum attribute)others[trusted], true);
    template_bool(&template, ATTRIBUTE_TRUSTED, true);
    template_bool(&template, ATTRIBUTE_PRIVATE, false);
    struct object_create_req request = {officer, template_of(&template)};
    assert_int_equal(call_object_create(&module, request, &reply), STATUS_OK);
    int kind = kind_of(attributes_of((uint32_t)(reply.object >> 40) - 1, room));
    struct session_close_req close = {officer};
    assert_int_equal(call_session_close(&module, close, NULL), STATUS_OK);
    return kind;
}

int rules_start(uint32_t profile, enum trusted trusted) {
    sim_reset(&(struct flash_geometry){16, 8192, 64}, true);
    sim_set_log_capacity(5000);
    forget_answers();
    module_start(&module);
    module_make_token(&module, profile);
    asker = calloc(1, call_size());
    assert_non_null(asker);
    int kind = make_trusted(trusted);
    session = module_user_session(&module);
    asker->session = sessions_find(&module.hsm->sessions, module.connection, session);
    return kind;
}

void rules_stop(void) {
    free(asker);
    module_stop(&module);
}

const struct facts *rules_kind(int kind) {
    return &kinds[kind].facts;
}

int rules_kinds(void) {
    return kind_count;
}

uint64_t rules_asked(void) {
    return asked;
}
