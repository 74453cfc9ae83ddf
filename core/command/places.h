/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and operations as sessions own them: what is added to a session, and what ends with it.
 */
#ifndef CORE_COMMAND_PLACES_H
#define CORE_COMMAND_PLACES_H

#include "core/command/module.h"

/* Adds the finished draft of a call as an object of its session (or its token); fills *handle. The
 * statuses of objects_add and access_may_write. */
enum status places_add(struct call *call, const struct draft *draft, enum store_end end,
                       uint32_t *index) MUST_USE;
/* Takes it back after the group it belongs to failed. */
void places_forget(struct call *call, uint32_t index);
/* Removes an object with all that is ready of it. */
enum status places_remove(struct hsm *hsm, uint32_t index) MUST_USE;

/* Makes leaves of the uses of keys by a session that wait to share one. */
void places_end_uses(struct hsm *hsm, const struct session *session);
/* Closes a session: its objects and operations end; when requests use it still, as soon as the last
 * of them is done. */
void places_close_session(struct hsm *hsm, struct session *session);
/* Closes all sessions of a connection on one slot, or on all (TOKENS_MAX). */
void places_close_sessions(struct hsm *hsm, uint32_t connection, uint32_t slot);

/* The session's operation for a function, NULL where there is none or the function knows no parts.
 */
struct stream *places_stream(struct hsm *hsm, const struct session *session,
                             uint32_t function) MUST_USE;
/* Takes the session's operation for the next part of it, as the call's stream:
 * OPERATION_NOT_STARTED, BUSY while another thread gives it a part. Where the limits of its key
 * have ended meanwhile, or the key with limits is gone, the operation ends: KEY_SUSPENDED,
 * KEY_INVALID. */
enum status places_use_stream(struct call *call, uint32_t function) MUST_USE;
/* Takes a place for an operation of a session; NULL where all are taken. */
struct stream *places_take_stream(struct hsm *hsm, struct session *session,
                                  uint32_t function) MUST_USE;
/* Drops the operations of a session for a set of functions. */
void places_end_streams(struct hsm *hsm, struct session *session, uint32_t functions);
/* Frees a stream whose crypto part has ended. */
void places_stream_ended(struct hsm *hsm, struct stream *stream);

/* The built-in profile objects of a token (PKCS#11 v3.2, 4.3; CKO_PROFILE). */
enum status places_add_profiles(struct hsm *hsm, uint32_t slot) MUST_USE;
/* Removes every object of a slot from memory and, where stored, from the store. */
enum status places_clear_slot(struct hsm *hsm, uint32_t slot) MUST_USE;

#endif
