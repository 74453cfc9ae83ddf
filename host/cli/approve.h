/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm approve: its words, and what they share. */
#ifndef HOST_CLI_APPROVE_H
#define HOST_CLI_APPROVE_H

#include "approval/approval.h"
#include "host/cli/cli.h"
#include "policy/form.h"

#include <json-c/json.h>
#include <openssl/evp.h>

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/approve_verbs.def"
#undef VERB

/* "wrap", "token" ...: how a class is called; NULL where there is none. */
const char *approve_class_name(uint32_t class) MUST_USE;

/* The number of a request, as it is printed: 16 hexadecimal digits. */
enum { APPROVE_NUMBER_ROOM = 17 };
void approve_number_text(uint64_t number, char out[APPROVE_NUMBER_ROOM]);
bool approve_number_read(const char *text, uint64_t *number) MUST_USE;

/* Reads a request from the module (a number) or from a file; fills *request, which points into
 * `room` (APPROVAL_REQUEST_MAX bytes), and *encoding. Failures are told. */
enum status approve_request_load(struct cli *cli, const char *place, struct span room,
                                 struct bytes *encoding, struct request *request) MUST_USE;
/* Prints it: the words made here of its parameters, never those it came with; it is told when the
 * two differ, and the request is refused. */
enum status approve_request_print(struct cli *cli, const struct request *request) MUST_USE;

/* The policy in a request of class POLICY; *policy points into it. CHECK_FAILED, which is told,
 * where it is none, or not the one that the request names. */
enum status approve_policy_read(const struct cli *cli, const struct request *request,
                                struct policy *policy) MUST_USE;
/* Adds what names it, and what it takes the place of. */
void approve_policy_add(struct json_object *object, const struct request *request,
                        const struct policy *policy);
/* Its message and its lines, in words: into the object where JSON is asked for, else printed. */
void approve_policy_print(const struct cli *cli, struct json_object *object,
                          const struct policy *policy);

/* Prints who is in which role. */
void approve_roles_print(const struct cli *cli, const struct roles *roles);

/* A public key by file or URI, a card's too; NULL on failure, which is told. */
EVP_PKEY *approve_key_load(const struct cli *cli, const char *place) MUST_USE;
/* A member of that key, which points into `point` (MEMBER_KEY_MAX bytes). USAGE for a key of
 * another kind than P-256 and Ed25519. */
enum status approve_member_of(EVP_PKEY *key, struct member *member,
                              uint8_t point[MEMBER_KEY_MAX]) MUST_USE;
/* The key id that approvals of this member carry. */
enum status approve_key_id(const struct member *member, uint8_t id[APPROVAL_KEY_ID_SIZE]) MUST_USE;

/* r || s of a DER signature. False where it is none. */
bool approve_raw_signature(const uint8_t *der, size_t size,
                           uint8_t raw[APPROVAL_SIGNATURE_SIZE]) MUST_USE;

/* Somebody's own key. */
struct signer {
    EVP_PKEY *key;     /* its public half at least */
    struct card *card; /* that signs; NULL: OpenSSL does */
};
/* Loads it by file or URI. On success signer_free() ends it. FILE_READ and what pin_ask says; told
 * already. */
enum status signer_load(const struct cli *cli, const char *place, struct signer *signer) MUST_USE;
/* Signs as COSE wants it. INTERNAL; FILE_READ, told: the card refused. */
enum status signer_sign(const struct cli *cli, const struct signer *signer, int32_t algorithm,
                        struct bytes data, uint8_t raw[APPROVAL_SIGNATURE_SIZE]) MUST_USE;
void signer_free(struct signer *signer);

#endif
