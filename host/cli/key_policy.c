/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key policy, key limit: another policy for a key, other limits. What lets it do more waits
 * for people. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/key_limit.h"
#include "host/cli/object.h"
#include "host/cli/policy.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdlib.h>

static enum status set(struct cli *cli, uint64_t handle, struct bytes template, const char *what) {
    const struct object_set_req request = {cli->session, handle, template};
    struct object_set_rep reply;
    return session_call(cli, COMMAND_object_set, &request, &reply, what);
}

/* ---- policy ---- */

static enum status exchange(struct cli *cli, const char *name,
                            const struct policy_document *document) {
    static uint8_t room[POLICY_SIZE_MAX + 16];
    uint8_t hash[POLICY_HASH_SIZE];
    uint64_t handle = 0;
    size_t used = 0;
    TRY(policy_hash(cli, document, hash));
    TRY(session_start(cli, SESSION_USER, true));
    TRY(object_one(cli, CLASS_PRIVATE_KEY, name, &handle));
    TRY(attributes_add((struct span){room, sizeof(room)}, &used, ATTRIBUTE_POLICY,
                       bytes_of(document->form, document->size)));
    TRY(set(cli, handle, bytes_of(room, used), "give the key another policy"));
    struct json_object *object = json_object_new_object();
    output_bytes(object, "key", bytes_of_text(name));
    output_bytes(object, "policy", document->policy.name);
    output_number(object, "version", document->policy.version);
    output_hex(object, "hash", bytes_of(hash, sizeof(hash)));
    output_object(cli, object);
    return STATUS_OK;
}

enum status key_policy_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct policy_document document;
    struct arguments arguments = {.least = 2, .most = 2};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(policy_load(cli, arguments.words[1], &document));
    return exchange(cli, arguments.words[0], &document);
}

/* ---- limits ---- */

static enum status find(struct cli *cli, const char *name, uint64_t *handle) {
    TRY(object_maybe(cli, CLASS_PRIVATE_KEY, name, handle));
    if (*handle == 0) {
        TRY(object_maybe(cli, CLASS_SECRET_KEY, name, handle));
    }
    return *handle != 0 ? STATUS_OK : object_one(cli, CLASS_PRIVATE_KEY, name, handle);
}

static enum status tell(struct cli *cli, const char *name, uint64_t handle) {
    uint32_t types[KEY_LIMIT_COUNT + 2];
    char text[512];
    struct span attributes = {0};
    for (uint32_t i = 0; i <= KEY_LIMIT_COUNT; i++) {
        types[i] = ATTRIBUTE_USES_MAX + i;
    }
    types[KEY_LIMIT_COUNT + 1] = CLASS_END;
    TRY(object_get(cli, handle, types, &attributes));
    key_limit_text(bytes_of_span(attributes), text, sizeof(text));
    free(attributes.data);
    struct json_object *object = json_object_new_object();
    output_bytes(object, "key", bytes_of_text(name));
    output_text(object, "limits", text);
    enum status status = key_limit_left(cli, handle, object);
    if (status != STATUS_OK) {
        json_object_put(object);
        return status;
    }
    output_object(cli, object);
    return STATUS_OK;
}

enum status key_limit_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 2, .most = 2};
    struct key_limits limits;
    uint8_t room[512];
    uint64_t handle = 0;
    size_t used = 0;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(key_limit_change(cli, arguments.words[1], &limits));
    TRY(session_start(cli, SESSION_USER, true));
    TRY(find(cli, arguments.words[0], &handle));
    TRY(key_limit_add(&limits, (struct span){room, sizeof(room)}, &used));
    TRY(set(cli, handle, bytes_of(room, used), "set the limits of the key"));
    return tell(cli, arguments.words[0], handle);
}
