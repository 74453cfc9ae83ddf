/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures and MACs (section 5.13). C_SignInit and C_Sign cost one round trip together. */
#include "host/pkcs11/sign.h"

#include "host/pkcs11/pkcs11_vendor.h"

enum { STATEMENT_ROOM = 2560 }; /* REP_sign_message in proto/commands.def */

/* A message under a policy: whether the key signs it the module says when it sees the message. */
static CK_RV init_statement(struct session *session, const CK_MECHANISM *mechanism,
                            CK_OBJECT_HANDLE key) {
    struct operation *operation = &session->operations[PLACE_SIGN];
    bool cancelled = false;
    RV_TRY(operation_begin(session, PLACE_SIGN, mechanism, &cancelled));
    if (mechanism->ulParameterLen != 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    operation->key = key;
    operation->mechanism = (struct mechanism){0};
    operation->epoch = 0; /* no answer of key_check */
    operation->output_size = STATEMENT_ROOM;
    operation->single_part = true;
    operation->confirm_login = false;
    operation->statement = operation->active = true;
    return CKR_OK;
}

CK_RV C_SignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    bool statement = pMechanism != NULL && pMechanism->mechanism == CKM_EDGEHSM_SIGN_MESSAGE;
    CK_RV rv = statement ? init_statement(session, pMechanism, hKey)
                         : operation_init(session, PLACE_SIGN, pMechanism, hKey);
    session_leave(session);
    return rv;
}

/* Gives the module's signature; the room was found large enough for the length it announced. */
static CK_RV give(const struct operation *operation, struct bytes made, CK_BYTE *signature,
                  CK_ULONG *size) {
    if (made.size > operation->output_size) {
        return CKR_DEVICE_ERROR;
    }
    return result_deliver(made, signature, size);
}

static CK_RV sign_at_once(struct session *session, const struct operation *operation,
                          struct bytes data, CK_BYTE *signature, CK_ULONG *size) {
    SMALL_ROOM(room);
    struct sign_req request = {
        .key = operation->key, .mechanism = operation->mechanism, .data = data};
    struct sign_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, sign, request, &reply, room);
    return status == STATUS_OK ? give(operation, reply.signature, signature, size)
                               : result_of(status);
}

static CK_RV sign_statement(struct session *session, const struct operation *operation,
                            struct bytes data, CK_BYTE *statement, CK_ULONG *size) {
    struct span room = session_room(session);
    struct sign_message_req request = {.key = operation->key, .message = data};
    struct sign_message_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, sign_message, request, &reply, room);
    return status == STATUS_OK ? give(operation, reply.statement, statement, size)
                               : result_of(status);
}

static CK_RV sign_stream(struct session *session, struct operation *operation, CK_BYTE *signature,
                         CK_ULONG *size) {
    SMALL_ROOM(room);
    struct stream_close_req request = {.function = F_SIGN};
    struct stream_close_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, stream_close, request, &reply, room);
    operation->streaming = status != STATUS_OK;
    return status == STATUS_OK ? give(operation, reply.data, signature, size) : result_of(status);
}

CK_RV sign_finish(struct session *session, struct operation *operation, struct bytes data,
                  CK_BYTE_PTR signature, CK_ULONG_PTR size) {
    if (size == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (signature == NULL || *size < operation->output_size) {
        *size = operation->output_size;
        return signature == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    bool gathered = operation->streaming || operation->held.used > 0;
    if (gathered || data.size > session_data_max(session)) {
        RV_TRY(operation_gather(session, operation, data));
        data = buffer_bytes(&operation->held);
    }
    if (operation->statement) {
        return sign_statement(session, operation, data, signature, size);
    }
    return operation->streaming ? sign_stream(session, operation, signature, size)
                                : sign_at_once(session, operation, data, signature, size);
}

static CK_RV sign_once(struct session *session, struct bytes data, CK_BYTE_PTR signature,
                       CK_ULONG_PTR size) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_SIGN, &operation));
    /* C_Sign does not end what C_SignUpdate began. */
    CK_RV rv = operation->in_parts ? CKR_OPERATION_NOT_INITIALIZED
                                   : sign_finish(session, operation, data, signature, size);
    return operation_conclude(session, operation, rv, signature == NULL);
}

CK_RV C_Sign(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
             CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pData, ulDataLen)) {
        rv = sign_once(session, bytes_of(pData, (size_t)ulDataLen), pSignature, pulSignatureLen);
    } else {
        rv = operation_misuse(session, PLACE_SIGN, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV sign_update(struct session *session, struct bytes data) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_SIGN, &operation));
    return operation_fail(session, operation, operation_gather(session, operation, data));
}

CK_RV C_SignUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pPart, ulPartLen)) {
        rv = sign_update(session, bytes_of(pPart, (size_t)ulPartLen));
    } else {
        rv = operation_misuse(session, PLACE_SIGN, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV C_SignFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature,
                  CK_ULONG_PTR pulSignatureLen) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = operation_find(session, PLACE_SIGN, &operation);
    if (rv == CKR_OK) {
        rv = sign_finish(session, operation, bytes_of(NULL, 0), pSignature, pulSignatureLen);
        rv = operation_conclude(session, operation, rv, pSignature == NULL);
    }
    session_leave(session);
    return rv;
}
