/* SPDX-License-Identifier: Apache-2.0 */
/* The archive of the log: sectors in a ring, each with the number of its first entry in front.
 *
 *     sector  first entry u64, its complement u64 | entries
 *     entry   size u16, complement u16, CRC u32, number u64 | data, filled up with ones to the unit
 *
 * Programming only clears bits, so a number that is not whole never fits its complement. What a cut
 * tore is skipped: a head that is whole says how far, of any other the next unit is tried. A sector
 * is given up by turning its first unit to zeros, and erased when it is used again: what a torn
 * erasure leaves is no sector. */
#include "port/m33/ring.h"

#include "port/m33/crc.h"
#include "port/m33/nor.h"
#include "port/port.h"

enum {
    SECTORS = NOR_SECTORS - NOR_LOG,
    SECTOR_HEAD = NOR_UNIT,
    ENTRY_HEAD = NOR_UNIT,
    ENTRY_ROOM = ENTRY_HEAD + LOG_ENTRY_MAX,
    ENTRIES_OF_SECTOR = (NOR_SECTOR - SECTOR_HEAD) / ENTRY_ROOM,
};

/* Known after the first question: the tail is the oldest sector in use. */
static struct {
    bool mounted;
    uint32_t tail, count; /* sectors in use; 0: none */
    uint64_t first, next; /* entries kept */
    uint32_t end;         /* where the next entry goes in the newest sector */
} ring;

/* Where an entry lies. */
struct entry_place {
    uint32_t sector;
    uint32_t at; /* of its head */
    uint32_t size;
    uint64_t number;
};

static uint32_t place_of(uint32_t sector, uint32_t at) {
    return (NOR_LOG + sector) * NOR_SECTOR + at;
}

static uint32_t room_of(uint32_t size) {
    return ENTRY_HEAD + ((size + NOR_UNIT - 1) & ~(uint32_t)(NOR_UNIT - 1));
}

/* ---- reading ---- */

static enum status read_sector_head(uint32_t sector, bool *used, uint64_t *first) {
    uint8_t head[SECTOR_HEAD];
    TRY(nor_read(place_of(sector, 0), head, sizeof(head)));
    *first = load_u64(head);
    *used = load_u64(head + 8) == ~*first;
    return STATUS_OK;
}

static uint32_t entry_crc(const uint8_t *head, struct bytes data) {
    return crc_add(crc_add(0, bytes_of(head + 8, 8)), data);
}

/* Steps over what stands at place->at. *whole: it is an entry, described in `place`, its data in
 * `data` (LOG_ENTRY_MAX bytes). NOT_FOUND: there is nothing but blank flash. */
static enum status step(struct entry_place *place, uint32_t *after, bool *whole, uint8_t *data) {
    uint8_t head[ENTRY_HEAD];
    *whole = false;
    if (place->at + ENTRY_HEAD > NOR_SECTOR) {
        return STATUS_NOT_FOUND;
    }
    TRY(nor_read(place_of(place->sector, place->at), head, sizeof(head)));
    if (bytes_all(bytes_of(head, sizeof(head)), 0xff)) {
        return STATUS_NOT_FOUND;
    }
    place->size = load_u16(head);
    *after = place->at + ENTRY_HEAD;
    if (load_u16(head + 2) != (uint16_t)~place->size || place->size > LOG_ENTRY_MAX ||
        place->at + room_of(place->size) > NOR_SECTOR) {
        return STATUS_OK;
    }
    *after = place->at + room_of(place->size);
    place->number = load_u64(head + 8);
    TRY(nor_read(place_of(place->sector, place->at) + ENTRY_HEAD, data, place->size));
    *whole = load_u32(head + 4) == entry_crc(head, bytes_of(data, place->size));
    return STATUS_OK;
}

/* Goes through a sector up to entry `number`, or to the end with UINT64_MAX. NOT_FOUND: it is not
 * there; place->at is then the end, and *next one more than the last entry. A number that cannot be
 * in this sector is no entry: it is data behind a head that was damaged. */
static enum status walk(uint32_t sector, uint64_t number, struct entry_place *place, uint64_t *next,
                        uint8_t *data) {
    uint32_t after = SECTOR_HEAD;
    uint64_t first = 0;
    bool whole = false, used = false;
    TRY(read_sector_head(sector, &used, &first));
    *next = first;
    *place = (struct entry_place){.sector = sector, .at = SECTOR_HEAD};
    for (;;) {
        TRY(step(place, &after, &whole, data));
        whole = whole && place->number - first < NOR_SECTOR / NOR_UNIT;
        if (whole && place->number == number) {
            return STATUS_OK;
        }
        if (whole && place->number >= *next) {
            *next = place->number + 1;
        }
        place->at = after;
    }
}

static uint32_t sector_at(uint32_t order) {
    return (ring.tail + order) % SECTORS;
}

/* The newest sector is the one whose follower is not in use or older. */
static enum status find_head(uint32_t *head, bool *found) {
    *found = false;
    for (uint32_t sector = 0; sector < SECTORS && !*found; sector++) {
        bool used = false, follower_used = false;
        uint64_t first = 0, follower = 0;
        TRY(read_sector_head(sector, &used, &first));
        TRY(read_sector_head((sector + 1) % SECTORS, &follower_used, &follower));
        *found = used && (!follower_used || follower < first);
        *head = sector;
    }
    return STATUS_OK;
}

static enum status find_tail(uint32_t head) {
    uint64_t before = 0;
    bool used = true;
    TRY(read_sector_head(head, &used, &ring.first));
    ring.tail = head;
    for (ring.count = 1; ring.count < SECTORS; ring.count++) {
        uint32_t sector = (ring.tail + SECTORS - 1) % SECTORS;
        TRY(read_sector_head(sector, &used, &before));
        if (!used || before > ring.first) {
            break;
        }
        ring.tail = sector;
        ring.first = before;
    }
    return STATUS_OK;
}

static enum status mount(void) {
    uint8_t data[LOG_ENTRY_MAX];
    struct entry_place place;
    uint32_t head = 0;
    bool found = false;
    if (ring.mounted) {
        return STATUS_OK;
    }
    ring.count = 0;
    ring.first = ring.next = 0;
    TRY(find_head(&head, &found));
    if (found) {
        TRY(find_tail(head));
        enum status status = walk(head, UINT64_MAX, &place, &ring.next, data);
        TRY(status == STATUS_NOT_FOUND ? STATUS_OK : status);
        ring.end = place.at;
    }
    ring.mounted = true;
    return STATUS_OK;
}

void ring_forget(void) {
    ring.mounted = false;
}

/* ---- what the core asks ---- */

uint64_t port_log_space(void) {
    if (mount() != STATUS_OK) {
        return 0;
    }
    uint64_t space = (uint64_t)(SECTORS - ring.count) * ENTRIES_OF_SECTOR;
    return ring.count == 0 ? space : space + (NOR_SECTOR - ring.end) / ENTRY_ROOM;
}

void port_log_range(uint64_t *first, uint64_t *next) {
    enum status status = mount();
    *first = status == STATUS_OK ? ring.first : 0;
    *next = status == STATUS_OK ? ring.next : 0;
}

static enum status begin_sector(void) {
    uint8_t head[SECTOR_HEAD];
    uint32_t sector = sector_at(ring.count);
    if (ring.count == SECTORS) {
        return STATUS_LOG_FULL;
    }
    TRY(nor_erase(NOR_LOG + sector));
    save_u64(head, ring.next);
    save_u64(head + 8, ~ring.next);
    TRY(nor_program(place_of(sector, 0), bytes_of(head, sizeof(head))));
    ring.count++;
    ring.end = SECTOR_HEAD;
    return STATUS_OK;
}

enum status port_log_append(struct bytes entry) {
    uint8_t raw[ENTRY_ROOM];
    if (entry.size == 0 || entry.size > LOG_ENTRY_MAX) {
        return STATUS_INTERNAL;
    }
    uint32_t size = (uint32_t)entry.size;
    TRY(mount());
    if (ring.count == 0 || ring.end + room_of(size) > NOR_SECTOR) {
        TRY(begin_sector());
    }
    memset(raw, 0xff, sizeof(raw));
    save_u16(raw, (uint16_t)size);
    save_u16(raw + 2, (uint16_t)~size);
    save_u64(raw + 8, ring.next);
    bytes_copy(raw + ENTRY_HEAD, entry);
    save_u32(raw + 4, entry_crc(raw, entry));
    uint32_t at = place_of(sector_at(ring.count - 1), ring.end);
    /* The head first: where it is not whole, nothing stands behind it. */
    TRY(nor_program(at, bytes_of(raw, ENTRY_HEAD)));
    TRY(nor_program(at + ENTRY_HEAD, bytes_of(raw + ENTRY_HEAD, room_of(size) - ENTRY_HEAD)));
    ring.end += room_of(size);
    ring.next++;
    return STATUS_OK;
}

/* Place in the ring of the newest sector that begins at or before `index`. */
static enum status order_of(uint64_t index, uint32_t *order) {
    uint32_t low = 0, high = ring.count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        uint64_t first = 0;
        bool used = false;
        TRY(read_sector_head(sector_at(middle), &used, &first));
        if (first <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *order = low;
    return STATUS_OK;
}

enum status port_log_read(uint64_t index, struct span *out) {
    uint8_t data[LOG_ENTRY_MAX];
    struct entry_place place;
    uint32_t order = 0;
    uint64_t next = 0;
    TRY(mount());
    if (index < ring.first || index >= ring.next) {
        return STATUS_NOT_FOUND;
    }
    TRY(order_of(index, &order));
    TRY(walk(sector_at(order), index, &place, &next, data));
    if (place.size > out->size) {
        return STATUS_NOT_FOUND;
    }
    memcpy(out->data, data, place.size);
    out->size = place.size;
    return STATUS_OK;
}

/* The oldest sector, or the newest. */
static enum status give_up(uint32_t sector) {
    static const uint8_t zeros[SECTOR_HEAD];
    return nor_program(place_of(sector, 0), bytes_of(zeros, sizeof(zeros)));
}

enum status port_log_release(uint64_t up_to) {
    TRY(mount());
    while (ring.count > 1) {
        uint64_t first = 0;
        bool used = false;
        TRY(read_sector_head(sector_at(1), &used, &first));
        if (first > up_to) {
            break;
        }
        TRY(give_up(ring.tail));
        ring.tail = sector_at(1);
        ring.count--;
        ring.first = first;
    }
    return STATUS_OK;
}

/* The data goes before the head: a head that is left says how far its zeros go. */
static enum status drop_entry(uint64_t index) {
    static const uint8_t zeros[ENTRY_ROOM];
    uint8_t data[LOG_ENTRY_MAX];
    struct entry_place place;
    uint32_t order = 0;
    uint64_t next = 0;
    TRY(order_of(index, &order));
    enum status status = walk(sector_at(order), index, &place, &next, data);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK; /* it was damaged: never given out, but its number may come again */
    }
    TRY(status);
    uint32_t at = place_of(place.sector, place.at);
    TRY(nor_program(at + ENTRY_HEAD, bytes_of(zeros, room_of(place.size) - ENTRY_HEAD)));
    return nor_program(at, bytes_of(zeros, ENTRY_HEAD));
}

/* From the newest on, so that a cut leaves a queue without holes. Sectors whose entries all go are
 * given up, but for the first. */
enum status port_log_truncate(uint64_t from) {
    TRY(mount());
    from = from < ring.first ? ring.first : from;
    while (ring.next > from) {
        uint64_t first = 0;
        bool used = false;
        uint32_t head = sector_at(ring.count - 1);
        TRY(read_sector_head(head, &used, &first));
        if (first >= from && ring.count > 1) {
            TRY(give_up(head));
            ring.count--;
            ring.next = first;
            ring.end = NOR_SECTOR; /* what the sector before has left is not used */
            continue;
        }
        TRY(drop_entry(ring.next - 1));
        ring.next--;
    }
    return STATUS_OK;
}

/* An entry is in the flash when port_log_append returns. */
enum status port_log_sync(void) {
    return STATUS_OK;
}
