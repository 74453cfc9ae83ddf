/* SPDX-License-Identifier: Apache-2.0 */
/* Lines with the time: 2026-11-26T02:30:11.123Z text */
#define _GNU_SOURCE
#include "demo/gateway/journal.h"

#include <stdio.h>
#include <time.h>

void journal(const char *format, ...) {
    char text[JOURNAL_MAX], when[32] = "";
    struct timespec now;
    struct tm parts;
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (clock_gettime(CLOCK_REALTIME, &now) == 0 && gmtime_r(&now.tv_sec, &parts) != NULL) {
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &parts);
    }
    printf("%s.%03dZ %s\n", when, (int)(now.tv_nsec / 1000000), text);
    fflush(stdout);
}
