/* SPDX-License-Identifier: Apache-2.0 */
/* Key files for programs that read keys only from files: a PEM block EDGE HSM KEY whose content is
 * the URI of the key. Exactly one PEM block is read from the stream, as OpenSSL expects. */
#include "host/openssl-provider/lookup.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <stdlib.h>

enum { LINE_ROOM = 256, TEXT_ROOM = 4096 };

static const char begin[] = "-----BEGIN ";
static const char begin_ours[] = "-----BEGIN EDGE HSM KEY-----";
static const char end_any[] = "-----END ";

static bool starts(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

static bool line_read(const struct provider *provider, OSSL_CORE_BIO *bio, char line[LINE_ROOM]) {
    return provider->bio_gets(bio, line, LINE_ROOM) > 0;
}

/* Reads to the end of the next block. Fills `text` with the base64 of a block of ours, "" for any
 * other. */
static void block_read(const struct provider *provider, OSSL_CORE_BIO *bio, char text[TEXT_ROOM]) {
    char line[LINE_ROOM];
    bool inside = false, ours = false;
    size_t used = 0;
    while (line_read(provider, bio, line)) {
        if (!inside) {
            inside = starts(line, begin);
            ours = starts(line, begin_ours);
            continue;
        }
        if (starts(line, end_any)) {
            break;
        }
        size_t size = strcspn(line, "\r\n");
        if (ours && used + size < TEXT_ROOM) {
            memcpy(text + used, line, size);
            used += size;
        }
    }
    text[used] = 0;
}

/* Undoes base64 in place. */
static bool text_decode(char text[TEXT_ROOM]) {
    size_t size = strlen(text);
    size_t padding = size >= 2 ? (size_t)(text[size - 1] == '=') + (text[size - 2] == '=') : 0;
    unsigned char out[TEXT_ROOM];
    int got = EVP_DecodeBlock(out, (const unsigned char *)text, (int)size);
    if (got < 0 || (size_t)got < padding) {
        return false;
    }
    memcpy(text, out, (size_t)got - padding);
    text[(size_t)got - padding] = 0;
    text[strcspn(text, "\r\n")] = 0;
    return true;
}

static int give(struct key *key, const char *name, OSSL_CALLBACK *callback, void *argument) {
    int type = OSSL_OBJECT_PKEY;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof(key)),
        OSSL_PARAM_construct_end(),
    };
    int done = callback(params, argument);
    key_free(key);
    return done;
}

/* A key of another type is left to the decoder of that type. */
static int found(struct lookup *lookup, const char *wanted, OSSL_CALLBACK *callback,
                 void *argument) {
    if (lookup->count > 1) {
        return provider_fail(lookup->provider, STATUS_USAGE,
                             "name one by its id: edgehsm key list, then id=%HH... in the URI",
                             "choose among %zu keys that fit the URI", lookup->count);
    }
    struct key *key = lookup_key(lookup, &lookup->items[0]);
    if (key == NULL) {
        return 0;
    }
    if (strcmp(key_type_name(key), wanted) != 0) {
        key_free(key);
        return 1;
    }
    return give(key, wanted, callback, argument);
}

struct target {
    const char *type;
    OSSL_CALLBACK *callback;
    void *argument;
};

static int decode(const struct provider *provider, OSSL_CORE_BIO *bio, const struct target *target,
                  const struct lookup_prompt *prompt) {
    char text[TEXT_ROOM];
    block_read(provider, bio, text);
    if (text[0] == 0) {
        return 1; /* not ours: nothing found is no error */
    }
    if (!text_decode(text)) {
        return provider_fail(provider, STATUS_FILE_FORMAT, "make it anew: edgehsm snippet openssl",
                             "read the key file: it holds no base64");
    }
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL) {
        return 0;
    }
    int done = 0;
    if (lookup_read(lookup, provider, text) && lookup_search(lookup, LOOKUP_PRIVATE, prompt)) {
        done = found(lookup, target->type, target->callback, target->argument);
    }
    lookup_end(lookup);
    free(lookup);
    return done;
}

static void *make(void *context) {
    return context;
}

static void release(void *context) {
    (void)context;
}

static int selects(void *context, int selection) {
    (void)context;
    return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

#define DECODER(kind, type)                                                              \
    static int kind##_decode(void *context, OSSL_CORE_BIO *bio, int selection,           \
                             OSSL_CALLBACK *callback, void *argument,                    \
                             OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument) {        \
        const struct target target = {type, callback, argument};                         \
        const struct lookup_prompt prompt = {ask, ask_argument};                         \
        return selects(context, selection) ? decode(context, bio, &target, &prompt) : 1; \
    }                                                                                    \
    static const OSSL_DISPATCH kind##_functions[] = {                                    \
        ROW(OSSL_FUNC_DECODER_NEWCTX, make),                                             \
        ROW(OSSL_FUNC_DECODER_FREECTX, release),                                         \
        ROW(OSSL_FUNC_DECODER_DOES_SELECTION, selects),                                  \
        ROW(OSSL_FUNC_DECODER_DECODE, kind##_decode),                                    \
        ROW_END,                                                                         \
    };

DECODER(rsa, "RSA")
DECODER(ec, "EC")
DECODER(ed25519, "ED25519")
DECODER(x25519, "X25519")

#define DECODER_PROPERTIES PROVIDER_PROPERTIES ",input=pem"

const OSSL_ALGORITHM decoder_algorithms[] = {
    {NAMES_RSA, DECODER_PROPERTIES, rsa_functions, "key files that name an RSA key"},
    {NAMES_EC, DECODER_PROPERTIES, ec_functions, "key files that name an EC key"},
    {NAMES_ED25519, DECODER_PROPERTIES, ed25519_functions, "key files that name an Ed25519 key"},
    {NAMES_X25519, DECODER_PROPERTIES, x25519_functions, "key files that name an X25519 key"},
    {NULL, NULL, NULL, NULL},
};
