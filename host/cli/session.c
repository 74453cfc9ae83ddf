/* SPDX-License-Identifier: Apache-2.0 */
/* Connection, choice of the token, session, login. */
#include "host/cli/session.h"

#include "base/wipe.h"
#include "client/refusal.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"

#include <stdio.h>

#define DEFAULT_LABEL "edgehsm"

enum status session_ask(struct cli *cli, enum command command, const void *request, void *reply) {
    return client_call(cli->client, command, request, reply,
                       (struct span){cli->room, sizeof(cli->room)});
}

/* Why, with the attribute or rule that stood in the way, and the next command, as far as the module
 * says. */
static struct reason reason_read(struct cli *cli, enum command command, enum status status,
                                 char why[512], char next[64]) {
    struct refusal_entry entry;
    char clean[256];
    const char *text = status_row((uint32_t)status)->text;
    refusal_ask(cli->client, command, status, (struct span){cli->room, sizeof(cli->room)}, &entry);
    if (status == STATUS_APPROVAL_NEEDED && entry.object != 0) {
        snprintf(next, 64, "edgehsm approve show %016llx", (unsigned long long)entry.object);
        return (struct reason){NULL, next};
    }
    if (entry.why.size == 0) {
        return (struct reason){NULL, NULL};
    }
    report_clean(entry.why, clean, sizeof(clean));
    snprintf(why, 512, "%s (%s)", text, clean);
    return (struct reason){why, NULL};
}

enum status session_call(struct cli *cli, enum command command, const void *request, void *reply,
                         const char *what) {
    enum status status = session_ask(cli, command, request, reply);
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    char why[512], next[64];
    return report_failure(cli, status, reason_read(cli, command, status, why, next), "%s", what);
}

enum status session_connect(struct cli *cli) {
    if (cli->client) {
        return STATUS_OK;
    }
    cli->address = client_address(cli->module);
    enum status status = client_open(&cli->client, cli->address);
    if (status != STATUS_OK) {
        return report_failure(cli, status, (struct reason){0}, "talk to the module at %s",
                              cli->address);
    }
    return STATUS_OK;
}

void session_label(struct bytes label, char out[33]) {
    while (label.size > 0 && label.data[label.size - 1] == ' ') {
        label.size--;
    }
    report_clean(label, out, 33);
}

/* Counts the tokens and finds the wanted one; *chosen is -1 where it is not there. */
static enum status tokens_search(struct cli *cli, const char *wanted, int *count, int *chosen) {
    const struct slot_list_req list_request = {};
    struct slot_list_rep list;
    TRY(session_call(cli, COMMAND_slot_list, &list_request, &list, "list the tokens"));
    *count = 0;
    *chosen = -1;
    for (uint32_t slot = 0; slot < list.slots && slot < 32; slot++) {
        if ((list.initialized >> slot & 1) == 0) {
            continue;
        }
        const struct token_info_req request = {.slot = slot};
        struct token_info_rep info;
        char label[33];
        TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe a token"));
        session_label(info.label, label);
        if ((!wanted && *count == 0) || strcmp(label, wanted ? wanted : DEFAULT_LABEL) == 0) {
            *chosen = (int)slot;
            memcpy(cli->label, label, sizeof(label));
        }
        *count += 1;
    }
    return STATUS_OK;
}

enum status session_choose(struct cli *cli) {
    int count = 0, chosen = -1;
    TRY(session_connect(cli));
    TRY(tokens_search(cli, cli->token, &count, &chosen));
    if (count == 0) {
        return report_failure(cli, STATUS_TOKEN_NOT_INITIALIZED,
                              (struct reason){"the module holds no token yet", "edgehsm init"},
                              "use the module");
    }
    if (chosen < 0) {
        return report_failure(cli, STATUS_SLOT_INVALID,
                              (struct reason){"there is no token with this label",
                                              "see which there are: edgehsm token"},
                              "use the token '%s'", cli->token);
    }
    if (!cli->token && count > 1 && strcmp(cli->label, DEFAULT_LABEL) != 0) {
        return report_usage(cli,
                            "there are %d tokens: say which one with --token LABEL (edgehsm "
                            "token lists them)",
                            count);
    }
    cli->slot = (uint32_t)chosen;
    return STATUS_OK;
}

enum status session_login(struct cli *cli, enum user user, struct bytes pin) {
    const struct login_req request = {.session = cli->session, .user = (uint32_t)user, .pin = pin};
    struct login_rep reply;
    enum status status = session_ask(cli, COMMAND_login, &request, &reply);
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    const struct token_info_req info_request = {.slot = cli->slot};
    struct token_info_rep info;
    char why[96];
    struct reason reason = {0};
    if (status == STATUS_PIN_INCORRECT &&
        session_ask(cli, COMMAND_token_info, &info_request, &info) == STATUS_OK) {
        uint32_t left = user == USER_SO ? info.so_tries_left : info.user_tries_left;
        snprintf(why, sizeof(why), "the PIN is wrong; tries left: %u", (unsigned)left);
        reason = (struct reason){why, "check the PIN; after too many wrong tries it is locked"};
    }
    return report_failure(cli, status, reason, "log in to token '%s' as %s", cli->label,
                          user == USER_SO ? "its security officer" : "its user");
}

enum status session_confirm(struct cli *cli) {
    struct pin pin;
    WIPE_AT_END(pin, sizeof(pin));
    TRY(pin_get(cli, PIN_USER, &pin));
    return session_login(cli, USER_CONTEXT, pin_bytes(&pin));
}

static enum status user_login(struct cli *cli) {
    const struct token_info_req request = {.slot = cli->slot};
    struct token_info_rep info;
    TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe the token"));
    if ((info.flags & TOKEN_LOGIN_REQUIRED) == 0) {
        return STATUS_OK;
    }
    struct pin pin;
    WIPE_AT_END(pin, sizeof(pin));
    if ((info.flags & TOKEN_USER_PIN_SET) == 0) {
        return report_failure(
            cli, STATUS_NOT_LOGGED_IN,
            (struct reason){"this user is not on the token's list, and no PIN is set",
                            "add the user to the group edgehsm: "
                            "usermod -aG edgehsm USER, then log in anew"},
            "use token '%s'", cli->label);
    }
    TRY(pin_get(cli, PIN_USER, &pin));
    return session_login(cli, USER_USER, pin_bytes(&pin));
}

enum status session_start(struct cli *cli, enum session_role role, bool write) {
    TRY(session_choose(cli));
    const struct session_open_req request = {.slot = cli->slot, .read_write = write ? 1 : 0};
    struct session_open_rep reply;
    TRY(session_call(cli, COMMAND_session_open, &request, &reply, "open a session"));
    cli->session = reply.session;
    if (role == SESSION_USER) {
        return user_login(cli);
    }
    if (role == SESSION_OFFICER) {
        struct pin pin;
        WIPE_AT_END(pin, sizeof(pin));
        TRY(pin_get(cli, PIN_OFFICER, &pin));
        return session_login(cli, USER_SO, pin_bytes(&pin));
    }
    return STATUS_OK;
}

void session_end(struct cli *cli) {
    if (cli->client) {
        client_close(cli->client);
    }
    cli->client = NULL;
}
