/* SPDX-License-Identifier: Apache-2.0 */
/* Signed heads of the log. */
#ifndef CORE_AUDIT_CHECKPOINT_H
#define CORE_AUDIT_CHECKPOINT_H

#include "core/audit/audit.h"

/* Signs the head; fills COSE and note. ERROR_STATE: a signature does not verify. */
enum status checkpoint_sign(struct audit *audit, enum checkpoint_reason reason, struct bytes nonce,
                            struct span *cose, struct span *note) MUST_USE;
/* Slots that a checkpoint takes in the archive, with the frontier behind it. */
uint64_t checkpoint_slots(const struct audit *audit) MUST_USE;
/* Appends a signed checkpoint and the frontier to the archive. STORE_IO. */
enum status checkpoint_archive(struct audit *audit, struct bytes cose, struct bytes note) MUST_USE;

#endif
