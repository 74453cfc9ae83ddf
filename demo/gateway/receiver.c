/* SPDX-License-Identifier: Apache-2.0 */
/* A receiver's checks. */
#include "demo/gateway/receiver.h"

#include "client/signature_form.h"

#include <openssl/pem.h>
#include <stdio.h>

enum { ES256_SIZE = 64, DER_MAX = 80 };

static bool complain(const char *file, const char *why) {
    fprintf(stderr, "receiver: %s: %s\n", file, why);
    return false;
}

static bool read_key(struct receiver *receiver, const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return complain(path, "cannot be read");
    }
    receiver->key = PEM_read_PUBKEY(file, NULL, NULL, NULL);
    fclose(file);
    return receiver->key != NULL || complain(path, "no public key");
}

static bool read_policy(struct receiver *receiver, const char *path) {
    static struct policy policy;
    uint8_t form[POLICY_SIZE_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return complain(path, "cannot be read");
    }
    size_t size = fread(form, 1, sizeof(form), file);
    fclose(file);
    if (form_read(bytes_of(form, size), &policy) != STATUS_OK) {
        return complain(path, "no compiled policy");
    }
    return EVP_Digest(form, size, receiver->policy_hash, NULL, EVP_sha256(), NULL) == 1;
}

bool receiver_open(struct receiver *receiver, const char *key_file, const char *policy_file) {
    *receiver = (struct receiver){.key = NULL};
    return read_key(receiver, key_file) && read_policy(receiver, policy_file);
}

/* ES256 by the key that is known; what the message says about keys is not asked. */
static bool signature_holds(const struct receiver *receiver, const struct statement_parts *parts) {
    uint8_t whole_room[STATEMENT_SIGNED_MAX], der_room[DER_MAX];
    struct span whole = {whole_room, sizeof(whole_room)}, der = {der_room, sizeof(der_room)};
    if (parts->signature.size != ES256_SIZE ||
        statement_signed(parts->header, parts->payload, &whole) != STATUS_OK ||
        signature_form_ecdsa(parts->signature, &der) != STATUS_OK) {
        return false;
    }
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool holds = digest != NULL &&
                 EVP_DigestVerifyInit(digest, NULL, EVP_sha256(), NULL, receiver->key) == 1 &&
                 EVP_DigestVerify(digest, der.data, der.size, whole.data, whole.size) == 1;
    EVP_MD_CTX_free(digest);
    return holds;
}

/* Within one start of the module: one more, and later. In a later start: more, by what was
 * reserved at most. */
static enum verdict judge_counter(struct receiver *receiver, struct received *received) {
    const struct message_facts *facts = &received->statement.facts;
    bool same = facts->boot == receiver->boot;
    if (facts->boot < receiver->boot || facts->counter <= receiver->counter ||
        (same && facts->uptime_ms < receiver->uptime_ms)) {
        return VERDICT_REPLAY;
    }
    received->skipped = facts->counter - receiver->counter - 1;
    received->restarted = !same;
    receiver->boot = facts->boot;
    receiver->counter = facts->counter;
    receiver->uptime_ms = facts->uptime_ms;
    return received->skipped <= (same ? 0 : RECEIVER_SKIP_MAX) ? VERDICT_GOOD : VERDICT_GAP;
}

enum verdict receiver_take(struct receiver *receiver, struct bytes encoding,
                           struct received *received) {
    struct statement_parts parts;
    *received = (struct received){.skipped = 0};
    if (statement_read(encoding, &parts, &received->statement) != STATUS_OK ||
        received->statement.algorithm != STATEMENT_ES256) {
        return VERDICT_FORM;
    }
    if (!signature_holds(receiver, &parts)) {
        return VERDICT_SIGNATURE;
    }
    if (!bytes_equal(received->statement.policy_hash,
                     bytes_of(receiver->policy_hash, STATEMENT_HASH_SIZE))) {
        return VERDICT_POLICY;
    }
    enum verdict verdict = judge_counter(receiver, received);
    if (fields_read(parts.payload, &received->fields) != STATUS_OK) {
        return VERDICT_PAYLOAD;
    }
    return verdict;
}

const char *receiver_verdict(enum verdict verdict) {
    static const char *const words[] = {
        [VERDICT_GOOD] = "good",
        [VERDICT_FORM] = "not a signed command of this plant",
        [VERDICT_SIGNATURE] = "the signature is not by the key that I know",
        [VERDICT_POLICY] = "signed under a policy that I do not know",
        [VERDICT_REPLAY] = "a replay: its counter is not above the last one",
        [VERDICT_GAP] = "commands before it never came",
        [VERDICT_PAYLOAD] = "what is signed cannot be read",
    };
    return words[verdict];
}

void receiver_close(struct receiver *receiver) {
    EVP_PKEY_free(receiver->key);
}
