/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms as syslog messages (RFC 5424) with structured data, over UDP (RFC 5426), TCP with counted
 * octets (RFC 6587, 3.4.1), or a datagram socket of this machine such as /dev/log. */
#ifndef HOST_CLI_ALARM_SYSLOG_H
#define HOST_CLI_ALARM_SYSLOG_H

#include "host/cli/alarm_feed.h"

enum { SYSLOG_LINE_MAX = 2048 };

struct alarm_syslog {
    enum { SYSLOG_UDP, SYSLOG_TCP, SYSLOG_UNIX } kind;
    char host[256], port[16]; /* UNIX: its path is the host */
    int socket;               /* -1: not connected */
    uint64_t sent, failed;
};

/* Reads an address: udp:HOST:PORT, tcp:HOST:PORT, unix:PATH or /PATH. A HOST with colons stands in
 * brackets. STATUS_USAGE: it is none; told. */
enum status alarm_syslog_start(const struct cli *cli, const char *address,
                               struct alarm_syslog *syslog) MUST_USE;
void alarm_syslog_end(struct alarm_syslog *syslog);

/* Sends one; connects where that is needed. False: it did not leave. A datagram that left may still
 * be lost on its way: that is how UDP is. */
bool alarm_syslog_send(void *syslog, const struct alarm_feed *feed, const struct alarm *alarm);

/* The message, at `now` (seconds since 1970) from this machine; returns its size. */
size_t alarm_syslog_line(const struct alarm_feed *feed, const struct alarm *alarm, uint64_t now,
                         char out[SYSLOG_LINE_MAX]);

#endif
