/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that the core asks its platform. One answer per image, resolved at link time; no
 * weak symbols, no defaults: what is missing does not link. Answers: port/linux, port/m33,
 * port/tpm, port/sim. The core calls these from check and commit only, which never overlap. */
#ifndef PORT_PORT_H
#define PORT_PORT_H

#include "base/bytes.h"
#include "base/status.h"

/* ---- randomness ---- */

/* Fills `out` with entropy from the platform's source; fails closed with STATUS_NO_ENTROPY. May be
 * called from any thread (crypto/ uses it too). */
enum status port_random(uint8_t *out, size_t size) MUST_USE;

/* ---- the root of all keys ---- */

enum { ROOT_KEY_SIZE = 32 };
/* Reads the root key; `create` makes a new one where there is none (a factory-fresh module).
 * STATUS_NOT_FOUND: there is none; STATUS_STORE_IO. */
enum status port_root_read(uint8_t root[ROOT_KEY_SIZE], bool create) MUST_USE;
/* Destroys it for ever, where the platform lets it; the store's own half is destroyed by the core.
 */
enum status port_root_destroy(void) MUST_USE;
/* Where the root key is and what that is worth, in words for `status`. */
const char *port_root_source(void) MUST_USE;

/* ---- rollback protection ---- */

/* Whether there is a monotonic counter that storage cannot turn back. */
bool port_counter_exists(void) MUST_USE;
enum status port_counter_read(uint64_t *value) MUST_USE;
/* Adds one, durably. */
enum status port_counter_increment(void) MUST_USE;

/* ---- flash: reads as 0xff when erased; a unit is programmed once between erasures ---- */

/* Geometry, fixed while the module runs. unit and sector_size are powers of two; a program starts
 * and ends on unit boundaries. sectors >= 8; unit <= 512. */
struct flash_geometry {
    uint32_t unit;
    uint32_t sector_size;
    uint32_t sectors;
};
void port_flash_geometry(struct flash_geometry *geometry);
enum status port_flash_read(uint64_t at, uint8_t *out, size_t size) MUST_USE;
/* Programs erased units (bits 1 -> 0). May also turn programmed bytes to zero (wiping). A cut may
 * leave any part of the range programmed. */
enum status port_flash_program(uint64_t at, struct bytes data) MUST_USE;
/* Erases one sector to 0xff; may be quick where it knows it to be blank. A cut may leave any
 * mixture. */
enum status port_flash_erase(uint32_t sector) MUST_USE;
/* Returns when everything programmed and erased before is durable. On the daemon the body calls it
 * once for many commands (group commit), outside the core's exclusion. */
enum status port_flash_sync(void) MUST_USE;

/* ---- the archive of the audit log: a queue of entries numbered from 0 ---- */

/* How many further entries of LOG_ENTRY_MAX bytes it takes now. */
enum { LOG_ENTRY_MAX = 512 };
uint64_t port_log_space(void) MUST_USE;
/* Appends one entry; it survives the death of the process at once, a power cut after port_log_sync.
 * STORE_IO, LOG_FULL: the archive is as it was. */
enum status port_log_append(struct bytes entry) MUST_USE;
/* Number of the first entry kept, and of the next one to be appended. */
void port_log_range(uint64_t *first, uint64_t *next);
/* Reads entry `index` into out (LOG_ENTRY_MAX bytes); out->size becomes its size. STATUS_NOT_FOUND
 * where it is not kept or damaged. */
enum status port_log_read(uint64_t index, struct span *out) MUST_USE;
/* Frees the room of the entries below `up_to` (as far as the archive can). */
enum status port_log_release(uint64_t up_to) MUST_USE;
/* Drops the entries from `from` on (after a restart: entries that do not verify). */
enum status port_log_truncate(uint64_t from) MUST_USE;
enum status port_log_sync(void) MUST_USE;

/* ---- the pairing with a host: only forms with a line of their own (chip, simulator) ---- */

enum { PAIRING_SIZE = 32 };
/* Reads the public key of the host this chip belongs to. STATUS_NOT_FOUND: none yet;
 * STATUS_STORE_IO. */
enum status port_pairing_read(uint8_t host[PAIRING_SIZE]) MUST_USE;
/* Keeps it, once in the life of the store: durable when it returns; a cut leaves all of it or
 * none. STATUS_NAME_TAKEN: there is one; STATUS_STORE_IO. Provisioning anew (erasing all flash)
 * ends it. */
enum status port_pairing_write(const uint8_t host[PAIRING_SIZE]) MUST_USE;

/* ---- clock, identity, end ---- */

/* Milliseconds since the module started; never goes back. */
uint64_t port_uptime_ms(void) MUST_USE;
/* Seconds since 1970, UTC; 0 where there is no clock. Not trusted: shown, never a reason to allow.
 */
uint64_t port_clock(void) MUST_USE;
/* The form, in words: "daemon", "chip", "simulator". */
const char *port_form(void) MUST_USE;
/* Measurement (SHA-256) of the image that runs; zero where there is none. */
void port_measurement(uint8_t out[32]);
/* Whether tamper was detected since the last provisioning. */
bool port_tampered(void) MUST_USE;
/* Stops for ever: the module found itself broken. */
_Noreturn void port_halt(const char *reason);

#endif
