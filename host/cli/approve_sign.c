/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm approve sign: one person's yes, made with that person's own key. */
#include "host/cli/approve.h"

#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/pin.h"
#include "host/cli/report.h"

#include <json-c/json.h>
#include <stdio.h>

enum { PATH_ROOM = 1024 };

struct given {
    const char *key;
    const char *out;
    const char *assertion;
    const char *confirm;
};

/* ---- signatures ---- */

static enum status make_cose(const struct cli *cli, const struct signer *signer,
                             const struct member *member, struct bytes request,
                             struct span *out) {
    uint8_t id[APPROVAL_KEY_ID_SIZE], header[APPROVAL_HEADER_MAX], data[APPROVAL_SIGNED_MAX];
    uint8_t signature[APPROVAL_SIGNATURE_SIZE];
    struct span head = {header, sizeof(header)}, whole = {data, sizeof(data)};
    TRY(approve_key_id(member, id));
    TRY(approval_header(member->algorithm, bytes_of(id, sizeof(id)), &head));
    TRY(cose_signed(bytes_of_span(head), request, &whole));
    TRY(signer_sign(cli, signer, member->algorithm, bytes_of_span(whole), signature));
    return approval_write(bytes_of_span(head), bytes_of(signature, sizeof(signature)), out);
}

/* ---- WebAuthn: the assertion as browsers give it, in JSON ---- */

/* A member of `response`, base64url. False where it is not there or too long. */
static bool take(struct json_object *response, const char *name, struct span *out) {
    struct json_object *value = NULL;
    char text[2 * APPROVAL_CLIENT_DATA_MAX];
    if (!json_object_object_get_ex(response, name, &value)) {
        return false;
    }
    const char *from = json_object_get_string(value);
    size_t size = strlen(from), padded = (size + 3) / 4 * 4;
    if (padded >= sizeof(text) || padded / 4 * 3 > out->size) {
        return false;
    }
    for (size_t i = 0; i < padded; i++) {
        char c = i < size ? from[i] : '=';
        text[i] = (char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    int used = EVP_DecodeBlock(out->data, (const unsigned char *)text, (int)padded);
    if (used < 0) {
        return false;
    }
    out->size = (size_t)used - (padded - size);
    return true;
}

struct assertion {
    uint8_t authenticator[APPROVAL_AUTHENTICATOR_MAX + 3], client[APPROVAL_CLIENT_DATA_MAX + 3];
    uint8_t der[132], signature[APPROVAL_SIGNATURE_SIZE];
};

static bool assertion_read(struct json_object *whole, bool edwards, struct assertion *assertion,
                           struct approval *approval) {
    struct json_object *response = NULL;
    struct span authenticator = {assertion->authenticator, sizeof(assertion->authenticator)};
    struct span client = {assertion->client, sizeof(assertion->client)};
    struct span der = {assertion->der, sizeof(assertion->der)};
    bool good = json_object_object_get_ex(whole, "response", &response) &&
                take(response, "authenticatorData", &authenticator) &&
                take(response, "clientDataJSON", &client) && take(response, "signature", &der);
    if (good && edwards) {
        good = der.size == APPROVAL_SIGNATURE_SIZE;
        memcpy(assertion->signature, der.data, good ? der.size : 0);
    } else if (good) {
        good = approve_raw_signature(der.data, der.size, assertion->signature);
    }
    approval->authenticator = bytes_of_span(authenticator);
    approval->client_data = bytes_of_span(client);
    approval->signature = bytes_of(assertion->signature, APPROVAL_SIGNATURE_SIZE);
    return good;
}

static enum status make_webauthn(const struct cli *cli, const char *path,
                                 const struct member *member, struct span *out) {
    uint8_t id[APPROVAL_KEY_ID_SIZE] = {0};
    struct assertion assertion;
    struct approval approval = {.webauthn = true, .key_id = bytes_of(id, sizeof(id))};
    struct json_object *whole = json_object_from_file(path);
    TRY(approve_key_id(member, id));
    bool good = whole != NULL &&
                assertion_read(whole, member->algorithm == MEMBER_EDDSA, &assertion, &approval);
    json_object_put(whole);
    if (!good) {
        return report_failure(cli, STATUS_FILE_FORMAT,
                              (struct reason){"it is no assertion in JSON, as a browser's "
                                              "PublicKeyCredential.toJSON() gives it",
                                              ""},
                              "read '%s'", path);
    }
    return approval_write_webauthn(&approval, out);
}

/* ---- the command ---- */

static enum status make(const struct cli *cli, const struct given *given,
                        const struct signer *signer, struct bytes request, struct span *out) {
    uint8_t point[MEMBER_KEY_MAX];
    struct member member = {0};
    if (approve_member_of(signer->key, &member, point) != STATUS_OK) {
        return report_failure(cli, STATUS_USAGE,
                              (struct reason){"it is neither P-256 nor Ed25519", ""},
                              "approve with the key '%s'", given->key);
    }
    enum status status = given->assertion != NULL
                             ? make_webauthn(cli, given->assertion, &member, out)
                             : make_cose(cli, signer, &member, request, out);
    return status == STATUS_OK || status == STATUS_FILE_FORMAT || status == STATUS_FILE_READ
               ? status
               : report_failure(cli, status, (struct reason){0}, "sign with the key '%s'",
                                given->key);
}

/* wrap.request and alice.pem make wrap.request.alice. */
static void name_out(const char *request, const char *key, char out[PATH_ROOM]) {
    const char *slash = strrchr(key, '/');
    const char *base = slash != NULL ? slash + 1 : key;
    bool uri = strchr(key, ':') != NULL;
    snprintf(out, PATH_ROOM, "%s.%.*s", request, (int)(uri ? 8 : strcspn(base, ".")),
             uri ? "approval" : base);
}

/* Of a passkey there is the public half alone. */
static enum status key_load(const struct cli *cli, const struct given *given,
                            struct signer *signer) {
    if (given->assertion == NULL) {
        return signer_load(cli, given->key, signer);
    }
    signer->key = approve_key_load(cli, given->key);
    return signer->key != NULL ? STATUS_OK : STATUS_FILE_READ;
}

static enum status sign_file(struct cli *cli, const char *place, const struct given *given) {
    uint8_t memory[APPROVAL_REQUEST_MAX], made[APPROVAL_MAX];
    char path[PATH_ROOM];
    struct bytes encoding;
    struct request request;
    struct span out = {made, sizeof(made)};
    TRY(approve_request_load(cli, place, (struct span){memory, sizeof(memory)}, &encoding,
                             &request));
    TRY(approve_request_print(cli, &request));
    TRY(pin_confirm(cli, "approve this", "yes", given->confirm));
    struct signer signer = {0};
    TRY(key_load(cli, given, &signer));
    enum status status = make(cli, given, &signer, encoding, &out);
    signer_free(&signer);
    TRY(status);
    name_out(place, given->key, path);
    TRY(file_write(cli, given->out != NULL ? given->out : path, bytes_of_span(out), 0644));
    char number[APPROVE_NUMBER_ROOM];
    approve_number_text(load_u64(request.id.data), number);
    report_talk(cli, "\nnext, beside the module: edgehsm approve give %s %s", number,
                given->out != NULL ? given->out : path);
    return STATUS_OK;
}

enum status approve_sign_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct given given = {0};
    const struct option_row rows[] = {
        {"key", 'k', "KEY", "your key: a PEM file, or a URI", NULL, &given.key, NULL},
        {"out", 'o', "FILE", "where the approval goes", NULL, &given.out, NULL},
        {"assertion", 0, "FILE", "a passkey's answer, as JSON; KEY is its public key", NULL,
         &given.assertion, NULL},
        {"confirm", 0, "yes", "you have read it already; nothing is asked", NULL, &given.confirm,
         NULL},
    };
    struct arguments arguments = {rows, COUNT(rows), 1, 1, NULL, 0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (given.key == NULL) {
        return report_usage(cli, "say with which key: usage: edgehsm %s", self->synopsis);
    }
    return sign_file(cli, arguments.words[0], &given);
}
