/* SPDX-License-Identifier: Apache-2.0 */
/* A key on somebody's smart card. */
#include "host/cli/card.h"

#include "approval/approval.h"
#include "base/wipe.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"

#include <openssl/core_names.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdlib.h>

enum { SLOTS_MAX = 64, POINT_SIZE = 65, ATTRIBUTE_MAX = 4096, FILE_URI = 5 };

struct card {
    P11KitUri *uri;
    CK_FUNCTION_LIST **modules; /* ends with NULL */
    CK_FUNCTION_LIST *one[2];   /* where the URI names the module */
    CK_FUNCTION_LIST *module;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
};

bool card_named(const char *place) {
    return strncmp(place, "pkcs11:", 7) == 0;
}

static enum status fail(const struct cli *cli, const char *uri, const char *why, const char *next) {
    return report_failure(cli, STATUS_FILE_READ, (struct reason){why, next}, "use the key '%s'",
                          uri);
}

/* ---- module and token ---- */

static bool load_modules(struct card *card) {
    const char *path = p11_kit_uri_get_module_path(card->uri);
    if (path == NULL) {
        card->modules = p11_kit_modules_load_and_initialize(0);
        return card->modules != NULL;
    }
    card->one[0] = p11_kit_module_load(path, 0);
    if (card->one[0] != NULL && p11_kit_module_initialize(card->one[0]) != CKR_OK) {
        p11_kit_module_release(card->one[0]);
        card->one[0] = NULL;
    }
    return card->one[0] != NULL;
}

static bool open_slot(struct card *card, CK_FUNCTION_LIST *module, CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    if (module->C_GetTokenInfo(slot, &token) != CKR_OK ||
        !p11_kit_uri_match_token_info(card->uri, &token) ||
        module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &card->session) != CKR_OK) {
        return false;
    }
    card->module = module;
    return true;
}

/* The first token that the URI fits. */
static bool open_session(struct card *card) {
    CK_FUNCTION_LIST **modules = card->modules != NULL ? card->modules : card->one;
    CK_SLOT_ID slots[SLOTS_MAX];
    for (; *modules != NULL; modules++) {
        CK_ULONG count = SLOTS_MAX;
        if ((*modules)->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) {
            continue;
        }
        for (CK_ULONG i = 0; i < count; i++) {
            if (open_slot(card, *modules, slots[i])) {
                return true;
            }
        }
    }
    return false;
}

void card_close(struct card *card) {
    if (card == NULL) {
        return;
    }
    if (card->module != NULL) {
        card->module->C_CloseSession(card->session);
    }
    if (card->modules != NULL) {
        p11_kit_modules_finalize_and_release(card->modules);
    } else if (card->one[0] != NULL) {
        p11_kit_module_finalize(card->one[0]);
        p11_kit_module_release(card->one[0]);
    }
    p11_kit_uri_free(card->uri);
    free(card);
}

static enum status reach(const struct cli *cli, const char *uri, struct card **card) {
    struct card *made = calloc(1, sizeof(*made));
    if (made == NULL || (made->uri = p11_kit_uri_new()) == NULL) {
        free(made);
        return fail(cli, uri, "there is too little memory", "");
    }
    enum status status = STATUS_OK;
    if (p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, made->uri) != P11_KIT_URI_OK ||
        p11_kit_uri_any_unrecognized(made->uri)) {
        status = fail(cli, uri, "it is no URI of RFC 7512", "for example pkcs11:token=T;object=K");
    } else if (!load_modules(made)) {
        status = fail(cli, uri, "its PKCS #11 module does not load",
                      "name it: pkcs11:...?module-path=/path/of/module.so");
    } else if (!open_session(made)) {
        status = fail(cli, uri, "no such token is there", "p11-kit list-modules");
    }
    if (status != STATUS_OK) {
        card_close(made);
        return status;
    }
    *card = made;
    return STATUS_OK;
}

/* ---- login ---- */

static enum status get_pin(const struct cli *cli, const struct card *card, struct pin *pin) {
    const char *value = p11_kit_uri_get_pin_value(card->uri);
    const char *source = p11_kit_uri_get_pin_source(card->uri);
    if (value != NULL && strlen(value) <= PIN_SIZE_MAX) {
        pin->size = strlen(value);
        memcpy(pin->data, value, pin->size);
        return STATUS_OK;
    }
    if (source != NULL) {
        bool scheme = strncmp(source, "file:", FILE_URI) == 0;
        return pin_line(cli, scheme ? source + FILE_URI : source, pin);
    }
    return pin_ask(cli, "PIN of the card", false, pin);
}

static enum status log_in(const struct cli *cli, const char *uri, struct card *card) {
    struct pin pin = {0};
    enum status status = get_pin(cli, card, &pin);
    if (status == STATUS_OK) {
        CK_RV said =
            card->module->C_Login(card->session, CKU_USER, pin.data, (CK_ULONG)pin.size);
        if (said != CKR_OK && said != CKR_USER_ALREADY_LOGGED_IN) {
            status = fail(cli, uri, p11_kit_strerror(said), "");
        }
    }
    wipe(&pin, sizeof(pin));
    return status;
}

/* ---- objects ---- */

/* The first object of a class that has the URI's label and id. */
static bool find(struct card *card, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *object) {
    CK_ATTRIBUTE wanted[3] = {{CKA_CLASS, &class, sizeof(class)}};
    CK_ULONG count = 1, found = 0;
    const CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(card->uri, CKA_LABEL);
    const CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(card->uri, CKA_ID);
    if (label != NULL) {
        wanted[count++] = *label;
    }
    if (id != NULL) {
        wanted[count++] = *id;
    }
    bool done = card->module->C_FindObjectsInit(card->session, wanted, count) == CKR_OK &&
                card->module->C_FindObjects(card->session, object, 1, &found) == CKR_OK;
    card->module->C_FindObjectsFinal(card->session);
    return done && found == 1;
}

static bool get(struct card *card, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                struct span *value) {
    CK_ATTRIBUTE asked = {type, value->data, value->size};
    bool done = card->module->C_GetAttributeValue(card->session, object, &asked, 1) == CKR_OK;
    value->size = done ? asked.ulValueLen : 0;
    return done;
}

/* CKA_EC_POINT is an OCTET STRING around the point; some modules leave it out. */
static EVP_PKEY *key_of_point(struct bytes point) {
    bool wrapped = point.size > 2 && point.data[0] == 4 && point.data[1] == point.size - 2;
    struct bytes bare = wrapped ? bytes_of(point.data + 2, point.size - 2) : point;
    if (bare.size == 32) {
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bare.data, bare.size);
    }
    EVP_PKEY *key = NULL;
    char group[] = "prime256v1";
    uint8_t copy[POINT_SIZE];
    if (bare.size != POINT_SIZE) {
        return NULL;
    }
    memcpy(copy, bare.data, sizeof(copy));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof(copy)),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *read_public(struct card *card) {
    static uint8_t room[ATTRIBUTE_MAX];
    struct span value = {room, sizeof(room)};
    CK_OBJECT_HANDLE object = 0;
    if (find(card, CKO_PUBLIC_KEY, &object) && get(card, object, CKA_EC_POINT, &value)) {
        return key_of_point(bytes_of_span(value));
    }
    value.size = sizeof(room);
    if (!find(card, CKO_CERTIFICATE, &object) || !get(card, object, CKA_VALUE, &value)) {
        return NULL;
    }
    const unsigned char *at = value.data;
    X509 *certificate = d2i_X509(NULL, &at, (long)value.size);
    EVP_PKEY *key = certificate != NULL ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return key;
}

/* ---- what others ask ---- */

EVP_PKEY *card_public(const struct cli *cli, const char *uri) {
    struct card *card = NULL;
    EVP_PKEY *key = NULL;
    enum status status = reach(cli, uri, &card);
    bool has_pin = status == STATUS_OK && (p11_kit_uri_get_pin_value(card->uri) != NULL ||
                                           p11_kit_uri_get_pin_source(card->uri) != NULL);
    if (has_pin) {
        status = log_in(cli, uri, card);
    }
    if (status == STATUS_OK) {
        key = read_public(card);
        status = key != NULL
                     ? STATUS_OK
                     : fail(cli, uri, "the token shows no such public key of P-256 or Ed25519",
                            "its label and id: pkcs11-tool --list-objects");
    }
    card_close(card);
    return status == STATUS_OK ? key : NULL;
}

enum status card_open(const struct cli *cli, const char *uri, struct card **card) {
    TRY(reach(cli, uri, card));
    enum status status = log_in(cli, uri, *card);
    if (status == STATUS_OK && !find(*card, CKO_PRIVATE_KEY, &(*card)->key)) {
        status = fail(cli, uri, "no such private key is on the token",
                      "its label and id: pkcs11-tool --login --list-objects");
    }
    if (status != STATUS_OK) {
        card_close(*card);
        *card = NULL;
    }
    return status;
}

enum status card_sign(const struct cli *cli, struct card *card, bool edwards, struct bytes data,
                      uint8_t signature[CARD_SIGNATURE_SIZE]) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    uint8_t whole[APPROVAL_SIGNED_MAX]; /* PKCS #11 takes what it signs without const */
    CK_MECHANISM mechanism = {edwards ? CKM_EDDSA : CKM_ECDSA, NULL, 0};
    CK_ULONG size = CARD_SIGNATURE_SIZE;
    if (data.size > sizeof(whole) || SHA256(data.data, data.size, hash) == NULL) {
        return STATUS_INTERNAL;
    }
    memcpy(whole, edwards ? data.data : hash, edwards ? data.size : sizeof(hash));
    CK_RV said = card->module->C_SignInit(card->session, &mechanism, card->key);
    if (said == CKR_OK) {
        said = card->module->C_Sign(card->session, whole, edwards ? data.size : sizeof(hash),
                                    signature, &size);
    }
    if (said != CKR_OK || size != CARD_SIGNATURE_SIZE) {
        const char *why = said != CKR_OK ? p11_kit_strerror(said) : "the signature's size is wrong";
        return report_failure(cli, STATUS_FILE_READ, (struct reason){why, ""},
                              "sign with the card");
    }
    return STATUS_OK;
}
