/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms as syslog messages. */
#define _GNU_SOURCE
#include "host/cli/alarm_syslog.h"

#include "host/cli/report.h"

#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Facility 10: security messages. */
enum { FACILITY = 10, SEVERITY_ALERT = 1, SEVERITY_CRITICAL = 2, SEVERITY_WARNING = 4 };
/* The number that RFC 5612 keeps for documentation: whoever has one of its own puts it here. */
#define DATA_ID "edgehsm@32473"

/* ---- the message ---- */

struct line {
    char *text;
    size_t used;
};

static void add(struct line *line, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...) {
    va_list values;
    size_t room = SYSLOG_LINE_MAX - line->used;
    va_start(values, format);
    int size = vsnprintf(line->text + line->used, room, format, values);
    va_end(values);
    line->used += size > 0 ? ((size_t)size < room ? (size_t)size : room - 1) : 0;
}

static void add_time(struct line *line, uint64_t seconds) {
    char text[32];
    time_t time = (time_t)seconds;
    struct tm parts;
    if (seconds == 0 || gmtime_r(&time, &parts) == NULL) {
        add(line, "-");
        return;
    }
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    add(line, "%s", text);
}

/* A value of structured data: RFC 5424, 6.3.3 escapes three signs. */
static void add_value(struct line *line, const char *name, const char *value) {
    add(line, " %s=\"", name);
    for (; *value != 0; value++) {
        add(line, strchr("\"\\]", *value) != NULL ? "\\%c" : "%c", *value);
    }
    add(line, "\"");
}

static void add_number(struct line *line, const char *name, uint64_t value) {
    add(line, " %s=\"%llu\"", name, (unsigned long long)value);
}

static void add_data(struct line *line, const struct alarm_feed *feed, const struct alarm *alarm) {
    char label[4 * ALARM_LABEL_MAX + 1], actions[40];
    report_clean(bytes_of(alarm->label, alarm->label_size), label, sizeof(label));
    alarm_actions_text(alarm->actions, actions);
    add(line, "[" DATA_ID);
    add_value(line, "kind", alarm_name(alarm->kind));
    add_number(line, "number", alarm->number);
    add_number(line, "boot", feed->boot);
    add_number(line, "uptime", alarm->uptime_ms / 1000);
    if (alarm->time != 0) {
        add_number(line, "time", alarm->time);
    }
    add_number(line, "slot", alarm->slot);
    add_value(line, alarm->kind < ALARM_OF_KEYS ? "key" : "token", label);
    add(line, " object=\"%016llx\"", (unsigned long long)alarm->object);
    add_number(line, "uid", alarm->uid);
    add_number(line, "count", alarm->count);
    add_number(line, "usual", alarm->usual);
    add_number(line, "period", alarm->period_s);
    add_value(line, "actions", actions);
    add(line, "]");
}

static void add_host(struct line *line) {
    char host[256] = "-";
    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == 0) {
        snprintf(host, sizeof(host), "-");
    }
    add(line, " %s ", host);
}

size_t alarm_syslog_line(const struct alarm_feed *feed, const struct alarm *alarm, uint64_t now,
                         char out[SYSLOG_LINE_MAX]) {
    char words[4 * ALARM_WORDS_MAX + 1];
    struct line line = {out, 0};
    int severity = (alarm->actions & ACTION_SUSPEND) != 0 ? SEVERITY_ALERT
                   : (alarm->actions & ACTION_ALERT) != 0 ? SEVERITY_CRITICAL
                                                          : SEVERITY_WARNING;
    alarm_text(alarm, words);
    add(&line, "<%d>1 ", FACILITY * 8 + severity);
    add_time(&line, now);
    add_host(&line);
    add(&line, "edgehsm %d alarm ", (int)getpid());
    add_data(&line, feed, alarm);
    bool plain = true;
    for (const char *at = words; *at != 0; at++) {
        plain = plain && (unsigned char)*at < 0x80;
    }
    add(&line, " %s%s", plain ? "" : "\xef\xbb\xbf", words);
    return line.used;
}

/* ---- the address ---- */

static enum status read_net(const struct cli *cli, const char *address, const char *rest,
                            struct alarm_syslog *syslog) {
    const char *colon = strrchr(rest, ':');
    size_t size = colon == NULL ? 0 : (size_t)(colon - rest);
    bool bracketed = size > 2 && rest[0] == '[' && rest[size - 1] == ']';
    if (bracketed) {
        rest++;
        size -= 2;
    }
    if (colon == NULL || size == 0 || size >= sizeof(syslog->host) || colon[1] == 0 ||
        strlen(colon + 1) >= sizeof(syslog->port)) {
        return report_usage(cli, "--syslog takes udp:HOST:PORT, tcp:HOST:PORT or /PATH, not '%s'",
                            address);
    }
    snprintf(syslog->host, sizeof(syslog->host), "%.*s", (int)size, rest);
    snprintf(syslog->port, sizeof(syslog->port), "%s", colon + 1);
    return STATUS_OK;
}

enum status alarm_syslog_start(const struct cli *cli, const char *address,
                               struct alarm_syslog *syslog) {
    *syslog = (struct alarm_syslog){.kind = SYSLOG_UNIX, .socket = -1};
    if (strncmp(address, "udp:", 4) == 0 || strncmp(address, "tcp:", 4) == 0) {
        syslog->kind = address[0] == 'u' ? SYSLOG_UDP : SYSLOG_TCP;
        return read_net(cli, address, address + 4, syslog);
    }
    const char *path = strncmp(address, "unix:", 5) == 0 ? address + 5 : address;
    if (path[0] != '/' || strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
        return report_usage(cli, "--syslog takes udp:HOST:PORT, tcp:HOST:PORT or /PATH, not '%s'",
                            address);
    }
    snprintf(syslog->host, sizeof(syslog->host), "%s", path);
    return STATUS_OK;
}

void alarm_syslog_end(struct alarm_syslog *syslog) {
    if (syslog->socket >= 0) {
        close(syslog->socket);
    }
    syslog->socket = -1;
}

/* ---- sending ---- */

static int connect_unix(const char *path) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bytes_copy((uint8_t *)to.sun_path, bytes_of(path, strnlen(path, sizeof(to.sun_path) - 1)));
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int connect_net(const struct alarm_syslog *syslog) {
    const struct timeval patience = {.tv_sec = 5};
    struct addrinfo hints = {
        .ai_socktype = syslog->kind == SYSLOG_UDP ? SOCK_DGRAM : SOCK_STREAM};
    struct addrinfo *list = NULL;
    int fd = -1;
    if (getaddrinfo(syslog->host, syslog->port, &hints, &list) != 0) {
        return -1;
    }
    for (const struct addrinfo *one = list; one != NULL && fd < 0; one = one->ai_next) {
        fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        }
        if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* A receiver that closed its end takes nothing more: what is written then is lost silently. */
static void notice_end(struct alarm_syslog *syslog) {
    char byte = 0;
    if (syslog->kind == SYSLOG_TCP && syslog->socket >= 0 &&
        recv(syslog->socket, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0) {
        alarm_syslog_end(syslog);
    }
}

static bool send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

static bool send_line(struct alarm_syslog *syslog, const char *line, size_t size) {
    char framed[SYSLOG_LINE_MAX + 16];
    if (syslog->kind != SYSLOG_TCP) {
        return send(syslog->socket, line, size, MSG_NOSIGNAL) == (ssize_t)size;
    }
    int head = snprintf(framed, 16, "%zu ", size);
    memcpy(framed + head, line, size);
    return send_all(syslog->socket, framed, size + (size_t)head);
}

bool alarm_syslog_send(void *context, const struct alarm_feed *feed, const struct alarm *alarm) {
    struct alarm_syslog *syslog = context;
    char line[SYSLOG_LINE_MAX];
    size_t size = alarm_syslog_line(feed, alarm, (uint64_t)time(NULL), line);
    notice_end(syslog);
    for (int turn = 0; turn < 2; turn++) { /* once more where the receiver was started anew */
        if (syslog->socket < 0) {
            syslog->socket =
                syslog->kind == SYSLOG_UNIX ? connect_unix(syslog->host) : connect_net(syslog);
        }
        if (syslog->socket >= 0 && send_line(syslog, line, size)) {
            syslog->sent++;
            return true;
        }
        alarm_syslog_end(syslog);
    }
    syslog->failed++;
    return false;
}
