/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key list: keys and certificates of the token, one line each. */
#include "host/cli/arguments.h"
#include "host/cli/key.h"
#include "host/cli/key_type.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdlib.h>

static const char *class_name(uint32_t class) {
    switch (class) {
    case CLASS_PRIVATE_KEY:
        return "key pair";
    case CLASS_PUBLIC_KEY:
        return "public key";
    case CLASS_SECRET_KEY:
        return "secret key";
    case CLASS_CERTIFICATE:
        return "certificate";
    default:
        return "data";
    }
}

static enum status row_add(struct cli *cli, struct json_object *rows, uint64_t handle,
                           uint32_t class) {
    static const uint32_t types[] = {ATTRIBUTE_LABEL,     ATTRIBUTE_ID,      ATTRIBUTE_KEY_TYPE,
                                     ATTRIBUTE_EC_PARAMS, ATTRIBUTE_MODULUS, ATTRIBUTE_SIGN,
                                     ATTRIBUTE_VERIFY,    ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT,
                                     ATTRIBUTE_DERIVE,    ATTRIBUTE_WRAP,    ATTRIBUTE_UNWRAP,
                                     ATTRIBUTE_VALUE_LEN, CLASS_END};
    struct span raw = {0};
    struct bytes label = {0}, id = {0}, params = {0}, modulus = {0};
    char usage[128];
    TRY(object_get(cli, handle, types, &raw));
    struct bytes attributes = bytes_of_span(raw);
    bool labelled = attributes_find(attributes, ATTRIBUTE_LABEL, &label) == STATUS_OK;
    bool numbered = attributes_find(attributes, ATTRIBUTE_ID, &id) == STATUS_OK;
    bool curved = attributes_find(attributes, ATTRIBUTE_EC_PARAMS, &params) == STATUS_OK;
    bool rsa = attributes_find(attributes, ATTRIBUTE_MODULUS, &modulus) == STATUS_OK;
    uint32_t length = attributes_num(attributes, ATTRIBUTE_VALUE_LEN, 0);
    uint32_t bits = rsa ? (uint32_t)modulus.size * 8 : length * 8;
    key_usage_text(attributes, usage, sizeof(usage));
    struct json_object *row = json_object_new_object();
    output_bytes(row, "name", labelled ? label : (struct bytes){0});
    output_text(row, "kind", class_name(class));
    output_text(row, "type",
                class == CLASS_CERTIFICATE
                    ? "x509"
                    : key_type_name(attributes_num(attributes, ATTRIBUTE_KEY_TYPE, 0xffff), bits,
                                    curved ? params : (struct bytes){0}));
    output_text(row, "usage", usage);
    output_hex(row, "id", numbered ? id : (struct bytes){0});
    json_object_array_add(rows, row);
    free(raw.data);
    return STATUS_OK;
}

/* Whether a private key of the same label and id is there: then the public half needs no line. */
static enum status has_private(struct cli *cli, uint64_t handle, bool *answer) {
    static const uint32_t types[] = {ATTRIBUTE_ID, CLASS_END};
    struct span raw = {0};
    struct bytes id = {0};
    char name[3 + 2 * 128 + 1] = "id:";
    struct object_list list;
    *answer = false;
    TRY(object_get(cli, handle, types, &raw));
    if (attributes_find(bytes_of_span(raw), ATTRIBUTE_ID, &id) == STATUS_OK && id.size > 0 &&
        id.size <= 128) {
        static const char digits[] = "0123456789abcdef";
        for (size_t i = 0; i < id.size; i++) {
            name[3 + 2 * i] = digits[id.data[i] >> 4];
            name[4 + 2 * i] = digits[id.data[i] & 15];
        }
        enum status status = object_find(cli, CLASS_PRIVATE_KEY, name, &list);
        free(raw.data);
        TRY(status);
        *answer = list.count > 0;
        return STATUS_OK;
    }
    free(raw.data);
    return STATUS_OK;
}

static enum status class_add(struct cli *cli, struct json_object *rows, uint32_t class) {
    static struct object_list list;
    TRY(object_find(cli, class, NULL, &list));
    for (size_t i = 0; i < list.count; i++) {
        bool hidden = false;
        if (class == CLASS_PUBLIC_KEY) {
            TRY(has_private(cli, list.handles[i], &hidden));
        }
        if (!hidden) {
            TRY(row_add(cli, rows, list.handles[i], class));
        }
    }
    if (list.more) {
        report_talk(cli, "(more objects than are shown)");
    }
    return STATUS_OK;
}

enum status key_list_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const uint32_t classes[] = {CLASS_PRIVATE_KEY, CLASS_SECRET_KEY, CLASS_PUBLIC_KEY,
                                       CLASS_CERTIFICATE};
    static const char *const columns[] = {"name", "kind", "type", "usage", "id", NULL};
    struct arguments arguments = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_USER, false));
    struct json_object *rows = json_object_new_array();
    for (size_t i = 0; i < COUNT(classes); i++) {
        enum status status = class_add(cli, rows, classes[i]);
        if (status != STATUS_OK) {
            json_object_put(rows);
            return status;
        }
    }
    bool empty = json_object_array_length(rows) == 0;
    if (empty && !cli->json) {
        json_object_put(rows);
        report_talk(cli, "No keys on token '%s' yet.\n\nnext: edgehsm key new NAME", cli->label);
        return STATUS_OK;
    }
    output_table(cli, rows, columns);
    return STATUS_OK;
}
