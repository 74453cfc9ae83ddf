/* SPDX-License-Identifier: Apache-2.0 */
/* A module that has only a store and a log, on the platform in memory: for the tests of the log. */
#ifndef TEST_UNIT_LOG_MODULE_H
#define TEST_UNIT_LOG_MODULE_H

#include "client/log_verify.h"
#include "core/audit/audit.h"
#include "core/store/store_state.h"
#include "port/sim/sim.h"

extern struct store log_store;
extern struct audit log_audit;

/* A new platform; the module is not started. */
void log_module_reset(void);
/* Mounts (or formats) and starts the log with the next boot number. The state before is forgotten,
 * as when the process was killed. */
enum status log_module_start(void);
/* An orderly end. */
void log_module_stop(void);
/* Kills it: nothing is written any more. */
void log_module_kill(void);

/* Appends a leaf of the event `sign` that says `detail`. */
enum status log_module_say(const char *detail);

/* An export as the command line writes it: header, head with nonce, entries. */
struct log_export {
    uint8_t *data;
    size_t size;
};
/* Makes one from entry `from` on; the head is left out where not wanted. Free .data. */
struct log_export log_module_export(uint64_t from, bool with_head);
void log_module_identity(struct log_identity *identity);

/* Verifies an export against the log's key; the first finding goes to *first (fault NONE: none). */
struct log_result log_module_verify(struct log_export export, const struct log_identity *identity,
                                    struct log_finding *first);

/* Shortcuts. Set-up of a test: a fresh module, started. */
int log_module_set_up(void **state);
int log_module_tear_down(void **state);
/* Appends leaves that say "hello". */
void log_module_say_often(uint32_t count);
/* Verifies all that is in the archive against a fresh head. */
struct log_result log_module_verify_all(void);
/* Finds a leaf in the archive by its number; it points into `room` (LOG_ENTRY_MAX bytes). */
bool log_module_find_leaf(uint64_t sequence, struct log_leaf *leaf, uint8_t *room);

#endif
