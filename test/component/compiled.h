/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled form of a policy's text, for tests that see the core. */
#ifndef TEST_COMPONENT_COMPILED_H
#define TEST_COMPONENT_COMPILED_H

#include "base/bytes.h"

/* The form, until the next call; fails the test where the text is no policy. */
struct bytes compiled_policy(const char *text);

#endif
