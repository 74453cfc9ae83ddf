/* SPDX-License-Identifier: Apache-2.0 */
/* Message-based signing and verification (sections 5.14 and 5.16 of v3.0 on): one Init, many
 * messages, a message that fails does not end it. The mechanisms of the door take no parameter per
 * message. */
#include "host/pkcs11/sign.h"
#include "host/pkcs11/verify.h"

static CK_RV init(CK_SESSION_HANDLE handle, unsigned place, const CK_MECHANISM *mechanism,
                  CK_OBJECT_HANDLE key) {
    struct session *session = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_init(session, place, mechanism, key);
    session_leave(session);
    return rv;
}

static CK_RV end(CK_SESSION_HANDLE handle, unsigned place) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK) {
        operation_end(session, operation);
    }
    session_leave(session);
    return rv;
}

/* What one call brings. */
struct call {
    CK_ULONG parameter_size;
    struct bytes data;
    CK_BYTE_PTR signature;
    CK_ULONG_PTR size;       /* signing: where the length goes */
    CK_ULONG signature_size; /* verification */
    bool whole;              /* the message comes as a whole */
    bool last;               /* its end is here */
};

static CK_RV sign_message(struct session *session, struct operation *operation,
                          const struct call *call) {
    if (!call->last) {
        return operation_gather(session, operation, call->data);
    }
    return sign_finish(session, operation, call->data, call->signature, call->size);
}

static CK_RV verify_message(struct session *session, struct operation *operation,
                            const struct call *call) {
    if (!call->last) {
        return operation_gather(session, operation, call->data);
    }
    return verify_finish(session, operation, call->data,
                         bytes_of(call->signature, (size_t)call->signature_size));
}

static CK_RV lead(CK_SESSION_HANDLE handle, unsigned place, const struct call *call,
                  CK_RV (*step)(struct session *, struct operation *, const struct call *)) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK && operation->in_parts == call->whole) {
        rv = call->whole ? CKR_OPERATION_ACTIVE : CKR_OPERATION_NOT_INITIALIZED;
    } else if (rv == CKR_OK && call->parameter_size != 0) {
        rv = CKR_MECHANISM_PARAM_INVALID;
    } else if (rv == CKR_OK && !readable(call->data.data, call->data.size)) {
        rv = CKR_ARGUMENTS_BAD;
    } else if (rv == CKR_OK) {
        rv = step(session, operation, call);
        bool asked_length = call->last && call->size != NULL && call->signature == NULL;
        bool goes_on = rv == CKR_OK && (!call->last || asked_length);
        if (!goes_on && rv != CKR_BUFFER_TOO_SMALL) {
            operation_end_message(session, operation);
        }
    }
    session_leave(session);
    return rv;
}

/* Begins a message in parts. */
static CK_RV begin(CK_SESSION_HANDLE handle, unsigned place, CK_ULONG parameter_size) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK && parameter_size != 0) {
        rv = CKR_MECHANISM_PARAM_INVALID;
    } else if (rv == CKR_OK && operation->in_parts) {
        rv = CKR_OPERATION_ACTIVE;
    } else if (rv == CKR_OK) {
        operation->in_parts = true;
    }
    session_leave(session);
    return rv;
}

CK_RV C_MessageSignInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                        CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_MESSAGE_SIGN, pMechanism, hKey);
}

CK_RV C_SignMessage(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, CK_ULONG ulParameterLen,
                    CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                    CK_ULONG_PTR pulSignatureLen) {
    (void)pParameter;
    const struct call call = {.parameter_size = ulParameterLen,
                              .data = bytes_of(pData, (size_t)ulDataLen),
                              .signature = pSignature,
                              .size = pulSignatureLen,
                              .whole = true,
                              .last = true};
    return lead(hSession, PLACE_MESSAGE_SIGN, &call, sign_message);
}

CK_RV C_SignMessageBegin(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                         CK_ULONG ulParameterLen) {
    (void)pParameter;
    return begin(hSession, PLACE_MESSAGE_SIGN, ulParameterLen);
}

/* A null pulSignatureLen says that the message goes on. */
CK_RV C_SignMessageNext(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, CK_ULONG ulParameterLen,
                        CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                        CK_ULONG_PTR pulSignatureLen) {
    (void)pParameter;
    const struct call call = {.parameter_size = ulParameterLen,
                              .data = bytes_of(pData, (size_t)ulDataLen),
                              .signature = pSignature,
                              .size = pulSignatureLen,
                              .last = pulSignatureLen != NULL};
    return lead(hSession, PLACE_MESSAGE_SIGN, &call, sign_message);
}

CK_RV C_MessageSignFinal(CK_SESSION_HANDLE hSession) {
    return end(hSession, PLACE_MESSAGE_SIGN);
}

CK_RV C_MessageVerifyInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                          CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_MESSAGE_VERIFY, pMechanism, hKey);
}

CK_RV C_VerifyMessage(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, CK_ULONG ulParameterLen,
                      CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature,
                      CK_ULONG ulSignatureLen) {
    (void)pParameter;
    const struct call call = {.parameter_size = ulParameterLen,
                              .data = bytes_of(pData, (size_t)ulDataLen),
                              .signature = pSignature,
                              .signature_size = pSignature != NULL ? ulSignatureLen : 0,
                              .whole = true,
                              .last = true};
    return lead(hSession, PLACE_MESSAGE_VERIFY, &call, verify_message);
}

CK_RV C_VerifyMessageBegin(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                           CK_ULONG ulParameterLen) {
    (void)pParameter;
    return begin(hSession, PLACE_MESSAGE_VERIFY, ulParameterLen);
}

/* A null pSignature says that the message goes on. */
CK_RV C_VerifyMessageNext(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                          CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
                          CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen) {
    (void)pParameter;
    const struct call call = {.parameter_size = ulParameterLen,
                              .data = bytes_of(pData, (size_t)ulDataLen),
                              .signature = pSignature,
                              .signature_size = ulSignatureLen,
                              .last = pSignature != NULL};
    return lead(hSession, PLACE_MESSAGE_VERIFY, &call, verify_message);
}

CK_RV C_MessageVerifyFinal(CK_SESSION_HANDLE hSession) {
    return end(hSession, PLACE_MESSAGE_VERIFY);
}
