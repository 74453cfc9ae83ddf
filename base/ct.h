/* SPDX-License-Identifier: Apache-2.0 */
/* Comparison of secrets in constant time. */
#ifndef BASE_CT_H
#define BASE_CT_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* True when the `size` bytes at a and b are equal; time and memory accesses depend on `size` alone.
 */
bool ct_equal(const uint8_t *a, const uint8_t *b, size_t size) MUST_USE;

#endif
