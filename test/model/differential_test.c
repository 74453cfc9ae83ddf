/* SPDX-License-Identifier: Apache-2.0 */
/* commands by chance, given to a whole module and to the plain model; every status and every
 * answer must be the same. DIFFERENTIAL_COMMANDS (1,000,000) and DIFFERENTIAL_SEED may be set; a
 * failure tells the seed and the number of the command. */
#include "test/component/fixture.h"
#include "test/component/quick.h"
#include "test/model/plain.h"

#include <openssl/hmac.h>
#include <time.h>

static const char *const pins[PINS] = {SO_PIN, USER_PIN, "another pin"};
static const char *const labels[LABELS] = {"north", "east", "south", "west"};

static struct module module;
static uint32_t connections[CLIENTS];
static struct plain plain;
static uint64_t seed, chance, commands;
static uint64_t counts[2]; /* refused, done */
static uint32_t stamp;     /* makes each value another one */
static uint64_t dead[16];  /* handles of the past */
enum { ROUND = 25000 };    /* commands before everything begins anew */
static bool careful;       /* the officer is not locked out: only he can help the user */

static uint32_t below(uint32_t end) {
    return (uint32_t)(sim_chance(&chance) >> 16) % end;
}

static void agree(const char *what, enum status is, enum status must) {
    commands++;
    counts[is == STATUS_OK]++;
    if (is != must) {
        fail_msg("seed %llu, command %llu, %s: %s, and the model says %s",
                 (unsigned long long)seed, (unsigned long long)commands, what,
                 status_row(is)->name, status_row(must)->name);
    }
}

/* ---- what commands are about ---- */

static uint32_t some_session(uint32_t client) {
    uint32_t from = below(20) == 0 ? 1 - client : client;
    uint32_t id = plain.clients[from].sessions[below(SESSIONS_LIVE)].id;
    for (int i = 0; i < 4 && id == 0; i++) {
        id = plain.clients[from].sessions[below(SESSIONS_LIVE)].id;
    }
    return id != 0 ? id : 0x80000000u | below(1000);
}

static uint64_t some_handle(uint32_t client, bool key) {
    const struct plain_object *object = NULL;
    for (int i = 0; i < 12; i++) {
        object = &plain.objects[below(OBJECTS_LIVE)];
        if (object->used && (object->key == key || below(20) == 0)) {
            break;
        }
    }
    switch (below(16)) {
    case 0:
        return object->handle[1 - client];
    case 1:
        return dead[below(COUNT(dead))];
    default:
        return object->handle[client];
    }
}

static void bury(uint64_t handle) {
    dead[below(COUNT(dead))] = handle;
}

/* ---- sessions, logins, PINs ---- */

static void open_session(uint32_t client) {
    struct session_open_rep reply = {.session = 0};
    struct session_open_req request = {.slot = 0, .read_write = below(4) != 0};
    size_t live = 0;
    for (size_t i = 0; i < SESSIONS_LIVE; i++) {
        live += plain.clients[client].sessions[i].id != 0;
    }
    if (live < SESSIONS_LIVE) {
        enum status status = call_session_open(&module, request, &reply);
        agree("session_open", status,
              plain_open(&plain, client, request.read_write != 0, reply.session));
    }
}

static void close_session(uint32_t client) {
    uint32_t id = some_session(client);
    if (below(10) == 0) {
        agree("session_close_all",
              call_session_close_all(&module, (struct session_close_all_req){0}, NULL), STATUS_OK);
        plain_close_all(&plain, client);
        return;
    }
    enum status status = call_session_close(&module, (struct session_close_req){id}, NULL);
    agree("session_close", status, plain_close(&plain, client, id));
}

static void log_in(uint32_t client) {
    uint32_t id = some_session(client), user = below(10) == 0 ? below(5) : below(4) != 0;
    uint32_t pin = plain.pin[user == USER_SO ? USER_SO : USER_USER];
    if (below(3) == 0 && !(careful && user == USER_SO && plain.tries[USER_SO] + 2 >= TRIES)) {
        pin = below(PINS);
    }
    struct login_req request = {id, user, bytes_of_text(pins[pin])};
    enum status status = call_login(&module, request, NULL);
    agree("login", status, plain_login(&plain, client, id, user, pin));
}

static void log_out(uint32_t client) {
    uint32_t id = some_session(client);
    enum status status = call_logout(&module, (struct logout_req){id}, NULL);
    agree("logout", status, plain_logout(&plain, client, id));
}

static void set_pin(uint32_t client) {
    uint32_t id = some_session(client), to = below(PINS);
    bool officer = plain.clients[client].login == USER_SO;
    uint32_t now = plain.pin[officer ? USER_SO : USER_USER];
    uint32_t from = below(3) == 0 && !officer ? below(PINS) : now;
    if (below(2) == 0) {
        struct pin_init_req request = {id, bytes_of_text(pins[to])};
        enum status status = call_pin_init(&module, request, NULL);
        agree("pin_init", status, plain_pin_init(&plain, client, id, to));
        return;
    }
    struct pin_set_req request = {id, bytes_of_text(pins[from]), bytes_of_text(pins[to])};
    enum status status = call_pin_set(&module, request, NULL);
    agree("pin_set", status, plain_pin_set(&plain, client, id, from, to));
}

static void tell_state(uint32_t client) {
    uint32_t id = some_session(client);
    struct session_info_rep reply;
    const struct plain_session *session = plain_session(&plain, client, id);
    enum status status = call_session_info(&module, (struct session_info_req){id}, &reply);
    agree("session_info", status, session != NULL ? STATUS_OK : STATUS_SESSION_INVALID);
    if (status == STATUS_OK) {
        assert_int_equal(reply.state, plain_state(&plain, client, session));
    }
}

static void tell_tries(uint32_t client) {
    struct token_info_rep reply;
    (void)client;
    agree("token_info", call_token_info(&module, (struct token_info_req){0}, &reply), STATUS_OK);
    assert_int_equal(reply.user_tries_left, TRIES - plain.tries[USER_USER]);
    assert_int_equal(reply.so_tries_left, TRIES - plain.tries[USER_SO]);
}

/* ---- objects ---- */

static void make_object(uint32_t client) {
    uint32_t id = some_session(client);
    struct object_create_rep reply = {.object = 0};
    struct template template;
    struct plain_object object = {.key = below(2) != 0, .private = below(2) != 0,
                                  .token = below(3) == 0, .modifiable = below(4) != 0,
                                  .destroyable = true, .sensitive = below(2) != 0,
                                  .signs = below(4) != 0, .label = below(LABELS)};
    size_t live = 0;
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        live += plain.objects[i].used;
    }
    if (live == OBJECTS_LIVE) {
        return;
    }
    object.destroyable = object.token || below(4) != 0;
    save_u32(object.value, ++stamp);
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, object.key ? CLASS_SECRET_KEY : CLASS_DATA);
    template_bool(&template, ATTRIBUTE_TOKEN, object.token);
    template_bool(&template, ATTRIBUTE_PRIVATE, object.private);
    template_bool(&template, ATTRIBUTE_MODIFIABLE, object.modifiable);
    template_bool(&template, ATTRIBUTE_DESTROYABLE, object.destroyable);
    template_text(&template, ATTRIBUTE_LABEL, labels[object.label]);
    template_bytes(&template, ATTRIBUTE_VALUE, object.value, sizeof(object.value));
    template_bytes(&template, object.key ? ATTRIBUTE_ID : ATTRIBUTE_OBJECT_ID, object.value, 4);
    if (object.key) {
        template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
        template_bool(&template, ATTRIBUTE_SENSITIVE, object.sensitive);
        template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
        template_bool(&template, ATTRIBUTE_SIGN, object.signs);
        template_bool(&template, ATTRIBUTE_VERIFY, true);
    }
    struct object_create_req request = {id, template_of(&template)};
    enum status status = call_object_create(&module, request, &reply);
    agree("object_create", status,
          plain_create(&plain, client, id, &object, status == STATUS_OK ? reply.object : 0));
}

static void destroy_object(uint32_t client) {
    uint32_t id = some_session(client);
    uint64_t handle = some_handle(client, below(2) != 0);
    struct object_destroy_req request = {id, handle};
    enum status status = call_object_destroy(&module, request, NULL);
    agree("object_destroy", status, plain_destroy(&plain, client, id, handle));
    bury(handle);
}

static void relabel_object(uint32_t client) {
    uint32_t id = some_session(client), label = below(LABELS);
    uint64_t handle = some_handle(client, below(2) != 0);
    struct template template;
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, labels[label]);
    struct object_set_req request = {id, handle, template_of(&template)};
    enum status status = call_object_set(&module, request, NULL);
    agree("object_set", status, plain_relabel(&plain, client, id, handle, label));
}

static void look_at_object(uint32_t client) {
    uint32_t id = some_session(client);
    uint64_t handle = some_handle(client, below(2) != 0);
    uint8_t types[8];
    struct object_get_rep reply;
    struct bytes label, value;
    save_u32(types, ATTRIBUTE_LABEL);
    save_u32(types + 4, ATTRIBUTE_VALUE);
    const struct plain_object *object = plain_object(&plain, client, handle);
    struct object_get_req request = {id, handle, bytes_of(types, sizeof(types))};
    enum status status = call_object_get(&module, request, &reply);
    agree("object_get", status, plain_session(&plain, client, id) == NULL ? STATUS_SESSION_INVALID
                                : object == NULL                         ? STATUS_OBJECT_INVALID
                                                                         : STATUS_OK);
    if (status == STATUS_OK) {
        bool hidden = object->key && object->sensitive;
        assert_int_equal(attributes_find(reply.attributes, ATTRIBUTE_LABEL, &label), STATUS_OK);
        assert_true(bytes_equal(label, bytes_of_text(labels[object->label])));
        if (hidden) {
            assert_int_equal(load_u32(reply.attributes.data + reply.attributes.size - 4),
                             ATTRIBUTE_SIZE_SENSITIVE);
        } else {
            assert_int_equal(attributes_find(reply.attributes, ATTRIBUTE_VALUE, &value), STATUS_OK);
            assert_true(bytes_equal(value, bytes_of(object->value, sizeof(object->value))));
        }
    }
}

/* ---- searches: what is found is just what the model lets this client see ---- */

/* After a start the places are others: which object it is, its number tells. */
static struct plain_object *object_by_number(uint32_t id, uint64_t handle, bool key) {
    uint8_t type[4];
    struct object_get_rep reply;
    struct bytes number;
    save_u32(type, key ? ATTRIBUTE_ID : ATTRIBUTE_OBJECT_ID);
    struct object_get_req request = {id, handle, bytes_of(type, sizeof(type))};
    agree("object_get", call_object_get(&module, request, &reply), STATUS_OK);
    assert_int_equal(attributes_find(reply.attributes, load_u32(type), &number), STATUS_OK);
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        struct plain_object *object = &plain.objects[i];
        if (object->used && object->place == 0 &&
            bytes_equal(number, bytes_of(object->value, 4))) {
            object->place = handle >> 40;
            return object;
        }
    }
    return NULL;
}

static struct plain_object *object_of(uint32_t id, uint64_t handle, bool key) {
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        if (plain.objects[i].used && plain.objects[i].place == handle >> 40) {
            return &plain.objects[i];
        }
    }
    return object_by_number(id, handle, key);
}

static void take_found(uint32_t client, uint32_t id, uint64_t handle, bool key, uint32_t label) {
    struct plain_object *object = object_of(id, handle, key);
    if (object == NULL || !plain_sees(&plain, client, object) || object->key != key ||
        object->label != label) {
        fail_msg("seed %llu, command %llu: an object is found that must not be",
                 (unsigned long long)seed, (unsigned long long)commands);
    }
    if (object->handle[client] != 0 && object->handle[client] != handle) {
        bury(object->handle[client]);
    }
    object->handle[client] = handle;
    object->since[client] = plain.clients[client].logins_ended;
}

static void find_objects(uint32_t client) {
    uint32_t id = some_session(client), label = below(LABELS), found = 0, expected = 0;
    bool key = below(2) != 0;
    struct template template;
    struct object_find_rep reply;
    uint8_t handles[8 * OBJECTS_LIVE];
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, key ? CLASS_SECRET_KEY : CLASS_DATA);
    template_text(&template, ATTRIBUTE_LABEL, labels[label]);
    struct object_find_req request = {id, 0, template_of(&template)};
    enum status status = call_object_find(&module, request, &reply);
    bool valid = plain_session(&plain, client, id) != NULL;
    agree("object_find", status, valid ? STATUS_OK : STATUS_SESSION_INVALID);
    if (status != STATUS_OK) {
        return;
    }
    assert_int_equal(reply.cursor, 0);
    size_t size = reply.objects.size;
    assert_true(size <= sizeof(handles));
    bytes_copy(handles, reply.objects);
    for (; 8 * found < size; found++) {
        take_found(client, id, load_u64(handles + 8 * found), key, label);
    }
    for (size_t i = 0; i < OBJECTS_LIVE; i++) {
        const struct plain_object *object = &plain.objects[i];
        expected += object->key == key && object->label == label &&
                    plain_sees(&plain, client, object);
    }
    assert_int_equal(found, expected);
}

/* ---- use of keys ---- */

static void mac_of(const struct plain_object *object, struct bytes data, uint8_t out[32]) {
    HMAC(EVP_sha256(), object->value, sizeof(object->value), data.data, data.size, out, NULL);
}

static void sign_or_verify(uint32_t client) {
    static const struct mechanism mechanism = {
        .algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 32};
    uint32_t id = some_session(client);
    uint64_t handle = some_handle(client, true);
    uint8_t data[8], expected[32];
    save_u64(data, sim_chance(&chance));
    const struct plain_object *object = plain_object(&plain, client, handle);
    enum status must = plain_use(&plain, client, id, handle);
    if (object != NULL) {
        mac_of(object, bytes_of(data, 8), expected);
    }
    if (below(2) == 0) {
        struct sign_req request = {id, handle, mechanism, bytes_of(data, 8)};
        struct sign_rep reply;
        enum status status = call_sign(&module, request, &reply);
        agree("sign", status, must);
        assert_true(status != STATUS_OK || bytes_equal(reply.signature, bytes_of(expected, 32)));
        return;
    }
    bool forged = below(2) == 0;
    expected[below(32)] ^= forged ? 1 : 0;
    must = must == STATUS_KEY_FUNCTION_NOT_PERMITTED ? STATUS_OK : must; /* all may verify */
    struct verify_req request = {id, handle, mechanism, bytes_of(data, 8), bytes_of(expected, 32)};
    enum status status = call_verify(&module, request, NULL);
    agree("verify", status, must == STATUS_OK && forged ? STATUS_SIGNATURE_INVALID : must);
}

/* ---- the platform ---- */

static void connect_all(void) {
    connections[0] = module.connection;
    for (size_t i = 1; i < CLIENTS; i++) {
        assert_int_equal(hsm_connect(module.hsm, &module.peer, &connections[i]), STATUS_OK);
    }
}

static void reconnect(uint32_t client) {
    hsm_disconnect(module.hsm, connections[client]);
    assert_int_equal(hsm_connect(module.hsm, &module.peer, &connections[client]), STATUS_OK);
    plain_reconnect(&plain, client);
}

static void restart(void) {
    for (size_t i = 1; i < CLIENTS; i++) {
        hsm_disconnect(module.hsm, connections[i]);
    }
    module.connection = connections[0];
    module_stop(&module);
    module_start(&module);
    connect_all();
    plain_restart(&plain);
}

/* ---- the run ---- */

static void (*const moves[])(uint32_t client) = {
    open_session,   close_session,  log_in,         log_in,         log_out,       set_pin,
    tell_state,     tell_tries,     make_object,    make_object,    destroy_object, relabel_object,
    look_at_object, look_at_object, find_objects,   find_objects,   sign_or_verify, sign_or_verify,
    find_objects,   sign_or_verify, look_at_object, sign_or_verify, open_session,
};

static void make_room_in_the_log(void) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    if (next - first > 2000) {
        assert_int_equal(port_log_release(next - 100), STATUS_OK);
    }
}

static void begin_round(void) {
    sim_reset(NULL, true);
    sim_set_log_capacity(5000);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_COMPATIBLE);
    connect_all();
    memset(&plain, 0, sizeof(plain));
    plain.pin[USER_SO] = 0;
    plain.pin[USER_USER] = 1;
    for (size_t i = 0; i < CLIENTS; i++) {
        plain.clients[i].login = NOBODY;
    }
}

static void one_move(void) {
    uint32_t client = below(CLIENTS), fate = below(3000);
    module.connection = connections[client];
    if (fate == 0) {
        restart();
    } else if (fate < 4) {
        reconnect(client);
    } else {
        moves[below(COUNT(moves))](client);
    }
    make_room_in_the_log();
}

static uint64_t number_of(const char *name, uint64_t otherwise) {
    const char *value = getenv(name);
    return value != NULL ? strtoull(value, NULL, 10) : otherwise;
}

static void module_and_plain_model_agree(void **state) {
    uint64_t end = number_of("DIFFERENTIAL_COMMANDS", 1000000);
    (void)state;
    seed = number_of("DIFFERENTIAL_SEED", (uint64_t)time(NULL));
    chance = seed;
    printf("# differential: DIFFERENTIAL_SEED=%llu plays it again\n", (unsigned long long)seed);
    fflush(stdout);
    while (commands < end) {
        uint64_t end_of_round = commands + ROUND;
        begin_round();
        while (commands < end_of_round) {
            careful = commands < end_of_round - ROUND / 10;
            one_move();
        }
        for (size_t i = 1; i < CLIENTS; i++) {
            hsm_disconnect(module.hsm, connections[i]);
        }
        module.connection = connections[0];
        module_stop(&module);
    }
    printf("# differential: seed %llu: %llu commands, %llu done, %llu refused, no difference\n",
           (unsigned long long)seed, (unsigned long long)commands, (unsigned long long)counts[1],
           (unsigned long long)counts[0]);
    assert_true(counts[0] > commands / 20 && counts[1] > commands / 4);
}

static int end(void **state) {
    (void)state;
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(module_and_plain_model_agree)};
    return cmocka_run_group_tests_name("differential", tests, NULL, end);
}
