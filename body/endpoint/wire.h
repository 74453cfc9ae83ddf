/* SPDX-License-Identifier: Apache-2.0 */
/* The medium of a chip's line: a unix stream socket (an emulated chip) or a serial device. */
#ifndef BODY_ENDPOINT_WIRE_H
#define BODY_ENDPOINT_WIRE_H

#include "base/bytes.h"
#include "base/status.h"

/* Whether `address` ("unix:PATH" or "/dev/...") can be opened again from inside the sandbox. */
bool wire_reopens(const char *address) MUST_USE;
/* Opens it, non-blocking; -1 and errno on failure. A serial device becomes raw, 8 bits, no parity,
 * no flow control, `speed` baud (0: as it is). */
int wire_open(const char *address, unsigned speed) MUST_USE;
/* Reads what is there, at most `room` bytes; 0: nothing now; -1: the other end is gone. */
long wire_read(int fd, uint8_t *to, size_t room) MUST_USE;
/* Writes what fits now; returns how much; -1: the other end is gone. */
long wire_write(int fd, struct bytes bytes) MUST_USE;

#endif
