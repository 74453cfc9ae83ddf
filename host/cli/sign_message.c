/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm sign --message: a COSE_Sign1 that the module composes. */
#include "host/cli/sign_message.h"

#include "host/cli/file.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/policy_message.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "policy/statement.h"

#include <stdlib.h>

/* Reads the policy that the key is bound to; its texts point into *attributes (free it). */
static enum status read_policy(struct cli *cli, uint64_t key, struct span *attributes,
                               struct policy *policy) {
    static const uint32_t types[] = {(uint32_t)ATTRIBUTE_POLICY, 0xffffffffu};
    struct bytes form;
    TRY(object_get(cli, key, types, attributes));
    if (attributes_find(bytes_of_span(*attributes), ATTRIBUTE_POLICY, &form) != STATUS_OK ||
        form.size == 0) {
        return report_failure(cli, STATUS_KEY_FUNCTION_NOT_PERMITTED,
                              (struct reason){"the key is bound to no policy",
                                              "make one that is: edgehsm key new NAME --policy "
                                              "POLICY"},
                              "sign a message");
    }
    return form_read(form, policy) == STATUS_OK
               ? STATUS_OK
               : report_failure(cli, STATUS_BAD_FRAME, (struct reason){0}, "read the key's policy");
}

/* The module is not trusted by its client either: what it signed must be what was asked for. */
static enum status check_statement(const struct cli *cli, const struct policy *policy,
                                   struct bytes message, struct bytes encoding,
                                   struct statement *statement) {
    uint8_t room[STATEMENT_PAYLOAD_MAX];
    struct span payload = {room, sizeof(room)};
    struct statement_parts parts;
    struct message read;
    if (statement_read(encoding, &parts, statement) == STATUS_OK &&
        message_read(policy, message, &read) == STATUS_OK &&
        message_write(policy, &read, &statement->facts, &payload) == STATUS_OK &&
        bytes_equal(parts.payload, bytes_of_span(payload))) {
        return STATUS_OK;
    }
    return report_failure(cli, STATUS_BAD_FRAME,
                          (struct reason){"what the module signed is not what was asked for", NULL},
                          "take the statement");
}

static void describe(const struct cli *cli, const struct statement *statement, const char *out) {
    struct json_object *object = json_object_new_object();
    output_bytes(object, "statement", bytes_of_text(out));
    output_number(object, "counter", statement->facts.counter);
    output_number(object, "boot", statement->facts.boot);
    output_number(object, "rule", statement->rule);
    output_number(object, "policy_version", statement->version);
    output_hex(object, "policy_hash", statement->policy_hash);
    output_object(cli, object);
}

static enum status sign_by(struct cli *cli, const struct key_pair *pair,
                           const struct policy *policy, const char *text, const char *out) {
    uint8_t room[POLICY_SIZE_MAX];
    struct span encoding = {room, sizeof(room)};
    char why[POLICY_MESSAGE_WHY];
    struct statement statement;
    struct sign_message_rep reply;
    if (policy_message_make(policy, text, &encoding, why) != STATUS_OK ||
        encoding.size > POLICY_CONTENT_MAX) {
        return report_usage(cli, "%s", why[0] != 0 ? why : "the message is too long");
    }
    const struct sign_message_req request = {cli->session, pair->private_key,
                                             bytes_of_span(encoding)};
    TRY(session_call(cli, COMMAND_sign_message, &request, &reply, "sign the message"));
    TRY(check_statement(cli, policy, bytes_of_span(encoding), reply.statement, &statement));
    TRY(file_write(cli, out, reply.statement, 0644));
    if (strcmp(out, "-") != 0) {
        describe(cli, &statement, out);
    }
    return STATUS_OK;
}

enum status sign_message(struct cli *cli, const struct key_pair *pair, const char *text,
                         const char *out) {
    static struct policy policy;
    struct span attributes = {NULL, 0};
    enum status status = read_policy(cli, pair->private_key, &attributes, &policy);
    if (status == STATUS_OK) {
        status = sign_by(cli, pair, &policy, text, out);
    }
    free(attributes.data);
    return status;
}
