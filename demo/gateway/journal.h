/* SPDX-License-Identifier: Apache-2.0 */
/* What a program says of its work: a line on stdout with the time before it. */
#ifndef DEMO_GATEWAY_JOURNAL_H
#define DEMO_GATEWAY_JOURNAL_H

#include <stdarg.h>

enum { JOURNAL_MAX = 512 };

__attribute__((format(printf, 1, 2))) void journal(const char *format, ...);

#endif
