/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys through CKA_PUBLIC_KEY_INFO, the one form that all kinds of key share. */
#include "host/cli/public_key.h"

#include "host/cli/file.h"
#include "host/cli/object.h"
#include "host/cli/report.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

static enum status key_read(struct cli *cli, uint64_t handle, const char *name,
                            struct key_pair *pair) {
    static const uint32_t types[] = {ATTRIBUTE_PUBLIC_KEY_INFO, ATTRIBUTE_ID, CLASS_END};
    struct span attributes = {0};
    struct bytes info = {0}, id = {0};
    TRY(object_get(cli, handle, types, &attributes));
    if (attributes_find(bytes_of_span(attributes), ATTRIBUTE_PUBLIC_KEY_INFO, &info) == STATUS_OK) {
        const unsigned char *at = info.data;
        pair->key = d2i_PUBKEY(NULL, &at, (long)info.size);
    }
    if (attributes_find(bytes_of_span(attributes), ATTRIBUTE_ID, &id) == STATUS_OK &&
        id.size <= sizeof(pair->id)) {
        bytes_copy(pair->id, id);
        pair->id_size = id.size;
    }
    free(attributes.data);
    if (!pair->key) {
        return report_failure(cli, STATUS_PUBLIC_KEY_INVALID,
                              (struct reason){"the module does not give its public half", NULL},
                              "use the key '%s'", name);
    }
    return STATUS_OK;
}

enum status key_pair_find(struct cli *cli, const char *name, bool needs_private,
                          struct key_pair *pair) {
    *pair = (struct key_pair){0};
    if (needs_private) {
        TRY(object_one(cli, CLASS_PRIVATE_KEY, name, &pair->private_key));
    } else {
        TRY(object_maybe(cli, CLASS_PRIVATE_KEY, name, &pair->private_key));
    }
    TRY(object_maybe(cli, CLASS_PUBLIC_KEY, name, &pair->public_key));
    if (pair->private_key == 0 && pair->public_key == 0) {
        return object_one(cli, CLASS_PRIVATE_KEY, name, &pair->private_key);
    }
    uint64_t handle = pair->private_key != 0 ? pair->private_key : pair->public_key;
    return key_read(cli, handle, name, pair);
}

void key_pair_free(struct key_pair *pair) {
    EVP_PKEY_free(pair->key);
    *pair = (struct key_pair){0};
}

enum status public_key_write_bio(const struct cli *cli, BIO *bio, const char *path) {
    char *text = NULL;
    long size = BIO_get_mem_data(bio, &text);
    return file_write(cli, path, bytes_of(text, size > 0 ? (size_t)size : 0), 0644);
}

enum status public_key_write(const struct cli *cli, EVP_PKEY *key, const char *path) {
    BIO *bio = BIO_new(BIO_s_mem());
    enum status status = STATUS_INTERNAL;
    if (bio && PEM_write_bio_PUBKEY(bio, key) == 1) {
        status = public_key_write_bio(cli, bio, path);
    }
    BIO_free(bio);
    return status;
}
