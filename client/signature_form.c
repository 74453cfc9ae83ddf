/* SPDX-License-Identifier: Apache-2.0 */
/* DigestInfo and ECDSA-Sig-Value. */
#include "client/signature_form.h"

#include <openssl/ecdsa.h>
#include <openssl/x509.h>

enum status signature_form_digest_info(const EVP_MD *md, struct bytes digest, struct span *out) {
    X509_SIG *info = X509_SIG_new();
    X509_ALGOR *algorithm = NULL;
    ASN1_OCTET_STRING *octets = NULL;
    enum status status = STATUS_INTERNAL;
    unsigned char *at = out->data;
    if (!info) {
        return STATUS_INTERNAL;
    }
    X509_SIG_getm(info, &algorithm, &octets);
    int size = -1;
    if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, NULL) == 1 &&
        ASN1_OCTET_STRING_set(octets, digest.data, (int)digest.size) == 1) {
        size = i2d_X509_SIG(info, NULL);
    }
    if (size > 0 && (size_t)size <= out->size) {
        out->size = (size_t)i2d_X509_SIG(info, &at);
        status = STATUS_OK;
    }
    X509_SIG_free(info);
    return status;
}

enum status signature_form_ecdsa(struct bytes raw, struct span *out) {
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw.data, (int)(raw.size / 2), NULL);
    BIGNUM *s = BN_bin2bn(raw.data + raw.size / 2, (int)(raw.size / 2), NULL);
    enum status status = STATUS_INTERNAL;
    if (!pair || !r || !s || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return STATUS_INTERNAL;
    }
    int size = i2d_ECDSA_SIG(pair, NULL);
    if (size > 0 && (size_t)size <= out->size) {
        unsigned char *at = out->data;
        out->size = (size_t)i2d_ECDSA_SIG(pair, &at);
        status = STATUS_OK;
    }
    ECDSA_SIG_free(pair);
    return status;
}
