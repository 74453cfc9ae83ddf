/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key cert: the certificate that belongs to a key, in and out. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/key.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/public_key.h"
#include "host/cli/report.h"
#include "host/cli/session.h"
#include "host/cli/uri.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { CERTIFICATE_MAX = 12288, TEMPLATE_ROOM = 16384, CKC_X_509_NUMBER = 0 };

static enum status certificate_read(const struct cli *cli, const char *path, X509 **out) {
    struct span whole = {0};
    TRY(file_read(cli, path, 1 << 20, &whole));
    BIO *bio = BIO_new_mem_buf(whole.data, (int)whole.size);
    *out = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (!*out && whole.size > 0) {
        const unsigned char *at = whole.data;
        *out = d2i_X509(NULL, &at, (long)whole.size);
    }
    BIO_free(bio);
    file_free(&whole);
    if (!*out) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"it holds no certificate in PEM or DER", NULL},
                              "take the certificate '%s'", path);
    }
    return STATUS_OK;
}

/* A DER encoding; free with OPENSSL_free. */
struct der {
    unsigned char *data;
    int size;
};

static enum status der_add(struct der der, uint32_t type, struct span template, size_t *used) {
    if (der.size <= 0) {
        return STATUS_INTERNAL;
    }
    return attributes_add(template, used, type, bytes_of(der.data, (size_t)der.size));
}

static enum status parts_add(X509 *certificate, struct span template, size_t *used) {
    struct der whole = {0}, subject = {0}, issuer = {0}, serial = {0};
    whole.size = i2d_X509(certificate, &whole.data);
    subject.size = i2d_X509_NAME(X509_get_subject_name(certificate), &subject.data);
    issuer.size = i2d_X509_NAME(X509_get_issuer_name(certificate), &issuer.data);
    serial.size = i2d_ASN1_INTEGER(X509_get_serialNumber(certificate), &serial.data);
    enum status status = der_add(whole, ATTRIBUTE_VALUE, template, used);
    if (status == STATUS_OK) {
        status = der_add(subject, ATTRIBUTE_SUBJECT, template, used);
    }
    if (status == STATUS_OK) {
        status = der_add(issuer, ATTRIBUTE_ISSUER, template, used);
    }
    if (status == STATUS_OK) {
        status = der_add(serial, ATTRIBUTE_SERIAL_NUMBER, template, used);
    }
    OPENSSL_free(whole.data);
    OPENSSL_free(subject.data);
    OPENSSL_free(issuer.data);
    OPENSSL_free(serial.data);
    return status;
}

static enum status template_make(const char *name, const struct key_pair *pair, X509 *certificate,
                                 struct span *template) {
    size_t used = 0;
    struct span room = *template;
    TRY(attributes_add_num(room, &used, ATTRIBUTE_CLASS, CLASS_CERTIFICATE));
    TRY(attributes_add_num(room, &used, ATTRIBUTE_CERTIFICATE_TYPE, CKC_X_509_NUMBER));
    TRY(attributes_add_bool(room, &used, ATTRIBUTE_TOKEN, true));
    TRY(attributes_add_bool(room, &used, ATTRIBUTE_PRIVATE, false));
    TRY(attributes_add(room, &used, ATTRIBUTE_LABEL, bytes_of_text(name)));
    TRY(attributes_add(room, &used, ATTRIBUTE_ID, bytes_of(pair->id, pair->id_size)));
    TRY(parts_add(certificate, room, &used));
    template->size = used;
    return STATUS_OK;
}

/* The new one is there before the old one goes. */
static enum status certificate_store(struct cli *cli, const char *name, const struct key_pair *pair,
                                     X509 *certificate) {
    static uint8_t room[TEMPLATE_ROOM];
    struct span template = {room, sizeof(room)};
    static struct object_list old;
    uint64_t made = 0;
    if (template_make(name, pair, certificate, &template) != STATUS_OK) {
        return report_failure(cli, STATUS_OBJECT_TOO_LARGE, (struct reason){0},
                              "keep the certificate of '%s'", name);
    }
    TRY(object_find(cli, CLASS_CERTIFICATE, name, &old));
    TRY(object_create(cli, bytes_of_span(template), "keep the certificate", &made));
    for (size_t i = 0; i < old.count; i++) {
        TRY(object_destroy(cli, old.handles[i], "remove the older certificate"));
    }
    return STATUS_OK;
}

static enum status certificate_take(struct cli *cli, const char *name, const char *path) {
    struct key_pair pair;
    X509 *certificate = NULL;
    TRY(certificate_read(cli, path, &certificate));
    enum status status = key_pair_find(cli, name, false, &pair);
    if (status == STATUS_OK && EVP_PKEY_eq(X509_get0_pubkey(certificate), pair.key) != 1) {
        status = report_failure(
            cli, STATUS_FILE_FORMAT,
            (struct reason){"it is the certificate of another key",
                            "see whose: openssl x509 -noout -subject -pubkey -in FILE"},
            "keep '%s' as the certificate of '%s'", path, name);
    } else if (status == STATUS_OK) {
        status = certificate_store(cli, name, &pair, certificate);
    }
    key_pair_free(&pair);
    X509_free(certificate);
    TRY(status);
    char uri[URI_MAX];
    uri_make(cli->label, name, "cert", uri);
    struct json_object *object = json_object_new_object();
    output_bytes(object, "certificate", bytes_of_text(name));
    output_text(object, "uri", uri);
    output_object(cli, object);
    report_talk(cli, "\nnext: edgehsm snippet curl %s   (or nginx, ssh, openssl, java, mosquitto)",
                name);
    return STATUS_OK;
}

static enum status certificate_give(struct cli *cli, const char *name, const char *path) {
    static const uint32_t types[] = {ATTRIBUTE_VALUE, CLASS_END};
    uint64_t handle = 0;
    struct span attributes = {0};
    struct bytes der = {0};
    TRY(object_maybe(cli, CLASS_CERTIFICATE, name, &handle));
    if (handle == 0) {
        return report_failure(
            cli, STATUS_OBJECT_INVALID,
            (struct reason){"none is kept", "edgehsm key cert NAME FILE keeps one"},
            "print the certificate of '%s'", name);
    }
    TRY(object_get(cli, handle, types, &attributes));
    enum status status = STATUS_FILE_FORMAT;
    X509 *certificate = NULL;
    if (attributes_find(bytes_of_span(attributes), ATTRIBUTE_VALUE, &der) == STATUS_OK) {
        const unsigned char *at = der.data;
        certificate = d2i_X509(NULL, &at, (long)der.size);
    }
    BIO *bio = BIO_new(BIO_s_mem());
    if (certificate && bio && PEM_write_bio_X509(bio, certificate) == 1) {
        status = public_key_write_bio(cli, bio, path);
    } else {
        status =
            report_failure(cli, status, (struct reason){"what is kept is no certificate", NULL},
                           "print the certificate of '%s'", name);
    }
    BIO_free(bio);
    X509_free(certificate);
    free(attributes.data);
    return status;
}

enum status key_cert_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    const char *out = "-";
    const struct option_row rows[] = {
        {"out", 'o', "FILE", "where the kept certificate goes (default: stdout)", NULL, &out, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 2};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    bool take = arguments.count == 2;
    TRY(session_start(cli, SESSION_USER, take));
    return take ? certificate_take(cli, arguments.words[0], arguments.words[1])
                : certificate_give(cli, arguments.words[0], out);
}
