/* SPDX-License-Identifier: Apache-2.0 */
/* Key files for programs that read keys only from files: PEM of PKCS#11 PROVIDER URI, the form that
 * other providers have, too: SEQUENCE { VisibleString "PKCS#11 Provider URI v1.0", UTF8String URI
 * }. From PEM exactly one block is read, as OpenSSL expects of a decoder. */
#include "host/openssl-provider/lookup.h"

#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <stdlib.h>

enum { LINE_ROOM = 256, FILE_ROOM = 4096, TAG_SEQUENCE = 0x30 };

static const char begin[] = "-----BEGIN ";
static const char begin_ours[] = "-----BEGIN PKCS#11 PROVIDER URI-----";
static const char end_any[] = "-----END ";
static const char description[] = "PKCS#11 Provider URI v1.0";

struct key_file {
    ASN1_VISIBLESTRING *description;
    ASN1_UTF8STRING *uri;
};

ASN1_SEQUENCE(key_file) =
    {
        {0, 0, offsetof(struct key_file, description), "description",
         ASN1_ITEM_ref(ASN1_VISIBLESTRING)},
        {0, 0, offsetof(struct key_file, uri), "uri", ASN1_ITEM_ref(ASN1_UTF8STRING)},
} static_ASN1_SEQUENCE_END_name(struct key_file, key_file)

        static bool starts(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

/* Reads to the end of the next block. Fills `text` with the base64 of a block of ours, "" for any
 * other. */
static void block_read(const struct provider *provider, OSSL_CORE_BIO *bio, char text[FILE_ROOM]) {
    char line[LINE_ROOM];
    bool inside = false, ours = false;
    size_t used = 0;
    while (provider->bio_gets(bio, line, LINE_ROOM) > 0) {
        if (!inside) {
            inside = starts(line, begin);
            ours = starts(line, begin_ours);
            continue;
        }
        if (starts(line, end_any)) {
            break;
        }
        size_t size = strcspn(line, "\r\n");
        if (ours && used + size < FILE_ROOM) {
            memcpy(text + used, line, size);
            used += size;
        }
    }
    text[used] = 0;
}

static bool bytes_read(const struct provider *provider, OSSL_CORE_BIO *bio, unsigned char *to,
                       size_t size) {
    size_t got = 0;
    while (size > 0 && provider->bio_read(bio, to, size, &got) == 1 && got > 0) {
        to += got;
        size -= got;
    }
    return size == 0;
}

/* Reads one SEQUENCE of up to FILE_ROOM; 0 for anything else. */
static size_t der_read(const struct provider *provider, OSSL_CORE_BIO *bio,
                       unsigned char der[FILE_ROOM]) {
    if (!bytes_read(provider, bio, der, 2) || der[0] != TAG_SEQUENCE) {
        return 0;
    }
    size_t more = der[1] == 0x81 ? 1 : der[1] == 0x82 ? 2 : 0;
    if ((der[1] >= 0x80 && more == 0) || !bytes_read(provider, bio, der + 2, more)) {
        return 0;
    }
    size_t size = more == 0 ? der[1] : more == 1 ? der[2] : (size_t)der[2] << 8 | der[3];
    bool fits = size <= FILE_ROOM - 4;
    return fits && bytes_read(provider, bio, der + 2 + more, size) ? 2 + more + size : 0;
}

/* Fills `uri`; false where it is another structure. */
static bool uri_read(const unsigned char *der, size_t size, char uri[FILE_ROOM]) {
    struct key_file *file =
        (struct key_file *)ASN1_item_d2i(NULL, &der, (long)size, ASN1_ITEM_rptr(key_file));
    bool ours = false;
    if (file != NULL) {
        size_t length = (size_t)ASN1_STRING_length(file->uri);
        ours = length < FILE_ROOM &&
               bytes_equal(bytes_of(ASN1_STRING_get0_data(file->description),
                                    (size_t)ASN1_STRING_length(file->description)),
                           bytes_of_text(description));
        if (ours) {
            memcpy(uri, ASN1_STRING_get0_data(file->uri), length);
            uri[length] = 0;
        }
    }
    ASN1_item_free((ASN1_VALUE *)file, ASN1_ITEM_rptr(key_file));
    return ours;
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

static int decode(const struct provider *provider, struct bytes der, const struct target *target,
                  const struct lookup_prompt *prompt) {
    char uri[FILE_ROOM];
    ERR_set_mark();
    bool ours = der.size > 0 && uri_read(der.data, der.size, uri);
    ERR_pop_to_mark();
    if (!ours) {
        return 1; /* nothing found is no error */
    }
    struct lookup *lookup = calloc(1, sizeof(*lookup));
    if (lookup == NULL) {
        return 0;
    }
    int done = 0;
    if (lookup_read(lookup, provider, uri) && lookup_search(lookup, LOOKUP_PRIVATE, prompt)) {
        done = found(lookup, target->type, target->callback, target->argument);
    }
    lookup_end(lookup);
    OPENSSL_cleanse(uri, sizeof(uri));
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

/* From PEM to the structure; what OpenSSL's own decoder of PEM does for the names it knows. */
static int pem_decode(void *context, OSSL_CORE_BIO *bio, int selection, OSSL_CALLBACK *callback,
                      void *argument, OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument) {
    char text[FILE_ROOM];
    unsigned char der[FILE_ROOM];
    (void)selection; /* the stream must be read even where nothing is wanted of it */
    (void)ask;
    (void)ask_argument;
    block_read(context, bio, text);
    int size = EVP_DecodeBlock(der, (const unsigned char *)text, (int)strlen(text));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der, size > 0 ? (size_t)size : 0),
        OSSL_PARAM_construct_end(),
    };
    return size <= 0 || callback(params, argument); /* padding reads as zeros at the end */
}

static const OSSL_DISPATCH pem_functions[] = {
    ROW(OSSL_FUNC_DECODER_NEWCTX, make),
    ROW(OSSL_FUNC_DECODER_FREECTX, release),
    ROW(OSSL_FUNC_DECODER_DECODE, pem_decode),
    ROW_END,
};

#define DECODER(kind, type)                                                       \
    static int kind##_decode(void *context, OSSL_CORE_BIO *bio, int selection,    \
                             OSSL_CALLBACK *callback, void *argument,             \
                             OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument) { \
        const struct target target = {type, callback, argument};                  \
        const struct lookup_prompt prompt = {ask, ask_argument};                  \
        unsigned char der[FILE_ROOM];                                             \
        (void)selection;                                                          \
        size_t size = der_read(context, bio, der);                                \
        return decode(context, bytes_of(der, size), &target, &prompt);            \
    }                                                                             \
    static const OSSL_DISPATCH kind##_functions[] = {                             \
        ROW(OSSL_FUNC_DECODER_NEWCTX, make),                                      \
        ROW(OSSL_FUNC_DECODER_FREECTX, release),                                  \
        ROW(OSSL_FUNC_DECODER_DOES_SELECTION, selects),                           \
        ROW(OSSL_FUNC_DECODER_DECODE, kind##_decode),                             \
        ROW_END,                                                                  \
    };

DECODER(rsa, "RSA")
DECODER(ec, "EC")
DECODER(ed25519, "ED25519")
DECODER(x25519, "X25519")

#define FROM_PEM PROVIDER_PROPERTIES ",input=pem"
#define FROM_DER PROVIDER_PROPERTIES ",input=der"

const OSSL_ALGORITHM decoder_algorithms[] = {
    {"DER", FROM_PEM, pem_functions, "key files in PEM"},
    {NAMES_RSA, FROM_DER, rsa_functions, "key files that name an RSA key"},
    {NAMES_EC, FROM_DER, ec_functions, "key files that name an EC key"},
    {NAMES_ED25519, FROM_DER, ed25519_functions, "key files that name an Ed25519 key"},
    {NAMES_X25519, FROM_DER, x25519_functions, "key files that name an X25519 key"},
    {NULL, NULL, NULL, NULL},
};
