/* SPDX-License-Identifier: Apache-2.0 */
/* A transport that answers client/link.h with what the input says: the module at the other end
 * lies as it likes (P7). */
#ifndef TEST_FUZZ_HOSTILE_LINK_H
#define TEST_FUZZ_HOSTILE_LINK_H

#include "base/bytes.h"

/* What is still to be answered from; where it is empty the module has gone. Replies to hello at
 * the beginning are honest. */
extern struct bytes hostile_input;

#endif
