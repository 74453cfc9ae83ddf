/* SPDX-License-Identifier: Apache-2.0 */
/* A message that the module signs under the policy of its key. */
#ifndef HOST_CLI_SIGN_MESSAGE_H
#define HOST_CLI_SIGN_MESSAGE_H

#include "host/cli/public_key.h"

/* Makes the message of its text (policy_message.h) by the policy that the key is bound to, has it
 * signed, checks what comes back, and writes the COSE_Sign1 to `out`. Tells of every failure. */
enum status sign_message(struct cli *cli, const struct key_pair *pair, const char *text,
                         const char *out) MUST_USE;

#endif
