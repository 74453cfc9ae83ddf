/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with padding (RFC 4648 section 4); one valid encoding of each input. */
#ifndef PROTO_BASE64_H
#define PROTO_BASE64_H

#include "base/bytes.h"
#include "base/status.h"

/* Characters that `size` bytes make. */
#define BASE64_SIZE(size) (((size) + 2) / 3 * 4)

/* Writes BASE64_SIZE(data.size) characters to `out`, no zero byte; returns their number. */
size_t base64_write(struct bytes data, char *out);
/* Reads; fills out->size. STATUS_DATA_INVALID: a character, padding or unused bit that the encoding
 * does not have; STATUS_TOO_LARGE: more than fits. */
enum status base64_read(struct bytes text, struct span *out) MUST_USE;

#endif
