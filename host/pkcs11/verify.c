/* SPDX-License-Identifier: Apache-2.0 */
/* Verification of signatures and MACs (sections 5.15 and 5.16: the signature at the end, or
 * first). */
#include "host/pkcs11/verify.h"

/* What a request carries; no signature of the module is longer. */
enum { SIGNATURE_MAX = 1024 };

CK_RV C_VerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, CK_OBJECT_HANDLE hKey) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = operation_init(session, PLACE_VERIFY, pMechanism, hKey);
    session_leave(session);
    return rv;
}

CK_RV verify_finish(struct session *session, struct operation *operation, struct bytes data,
                    struct bytes signature) {
    SMALL_ROOM(room);
    enum status status = STATUS_INTERNAL;
    if (signature.size > SIGNATURE_MAX) {
        return CKR_SIGNATURE_LEN_RANGE;
    }
    if (operation->streaming || operation->held.used > 0 || data.size > session_data_max(session)) {
        RV_TRY(operation_gather(session, operation, data));
        data = buffer_bytes(&operation->held);
    }
    if (operation->streaming) {
        struct stream_close_req request = {.function = F_VERIFY, .signature = signature};
        struct stream_close_rep reply = {0};
        SESSION_CALL(status, session, stream_close, request, &reply, room);
        operation->streaming = status != STATUS_OK;
    } else {
        struct verify_req request = {.key = operation->key,
                                     .mechanism = operation->mechanism,
                                     .data = data,
                                     .signature = signature};
        struct verify_rep reply;
        SESSION_CALL(status, session, verify, request, &reply, room);
    }
    return result_of(status);
}

/* Ends the verification that is active; `with_signature` tells which of the two families calls. */
static CK_RV conclude(struct session *session, struct bytes data, struct bytes signature,
                      bool with_signature, bool at_once) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_VERIFY, &operation));
    CK_RV rv = CKR_OPERATION_NOT_INITIALIZED; /* begun by the other family, or in parts */
    if (operation->signature_given != with_signature && !(at_once && operation->in_parts)) {
        struct bytes compared = with_signature ? signature : buffer_bytes(&operation->signature);
        rv = verify_finish(session, operation, data, compared);
    }
    operation_end(session, operation);
    return rv;
}

CK_RV C_Verify(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
               CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pData, ulDataLen) && readable(pSignature, ulSignatureLen)) {
        rv = conclude(session, bytes_of(pData, (size_t)ulDataLen),
                      bytes_of(pSignature, (size_t)ulSignatureLen), true, true);
    } else {
        rv = operation_misuse(session, PLACE_VERIFY, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV verify_update(struct session *session, struct bytes data) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_VERIFY, &operation));
    return operation_fail(session, operation, operation_gather(session, operation, data));
}

CK_RV C_VerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pPart, ulPartLen)) {
        rv = verify_update(session, bytes_of(pPart, (size_t)ulPartLen));
    } else {
        rv = operation_misuse(session, PLACE_VERIFY, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV C_VerifyFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pSignature, ulSignatureLen)) {
        rv = conclude(session, bytes_of(NULL, 0), bytes_of(pSignature, (size_t)ulSignatureLen),
                      true, false);
    } else {
        rv = operation_misuse(session, PLACE_VERIFY, rv);
    }
    session_leave(session);
    return rv;
}

/* ---- the signature first (v3.2) ---- */

static CK_RV start_with(struct session *session, const CK_MECHANISM *mechanism, uint64_t key,
                        struct bytes signature) {
    struct operation *operation = &session->operations[PLACE_VERIFY];
    RV_TRY(operation_init(session, PLACE_VERIFY, mechanism, key));
    if (mechanism == NULL) {
        return CKR_OK; /* cancelled */
    }
    operation->signature_given = true;
    CK_RV rv = signature.size > SIGNATURE_MAX ? CKR_SIGNATURE_LEN_RANGE
                                              : buffer_append(&operation->signature, signature);
    return operation_fail(session, operation, rv);
}

CK_RV C_VerifySignatureInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                            CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pSignature,
                            CK_ULONG ulSignatureLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pSignature, ulSignatureLen)) {
        rv = start_with(session, pMechanism, hKey, bytes_of(pSignature, (size_t)ulSignatureLen));
    }
    session_leave(session);
    return rv;
}

CK_RV C_VerifySignature(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pData, ulDataLen)) {
        rv = conclude(session, bytes_of(pData, (size_t)ulDataLen), bytes_of(NULL, 0), false, true);
    } else {
        rv = operation_misuse(session, PLACE_VERIFY, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV C_VerifySignatureUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
    return C_VerifyUpdate(hSession, pPart, ulPartLen);
}

CK_RV C_VerifySignatureFinal(CK_SESSION_HANDLE hSession) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = conclude(session, bytes_of(NULL, 0), bytes_of(NULL, 0), false, false);
    session_leave(session);
    return rv;
}
