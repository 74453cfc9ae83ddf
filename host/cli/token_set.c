/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm token set: other rules for a token. */
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/settings.h"
#include "host/cli/token.h"

static enum status settings_now(struct cli *cli, struct settings *settings, bool *has_pin) {
    const struct token_info_req request = {.slot = cli->slot};
    struct token_info_rep info;
    TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe the token"));
    settings_read(&info, settings);
    *has_pin = (info.flags & TOKEN_USER_PIN_SET) != 0;
    return STATUS_OK;
}

enum status token_set_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct settings_given given = {0};
    struct settings settings;
    struct option_row rows[SETTINGS_OPTIONS];
    char peers[512];
    bool has_pin = false;
    settings_rows(&given, rows);
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (!given.profile && !given.access && !given.verify_signatures && !given.durable_log &&
        !given.log_each && given.peers.count == 0) {
        return report_usage(cli, "say what to change: usage: edgehsm %s", self->synopsis);
    }
    TRY(session_choose(cli));
    TRY(settings_now(cli, &settings, &has_pin));
    TRY(settings_apply(cli, &given, &settings));
    if (settings.access == ACCESS_PEERS && settings.peer_count == 0) {
        TRY(settings_add_default_peers(cli, &settings));
    }
    TRY(session_start(cli, SESSION_OFFICER, true));
    TRY(settings_send(cli, &settings));
    struct json_object *object = json_object_new_object();
    settings_peers_text(&settings, peers, sizeof(peers));
    output_text(object, "token", cli->label);
    output_text(object, "profile", settings_profile_name(settings.profile));
    output_text(object, "access", settings_access_name(settings.access));
    output_text(object, "let_in_without_a_pin", settings.access == ACCESS_PEERS ? peers : "nobody");
    output_flag(object, "verify_signatures", (settings.options & OPTION_VERIFY_SIGNATURES) != 0);
    output_flag(object, "durable_log", (settings.options & OPTION_DURABLE_LOG) != 0);
    output_number(object, "log_each", options_log_each(settings.options));
    output_object(cli, object);
    if (settings.access == ACCESS_PIN && !has_pin) {
        report_talk(cli,
                    "\nNobody can use the token now: it has no user PIN.\n\nnext: edgehsm token "
                    "pin --reset");
    }
    return STATUS_OK;
}
