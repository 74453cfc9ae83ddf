/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm status: how the module is, and honestly what it is worth. */
#include "host/cli/arguments.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/settings.h"
#include "proto/algorithms.h"

#include <stdio.h>

static const char *state_name(uint32_t state) {
    switch (state) {
    case STATE_FACTORY:
        return "factory (no token yet: run edgehsm init)";
    case STATE_OPERATIONAL:
        return "operational";
    case STATE_ERROR:
        return "error";
    case STATE_ZEROIZED:
        return "zeroized";
    default:
        return "unknown";
    }
}

static void use_add(struct json_object *object, const struct status_rep *status) {
    char text[96];
    output_number(object, "starts", status->boot);
    output_number(object, "uptime_seconds", status->uptime_ms / 1000);
    snprintf(text, sizeof(text), "%u of %u", (unsigned)status->objects,
             (unsigned)status->objects_max);
    output_text(object, "objects", text);
    output_number(object, "sessions", status->sessions);
    output_number(object, "connections", status->connections);
    snprintf(text, sizeof(text), "%llu of %llu bytes", (unsigned long long)status->store_used,
             (unsigned long long)status->store_size);
    output_text(object, "store", text);
    output_number(object, "log_records", status->log_size);
    output_number(object, "log_room_for_records", status->log_space);
}

static void worth_add(struct json_object *object, const struct status_rep *status) {
    bool daemon = bytes_equal(status->form, bytes_of_text("daemon"));
    output_bytes(object, "form", status->form);
    output_bytes(object, "root_key", status->root_source);
    output_text(object, "rollback_protection",
                status->rollback_protected
                    ? "yes"
                    : "no rollback protection: an old copy of the store can be "
                      "put back unnoticed");
    if (daemon) {
        output_text(
            object, "protects_against",
            "other users and programs, careless use; a stolen disk as far as the root key is "
            "kept elsewhere");
        output_text(object, "does_not_protect_against", "root and the kernel of this machine");
    } else if (bytes_equal(status->form, bytes_of_text("chip"))) {
        output_text(object, "line", "stands: encrypted, both ends known to each other");
        output_text(object, "protects_against",
                    "copying of keys by anybody on this machine, root and kernel among them; "
                    "probes on the line");
        output_text(object, "does_not_protect_against",
                    "use of keys by whom root lets pass as a user; opening of the chip, glitches "
                    "and power analysis");
    }
}

static enum status tokens_add(struct cli *cli, struct json_object *object) {
    const struct slot_list_req list_request = {};
    struct slot_list_rep list;
    struct json_object *tokens = json_object_new_array();
    json_object_object_add(object, "tokens", tokens);
    TRY(session_call(cli, COMMAND_slot_list, &list_request, &list, "list the tokens"));
    for (uint32_t slot = 0; slot < list.slots && slot < 32; slot++) {
        const struct token_info_req request = {.slot = slot};
        struct token_info_rep info;
        char label[33];
        if ((list.initialized >> slot & 1) == 0) {
            continue;
        }
        TRY(session_call(cli, COMMAND_token_info, &request, &info, "describe a token"));
        session_label(info.label, label);
        struct json_object *token = json_object_new_object();
        output_text(token, "label", label);
        output_text(token, "profile", settings_profile_name(info.profile));
        output_text(token, "access", settings_access_name(info.access));
        output_number(token, "objects", info.objects);
        json_object_array_add(tokens, token);
    }
    return STATUS_OK;
}

/* For people the tokens are lines of their own. */
static void tokens_flatten(struct json_object *object) {
    struct json_object *tokens = json_object_object_get(object, "tokens");
    size_t count = json_object_array_length(tokens);
    json_object_get(tokens);
    json_object_object_del(object, "tokens");
    for (size_t i = 0; i < count; i++) {
        struct json_object *token = json_object_array_get_idx(tokens, i);
        char key[32], text[128];
        snprintf(key, sizeof(key), count == 1 ? "token" : "token_%zu", i + 1);
        snprintf(text, sizeof(text), "%s (profile %s, access by %s, %s objects)",
                 json_object_get_string(json_object_object_get(token, "label")),
                 json_object_get_string(json_object_object_get(token, "profile")),
                 json_object_get_string(json_object_object_get(token, "access")),
                 json_object_get_string(json_object_object_get(token, "objects")));
        output_text(object, key, text);
    }
    json_object_put(tokens);
}

static enum status status_show(struct cli *cli) {
    const struct status_req request = {};
    struct status_rep reply;
    TRY(session_call(cli, COMMAND_status, &request, &reply, "ask for the status"));
    struct json_object *object = json_object_new_object();
    output_text(object, "state", state_name(reply.state));
    if (reply.reason != 0) {
        output_text(object, "reason", status_row(reply.reason)->text);
        output_text(object, "next", status_row(reply.reason)->advice);
    }
    output_bytes(object, "version", reply.version);
    worth_add(object, &reply);
    use_add(object, &reply);
    if (reply.cut_records != 0) {
        output_number(object, "records_cut_by_power_loss", reply.cut_records);
    }
    if (reply.state == STATE_FACTORY || reply.state == STATE_OPERATIONAL) {
        enum status status = tokens_add(cli, object);
        if (status != STATUS_OK) {
            json_object_put(object);
            return status;
        }
        if (!cli->json) {
            tokens_flatten(object);
        }
    }
    output_object(cli, object);
    return STATUS_OK;
}

static void functions_text(uint32_t functions, char *out, size_t room) {
    static const char *const names[] = {"sign",   "verify", "encrypt", "decrypt",  "wrap",
                                        "unwrap", "derive", "digest",  "generate", "generate-pair"};
    size_t used = 0;
    out[0] = 0;
    for (size_t i = 0; i < COUNT(names) && used < room; i++) {
        if ((functions >> i & 1) != 0) {
            used +=
                (size_t)snprintf(out + used, room - used, "%s%s", used == 0 ? "" : ",", names[i]);
        }
    }
}

static enum status mechanisms_show(struct cli *cli) {
    static const char *const columns[] = {"mechanism", "functions", "least_bits", "most_bits",
                                          NULL};
    TRY(session_choose(cli));
    const struct algorithms_req request = {.slot = cli->slot};
    struct algorithms_rep reply;
    TRY(session_call(cli, COMMAND_algorithms, &request, &reply, "list the mechanisms"));
    struct json_object *rows = json_object_new_array();
    for (size_t i = 0; i + 16 <= reply.rows.size; i += 16) {
        const uint8_t *at = reply.rows.data + i;
        const struct algorithm_row *row = algorithm_row(load_u32(at));
        char functions[128];
        struct json_object *object = json_object_new_object();
        functions_text(load_u32(at + 4), functions, sizeof(functions));
        output_text(object, "mechanism", row ? row->name : "unknown");
        output_text(object, "functions", functions);
        output_number(object, "least_bits", load_u32(at + 8));
        bool digest = row != NULL && row->algorithm == ALGORITHM_DIGEST; /* it has hashes there */
        output_number(object, "most_bits", digest ? 0 : load_u32(at + 12));
        json_object_array_add(rows, object);
    }
    output_table(cli, rows, columns);
    return STATUS_OK;
}

enum status status_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    bool mechanisms = false;
    const struct option_row rows[] = {
        {"mechanisms", 0, NULL, "list what the token's profile offers", &mechanisms, NULL, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_connect(cli));
    return mechanisms ? mechanisms_show(cli) : status_show(cli);
}
