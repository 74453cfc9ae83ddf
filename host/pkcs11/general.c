/* SPDX-License-Identifier: Apache-2.0 */
/* C_Initialize, C_Finalize, C_GetInfo and the two functions for parallel calls of old
 * (sections 5.4, 5.20). */
#include "host/pkcs11/library.h"
#include "host/pkcs11/session.h"
#include "host/pkcs11/texts.h"

/* The library locks by itself. Mutex calls of the caller are not needed, but must be complete. */
static CK_RV check_arguments(const CK_C_INITIALIZE_ARGS *arguments) {
    int given = (arguments->CreateMutex != NULL) + (arguments->DestroyMutex != NULL) +
                (arguments->LockMutex != NULL) + (arguments->UnlockMutex != NULL);
    bool complete = given == 0 || given == 4;
    return complete && arguments->pReserved == NULL ? CKR_OK : CKR_ARGUMENTS_BAD;
}

CK_RV C_Initialize(CK_VOID_PTR pInitArgs) {
    if (pInitArgs != NULL) {
        RV_TRY(check_arguments(pInitArgs));
    }
    return library_start();
}

CK_RV C_Finalize(CK_VOID_PTR pReserved) {
    return pReserved == NULL ? library_stop() : CKR_ARGUMENTS_BAD;
}

CK_RV C_GetInfo(CK_INFO_PTR pInfo) {
    RV_TRY(library_ready());
    if (pInfo == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    *pInfo = (CK_INFO){.cryptokiVersion = {CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR},
                       .libraryVersion = texts_version(bytes_of_text(EHSM_VERSION))};
    texts_fill(pInfo->manufacturerID, sizeof(pInfo->manufacturerID), TEXT_MANUFACTURER);
    texts_fill(pInfo->libraryDescription, sizeof(pInfo->libraryDescription), "Edge HSM PKCS#11");
    return CKR_OK;
}

CK_RV C_GetFunctionStatus(CK_SESSION_HANDLE hSession) {
    RV_TRY(session_check(hSession));
    return CKR_FUNCTION_NOT_PARALLEL;
}

CK_RV C_CancelFunction(CK_SESSION_HANDLE hSession) {
    RV_TRY(session_check(hSession));
    return CKR_FUNCTION_NOT_PARALLEL;
}
