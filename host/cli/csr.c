/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate requests. */
#include "host/cli/csr.h"

#include "host/cli/report.h"
#include "host/cli/signature.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { PART_MAX = 256, TBS_MAX = 16384 };

/* Takes the part up to the next unescaped '/' of "TYPE=VALUE/TYPE=VALUE"; a backslash keeps the
 * next character as it is. */
static const char *part_take(const char *from, char out[PART_MAX]) {
    size_t used = 0;
    for (; *from != 0 && *from != '/' && used + 1 < PART_MAX; from++) {
        if (*from == '\\' && from[1] != 0) {
            from++;
        }
        out[used++] = *from;
    }
    out[used] = 0;
    return from;
}

static X509_NAME *subject_read(const char *text) {
    X509_NAME *name = X509_NAME_new();
    bool right = name && *text == '/' && text[1] != 0;
    while (right && *text != 0) {
        char part[PART_MAX];
        right = *text == '/';
        text = right ? part_take(text + 1, part) : text;
        char *equal = right ? strchr(part, '=') : NULL;
        right = equal && equal[1] != 0;
        if (right) {
            *equal = 0;
            right = X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
                                               (const unsigned char *)equal + 1, -1, -1, 0) == 1;
        }
    }
    if (!right) {
        X509_NAME_free(name);
        return NULL;
    }
    return name;
}

static bool extensions_add(X509_REQ *request, const char *san) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, NULL, NULL, request, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, san);
    STACK_OF(X509_EXTENSION) *all = sk_X509_EXTENSION_new_null();
    bool done = extension && all && sk_X509_EXTENSION_push(all, extension) > 0;
    done = done && X509_REQ_add_extensions(request, all) == 1;
    if (all) {
        sk_X509_EXTENSION_free(all);
    }
    X509_EXTENSION_free(extension);
    return done;
}

enum status csr_check(const struct cli *cli, const struct csr_given *given) {
    if (given->subject) {
        X509_NAME *name = subject_read(given->subject);
        if (!name) {
            return report_usage(
                cli, "'%s' is not a subject: it looks like /O=Example/CN=gw7.example.net",
                given->subject);
        }
        X509_NAME_free(name);
    }
    if (given->san) {
        X509_REQ *request = X509_REQ_new();
        bool right = request && extensions_add(request, given->san);
        X509_REQ_free(request);
        if (!right) {
            return report_usage(cli,
                                "'%s' is not a list of names: it looks like "
                                "DNS:gw7.example.net,IP:10.0.0.7",
                                given->san);
        }
    }
    return STATUS_OK;
}

static X509_REQ *csr_build(const char *name, const struct key_pair *pair,
                               const struct csr_given *given) {
    char common[300];
    snprintf(common, sizeof(common), "%s", name);
    X509_REQ *request = X509_REQ_new();
    X509_NAME *subject = given->subject ? subject_read(given->subject) : X509_NAME_new();
    bool done = request && subject;
    if (done && !given->subject) {
        done = X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (unsigned char *)common, -1,
                                          -1, 0) == 1;
    }
    done = done && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
           X509_REQ_set_subject_name(request, subject) == 1 &&
           X509_REQ_set_pubkey(request, pair->key) == 1;
    done = done && (!given->san || extensions_add(request, given->san));
    X509_NAME_free(subject);
    if (!done) {
        X509_REQ_free(request);
        return NULL;
    }
    return request;
}

/* The algorithm identifier of the signature: ECDSA and EdDSA without parameters, RSA with NULL. */
static bool algorithm_set(X509_REQ *request, const struct key_pair *pair,
                          const struct signature_scheme *scheme) {
    int type = EVP_PKEY_get_base_id(pair->key), nid = NID_ED25519;
    if (scheme->md && OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(scheme->md), type) != 1) {
        return false;
    }
    X509_ALGOR *algorithm = X509_ALGOR_new();
    bool done = algorithm &&
                X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid),
                                type == EVP_PKEY_RSA ? V_ASN1_NULL : V_ASN1_UNDEF, NULL) == 1 &&
                X509_REQ_set1_signature_algo(request, algorithm) == 1;
    X509_ALGOR_free(algorithm);
    return done;
}

static bool signature_set(X509_REQ *request, struct bytes signature) {
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    if (!bits || ASN1_BIT_STRING_set(bits, (unsigned char *)(uintptr_t)signature.data,
                                     (int)signature.size) != 1) {
        ASN1_BIT_STRING_free(bits);
        return false;
    }
    bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(request, bits);
    return true;
}

static enum status csr_sign(struct cli *cli, const struct key_pair *pair, X509_REQ *request) {
    struct signature_scheme scheme;
    uint8_t room[SIGNATURE_MAX];
    struct span signature = {room, sizeof(room)};
    unsigned char *tbs = NULL;
    TRY(signature_choose(cli, pair->key, NULL, false, &scheme));
    int size = algorithm_set(request, pair, &scheme) ? i2d_re_X509_REQ_tbs(request, &tbs) : -1;
    enum status status = STATUS_INTERNAL;
    if (size > 0) {
        status = signature_of_bytes(cli, pair, bytes_of(tbs, (size_t)size), &scheme, &signature);
    }
    OPENSSL_free(tbs);
    TRY(status);
    if (!signature_set(request, bytes_of_span(signature)) ||
        X509_REQ_verify(request, pair->key) != 1) {
        return report_failure(cli, STATUS_INTERNAL,
                              (struct reason){"the finished request does not verify", NULL},
                              "make the certificate request");
    }
    return STATUS_OK;
}

enum status csr_write(struct cli *cli, const char *name, const struct key_pair *pair,
                          const struct csr_given *given) {
    X509_REQ *request = csr_build(name, pair, given);
    if (!request) {
        return report_failure(cli, STATUS_DATA_INVALID,
                              (struct reason){"subject or names do not fit into one",
                                              "give them: --subject /CN=... --san DNS:..."},
                              "make a certificate request for '%s'", name);
    }
    enum status status = csr_sign(cli, pair, request);
    BIO *bio = BIO_new(BIO_s_mem());
    if (status == STATUS_OK) {
        status = STATUS_INTERNAL;
        if (bio && PEM_write_bio_X509_REQ(bio, request) == 1) {
            status = public_key_write_bio(cli, bio, given->out);
        }
    }
    BIO_free(bio);
    X509_REQ_free(request);
    return status;
}
