/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for collectors. */
#define _GNU_SOURCE
#include "host/cli/alarm_metrics.h"

#include "host/cli/report.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* ---- the text ---- */

struct page {
    char *text;
    size_t used;
};

static void add(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct page *page, const char *format, ...) {
    va_list values;
    size_t room = METRICS_TEXT_MAX - page->used;
    va_start(values, format);
    int size = vsnprintf(page->text + page->used, room, format, values);
    va_end(values);
    page->used += size > 0 ? ((size_t)size < room ? (size_t)size : room - 1) : 0;
}

static void head(struct page *page, const char *name, const char *type, const char *help) {
    add(page, "# HELP edgehsm_%s %s\n# TYPE edgehsm_%s %s\n", name, help, name, type);
}

static void add_one(struct page *page, const char *name, const char *type, const char *help,
                    uint64_t value) {
    head(page, name, type, help);
    add(page, "edgehsm_%s %llu\n", name, (unsigned long long)value);
}

static void add_state(struct page *page, const struct alarm_list_rep *alarms) {
    static const char *const names[] = {"factory", "operational", "error", "zeroized"};
    head(page, "state", "gauge", "1 for the state that the module is in.");
    for (uint32_t i = 0; i < COUNT(names); i++) {
        add(page, "edgehsm_state{state=\"%s\"} %d\n", names[i], alarms->state == i);
    }
    add_one(page, "starts_total", "counter", "Starts of the module, ever.", alarms->boot);
    add_one(page, "uptime_seconds", "gauge", "Seconds since the module started.",
            alarms->uptime_ms / 1000);
    add_one(page, "log_records_total", "counter", "Records in the audit log, ever.",
            alarms->log_size);
    add_one(page, "log_free_records", "gauge", "Records for which the log has room.",
            alarms->log_space);
    add_one(page, "log_lost_total", "counter", "Records that the log lost or had no room for.",
            alarms->log_lost);
}

static void add_alarms(struct page *page, const struct alarm_list_rep *alarms) {
    head(page, "alarms_total", "counter", "Alarms since the module started.");
    for (uint32_t kind = 1; kind < ALARM_KINDS && 4 * kind + 4 <= alarms->kinds.size; kind++) {
        add(page, "edgehsm_alarms_total{kind=\"%s\"} %u\n", alarm_name(kind),
            (unsigned)load_u32(alarms->kinds.data + 4 * kind));
    }
    head(page, "alarm_on", "gauge", "1 while an alarm of the kind is on.");
    for (uint32_t kind = 1; kind < ALARM_KINDS; kind++) {
        add(page, "edgehsm_alarm_on{kind=\"%s\"} %u\n", alarm_name(kind),
            (unsigned)(alarms->on >> kind & 1));
    }
    head(page, "commands_total", "counter", "Commands since the module started.");
    add(page, "edgehsm_commands_total{result=\"done\"} %llu\n", (unsigned long long)alarms->done);
    add(page, "edgehsm_commands_total{result=\"refused\"} %llu\n",
        (unsigned long long)alarms->refused);
    add_one(page, "wrong_pins_total", "counter", "Wrong PINs since the module started.",
            alarms->wrong_pins);
}

size_t alarm_metrics_text(const struct alarm_list_rep *alarms, char out[METRICS_TEXT_MAX]) {
    struct page page = {out, 0};
    add_one(&page, "up", "gauge", "1 while the module answers.", alarms != NULL);
    if (alarms != NULL) {
        add_state(&page, alarms);
        add_alarms(&page, alarms);
    }
    return page.used;
}

/* ---- the socket ---- */

static enum status fail(const struct cli *cli, const char *path) {
    return report_failure(cli, STATUS_FILE_WRITE, (struct reason){strerror(errno), NULL},
                          "listen at '%s'", path);
}

/* A socket that nobody listens at any more; anything else is left alone. */
static void remove_old(const char *path) {
    struct stat what;
    if (lstat(path, &what) == 0 && S_ISSOCK(what.st_mode)) {
        unlink(path);
    }
}

enum status alarm_metrics_start(const struct cli *cli, const char *path,
                                struct alarm_metrics *metrics) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const size_t size = strlen(path);
    metrics->socket = -1;
    if (size >= sizeof(at.sun_path) || size >= sizeof(metrics->path)) {
        return report_usage(cli, "the path of a socket has %zu bytes at most, not '%s'",
                            sizeof(at.sun_path) - 1, path);
    }
    memcpy(at.sun_path, path, size + 1);
    memcpy(metrics->path, path, size + 1);
    remove_old(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail(cli, path);
    }
    if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || chmod(path, 0660) != 0 ||
        listen(fd, 8) != 0) {
        enum status status = fail(cli, path);
        close(fd);
        return status;
    }
    metrics->socket = fd;
    return STATUS_OK;
}

void alarm_metrics_end(struct alarm_metrics *metrics) {
    if (metrics->socket >= 0) {
        close(metrics->socket);
        unlink(metrics->path);
    }
    metrics->socket = -1;
}

/* ---- HTTP ---- */

/* Up to the blank line; what is asked for is looked at no closer than its method. */
static bool read_request(int fd, char *request, size_t room) {
    size_t used = 0;
    while (used < room - 1) {
        ssize_t got = recv(fd, request + used, room - 1 - used, 0);
        if (got <= 0) {
            return false;
        }
        used += (size_t)got;
        request[used] = 0;
        if (strstr(request, "\r\n\r\n") != NULL || strstr(request, "\n\n") != NULL) {
            return true;
        }
    }
    return false;
}

static void send_all(int fd, const char *data, size_t size) {
    while (size > 0) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        data += sent;
        size -= (size_t)sent;
    }
}

static void answer(int fd, const char *text, size_t size) {
    const struct timeval patience = {.tv_sec = 1};
    char request[4096], start[160];
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (!read_request(fd, request, sizeof(request))) {
        return;
    }
    bool get = strncmp(request, "GET ", 4) == 0;
    int used = snprintf(start, sizeof(start),
                        "HTTP/1.0 %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                        "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                        get ? "200 OK" : "405 Method Not Allowed", get ? size : (size_t)0);
    send_all(fd, start, (size_t)used);
    send_all(fd, text, get ? size : 0);
}

bool alarm_metrics_answer(const struct alarm_metrics *metrics, int ms,
                          size_t (*make)(void *context, char out[METRICS_TEXT_MAX]),
                          void *context) {
    static char text[METRICS_TEXT_MAX];
    struct pollfd wait = {.fd = metrics->socket, .events = POLLIN};
    if (poll(&wait, 1, ms) <= 0) {
        return false;
    }
    int fd = accept4(metrics->socket, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    answer(fd, text, make(context, text));
    close(fd);
    return true;
}
