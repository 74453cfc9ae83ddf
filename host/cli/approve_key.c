/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of people who approve: PEM files, smart cards through PKCS #11, or URIs of what OpenSSL's
 * providers know. */
#include "host/cli/approve.h"

#include "host/cli/card.h"
#include "host/cli/report.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <openssl/x509.h>

static EVP_PKEY *key_of(const OSSL_STORE_INFO *info, bool is_private) {
    int type = OSSL_STORE_INFO_get_type(info);
    if (type == OSSL_STORE_INFO_PKEY) {
        return OSSL_STORE_INFO_get1_PKEY(info);
    }
    if (!is_private && type == OSSL_STORE_INFO_PUBKEY) {
        return OSSL_STORE_INFO_get1_PUBKEY(info);
    }
    if (!is_private && type == OSSL_STORE_INFO_CERT) {
        X509 *certificate = OSSL_STORE_INFO_get1_CERT(info);
        EVP_PKEY *key = X509_get_pubkey(certificate);
        X509_free(certificate);
        return key;
    }
    return NULL;
}

static EVP_PKEY *load(const struct cli *cli, const char *place, bool is_private) {
    EVP_PKEY *key = NULL;
    OSSL_STORE_CTX *store = OSSL_STORE_open(place, UI_OpenSSL(), NULL, NULL, NULL);
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        key = info != NULL ? key_of(info, is_private) : NULL;
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    ERR_clear_error();
    if (key == NULL) {
        enum status told = report_failure(
            cli, STATUS_FILE_READ,
            (struct reason){is_private ? "no private key is there" : "no public key is there",
                            "give a PEM file, a card's pkcs11: URI, or a URI whose provider "
                            "OpenSSL loads"},
            "load the key '%s'", place);
        (void)told;
    }
    return key;
}

EVP_PKEY *approve_key_load(const struct cli *cli, const char *place) {
    return card_named(place) ? card_public(cli, place) : load(cli, place, false);
}

enum status approve_member_of(EVP_PKEY *key, struct member *member,
                              uint8_t point[MEMBER_KEY_MAX]) {
    size_t size = MEMBER_KEY_MAX;
    char group[32] = "";
    if (EVP_PKEY_is_a(key, "ED25519") && EVP_PKEY_get_raw_public_key(key, point, &size) == 1) {
        member->algorithm = MEMBER_EDDSA;
    } else if (EVP_PKEY_is_a(key, "EC") &&
               EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
               strcmp(group, "prime256v1") == 0 &&
               EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point,
                                               MEMBER_KEY_MAX, &size) == 1 &&
               size == MEMBER_KEY_MAX) {
        member->algorithm = MEMBER_ES256;
    } else {
        return STATUS_USAGE;
    }
    member->key = bytes_of(point, size);
    return STATUS_OK;
}

enum status approve_key_id(const struct member *member, uint8_t id[APPROVAL_KEY_ID_SIZE]) {
    uint8_t hash[SHA256_DIGEST_LENGTH];
    if (SHA256(member->key.data, member->key.size, hash) == NULL) {
        return STATUS_INTERNAL;
    }
    memcpy(id, hash, APPROVAL_KEY_ID_SIZE);
    return STATUS_OK;
}

/* ---- signatures ---- */

bool approve_raw_signature(const uint8_t *der, size_t size,
                           uint8_t raw[APPROVAL_SIGNATURE_SIZE]) {
    const unsigned char *at = der;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)size);
    bool fits = signature != NULL &&
                BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, APPROVAL_SIGNATURE_SIZE / 2) > 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + APPROVAL_SIGNATURE_SIZE / 2,
                             APPROVAL_SIGNATURE_SIZE / 2) > 0;
    ECDSA_SIG_free(signature);
    return fits;
}

enum status signer_load(const struct cli *cli, const char *place, struct signer *signer) {
    bool on_card = card_named(place);
    *signer = (struct signer){0};
    signer->key = on_card ? card_public(cli, place) : load(cli, place, true);
    enum status status = signer->key != NULL ? STATUS_OK : STATUS_FILE_READ;
    if (status == STATUS_OK && on_card) {
        status = card_open(cli, place, &signer->card);
    }
    if (status != STATUS_OK) {
        signer_free(signer);
    }
    return status;
}

void signer_free(struct signer *signer) {
    EVP_PKEY_free(signer->key);
    card_close(signer->card);
    *signer = (struct signer){0};
}

static enum status key_sign(EVP_PKEY *key, bool edwards, struct bytes data,
                            uint8_t raw[APPROVAL_SIGNATURE_SIZE]) {
    uint8_t made[128];
    size_t size = sizeof(made);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL &&
                EVP_DigestSignInit(context, NULL, edwards ? NULL : EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(context, made, &size, data.data, data.size) == 1;
    EVP_MD_CTX_free(context);
    if (done && edwards && size == APPROVAL_SIGNATURE_SIZE) {
        memcpy(raw, made, size);
        return STATUS_OK;
    }
    return done && !edwards && approve_raw_signature(made, size, raw) ? STATUS_OK : STATUS_INTERNAL;
}

enum status signer_sign(const struct cli *cli, const struct signer *signer, int32_t algorithm,
                        struct bytes data, uint8_t raw[APPROVAL_SIGNATURE_SIZE]) {
    bool edwards = algorithm == MEMBER_EDDSA;
    return signer->card != NULL ? card_sign(cli, signer->card, edwards, data, raw)
                                : key_sign(signer->key, edwards, data, raw);
}
