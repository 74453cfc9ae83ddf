/* SPDX-License-Identifier: Apache-2.0 */
/* Whether people approved what a command is about to do, where the token has a roles file. */
#ifndef CORE_COMMAND_CONSENT_H
#define CORE_COMMAND_CONSENT_H

#include "core/command/module.h"

/* The roles of the session's token, in the module's scratch, which must not be used meanwhile.
 * NOT_FOUND: it has none. */
enum status consent_roles(struct call *call, struct roles *roles, struct bytes *file) MUST_USE;

/* Who may tell the token the time: the members (a bit set) of the role `time`, each of them alone.
 * Fills *roles as above. TIME_NOBODY: it has no roles, or no such role of threshold 1. */
enum status consent_tellers(struct call *call, struct roles *roles, uint32_t *tellers) MUST_USE;

/* To be asked last in check, with the parameters that `class` has (approval/request.h). OK where
 * the token has no roles, or enough people approved exactly this, which is used up. Else
 * APPROVAL_NEEDED; the call's object is the number of the request that waits. */
enum status consent_ask(struct call *call, enum approval_class class,
                        const struct request_item *items, uint32_t count) MUST_USE;

/* The same for what nobody may do on a token without roles: there it is `without`. */
enum status consent_insist(struct call *call, enum approval_class class,
                           const struct request_item *items, uint32_t count,
                           enum status without) MUST_USE;

/* The same for a message that a policy wants approved by `needs` people of any of its roles: the
 * policy names them, the roles file says who is in them. POLICY_APPROVAL: the token has no roles
 * file, or too few people have these roles. */
struct consent_rule {
    const struct policy *policy;
    const struct policy_rule *rule;
};
enum status consent_ask_for_message(struct call *call, const struct consent_rule *who,
                                    const struct request_item items[5]) MUST_USE;

/* Label and unique id of an object, as parameters that point into its attributes. */
void consent_names(struct bytes attributes, struct request_item items[2]);
/* The same of an object, whose attributes are loaded into `room` (OBJECT_SIZE_MAX bytes; secret).
 */
enum status consent_object(struct call *call, uint32_t index, struct span *room,
                           struct request_item items[2]) MUST_USE;

#endif
