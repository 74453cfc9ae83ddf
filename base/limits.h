/* SPDX-License-Identifier: Apache-2.0 */
/* All capacities, and what memory each costs. One row: name, daemon, small bodies (chip,
 * simulator). */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include "base/compiler.h"

#define LIMIT(name, daemon, small) enum { name = LIMIT_PICK(daemon, small) };

/* Partitions. RAM: 640 B each. */
LIMIT(TOKENS_MAX, 8, 4)
/* Live objects, token and session objects together. RAM: 112 B each. */
LIMIT(OBJECTS_MAX, 131072, 128)
/* Keys with limits on their use (core/keys/limits.h). RAM: 184 B each. */
LIMIT(LIMITED_KEYS_MAX, 4096, 16)
/* Buckets of the look-ups by CKA_ID and label; a power of two. RAM: 8 B each. */
LIMIT(OBJECT_BUCKETS, 131072, 128)
/* Encoded attributes of one object, in bytes. RAM: three per request in flight. */
LIMIT(OBJECT_SIZE_MAX, 16384, 3072)
/* Attributes in one template. */
LIMIT(ATTRIBUTES_MAX, 72, 72)
/* Session objects live in blocks of SESSION_BLOCK_SIZE bytes. */
LIMIT(SESSION_BLOCK_SIZE, 512, 256)
LIMIT(SESSION_BLOCKS, 32768, 92)
/* Keys kept ready for use. RAM: CRYPTO_KEY_ROOM + 64 B each. */
LIMIT(SOFT_KEYS_MAX, 4096, 8)
/* Client connections. RAM: 256 B each. */
LIMIT(CONNECTIONS_MAX, 1024, 8)
/* Sessions of all connections, and of one. RAM: 64 B each. */
LIMIT(SESSIONS_MAX, 16384, 80)
LIMIT(SESSIONS_PER_CONNECTION, 4096, 72)
/* Operations in several parts that are under way. RAM: CRYPTO_STREAM_ROOM + 64 B each. */
LIMIT(STREAMS_MAX, 4096, 4)
/* Keys in use that are bound to a policy. RAM: 656 B each. */
LIMIT(GUARDS_MAX, 256, 4)
/* Payload of one frame, in bytes, without its header. RAM: two per request in flight. */
LIMIT(FRAME_BODY_MAX, 69632, 6144)
/* Room for key material on its way: a key being made, wrapped or unwrapped. RAM: one per request in
 * flight. */
LIMIT(MATERIAL_SIZE, 8192, 5120)
/* Data that one request carries to or from a cryptographic function, in bytes. */
LIMIT(DATA_MAX, 65536, 4096)
/* Handles one reply of a search carries; objects it looks at before it answers. */
LIMIT(FIND_PAGE, 4096, 128)
LIMIT(FIND_SCAN, 2048, 256)
/* Refusals kept for `edgehsm last-error`. RAM: 96 B each. */
LIMIT(REFUSALS_MAX, 64, 8)
/* Newest alarms of a start kept for alarm_list. RAM: 64 B each. */
LIMIT(ALARMS_MAX, 64, 8)
/* Requests that wait for approval. RAM: APPROVAL_REQUEST_MAX + 384 B each. */
LIMIT(REQUESTS_MAX, 16, 2)
/* Bytes of a roles file, of a request for approval (which can carry one), of an approval. */
LIMIT(ROLES_FILE_MAX, 2048, 1024)
LIMIT(APPROVAL_REQUEST_MAX, 3072, 1792)
LIMIT(APPROVAL_MAX, 1024, 1024)
/* Audit: leaves between two signed checkpoints; slots kept free so that login, reading the log and
 * acknowledging it always work. */
LIMIT(AUDIT_CHECKPOINT_LEAVES, 4096, 256)
LIMIT(AUDIT_RESERVED_SLOTS, 16, 16)
/* Audit: records under way that several uses of a key share. RAM: 112 B each. */
LIMIT(AUDIT_SUMS_MAX, 256, 3)
/* Records the store can hold, and buckets of its index; the second is a power of two and larger.
 * RAM: 16 B a bucket. */
LIMIT(STORE_RECORDS_MAX, 131136, 176)
LIMIT(STORE_BUCKETS, 262144, 256)
/* Payload of one store record in bytes. */
LIMIT(STORE_RECORD_MAX, 16448, 3136)
/* Largest flash sector the store works on, in bytes. RAM: one. */
LIMIT(STORE_SECTOR_MAX, 262144, 8192)
/* Changes in one group of the store. RAM: 16 B each. */
LIMIT(STORE_GROUP_MAX, 16, 16)
/* Wrong PINs in a row before the PIN is locked. */
LIMIT(PIN_TRIES_MAX, 8, 8)
/* Bytes of a PIN. Eight tries at six digits: a guess succeeds with at most 8e-6. */
LIMIT(PIN_SIZE_MIN, 6, 6)
LIMIT(PIN_SIZE_MAX, 64, 64)
/* Users or groups that one token lets in without a PIN. */
LIMIT(TOKEN_PEERS_MAX, 8, 4)
/* Groups of one connected process that the module looks at. */
LIMIT(PEER_GROUPS_MAX, 32, 4)

#endif
