/* SPDX-License-Identifier: Apache-2.0 */
/* Commands by chance. */
#include "test/component/chance.h"

uint32_t chance_below(struct chance *chance, uint32_t end) {
    return (uint32_t)((sim_chance(&chance->state) >> 16) % end);
}

static bool one_in(struct chance *chance, uint32_t n) {
    return chance_below(chance, n) == 0;
}

/* ---- bytes ---- */

static struct bytes random_bytes(struct chance *chance, uint32_t size) {
    for (uint32_t i = 0; i < size; i++) {
        chance->random[i] = (uint8_t)chance_below(chance, 256);
    }
    return bytes_of(chance->random, size);
}

/* Mostly what the module gave out itself, so that it is asked to undo what it did. */
static struct bytes some_data(struct chance *chance, uint32_t max) {
    static const uint32_t sizes[] = {0, 1, 12, 16, 20, 32, 48, 64};
    const struct chance_blob *blob = &chance->blobs[chance_below(chance, CHANCE_BLOBS)];
    if (blob->size > 0 && blob->size <= max && !one_in(chance, 3)) {
        return bytes_of(blob->bytes, blob->size);
    }
    uint32_t wanted = sizes[chance_below(chance, COUNT(sizes))];
    return random_bytes(chance, wanted <= max ? wanted : max);
}

/* ---- keys ---- */

/* Whether there is an algorithm with which a key of this type can do it. */
static bool can_do(uint32_t type, uint32_t function) {
    size_t count = 0;
    const struct algorithm_row *rows = algorithm_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].functions & function) == function &&
            algorithm_takes(&rows[i], (enum key_type)type)) {
            return true;
        }
    }
    return false;
}

static const struct chance_key *some_key(struct chance *chance, uint32_t function) {
    static const struct chance_key none = {0, KEY_NONE, 0, false};
    const struct chance_key *key = &none;
    if (chance->key_count == 0 || one_in(chance, 50)) {
        return key;
    }
    for (int i = 0; i < 30; i++) {
        key = &chance->keys[chance_below(chance, (uint32_t)chance->key_count)];
        bool may = key->uses != 0 ? (key->uses & function) == function : one_in(chance, 4);
        if (function == 0 || (may && can_do(key->type, function))) {
            break;
        }
    }
    return key;
}

/* ---- templates ---- */

const uint8_t chance_p256[10] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

static uint32_t some_number(struct chance *chance, uint32_t attribute) {
    static const uint32_t types[] = {KEY_RSA, KEY_EC,      KEY_GENERIC, KEY_AES,
                                     KEY_AES, KEY_ED25519, KEY_X25519,  KEY_CHACHA20};
    static const uint32_t sizes[] = {16, 24, 32, 32, 8, 1, 64, 0};
    switch (attribute) {
    case ATTRIBUTE_CLASS:
        return chance_below(chance, 5);
    case ATTRIBUTE_KEY_TYPE:
        return types[chance_below(chance, COUNT(types))];
    case ATTRIBUTE_VALUE_LEN:
        return sizes[chance_below(chance, COUNT(sizes))];
    case ATTRIBUTE_MODULUS_BITS:
        return one_in(chance, 8) ? 2048 : chance_below(chance, 2048);
    default:
        return chance_below(chance, 8);
    }
}

static void add_attribute(struct chance *chance, struct template *template,
                          const struct attribute_row *row) {
    uint8_t date[] = {'2', '0', '2', '6', '1', '1', '2', '5'};
    switch (row->kind) {
    case KIND_BOOL: /* what cannot be destroyed would fill the store */
        template_bool(template, row->attribute,
                      row->attribute == ATTRIBUTE_DESTROYABLE || !one_in(chance, 3));
        break;
    case KIND_NUM:
        template_num(template, row->attribute, some_number(chance, row->attribute));
        break;
    case KIND_DATE:
        template_bytes(template, row->attribute, date, sizeof(date));
        break;
    case KIND_LIST:
        template_num(template, row->attribute, ALGORITHM_AES_GCM);
        break;
    default:
        if (row->attribute == ATTRIBUTE_EC_PARAMS) {
            template_bytes(template, row->attribute, chance_p256, sizeof(chance_p256));
        } else {
            struct bytes data = some_data(chance, 64);
            template_bytes(template, row->attribute, data.data, data.size);
        }
    }
}

/* What most templates need to be taken at all. */
static const uint32_t wanted[] = {
    ATTRIBUTE_VALUE_LEN, ATTRIBUTE_KEY_TYPE, ATTRIBUTE_CLASS,   ATTRIBUTE_VALUE,
    ATTRIBUTE_EC_PARAMS, ATTRIBUTE_TOKEN,    ATTRIBUTE_PRIVATE, ATTRIBUTE_SENSITIVE,
    ATTRIBUTE_ENCRYPT,   ATTRIBUTE_DECRYPT,  ATTRIBUTE_WRAP,    ATTRIBUTE_UNWRAP,
    ATTRIBUTE_DERIVE,    ATTRIBUTE_SIGN,     ATTRIBUTE_VERIFY,  ATTRIBUTE_EXTRACTABLE,
    ATTRIBUTE_TRUSTED,   ATTRIBUTE_LABEL,    ATTRIBUTE_ID,
};

static struct bytes some_template(struct chance *chance, struct template *template,
                                  enum command command) {
    size_t count = 0;
    const struct attribute_row *rows = attribute_rows(&count);
    template_start(template);
    if (command == COMMAND_key_generate) {
        template_num(template, ATTRIBUTE_VALUE_LEN, one_in(chance, 3) ? 16 : 32);
    } else if (command == COMMAND_key_generate_pair && template == &chance->first) {
        template_bytes(template, ATTRIBUTE_EC_PARAMS, chance_p256, sizeof(chance_p256));
    } else if (command == COMMAND_key_unwrap && !one_in(chance, 3)) {
        template_num(template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
        template_num(template, ATTRIBUTE_KEY_TYPE, one_in(chance, 2) ? KEY_AES : KEY_GENERIC);
    }
    if (command == COMMAND_object_create && !one_in(chance, 3)) {
        template_num(template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
        template_num(template, ATTRIBUTE_KEY_TYPE, one_in(chance, 2) ? KEY_AES : KEY_GENERIC);
        struct bytes value = random_bytes(chance, 32);
        template_bytes(template, ATTRIBUTE_VALUE, value.data, value.size);
    }
    if ((command == COMMAND_key_unwrap || command == COMMAND_key_derive) && one_in(chance, 3)) {
        template_bool(template, ATTRIBUTE_SENSITIVE, false); /* refused where it would weaken */
        template_bool(template, ATTRIBUTE_EXTRACTABLE, true);
    }
    uint32_t most = one_in(chance, 2) ? 1 : 6;
    for (uint32_t more = chance_below(chance, most); more > 0; more--) {
        const struct attribute_row *row =
            one_in(chance, 4) ? &rows[chance_below(chance, (uint32_t)count)]
                              : attribute_row(wanted[chance_below(chance, COUNT(wanted))]);
        struct bytes value;
        bool is_there = attributes_find(template_of(template), row->attribute, &value) == STATUS_OK;
        if (!is_there || one_in(chance, 40)) {
            add_attribute(chance, template, row);
        }
    }
    return template_of(template);
}

/* What the command asks of a key; 0: anything. */
static uint32_t function_of(enum command command, const union any_req *request) {
    switch (command) {
    case COMMAND_key_generate:
        return F_GENERATE;
    case COMMAND_key_generate_pair:
        return F_GENERATE_PAIR;
    case COMMAND_key_wrap:
        return F_WRAP;
    case COMMAND_key_unwrap:
        return F_UNWRAP;
    case COMMAND_key_derive:
        return F_DERIVE;
    case COMMAND_sign:
        return F_SIGN;
    case COMMAND_verify:
        return F_VERIFY;
    case COMMAND_encrypt:
        return F_ENCRYPT;
    case COMMAND_decrypt:
        return F_DECRYPT;
    case COMMAND_stream_open:
        return request->stream_open.function;
    case COMMAND_key_check:
        return request->key_check.function;
    default:
        return 0;
    }
}

/* ---- fields ---- */

static void fill_U32(struct chance *chance, enum command command, const char *name,
                     uint32_t *value) {
    if (strcmp(name, "session") == 0) {
        *value = one_in(chance, 60) ? chance_below(chance, 1000) : chance->session;
    } else if (strcmp(name, "slot") == 0) {
        *value = one_in(chance, 10) ? chance_below(chance, TOKENS_MAX + 2) : 0;
    } else if (strcmp(name, "function") == 0) {
        bool goes_on = command == COMMAND_stream_update || command == COMMAND_stream_close;
        *value = goes_on && !one_in(chance, 4) ? chance->function : 1u << chance_below(chance, 8);
    } else if (strcmp(name, "size") == 0) {
        *value = chance_below(chance, one_in(chance, 4) ? DATA_MAX + 2 : 64);
    } else if (strcmp(name, "profile") == 0) {
        *value = chance->profile;
    } else {
        *value = command == COMMAND_hello ? 1 : chance_below(chance, 4);
    }
}

static void fill_U64(struct chance *chance, enum command command, uint32_t function,
                     const char *name, uint64_t *value) {
    if (strcmp(name, "from") == 0) {
        uint64_t first = 0, next = 0;
        port_log_range(&first, &next);
        *value = next > 20 ? next - chance_below(chance, 20) : 0;
        return;
    }
    if (strcmp(name, "up_to") == 0 || strcmp(name, "cursor") == 0) {
        *value = chance_below(chance, 8);
        return;
    }
    bool wrapped = command == COMMAND_key_wrap && strcmp(name, "key") == 0;
    bool other = strcmp(name, "other_key") == 0;
    const struct chance_key *key = some_key(chance, wrapped || other ? 0 : function);
    for (int i = 0; i < 50 && command == COMMAND_object_destroy && key->kept; i++) {
        key = some_key(chance, 0);
    }
    *value = (command == COMMAND_object_destroy && key->kept) || (other && !one_in(chance, 3))
                 ? 0
                 : key->handle;
    if (!wrapped && !other) {
        chance->preferred = key->type;
    }
    if (command == COMMAND_object_get && one_in(chance, 2)) {
        *value = chance->newest;
    }
}

static struct bytes some_pin(struct chance *chance, enum command command) {
    bool so = chance->role == USER_SO;
    if (command == COMMAND_pin_set) {
        return bytes_of_text(so ? SO_PIN : USER_PIN);
    }
    return bytes_of_text(USER_PIN);
}

static void fill_BYTES(struct chance *chance, enum command command, const char *name,
                       struct bytes *value, uint32_t max) {
    size_t length = strlen(name);
    if (length >= 10 && strcmp(name + length - 10, "attributes") == 0) {
        bool second = strcmp(name, "private_attributes") == 0;
        *value = some_template(chance, second ? &chance->second : &chance->first, command);
    } else if (length >= 3 && strcmp(name + length - 3, "pin") == 0) {
        *value = some_pin(chance, command);
    } else if (strcmp(name, "types") == 0) {
        size_t count = 0;
        const struct attribute_row *rows = attribute_rows(&count);
        for (size_t i = 0; i < COUNT(chance->types) / 4; i++) {
            save_u32(chance->types + 4 * i,
                     i % 4 == 0 ? (uint32_t)ATTRIBUTE_VALUE
                                : rows[chance_below(chance, (uint32_t)count)].attribute);
        }
        *value = bytes_of(chance->types, sizeof(chance->types));
    } else if (strcmp(name, "peers") == 0) {
        *value = bytes_of(NULL, 0);
    } else {
        *value = some_data(chance, max);
    }
}

/* An algorithm that fits key and function, mostly. */
static const struct algorithm_row *some_algorithm(struct chance *chance, uint32_t function) {
    size_t count = 0;
    const struct algorithm_row *rows = algorithm_rows(&count);
    const struct algorithm_row *row = &rows[chance_below(chance, (uint32_t)count)];
    bool makes = function == F_GENERATE || function == F_GENERATE_PAIR;
    bool any = one_in(chance, 12);
    for (int i = 0; i < 300 && !any; i++) {
        bool takes = makes || function == F_DIGEST ||
                     algorithm_takes(row, (enum key_type)chance->preferred);
        if (takes && (row->functions & function) == function) {
            break;
        }
        row = &rows[chance_below(chance, (uint32_t)count)];
    }
    bool slow = row->algorithm == ALGORITHM_RSA_KEY_PAIR_GEN && !one_in(chance, 30);
    return slow ? algorithm_row(ALGORITHM_EC_KEY_PAIR_GEN) : row;
}

static void add_parameters(struct chance *chance, uint32_t has, struct mechanism *mechanism) {
    static const uint8_t iv[16] = {1};
    bool gcm = (has & P_MAKE_IV) != 0;
    mechanism->make_iv = gcm && !one_in(chance, 3) ? 1 : 0;
    if ((has & P_IV) != 0 && mechanism->make_iv == 0) {
        bool twelve = gcm || mechanism->algorithm == ALGORITHM_AES_CCM;
        mechanism->iv = bytes_of(iv, twelve ? 12 : 16);
    }
    if ((has & P_LABEL) != 0 && one_in(chance, 2)) {
        mechanism->label = bytes_of_text("label");
    }
    if ((has & P_SALT) != 0 && one_in(chance, 2)) {
        mechanism->salt = bytes_of(iv, sizeof(iv));
    }
    if ((has & P_PEER) != 0) {
        bool known = chance->point_size > 0 && !one_in(chance, 4);
        mechanism->peer = known ? bytes_of(chance->point, chance->point_size)
                                : some_data(chance, 133);
    }
}

static void fill_mechanism(struct chance *chance, uint32_t function, struct mechanism *mechanism) {
    static const uint32_t tags[] = {128, 128, 96, 32};
    const struct algorithm_row *row = some_algorithm(chance, function);
    uint32_t hash = one_in(chance, 4) ? chance_below(chance, HASH_COUNT) : HASH_SHA256;
    uint32_t has = row->parameters;
    *mechanism = (struct mechanism){
        .algorithm = row->algorithm,
        .hash = (has & P_HASH) != 0 && !one_in(chance, 10) ? hash : 0,
        .digest = (has & P_DIGEST) != 0 ? hash : 0,
        .mgf = (has & P_MGF) != 0 ? hash : 0,
        .salt_size = (has & P_SALT_SIZE) != 0 ? (uint32_t)hash_size(hash) : 0,
        .tag_bits = (has & P_TAG_BITS) != 0 ? tags[chance_below(chance, COUNT(tags))] : 0,
        .counter_bits = (has & P_COUNTER_BITS) != 0 ? 128 : 0,
        .data_size = (has & P_DATA_SIZE) != 0 && one_in(chance, 2) ? 8 : 0,
        .steps = (has & P_STEPS) != 0 ? 1 + chance_below(chance, 3) : 0,
    };
    add_parameters(chance, has, mechanism);
}

/* ---- requests ---- */

/* What would end the run (zeroization, another token, PINs that get locked), or would end sessions
 * and keys so often that there is nothing to use. */
static void hold_back(struct chance *chance, enum command command, union any_req *request) {
    if (command == COMMAND_zeroize && chance->role == USER_SO) {
        request->zeroize.session = 0;
    } else if (command == COMMAND_token_init) {
        request->token_init.so_pin = bytes_of_text(request->token_init.slot == 0 ? "1" : SO_PIN);
        request->token_init.label = bytes_of_text("other");
    } else if (command == COMMAND_session_close && !one_in(chance, 8)) {
        request->session_close.session = 0;
    } else if (command == COMMAND_session_close_all && !one_in(chance, 8)) {
        request->session_close_all.slot = 1;
    } else if (command == COMMAND_logout && !one_in(chance, 8)) {
        request->logout.session = 0;
    } else if (command == COMMAND_object_destroy && !one_in(chance, 4)) {
        request->object_destroy.object = 0;
    } else if (command == COMMAND_login) {
        bool so = request->login.user == USER_SO;
        bool wrong = !so && one_in(chance, 10);
        request->login.pin = bytes_of_text(so ? SO_PIN : wrong ? "no-such-pin" : USER_PIN);
    } else if (command == COMMAND_pin_set) {
        request->pin_set.new_pin = request->pin_set.old_pin;
    }
}

/* Often the module is asked to undo what it did: by the same key, or to decrypt what it wrapped. */
static void undo(struct chance *chance, enum command command, union any_req *request) {
    const struct chance_blob *blob = NULL;
    uint32_t function = function_of(command, request);
    for (int i = 0; i < 20; i++) {
        bool wrapped = command == COMMAND_key_unwrap && !one_in(chance, 8);
        uint32_t half = CHANCE_BLOBS / 2;
        blob = &chance->blobs[chance_below(chance, half) +
                              (wrapped || one_in(chance, 2) ? half : 0)];
        const struct algorithm_row *row = algorithm_row(blob->mechanism.algorithm);
        if (blob->key != 0 && (row->functions & function) != 0) {
            break;
        }
    }
    struct bytes bytes = bytes_of(blob->bytes, blob->size);
    if (blob->key == 0 || one_in(chance, 4)) {
        return;
    }
    if (command == COMMAND_decrypt) {
        request->decrypt.key = blob->key;
        request->decrypt.mechanism = blob->mechanism;
        request->decrypt.data = bytes;
    } else if (command == COMMAND_key_unwrap) {
        request->key_unwrap.unwrapping_key = blob->key;
        request->key_unwrap.mechanism = blob->mechanism;
        request->key_unwrap.wrapped = bytes;
    } else if (command == COMMAND_verify && bytes.size <= 1024) {
        request->verify.key = blob->key;
        request->verify.mechanism = blob->mechanism;
        request->verify.data = bytes_of(blob->data, blob->data_size);
        request->verify.signature = bytes;
    }
}

static bool uses_keys(const struct command_row *row) {
    return row->command >= COMMAND_object_create && row->command <= COMMAND_stream_cancel;
}

const struct command_row *chance_request(struct chance *chance, union any_req *request) {
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    const struct command_row *row = &rows[chance_below(chance, (uint32_t)count)];
    if (!uses_keys(row) && one_in(chance, 2)) {
        row = &rows[chance_below(chance, (uint32_t)count)]; /* commands with keys come more often */
    }
    const enum command command = row->command;
    memset(request, 0, sizeof(*request));
    chance->preferred = KEY_NONE;
#define FILL_U32(name, max) fill_U32(chance, command, #name, &req->name);
#define FILL_U64(name, max)                                                        \
    fill_U64(chance, command, function_of(command, request), #name, &req->name);
#define FILL_BYTES(name, max) fill_BYTES(chance, command, #name, &req->name, max);
#define FILL_MECHANISM(name, max)
#define LATE_U32(name, max)
#define LATE_U64(name, max)
#define LATE_BYTES(name, max)
#define LATE_MECHANISM(name, max) fill_mechanism(chance, function_of(command, request), &req->name);
#define FILL(T, kind, name, max) FILL_##kind(name, max)
#define LATE(T, kind, name, max) LATE_##kind(name, max)
    switch (command) {
#define COMMAND(number, name, states, role, audit, steps, text) \
    case COMMAND_##name: {                                      \
        struct name##_req *req = &request->name;                \
        (void)req;                                              \
        REQ_##name(FILL, _) REQ_##name(LATE, _) break;          \
    }
#include "proto/commands.def"
#undef COMMAND
    }
    hold_back(chance, command, request);
    undo(chance, command, request);
    return row;
}
