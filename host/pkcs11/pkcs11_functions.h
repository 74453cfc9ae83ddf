/* SPDX-License-Identifier: Apache-2.0 */
/* The 104 functions of PKCS #11 v3.2 (section 5) as one list, and what follows from it: their
 * prototypes, a pointer type CK_C_... for each, and the three function lists.
 *
 * CK_FUNCTIONS_...(ROW) expands ROW(name, (arguments)) for every function in the order of the
 * function lists; a module fills its tables, and a proxy its calls, from the same rows. */
#ifndef HOST_PKCS11_FUNCTIONS_H
#define HOST_PKCS11_FUNCTIONS_H

#include "host/pkcs11/pkcs11_types.h"

typedef struct CK_FUNCTION_LIST CK_FUNCTION_LIST, *CK_FUNCTION_LIST_PTR;
typedef CK_FUNCTION_LIST_PTR *CK_FUNCTION_LIST_PTR_PTR;
typedef struct CK_FUNCTION_LIST_3_0 CK_FUNCTION_LIST_3_0, *CK_FUNCTION_LIST_3_0_PTR;
typedef CK_FUNCTION_LIST_3_0_PTR *CK_FUNCTION_LIST_3_0_PTR_PTR;
typedef struct CK_FUNCTION_LIST_3_2 CK_FUNCTION_LIST_3_2, *CK_FUNCTION_LIST_3_2_PTR;
typedef CK_FUNCTION_LIST_3_2_PTR *CK_FUNCTION_LIST_3_2_PTR_PTR;

/* v2.40: 68 functions */
#define CK_FUNCTIONS_2_40(ROW) \
    ROW(C_Initialize, (CK_VOID_PTR pInitArgs)) \
    ROW(C_Finalize, (CK_VOID_PTR pReserved)) \
    ROW(C_GetInfo, (CK_INFO_PTR pInfo)) \
    ROW(C_GetFunctionList, (CK_FUNCTION_LIST_PTR_PTR ppFunctionList)) \
    ROW(C_GetSlotList, (CK_BBOOL tokenPresent, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount)) \
    ROW(C_GetSlotInfo, (CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo)) \
    ROW(C_GetTokenInfo, (CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo)) \
    ROW(C_GetMechanismList, (CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pMechanismList, \
        CK_ULONG_PTR pulCount)) \
    ROW(C_GetMechanismInfo, (CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, \
        CK_MECHANISM_INFO_PTR pInfo)) \
    ROW(C_InitToken, (CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen, \
        CK_UTF8CHAR_PTR pLabel)) \
    ROW(C_InitPIN, (CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen)) \
    ROW(C_SetPIN, (CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pOldPin, CK_ULONG ulOldLen, \
        CK_UTF8CHAR_PTR pNewPin, CK_ULONG ulNewLen)) \
    ROW(C_OpenSession, (CK_SLOT_ID slotID, CK_FLAGS flags, CK_VOID_PTR pApplication, \
        CK_NOTIFY Notify, CK_SESSION_HANDLE_PTR phSession)) \
    ROW(C_CloseSession, (CK_SESSION_HANDLE hSession)) \
    ROW(C_CloseAllSessions, (CK_SLOT_ID slotID)) \
    ROW(C_GetSessionInfo, (CK_SESSION_HANDLE hSession, CK_SESSION_INFO_PTR pInfo)) \
    ROW(C_GetOperationState, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOperationState, \
        CK_ULONG_PTR pulOperationStateLen)) \
    ROW(C_SetOperationState, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pOperationState, \
        CK_ULONG ulOperationStateLen, CK_OBJECT_HANDLE hEncryptionKey, \
        CK_OBJECT_HANDLE hAuthenticationKey)) \
    ROW(C_Login, (CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, \
        CK_ULONG ulPinLen)) \
    ROW(C_Logout, (CK_SESSION_HANDLE hSession)) \
    ROW(C_CreateObject, (CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, \
        CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phObject)) \
    ROW(C_CopyObject, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phNewObject)) \
    ROW(C_DestroyObject, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject)) \
    ROW(C_GetObjectSize, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, \
        CK_ULONG_PTR pulSize)) \
    ROW(C_GetAttributeValue, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)) \
    ROW(C_SetAttributeValue, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hObject, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount)) \
    ROW(C_FindObjectsInit, (CK_SESSION_HANDLE hSession, CK_ATTRIBUTE_PTR pTemplate, \
        CK_ULONG ulCount)) \
    ROW(C_FindObjects, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE_PTR phObject, \
        CK_ULONG ulMaxObjectCount, CK_ULONG_PTR pulObjectCount)) \
    ROW(C_FindObjectsFinal, (CK_SESSION_HANDLE hSession)) \
    ROW(C_EncryptInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_Encrypt, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, \
        CK_BYTE_PTR pEncryptedData, CK_ULONG_PTR pulEncryptedDataLen)) \
    ROW(C_EncryptUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, \
        CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen)) \
    ROW(C_EncryptFinal, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastEncryptedPart, \
        CK_ULONG_PTR pulLastEncryptedPartLen)) \
    ROW(C_DecryptInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_Decrypt, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedData, \
        CK_ULONG ulEncryptedDataLen, CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen)) \
    ROW(C_DecryptUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, \
        CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart, CK_ULONG_PTR pulPartLen)) \
    ROW(C_DecryptFinal, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastPart, \
        CK_ULONG_PTR pulLastPartLen)) \
    ROW(C_DigestInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism)) \
    ROW(C_Digest, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, \
        CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen)) \
    ROW(C_DigestUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)) \
    ROW(C_DigestKey, (CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hKey)) \
    ROW(C_DigestFinal, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pDigest, \
        CK_ULONG_PTR pulDigestLen)) \
    ROW(C_SignInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_Sign, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, \
        CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen)) \
    ROW(C_SignUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)) \
    ROW(C_SignFinal, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, \
        CK_ULONG_PTR pulSignatureLen)) \
    ROW(C_SignRecoverInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_SignRecover, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, \
        CK_BYTE_PTR pSignature, CK_ULONG_PTR pulSignatureLen)) \
    ROW(C_VerifyInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_Verify, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen, \
        CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)) \
    ROW(C_VerifyUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen)) \
    ROW(C_VerifyFinal, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, \
        CK_ULONG ulSignatureLen)) \
    ROW(C_VerifyRecoverInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_VerifyRecover, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSignature, \
        CK_ULONG ulSignatureLen, CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen)) \
    ROW(C_DigestEncryptUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, \
        CK_ULONG ulPartLen, CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen)) \
    ROW(C_DecryptDigestUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, \
        CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart, CK_ULONG_PTR pulPartLen)) \
    ROW(C_SignEncryptUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen, \
        CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen)) \
    ROW(C_DecryptVerifyUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart, \
        CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart, CK_ULONG_PTR pulPartLen)) \
    ROW(C_GenerateKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulCount, CK_OBJECT_HANDLE_PTR phKey)) \
    ROW(C_GenerateKeyPair, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_ATTRIBUTE_PTR pPublicKeyTemplate, CK_ULONG ulPublicKeyAttributeCount, \
        CK_ATTRIBUTE_PTR pPrivateKeyTemplate, CK_ULONG ulPrivateKeyAttributeCount, \
        CK_OBJECT_HANDLE_PTR phPublicKey, CK_OBJECT_HANDLE_PTR phPrivateKey)) \
    ROW(C_WrapKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pWrappedKey, \
        CK_ULONG_PTR pulWrappedKeyLen)) \
    ROW(C_UnwrapKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey, CK_ULONG ulWrappedKeyLen, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount, CK_OBJECT_HANDLE_PTR phKey)) \
    ROW(C_DeriveKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hBaseKey, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount, \
        CK_OBJECT_HANDLE_PTR phKey)) \
    ROW(C_SeedRandom, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSeed, CK_ULONG ulSeedLen)) \
    ROW(C_GenerateRandom, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR RandomData, \
        CK_ULONG ulRandomLen)) \
    ROW(C_GetFunctionStatus, (CK_SESSION_HANDLE hSession)) \
    ROW(C_CancelFunction, (CK_SESSION_HANDLE hSession)) \
    ROW(C_WaitForSlotEvent, (CK_FLAGS flags, CK_SLOT_ID_PTR pSlot, CK_VOID_PTR pReserved))

/* added by v3.0: 24 functions */
#define CK_FUNCTIONS_ADDED_3_0(ROW) \
    ROW(C_GetInterfaceList, (CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount)) \
    ROW(C_GetInterface, (CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion, \
        CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags)) \
    ROW(C_LoginUser, (CK_SESSION_HANDLE hSession, CK_USER_TYPE userType, CK_UTF8CHAR_PTR pPin, \
        CK_ULONG ulPinLen, CK_UTF8CHAR_PTR pUsername, CK_ULONG ulUsernameLen)) \
    ROW(C_SessionCancel, (CK_SESSION_HANDLE hSession, CK_FLAGS flags)) \
    ROW(C_MessageEncryptInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_EncryptMessage, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen, \
        CK_BYTE_PTR pPlaintext, CK_ULONG ulPlaintextLen, CK_BYTE_PTR pCiphertext, \
        CK_ULONG_PTR pulCiphertextLen)) \
    ROW(C_EncryptMessageBegin, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen)) \
    ROW(C_EncryptMessageNext, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pPlaintextPart, CK_ULONG ulPlaintextPartLen, \
        CK_BYTE_PTR pCiphertextPart, CK_ULONG_PTR pulCiphertextPartLen, CK_FLAGS flags)) \
    ROW(C_MessageEncryptFinal, (CK_SESSION_HANDLE hSession)) \
    ROW(C_MessageDecryptInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_DecryptMessage, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen, \
        CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen, CK_BYTE_PTR pPlaintext, \
        CK_ULONG_PTR pulPlaintextLen)) \
    ROW(C_DecryptMessageBegin, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen)) \
    ROW(C_DecryptMessageNext, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pCiphertextPart, CK_ULONG ulCiphertextPartLen, \
        CK_BYTE_PTR pPlaintextPart, CK_ULONG_PTR pulPlaintextPartLen, CK_FLAGS flags)) \
    ROW(C_MessageDecryptFinal, (CK_SESSION_HANDLE hSession)) \
    ROW(C_MessageSignInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_SignMessage, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, \
        CK_ULONG_PTR pulSignatureLen)) \
    ROW(C_SignMessageBegin, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen)) \
    ROW(C_SignMessageNext, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, \
        CK_ULONG_PTR pulSignatureLen)) \
    ROW(C_MessageSignFinal, (CK_SESSION_HANDLE hSession)) \
    ROW(C_MessageVerifyInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey)) \
    ROW(C_VerifyMessage, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, \
        CK_ULONG ulSignatureLen)) \
    ROW(C_VerifyMessageBegin, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen)) \
    ROW(C_VerifyMessageNext, (CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, \
        CK_ULONG ulParameterLen, CK_BYTE_PTR pData, CK_ULONG ulDataLen, CK_BYTE_PTR pSignature, \
        CK_ULONG ulSignatureLen)) \
    ROW(C_MessageVerifyFinal, (CK_SESSION_HANDLE hSession))

/* added by v3.2: 12 functions (v3.1 added none) */
#define CK_FUNCTIONS_ADDED_3_2(ROW) \
    ROW(C_EncapsulateKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hPublicKey, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount, \
        CK_BYTE_PTR pCiphertext, CK_ULONG_PTR pulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey)) \
    ROW(C_DecapsulateKey, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hPrivateKey, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount, \
        CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen, CK_OBJECT_HANDLE_PTR phKey)) \
    ROW(C_VerifySignatureInit, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pSignature, CK_ULONG ulSignatureLen)) \
    ROW(C_VerifySignature, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen)) \
    ROW(C_VerifySignatureUpdate, (CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, \
        CK_ULONG ulPartLen)) \
    ROW(C_VerifySignatureFinal, (CK_SESSION_HANDLE hSession)) \
    ROW(C_GetSessionValidationFlags, (CK_SESSION_HANDLE hSession, \
        CK_SESSION_VALIDATION_FLAGS_TYPE type, CK_FLAGS_PTR pFlags)) \
    ROW(C_AsyncComplete, (CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, \
        CK_ASYNC_DATA_PTR pResult)) \
    ROW(C_AsyncGetID, (CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, \
        CK_ULONG_PTR pulID)) \
    ROW(C_AsyncJoin, (CK_SESSION_HANDLE hSession, CK_UTF8CHAR_PTR pFunctionName, CK_ULONG ulID, \
        CK_BYTE_PTR pData, CK_ULONG ulData)) \
    ROW(C_WrapKeyAuthenticated, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pAssociatedData, \
        CK_ULONG ulAssociatedDataLen, CK_BYTE_PTR pWrappedKey, CK_ULONG_PTR pulWrappedKeyLen)) \
    ROW(C_UnwrapKeyAuthenticated, (CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism, \
        CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey, CK_ULONG ulWrappedKeyLen, \
        CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount, CK_BYTE_PTR pAssociatedData, \
        CK_ULONG ulAssociatedDataLen, CK_OBJECT_HANDLE_PTR phKey))

#define CK_FUNCTIONS_3_0(ROW) \
    CK_FUNCTIONS_2_40(ROW)    \
    CK_FUNCTIONS_ADDED_3_0(ROW)
#define CK_FUNCTIONS_3_2(ROW) \
    CK_FUNCTIONS_3_0(ROW)     \
    CK_FUNCTIONS_ADDED_3_2(ROW)

#ifdef __cplusplus
extern "C" {
#endif

#define CK_ROW_PROTOTYPE(name, arguments) extern CK_DECLARE_FUNCTION(CK_RV, name) arguments;
CK_FUNCTIONS_3_2(CK_ROW_PROTOTYPE)
#undef CK_ROW_PROTOTYPE

#define CK_ROW_TYPE(name, arguments) \
    typedef CK_DECLARE_FUNCTION_POINTER(CK_RV, CK_##name) arguments;
CK_FUNCTIONS_3_2(CK_ROW_TYPE)
#undef CK_ROW_TYPE

#ifdef __cplusplus
}
#endif

/* Each list begins with its version and the functions of the one before it, in the same places. */
#define CK_ROW_FIELD(name, arguments) CK_##name name;
struct CK_FUNCTION_LIST {
    CK_VERSION version;
    CK_FUNCTIONS_2_40(CK_ROW_FIELD)
};

struct CK_FUNCTION_LIST_3_0 {
    CK_VERSION version;
    CK_FUNCTIONS_3_0(CK_ROW_FIELD)
};

struct CK_FUNCTION_LIST_3_2 {
    CK_VERSION version;
    CK_FUNCTIONS_3_2(CK_ROW_FIELD)
};
#undef CK_ROW_FIELD

#endif
