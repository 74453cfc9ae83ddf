/* SPDX-License-Identifier: Apache-2.0 */
/* no command gives a sensitive key out. Keys with known bytes are planted, commands are given
 * by chance, and every reply is searched for the bytes of each key: as they are, reversed, in
 * hexadecimal, in base64 and behind a constant XOR, eight bytes at a time. */
#include "proto/base64.h"
#include "test/component/chance.h"
#include "test/component/quick.h"
#include "test/share.h"

/* ---- the needles, as a set of windows ---- */

enum { SLOTS = 1 << 18, NEEDLES = 50, NEEDLE_SIZE = 32, RSA_PARTS = 5 };
/* Sizes of windows, all of at least eight bytes of a key: as it is, differences of neighbours,
 * hexadecimal, base64. */
enum { RAW = 8, DIFFERENCES = 7, HEX = 16, BASE64 = 12 };
static const size_t window_sizes[] = {RAW, DIFFERENCES, HEX, BASE64};

static uint64_t slots[SLOTS];
static uint64_t windows;

static uint64_t hash_of(const uint8_t *at, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u + size;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * 0x100000001b3u;
    }
    hash ^= hash >> 29;
    return hash | 1;
}

static bool is_known(uint64_t hash) {
    uint64_t at = hash % SLOTS;
    while (slots[at] != 0 && slots[at] != hash) {
        at = (at + 1) % SLOTS;
    }
    return slots[at] == hash;
}

static void add_windows(const uint8_t *text, size_t size, size_t window) {
    for (size_t i = 0; i + window <= size; i++) {
        uint64_t hash = hash_of(text + i, window);
        uint64_t at = hash % SLOTS;
        while (slots[at] != 0 && slots[at] != hash) {
            at = (at + 1) % SLOTS;
        }
        windows += slots[at] == 0;
        slots[at] = hash;
    }
    assert_true(windows < SLOTS / 2);
}

static void differences(const uint8_t *from, size_t size, uint8_t *to) {
    for (size_t i = 0; i + 1 < size; i++) {
        to[i] = from[i] ^ from[i + 1];
    }
}

static void add_needle(const uint8_t *key, size_t size) {
    static uint8_t other[1024];
    static char text[2048];
    for (size_t i = 0; i < size; i++) {
        other[i] = key[size - 1 - i];
    }
    add_windows(key, size, RAW);
    add_windows(other, size, RAW);
    differences(key, size, other);
    add_windows(other, size - 1, DIFFERENCES);
    for (int upper = 0; upper < 2; upper++) {
        for (size_t i = 0; i < size; i++) {
            snprintf(text + 2 * i, 3, upper ? "%02X" : "%02x", key[i]);
        }
        add_windows((const uint8_t *)text, 2 * size, HEX);
    }
    for (size_t phase = 0; phase < 3; phase++) {
        size_t used = base64_write(bytes_of(key + phase, (size - phase) / 3 * 3), text);
        add_windows((const uint8_t *)text, used, BASE64);
    }
}

/* Whether a needle shows in these bytes. */
static bool shows(struct bytes bytes) {
    static uint8_t other[FRAME_BODY_MAX + FRAME_HEADER_SIZE];
    differences(bytes.data, bytes.size, other);
    for (size_t k = 0; k < COUNT(window_sizes); k++) {
        size_t window = window_sizes[k];
        const uint8_t *text = window == DIFFERENCES ? other : bytes.data;
        size_t size = window == DIFFERENCES && bytes.size > 0 ? bytes.size - 1 : bytes.size;
        for (size_t i = 0; i + window <= size; i++) {
            if (is_known(hash_of(text + i, window))) {
                return true;
            }
        }
    }
    return false;
}

/* ---- planting ---- */

static struct module module;
static struct chance chance;
static uint8_t keys[NEEDLES][NEEDLE_SIZE];

static void begin_needle(struct template *template, uint32_t class, uint32_t type, bool leaves) {
    template_start(template);
    template_num(template, ATTRIBUTE_CLASS, class);
    template_num(template, ATTRIBUTE_KEY_TYPE, type);
    template_text(template, ATTRIBUTE_LABEL, CHANCE_KEPT);
    template_bool(template, ATTRIBUTE_TOKEN, true);
    template_bool(template, ATTRIBUTE_SENSITIVE, true);
    template_bool(template, ATTRIBUTE_EXTRACTABLE, leaves);
}

static void plant(uint32_t session, const struct template *template) {
    struct object_create_req req = {session, template_of(template)};
    assert_int_equal(call_object_create(&module, req, NULL), STATUS_OK);
}

/* Usage as the profile lets a key have it; in the compatible one all there is. */
static void add_usage(struct template *template, uint32_t index, bool is_private, bool strict) {
    static const uint32_t all[] = {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT, ATTRIBUTE_WRAP,
                                   ATTRIBUTE_UNWRAP,  ATTRIBUTE_SIGN,    ATTRIBUTE_VERIFY,
                                   ATTRIBUTE_DERIVE};
    static const uint32_t some[][2] = {{ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT},
                                       {ATTRIBUTE_SIGN, ATTRIBUTE_VERIFY},
                                       {ATTRIBUTE_DERIVE, ATTRIBUTE_SIGN}};
    const uint32_t *list = strict ? some[index % 3] : all;
    for (size_t i = 0; i < (strict ? 2 : COUNT(all)); i++) {
        bool fits = (attribute_row(list[i])->classes & (is_private ? A_V : A_S)) != 0;
        if (fits) {
            template_bool(template, (enum attribute)list[i], true);
        }
    }
}

static void plant_key(uint32_t session, uint32_t index, bool strict) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    static const uint8_t x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};
    static const uint32_t types[] = {KEY_AES, KEY_GENERIC, KEY_EC, KEY_ED25519, KEY_X25519};
    static struct template template;
    uint32_t type = types[index % COUNT(types)];
    bool is_private = type == KEY_EC || type == KEY_ED25519 || type == KEY_X25519;
    assert_int_equal(port_random(keys[index], NEEDLE_SIZE), STATUS_OK);
    keys[index][0] &= 0x7f; /* below the order of the curve */
    keys[index][1] |= 1;
    begin_needle(&template, is_private ? CLASS_PRIVATE_KEY : CLASS_SECRET_KEY, type, index % 2);
    if (type == KEY_EC) {
        template_bytes(&template, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    } else if (is_private) {
        template_bytes(&template, ATTRIBUTE_EC_PARAMS, type == KEY_ED25519 ? ed25519 : x25519, 5);
    }
    template_bytes(&template, ATTRIBUTE_VALUE, keys[index], NEEDLE_SIZE);
    add_usage(&template, index, is_private, strict);
    plant(session, &template);
    add_needle(keys[index], NEEDLE_SIZE);
}

/* An RSA key is made here to be read, and planted again to be kept. */
static void plant_rsa(uint32_t session) {
    static const uint32_t parts[] = {ATTRIBUTE_MODULUS, ATTRIBUTE_PUBLIC_EXPONENT,
                                     ATTRIBUTE_PRIVATE_EXPONENT, ATTRIBUTE_PRIME_1,
                                     ATTRIBUTE_PRIME_2};
    static struct template public, private, again;
    struct key_generate_pair_rep pair;
    struct object_get_rep got;
    struct attribute_entry entry;
    uint8_t types[4 * RSA_PARTS];
    template_start(&public);
    template_num(&public, ATTRIBUTE_MODULUS_BITS, 2048);
    template_start(&private);
    template_bool(&private, ATTRIBUTE_SENSITIVE, false);
    template_bool(&private, ATTRIBUTE_EXTRACTABLE, true);
    struct key_generate_pair_req make = {.session = session,
                                         .mechanism = {.algorithm = ALGORITHM_RSA_KEY_PAIR_GEN},
                                         .public_attributes = template_of(&public),
                                         .private_attributes = template_of(&private)};
    assert_int_equal(call_key_generate_pair(&module, make, &pair), STATUS_OK);
    for (size_t i = 0; i < RSA_PARTS; i++) {
        save_u32(types + 4 * i, parts[i]);
    }
    struct object_get_req get = {session, pair.private_key, bytes_of(types, sizeof(types))};
    assert_int_equal(call_object_get(&module, get, &got), STATUS_OK);
    begin_needle(&again, CLASS_PRIVATE_KEY, KEY_RSA, true);
    struct bytes rest = got.attributes;
    for (size_t i = 0; i < RSA_PARTS; i++) {
        assert_int_equal(attributes_next(&rest, &entry), STATUS_OK);
        template_bytes(&again, (enum attribute)entry.type, entry.value.data, entry.value.size);
        if (i >= 2) {
            add_needle(entry.value.data, entry.value.size);
        }
    }
    template_bool(&again, ATTRIBUTE_SIGN, true);
    struct object_destroy_req destroy = {session, pair.private_key};
    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
    plant(session, &again);
}

/* ---- the search itself can fail ---- */

static bool shows_text(const char *before, struct bytes text) {
    static uint8_t reply[4096];
    size_t size = strlen(before);
    memcpy(reply, before, size);
    bytes_copy(reply + size, text);
    return shows(bytes_of(reply, size + text.size));
}

static void planted_bytes_are_found_in_every_form(void **state) {
    const uint8_t *key = keys[7];
    uint8_t form[NEEDLE_SIZE];
    char text[128];
    (void)state;
    for (size_t i = 0; i + 8 <= NEEDLE_SIZE; i++) {
        assert_true(shows_text("x", bytes_of(key + i, 8)));
    }
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        form[i] = key[NEEDLE_SIZE - 1 - i];
    }
    assert_true(shows_text("xyz", bytes_of(form + 3, 8)));
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        form[i] = key[i] ^ 0x5c;
    }
    assert_true(shows_text("xyz", bytes_of(form + 3, 8)));
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", key[i]);
    }
    assert_true(shows_text("hex", bytes_of(text + 6, 16)));
    for (size_t phase = 0; phase < 3; phase++) {
        uint8_t padded[NEEDLE_SIZE + 2] = {0};
        memcpy(padded + phase, key, NEEDLE_SIZE);
        size_t used = base64_write(bytes_of(padded, sizeof(padded)), text);
        assert_true(shows_text("base64", bytes_of(text, used)));
    }
    assert_false(shows_text("nothing of a key is here", bytes_of_text(" or there")));
}

/* ---- the run ---- */

static struct {
    uint64_t commands, done, uses, bytes;
} seen;

static bool uses_keys(const struct command_row *row) {
    return row->command >= COMMAND_key_generate && row->command <= COMMAND_stream_cancel;
}

static void give_one_command(void) {
    static union any_req request;
    static union any_rep reply;
    chance_settle(&chance);
    const struct command_row *row = chance_request(&chance, &request);
    enum status status = module_call(&module, row->command, &request, &reply);
    struct bytes raw =
        bytes_of(module.reply, FRAME_HEADER_SIZE + load_u32(module.reply + FRAME_HEADER_SIZE - 4));
    if (shows(raw)) {
        fail_msg("%s gives out bytes of a key: %s (profile %u)", row->name,
                 status_row(status)->name, chance.profile);
    }
    seen.commands++;
    seen.bytes += raw.size;
    if (status == STATUS_OK) {
        seen.done++;
        seen.uses += uses_keys(row);
        chance_learn(&chance, row, &request, &reply);
    }
}

/* Room in the log: what was written is kept elsewhere. */
static void make_room_in_the_log(void) {
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    if (next - first > 6000) {
        assert_int_equal(port_log_release(next - 100), STATUS_OK);
    }
}

static void set_profile(uint32_t profile) {
    assert_int_equal(call_session_close_all(&module, (struct session_close_all_req){0}, NULL),
                     STATUS_OK);
    uint32_t session = module_session(&module);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    struct token_set_req set = {.session = session, .profile = profile};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_session_close(&module, (struct session_close_req){session}, NULL),
                     STATUS_OK);
    chance.session = 0;
    chance.profile = profile;
}

static void give_commands(uint32_t count) {
    memset(&seen, 0, sizeof(seen));
    for (uint32_t i = 0; i < count; i++) {
        give_one_command();
        if (i % 64 == 0) {
            make_room_in_the_log();
        }
    }
    print_message("# needles: %llu commands by chance, %llu done, %llu of them with keys; %llu "
                  "bytes of replies, %llu windows of keys: none shows\n",
                  (unsigned long long)seen.commands, (unsigned long long)seen.done,
                  (unsigned long long)seen.uses, (unsigned long long)seen.bytes,
                  (unsigned long long)windows);
    assert_true(seen.done > seen.commands / 4 && seen.uses > seen.commands / 50);
}

static void no_sensitive_key_leaves_a_strict_token(void **state) {
    (void)state;
    give_commands(share_of(100000));
}

static void no_sensitive_key_leaves_a_compatible_token(void **state) {
    (void)state;
    set_profile(PROFILE_OF_TOKEN_COMPATIBLE);
    uint32_t session = module_user_session(&module);
    for (uint32_t i = NEEDLES / 2; i < NEEDLES; i++) {
        plant_key(session, i, false);
    }
    chance.session = 0;
    give_commands(share_of(100000));
}

static int plant_needles(void **state) {
    (void)state;
    sim_reset(&(struct flash_geometry){16, 8192, 64}, true);
    sim_set_log_capacity(8000);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    uint32_t session = module_user_session(&module);
    for (uint32_t i = 0; i < NEEDLES / 2; i++) {
        plant_key(session, i, true);
    }
    plant_rsa(session);
    chance = (struct chance){.module = &module, .state = 42, .role = USER_CONTEXT};
    return 0;
}

/* The security officer vouches for a key that can also decrypt, where the profile lets him. */
static void trusted_key_that_decrypts_wraps_nothing_sensitive(void **state) {
    static struct template template;
    struct key_generate_rep kek;
    struct key_wrap_rep wrapped;
    uint64_t needle = 0, trusted = 0;
    module_stop(&module); /* what chance left may have filled it */
    assert_int_equal(plant_needles(state), 0);
    set_profile(PROFILE_OF_TOKEN_COMPATIBLE);
    uint32_t session = module_session(&module);
    struct login_req so = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&module, so, NULL), STATUS_OK);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "trusted");
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_bool(&template, ATTRIBUTE_PRIVATE, false);
    template_bool(&template, ATTRIBUTE_TRUSTED, true);
    template_bool(&template, ATTRIBUTE_WRAP, true);
    template_bool(&template, ATTRIBUTE_DECRYPT, true);
    struct key_generate_req make = {session, {.algorithm = ALGORITHM_AES_KEY_GEN},
                                    template_of(&template)};
    assert_int_equal(call_key_generate(&module, make, &kek), STATUS_OK);
    assert_int_equal(call_session_close(&module, (struct session_close_req){session}, NULL),
                     STATUS_OK);
    session = module_user_session(&module);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "trusted");
    assert_int_equal(module_find(&module, session, &template, &trusted), 1);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, CHANCE_KEPT);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_AES);
    template_bool(&template, ATTRIBUTE_EXTRACTABLE, true);
    assert_true(module_find(&module, session, &template, &needle) > 0);
    struct key_wrap_req wrap = {
        .session = session,
        .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128, .make_iv = 1},
        .wrapping_key = trusted,
        .key = needle};
    assert_int_equal(call_key_wrap(&module, wrap, &wrapped), STATUS_KEY_NOT_WRAPPABLE);
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planted_bytes_are_found_in_every_form),
        cmocka_unit_test(no_sensitive_key_leaves_a_strict_token),
        cmocka_unit_test(no_sensitive_key_leaves_a_compatible_token),
        cmocka_unit_test(trusted_key_that_decrypts_wraps_nothing_sensitive),
    };
    return cmocka_run_group_tests(tests, plant_needles, end);
}
