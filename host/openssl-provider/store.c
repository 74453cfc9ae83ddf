/* SPDX-License-Identifier: Apache-2.0 */
/* OSSL_STORE for pkcs11: and edgehsm: URIs. The first load searches; each load gives one object. */
#include "host/openssl-provider/lookup.h"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/params.h>
#include <openssl/store.h>
#include <stdlib.h>

struct store {
    struct lookup lookup;
    int expect; /* OSSL_STORE_INFO_..., 0: anything */
    bool searched;
    size_t next;
};

static OSSL_FUNC_store_open_fn open_uri;
static OSSL_FUNC_store_settable_ctx_params_fn settable;
static OSSL_FUNC_store_set_ctx_params_fn set_params;
static OSSL_FUNC_store_load_fn load;
static OSSL_FUNC_store_eof_fn at_end;
static OSSL_FUNC_store_close_fn close_uri;

static void *open_uri(void *context, const char *uri) {
    struct store *store = calloc(1, sizeof(*store));
    if (store != NULL && !lookup_read(&store->lookup, context, uri)) {
        close_uri(store);
        return NULL;
    }
    return store;
}

static int close_uri(void *context) {
    struct store *store = context;
    lookup_end(&store->lookup);
    free(store);
    return 1;
}

static const OSSL_PARAM *settable(void *provider) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_int(OSSL_STORE_PARAM_EXPECT, NULL),
        OSSL_PARAM_END,
    };
    (void)provider;
    return table;
}

static int set_params(void *context, const OSSL_PARAM params[]) {
    struct store *store = context;
    const OSSL_PARAM *expect = OSSL_PARAM_locate_const(params, OSSL_STORE_PARAM_EXPECT);
    return expect == NULL || OSSL_PARAM_get_int(expect, &store->expect) == 1;
}

static enum lookup_want wanted(const struct store *store) {
    switch (store->expect) {
    case OSSL_STORE_INFO_PKEY:
        return LOOKUP_PRIVATE;
    case OSSL_STORE_INFO_PUBKEY:
        return LOOKUP_PUBLIC;
    case OSSL_STORE_INFO_CERT:
        return LOOKUP_CERTIFICATE;
    default:
        return LOOKUP_ANY;
    }
}

/* The key goes by reference, and its ownership with it if OpenSSL takes it. */
static int give_key(struct store *store, const struct lookup_item *item, OSSL_CALLBACK *callback,
                    void *argument) {
    int type = OSSL_OBJECT_PKEY;
    struct lookup_item as = *item;
    if (store->expect == OSSL_STORE_INFO_PUBKEY) {
        as.class = CLASS_PUBLIC_KEY;
    }
    struct key *key = lookup_key(&store->lookup, &as);
    if (key == NULL) {
        return 0;
    }
    const char *name = key_type_name(key);
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

static int give_certificate(struct store *store, const struct lookup_item *item,
                            OSSL_CALLBACK *callback, void *argument) {
    static const uint32_t types[] = {ATTRIBUTE_VALUE, OBJECTS_TYPES_END};
    int type = OSSL_OBJECT_CERT;
    struct span attributes = {NULL, 0};
    struct bytes der = {NULL, 0};
    enum status status = object_get(store->lookup.token, item->handle, types, &attributes);
    if (status == STATUS_OK) {
        status = attributes_find(bytes_of_span(attributes), ATTRIBUTE_VALUE, &der);
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
        OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, (void *)(uintptr_t)der.data,
                                          der.size),
        OSSL_PARAM_construct_end(),
    };
    int done = status == STATUS_OK
                   ? callback(params, argument)
                   : provider_fail(store->lookup.provider, status, NULL, "read the certificate");
    free(attributes.data);
    return done;
}

static int load(void *context, OSSL_CALLBACK *callback, void *argument,
                OSSL_PASSPHRASE_CALLBACK *ask, void *ask_argument) {
    struct store *store = context;
    const struct lookup_prompt prompt = {ask, ask_argument};
    if (!store->searched) {
        store->searched = true;
        if (!lookup_search(&store->lookup, wanted(store), &prompt)) {
            store->lookup.count = 0;
            return 0;
        }
    }
    if (store->next >= store->lookup.count) {
        return 0;
    }
    const struct lookup_item *item = &store->lookup.items[store->next++];
    return item->class == CLASS_CERTIFICATE ? give_certificate(store, item, callback, argument)
                                            : give_key(store, item, callback, argument);
}

static int at_end(void *context) {
    const struct store *store = context;
    return store->searched && store->next >= store->lookup.count;
}

static const OSSL_DISPATCH functions[] = {
    ROW(OSSL_FUNC_STORE_OPEN, open_uri),
    ROW(OSSL_FUNC_STORE_SETTABLE_CTX_PARAMS, settable),
    ROW(OSSL_FUNC_STORE_SET_CTX_PARAMS, set_params),
    ROW(OSSL_FUNC_STORE_LOAD, load),
    ROW(OSSL_FUNC_STORE_EOF, at_end),
    ROW(OSSL_FUNC_STORE_CLOSE, close_uri),
    ROW_END,
};

const OSSL_ALGORITHM store_algorithms[] = {
    {"pkcs11", PROVIDER_PROPERTIES, functions, "objects of the module by pkcs11: URI"},
    {"edgehsm", PROVIDER_PROPERTIES, functions, "objects of the module by edgehsm: URI"},
    {NULL, NULL, NULL, NULL},
};
