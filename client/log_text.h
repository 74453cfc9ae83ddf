/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the audit log as text: a line for people, or a JSON object in a line. Bytes that are
 * not printable ASCII come out escaped, so that no label can forge a line or steer a terminal. */
#ifndef CLIENT_LOG_TEXT_H
#define CLIENT_LOG_TEXT_H

#include "client/log_entry.h"

enum { LOG_TEXT_MAX = 8192 };

/* Fills `out` (LOG_TEXT_MAX bytes are enough) with one line without its newline, ending with a zero
 * byte:
 *     #12 2026-11-25T20:01:02Z boot 3 sign ok key 1a2b3c4d5e6f7081 uid 1000 session 5
 *     -- checkpoint of 4096 leaves, root 5f08..., enough leaves
 * `number` is the entry's number in the archive. Not verified here. An entry that cannot be read
 * comes out as "?? entry 17 cannot be read". Returns the length. */
size_t log_entry_text(const struct log_entry *entry, uint64_t number, char *out,
                      size_t room) MUST_USE;
/* The same as one JSON object: {"entry":17,"kind":"leaf","seq":12,...}. */
size_t log_entry_json(const struct log_entry *entry, uint64_t number, char *out,
                      size_t room) MUST_USE;

#endif
