/* SPDX-License-Identifier: Apache-2.0 */
/* The four functions that lead two operations side by side (section 5.17). */
#include "host/pkcs11/cipher.h"
#include "host/pkcs11/digest.h"
#include "host/pkcs11/sign.h"
#include "host/pkcs11/verify.h"

/* `follow` is C_DigestUpdate, C_SignUpdate or C_VerifyUpdate in a locked session. */
static CK_RV encrypt_and(struct session *session, CK_RV (*follow)(struct session *, struct bytes),
                         struct bytes data, struct output out) {
    CK_ULONG needed = 0;
    RV_TRY(cipher_update(session, PLACE_ENCRYPT, data, (struct output){NULL, &needed}));
    if (out.data == NULL || *out.size < needed) {
        *out.size = needed;
        return out.data == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    /* The clear text first: the caller may want the ciphertext in its place. */
    RV_TRY(follow(session, data));
    return cipher_update(session, PLACE_ENCRYPT, data, out);
}

/* Encrypts, and gives the clear text to a second operation. */
static CK_RV then_encrypt(CK_SESSION_HANDLE handle, unsigned second,
                          CK_RV (*follow)(struct session *, struct bytes),
                          struct bytes data, struct output out) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, second, &operation);
    if (rv == CKR_OK && (out.size == NULL || !readable(data.data, data.size))) {
        rv = CKR_ARGUMENTS_BAD;
    }
    if (rv == CKR_OK) {
        rv = encrypt_and(session, follow, data, out);
    }
    session_leave(session);
    return rv;
}

/* Decrypts, and gives the clear text to a second operation. */
static CK_RV decrypt_then(CK_SESSION_HANDLE handle, unsigned second,
                          CK_RV (*follow)(struct session *, struct bytes),
                          struct bytes data, struct output out) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, second, &operation);
    if (rv == CKR_OK) {
        rv = cipher_update(session, PLACE_DECRYPT, data, out);
    }
    if (rv == CKR_OK && out.data != NULL) {
        rv = follow(session, bytes_of(out.data, (size_t)*out.size));
    }
    session_leave(session);
    return rv;
}

CK_RV C_DigestEncryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen,
                            CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen) {
    return then_encrypt(hSession, PLACE_DIGEST, digest_update, bytes_of(pPart, (size_t)ulPartLen),
                        (struct output){pEncryptedPart, pulEncryptedPartLen});
}

CK_RV C_DecryptDigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart,
                            CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart,
                            CK_ULONG_PTR pulPartLen) {
    return decrypt_then(hSession, PLACE_DIGEST, digest_update,
                        bytes_of(pEncryptedPart, (size_t)ulEncryptedPartLen),
                        (struct output){pPart, pulPartLen});
}

CK_RV C_SignEncryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen,
                          CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen) {
    return then_encrypt(hSession, PLACE_SIGN, sign_update, bytes_of(pPart, (size_t)ulPartLen),
                        (struct output){pEncryptedPart, pulEncryptedPartLen});
}

CK_RV C_DecryptVerifyUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart,
                            CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart,
                            CK_ULONG_PTR pulPartLen) {
    return decrypt_then(hSession, PLACE_VERIFY, verify_update,
                        bytes_of(pEncryptedPart, (size_t)ulEncryptedPartLen),
                        (struct output){pPart, pulPartLen});
}
