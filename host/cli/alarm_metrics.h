/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, as Prometheus text over HTTP/1.0 on a socket of this machine: for curl
 * --unix-socket, or a proxy that a collector asks. */
#ifndef HOST_CLI_ALARM_METRICS_H
#define HOST_CLI_ALARM_METRICS_H

#include "host/cli/alarm_feed.h"

enum { METRICS_TEXT_MAX = 16384 };

struct alarm_metrics {
    int socket; /* -1: none */
    char path[108];
};

/* Listens at `path`, in place of a socket that is left there; mode 0660. Told on failure: USAGE
 * where the path is too long, FILE_WRITE. */
enum status alarm_metrics_start(const struct cli *cli, const char *path,
                                struct alarm_metrics *metrics) MUST_USE;
/* Ends, and removes the socket. */
void alarm_metrics_end(struct alarm_metrics *metrics);

/* Waits for `ms` for somebody who asks, and answers with the text that `make` makes. A caller that
 * is slow gets a second. Whether somebody was answered. */
bool alarm_metrics_answer(const struct alarm_metrics *metrics, int ms,
                          size_t (*make)(void *context, char out[METRICS_TEXT_MAX]), void *context);

/* The text, of what the module replied; NULL: it does not answer. Returns its size. */
size_t alarm_metrics_text(const struct alarm_list_rep *alarms, char out[METRICS_TEXT_MAX]);

#endif
