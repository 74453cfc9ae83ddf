/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the module itself. */
#include "host/cli/check.h"
#include "host/cli/session.h"

#include <stdarg.h>
#include <stdio.h>

enum { LOG_SPACE_LOW = 10000 };

void check_say(struct check *check, enum check_grade grade, const char *mend, const char *text,
               ...) {
    va_list list;
    va_start(list, text);
    vsnprintf(check->text, sizeof(check->text), text, list);
    va_end(list);
    snprintf(check->mend, sizeof(check->mend), "%s", mend);
    check->grade = grade;
}

static bool reached(struct cli *cli, struct check *check) {
    if (!cli->client) {
        check_say(check, CHECK_FAIL, "", "not known: the module is not reached");
    }
    return cli->client != NULL;
}

void check_daemon(struct cli *cli, struct check *check) {
    cli->address = client_address(cli->module);
    enum status status = client_open(&cli->client, cli->address);
    if (status != STATUS_OK) {
        check_say(check, CHECK_FAIL, status_row((uint32_t)status)->advice, "%s",
                  status_row((uint32_t)status)->text);
        return;
    }
    const struct status_req request = {};
    struct status_rep reply;
    status = session_ask(cli, COMMAND_status, &request, &reply);
    if (status != STATUS_OK) {
        check_say(check, CHECK_FAIL, status_row((uint32_t)status)->advice, "%s",
                  status_row((uint32_t)status)->text);
    } else if (!bytes_equal(reply.version, bytes_of_text(EHSM_VERSION))) {
        check_say(check, CHECK_WARN, "systemctl restart edgehsmd",
                  "it answers, but is version %.*s and this command is %s", (int)reply.version.size,
                  (const char *)reply.version.data, EHSM_VERSION);
    } else {
        check_say(check, CHECK_OK, "", "it answers, version %s, form %.*s%s", EHSM_VERSION,
                  (int)reply.form.size, (const char *)reply.form.data,
                  bytes_equal(reply.form, bytes_of_text("chip")) ? "; its line stands" : "");
    }
}

void check_state(struct cli *cli, struct check *check) {
    const struct status_req request = {};
    struct status_rep reply;
    if (!reached(cli, check)) {
        return;
    }
    enum status status = session_ask(cli, COMMAND_status, &request, &reply);
    if (status != STATUS_OK || reply.state == STATE_ERROR || reply.state == STATE_ZEROIZED) {
        uint32_t number = status != STATUS_OK ? (uint32_t)status : reply.reason;
        const char *mend =
            reply.state == STATE_ZEROIZED ? "edgehsm init" : status_row(number)->advice;
        check_say(check, CHECK_FAIL, mend, "%s",
                  reply.state == STATE_ZEROIZED ? "zeroized" : status_row(number)->text);
    } else {
        check_say(check, CHECK_OK, "", "self tests and store are right");
    }
}

void check_token(struct cli *cli, struct check *check) {
    const struct slot_list_req request = {};
    struct slot_list_rep list;
    if (!reached(cli, check)) {
        return;
    }
    enum status status = session_ask(cli, COMMAND_slot_list, &request, &list);
    if (status != STATUS_OK) {
        check_say(check, CHECK_FAIL, status_row((uint32_t)status)->advice, "%s",
                  status_row((uint32_t)status)->text);
    } else if (list.initialized == 0) {
        check_say(check, CHECK_WARN, "edgehsm init", "there is no token yet");
    } else {
        check_say(check, CHECK_OK, "", "%d initialised", __builtin_popcount(list.initialized));
    }
}

void check_root(struct cli *cli, struct check *check) {
    const struct status_req request = {};
    struct status_rep reply;
    if (!reached(cli, check)) {
        return;
    }
    if (session_ask(cli, COMMAND_status, &request, &reply) != STATUS_OK) {
        check_say(check, CHECK_FAIL, "", "the module does not tell");
    } else {
        check_say(check, CHECK_OK, "", "%.*s; %s", (int)reply.root_source.size,
                  (const char *)reply.root_source.data,
                  reply.rollback_protected ? "rollback is noticed" : "no rollback protection");
    }
}

void check_log_space(struct cli *cli, struct check *check) {
    const struct status_req request = {};
    struct status_rep reply;
    if (!reached(cli, check)) {
        return;
    }
    if (session_ask(cli, COMMAND_status, &request, &reply) != STATUS_OK) {
        check_say(check, CHECK_FAIL, "", "the module does not tell");
    } else if (reply.log_space < LOG_SPACE_LOW) {
        check_say(check, CHECK_WARN, "edgehsm log export FILE --release",
                  "room for %llu records is left; a full log stops the use of keys",
                  (unsigned long long)reply.log_space);
    } else {
        check_say(check, CHECK_OK, "", "%llu records, room for %llu more",
                  (unsigned long long)reply.log_size, (unsigned long long)reply.log_space);
    }
}
