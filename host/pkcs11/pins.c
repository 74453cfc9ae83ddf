/* SPDX-License-Identifier: Apache-2.0 */
/* Login, logout and PINs (sections 5.5.10, 5.5.11, 5.6.7 to 5.6.9). */
#include "host/pkcs11/pins.h"

#include "base/limits.h"
#include "host/pkcs11/session.h"

CK_RV pins_read(const CK_UTF8CHAR *pin, CK_ULONG size, struct bytes *to) {
    if (pin == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (size > PIN_SIZE_MAX) {
        return CKR_PIN_LEN_RANGE;
    }
    *to = bytes_of(pin, (size_t)size);
    return CKR_OK;
}

CK_RV C_InitPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    struct pin_init_req request = {0};
    struct pin_init_rep reply;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = pins_read(pPin, ulPinLen, &request.pin);
    if (rv == CKR_OK) {
        enum status status = STATUS_INTERNAL;
        SESSION_CALL(status, session, pin_init, request, &reply, room);
        rv = result_of(status);
    }
    session_leave(session);
    return rv;
}

CK_RV C_SetPIN(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pOldPin, CK_ULONG ulOldLen,
               CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    struct pin_set_req request = {0};
    struct pin_set_rep reply;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = pins_read(pOldPin, ulOldLen, &request.old_pin);
    if (rv == CKR_OK) {
        rv = pins_read(pNewPin, ulNewLen, &request.new_pin);
    }
    if (rv == CKR_OK) {
        enum status status = STATUS_INTERNAL;
        SESSION_CALL(status, session, pin_set, request, &reply, room);
        rv = result_of(status);
    }
    session_leave(session);
    return rv;
}

/* Whether an operation waits for the PIN to be given once more. */
static bool wants_confirmation(const struct session *session) {
    for (unsigned i = 0; i < PLACE_COUNT; i++) {
        if (session->operations[i].active && session->operations[i].confirm_login) {
            return true;
        }
    }
    return false;
}

static CK_RV login(struct session *session, CK_USER_TYPE type, struct bytes pin) {
    SMALL_ROOM(room);
    struct login_rep reply;
    if (type > CKU_CONTEXT_SPECIFIC) {
        return CKR_USER_TYPE_INVALID;
    }
    if (type == CKU_CONTEXT_SPECIFIC && !wants_confirmation(session)) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    struct login_req request = {.user = (uint32_t)type, .pin = pin};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, login, request, &reply, room);
    if (type != CKU_CONTEXT_SPECIFIC) {
        epoch_end();
    }
    return result_of(status);
}

CK_RV C_Login(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin,
              CK_ULONG ulPinLen) {
    struct session *session = NULL;
    struct bytes pin = {NULL, 0};
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = pins_read(pPin, ulPinLen, &pin);
    /* No PIN is that long, so this one is not right; the module need not count it. */
    rv = rv == CKR_PIN_LEN_RANGE ? CKR_PIN_INCORRECT : rv;
    if (rv == CKR_OK) {
        rv = login(session, userType, pin);
    }
    session_leave(session);
    return rv;
}

CK_RV C_LoginUser(CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin,
                  CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen) {
    if (!readable(pUsername, ulUsernameLen)) {
        RV_TRY(session_check(hSession));
        return CKR_ARGUMENTS_BAD;
    }
    if (ulUsernameLen > 0) {
        RV_TRY(session_check(hSession));
        return CKR_USER_TYPE_INVALID; /* a token has one user, and that one has no name */
    }
    return C_Login(hSession, userType, pPin, ulPinLen);
}

CK_RV C_Logout(CK_SESSION_HANDLE hSession) {
    SMALL_ROOM(room);
    struct session *session = NULL;
    struct logout_req request = {0};
    struct logout_rep reply;
    enum status status = STATUS_INTERNAL;
    RV_TRY(session_enter(hSession, &session));
    SESSION_CALL(status, session, logout, request, &reply, room);
    epoch_end();
    session_leave(session);
    return result_of(status);
}
