/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that no mechanism of the module has, and asynchronous calls: each still tells apart a
 * library that is not initialised, a session that does not exist, and what is not supported. */
#include "host/pkcs11/session.h"

static CK_RV not_supported(CK_SESSION_HANDLE handle) {
    RV_TRY(session_check(handle));
    return CKR_FUNCTION_NOT_SUPPORTED;
}

static CK_RV not_asynchronous(CK_SESSION_HANDLE handle, const CK_UTF8CHAR *function) {
    RV_TRY(session_check(handle));
    return function == NULL ? CKR_ARGUMENTS_BAD : CKR_SESSION_ASYNC_NOT_SUPPORTED;
}

CK_RV C_SignRecoverInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                        CK_OBJECT_HANDLE hKey) {
    (void)pMechanism;
    (void)hKey;
    return not_supported(hSession);
}

CK_RV C_SignRecover(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
                    CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen) {
    (void)pData;
    (void)ulDataLen;
    (void)pSignature;
    (void)pulSignatureLen;
    return not_supported(hSession);
}

CK_RV C_VerifyRecoverInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                          CK_OBJECT_HANDLE hKey) {
    (void)pMechanism;
    (void)hKey;
    return not_supported(hSession);
}

CK_RV C_VerifyRecover(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen,
                      CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen) {
    (void)pSignature;
    (void)ulSignatureLen;
    (void)pData;
    (void)pulDataLen;
    return not_supported(hSession);
}

CK_RV C_EncapsulateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                       CK_OBJECT_HANDLE hPublicKey, CK_ATTRIBUTE_PTR pTemplate,
                       CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext,
                       CK_ULONG_PTR pulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey) {
    (void)pMechanism;
    (void)hPublicKey;
    (void)pTemplate;
    (void)ulAttributeCount;
    (void)pCiphertext;
    (void)pulCiphertextLen;
    (void)phKey;
    return not_supported(hSession);
}

CK_RV C_DecapsulateKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                       CK_OBJECT_HANDLE hPrivateKey, CK_ATTRIBUTE_PTR pTemplate,
                       CK_ULONG ulAttributeCount, CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen,
                       CK_OBJECT_HANDLE_PTR phKey) {
    (void)pMechanism;
    (void)hPrivateKey;
    (void)pTemplate;
    (void)ulAttributeCount;
    (void)pCiphertext;
    (void)ulCiphertextLen;
    (void)phKey;
    return not_supported(hSession);
}

CK_RV C_AsyncComplete(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName,
                      CK_ASYNC_DATA_PTR pResult) {
    (void)pResult;
    return not_asynchronous(hSession, pFunctionName);
}

CK_RV C_AsyncGetID(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG_PTR pulID) {
    (void)pulID;
    return not_asynchronous(hSession, pFunctionName);
}

CK_RV C_AsyncJoin(CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG ulID,
                  CK_BYTE_PTR pData, CK_ULONG ulData) {
    (void)ulID;
    (void)pData;
    (void)ulData;
    return not_asynchronous(hSession, pFunctionName);
}
