/* SPDX-License-Identifier: Apache-2.0 */
/* A store whose flash was changed. An input is a list of changes to the image of a small
 * store. With the true cipher the mount finds each of them or reads what was written; with one that
 * lets everything through, what lies behind authentication is reached too: whoever holds the keys
 * gets a refusal or a halt at worst. */
#include "core/store/store_state.h"
#include "port/sim/sim.h"
#include "test/component/quick.h"
#include "test/fuzz/fuzz.h"

enum { OBJECTS = 12, CHANGES_MAX = 24 };

static struct store store;
static struct sim_memory *made;
static bool lenient;
static bool counter_true; /* the port's counter is as the store left it */

/* The name is the linker's. What does not authenticate is deciphered all the same: enciphering
 * twice is that. */
enum status __real_crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad,
                               struct bytes in, uint8_t *out);
enum status __wrap_crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad,
                               struct bytes in, uint8_t *out);
enum status __wrap_crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad,
                               struct bytes in, uint8_t *out) {
    static uint8_t twice[STORE_SECTOR_MAX + SEAL_TAG_SIZE];
    if (!lenient || in.size < SEAL_TAG_SIZE || in.size > sizeof(twice)) {
        return __real_crypto_open(key, nonce, aad, in, out);
    }
    struct bytes plain = bytes_of(in.data, in.size - SEAL_TAG_SIZE);
    TRY(crypto_seal(key, nonce, aad, plain, twice));
    bytes_copy(out, bytes_of(twice, plain.size));
    return STATUS_OK;
}

/* Value of an object: its number, `number` * 9 times. */
static struct bytes value_of(uint8_t number) {
    static uint8_t value[256];
    memset(value, number, sizeof(value));
    return bytes_of(value, (size_t)number * 9);
}

static void make(void *unused) {
    uint8_t root[ROOT_KEY_SIZE];
    (void)unused;
    REQUIRE(port_root_read(root, true) == STATUS_OK);
    REQUIRE(store_format(&store) == STATUS_OK);
    for (uint8_t i = 0; i < OBJECTS; i++) {
        enum store_end end = i % 4 == 1 ? STORE_MORE : i % 4 == 3 ? STORE_BOUND : STORE_LAST;
        REQUIRE(store_put(&store, record_id(RECORD_OBJECT, i), value_of(i), end) == STATUS_OK);
    }
    REQUIRE(store_remove(&store, record_id(RECORD_OBJECT, 4), STORE_BOUND) == STATUS_OK);
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count, (void)words;
    REQUIRE(crypto_start() == STATUS_OK);
    sim_reset(NULL, true);
    REQUIRE(sim_run(make, NULL) == SIM_DONE);
    made = sim_remember(NULL);
    return 0;
}

static void change(struct bytes *input) {
    for (int i = 0; i < CHANGES_MAX && input->size > 0; i++) {
        uint8_t how = fuzz_byte(input);
        size_t at = (size_t)fuzz_number(input, 3) % sim_flash_size();
        size_t left = sim_flash_size() - at;
        size_t size = 1 + fuzz_byte(input);
        size = size < left ? size : left;
        uint8_t *flash = sim_flash() + at;
        switch (how % 4) {
        case 0: /* flips bits */
            for (size_t j = 0; j < size && input->size > 0; j++) {
                flash[j] ^= fuzz_byte(input);
            }
            break;
        case 1:
            memset(flash, how & 4 ? 0 : 0xff, size);
            break;
        case 2: /* copies from elsewhere */
            memmove(flash, sim_flash() + (size_t)fuzz_number(input, 3) % (sim_flash_size() - size),
                    size);
            break;
        default:
            bytes_copy(flash, fuzz_take(input, size));
        }
    }
}

/* What is read must be what was written, unless the cipher lets everything through. */
static void read_all(void) {
    static uint8_t room[STORE_RECORD_MAX];
    for (int kind = 0; kind <= RECORD_PIN + 1; kind++) {
        uint32_t cursor = 0;
        uint64_t id = 0;
        while (store_next(&store, (enum record_kind)kind, &cursor, &id) == STATUS_OK) {
            struct span out = {room, sizeof(room)};
            enum status status = store_get(&store, id, &out);
            if (status == STATUS_OK && !lenient) {
                uint64_t number = record_number_of(id);
                REQUIRE(kind == RECORD_OBJECT && number < OBJECTS);
                REQUIRE(number != 4 || !counter_true); /* the removal is bound to it */
                REQUIRE(bytes_equal(bytes_of_span(out), value_of((uint8_t)number)));
            }
        }
    }
}

static void story(void *unused) {
    bool wiped = false;
    struct store_usage usage;
    (void)unused;
    if (store_mount(&store, &wiped) != STATUS_OK) {
        return;
    }
    store_usage(&store, &usage);
    read_all();
    uint64_t id = record_id(RECORD_TOKEN, 1);
    bool kept = store_put(&store, id, value_of(7), STORE_BOUND) == STATUS_OK;
    if (store_remove(&store, record_id(RECORD_OBJECT, 3), STORE_LAST) == STATUS_OK && !lenient) {
        REQUIRE(kept);
    }
    if (kept && !lenient) {
        static uint8_t room[STORE_RECORD_MAX];
        struct span out = {room, sizeof(room)};
        REQUIRE(port_flash_sync() == STATUS_OK && store_mount(&store, &wiped) == STATUS_OK);
        REQUIRE(store_get(&store, id, &out) == STATUS_OK);
        REQUIRE(bytes_equal(bytes_of_span(out), value_of(7)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    sim_recall(made);
    memset(&store, 0, sizeof(store));
    uint8_t how = fuzz_byte(&input);
    lenient = (how & 1) != 0;
    counter_true = (how & 2) == 0;
    if (!counter_true) {
        sim_set_counter((how & 4) != 0, how >> 3);
    }
    change(&input);
    enum sim_end end = sim_run(story, NULL);
    REQUIRE(end == SIM_DONE || (lenient && end == SIM_HALTED));
    return 0;
}
