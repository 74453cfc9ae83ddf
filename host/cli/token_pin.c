/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm token pin: new PINs. */
#include "base/wipe.h"
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/token.h"

struct token_pin_given {
    bool reset;
    bool officer;
    const char *new_file;
};

static enum status new_pin(const struct cli *cli, const struct token_pin_given *given,
                           struct pin *pin) {
    return given->new_file
               ? pin_from_file(cli, given->new_file, pin)
               : pin_ask(cli, given->officer ? "new PIN of the officer" : "new PIN", true, pin);
}

/* The officer sets the user's PIN, which unlocks it. */
static enum status pin_reset(struct cli *cli, const struct token_pin_given *given) {
    struct pin fresh;
    WIPE_AT_END(fresh, sizeof(fresh));
    TRY(session_start(cli, SESSION_OFFICER, true));
    TRY(new_pin(cli, given, &fresh));
    const struct pin_init_req request = {.session = cli->session, .pin = pin_bytes(&fresh)};
    struct pin_init_rep reply;
    return session_call(cli, COMMAND_pin_init, &request, &reply, "set the user PIN");
}

/* Where no PIN is set there is none to change. */
static enum status pin_is_there(struct cli *cli) {
    const struct token_info_req request = {.slot = cli->slot};
    struct token_info_rep info;
    TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe the token"));
    if ((info.flags & TOKEN_USER_PIN_SET) != 0) {
        return STATUS_OK;
    }
    return report_failure(cli, STATUS_PIN_NOT_SET,
                          (struct reason){NULL, "the security officer sets the first one: edgehsm "
                                                "token pin --reset"},
                          "change the user PIN of token '%s'", cli->label);
}

/* Whose PIN it is depends on who is logged in: the officer logs in first. The user need not: the
 * old PIN says enough. */
static enum status pin_change(struct cli *cli, const struct token_pin_given *given) {
    struct pin old, fresh;
    WIPE_AT_END(old, sizeof(old));
    WIPE_AT_END(fresh, sizeof(fresh));
    TRY(session_start(cli, SESSION_PUBLIC, true));
    TRY(given->officer ? STATUS_OK : pin_is_there(cli));
    TRY(pin_get(cli, given->officer ? PIN_OFFICER : PIN_USER, &old));
    if (given->officer) {
        TRY(session_login(cli, USER_SO, pin_bytes(&old)));
    }
    TRY(new_pin(cli, given, &fresh));
    const struct pin_set_req request = {
        .session = cli->session, .old_pin = pin_bytes(&old), .new_pin = pin_bytes(&fresh)};
    struct pin_set_rep reply;
    return session_call(cli, COMMAND_pin_set, &request, &reply, "change the PIN");
}

enum status token_pin_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct token_pin_given given = {0};
    const struct option_row rows[] = {
        {"reset", 0, NULL, "the security officer sets a new user PIN", &given.reset, NULL, NULL},
        {"officer", 0, NULL, "change the security officer's own PIN", &given.officer, NULL, NULL},
        {"new-pin-file", 0, "FILE", "read the new PIN from a file's first line", NULL,
         &given.new_file, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (given.reset && given.officer) {
        return report_usage(cli, "--reset is for the user PIN; leave out --officer");
    }
    TRY(given.reset ? pin_reset(cli, &given) : pin_change(cli, &given));
    struct json_object *object = json_object_new_object();
    output_text(object, "token", cli->label);
    output_text(object, "changed", given.officer ? "the security officer's PIN" : "the user PIN");
    output_object(cli, object);
    return STATUS_OK;
}
