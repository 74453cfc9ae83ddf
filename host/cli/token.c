/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm token: its words, and the list of tokens. */
#include "host/cli/token.h"

#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/settings.h"

#include <stdio.h>

static const struct verb words_of_token[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/token_verbs.def"
#undef VERB
};

enum status token_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_token, COUNT(words_of_token),
                                            &words_of_token[0]};
    return verb_descend(cli, self, &words, argc, argv);
}

static const char *pin_text(uint32_t flags, uint32_t set, uint32_t locked, uint32_t left,
                            char out[48]) {
    if (set != 0 && (flags & set) == 0) {
        return "not set";
    }
    if ((flags & locked) != 0) {
        return "locked";
    }
    snprintf(out, 48, "%u tries left", (unsigned)left);
    return out;
}

static struct json_object *row_make(const struct token_info_rep *info) {
    char label[33], peers[512], text[48];
    struct settings settings;
    struct json_object *row = json_object_new_object();
    settings_read(info, &settings);
    settings_peers_text(&settings, peers, sizeof(peers));
    session_label(info->label, label);
    output_text(row, "token", label);
    output_text(row, "profile", settings_profile_name(info->profile));
    output_text(row, "access", settings_access_name(info->access));
    output_text(row, "peers", info->access == ACCESS_PEERS ? peers : "-");
    output_text(row, "pin_asked_here", (info->flags & TOKEN_LOGIN_REQUIRED) != 0 ? "yes" : "no");
    output_text(row, "pin",
                pin_text(info->flags, TOKEN_USER_PIN_SET, TOKEN_USER_PIN_LOCKED,
                         info->user_tries_left, text));
    output_text(row, "officer_pin",
                pin_text(info->flags, 0, TOKEN_SO_PIN_LOCKED, info->so_tries_left, text));
    output_text(row, "verify_signatures",
                (info->options & OPTION_VERIFY_SIGNATURES) != 0 ? "on" : "off");
    output_text(row, "durable_log", (info->options & OPTION_DURABLE_LOG) != 0 ? "on" : "off");
    output_number(row, "log_each", options_log_each(info->options));
    output_number(row, "objects", info->objects);
    output_bytes(row, "serial", info->serial);
    return row;
}

static enum status rows_add(struct cli *cli, struct json_object *rows) {
    const struct slot_list_req request = {};
    struct slot_list_rep list;
    TRY(session_call(cli, COMMAND_slot_list, &request, &list, "list the tokens"));
    for (uint32_t slot = 0; slot < list.slots && slot < 32; slot++) {
        const struct token_info_req info_request = {.slot = slot};
        struct token_info_rep info;
        if ((list.initialized >> slot & 1) != 0) {
            TRY(session_call(cli, COMMAND_token_info, &info_request, &info, "describe a token"));
            json_object_array_add(rows, row_make(&info));
        }
    }
    return STATUS_OK;
}

enum status token_list_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const char *const columns[] = {"token", "profile",     "access",  "peers",
                                          "pin",   "officer_pin", "objects", NULL};
    struct arguments arguments = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_connect(cli));
    struct json_object *rows = json_object_new_array();
    enum status status = rows_add(cli, rows);
    if (status != STATUS_OK) {
        json_object_put(rows);
        return status;
    }
    if (json_object_array_length(rows) == 0 && !cli->json) {
        json_object_put(rows);
        report_talk(cli, "The module holds no token yet.\n\nnext: edgehsm init");
        return STATUS_OK;
    }
    output_table(cli, rows, columns);
    return STATUS_OK;
}
