/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute lists made of an input: entries of attributes that exist with values of likely sizes,
 * or bytes as they come. */
#ifndef TEST_FUZZ_ATTRIBUTE_LIST_H
#define TEST_FUZZ_ATTRIBUTE_LIST_H

#include "proto/attributes.h"
#include "test/fuzz/fuzz.h"

/* Appends to the `used` bytes that lie at to.data; returns the size then. */
size_t attribute_list(struct bytes *input, struct span to, size_t used);

#endif
