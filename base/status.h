/* SPDX-License-Identifier: Apache-2.0 */
/* The one result type, the same on the wire, in the log and in the API. Rows: base/status.def. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include "base/compiler.h"

#include <stdint.h>

enum status {
#define STATUS(name, number, ck_rv, text, advice) STATUS_##name = (number),
#include "base/status.def"
#undef STATUS
};

/* One row of base/status.def. */
struct status_row {
    enum status status;
    const char *name;
    uint32_t ck_rv;     /* what a PKCS#11 caller gets */
    const char *text;   /* what happened */
    const char *advice; /* what to do next; empty where there is nothing to do */
};

/* The row of a status; that of STATUS_INTERNAL for a number no row has. */
const struct status_row *status_row(uint32_t number) MUST_USE;

/* What a PKCS#11 caller gets for a status: the row's ck_rv. */
uint32_t status_ck_rv(enum status status) MUST_USE;

/* Returns from the calling function when `expr` is not STATUS_OK. */
#define TRY(expr)                        \
    do {                                 \
        enum status try_status = (expr); \
        if (try_status != STATUS_OK) {   \
            return try_status;           \
        }                                \
    } while (0)

#endif
