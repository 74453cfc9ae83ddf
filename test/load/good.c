/* SPDX-License-Identifier: Apache-2.0 */
/* A client that behaves: it works, rests, works. */
#include "test/load/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEPT_OBJECTS = 8, REST_MAX_US = 400000 };

static enum status work(struct caller *caller, const char **what) {
    static uint32_t numbers[KEPT_OBJECTS];
    static uint64_t handles[KEPT_OBJECTS];
    uint32_t choice = caller_random(caller) % 100;
    uint32_t place = caller_random(caller) % KEPT_OBJECTS;
    *what = choice < 50 ? "sign" : choice < 70 ? "MAC" : choice < 90 ? "digest" : "object";
    return choice < 50   ? caller_sign(caller)
           : choice < 70 ? caller_mac(caller)
           : choice < 90 ? caller_digest(caller)
                         : caller_object(caller, &numbers[place], &handles[place]);
}

static void tell(uint32_t number, const char *what, enum status status) {
    snprintf(load->wrong[number], WRONG_TEXT_MAX, "client %u: %s: %s", (unsigned)number, what,
             status == STATUS_INTERNAL ? "a wrong answer" : status_row(status)->name);
}

void good_run(uint32_t number) {
    static struct caller caller;
    const char *what = "connect";
    enum status status = caller_open(&caller, number * 7919 + 17);
    atomic_fetch_add(&load->ready, 1);
    while (status == STATUS_OK && atomic_load(&load->phase) < PHASE_END) {
        usleep(caller_random(&caller) % REST_MAX_US);
        if (atomic_load(&load->phase) == PHASE_START) {
            continue;
        }
        status = work(&caller, &what);
        if (atomic_load(&load->phase) == PHASE_HOSTILE) {
            atomic_fetch_add(&load->rounds[number], 1);
        }
    }
    if (status != STATUS_OK) {
        tell(number, what, status);
    } else {
        caller_close(&caller);
    }
    _exit(status == STATUS_OK ? 0 : 1);
}
