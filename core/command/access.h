/* SPDX-License-Identifier: Apache-2.0 */
/* What a session may see and use: the questions that several commands ask. */
#ifndef CORE_COMMAND_ACCESS_H
#define CORE_COMMAND_ACCESS_H

#include "core/command/module.h"

/* Whether the session acts as the user: logged in, or let in by its peer credentials. */
bool access_is_user(const struct call *call) MUST_USE;
bool access_is_so(const struct call *call) MUST_USE;
const struct token *access_token(const struct call *call) MUST_USE;
/* The time that the session's token trusts; 0: none. */
uint64_t access_time(const struct call *call) MUST_USE;

/* The object behind a handle, if this session sees it; fills *index and the call's object for the
 * log. OBJECT_INVALID. */
enum status access_object(struct call *call, uint64_t handle, uint32_t *index) MUST_USE;
/* The handle of an object for this connection. */
uint64_t access_handle(const struct call *call, uint32_t index) MUST_USE;
/* Whether the session sees the object. */
bool access_sees(const struct call *call, const struct object *object) MUST_USE;

/* Whether the session may create (change, destroy) an object with these facts: SESSION_READ_ONLY,
 * NOT_LOGGED_IN. */
enum status access_may_write(struct call *call, const struct facts *facts) MUST_USE;

/* Finds a key, checks that it may be used for `function` with the mechanism (usage, key type,
 * profile, allowed mechanisms), gets it ready and pins it as the call's key; fills *index with its
 * place. KEY_INVALID, KEY_FUNCTION_NOT_PERMITTED, KEY_TYPE_INCONSISTENT, MECHANISM_INVALID,
 * MECHANISM_PARAM_INVALID, STRICT, NOT_LOGGED_IN and those of home_soft_get. */
enum status access_key(struct call *call, uint64_t handle, enum function function,
                       const struct mechanism *mechanism, uint32_t *index) MUST_USE;
/* Whether the mechanism may be used on the token for `function`; MECHANISM_INVALID,
 * MECHANISM_PARAM_INVALID, STRICT. */
enum status access_mechanism(struct call *call, enum function function,
                             const struct mechanism *mechanism) MUST_USE;
/* What an algorithm may be used for under a profile: a set of enum function, 0 where it is not
 * offered. */
uint32_t access_functions(const struct algorithm_row *row, bool strict) MUST_USE;
/* The one place where a use of a key is admitted, and counted: last in the check of every command
 * that works with one (the gate sees to it). A key with CKA_ALWAYS_AUTHENTICATE wants the PIN for
 * each use, one with limits asks its usage; a confirmation is used up. Counted is counted, whatever
 * becomes of the command. CONFIRM_LOGIN, the statuses of usages_take. */
enum status access_admit(struct call *call, uint32_t index) MUST_USE;
/* Whether access_admit() would admit it now; counts nothing. For what asks people before: what only
 * waits for them costs no use, and what would be refused does not use up their approval. */
enum status access_admits(struct call *call, uint32_t index) MUST_USE;
/* For a question about a later use: counts nothing. Fills *confirm: the PIN may be wanted again.
 * KEY_SUSPENDED, KEY_SPENT, KEY_HOURS where that is sure already. */
enum status access_preview(struct call *call, uint32_t index, bool *confirm) MUST_USE;

#endif
