/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm alarms: what the module noticed; and a watch that passes it on as it comes. */
#include "host/cli/alarm_metrics.h"
#include "host/cli/alarm_syslog.h"
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

enum { LOOK_MS = 1000 };

struct watch {
    struct cli *cli;
    struct alarm_feed feed;
    struct alarm_syslog syslog;
    struct alarm_metrics metrics;
    struct alarm_taker takers[2];
    size_t taker_count;
    bool away; /* the module does not answer, and it was said */
};

static volatile sig_atomic_t ended;

static void end(int number) {
    (void)number;
    ended = 1;
}

/* ---- one alarm ---- */

static void add_when(struct json_object *object, const struct alarm *alarm) {
    output_number(object, "uptime_seconds", alarm->uptime_ms / 1000);
    if (alarm->time != 0) {
        output_time(object, "time", alarm->time);
    }
}

static struct json_object *object_of(const struct alarm_feed *feed, const struct alarm *alarm) {
    struct json_object *object = json_object_new_object();
    char words[4 * ALARM_WORDS_MAX + 1], actions[40], serial[24];
    alarm_text(alarm, words);
    alarm_actions_text(alarm->actions, actions);
    output_number(object, "number", alarm->number);
    output_number(object, "start", feed->boot);
    add_when(object, alarm);
    output_text(object, "kind", alarm_name(alarm->kind));
    output_text(object, "what", words);
    output_text(object, "actions", actions);
    output_number(object, "slot", alarm->slot);
    output_bytes(object, "name", bytes_of(alarm->label, alarm->label_size));
    snprintf(serial, sizeof(serial), "%016llx", (unsigned long long)alarm->object);
    output_text(object, "object", serial);
    output_number(object, "uid", alarm->uid);
    output_number(object, "count", alarm->count);
    output_number(object, "usual", alarm->usual);
    output_number(object, "period_seconds", alarm->period_s);
    return object;
}

/* When, for people: by the clock that the token trusts, or since the start. */
static void when_text(const struct alarm *alarm, char out[40]) {
    time_t seconds = (time_t)alarm->time;
    unsigned long long up = alarm->uptime_ms / 1000;
    struct tm parts;
    if (alarm->time != 0 && gmtime_r(&seconds, &parts) != NULL) {
        strftime(out, 40, "%Y-%m-%d %H:%M:%S", &parts);
    } else {
        snprintf(out, 40, "%llud %02llu:%02llu:%02llu after start", up / 86400, up / 3600 % 24,
                 up / 60 % 60, up % 60);
    }
}

static bool print_one(void *context, const struct alarm_feed *feed, const struct alarm *alarm) {
    const struct watch *watch = context;
    if (watch->cli->json) {
        struct json_object *object = object_of(feed, alarm);
        printf("%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
        json_object_put(object);
    } else {
        char words[4 * ALARM_WORDS_MAX + 1], when[40];
        alarm_text(alarm, words);
        when_text(alarm, when);
        printf("%s  %-9s %s\n", when, alarm_name(alarm->kind), words);
    }
    return fflush(stdout) == 0;
}

/* ---- the list ---- */

static bool collect(void *context, const struct alarm_feed *feed, const struct alarm *alarm) {
    json_object_array_add(context, object_of(feed, alarm));
    return true;
}

static enum status list(struct watch *watch) {
    struct alarm_list_rep reply;
    struct json_object *rows = json_object_new_array();
    struct alarm_taker taker = {watch->cli->json ? collect : print_one,
                                watch->cli->json ? (void *)rows : (void *)watch};
    enum status status = session_connect(watch->cli);
    if (status != STATUS_OK) {
        json_object_put(rows);
        return status;
    }
    status = alarm_feed_ask(&watch->feed, &taker, 1, &reply);
    if (status != STATUS_OK) {
        json_object_put(rows);
        return report_failure(watch->cli, status, (struct reason){0}, "list the alarms");
    }
    if (watch->cli->json) {
        output_table(watch->cli, rows, NULL);
        return STATUS_OK;
    }
    json_object_put(rows);
    if (watch->feed.next <= 1) {
        report_talk(watch->cli, "No alarm came up since the module started.");
    } else if (watch->feed.missed > 0) {
        report_talk(watch->cli, "%llu more are in the log only: edgehsm log show",
                    (unsigned long long)watch->feed.missed);
    }
    return STATUS_OK;
}

/* ---- the watch ---- */

static size_t make_numbers(void *context, char out[METRICS_TEXT_MAX]) {
    struct watch *watch = context;
    const struct alarm_list_req newest = {.from = UINT64_MAX};
    struct alarm_list_rep reply;
    bool there = alarm_feed_connect(watch->cli) == STATUS_OK &&
                 session_ask(watch->cli, COMMAND_alarm_list, &newest, &reply) == STATUS_OK;
    return alarm_metrics_text(there ? &reply : NULL, out);
}

/* Says once that the module is away, and once that it is back. */
static void note(struct watch *watch, enum status status) {
    bool away = status != STATUS_OK;
    if (away && !watch->away) {
        report_talk(watch->cli, "The module at %s does not answer; it is asked again each second.",
                    watch->cli->address);
    } else if (!away && watch->away) {
        report_talk(watch->cli, "The module answers again.");
    }
    watch->away = away;
}

static void follow(struct watch *watch) {
    struct alarm_list_rep reply;
    uint64_t missed = 0;
    while (ended == 0) {
        note(watch, alarm_feed_ask(&watch->feed, watch->takers, watch->taker_count, &reply));
        if (watch->feed.missed > missed) {
            report_talk(watch->cli, "%llu came and went between two looks: the log has them.",
                        (unsigned long long)(watch->feed.missed - missed));
            missed = watch->feed.missed;
        }
        if (watch->metrics.socket < 0) {
            poll(NULL, 0, LOOK_MS);
            continue;
        }
        for (int i = 0; i < 10 && ended == 0; i++) {
            alarm_metrics_answer(&watch->metrics, LOOK_MS / 10, make_numbers, watch);
        }
    }
}

static enum status watch_start(struct watch *watch, const char *syslog, const char *metrics) {
    struct sigaction action = {.sa_handler = end};
    if (syslog != NULL) {
        TRY(alarm_syslog_start(watch->cli, syslog, &watch->syslog));
        watch->takers[watch->taker_count++] =
            (struct alarm_taker){alarm_syslog_send, &watch->syslog};
    } else if (metrics == NULL) {
        watch->takers[watch->taker_count++] = (struct alarm_taker){print_one, watch};
    }
    if (metrics != NULL) {
        TRY(alarm_metrics_start(watch->cli, metrics, &watch->metrics));
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    return STATUS_OK;
}

/* Once to a receiver: all that is in the list. */
static enum status send_list(struct watch *watch, const char *address) {
    struct alarm_list_rep reply;
    TRY(session_connect(watch->cli));
    TRY(watch_start(watch, address, NULL));
    enum status status = alarm_feed_ask(&watch->feed, watch->takers, watch->taker_count, &reply);
    if (status != STATUS_OK) {
        return report_failure(watch->cli, status, (struct reason){0}, "list the alarms");
    }
    if (watch->syslog.failed > 0) {
        return report_failure(watch->cli, STATUS_UNREACHABLE,
                              (struct reason){"nobody takes syslog messages there", NULL},
                              "send the alarms to '%s'", address);
    }
    report_talk(watch->cli, "Sent %llu.", (unsigned long long)watch->syslog.sent);
    return STATUS_OK;
}

enum status alarms_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct watch watch;
    const char *syslog = NULL, *metrics = NULL;
    bool on = false;
    const struct option_row rows[] = {
        {"follow", 'f', NULL, "go on: tell each alarm as it comes, until interrupted", &on, NULL,
         NULL},
        {"syslog", 0, "ADDRESS", "send them (RFC 5424) to udp:HOST:PORT, tcp:HOST:PORT or /dev/log",
         NULL, &syslog, NULL},
        {"metrics", 0, "SOCKET", "answer HTTP at this socket with numbers for Prometheus; follows",
         NULL, &metrics, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    watch = (struct watch){.cli = cli,
                           .feed = {.cli = cli, .next = 1},
                           .syslog = {.socket = -1},
                           .metrics = {.socket = -1}};
    if (!on && metrics == NULL) {
        return syslog != NULL ? send_list(&watch, syslog) : list(&watch);
    }
    TRY(watch_start(&watch, syslog, metrics));
    follow(&watch);
    alarm_syslog_end(&watch.syslog);
    alarm_metrics_end(&watch.metrics);
    return STATUS_OK;
}
