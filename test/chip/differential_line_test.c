/* SPDX-License-Identifier: Apache-2.0 */
/* R-61 for the chip: short sequences of commands by chance, given to a daemon ($DAEMON_MODULE) and,
 * over the line, to a chip ($EDGEHSM_MODULE). Both must answer the same. SEQUENCES (200) and
 * SEED may be set; the seed is told. Random values, handles and serial numbers are each device's
 * own; signatures by chance are verified at both ends. Where KEY_ARENA_FROM and _TO are set, all
 * RAM of the emulated chip in $CHIP_DIR is searched for every planted key after each command
 * (R-03). */
#include "test/chip/pair.h"
#include "proto/attributes.h"
#include "test/chip/pair_chance.h"
#include "test/chip/pair_keys.h"
#include "test/chip/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { LOG_OF_SEQUENCES = 200, OBJECTS_OF_SEQUENCE = 12, STREAMS_OF_SEQUENCE = 3, STEPS = 9 };

static uint64_t sequences;
static uint32_t session, base_session; /* the second holds the login, and the keys that stay */
static struct pair_key made[OBJECTS_OF_SEQUENCE];
static size_t made_count;
static int streams;
static uint32_t stream_function;
static uint8_t blob[DATA_SIZE + 64];
static size_t blob_size;
static struct mechanism blob_mechanism;
static uint32_t blob_key;

static uint32_t some_session(void) {
    return chance_one_in(40)   ? pair_newest() + 1 + chance_below(9)
           : chance_one_in(30) ? 0
                               : session;
}

/* ---- objects ---- */

static const struct pair_key *some_key(uint32_t function) {
    const struct pair_key *key = NULL;
    for (int i = 0; i < 40; i++) {
        size_t which = chance_below((uint32_t)(pair_key_count + made_count));
        key = which < pair_key_count ? &pair_keys[which] : &made[which - pair_key_count];
        if (function == 0 || (key->functions & function) != 0) {
            break;
        }
    }
    return key;
}

static uint32_t handle_of(const struct pair_key *key) {
    return chance_one_in(50) ? pair_newest() + 3 : key->number;
}

static void keep(uint32_t type, uint32_t functions, bool token) {
    if (made_count < COUNT(made)) {
        made[made_count++] = (struct pair_key){
            .number = pair_newest(), .type = type, .functions = functions, .token = token};
    }
}

static void add_flags(struct pair_template *template, uint32_t functions) {
    static const uint32_t flags[] = {
        ATTRIBUTE_SENSITIVE,         ATTRIBUTE_EXTRACTABLE, ATTRIBUTE_MODIFIABLE,
        ATTRIBUTE_COPYABLE,          ATTRIBUTE_DESTROYABLE, ATTRIBUTE_ALWAYS_AUTHENTICATE,
        ATTRIBUTE_WRAP_WITH_TRUSTED, ATTRIBUTE_TRUSTED,     ATTRIBUTE_LOCAL,
        ATTRIBUTE_SIGN_RECOVER};
    pair_template_uses(template, functions);
    pair_template_bool(template, ATTRIBUTE_SENSITIVE, chance_one_in(2));
    pair_template_bool(template, ATTRIBUTE_EXTRACTABLE, !chance_one_in(3));
    if (chance_one_in(3)) {
        pair_template_bool(template, ATTRIBUTE_PRIVATE, chance_one_in(2));
    }
    if (chance_one_in(4)) {
        uint32_t flag = flags[2 + chance_below(COUNT(flags) - 2)];
        pair_template_bool(template, flag, chance_one_in(2));
    }
}

static void create_data(void) {
    struct pair_template template = {.used = 0};
    bool token = chance_one_in(6);
    pair_template_num(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    pair_template_bool(&template, ATTRIBUTE_TOKEN, token);
    pair_template_bytes(&template, ATTRIBUTE_VALUE, chance_bytes(300));
    pair_template_bytes(&template, ATTRIBUTE_LABEL, bytes_of_text("data by chance"));
    if (chance_one_in(3)) {
        pair_template_bool(&template, ATTRIBUTE_MODIFIABLE, chance_one_in(2));
    }
    union any_req request = {.object_create = {some_session(), pair_template_of(&template)}};
    if (pair_ask(COMMAND_object_create, &request) == STATUS_OK) {
        keep(KEY_NONE, 0, token);
    }
}

static uint32_t some_uses(void) {
    static const uint32_t uses[] = {
        F_SIGN | F_VERIFY,  F_ENCRYPT | F_DECRYPT, F_WRAP | F_UNWRAP, F_DERIVE, F_ENCRYPT, F_SIGN,
        F_ENCRYPT | F_WRAP, F_SIGN | F_DERIVE};
    return uses[chance_below(COUNT(uses))];
}

static void create_key(void) {
    static const uint32_t types[] = {KEY_AES, KEY_AES, KEY_GENERIC, KEY_CHACHA20};
    static const size_t sizes[] = {16, 24, 32, 32, 17, 64, 0};
    struct pair_template template = {.used = 0};
    uint32_t type = types[chance_below(COUNT(types))], uses = some_uses();
    bool token = chance_one_in(8);
    pair_template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    pair_template_num(&template, ATTRIBUTE_KEY_TYPE, type);
    pair_template_bool(&template, ATTRIBUTE_TOKEN, token);
    pair_template_bytes(&template, ATTRIBUTE_VALUE,
                        bytes_of(chance_noise + chance_below(32), sizes[chance_below(7)]));
    add_flags(&template, uses);
    union any_req request = {.object_create = {some_session(), pair_template_of(&template)}};
    if (pair_ask(COMMAND_object_create, &request) == STATUS_OK) {
        keep(type, uses, token);
    }
}

static void generate_key(void) {
    static const uint32_t ways[] = {ALGORITHM_AES_KEY_GEN, ALGORITHM_GENERIC_KEY_GEN,
                                    ALGORITHM_CHACHA20_KEY_GEN, ALGORITHM_AES_CMAC};
    static const uint32_t sizes[] = {16, 24, 32, 31, 0, 100};
    struct pair_template template = {.used = 0};
    pair_template_num(&template, ATTRIBUTE_VALUE_LEN, sizes[chance_below(COUNT(sizes))]);
    add_flags(&template, some_uses());
    union any_req request = {.key_generate = {some_session(),
                                              {.algorithm = ways[chance_below(COUNT(ways))]},
                                              pair_template_of(&template)}};
    if (pair_ask(COMMAND_key_generate, &request) == STATUS_OK) {
        keep(KEY_SECRET, 0, false); /* of another value at each end */
    }
}

static void generate_pair(void) {
    struct pair_template public = {.used = 0}, private = {.used = 0};
    bool edwards = chance_one_in(2);
    pair_template_bytes(&public, ATTRIBUTE_EC_PARAMS,
                        chance_one_in(8)   ? chance_bytes(12)
                        : edwards          ? pair_ed25519_oid
                        : chance_one_in(3) ? pair_p384_oid
                                           : pair_p256_oid);
    pair_template_bool(&private, ATTRIBUTE_EXTRACTABLE, chance_one_in(2));
    union any_req request = {
        .key_generate_pair = {.session = some_session(),
                              .mechanism = {.algorithm = edwards ? ALGORITHM_ED25519_KEY_PAIR_GEN
                                                                 : ALGORITHM_EC_KEY_PAIR_GEN},
                              .public_attributes = pair_template_of(&public),
                              .private_attributes = pair_template_of(&private)}};
    (void)pair_ask(COMMAND_key_generate_pair, &request);
}

static void get_attributes(void) {
    uint8_t types[4 * 6];
    size_t count = 0;
    const struct attribute_row *rows = attribute_rows(&count);
    const struct pair_key *key = some_key(0);
    for (size_t i = 0; i < 6; i++) {
        uint32_t type = rows[chance_below((uint32_t)count)].attribute;
        bool own = type == ATTRIBUTE_UNIQUE_ID ||
                   (key->type == KEY_SECRET && key->functions == 0 &&
                    (type == ATTRIBUTE_VALUE || type == ATTRIBUTE_CHECK_VALUE));
        save_u32(types + 4 * i, own ? (uint32_t)ATTRIBUTE_CLASS : type);
    }
    union any_req request = {
        .object_get = {some_session(), handle_of(key), bytes_of(types, sizeof(types))}};
    (void)pair_ask(COMMAND_object_get, &request);
}

static void set_or_copy(void) {
    static const uint32_t flags[] = {ATTRIBUTE_SENSITIVE, ATTRIBUTE_EXTRACTABLE,
                                     ATTRIBUTE_SIGN,      ATTRIBUTE_TOKEN,
                                     ATTRIBUTE_PRIVATE,   ATTRIBUTE_COPYABLE};
    struct pair_template template = {.used = 0};
    if (chance_one_in(2)) {
        pair_template_bytes(&template, ATTRIBUTE_LABEL, bytes_of(chance_noise, 0));
    } else {
        pair_template_bool(&template, flags[chance_below(COUNT(flags))], chance_one_in(2));
    }
    /* Of this sequence: what stays must not change. */
    uint32_t object = made_count > 0 ? made[chance_below((uint32_t)made_count)].number : 0;
    if (chance_one_in(2)) {
        union any_req request = {
            .object_set = {some_session(), object, pair_template_of(&template)}};
        (void)pair_ask(COMMAND_object_set, &request);
        return;
    }
    union any_req request = {.object_copy = {some_session(), object, pair_template_of(&template)}};
    if (pair_ask(COMMAND_object_copy, &request) == STATUS_OK) {
        keep(KEY_NONE, 0, true);
    }
}

static void destroy(void) {
    if (made_count > 0) {
        union any_req request = {
            .object_destroy = {some_session(), made[chance_below((uint32_t)made_count)].number}};
        (void)pair_ask(COMMAND_object_destroy, &request);
    }
}

static void find(void) {
    struct pair_template template = {.used = 0};
    pair_template_num(&template, ATTRIBUTE_CLASS, chance_below(5));
    if (chance_one_in(2)) {
        pair_template_bool(&template, ATTRIBUTE_TOKEN, chance_one_in(2));
    }
    union any_req request = {.object_find = {some_session(), 0, pair_template_of(&template)}};
    (void)pair_ask(COMMAND_object_find, &request);
}

/* ---- use of keys ---- */

static struct bytes some_input(const struct mechanism *mechanism) {
    size_t hash = hash_size(mechanism->digest != 0 ? mechanism->digest : HASH_SHA256);
    bool hashed = mechanism->hash == 0 && (mechanism->algorithm == ALGORITHM_ECDSA ||
                                           mechanism->algorithm == ALGORITHM_RSA_PSS);
    return hashed && !chance_one_in(8) ? bytes_of(chance_noise, hash) : chance_bytes(DATA_SIZE);
}

/* Both ends verify what each of them signed. */
static void verify_both(const struct pair_key *key, const struct mechanism *mechanism,
                        struct bytes data) {
    uint8_t signatures[ENDS][1024];
    size_t sizes[ENDS];
    for (int end = 0; end < ENDS; end++) {
        struct bytes signature = pair_reply[end].sign.signature;
        sizes[end] = signature.size;
        memcpy(signatures[end], signature.data, signature.size);
    }
    for (int end = 0; end < ENDS && key->partner != 0; end++) {
        union any_req request = {.verify = {session, key->partner, *mechanism, data,
                                            bytes_of(signatures[end], sizes[end])}};
        enum status status = pair_ask(COMMAND_verify, &request);
        if (status != STATUS_OK && status != STATUS_DISCONNECTED) {
            pair_differences++;
            printf("# DIFFERENCE: a signature of the %s is refused: %s\n",
                   end == CHIP ? "chip" : "daemon", status_row(status)->name);
        }
    }
}

static void sign(void) {
    const struct pair_key *key = some_key(F_SIGN);
    struct mechanism mechanism = chance_mechanism(key->type, F_SIGN);
    struct bytes data = some_input(&mechanism);
    union any_req request = {.sign = {some_session(), handle_of(key), mechanism, data}};
    bool same = key->functions != 0;
    if (same && pair_ask(COMMAND_sign, &request) == STATUS_OK) {
        verify_both(key, &mechanism, data);
    }
}

static void verify(void) {
    const struct pair_key *key = some_key(F_VERIFY);
    struct mechanism mechanism = chance_mechanism(key->type, F_VERIFY);
    union any_req request = {.verify = {some_session(), handle_of(key), mechanism,
                                        some_input(&mechanism), chance_bytes(400)}};
    (void)pair_ask(COMMAND_verify, &request);
}

static void encrypt(void) {
    const struct pair_key *key = some_key(F_ENCRYPT);
    struct mechanism mechanism = chance_mechanism(key->type, F_ENCRYPT);
    union any_req request = {
        .encrypt = {some_session(), handle_of(key), mechanism, chance_bytes(DATA_SIZE)}};
    if (key->functions == 0) {
        return;
    }
    if (pair_ask(COMMAND_encrypt, &request) == STATUS_OK &&
        pair_reply[DAEMON].encrypt.data.size <= sizeof(blob)) {
        blob_size = pair_reply[DAEMON].encrypt.data.size;
        memcpy(blob, pair_reply[DAEMON].encrypt.data.data, blob_size);
        blob_mechanism = mechanism;
        blob_key = key->decrypts != 0 ? key->decrypts : key->number;
    }
}

static void decrypt(void) {
    const struct pair_key *key = some_key(F_DECRYPT);
    struct mechanism mechanism = chance_mechanism(key->type, F_DECRYPT);
    union any_req request = {
        .decrypt = {some_session(), handle_of(key), mechanism, chance_bytes(DATA_SIZE)}};
    if (blob_size > 0 && !chance_one_in(3)) {
        if (chance_one_in(4)) {
            blob[chance_below((uint32_t)blob_size)] ^= 1;
        }
        request.decrypt =
            (struct decrypt_req){session, blob_key, blob_mechanism, bytes_of(blob, blob_size)};
    } else if (key->functions == 0) {
        return;
    }
    (void)pair_ask(COMMAND_decrypt, &request);
}

static void wrap(void) {
    const struct pair_key *by = some_key(F_WRAP), *key = some_key(0);
    struct mechanism mechanism = chance_mechanism(by->type, F_WRAP);
    union any_req request = {
        .key_wrap = {some_session(), mechanism, handle_of(by), handle_of(key)}};
    if (by->functions != 0 && key->functions != 0) {
        (void)pair_ask(COMMAND_key_wrap, &request);
    }
}

/* Wraps a key that may go, and takes it in again. */
static void wrap_and_unwrap(void) {
    struct pair_template template = {.used = 0};
    struct mechanism mechanism = {.algorithm =
                                      chance_one_in(2) ? ALGORITHM_AES_KW : ALGORITHM_AES_KWP};
    union any_req wrap = {.key_wrap = {session, mechanism, pair_keys[PAIR_KEK].number,
                                       pair_keys[PAIR_TARGET].number}};
    uint8_t wrapped[256];
    if (pair_ask(COMMAND_key_wrap, &wrap) != STATUS_OK) {
        return;
    }
    struct bytes given = pair_reply[DAEMON].key_wrap.wrapped;
    memcpy(wrapped, given.data, given.size);
    if (chance_one_in(4)) {
        wrapped[chance_below((uint32_t)given.size)] ^= 4;
    }
    pair_template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    pair_template_num(&template, ATTRIBUTE_KEY_TYPE, chance_one_in(3) ? KEY_GENERIC : KEY_AES);
    add_flags(&template, F_ENCRYPT | F_DECRYPT);
    union any_req request = {.key_unwrap = {some_session(), mechanism, pair_keys[PAIR_KEK].number,
                                            bytes_of(wrapped, given.size),
                                            pair_template_of(&template)}};
    if (pair_ask(COMMAND_key_unwrap, &request) == STATUS_OK) {
        keep(KEY_AES, F_ENCRYPT | F_DECRYPT, false);
    }
}

static void derive(void) {
    const struct pair_key *key = some_key(F_DERIVE);
    struct pair_template template = {.used = 0};
    pair_template_num(&template, ATTRIBUTE_KEY_TYPE, chance_one_in(2) ? KEY_AES : KEY_GENERIC);
    pair_template_num(&template, ATTRIBUTE_VALUE_LEN, chance_one_in(5) ? chance_below(200) : 32);
    add_flags(&template, F_ENCRYPT | F_DECRYPT);
    union any_req request = {.key_derive = {.session = some_session(),
                                            .mechanism = chance_mechanism(key->type, F_DERIVE),
                                            .base_key = handle_of(key),
                                            .attributes = pair_template_of(&template)}};
    if (key->functions != 0 && pair_ask(COMMAND_key_derive, &request) == STATUS_OK) {
        keep(KEY_AES, F_ENCRYPT | F_DECRYPT, false);
    }
}

static void check(void) {
    uint32_t function = 1u << chance_below(8);
    const struct pair_key *key = some_key(function);
    union any_req request = {.key_check = {some_session(), function, handle_of(key),
                                           chance_mechanism(key->type, function)}};
    (void)pair_ask(COMMAND_key_check, &request);
}

static void digest(void) {
    union any_req request = {.digest = {some_session(), chance_hash(), chance_bytes(DATA_SIZE)}};
    (void)pair_ask(COMMAND_digest, &request);
}

/* ---- operations in parts ---- */

static void open_stream(void) {
    static const uint32_t functions[] = {F_SIGN, F_VERIFY, F_ENCRYPT, F_DECRYPT, F_DIGEST};
    uint32_t function = functions[chance_below(COUNT(functions))];
    const struct pair_key *key = some_key(function);
    union any_req request = {
        .stream_open = {session, function, handle_of(key), chance_mechanism(key->type, function)}};
    if (function == F_DIGEST) {
        request.stream_open.key = 0;
        request.stream_open.mechanism =
            (struct mechanism){.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA384};
    } else if (key->functions == 0) {
        return;
    }
    if (streams == STREAMS_OF_SEQUENCE) {
        return;
    }
    streams++;
    enum status status = pair_ask(COMMAND_stream_open, &request);
    if (status == STATUS_OK) {
        stream_function = function;
    } else if (status == STATUS_DISCONNECTED) {
        union any_req cancel = {.stream_cancel = {session, function}};
        (void)pair_ask(COMMAND_stream_cancel, &cancel);
    }
}

static void go_on(void) {
    uint32_t function =
        stream_function != 0 && !chance_one_in(6) ? stream_function : 1u << chance_below(8);
    if (chance_one_in(8)) {
        union any_req request = {.stream_cancel = {session, function}};
        (void)pair_ask(COMMAND_stream_cancel, &request);
    } else if (chance_one_in(2)) {
        union any_req request = {.stream_update = {session, function, chance_bytes(DATA_SIZE)}};
        (void)pair_ask(COMMAND_stream_update, &request);
    } else {
        union any_req request = {.stream_close = {session, function, chance_bytes(100)}};
        (void)pair_ask(COMMAND_stream_close, &request);
    }
}

static void stream(void) {
    open_stream();
    go_on();
    go_on();
}

/* ---- sessions ---- */

static void tell(void) {
    union any_req info = {.session_info = {some_session()}}, token = {.token_info = {0}};
    union any_req random = {.random = {some_session(), chance_below(100)}};
    (void)pair_ask(COMMAND_session_info, &info);
    (void)(chance_one_in(2) ? pair_ask(COMMAND_token_info, &token)
                            : pair_ask(COMMAND_random, &random));
}

static void log_in(uint32_t as, const char *pin) {
    union any_req request = {.login = {some_session(), as, bytes_of_text(pin)}};
    (void)pair_ask(COMMAND_login, &request);
}

static void logins(void) {
    if (!chance_one_in(6)) {
        uint32_t as =
            chance_below(4); /* a confirmation is looked at, the others are refused unseen */
        log_in(as, as == USER_CONTEXT ? "12345678" : "not this one");
        return;
    }
    union any_req out = {.logout = {some_session()}};
    (void)pair_ask(COMMAND_logout, &out);
    made_count = 0;
    log_in(USER_USER, "12345678");
}

/* ---- sequences ---- */

static void (*const steps[])(void) = {
    create_data, create_key, create_key,     generate_key, generate_pair, get_attributes,
    set_or_copy, destroy,    find,           sign,         sign,          verify,
    encrypt,     encrypt,    decrypt,        decrypt,      wrap,          wrap_and_unwrap,
    derive,      derive,     get_attributes, check,        digest,        stream,
    stream,      tell,       logins,
};

static uint32_t open_session(bool read_write) {
    union any_req request = {.session_open = {0, read_write}};
    assert_int_equal(pair_ask(COMMAND_session_open, &request), STATUS_OK);
    return pair_newest();
}

static void be(uint32_t user, const char *pin) {
    union any_req request = {.login = {base_session, user, bytes_of_text(pin)}};
    enum status status = pair_ask(COMMAND_login, &request);
    assert_true(status == STATUS_OK || status == STATUS_ALREADY_LOGGED_IN);
}

static void be_logged_in(void) {
    be(USER_USER, "12345678");
}

static void begin_sequence(void) {
    made_count = 0;
    streams = 0;
    stream_function = 0;
    blob_size = 0;
    if (!chance_one_in(12)) {
        be_logged_in();
    }
    session = open_session(!chance_one_in(8));
}

/* Nothing of the sequence is left, so that the chip's few places are free again. */
static void end_sequence(uint32_t before) {
    for (size_t i = 0; i < made_count; i++) {
        union any_req request = {.object_destroy = {base_session, made[i].number}};
        if (made[i].token) {
            (void)pair_ask(COMMAND_object_destroy, &request);
        }
    }
    union any_req request = {.session_close = {session}};
    streams = 0; /* nothing of them may be left now */
    (void)pair_ask(COMMAND_session_close, &request);
    pair_forget_after(before);
}

static void daemon_and_chip_answer_the_same(void **state) {
    (void)state;
    for (uint64_t i = 0; i < sequences; i++) {
        uint32_t before = pair_newest();
        uint64_t differences = pair_differences, began = chance_state;
        if (i % LOG_OF_SEQUENCES == LOG_OF_SEQUENCES - 1) {
            pair_release_log(getenv("EDGEHSM_MODULE"), "87654321");
        }
        begin_sequence();
        for (uint32_t step = 2 + chance_below(STEPS); step > 0; step--) {
            steps[chance_below(COUNT(steps))]();
        }
        end_sequence(before);
        if (pair_differences != differences) {
            printf("# in sequence %llu, which began at %llu\n", (unsigned long long)i,
                   (unsigned long long)began);
        }
    }
    printf("# sequences: %llu of %llu commands, %llu done, %llu excepted, %llu differences\n",
           (unsigned long long)sequences, (unsigned long long)pair_commands,
           (unsigned long long)pair_done, (unsigned long long)pair_excepted,
           (unsigned long long)pair_differences);
    assert_true(pair_report());
    assert_int_equal(pair_differences, 0);
    if (watch_is_open()) {
        watch_report();
        assert_int_equal(watch_residues, 0);
    }
}

static uint64_t number_of(const char *name, uint64_t otherwise) {
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void allow(const char *name, const char *from, const char *to, const int *when) {
    watch_allow(name, (uint32_t)number_of(from, 0), (uint32_t)number_of(to, 0), when);
}

static int begin(void **state) {
    (void)state;
    chance_state = number_of("SEED", (uint64_t)time(NULL));
    sequences = number_of("SEQUENCES", 200);
    printf("# seed: %llu\n", (unsigned long long)chance_state);
    chance_begin();
    const char *daemon = getenv("DAEMON_MODULE"), *chip = getenv("EDGEHSM_MODULE");
    if (daemon == NULL || chip == NULL) {
        fail_msg("DAEMON_MODULE and EDGEHSM_MODULE are to be set: test/chip/differential.sh");
    }
    pair_open(daemon, chip);
    uint32_t arena = (uint32_t)number_of("KEY_ARENA_FROM", 0);
    if (arena != 0) {
        watch_open(getenv("CHIP_DIR"));
        allow("keys ready for use", "KEY_ARENA_FROM", "KEY_ARENA_TO", NULL);
        allow("objects of sessions", "SESSION_BLOCKS_FROM", "SESSION_BLOCKS_TO", NULL);
        allow("operations in parts", "STREAMS_FROM", "STREAMS_TO", &streams);
        pair_after = watch_look;
        pair_keys_tell = watch_secret;
    }
    base_session = open_session(true);
    be(USER_SO, "87654321");
    pair_keys_vouch(base_session);
    union any_req out = {.logout = {base_session}};
    assert_int_equal(pair_ask(COMMAND_logout, &out), STATUS_OK);
    be_logged_in();
    pair_keys_make(base_session);
    return 0;
}

static int end(void **state) {
    (void)state;
    pair_close();
    if (watch_is_open()) {
        watch_close();
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(daemon_and_chip_answer_the_same)};
    return cmocka_run_group_tests_name("chip differential", tests, begin, end);
}
