/* SPDX-License-Identifier: Apache-2.0 */
/* What the store keeps of the log: the frontier of its tree with the running key, and the log key.
 * */
#ifndef CORE_AUDIT_FRONTIER_H
#define CORE_AUDIT_FRONTIER_H

#include "core/audit/audit.h"

/* Loads the frontier; at the first start begins an empty log, and *fresh is true.
 * STATUS_STORE_DAMAGED when the record makes no sense, and the statuses of store_get. */
enum status frontier_load(struct audit *audit, bool *fresh) MUST_USE;
/* Makes the archive durable, then stores the frontier. STORE_IO, STORE_FULL, NO_ENTROPY. */
enum status frontier_store(struct audit *audit) MUST_USE;

/* Loads the log key, or makes and stores one; fills public key, origin and key id. */
enum status frontier_load_key(struct audit *audit) MUST_USE;

#endif
