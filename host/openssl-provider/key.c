/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a token. */
#include "host/openssl-provider/key.h"

#include "host/openssl-provider/object.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

struct key *key_new(const struct provider *provider) {
    struct key *key = calloc(1, sizeof(*key));
    if (key != NULL) {
        atomic_init(&key->owners, 1);
        key->provider = provider;
    }
    return key;
}

struct key *key_share(struct key *key) {
    atomic_fetch_add_explicit(&key->owners, 1, memory_order_relaxed);
    return key;
}

void key_free(struct key *key) {
    if (key != NULL && atomic_fetch_sub_explicit(&key->owners, 1, memory_order_acq_rel) == 1) {
        EVP_PKEY_free(key->public);
        free(key);
    }
}

const char *key_type_name(const struct key *key) {
    static const char *const names[] = {"RSA", "EC", "ED25519", "X25519"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (EVP_PKEY_is_a(key->public, names[i])) {
            return names[i];
        }
    }
    return NULL;
}

bool key_is_private(const struct key *key) {
    return key->private.template_size != 0;
}

/* What finds the private half again on another connection. */
static enum status remember(struct token_object *object, struct bytes attributes) {
    struct bytes unique = {NULL, 0};
    struct span room = {object->template, sizeof(object->template)};
    size_t used = 0;
    TRY(attributes_find(attributes, ATTRIBUTE_UNIQUE_ID, &unique));
    TRY(attributes_add_num(room, &used, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY));
    TRY(attributes_add(room, &used, ATTRIBUTE_UNIQUE_ID, unique));
    object->template_size = used;
    return STATUS_OK;
}

static enum status take(struct key *key, struct bytes attributes, enum object_class class) {
    struct bytes info = {NULL, 0}, label = {NULL, 0};
    if (attributes_find(attributes, ATTRIBUTE_LABEL, &label) == STATUS_OK) {
        snprintf(key->name, sizeof(key->name), "%.*s", (int)label.size, (const char *)label.data);
    }
    TRY(attributes_find(attributes, ATTRIBUTE_PUBLIC_KEY_INFO, &info));
    const unsigned char *at = info.data;
    key->public = d2i_PUBKEY_ex(NULL, &at, (long)info.size, key->provider->libctx, NULL);
    if (key->public == NULL || key_type_name(key) == NULL) {
        return STATUS_PUBLIC_KEY_INVALID;
    }
    return class == CLASS_PRIVATE_KEY ? remember(&key->private, attributes) : STATUS_OK;
}

enum status key_read(struct key *key, struct token *token, uint64_t handle,
                     enum object_class class) {
    static const uint32_t types[] = {ATTRIBUTE_PUBLIC_KEY_INFO, ATTRIBUTE_LABEL,
                                     ATTRIBUTE_UNIQUE_ID, OBJECTS_TYPES_END};
    struct span attributes = {NULL, 0};
    TRY(object_get(token, handle, types, &attributes));
    enum status status = take(key, bytes_of_span(attributes), class);
    free(attributes.data);
    key->token = token;
    return status == STATUS_NOT_FOUND ? STATUS_PUBLIC_KEY_INVALID : status;
}

enum status key_ask(struct key *key, const struct key_request *asked, void *reply,
                    struct span room) {
    const struct token_request request = {.command = asked->command,
                                          .request = asked->request,
                                          .object = &key->private,
                                          .offset = asked->offset};
    if (!key_is_private(key)) {
        provider_fail(key->provider, STATUS_KEY_INVALID, "it is a public key only", "%s with '%s'",
                      asked->what, key->name);
        return STATUS_KEY_INVALID;
    }
    enum status status = token_ask_about(key->token, &request, reply, room);
    if (status != STATUS_OK) {
        char why[TOKEN_WHY_ROOM];
        token_why(key->token, asked->command, status, why);
        provider_fail(key->provider, status, NULL, "%s with the key '%s' on token '%s'%s%s%s",
                      asked->what, key->name, token_label(key->token), why[0] != 0 ? " (" : "", why,
                      why[0] != 0 ? ")" : "");
    }
    return status;
}
