/* SPDX-License-Identifier: Apache-2.0 */
/* What every command that makes objects does alike. */
#ifndef CORE_COMMAND_CREATION_H
#define CORE_COMMAND_CREATION_H

#include "core/command/module.h"

/* Begins the draft of an object that this session makes: profile and role are the session's own.
 * The statuses of draft_begin and access_may_write. */
enum status creation_begin(struct call *call, struct draft *draft, struct draft_origin *origin,
                           struct bytes template) MUST_USE;

/* Finishes the first draft of the call with these parts, in call->attributes. Pure. */
enum status creation_finish(struct call *call, const struct key_parts *parts) MUST_USE;
/* The same for the second draft (private half of a pair), in call->attributes_private. */
enum status creation_finish_private(struct call *call, const struct key_parts *parts) MUST_USE;

/* Adds the call's first draft as an object; fills its handle. Keeps call->status when compute
 * failed. */
enum status creation_commit(struct call *call, uint64_t *handle) MUST_USE;

/* Room for key material, wiped after the call. */
struct span creation_room(struct call *call) MUST_USE;

#endif
