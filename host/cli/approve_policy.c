/* SPDX-License-Identifier: Apache-2.0 */
/* A policy that people are asked to approve, in words made of what the request carries. */
#include "host/cli/approve.h"

#include "host/cli/output.h"
#include "host/cli/policy_words.h"
#include "host/cli/report.h"

#include <openssl/sha.h>

/* One field of the message, as the language writes it. */
static void field_words(struct words *words, const struct policy *policy, uint32_t index) {
    static const char *const modules[] = {"counter", "time", "boot", "uptime"};
    const struct policy_field *field = &policy->fields[index];
    words_add(words, "%s%u ", field->optional ? "? " : "", field->key);
    if (field->parent != POLICY_NONE) {
        words_bytes(words, policy->fields[field->parent].name);
        words_add(words, ".");
    }
    words_bytes(words, field->name);
    words_add(words, " : ");
    if (field->kind == POLICY_SYMBOL) {
        words_symbols(words, policy, index, UINT32_MAX);
    } else if (field->kind == POLICY_INT) {
        words_range(words, field->low, field->high);
    } else if (policy_kind_is_module(field->kind)) {
        words_add(words, "module %s", modules[field->kind - POLICY_COUNTER]);
    } else if (field->kind == POLICY_BYTES || field->kind == POLICY_TEXT) {
        words_add(words, "%s %lld..%lld", field->kind == POLICY_BYTES ? "bytes" : "text",
                  (long long)field->low, (long long)field->high);
    } else {
        words_add(words, field->kind == POLICY_BOOL ? "bool" : "a map");
    }
}

/* A list of lines: in JSON an array, for people under the heading. */
static void lines_print(const struct cli *cli, struct json_object *object, const char *key,
                        const struct policy *policy) {
    bool fields = strcmp(key, "message") == 0;
    uint32_t count = fields ? policy->field_count : policy->rule_count;
    struct json_object *rows = json_object_new_array();
    for (uint32_t i = 0; i < count; i++) {
        struct words words = {.used = 0};
        char clean[2 * REPORT_TEXT_MAX];
        fields ? field_words(&words, policy, i) : words_rule(&words, policy, i);
        report_clean(bytes_of_text(words.text), clean, sizeof(clean));
        json_object_array_add(rows, json_object_new_string(clean));
        if (!cli->json) {
            printf("%s%s  %s\n", i == 0 ? key : "", i == 0 ? ":\n" : "", clean);
        }
    }
    json_object_object_add(object, key, rows);
}

enum status approve_policy_read(const struct cli *cli, const struct request *request,
                                struct policy *policy) {
    bool fits = form_read(request->items[3].value, policy) == STATUS_OK &&
                bytes_equal(policy->name, request->items[2].value);
    return fits ? STATUS_OK
                : report_failure(
                      cli, STATUS_CHECK_FAILED,
                      (struct reason){"the policy in it is not the one that it names",
                                      "do not approve it; tell whoever is responsible for the "
                                      "device"},
                      "show the request");
}

void approve_policy_add(struct json_object *object, const struct request *request,
                        const struct policy *policy) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(request->items[3].value.data, request->items[3].value.size, hash);
    output_bytes(object, "policy", policy->name);
    output_number(object, "version", policy->version);
    output_hex(object, "hash", bytes_of(hash, sizeof(hash)));
    output_hex(object, "in_place_of", request->items[4].value);
}

void approve_policy_print(const struct cli *cli, struct json_object *object,
                          const struct policy *policy) {
    lines_print(cli, object, "message", policy);
    lines_print(cli, object, "lines", policy);
}
