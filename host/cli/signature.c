/* SPDX-License-Identifier: Apache-2.0 */
/* Files are hashed here and only the hash goes to the module; Ed25519 takes the whole message. */
#include "host/cli/signature.h"

#include "client/signature_form.h"
#include "host/cli/file.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <openssl/rsa.h>

static const struct hash_row {
    const char *name;
    enum hash hash;
    int bits;
} hashes[] = {
    {"sha256", HASH_SHA256, 256},     {"sha384", HASH_SHA384, 384},
    {"sha512", HASH_SHA512, 512},     {"sha224", HASH_SHA224, 224},
    {"sha3-256", HASH_SHA3_256, 256}, {"sha3-384", HASH_SHA3_384, 384},
    {"sha3-512", HASH_SHA3_512, 512},
};

static const char *hash_for(EVP_PKEY *key) {
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || bits <= 256) {
        return "sha256";
    }
    return bits <= 384 ? "sha384" : "sha512";
}

enum status signature_choose(const struct cli *cli, EVP_PKEY *key, const char *hash, bool pss,
                             struct signature_scheme *scheme) {
    int type = EVP_PKEY_get_base_id(key);
    *scheme = (struct signature_scheme){.pss = pss};
    if (pss && type != EVP_PKEY_RSA) {
        return report_usage(cli, "--pss is for RSA keys");
    }
    if (type == EVP_PKEY_ED25519) {
        return hash ? report_usage(cli, "an ed25519 key has its hash built in: leave out --hash")
                    : STATUS_OK;
    }
    if (type != EVP_PKEY_RSA && type != EVP_PKEY_EC) {
        return report_failure(cli, STATUS_KEY_TYPE_INCONSISTENT,
                              (struct reason){"a key of this type is not for signatures",
                                              "make one that is: edgehsm key new NAME"},
                              "sign or verify");
    }
    const char *wanted = hash ? hash : hash_for(key);
    for (size_t i = 0; i < COUNT(hashes); i++) {
        if (strcmp(hashes[i].name, wanted) == 0) {
            scheme->hash_name = hashes[i].name;
            scheme->hash = hashes[i].hash;
            scheme->md = EVP_get_digestbyname(hashes[i].name);
        }
    }
    if (!scheme->md) {
        return report_usage(cli,
                            "there is no hash '%s' here: sha256, sha384, sha512, sha224, sha3-256, "
                            "sha3-384 or sha3-512",
                            wanted);
    }
    return STATUS_OK;
}

static enum status digest_part(void *context, struct bytes part) {
    return EVP_DigestUpdate(context, part.data, part.size) == 1 ? STATUS_OK : STATUS_INTERNAL;
}

static enum status digest_file(const struct cli *cli, const char *path, const EVP_MD *md,
                               struct span *digest) {
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    unsigned int size = 0;
    enum status status = STATUS_INTERNAL;
    if (state && EVP_DigestInit_ex(state, md, NULL) == 1) {
        status = file_each(cli, path, digest_part, state);
    }
    if (status == STATUS_OK && EVP_DigestFinal_ex(state, digest->data, &size) != 1) {
        status = STATUS_INTERNAL;
    }
    EVP_MD_CTX_free(state);
    digest->size = size;
    return status;
}

static enum status ask_signature(struct cli *cli, const struct key_pair *pair,
                                 const struct mechanism *mechanism, struct bytes data,
                                 struct span *signature) {
    const struct sign_req request = {
        .session = cli->session, .key = pair->private_key, .mechanism = *mechanism, .data = data};
    struct sign_rep reply;
    enum status status = session_ask(cli, COMMAND_sign, &request, &reply);
    if (status == STATUS_CONFIRM_LOGIN) {
        TRY(session_confirm(cli));
    }
    if (status != STATUS_OK) { /* once more: confirmed, or to tell of the failure */
        TRY(session_call(cli, COMMAND_sign, &request, &reply, "sign with this key"));
    }
    if (mechanism->algorithm == ALGORITHM_ECDSA) {
        return signature_form_ecdsa(reply.signature, signature);
    }
    if (reply.signature.size > signature->size) {
        return STATUS_TOO_LARGE;
    }
    bytes_copy(signature->data, reply.signature);
    signature->size = reply.signature.size;
    return STATUS_OK;
}

/* Signs a hash (or, for Ed25519, the message itself). */
static enum status sign_prepared(struct cli *cli, const struct key_pair *pair,
                                 const struct signature_scheme *scheme, struct bytes data,
                                 struct span *signature) {
    uint8_t info[128];
    struct span around = {info, sizeof(info)};
    struct mechanism mechanism = {0};
    switch (EVP_PKEY_get_base_id(pair->key)) {
    case EVP_PKEY_EC:
        mechanism.algorithm = ALGORITHM_ECDSA;
        break;
    case EVP_PKEY_ED25519:
        mechanism.algorithm = ALGORITHM_EDDSA;
        break;
    default:
        if (scheme->pss) {
            mechanism = (struct mechanism){.algorithm = ALGORITHM_RSA_PSS,
                                           .digest = scheme->hash,
                                           .mgf = scheme->hash,
                                           .salt_size = (uint32_t)data.size};
            break;
        }
        mechanism.algorithm = ALGORITHM_RSA_PKCS1;
        TRY(signature_form_digest_info(scheme->md, data, &around));
        data = bytes_of_span(around);
    }
    return ask_signature(cli, pair, &mechanism, data, signature);
}

enum status signature_of_file(struct cli *cli, const struct key_pair *pair, const char *path,
                              const struct signature_scheme *scheme, struct span *signature) {
    if (scheme->md) {
        uint8_t digest[EVP_MAX_MD_SIZE];
        struct span hashed = {digest, sizeof(digest)};
        TRY(digest_file(cli, path, scheme->md, &hashed));
        return sign_prepared(cli, pair, scheme, bytes_of_span(hashed), signature);
    }
    struct span whole = {0};
    TRY(file_read(cli, path, DATA_MAX, &whole));
    enum status status = sign_prepared(cli, pair, scheme, bytes_of_span(whole), signature);
    file_free(&whole);
    return status;
}

enum status signature_of_bytes(struct cli *cli, const struct key_pair *pair, struct bytes data,
                               const struct signature_scheme *scheme, struct span *signature) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (!scheme->md) {
        return sign_prepared(cli, pair, scheme, data, signature);
    }
    if (EVP_Digest(data.data, data.size, digest, &size, scheme->md, NULL) != 1) {
        return STATUS_INTERNAL;
    }
    return sign_prepared(cli, pair, scheme, bytes_of(digest, size), signature);
}

static enum status verify_digest(EVP_PKEY *key, const struct signature_scheme *scheme,
                                 struct bytes digest, struct bytes signature) {
    EVP_PKEY_CTX *state = EVP_PKEY_CTX_new(key, NULL);
    bool ready = state && EVP_PKEY_verify_init(state) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(state, scheme->md) == 1;
    if (ready && scheme->pss) {
        ready = EVP_PKEY_CTX_set_rsa_padding(state, RSA_PKCS1_PSS_PADDING) == 1;
    }
    bool good = ready && EVP_PKEY_verify(state, signature.data, signature.size, digest.data,
                                         digest.size) == 1;
    EVP_PKEY_CTX_free(state);
    return good ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

static enum status verify_message(const struct cli *cli, EVP_PKEY *key, const char *path,
                                  struct bytes signature) {
    struct span whole = {0};
    TRY(file_read(cli, path, FILE_SIZE_MAX, &whole));
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    bool good =
        state && EVP_DigestVerifyInit(state, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestVerify(state, signature.data, signature.size, whole.data, whole.size) == 1;
    EVP_MD_CTX_free(state);
    file_free(&whole);
    return good ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

enum status signature_verify(const struct cli *cli, EVP_PKEY *key, const char *path,
                             const struct signature_scheme *scheme, struct bytes signature) {
    uint8_t digest[EVP_MAX_MD_SIZE];
    struct span hashed = {digest, sizeof(digest)};
    if (!scheme->md) {
        return verify_message(cli, key, path, signature);
    }
    TRY(digest_file(cli, path, scheme->md, &hashed));
    return verify_digest(key, scheme, bytes_of_span(hashed), signature);
}
