/* SPDX-License-Identifier: Apache-2.0 */
/* A number in flash that a cut leaves with its old or its new value: each write appends one unit to
 * one of two sectors, and counts up how often it was written. */
#ifndef PORT_M33_REGISTER_H
#define PORT_M33_REGISTER_H

#include "port/m33/nor.h"

struct register_value {
    uint32_t writes; /* 0: never written */
    uint32_t value;
};

/* `sector` is the first of the register's two. STORE_IO, INTERNAL. */
enum status register_read(uint32_t sector, struct register_value *value) MUST_USE;
enum status register_write(uint32_t sector, uint32_t value) MUST_USE;

#endif
