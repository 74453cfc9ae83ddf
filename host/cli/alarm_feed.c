/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms as they come. */
#include "host/cli/alarm_feed.h"

#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>

enum status alarm_feed_connect(struct cli *cli) {
    if (cli->client != NULL && client_alive(cli->client)) {
        return STATUS_OK;
    }
    if (cli->client != NULL) {
        client_close(cli->client);
        cli->client = NULL;
    }
    cli->address = client_address(cli->module);
    return client_open(&cli->client, cli->address);
}

static bool pass_on(const struct alarm_feed *feed, const struct alarm_taker *takers, size_t count,
                    const struct alarm *alarm) {
    bool taken = true;
    for (size_t i = 0; i < count && taken; i++) {
        taken = takers[i].take(takers[i].context, feed, alarm);
    }
    return taken;
}

/* Numbers begin anew when the module did; what it told before is in its log. */
static void follow_start(struct alarm_feed *feed, uint32_t boot) {
    if (boot != feed->boot) {
        feed->boot = boot;
        feed->next = 1;
    }
}

enum status alarm_feed_ask(struct alarm_feed *feed, const struct alarm_taker *takers,
                           size_t taker_count, struct alarm_list_rep *reply) {
    struct alarm alarm;
    uint32_t before = feed->boot;
    struct alarm_list_req request = {.from = feed->boot == 0 ? 1 : feed->next};
    TRY(alarm_feed_connect(feed->cli));
    TRY(session_ask(feed->cli, COMMAND_alarm_list, &request, reply));
    follow_start(feed, reply->boot);
    if (before != 0 && before != reply->boot) {
        request.from = 1;
        TRY(session_ask(feed->cli, COMMAND_alarm_list, &request, reply));
    }
    struct bytes rows = reply->rows;
    while (alarm_read(&rows, &alarm) == STATUS_OK) {
        if (!pass_on(feed, takers, taker_count, &alarm)) {
            return STATUS_OK;
        }
        feed->missed += alarm.number - feed->next;
        feed->next = alarm.number + 1ull;
    }
    return STATUS_OK;
}

void alarm_text(const struct alarm *alarm, char out[4 * ALARM_WORDS_MAX + 1]) {
    uint8_t room[ALARM_WORDS_MAX];
    struct text text = text_in((struct span){room, sizeof(room)});
    alarm_words(alarm, &text);
    report_clean(bytes_of(room, text.used), out, 4 * ALARM_WORDS_MAX + 1);
}

void alarm_actions_text(uint32_t actions, char out[40]) {
    static const char *const names[] = {"log", "alert", "throttle", "suspend"};
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < COUNT(names); i++) {
        if ((actions >> i & 1) != 0) {
            used += (size_t)snprintf(out + used, 40 - used, "%s%s", used == 0 ? "" : ",", names[i]);
        }
    }
}
