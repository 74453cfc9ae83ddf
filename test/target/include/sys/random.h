/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes by chance for test programs on the chip: none of them protects anything. */
#ifndef TEST_TARGET_SYS_RANDOM_H
#define TEST_TARGET_SYS_RANDOM_H

#include <stddef.h>
#include <sys/types.h>

ssize_t getrandom(void *buffer, size_t size, unsigned int flags);

#endif
