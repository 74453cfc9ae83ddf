/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm init: from a module without a token to one that is ready; a second run changes nothing.
 */
#include "base/wipe.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/pairing.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/settings.h"

#include <stdio.h>
#include <unistd.h>

enum { OWN_OPTIONS = 4, SLOTS_MAX = 32, LABEL_MAX = 32 };

struct init_given {
    const char *label;
    const char *form;
    struct pairing_place place;
    struct settings_given settings;
};

/* Where the token is, or will be. */
struct init_slot {
    uint32_t slot;
    bool is_there;
    struct settings settings;
};

static enum status slot_look(struct cli *cli, uint32_t slot, struct init_slot *found) {
    const struct token_info_req request = {.slot = slot};
    struct token_info_rep info;
    char label[33];
    TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe a token"));
    session_label(info.label, label);
    if (strcmp(label, cli->label) == 0) {
        found->slot = slot;
        found->is_there = true;
        settings_read(&info, &found->settings);
    }
    return STATUS_OK;
}

static enum status slot_find(struct cli *cli, struct init_slot *found) {
    const struct slot_list_req request = {};
    struct slot_list_rep list;
    enum status status = session_ask(cli, COMMAND_slot_list, &request, &list);
    if (status != STATUS_OK) {
        return report_failure(cli, status, (struct reason){0}, "set up a token");
    }
    uint32_t free_slot = SLOTS_MAX;
    for (uint32_t slot = 0; slot < list.slots && slot < SLOTS_MAX; slot++) {
        if ((list.initialized >> slot & 1) != 0) {
            TRY(slot_look(cli, slot, found));
        } else if (free_slot == SLOTS_MAX) {
            free_slot = slot;
        }
    }
    if (!found->is_there && free_slot == SLOTS_MAX) {
        return report_failure(
            cli, STATUS_MEMORY,
            (struct reason){"every slot holds a token", "use one that is there: edgehsm token"},
            "set up the token '%s'", cli->label);
    }
    if (!found->is_there) {
        found->slot = free_slot;
    }
    return STATUS_OK;
}

static void result_print(const struct cli *cli, const struct init_slot *at, bool made) {
    char peers[512], label[64];
    struct json_object *object = json_object_new_object();
    snprintf(label, sizeof(label), "%s", cli->label);
    settings_peers_text(&at->settings, peers, sizeof(peers));
    output_text(object, "token", label);
    output_flag(object, "made_now", made);
    output_text(object, "profile", settings_profile_name(at->settings.profile));
    output_text(object, "access", settings_access_name(at->settings.access));
    output_text(object, "let_in_without_a_pin",
                at->settings.access == ACCESS_PEERS ? peers : "nobody");
    output_object(cli, object);
}

/* The officer's PIN: from --so-pin-file, or made at random and written there, or shown once. */
static enum status officer_pin(const struct cli *cli, struct pin *pin, bool *show) {
    *show = false;
    if (cli->so_pin_file && access(cli->so_pin_file, F_OK) == 0) {
        return pin_from_file(cli, cli->so_pin_file, pin);
    }
    TRY(pin_invent(cli, pin));
    if (!cli->so_pin_file) {
        *show = true;
        return STATUS_OK;
    }
    struct pin line = *pin;
    WIPE_AT_END(line, sizeof(line));
    line.data[line.size++] = '\n';
    TRY(file_write(cli, cli->so_pin_file, pin_bytes(&line), 0600));
    report_talk(cli, "The security officer's PIN is new and stands in %s: keep it safe.",
                cli->so_pin_file);
    return STATUS_OK;
}

static enum status user_pin(const struct cli *cli, const struct init_slot *at, struct pin *pin) {
    if (cli->pin_file || cli->pin_fd) {
        return pin_get(cli, PIN_USER, pin);
    }
    return at->settings.access == ACCESS_PIN ? pin_ask(cli, "new PIN", true, pin) : STATUS_OK;
}

struct init_pins {
    struct pin officer;
    struct pin user;
};

static enum status token_make(struct cli *cli, const struct init_slot *at,
                              const struct init_pins *pins) {
    const struct token_init_req init = {
        .slot = at->slot, .so_pin = pin_bytes(&pins->officer), .label = bytes_of_text(cli->label)};
    struct token_init_rep made;
    TRY(session_call(cli, COMMAND_token_init, &init, &made, "set up the token"));
    cli->slot = at->slot;
    const struct session_open_req open = {.slot = at->slot, .read_write = 1};
    struct session_open_rep opened;
    TRY(session_call(cli, COMMAND_session_open, &open, &opened, "open a session on the new token"));
    cli->session = opened.session;
    TRY(session_login(cli, USER_SO, pin_bytes(&pins->officer)));
    if (pins->user.size > 0) {
        const struct pin_init_req set = {.session = cli->session, .pin = pin_bytes(&pins->user)};
        struct pin_init_rep done;
        TRY(session_call(cli, COMMAND_pin_init, &set, &done, "set the user PIN"));
    }
    TRY(settings_send(cli, &at->settings));
    const struct logout_req logout = {.session = cli->session};
    struct logout_rep gone;
    return session_call(cli, COMMAND_logout, &logout, &gone, "log out");
}

/* What a new token gets where nothing is said: strict; the group edgehsm and the caller without a
 * PIN, but PIN only where a PIN was given. */
static enum status settings_new(const struct cli *cli, const struct settings_given *given,
                                struct settings *settings) {
    bool pin_given = cli->pin_file || cli->pin_fd;
    settings->access = pin_given && given->peers.count == 0 ? ACCESS_PIN : ACCESS_PEERS;
    TRY(settings_apply(cli, given, settings));
    if (settings->access == ACCESS_PEERS && given->peers.count == 0) {
        return settings_add_default_peers(cli, settings);
    }
    return STATUS_OK;
}

static enum status init_new(struct cli *cli, struct init_slot *at,
                            const struct settings_given *given) {
    struct init_pins pins = {0};
    WIPE_AT_END(pins, sizeof(pins));
    bool show = false;
    TRY(settings_new(cli, given, &at->settings));
    TRY(user_pin(cli, at, &pins.user));
    TRY(officer_pin(cli, &pins.officer, &show));
    TRY(token_make(cli, at, &pins));
    result_print(cli, at, true);
    if (show) {
        fprintf(
            stderr,
            "\nThe security officer's PIN, shown only now: %.*s\n"
            "It changes the rules and resets PINs; using keys does not need it. Write it down.\n",
            (int)pins.officer.size, (const char *)pins.officer.data);
    }
    report_talk(cli, "\nnext: edgehsm key new tls");
    return STATUS_OK;
}

/* A token that is there keeps its rules; options that ask for others are not passed over in
 * silence. */
static enum status init_again(struct cli *cli, const struct init_slot *at,
                              const struct settings_given *given) {
    struct settings wanted = at->settings;
    TRY(settings_apply(cli, given, &wanted));
    if (wanted.profile != at->settings.profile || wanted.access != at->settings.access ||
        wanted.options != at->settings.options) {
        return report_failure(
            cli, STATUS_NAME_TAKEN,
            (struct reason){"it is there already, with other rules",
                            "change them: edgehsm token set --profile ... --access ..."},
            "set up the token '%s'", cli->label);
    }
    result_print(cli, at, false);
    report_talk(cli, "The token is there already; nothing was changed.\n\nnext: edgehsm key list");
    return STATUS_OK;
}

static bool form_is_chip(const struct init_given *given) {
    return given->form && strcmp(given->form, "chip") == 0;
}

static enum status given_check(struct cli *cli, const struct init_given *given) {
    const char *label = given->label ? given->label : cli->token ? cli->token : "edgehsm";
    if (given->form && strcmp(given->form, "process") != 0 && !form_is_chip(given)) {
        return report_usage(cli,
                            "there is no form '%s': 'process' (an isolated daemon) and 'chip' (a "
                            "microcontroller of its own) are",
                            given->form);
    }
    if (!form_is_chip(given) && (given->place.chip || given->place.state)) {
        return report_usage(cli, "--chip and --state belong to --form chip");
    }
    bool right = strlen(label) >= 1 && strlen(label) <= LABEL_MAX;
    for (size_t i = 0; right && label[i] != 0; i++) {
        right = (unsigned char)label[i] >= 0x20 && label[i] != 0x7f;
    }
    if (!right) {
        return report_usage(cli, "a label has 1 to %d bytes and no control characters", LABEL_MAX);
    }
    snprintf(cli->label, sizeof(cli->label), "%s", label);
    return STATUS_OK;
}

enum status init_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct init_given given = {0};
    struct option_row rows[OWN_OPTIONS + SETTINGS_OPTIONS] = {
        {"label", 0, "LABEL", "name of the token (default: edgehsm)", NULL, &given.label, NULL},
        {"form", 0, "FORM", "process: an isolated daemon (default); chip: pairs with a chip first",
         NULL, &given.form, NULL},
        {"chip", 0, "PLACE", "where the chip is: unix:PATH or a serial device", NULL,
         &given.place.chip, NULL},
        {"state", 0, "DIR", "state folder of edgehsm-endpoint", NULL, &given.place.state, NULL},
    };
    settings_rows(&given.settings, rows + OWN_OPTIONS);
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(given_check(cli, &given));
    if (form_is_chip(&given)) {
        TRY(pairing_arrange(cli, &given.place));
    }
    TRY(session_connect(cli));
    struct init_slot at = {0};
    TRY(slot_find(cli, &at));
    return at.is_there ? init_again(cli, &at, &given.settings)
                       : init_new(cli, &at, &given.settings);
}
