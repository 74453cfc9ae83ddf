/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm approve show: a request, from the module or a file, in words made of its parameters. */
#include "host/cli/approve.h"

#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <openssl/sha.h>

static enum status load_encoding(struct cli *cli, const char *place, struct span room,
                                 struct bytes *encoding) {
    uint64_t number = 0;
    if (approve_number_read(place, &number)) {
        TRY(session_start(cli, SESSION_PUBLIC, false));
        const struct approval_get_req request = {cli->session, number};
        struct approval_get_rep reply;
        TRY(session_call(cli, COMMAND_approval_get, &request, &reply, "read the request"));
        *encoding = reply.request;
    } else {
        struct span whole = {0};
        TRY(file_read(cli, place, room.size, &whole));
        bytes_copy(room.data, bytes_of_span(whole));
        *encoding = bytes_of(room.data, whole.size);
        file_free(&whole);
        return STATUS_OK;
    }
    if (encoding->size > room.size) {
        return report_failure(cli, STATUS_TOO_LARGE, (struct reason){0}, "read the request");
    }
    bytes_copy(room.data, *encoding);
    *encoding = bytes_of(room.data, encoding->size);
    return STATUS_OK;
}

enum status approve_request_load(struct cli *cli, const char *place, struct span room,
                                 struct bytes *encoding, struct request *request) {
    TRY(load_encoding(cli, place, room, encoding));
    if (request_read(*encoding, request) != STATUS_OK) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"it is no request for approval",
                                              "edgehsm approve show NUMBER -o FILE"},
                              "read '%s'", place);
    }
    return STATUS_OK;
}

static void add_item(struct json_object *items, const struct request_item *item) {
    char text[REPORT_TEXT_MAX];
    if (item->is_text) {
        report_clean(item->value, text, sizeof(text));
        json_object_array_add(items, json_object_new_string(text));
        return;
    }
    struct json_object *holder = json_object_new_object();
    output_hex(holder, "hex", item->value);
    json_object_array_add(items, holder);
}

static void output_challenge(struct json_object *object, struct bytes encoding) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(encoding.data, encoding.size, hash);
    output_hex(object, "sha256", bytes_of(hash, sizeof(hash)));
}

/* What a request is about besides its words: a whole roles file, a whole policy. */
static void print_rest(struct cli *cli, const struct request *request,
                       const struct policy *policy) {
    struct roles roles;
    if (request->class == APPROVAL_ROLES &&
        roles_read(request->items[0].value, &roles) == STATUS_OK) {
        report_talk(cli, "%s", "");
        approve_roles_print(cli, &roles);
    }
    if (request->class == APPROVAL_POLICY) {
        struct json_object *unused = json_object_new_object();
        report_talk(cli, "%s", "");
        approve_policy_print(cli, unused, policy);
        json_object_put(unused);
    }
}

static enum status print(struct cli *cli, const struct request *request, struct bytes words) {
    static struct policy policy;
    char number[APPROVE_NUMBER_ROOM];
    if (request->class == APPROVAL_POLICY) {
        TRY(approve_policy_read(cli, request, &policy));
    }
    struct json_object *object = json_object_new_object();
    approve_number_text(load_u64(request->id.data), number);
    output_text(object, "request", number);
    output_bytes(object, "asked", words);
    output_text(object, "about", approve_class_name(request->class));
    output_hex(object, "device", request->device);
    output_number(object, "roles_version", request->roles_version);
    if (request->class == APPROVAL_POLICY) {
        approve_policy_add(object, request, &policy);
    }
    if (cli->json) {
        struct json_object *items = json_object_new_array();
        for (uint32_t i = 0; i < request->item_count; i++) {
            add_item(items, &request->items[i]);
        }
        json_object_object_add(object, "parameters", items);
        if (request->class == APPROVAL_POLICY) {
            approve_policy_print(cli, object, &policy);
        }
    }
    output_object(cli, object);
    if (!cli->json) {
        print_rest(cli, request, &policy);
    }
    return STATUS_OK;
}

enum status approve_request_print(struct cli *cli, const struct request *request) {
    uint8_t text[REQUEST_TEXT_MAX];
    struct span words = {text, sizeof(text)};
    if (request_text(request, &words) != STATUS_OK ||
        !bytes_equal(bytes_of_span(words), request->text)) {
        return report_failure(
            cli, STATUS_CHECK_FAILED,
            (struct reason){"its text does not say what its parameters say",
                            "do not approve it; tell whoever is responsible for the device"},
            "show the request");
    }
    return print(cli, request, bytes_of_span(words));
}

static enum status write_policy(struct cli *cli, const struct request *request, const char *path) {
    if (path == NULL) {
        return STATUS_OK;
    }
    if (request->class != APPROVAL_POLICY) {
        return report_usage(cli, "the request is not about a policy");
    }
    return file_write(cli, path, request->items[3].value, 0644);
}

enum status approve_show_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    uint8_t memory[APPROVAL_REQUEST_MAX];
    const char *out = NULL, *policy = NULL;
    const struct option_row rows[] = {
        {"out", 'o', "FILE", "write the request, as people sign it", NULL, &out, NULL},
        {"policy", 0, "FILE", "write the policy that is asked for, for edgehsm policy diff", NULL,
         &policy, NULL},
    };
    struct arguments arguments = {rows, COUNT(rows), 1, 1, NULL, 0};
    struct bytes encoding;
    struct request request;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(approve_request_load(cli, arguments.words[0], (struct span){memory, sizeof(memory)},
                             &encoding, &request));
    TRY(approve_request_print(cli, &request));
    if (!cli->json) {
        struct json_object *object = json_object_new_object();
        output_challenge(object, encoding);
        output_object(cli, object);
    }
    TRY(write_policy(cli, &request, policy));
    if (out == NULL) {
        return STATUS_OK;
    }
    TRY(file_write(cli, out, encoding, 0644));
    report_talk(cli, "\nnext, by each officer: edgehsm approve sign %s -k KEY", out);
    return STATUS_OK;
}
