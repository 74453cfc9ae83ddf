/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms that a key's policy asks for, put into numbers and told. */
#ifndef CORE_COMMAND_KEY_ALARMS_H
#define CORE_COMMAND_KEY_ALARMS_H

#include "core/command/module.h"

/* Tells those that came up (watch->fresh) for the key of `guard` under the call's policy; stores
 * what must hold over a restart: where the store does not take it now, the next tick tries again,
 * and the key is stopped all the same. */
void key_alarms_tell(struct call *call, struct guard *guard,
                     const struct policy_question *question, const struct policy_watch *watch);

#endif
