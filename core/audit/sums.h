/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums: uses of one key by one session that will share a leaf. Each keeps the slot of the
 * archive that its first use held, so that its leaf always has room. */
#ifndef CORE_AUDIT_SUMS_H
#define CORE_AUDIT_SUMS_H

#include "core/audit/audit.h"

/* The place for a use: the sum that it belongs to, or one that does not run, or the oldest that
 * does, of the few that it may have. */
struct audit_sum *sums_place(struct audit *audit, const struct audit_record *use) MUST_USE;
/* Whether the use belongs to this sum, running or not. */
bool sums_fits(const struct audit_sum *sum, const struct audit_record *use) MUST_USE;
/* Adds it; the sum starts anew where it does not run. */
void sums_add(struct audit_sum *sum, const struct audit_record *use);
/* Fills *record with what the leaf says; the payload hash points into the sum. */
void sums_record(const struct audit_sum *sum, struct audit_record *record);

/* A mark in the store says that sums may be running, of at most so many uses: a start that finds it
 * knows that uses may be missing. *wrote: it was set now, and must be durable before a reply
 * leaves. The statuses of store_put. */
enum status sums_mark(struct audit *audit, uint32_t each, bool *wrote) MUST_USE;
/* Fills *each with what the mark says; 0: there is none. The statuses of store_get. */
enum status sums_marked(struct audit *audit, uint32_t *each) MUST_USE;
/* Takes it away, where there is one. The statuses of store_remove. */
enum status sums_unmark(struct audit *audit) MUST_USE;

#endif
