/* SPDX-License-Identifier: Apache-2.0 */
/* Objects by name. */
#include "host/cli/object.h"

#include "base/wipe.h"
#include "client/key_uri.h"
#include "client/objects.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEMPLATE_ROOM = 1024, NAME_MAX_SIZE = 255 };

static const char id_prefix[] = "id:";

/* Adds what a URI, or "id:HEX", says of the object. */
static enum status uri_add(const struct cli *cli, const char *text, struct span template,
                           size_t *used) {
    struct key_uri uri;
    WIPE_AT_END(uri, sizeof(uri));
    char problem[KEY_URI_PROBLEM];
    if (key_uri_read(text, &uri, problem) != STATUS_OK) {
        return report_usage(cli, "'%s' does not name a key: %s", text, problem);
    }
    if (uri.token[0] != 0 && strcmp(uri.token, cli->label) != 0) {
        return report_usage(cli, "the URI is of token '%s', and '%s' is in use: add --token '%s'",
                            uri.token, cli->label, uri.token);
    }
    if (uri.object[0] == 0 && uri.id_size == 0) {
        return report_usage(cli, "'%s' says neither object= nor id=", text);
    }
    if (uri.object[0] != 0) {
        TRY(attributes_add(template, used, ATTRIBUTE_LABEL, bytes_of_text(uri.object)));
    }
    return uri.id_size == 0
               ? STATUS_OK
               : attributes_add(template, used, ATTRIBUTE_ID, bytes_of(uri.id, uri.id_size));
}

/* A name is a label, "id:" and CKA_ID in hex, or a URI. */
static enum status name_add(const struct cli *cli, const char *name, struct span template,
                            size_t *used) {
    char text[NAME_MAX_SIZE + 16];
    if (key_uri_is(name)) {
        return uri_add(cli, name, template, used);
    }
    if (strncmp(name, id_prefix, 3) != 0) {
        return attributes_add(template, used, ATTRIBUTE_LABEL, bytes_of_text(name));
    }
    snprintf(text, sizeof(text), "edgehsm:%s", name);
    return uri_add(cli, text, template, used);
}

enum status object_find(struct cli *cli, uint32_t class, const char *label,
                        struct object_list *list) {
    uint8_t room[TEMPLATE_ROOM];
    struct span template = {room, sizeof(room)};
    size_t used = 0;
    struct objects_found found = {.handles = list->handles, .size = COUNT(list->handles)};
    list->count = 0;
    list->more = false;
    TRY(attributes_add_bool(template, &used, ATTRIBUTE_TOKEN, true));
    if (class != CLASS_END) {
        TRY(attributes_add_num(template, &used, ATTRIBUTE_CLASS, class));
    }
    if (label) {
        TRY(name_add(cli, label, template, &used));
    }
    struct object_find_req request = {.session = cli->session, .attributes = bytes_of(room, used)};
    struct object_find_rep reply;
    do {
        TRY(session_call(cli, COMMAND_object_find, &request, &reply, "look for objects"));
        objects_take(&found, reply.objects);
        request.cursor = reply.cursor;
    } while (reply.cursor != 0 && !found.more);
    list->count = found.count;
    list->more = found.more;
    return STATUS_OK;
}

enum status object_maybe(struct cli *cli, uint32_t class, const char *name, uint64_t *handle) {
    struct object_list list;
    *handle = 0;
    TRY(object_find(cli, class, name, &list));
    if (list.count > 1) {
        return report_usage(cli,
                            "%zu objects are named '%s' on token '%s': name one by its id: "
                            "edgehsm key list, then id:HEX instead of the name",
                            list.count, name, cli->label);
    }
    *handle = list.count == 1 ? list.handles[0] : 0;
    return STATUS_OK;
}

enum status object_one(struct cli *cli, uint32_t class, const char *name, uint64_t *handle) {
    TRY(object_maybe(cli, class, name, handle));
    if (*handle != 0) {
        return STATUS_OK;
    }
    char next[400];
    bool secret = class == CLASS_SECRET_KEY;
    snprintf(next, sizeof(next),
             "make one: edgehsm key new %s%s; or see which there are: edgehsm key list",
             strncmp(name, id_prefix, 3) == 0 || key_uri_is(name) ? "NAME" : name,
             secret ? " --type aes256" : "");
    return report_failure(cli, STATUS_KEY_INVALID, (struct reason){"there is no such key", next},
                          "use the key '%s' on token '%s'", name, cli->label);
}

enum status object_get(struct cli *cli, uint64_t handle, const uint32_t *types,
                       struct span *attributes) {
    uint8_t wanted[4 * OBJECTS_TYPES_MAX];
    const struct object_get_req request = {
        .session = cli->session, .object = handle, .types = objects_types(types, wanted)};
    struct object_get_rep reply;
    TRY(session_call(cli, COMMAND_object_get, &request, &reply,
                     "read the attributes of an object"));
    attributes->data = malloc(reply.attributes.size + 1);
    if (!attributes->data) {
        return report_failure(cli, STATUS_MEMORY, (struct reason){0}, "read the attributes");
    }
    attributes->size = objects_given(reply.attributes, attributes->data);
    return STATUS_OK;
}

enum status object_create(struct cli *cli, struct bytes template, const char *what,
                          uint64_t *handle) {
    const struct object_create_req request = {.session = cli->session, .attributes = template};
    struct object_create_rep reply;
    TRY(session_call(cli, COMMAND_object_create, &request, &reply, what));
    *handle = reply.object;
    return STATUS_OK;
}

enum status object_destroy(struct cli *cli, uint64_t handle, const char *what) {
    const struct object_destroy_req request = {.session = cli->session, .object = handle};
    struct object_destroy_rep reply;
    return session_call(cli, COMMAND_object_destroy, &request, &reply, what);
}

enum status object_name_free(struct cli *cli, uint32_t class, const char *name) {
    struct object_list list;
    TRY(object_find(cli, class, name, &list));
    if (list.count == 0) {
        return STATUS_OK;
    }
    char next[700];
    snprintf(next, sizeof(next),
             "use it as it is (edgehsm key show %s), choose another name, or "
             "delete it first: edgehsm key delete %s",
             name, name);
    return report_failure(cli, STATUS_NAME_TAKEN,
                          (struct reason){"an object of this name is on the token already", next},
                          "make '%s' on token '%s'", name, cli->label);
}

enum status object_name_check(const struct cli *cli, const char *name) {
    size_t size = strlen(name);
    bool right =
        size >= 1 && size <= NAME_MAX_SIZE && strncmp(name, id_prefix, 3) != 0 && !key_uri_is(name);
    for (size_t i = 0; right && i < size; i++) {
        right = (unsigned char)name[i] >= 0x20 && name[i] != 0x7f;
    }
    if (!right) {
        return report_usage(cli,
                            "'%s' cannot be a name: 1 to 255 characters, none of them a control "
                            "character, and not beginning with id:, pkcs11: or edgehsm:",
                            name);
    }
    return STATUS_OK;
}
