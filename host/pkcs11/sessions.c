/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as callers see them (section 5.6), except for login. */
#include "host/pkcs11/session.h"

CK_RV C_OpenSession(CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, CK_NOTIFY Notify,
                    CK_SESSION_HANDLE_PTR phSession) {
    (void)pApplication; /* the module never calls back */
    (void)Notify;
    RV_TRY(library_ready());
    if (phSession == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if ((flags & CKF_SERIAL_SESSION) == 0) {
        return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
    }
    if ((flags & CKF_ASYNC_SESSION) != 0) {
        return CKR_SESSION_ASYNC_NOT_SUPPORTED;
    }
    return session_open(slotID, (flags & CKF_RW_SESSION) != 0, phSession);
}

CK_RV C_CloseSession(CK_SESSION_HANDLE hSession) {
    return session_close(hSession);
}

CK_RV C_CloseAllSessions(CK_SLOT_ID slotID) {
    SMALL_ROOM(room);
    RV_TRY(library_ready());
    if (slotID > UINT32_MAX) {
        return CKR_SLOT_ID_INVALID;
    }
    uint32_t slots = session_end_all(&slotID);
    (void)slots; /* the module is asked in any case: it knows which slots there are */
    struct session_close_all_req request = {.slot = (uint32_t)slotID};
    struct session_close_all_rep reply;
    enum status status = STATUS_INTERNAL;
    LIBRARY_CALL(status, session_close_all, &request, &reply, room);
    /* Where the module is gone, so are the sessions. */
    return status == STATUS_UNREACHABLE || status == STATUS_DISCONNECTED ? CKR_OK
                                                                         : result_of(status);
}

CK_RV C_GetSessionInfo(CK_SESSION_HANDLE hSession, CK_SESSION_INFO_PTR pInfo) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    struct session_info_req request = {0};
    struct session_info_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (pInfo != NULL) {
        SESSION_CALL(status, session, session_info, request, &reply, room);
        rv = result_of(status);
    }
    if (rv == CKR_OK) {
        *pInfo = (CK_SESSION_INFO){
            .slotID = reply.slot,
            .state = reply.state,
            .flags = CKF_SERIAL_SESSION | (reply.read_write != 0 ? CKF_RW_SESSION : 0)};
    }
    session_leave(session);
    return rv;
}

/* Which operations a set of C_SessionCancel's flags names. */
static const struct {
    CK_FLAGS flag;
    enum operation_place place;
} cancels[] = {
    {CKF_DIGEST, PLACE_DIGEST},
    {CKF_SIGN, PLACE_SIGN},
    {CKF_VERIFY, PLACE_VERIFY},
    {CKF_ENCRYPT, PLACE_ENCRYPT},
    {CKF_DECRYPT, PLACE_DECRYPT},
    {CKF_MESSAGE_SIGN, PLACE_MESSAGE_SIGN},
    {CKF_MESSAGE_VERIFY, PLACE_MESSAGE_VERIFY},
    {CKF_MESSAGE_ENCRYPT, PLACE_MESSAGE_ENCRYPT},
    {CKF_MESSAGE_DECRYPT, PLACE_MESSAGE_DECRYPT},
};

CK_RV C_SessionCancel(CK_SESSION_HANDLE hSession, CK_FLAGS flags) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    for (size_t i = 0; i < COUNT(cancels); i++) {
        struct operation *operation = &session->operations[cancels[i].place];
        if ((flags & cancels[i].flag) != 0 && operation->active) {
            operation_end(session, operation);
        }
    }
    if ((flags & CKF_FIND_OBJECTS) != 0) {
        session_end_search(session);
    }
    session_leave(session);
    return CKR_OK;
}

/* The module is not validated by anybody, so no validation of it holds. */
CK_RV C_GetSessionValidationFlags(CK_SESSION_HANDLE hSession, CK_SESSION_VALIDATION_FLAGS_TYPE type,
                                  CK_FLAGS_PTR pFlags) {
    RV_TRY(session_check(hSession));
    if (pFlags == NULL || type != CKS_LAST_VALIDATION_OK) {
        return CKR_ARGUMENTS_BAD;
    }
    *pFlags = 0;
    return CKR_OK;
}

/* The state of an operation lies in the module and stays there. */
CK_RV C_GetOperationState(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOperationState,
                          CK_ULONG_PTR pulOperationStateLen) {
    (void)pOperationState;
    RV_TRY(session_check(hSession));
    return pulOperationStateLen == NULL ? CKR_ARGUMENTS_BAD : CKR_STATE_UNSAVEABLE;
}

CK_RV C_SetOperationState(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOperationState,
                          CK_ULONG ulOperationStateLen, CK_OBJECT_HANDLE hEncryptionKey,
                          CK_OBJECT_HANDLE hAuthenticationKey) {
    (void)hEncryptionKey;
    (void)hAuthenticationKey;
    RV_TRY(session_check(hSession));
    return readable(pOperationState, ulOperationStateLen) ? CKR_SAVED_STATE_INVALID
                                                          : CKR_ARGUMENTS_BAD;
}
