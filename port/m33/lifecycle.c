/* SPDX-License-Identifier: Apache-2.0 */
/* The root key and the state of life. The sector has slots of
 *
 *     key 32 | word 8, CRC of the key 4, its complement 4 | tamper word 16
 *
 * A key counts when the word and the CRC are there. Where a cut tore the making of a key, the next
 * slot is taken: nothing here is ever erased, so that no torn erasure can look like tamper. The
 * word with any of its ones cleared, or a key that does not fit its CRC, says that a wipe has
 * begun; anything in the last unit that is not blank says that it was tamper. */
#include "port/m33/lifecycle.h"

#include "base/wipe.h"
#include "port/m33/crc.h"
#include "port/m33/nor.h"
#include "port/port.h"

enum {
    WORD_AT = ROOT_KEY_SIZE,
    TAMPER_AT = WORD_AT + NOR_UNIT,
    SLOT_SIZE = TAMPER_AT + NOR_UNIT,
    SLOTS = NOR_SECTOR / SLOT_SIZE,
};
static const uint8_t word[8] = {0x96, 0x5a, 0xc3, 0x3c, 0xa5, 0x69, 0xc3, 0x5a};
static const uint8_t zeros[256];

/* ---- state of life ---- */

static void make_word(uint8_t unit[NOR_UNIT], const uint8_t *key) {
    _Static_assert((int)ROOT_KEY_SIZE == (int)PAIRING_SIZE, "one form for both");
    uint32_t crc = crc_add(0, bytes_of(key, ROOT_KEY_SIZE));
    memcpy(unit, word, sizeof(word));
    save_u32(unit + 8, crc);
    save_u32(unit + 12, ~crc);
}

/* Whether all ones of the word are still there: so it is blank, torn, or whole. */
static bool keeps_ones(const uint8_t *unit) {
    uint8_t lost = 0;
    for (size_t i = 0; i < sizeof(word); i++) {
        lost = (uint8_t)(lost | (word[i] & ~unit[i]));
    }
    return lost == 0;
}

static enum lifecycle classify(const uint8_t slot[SLOT_SIZE]) {
    uint8_t unit[NOR_UNIT];
    const uint8_t *stored = slot + WORD_AT;
    if (!bytes_all(bytes_of(slot + TAMPER_AT, NOR_UNIT), 0xff)) {
        return LIFECYCLE_TAMPERED;
    }
    if (!keeps_ones(stored)) {
        return LIFECYCLE_WIPED;
    }
    make_word(unit, slot);
    if (bytes_equal(bytes_of(unit, sizeof(unit)), bytes_of(stored, NOR_UNIT))) {
        return LIFECYCLE_PROVISIONED;
    }
    bool whole = bytes_equal(bytes_of(stored, sizeof(word)), bytes_of(word, sizeof(word))) &&
                 load_u32(stored + 8) == ~load_u32(stored + 12);
    return whole ? LIFECYCLE_WIPED : LIFECYCLE_FACTORY;
}

/* The slot that counts: the first that was not torn. Fills it and its place. */
static enum status find_slot(uint8_t slot[SLOT_SIZE], uint32_t *at) {
    for (uint32_t i = 0; i < SLOTS; i++) {
        *at = NOR_ROOT * NOR_SECTOR + i * SLOT_SIZE;
        TRY(nor_read(*at, slot, SLOT_SIZE));
        if (classify(slot) != LIFECYCLE_FACTORY || bytes_all(bytes_of(slot, SLOT_SIZE), 0xff)) {
            return STATUS_OK;
        }
    }
    return STATUS_STORE_IO;
}

NO_INLINE static enum status read_once(volatile enum lifecycle *lifecycle) {
    SECRET_BYTES(slot, SLOT_SIZE);
    uint32_t at = 0;
    TRY(find_slot(slot, &at));
    *lifecycle = classify(slot);
    return STATUS_OK;
}

enum status lifecycle_read(enum lifecycle *lifecycle) {
    volatile enum lifecycle first = LIFECYCLE_TAMPERED, second = LIFECYCLE_WIPED;
    TRY(read_once(&first));
    TRY(read_once(&second));
    if (first != second) {
        port_halt("two readings of the state of life differ");
    }
    *lifecycle = first;
    return STATUS_OK;
}

bool port_tampered(void) {
    enum lifecycle lifecycle;
    return lifecycle_read(&lifecycle) != STATUS_OK || lifecycle == LIFECYCLE_TAMPERED;
}

/* ---- the root key ---- */

static enum status make_key(uint32_t at, uint8_t root[ROOT_KEY_SIZE]) {
    SECRET_BYTES(fresh, ROOT_KEY_SIZE);
    uint8_t unit[NOR_UNIT];
    TRY(port_random(fresh, ROOT_KEY_SIZE));
    TRY(nor_program(at, bytes_of(fresh, ROOT_KEY_SIZE)));
    make_word(unit, fresh);
    TRY(nor_program(at + WORD_AT, bytes_of(unit, sizeof(unit))));
    memcpy(root, fresh, ROOT_KEY_SIZE);
    return STATUS_OK;
}

enum status port_root_read(uint8_t root[ROOT_KEY_SIZE], bool create) {
    SECRET_BYTES(slot, SLOT_SIZE);
    uint32_t at = 0;
    enum lifecycle lifecycle;
    TRY(lifecycle_read(&lifecycle));
    TRY(find_slot(slot, &at));
    if (lifecycle == LIFECYCLE_PROVISIONED) {
        memcpy(root, slot, ROOT_KEY_SIZE);
        return STATUS_OK;
    }
    if (lifecycle == LIFECYCLE_FACTORY && create) {
        return make_key(at, root);
    }
    return STATUS_NOT_FOUND;
}

enum status port_root_destroy(void) {
    SECRET_BYTES(slot, SLOT_SIZE);
    uint32_t at = 0;
    TRY(find_slot(slot, &at));
    return nor_program(at, bytes_of(zeros, TAMPER_AT));
}

const char *port_root_source(void) {
    return "flash of the chip: whoever opens the chip and reads it has the keys";
}

/* ---- tamper ---- */

enum status lifecycle_tamper(void) {
    SECRET_BYTES(slot, SLOT_SIZE);
    uint8_t wiped[SLOT_SIZE] = {0};
    uint32_t at = 0;
    TRY(find_slot(slot, &at));
    if (!bytes_all(bytes_of(slot + TAMPER_AT, NOR_UNIT), 0xff)) {
        return nor_program(at, bytes_of(zeros, TAMPER_AT)); /* it says so already */
    }
    memcpy(wiped + TAMPER_AT, word, sizeof(word));
    return nor_program(at, bytes_of(wiped, sizeof(wiped)));
}

/* The core's own key material: with its anchor at zero the store is one that was zeroized, and the
 * next mount erases the rest. */
static enum status wipe_anchor(void) {
    for (uint32_t at = 0; at < NOR_SECTOR; at += sizeof(zeros)) {
        TRY(nor_program(NOR_STORE * NOR_SECTOR + at, bytes_of(zeros, sizeof(zeros))));
    }
    return STATUS_OK;
}

enum status lifecycle_settle(void) {
    enum lifecycle lifecycle;
    TRY(lifecycle_read(&lifecycle));
    if (lifecycle != LIFECYCLE_WIPED && lifecycle != LIFECYCLE_TAMPERED) {
        return STATUS_OK;
    }
    TRY(port_root_destroy());
    return wipe_anchor();
}

/* ---- pairing: the host's public key, in the form of the root key. It outlives a wipe: what the
 * chip says to that host then is that it has no key of its own any more ---- */

enum { PAIRING_AT = NOR_PAIRING * NOR_SECTOR, PAIRING_STORED = PAIRING_SIZE + NOR_UNIT };

enum status port_pairing_read(uint8_t host[PAIRING_SIZE]) {
    uint8_t stored[PAIRING_STORED];
    uint8_t unit[NOR_UNIT];
    TRY(nor_read(PAIRING_AT, stored, sizeof(stored)));
    make_word(unit, stored);
    if (!bytes_equal(bytes_of(unit, sizeof(unit)), bytes_of(stored + PAIRING_SIZE, NOR_UNIT))) {
        return STATUS_NOT_FOUND;
    }
    memcpy(host, stored, PAIRING_SIZE);
    return STATUS_OK;
}

enum status port_pairing_write(const uint8_t host[PAIRING_SIZE]) {
    uint8_t old[PAIRING_SIZE];
    uint8_t unit[NOR_UNIT];
    enum lifecycle lifecycle;
    TRY(lifecycle_read(&lifecycle));
    if (lifecycle != LIFECYCLE_PROVISIONED) {
        return STATUS_STORE_IO;
    }
    enum status status = port_pairing_read(old);
    if (status != STATUS_NOT_FOUND) {
        return status == STATUS_OK ? STATUS_NAME_TAKEN : status;
    }
    TRY(nor_erase(NOR_PAIRING)); /* a cut may have left a part of another one */
    TRY(nor_program(PAIRING_AT, bytes_of(host, PAIRING_SIZE)));
    make_word(unit, host);
    return nor_program(PAIRING_AT + PAIRING_SIZE, bytes_of(unit, sizeof(unit)));
}
