/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key import: a key from a file. It was outside once, and the module remembers that. */
#include "base/wipe.h"
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/key.h"
#include "host/cli/key_type.h"
#include "host/cli/object.h"
#include "host/cli/output.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <sys/random.h>

enum { TEMPLATE_ROOM = 8192, ID_SIZE = 8, KEY_FILE_MAX = 65536, NUMBER_MAX = 1024 };

struct import_given {
    const char *name;
    const char *file;
    const char *type;
    const char *usage;
    const char *passphrase_file;
    const struct key_type_row *row;
    uint8_t id[ID_SIZE];
};

static enum status common_add(const struct import_given *given, uint32_t class,
                              struct span template, size_t *used) {
    TRY(attributes_add_num(template, used, ATTRIBUTE_CLASS, class));
    TRY(attributes_add_num(template, used, ATTRIBUTE_KEY_TYPE, (uint32_t)given->row->type));
    TRY(attributes_add_bool(template, used, ATTRIBUTE_TOKEN, true));
    TRY(attributes_add_bool(template, used, ATTRIBUTE_PRIVATE, class != CLASS_PUBLIC_KEY));
    TRY(attributes_add(template, used, ATTRIBUTE_LABEL, bytes_of_text(given->name)));
    TRY(attributes_add(template, used, ATTRIBUTE_ID, bytes_of(given->id, ID_SIZE)));
    if (class != CLASS_PUBLIC_KEY) {
        TRY(attributes_add_bool(template, used, ATTRIBUTE_SENSITIVE, true));
        TRY(attributes_add_bool(template, used, ATTRIBUTE_EXTRACTABLE, false));
    }
    return STATUS_OK;
}

static enum status number_add(EVP_PKEY *key, const char *name, uint32_t type, struct span template,
                              size_t *used) {
    BIGNUM *number = NULL;
    SECRET_BYTES(raw, NUMBER_MAX);
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
        return STATUS_DATA_INVALID;
    }
    int size = BN_num_bytes(number);
    bool fits = size > 0 && size <= NUMBER_MAX && BN_bn2binpad(number, raw, size) == size;
    BN_clear_free(number);
    return fits ? attributes_add(template, used, type, bytes_of(raw, (size_t)size))
                : STATUS_DATA_INVALID;
}

static enum status rsa_add(EVP_PKEY *key, uint32_t class, struct span template, size_t *used) {
    static const struct {
        const char *name;
        uint32_t type;
    } parts[] = {{OSSL_PKEY_PARAM_RSA_N, ATTRIBUTE_MODULUS},
                 {OSSL_PKEY_PARAM_RSA_E, ATTRIBUTE_PUBLIC_EXPONENT},
                 {OSSL_PKEY_PARAM_RSA_D, ATTRIBUTE_PRIVATE_EXPONENT},
                 {OSSL_PKEY_PARAM_RSA_FACTOR1, ATTRIBUTE_PRIME_1},
                 {OSSL_PKEY_PARAM_RSA_FACTOR2, ATTRIBUTE_PRIME_2},
                 {OSSL_PKEY_PARAM_RSA_EXPONENT1, ATTRIBUTE_EXPONENT_1},
                 {OSSL_PKEY_PARAM_RSA_EXPONENT2, ATTRIBUTE_EXPONENT_2},
                 {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, ATTRIBUTE_COEFFICIENT}};
    size_t count = class == CLASS_PUBLIC_KEY ? 2 : COUNT(parts);
    for (size_t i = 0; i < count; i++) {
        TRY(number_add(key, parts[i].name, parts[i].type, template, used));
    }
    return STATUS_OK;
}

/* CKA_EC_POINT is the point inside an OCTET STRING. */
static enum status point_add(EVP_PKEY *key, struct span template, size_t *used) {
    uint8_t point[256], der[260];
    size_t size = 0, head = 2;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point),
                                        &size) != 1 ||
        size > 255) {
        return STATUS_DATA_INVALID;
    }
    der[0] = V_ASN1_OCTET_STRING;
    if (size >= 128) {
        der[1] = 0x81;
        head = 3;
    }
    der[head - 1] = (uint8_t)size;
    memcpy(der + head, point, size);
    return attributes_add(template, used, ATTRIBUTE_EC_POINT, bytes_of(der, head + size));
}

static enum status curve_add(const struct import_given *given, EVP_PKEY *key, uint32_t class,
                             struct span template, size_t *used) {
    TRY(attributes_add(template, used, ATTRIBUTE_EC_PARAMS, given->row->params));
    if (class == CLASS_PUBLIC_KEY) {
        return point_add(key, template, used);
    }
    if (given->row->type == KEY_EC) {
        return number_add(key, OSSL_PKEY_PARAM_PRIV_KEY, ATTRIBUTE_VALUE, template, used);
    }
    SECRET_BYTES(raw, 64);
    size_t size = sizeof(raw);
    if (EVP_PKEY_get_raw_private_key(key, raw, &size) != 1) {
        return STATUS_DATA_INVALID;
    }
    return attributes_add(template, used, ATTRIBUTE_VALUE, bytes_of(raw, size));
}

static enum status half_make(struct cli *cli, const struct import_given *given, EVP_PKEY *key,
                             uint32_t class) {
    SECRET_BYTES(room, TEMPLATE_ROOM);
    struct span template = {room, TEMPLATE_ROOM};
    size_t used = 0;
    uint64_t handle = 0;
    TRY(common_add(given, class, template, &used));
    TRY(key_usage_add(cli, given->row, given->usage, (enum object_class) class, template, &used));
    enum status status = given->row->type == KEY_RSA
                             ? rsa_add(key, class, template, &used)
                             : curve_add(given, key, class, template, &used);
    if (status != STATUS_OK) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"a part of the key is missing or too large", NULL},
                              "import '%s'", given->file);
    }
    return object_create(cli, bytes_of(room, used), "import the key", &handle);
}

static const struct key_type_row *type_of(EVP_PKEY *key) {
    char curve[64] = "";
    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
        return key_type_find("ed25519");
    case EVP_PKEY_X25519:
        return key_type_find("x25519");
    case EVP_PKEY_RSA: {
        int bits = EVP_PKEY_get_bits(key);
        return key_type_find(bits == 2048   ? "rsa2048"
                             : bits == 3072 ? "rsa3072"
                             : bits == 4096 ? "rsa4096"
                                            : "");
    }
    case EVP_PKEY_EC:
        EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL);
        return key_type_find(strcmp(curve, "prime256v1") == 0  ? "p256"
                             : strcmp(curve, "secp384r1") == 0 ? "p384"
                             : strcmp(curve, "secp521r1") == 0 ? "p521"
                                                               : "");
    default:
        return NULL;
    }
}

static int passphrase_give(char *out, int room, int writing, void *context) {
    const struct pin *passphrase = context;
    (void)writing;
    int size = (int)passphrase->size < room ? (int)passphrase->size : room;
    memcpy(out, passphrase->data, (size_t)size);
    return size;
}

static EVP_PKEY *key_decode(struct bytes file, struct pin *passphrase) {
    BIO *bio = BIO_new_mem_buf(file.data, (int)file.size);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, passphrase_give, passphrase) : NULL;
    BIO_free(bio);
    const unsigned char *at = file.data;
    return key ? key : d2i_AutoPrivateKey(NULL, &at, (long)file.size);
}

static enum status pair_import(struct cli *cli, struct import_given *given, struct bytes file) {
    struct pin passphrase = {.size = 0};
    WIPE_AT_END(passphrase, sizeof(passphrase));
    if (given->passphrase_file) {
        TRY(pin_line(cli, given->passphrase_file, &passphrase));
    }
    EVP_PKEY *key = key_decode(file, &passphrase);
    if (!key) {
        return report_failure(
            cli, STATUS_FILE_FORMAT,
            (struct reason){
                "it holds no private key in PEM or DER, or its passphrase is another one",
                "for an encrypted file add --passphrase-file FILE; for raw bytes add --type "
                "aes256 or the like"},
            "import '%s'", given->file);
    }
    given->row = type_of(key);
    if (!given->row) {
        EVP_PKEY_free(key);
        return report_failure(
            cli, STATUS_KEY_SIZE,
            (struct reason){"the module does not take keys of this type or size",
                            "RSA 2048/3072/4096, P-256/384/521, Ed25519 and X25519 work"},
            "import '%s'", given->file);
    }
    enum status status = object_name_free(cli, CLASS_PRIVATE_KEY, given->name);
    if (status == STATUS_OK) {
        status = half_make(cli, given, key, CLASS_PRIVATE_KEY);
    }
    if (status == STATUS_OK) {
        status = half_make(cli, given, key, CLASS_PUBLIC_KEY);
    }
    EVP_PKEY_free(key);
    return status;
}

static enum status secret_import(struct cli *cli, const struct import_given *given,
                                 struct bytes file) {
    SECRET_BYTES(room, TEMPLATE_ROOM);
    struct span template = {room, TEMPLATE_ROOM};
    size_t used = 0;
    uint64_t handle = 0;
    if (file.size * 8 != given->row->bits) {
        return report_failure(
            cli, STATUS_FILE_FORMAT,
            (struct reason){"its length is not that of the type (raw bytes, no newline)", NULL},
            "import '%s' as %s", given->file, given->row->name);
    }
    TRY(object_name_free(cli, CLASS_SECRET_KEY, given->name));
    TRY(common_add(given, CLASS_SECRET_KEY, template, &used));
    TRY(key_usage_add(cli, given->row, given->usage, CLASS_SECRET_KEY, template, &used));
    TRY(attributes_add(template, &used, ATTRIBUTE_VALUE, file));
    return object_create(cli, bytes_of(room, used), "import the key", &handle);
}

static enum status given_check(const struct cli *cli, struct import_given *given) {
    TRY(object_name_check(cli, given->name));
    if (given->type) {
        given->row = key_type_find(given->type);
        if (!given->row || given->row->type == KEY_RSA || given->row->params.size > 0) {
            return report_usage(
                cli, "--type is for raw bytes: aes128, aes192, aes256, chacha20, hmac256 "
                     "or hmac512; other keys tell their type themselves");
        }
    }
    if (getrandom(given->id, ID_SIZE, 0) != ID_SIZE) {
        return report_failure(cli, STATUS_NO_ENTROPY, (struct reason){0}, "import the key");
    }
    return STATUS_OK;
}

enum status key_import_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct import_given given = {0};
    struct span file = {0};
    const struct option_row rows[] = {
        {"type", 0, "TYPE", "for raw bytes: aes128/192/256, chacha20, hmac256/512", NULL,
         &given.type, NULL},
        {"usage", 0, "LIST", "sign, decrypt, encrypt, derive, wrap (default: fits the type)", NULL,
         &given.usage, NULL},
        {"passphrase-file", 0, "FILE", "passphrase of an encrypted key file", NULL,
         &given.passphrase_file, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 2, .most = 2};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    given.name = arguments.words[0];
    given.file = arguments.words[1];
    TRY(given_check(cli, &given));
    TRY(file_read(cli, given.file, KEY_FILE_MAX, &file));
    enum status status = session_start(cli, SESSION_USER, true);
    if (status == STATUS_OK) {
        status = given.row ? secret_import(cli, &given, bytes_of_span(file))
                           : pair_import(cli, &given, bytes_of_span(file));
    }
    file_free(&file);
    TRY(status);
    struct json_object *object = json_object_new_object();
    output_bytes(object, "key", bytes_of_text(given.name));
    output_text(object, "type", given.row->name);
    output_flag(object, "made_in_the_module", false);
    output_object(cli, object);
    report_talk(cli, "\nThe file still holds the key. When the module's copy works: shred -u %s",
                given.file);
    return STATUS_OK;
}
