/* SPDX-License-Identifier: Apache-2.0 */
/* statement_sample POLICY FOLDER: decides for a few messages and signs them with fresh keys of
 * OpenSSL, for others to verify. Writes policy.cbor, and for each algorithm NAME.pem (the public
 * key) and NAME-1.cose ... NAME-3.cose. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_message.h"
#include "host/cli/policy_table.h"
#include "policy/statement.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#define MUST(holds)                                             \
    do {                                                        \
        if (!(holds)) {                                         \
            fprintf(stderr, "line %d: %s\n", __LINE__, #holds); \
            exit(1);                                            \
        }                                                       \
    } while (0)

static const char *folder;
static struct policy_document document;
static struct policy_world world;

static void write_file(const char *name, struct bytes data) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    MUST(file != NULL && fwrite(data.data, 1, data.size, file) == data.size);
    MUST(fclose(file) == 0);
}

static struct bytes read_file(const char *path) {
    static uint8_t text[POLICY_SOURCE_MAX];
    FILE *file = fopen(path, "r");
    MUST(file != NULL);
    size_t size = fread(text, 1, sizeof(text), file);
    MUST(fclose(file) == 0);
    return bytes_of(text, size);
}

/* Two numbers of DER into r || s. */
static size_t plain_signature(const uint8_t *der, size_t size, size_t half, uint8_t *out) {
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)size);
    MUST(pair != NULL);
    MUST(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, (int)half) == (int)half);
    MUST(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + half, (int)half) == (int)half);
    ECDSA_SIG_free(pair);
    return 2 * half;
}

static size_t sign(EVP_PKEY *key, const EVP_MD *hash, struct bytes data, uint8_t *out) {
    uint8_t der[256];
    size_t size = sizeof(der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    MUST(context != NULL && EVP_DigestSignInit(context, NULL, hash, NULL, key) == 1);
    MUST(EVP_DigestSign(context, der, &size, data.data, data.size) == 1);
    EVP_MD_CTX_free(context);
    if (hash == NULL) {
        memcpy(out, der, size);
        return size;
    }
    return plain_signature(der, size, (size_t)(EVP_PKEY_get_bits(key) + 7) / 8, out);
}

/* One message, decided, composed, signed and written. */
static void make_one(const char *name, const char *text, EVP_PKEY *key, int algorithm) {
    uint8_t message_room[POLICY_CONTENT_MAX], header_room[STATEMENT_HEADER_MAX];
    uint8_t payload_room[STATEMENT_PAYLOAD_MAX], signed_room[STATEMENT_SIGNED_MAX];
    uint8_t out_room[STATEMENT_SIZE_MAX], signature[256], hash[32];
    struct span encoding = {message_room, sizeof(message_room)};
    struct span header = {header_room, sizeof(header_room)};
    struct span payload = {payload_room, sizeof(payload_room)};
    struct span whole = {signed_room, sizeof(signed_room)}, out = {out_room, sizeof(out_room)};
    char why[POLICY_MESSAGE_WHY];
    struct message message;
    struct policy_answer answer;
    MUST(policy_message_make(&document.policy, text, &encoding, why) == STATUS_OK);
    policy_world_decide(&world, bytes_of_span(encoding), &message, &answer);
    MUST(policy_allows(&answer));
    SHA256(document.form, document.size, hash);
    struct statement statement = {
        .algorithm = algorithm,
        .key_id = bytes_of_text("plc-7"),
        .policy_hash = bytes_of(hash, sizeof(hash)),
        .facts = {world.state.counter, 3, world.clock.uptime_ms, world.clock.time},
        .quality = world.clock.time != 0 ? QUALITY_TRUSTED : QUALITY_NONE,
        .version = document.policy.version,
        .rule = answer.rule + 1u};
    MUST(message_write(&document.policy, &message, &statement.facts, &payload) == STATUS_OK);
    MUST(statement_header(&statement, &header) == STATUS_OK);
    MUST(statement_signed(bytes_of_span(header), bytes_of_span(payload), &whole) == STATUS_OK);
    const EVP_MD *md = algorithm == STATEMENT_EDDSA   ? NULL
                       : algorithm == STATEMENT_ES256 ? EVP_sha256()
                                                      : EVP_sha384();
    size_t size = sign(key, md, bytes_of_span(whole), signature);
    MUST(statement_write(bytes_of_span(header), bytes_of_span(payload), bytes_of(signature, size),
                         &out) == STATUS_OK);
    write_file(name, bytes_of_span(out));
}

static void make_key(const char *name, EVP_PKEY *key, int algorithm) {
    char file[64];
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    MUST(key != NULL && memory != NULL && PEM_write_bio_PUBKEY(memory, key) == 1);
    size_t size = (size_t)BIO_get_mem_data(memory, &text);
    snprintf(file, sizeof(file), "%s.pem", name);
    write_file(file, bytes_of(text, size));
    BIO_free(memory);
    policy_world_start(&world, &document.policy);
    static const char *const messages[] = {"op=estop unit=3", "op=pump.speed unit=3 value=150",
                                           "op=valve.set unit=64 value=1"};
    for (unsigned i = 0; i < COUNT(messages); i++) {
        snprintf(file, sizeof(file), "%s-%u.cose", name, i + 1);
        make_one(file, messages[i], key, algorithm);
        MUST(policy_world_change(&world, "time 12:00") == STATUS_OK); /* the first knew no time */
        policy_world_wait(&world, 10000);
    }
    EVP_PKEY_free(key);
}

int main(int argc, char **argv) {
    MUST(argc == 3);
    folder = argv[2];
    MUST(policy_document_read(&document, read_file(argv[1])) == STATUS_OK);
    write_file("policy.cbor", bytes_of(document.form, document.size));
    make_key("es256", EVP_EC_gen("P-256"), STATEMENT_ES256);
    make_key("es384", EVP_EC_gen("P-384"), STATEMENT_ES384);
    make_key("eddsa", EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), STATEMENT_EDDSA);
    return 0;
}
