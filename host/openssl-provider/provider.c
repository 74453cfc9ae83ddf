/* SPDX-License-Identifier: Apache-2.0 */
/* The provider itself: what OpenSSL loads, asks for tables, and unloads. */
#include "host/openssl-provider/provider.h"

#include "client/client.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void queue(const struct provider *provider, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void queue(const struct provider *provider, enum status status, const char *format, ...) {
    va_list list;
    va_start(list, format);
    provider->new_error(provider->handle);
    provider->vset_error(provider->handle, (uint32_t)status, format, list);
    va_end(list);
}

int provider_fail(const struct provider *provider, enum status status, const char *next,
                  const char *what, ...) {
    char text[700], whole[1100];
    va_list list;
    va_start(list, what);
    vsnprintf(text, sizeof(text), what, list);
    va_end(list);
    const char *advice = next != NULL ? next : status_row((uint32_t)status)->advice;
    snprintf(whole, sizeof(whole), "EH-%04u cannot %s%s%s", (unsigned)status, text,
             advice[0] != 0 ? "; " : "", advice);
    for (char *at = whole; *at != 0; at++) { /* names come from outside */
        *at = (unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at;
    }
    queue(provider, status, "%s", whole);
    return 0;
}

static const OSSL_ALGORITHM *query(void *context, int operation, int *no_cache) {
    (void)context;
    *no_cache = 0;
    switch (operation) {
    case OSSL_OP_KEYMGMT:
        return keymgmt_algorithms;
    case OSSL_OP_SIGNATURE:
        return signature_algorithms;
    case OSSL_OP_KEYEXCH:
        return exchange_algorithms;
    case OSSL_OP_ASYM_CIPHER:
        return cipher_algorithms;
    case OSSL_OP_STORE:
        return store_algorithms;
    case OSSL_OP_DECODER:
        return decoder_algorithms;
    default:
        return NULL;
    }
}

static const OSSL_PARAM *gettable(void *context) {
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_NAME, NULL, 0),
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_VERSION, NULL, 0),
        OSSL_PARAM_utf8_ptr(OSSL_PROV_PARAM_BUILDINFO, NULL, 0),
        OSSL_PARAM_int(OSSL_PROV_PARAM_STATUS, NULL),
        OSSL_PARAM_END,
    };
    (void)context;
    return table;
}

static int get_params(void *context, OSSL_PARAM params[]) {
    static const struct {
        const char *key;
        const char *value;
    } texts[] = {
        {OSSL_PROV_PARAM_NAME, "Edge HSM provider"},
        {OSSL_PROV_PARAM_VERSION, EHSM_VERSION},
        {OSSL_PROV_PARAM_BUILDINFO, EHSM_VERSION},
    };
    (void)context;
    for (size_t i = 0; i < COUNT(texts); i++) {
        OSSL_PARAM *param = OSSL_PARAM_locate(params, texts[i].key);
        if (param != NULL && !OSSL_PARAM_set_utf8_ptr(param, texts[i].value)) {
            return 0;
        }
    }
    OSSL_PARAM *running = OSSL_PARAM_locate(params, OSSL_PROV_PARAM_STATUS);
    return running == NULL || OSSL_PARAM_set_int(running, 1);
}

/* Texts of the reasons that provider_fail() gives. */
static const OSSL_ITEM *reasons(void *context) {
    static const OSSL_ITEM table[] = {
#define STATUS(name, number, ck_rv, text, advice) {(number), (void *)(uintptr_t)(text)},
#include "base/status.def"
#undef STATUS
        {0, NULL},
    };
    (void)context;
    return table + 1; /* the first row is OK: 0 would end the table */
}

static void teardown(void *context) {
    struct provider *provider = context;
    OSSL_LIB_CTX_free(provider->libctx);
    free(provider);
}

static const OSSL_DISPATCH functions[] = {
    ROW(OSSL_FUNC_PROVIDER_TEARDOWN, teardown),
    ROW(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, gettable),
    ROW(OSSL_FUNC_PROVIDER_GET_PARAMS, get_params),
    ROW(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
    ROW(OSSL_FUNC_PROVIDER_GET_REASON_STRINGS, reasons),
    ROW_END,
};

/* What the provider's section of the configuration file says; the core keeps the texts. */
static bool configure(struct provider *provider, OSSL_FUNC_core_get_params_fn *get) {
    char *module = NULL, *pin_file = NULL;
    OSSL_PARAM params[] = {
        OSSL_PARAM_utf8_ptr("module-address", &module, 0),
        OSSL_PARAM_utf8_ptr("pin-file", &pin_file, 0),
        OSSL_PARAM_END,
    };
    if (get == NULL || get(provider->handle, params) != 1) {
        return false;
    }
    provider->address = client_address(module);
    provider->pin_file = pin_file;
    return true;
}

PUBLIC_ABI OSSL_provider_init_fn OSSL_provider_init;

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                       const OSSL_DISPATCH **out, void **context) {
    OSSL_FUNC_core_get_params_fn *get = NULL;
    struct provider *provider = calloc(1, sizeof(*provider));
    if (provider == NULL) {
        return 0;
    }
    provider->handle = handle;
    for (; in->function_id != 0; in++) {
        switch (in->function_id) {
        case OSSL_FUNC_CORE_GET_PARAMS:
            get = OSSL_FUNC_core_get_params(in);
            break;
        case OSSL_FUNC_CORE_NEW_ERROR:
            provider->new_error = OSSL_FUNC_core_new_error(in);
            break;
        case OSSL_FUNC_CORE_VSET_ERROR:
            provider->vset_error = OSSL_FUNC_core_vset_error(in);
            break;
        case OSSL_FUNC_BIO_GETS:
            provider->bio_gets = OSSL_FUNC_BIO_gets(in);
            break;
        case OSSL_FUNC_BIO_READ_EX:
            provider->bio_read = OSSL_FUNC_BIO_read_ex(in);
            break;
        default:
            break;
        }
    }
    provider->libctx = OSSL_LIB_CTX_new();
    if (provider->libctx == NULL || provider->new_error == NULL || provider->vset_error == NULL ||
        provider->bio_gets == NULL || provider->bio_read == NULL || !configure(provider, get)) {
        teardown(provider);
        return 0;
    }
    *out = functions;
    *context = provider;
    return 1;
}
