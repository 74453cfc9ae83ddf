/* SPDX-License-Identifier: Apache-2.0 */
/* Making keys: generation and derivation (sections 5.18.1, 5.18.2, 5.18.5). */
#include "host/pkcs11/session.h"
#include "host/pkcs11/templates.h"

static CK_RV generate(struct session *session, const struct mechanism *mechanism,
                      struct bytes attributes, CK_OBJECT_HANDLE *key) {
    SMALL_ROOM(room);
    struct key_generate_req request = {.mechanism = *mechanism, .attributes = attributes};
    struct key_generate_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, key_generate, request, &reply, room);
    return status == STATUS_OK ? result_handle(reply.key, key) : result_of(status);
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                    CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phKey) {
    struct session *session = NULL;
    struct mechanism_read read;
    struct buffer attributes = {NULL, 0, 0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (pMechanism != NULL && phKey != NULL) {
        rv = mechanisms_read(pMechanism, F_GENERATE, &read);
    }
    rv = rv == CKR_OK ? templates_encode(pTemplate, ulCount, &attributes) : rv;
    if (rv == CKR_OK) {
        rv = generate(session, &read.mechanism, buffer_bytes(&attributes), phKey);
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}

static CK_RV generate_pair(struct session *session, const struct mechanism *mechanism,
                           const struct buffer attributes[2], CK_OBJECT_HANDLE *public_key,
                           CK_OBJECT_HANDLE *private_key) {
    SMALL_ROOM(room);
    struct key_generate_pair_req request = {.mechanism = *mechanism,
                                            .public_attributes = buffer_bytes(&attributes[0]),
                                            .private_attributes = buffer_bytes(&attributes[1])};
    struct key_generate_pair_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, key_generate_pair, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    RV_TRY(result_handle(reply.public_key, public_key));
    return result_handle(reply.private_key, private_key);
}

CK_RV C_GenerateKeyPair(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                        CK_ATTRIBUTE_PTR pPublicKeyTemplate, CK_ULONG ulPublicKeyAttributeCount,
                        CK_ATTRIBUTE_PTR pPrivateKeyTemplate, CK_ULONG ulPrivateKeyAttributeCount,
                        CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey) {
    struct session *session = NULL;
    struct mechanism_read read;
    struct buffer attributes[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (pMechanism != NULL && phPublicKey != NULL && phPrivateKey != NULL) {
        rv = mechanisms_read(pMechanism, F_GENERATE_PAIR, &read);
    }
    if (rv == CKR_OK) {
        rv = templates_encode(pPublicKeyTemplate, ulPublicKeyAttributeCount, &attributes[0]);
    }
    if (rv == CKR_OK) {
        rv = templates_encode(pPrivateKeyTemplate, ulPrivateKeyAttributeCount, &attributes[1]);
    }
    if (rv == CKR_OK) {
        rv = generate_pair(session, &read.mechanism, attributes, phPublicKey, phPrivateKey);
    }
    buffer_free(&attributes[0]);
    buffer_free(&attributes[1]);
    session_leave(session);
    return rv;
}

static CK_RV derive(struct session *session, const struct mechanism_read *read, uint64_t base,
                    struct bytes attributes, CK_OBJECT_HANDLE *key) {
    SMALL_ROOM(room);
    struct key_derive_req request = {.mechanism = read->mechanism,
                                     .base_key = base,
                                     .other_key = read->other_key,
                                     .attributes = attributes};
    struct key_derive_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, key_derive, request, &reply, room);
    return status == STATUS_OK ? result_handle(reply.key, key) : result_of(status);
}

CK_RV C_DeriveKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                  CK_OBJECT_HANDLE hBaseKey, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount,
                  CK_OBJECT_HANDLE_PTR phKey) {
    struct session *session = NULL;
    struct mechanism_read read;
    struct buffer attributes = {NULL, 0, 0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (pMechanism != NULL && phKey != NULL) {
        rv = mechanisms_read(pMechanism, F_DERIVE, &read);
    }
    rv = rv == CKR_OK ? templates_encode(pTemplate, ulAttributeCount, &attributes) : rv;
    if (rv == CKR_OK) {
        rv = derive(session, &read, hBaseKey, buffer_bytes(&attributes), phKey);
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}
