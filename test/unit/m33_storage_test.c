/* SPDX-License-Identifier: Apache-2.0 */
/* What the chip's port keeps in flash, on flash in memory that insists on the rules of flash and
 * loses power inside any write. Each story is cut at every write in several ways, and the next
 * start must find what was promised. */
#include "port/m33/lifecycle.h"
#include "port/m33/nor.h"
#include "port/m33/register.h"
#include "port/m33/ring.h"
#include "port/port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- flash that loses power ---- */

enum tear { TEAR_NOTHING, TEAR_HALF, TEAR_ALL, TEAR_SCATTER, TEARS };

static uint8_t flash[NOR_SECTORS * NOR_SECTOR];
static jmp_buf power;
static unsigned writes, cut_at; /* cut_at 0: never */
static enum tear tear;
static uint32_t chance = 1;
static unsigned erasures[NOR_SECTORS];

static uint8_t some(void) {
    chance = chance * 1664525u + 1013904223u;
    return (uint8_t)(chance >> 24);
}

static bool is_cut(void) {
    return ++writes == cut_at;
}

enum status nor_read(uint32_t at, uint8_t *out, size_t size) {
    assert_true(at + size <= sizeof(flash));
    memcpy(out, flash + at, size);
    return STATUS_OK;
}

enum status nor_program(uint32_t at, struct bytes data) {
    assert_true(at % NOR_UNIT == 0 && data.size % NOR_UNIT == 0 && data.size > 0);
    assert_true(at + data.size <= sizeof(flash));
    for (size_t i = 0; i < data.size; i += NOR_UNIT) {
        assert_true(bytes_all(bytes_of(flash + at + i, NOR_UNIT), 0xff) ||
                    bytes_all(bytes_of(data.data + i, NOR_UNIT), 0));
    }
    bool cut = is_cut();
    size_t done = !cut || tear == TEAR_ALL ? data.size : tear == TEAR_HALF ? data.size / 2 : 0;
    for (size_t i = 0; i < data.size; i++) {
        uint8_t kept = i < done ? 0 : cut && tear == TEAR_SCATTER ? some() : 0xff;
        flash[at + i] = (uint8_t)(flash[at + i] & (data.data[i] | kept));
    }
    if (cut) {
        longjmp(power, 1);
    }
    return STATUS_OK;
}

enum status nor_erase(uint32_t sector) {
    assert_true(sector < NOR_SECTORS);
    bool cut = is_cut();
    size_t done = !cut || tear == TEAR_ALL ? NOR_SECTOR : tear == TEAR_HALF ? NOR_SECTOR / 2 : 0;
    memset(flash + sector * NOR_SECTOR, 0xff, done);
    for (size_t i = done; cut && tear == TEAR_SCATTER && i < NOR_SECTOR; i++) {
        flash[sector * NOR_SECTOR + i] = some();
    }
    if (cut) {
        longjmp(power, 1);
    }
    erasures[sector]++;
    return STATUS_OK;
}

_Noreturn void port_halt(const char *reason) {
    fail_msg("halted: %s", reason);
    abort();
}

enum status port_random(uint8_t *out, size_t size) {
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(i * 7 + 1);
    }
    return STATUS_OK;
}

static void new_flash(void) {
    memset(flash, 0xff, sizeof(flash));
    ring_forget();
    writes = 0;
}

/* Whether the story was cut. */
static bool tell(void (*story)(void)) {
    if (setjmp(power) != 0) {
        return true;
    }
    story();
    return false;
}

/* Runs a story on new flash, cut at each of its writes in each way; `check` looks at what the next
 * start finds. Returns how many cuts there were. */
static unsigned cut_everywhere(void (*story)(void), void (*check)(bool cut)) {
    unsigned cuts = 0;
    for (enum tear way = TEAR_NOTHING; way < TEARS; way++) {
        bool cut = true;
        for (unsigned at = 1; cut; at++) {
            new_flash();
            tear = way;
            cut_at = at;
            cut = tell(story);
            cut_at = 0;
            ring_forget();
            check(cut);
            cuts += cut ? 1 : 0;
        }
    }
    return cuts;
}

/* ---- registers ---- */

static uint32_t promised;

static void count_story(void) {
    promised = 0;
    for (uint32_t i = 1; i <= 530; i++) {
        assert_int_equal(port_counter_increment(), STATUS_OK);
        promised = i;
    }
}

static void count_check(bool cut) {
    uint64_t value = 0;
    assert_int_equal(port_counter_read(&value), STATUS_OK);
    assert_in_range(value, promised, promised + (cut ? 1 : 0));
    assert_int_equal(port_counter_increment(), STATUS_OK);
    uint64_t after = 0;
    assert_int_equal(port_counter_read(&after), STATUS_OK);
    assert_int_equal(after, value + 1);
}

static void counter_keeps_its_value_when_cut_anywhere(void **state) {
    (void)state;
    unsigned cuts = cut_everywhere(count_story, count_check);
    print_message("# %u cuts\n", cuts);
    assert_true(cuts > 2000);
}

static void register_gives_back_the_newest_value(void **state) {
    (void)state;
    struct register_value value;
    new_flash();
    assert_int_equal(register_read(NOR_VERSION, &value), STATUS_OK);
    assert_int_equal(value.writes, 0);
    for (uint32_t i = 1; i < 1200; i++) {
        assert_int_equal(register_write(NOR_VERSION, i * 3), STATUS_OK);
        assert_int_equal(register_read(NOR_VERSION, &value), STATUS_OK);
        assert_int_equal(value.value, i * 3);
        assert_int_equal(value.writes, i);
    }
}

/* ---- root key, pairing, tamper ---- */

static uint8_t root[ROOT_KEY_SIZE];
static unsigned step;
static const uint8_t host[PAIRING_SIZE] = {9, 8, 7, 6, 5};

static enum lifecycle life(void) {
    enum lifecycle lifecycle = LIFECYCLE_TAMPERED;
    assert_int_equal(lifecycle_read(&lifecycle), STATUS_OK);
    return lifecycle;
}

static void born_story(void) {
    step = 0;
    assert_int_equal(port_root_read(root, false), STATUS_NOT_FOUND);
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    step = 1;
    assert_int_equal(port_pairing_write(host), STATUS_OK);
    step = 2;
    assert_int_equal(port_pairing_write(host), STATUS_NAME_TAKEN);
}

static void born_check(bool cut) {
    (void)cut;
    uint8_t key[ROOT_KEY_SIZE], kept[PAIRING_SIZE];
    assert_false(port_tampered());
    assert_int_equal(life(), step == 0 && port_root_read(key, false) == STATUS_NOT_FOUND
                                 ? LIFECYCLE_FACTORY
                                 : LIFECYCLE_PROVISIONED);
    assert_int_equal(lifecycle_settle(), STATUS_OK);
    assert_int_equal(port_root_read(key, true), STATUS_OK);
    assert_memory_equal(key, root, step > 0 ? ROOT_KEY_SIZE : 0);
    if (step < 2 && port_pairing_read(kept) == STATUS_NOT_FOUND) {
        assert_int_equal(port_pairing_write(host), STATUS_OK);
    }
    assert_int_equal(port_pairing_read(kept), STATUS_OK);
    assert_memory_equal(kept, host, sizeof(host));
}

static void root_and_pairing_are_made_once_when_cut_anywhere(void **state) {
    (void)state;
    assert_true(cut_everywhere(born_story, born_check) >= 4 * 5);
}

static void tamper_story(void) {
    uint8_t anchor[128];
    memset(anchor, 0x5a, sizeof(anchor));
    step = 0;
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    assert_int_equal(port_pairing_write(host), STATUS_OK);
    assert_int_equal(port_flash_program(0, bytes_of(anchor, sizeof(anchor))), STATUS_OK);
    step = 1;
    assert_int_equal(lifecycle_tamper(), STATUS_OK);
    step = 2;
    assert_int_equal(lifecycle_settle(), STATUS_OK);
}

static bool flash_holds(const uint8_t *secret, size_t size) {
    for (size_t i = 0; i + size <= sizeof(flash); i++) {
        if (bytes_equal(bytes_of(flash + i, size), bytes_of(secret, size))) {
            return true;
        }
    }
    return false;
}

/* Before the first write of the wipe all is as it was; once it has touched the key, all goes. */
static void tamper_check(bool cut) {
    uint8_t key[ROOT_KEY_SIZE], anchor[128];
    (void)cut;
    assert_int_equal(lifecycle_settle(), STATUS_OK);
    if (step < 2 && life() != LIFECYCLE_TAMPERED && life() != LIFECYCLE_WIPED) {
        assert_false(port_tampered());
        return;
    }
    assert_true(step > 0);
    assert_true(step < 2 || port_tampered());
    assert_int_equal(port_root_read(key, true), STATUS_NOT_FOUND);
    assert_int_equal(port_pairing_write(host), STATUS_STORE_IO);
    assert_int_equal(port_flash_read(0, anchor, sizeof(anchor)), STATUS_OK);
    assert_true(bytes_all(bytes_of(anchor, sizeof(anchor)), 0));
    for (size_t i = 0; i + 4 <= sizeof(root); i += 4) {
        assert_false(flash_holds(root + i, 4));
    }
    assert_int_equal(lifecycle_tamper(), STATUS_OK); /* again, at any time */
}

static void tamper_takes_the_root_first_and_is_finished_after_any_cut(void **state) {
    (void)state;
    assert_true(cut_everywhere(tamper_story, tamper_check) > 4 * 20);
}

static void states_of_life_are_far_apart(void **state) {
    (void)state;
    const uint32_t all[] = {LIFECYCLE_FACTORY, LIFECYCLE_PROVISIONED, LIFECYCLE_WIPED,
                            LIFECYCLE_TAMPERED};
    for (size_t i = 0; i < COUNT(all); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(__builtin_popcount(all[i] ^ all[j]) >= 15);
        }
    }
}

/* A zeroized chip says so, but not that it was tamper. */
static void zeroized_is_not_tampered(void **state) {
    (void)state;
    new_flash();
    assert_int_equal(port_root_read(root, true), STATUS_OK);
    assert_int_equal(port_root_destroy(), STATUS_OK);
    assert_int_equal(life(), LIFECYCLE_WIPED);
    assert_false(port_tampered());
    assert_int_equal(port_root_read(root, true), STATUS_NOT_FOUND);
}

/* ---- the archive ---- */

static uint64_t log_first, log_next;
static bool dropping;

static size_t entry_make(uint64_t number, uint8_t *entry) {
    size_t size = 1 + (size_t)(number * 37 % LOG_ENTRY_MAX);
    memset(entry, (int)(number * 11), size);
    save_u64(entry, number * 0x0101010101010101u);
    return size < 8 ? 8 : size;
}

static void append(uint64_t count) {
    uint8_t entry[LOG_ENTRY_MAX + 8] = {0};
    for (uint64_t i = 0; i < count; i++) {
        assert_true(port_log_space() > 0);
        size_t size = entry_make(log_next, entry);
        assert_int_equal(port_log_append(bytes_of(entry, size)), STATUS_OK);
        log_next++;
    }
}

static void log_story(void) {
    log_first = log_next = 0;
    dropping = false;
    append(40);
    assert_int_equal(port_log_release(20), STATUS_OK);
    log_first = 20;
    dropping = true;
    assert_int_equal(port_log_truncate(30), STATUS_OK);
    dropping = false;
    log_next = 30;
    append(12);
}

static void log_check(bool cut) {
    uint8_t expected[LOG_ENTRY_MAX + 8] = {0}, found[LOG_ENTRY_MAX];
    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    assert_true(first <= (log_first == 0 ? 20 : log_first));
    if (dropping) {
        assert_in_range(next, 30, log_next);
    } else {
        assert_in_range(next, log_next, log_next + (cut ? 1 : 0));
    }
    for (uint64_t i = first; i < next; i++) {
        struct span out = {found, sizeof(found)};
        size_t size = entry_make(i, expected);
        assert_int_equal(port_log_read(i, &out), STATUS_OK);
        assert_int_equal(out.size, size);
        assert_memory_equal(found, expected, size);
    }
    log_next = next;
    append(20);
    ring_forget();
    port_log_range(&first, &next);
    assert_int_equal(next, log_next);
}

static void log_survives_cuts_anywhere(void **state) {
    (void)state;
    unsigned cuts = cut_everywhere(log_story, log_check);
    print_message("# %u cuts\n", cuts);
    assert_true(cuts > 400);
}

/* Space is a promise, and sectors wear evenly. */
static void log_goes_round_and_takes_what_it_promised(void **state) {
    (void)state;
    uint8_t entry[LOG_ENTRY_MAX];
    memset(entry, 7, sizeof(entry));
    new_flash();
    log_first = log_next = 0;
    memset(erasures, 0, sizeof(erasures));
    for (int round = 0; round < 4; round++) {
        while (port_log_space() > 0) {
            assert_int_equal(port_log_append(bytes_of(entry, sizeof(entry))), STATUS_OK);
        }
        assert_int_equal(port_log_append(bytes_of(entry, sizeof(entry))), STATUS_LOG_FULL);
        uint64_t first = 0, next = 0, again = 0;
        port_log_range(&first, &next);
        ring_forget();
        port_log_range(&first, &again);
        assert_int_equal(again, next);
        assert_int_equal(port_log_release(next), STATUS_OK);
        assert_true(port_log_space() > 1000);
    }
    for (uint32_t sector = NOR_LOG; sector < NOR_SECTORS; sector++) {
        assert_in_range(erasures[sector], 3, 4);
    }
}

static void a_damaged_entry_is_missing_alone(void **state) {
    (void)state;
    uint8_t found[LOG_ENTRY_MAX];
    uint64_t first = 0, next = 0;
    for (uint32_t at = 0; at < 200; at++) {
        new_flash();
        log_next = 0;
        append(12);
        flash[NOR_LOG * NOR_SECTOR + NOR_UNIT + at * 3] ^= 0x10;
        ring_forget();
        port_log_range(&first, &next);
        assert_int_equal(first, 0);
        assert_int_equal(next, 12);
        unsigned missing = 0;
        for (uint64_t i = 0; i < 12; i++) {
            struct span out = {found, sizeof(found)};
            missing += port_log_read(i, &out) == STATUS_OK ? 0 : 1;
        }
        assert_true(missing <= 1);
        assert_int_equal(port_log_truncate(0), STATUS_OK);
        port_log_range(&first, &next);
        assert_int_equal(next, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counter_keeps_its_value_when_cut_anywhere),
        cmocka_unit_test(register_gives_back_the_newest_value),
        cmocka_unit_test(root_and_pairing_are_made_once_when_cut_anywhere),
        cmocka_unit_test(tamper_takes_the_root_first_and_is_finished_after_any_cut),
        cmocka_unit_test(states_of_life_are_far_apart),
        cmocka_unit_test(zeroized_is_not_tampered),
        cmocka_unit_test(log_survives_cuts_anywhere),
        cmocka_unit_test(log_goes_round_and_takes_what_it_promised),
        cmocka_unit_test(a_damaged_entry_is_missing_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
