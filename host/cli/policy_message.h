/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as people write them, name=value ..., made into what is sent. */
#ifndef HOST_CLI_POLICY_MESSAGE_H
#define HOST_CLI_POLICY_MESSAGE_H

#include "policy/form.h"

#include <stdio.h>

enum { POLICY_MESSAGE_WHY = 160 };

/* Makes a message of its text: fields as NAME=VALUE, where a value is a number, true, false,
 * h'HEX' or text, in quotes where it has blanks; or `cbor HEX`, as it is. Types are those of the
 * values, not of the fields, so that wrong messages can be made too. Fills `out`. STATUS_USAGE:
 * `why` says what is wrong with the text. */
enum status policy_message_make(const struct policy *policy, const char *text, struct span *out,
                                char why[POLICY_MESSAGE_WHY]) MUST_USE;

#endif
