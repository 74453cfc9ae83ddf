/* SPDX-License-Identifier: Apache-2.0 */
/* The table of results. */
#include "base/status.h"

#include <stddef.h>

static const struct status_row rows[] = {
#define STATUS(name, number, ck_rv, text, advice) {STATUS_##name, #name, (ck_rv), (text), (advice)},
#include "base/status.def"
#undef STATUS
};

const struct status_row *status_row(uint32_t number) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((uint32_t)rows[i].status == number) {
            return &rows[i];
        }
    }
    return &rows[1];
}

uint32_t status_ck_rv(enum status status) {
    /* Apart from the texts, so that the chip holds none of them. */
    static const struct {
        uint16_t status;
        uint16_t ck_rv;
    } numbers[] = {
#define STATUS(name, number, ck_rv, text, advice) {(number), (ck_rv)},
#include "base/status.def"
#undef STATUS
    };
    if (status == STATUS_OK) {
        return 0;
    }
    /* As long for every failure: the reason of a refused login is not to be told by its time. */
    uint32_t found = numbers[1].ck_rv;
    for (size_t i = 1; i < COUNT(numbers); i++) {
        uint32_t hit = 0u - (uint32_t)(numbers[i].status == (uint16_t)status);
        found = (found & ~hit) | (numbers[i].ck_rv & hit);
    }
    return found;
}
