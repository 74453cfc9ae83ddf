/* SPDX-License-Identifier: Apache-2.0 */
/* A cryptographic library of which one call fails, as when it has no memory left. It stands between
 * the core and crypto/ (the linker's --wrap, see the meson.build), so that the module under test is
 * the real one. */
#ifndef TEST_COMPONENT_BROKEN_H
#define TEST_COMPONENT_BROKEN_H

#include "crypto/crypto.h"

/* The nth call from now fails with MEMORY, once; 0: none. */
void broken_fail(uint64_t nth);
/* Whether the failure armed last has come; also after it was disarmed. */
bool broken_came(void) MUST_USE;
/* Whether this call is the one; for what stands in the place of a library's function. */
bool broken_fails(void) MUST_USE;

#endif
