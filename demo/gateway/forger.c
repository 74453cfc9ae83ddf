/* SPDX-License-Identifier: Apache-2.0 */
/* An attacker who knows everything but the key: makes a COSE_Sign1 that is right in every field,
 * signed with a key of his own.
 *
 *   forger KEY.pem POLICY.cbor BOOT COUNTER 'op=pump.shutdown unit=1' OUT */
#include "host/cli/policy_message.h"
#include "policy/statement.h"

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

enum { HALF = 32, DER_MAX = 80, DAY_MS = 86400000 };

static int complain(const char *what) {
    fprintf(stderr, "forger: %s\n", what);
    return 1;
}

static size_t read_file(const char *path, uint8_t *room, size_t size) {
    FILE *file = fopen(path, "r");
    size_t got = file != NULL ? fread(room, 1, size, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    return got;
}

static bool sign(const char *path, struct bytes whole, uint8_t out[2 * HALF]) {
    uint8_t der[DER_MAX];
    const uint8_t *at = der;
    size_t size = sizeof(der);
    FILE *file = fopen(path, "r");
    EVP_PKEY *key = file != NULL ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool good = key != NULL && digest != NULL &&
                EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(digest, der, &size, whole.data, whole.size) == 1;
    ECDSA_SIG *pair = good ? d2i_ECDSA_SIG(NULL, &at, (long)size) : NULL;
    good = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, HALF) == HALF &&
           BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + HALF, HALF) == HALF;
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(digest);
    EVP_PKEY_free(key);
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

/* Fills *out with the forged statement. */
static bool forge(char **argv, struct span *out) {
    static struct policy policy;
    static uint8_t form[POLICY_SIZE_MAX];
    uint8_t hash[STATEMENT_HASH_SIZE], room[POLICY_CONTENT_MAX], header_room[STATEMENT_HEADER_MAX];
    uint8_t payload_room[STATEMENT_PAYLOAD_MAX], whole_room[STATEMENT_SIGNED_MAX];
    uint8_t signature[2 * HALF];
    struct span encoding = {room, sizeof(room)}, header = {header_room, sizeof(header_room)};
    struct span payload = {payload_room, sizeof(payload_room)};
    struct span whole = {whole_room, sizeof(whole_room)};
    char why[POLICY_MESSAGE_WHY];
    struct message message;
    size_t size = read_file(argv[2], form, sizeof(form));
    if (form_read(bytes_of(form, size), &policy) != STATUS_OK ||
        EVP_Digest(form, size, hash, NULL, EVP_sha256(), NULL) != 1) {
        return false;
    }
    const struct statement statement = {
        .algorithm = STATEMENT_ES256,
        .policy_hash = bytes_of(hash, sizeof(hash)),
        .facts = {strtoull(argv[4], NULL, 10), strtoull(argv[3], NULL, 10), DAY_MS, 0},
        .quality = QUALITY_NONE,
        .version = policy.version,
        .rule = 2};
    return policy_message_make(&policy, argv[5], &encoding, why) == STATUS_OK &&
           message_read(&policy, bytes_of_span(encoding), &message) == STATUS_OK &&
           message_write(&policy, &message, &statement.facts, &payload) == STATUS_OK &&
           statement_header(&statement, &header) == STATUS_OK &&
           statement_signed(bytes_of_span(header), bytes_of_span(payload), &whole) == STATUS_OK &&
           sign(argv[1], bytes_of_span(whole), signature) &&
           statement_write(bytes_of_span(header), bytes_of_span(payload),
                           bytes_of(signature, sizeof(signature)), out) == STATUS_OK;
}

int main(int argc, char **argv) {
    uint8_t room[STATEMENT_SIZE_MAX];
    struct span out = {room, sizeof(room)};
    if (argc != 7) {
        return complain("usage: forger KEY POLICY BOOT COUNTER MESSAGE OUT");
    }
    if (!forge(argv, &out)) {
        return complain("key, policy or message cannot be used");
    }
    FILE *file = fopen(argv[6], "w");
    if (file == NULL || fwrite(out.data, 1, out.size, file) != out.size || fclose(file) != 0) {
        return complain("the file cannot be written");
    }
    return 0;
}
