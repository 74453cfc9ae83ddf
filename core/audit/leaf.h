/* SPDX-License-Identifier: Apache-2.0 */
/* A leaf of the log: the deterministic CBOR map of one record. */
#ifndef CORE_AUDIT_LEAF_H
#define CORE_AUDIT_LEAF_H

#include "core/audit/audit.h"

/* Bytes that the largest leaf takes. */
enum { LEAF_SIZE_MAX = LOG_ENTRY_MAX - 64 };

/* Writes the leaf that comes next; fills out->size. STATUS_TOO_LARGE cannot happen with
 * LEAF_SIZE_MAX bytes of room and a payload hash of up to HASH_SIZE_MAX bytes. */
enum status leaf_write(const struct audit *audit, const struct audit_record *record,
                       struct span *out) MUST_USE;

#endif
