/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key show: one key, and its public half as PEM. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/key_limit.h"
#include "host/cli/key_type.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/public_key.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/uri.h"
#include "policy/form.h"

#include <stdio.h>
#include <stdlib.h>

static void flags_add(struct json_object *object, struct bytes attributes) {
    static const struct {
        const char *key;
        uint32_t attribute;
    } flags[] = {{"made_in_the_module", ATTRIBUTE_LOCAL},
                 {"sensitive", ATTRIBUTE_SENSITIVE},
                 {"always_sensitive", ATTRIBUTE_ALWAYS_SENSITIVE},
                 {"extractable", ATTRIBUTE_EXTRACTABLE},
                 {"never_extractable", ATTRIBUTE_NEVER_EXTRACTABLE},
                 {"asks_pin_for_each_use", ATTRIBUTE_ALWAYS_AUTHENTICATE}};
    struct bytes value;
    for (size_t i = 0; i < COUNT(flags); i++) {
        if (attributes_find(attributes, flags[i].attribute, &value) == STATUS_OK &&
            value.size == 1) {
            output_flag(object, flags[i].key, value.data[0] != 0);
        }
    }
}

/* Which policy it is under; false: none. */
static bool policy_add(struct bytes attributes, struct json_object *object) {
    static struct policy policy;
    struct bytes form;
    char text[POLICY_TEXT_MAX + 32];
    if (attributes_find(attributes, ATTRIBUTE_POLICY, &form) != STATUS_OK ||
        form_read(form, &policy) != STATUS_OK) {
        return false;
    }
    snprintf(text, sizeof(text), "%.*s, version %u", (int)policy.name.size,
             (const char *)policy.name.data, (unsigned)policy.version);
    output_bytes(object, "policy", bytes_of_text(text));
    return true;
}

/* What it is limited to, what is left of that, and what a renewal must name. */
static enum status limits_add(struct cli *cli, uint64_t handle, struct bytes attributes,
                              struct json_object *object) {
    char text[256];
    struct bytes key;
    struct hello_rep hello;
    key_limit_text(attributes, text, sizeof(text));
    bool bound = policy_add(attributes, object);
    if (text[0] != 0) {
        output_text(object, "limits", text);
    } else if (!bound) {
        return STATUS_OK;
    }
    TRY(key_limit_left(cli, handle, object));
    if (attributes_find(attributes, ATTRIBUTE_LEASE_KEY, &key) == STATUS_OK && key.size > 0) {
        const struct hello_req request = {PROTOCOL_VERSION};
        TRY(session_call(cli, COMMAND_hello, &request, &hello, "ask for the device's id"));
        output_hex(object, "device", hello.device_id);
    }
    return STATUS_OK;
}

static enum status facts_print(struct cli *cli, const char *name, uint64_t handle,
                               uint32_t class, struct bytes attributes) {
    char uri[URI_MAX], usage[128];
    struct bytes id = {0}, params = {0}, modulus = {0}, unique = {0};
    struct json_object *object = json_object_new_object();
    bool curved = attributes_find(attributes, ATTRIBUTE_EC_PARAMS, &params) == STATUS_OK;
    bool rsa = attributes_find(attributes, ATTRIBUTE_MODULUS, &modulus) == STATUS_OK;
    uint32_t bits =
        rsa ? (uint32_t)modulus.size * 8 : attributes_num(attributes, ATTRIBUTE_VALUE_LEN, 0) * 8;
    uri_make(cli->label, name, class == CLASS_SECRET_KEY ? "secret-key" : "private", uri);
    key_usage_text(attributes, usage, sizeof(usage));
    output_bytes(object, "key", bytes_of_text(name));
    output_text(object, "type",
                key_type_name(attributes_num(attributes, ATTRIBUTE_KEY_TYPE, 0xffff), bits,
                              curved ? params : (struct bytes){0}));
    output_text(object, "usage", usage);
    flags_add(object, attributes);
    if (attributes_find(attributes, ATTRIBUTE_ID, &id) == STATUS_OK) {
        output_hex(object, "id", id);
    }
    if (attributes_find(attributes, ATTRIBUTE_UNIQUE_ID, &unique) == STATUS_OK) {
        output_bytes(object, "unique_id", unique);
    }
    output_text(object, "uri", uri);
    enum status status = limits_add(cli, handle, attributes, object);
    if (status != STATUS_OK) {
        json_object_put(object);
        return status;
    }
    output_object(cli, object);
    return STATUS_OK;
}

static enum status show(struct cli *cli, const char *name) {
    static const uint32_t types[] = {ATTRIBUTE_KEY_TYPE,
                                     ATTRIBUTE_EC_PARAMS,
                                     ATTRIBUTE_MODULUS,
                                     ATTRIBUTE_VALUE_LEN,
                                     ATTRIBUTE_ID,
                                     ATTRIBUTE_UNIQUE_ID,
                                     ATTRIBUTE_LOCAL,
                                     ATTRIBUTE_SENSITIVE,
                                     ATTRIBUTE_ALWAYS_SENSITIVE,
                                     ATTRIBUTE_EXTRACTABLE,
                                     ATTRIBUTE_NEVER_EXTRACTABLE,
                                     ATTRIBUTE_ALWAYS_AUTHENTICATE,
                                     ATTRIBUTE_SIGN,
                                     ATTRIBUTE_VERIFY,
                                     ATTRIBUTE_ENCRYPT,
                                     ATTRIBUTE_DECRYPT,
                                     ATTRIBUTE_DERIVE,
                                     ATTRIBUTE_WRAP,
                                     ATTRIBUTE_UNWRAP,
                                     ATTRIBUTE_USES_MAX,
                                     ATTRIBUTE_RATE_USES,
                                     ATTRIBUTE_RATE_MS,
                                     ATTRIBUTE_RATE_BURST,
                                     ATTRIBUTE_HOURS_FROM,
                                     ATTRIBUTE_HOURS_TO,
                                     ATTRIBUTE_LOGIN_USES,
                                     ATTRIBUTE_LEASE_USES,
                                     ATTRIBUTE_LEASE_SECONDS,
                                     ATTRIBUTE_LEASE_KEY,
                                     ATTRIBUTE_POLICY,
                                     CLASS_END};
    static const uint32_t classes[] = {CLASS_PRIVATE_KEY, CLASS_SECRET_KEY, CLASS_PUBLIC_KEY};
    uint64_t handle = 0;
    size_t i = 0;
    for (; i < COUNT(classes); i++) {
        TRY(object_maybe(cli, classes[i], name, &handle));
        if (handle != 0) {
            break;
        }
    }
    if (handle == 0) {
        return object_one(cli, CLASS_PRIVATE_KEY, name, &handle);
    }
    struct span attributes = {0};
    TRY(object_get(cli, handle, types, &attributes));
    enum status status = facts_print(cli, name, handle, classes[i], bytes_of_span(attributes));
    free(attributes.data);
    return status;
}

enum status key_show_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *pem = NULL;
    const struct option_row rows[] = {
        {"pem", 0, "FILE", "write the public key there (- is stdout), and show nothing else", NULL,
         &pem, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_USER, false));
    if (!pem) {
        return show(cli, arguments.words[0]);
    }
    struct key_pair pair;
    TRY(key_pair_find(cli, arguments.words[0], false, &pair));
    enum status status = public_key_write(cli, pair.key, pem);
    key_pair_free(&pair);
    return status;
}
