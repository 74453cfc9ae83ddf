/* SPDX-License-Identifier: Apache-2.0 */
/* What every file of the PKCS#11 door shares: the standard's header, its functions exported.
 *
 * The door translates. It decides nothing, keeps no keys and links no cryptographic library: each
 * call becomes commands of proto/commands.def, and each status a CK_RV. */
#ifndef HOST_PKCS11_DOOR_H
#define HOST_PKCS11_DOOR_H

#include "base/compiler.h"

#define CK_DECLARE_FUNCTION(type, name) PUBLIC_ABI type name
#include "host/pkcs11/pkcs11.h"
#include "host/pkcs11/pkcs11_vendor.h"

#include "base/bytes.h"
#include "base/status.h"

/* What a PKCS#11 caller gets for a status: the third column of base/status.def. */
static inline CK_RV result_of(enum status status) {
    return status == STATUS_OK ? CKR_OK : status_row((uint32_t)status)->ck_rv;
}

/* Returns from the calling function when `expr` is not CKR_OK. */
#define RV_TRY(expr)                                                                               \
    do {                                                                                           \
        CK_RV rv_try = (expr);                                                                     \
        if (rv_try != CKR_OK) {                                                                    \
            return rv_try;                                                                         \
        }                                                                                          \
    } while (0)

/* Whether a caller's buffer can be read: a null pointer goes with no bytes only. */
static inline bool readable(const void *data, CK_ULONG size) {
    return data != NULL || size == 0;
}

/* Gives the module's handle to a caller. CKR_DEVICE_ERROR where a CK_ULONG is too narrow for it. */
MUST_USE static inline CK_RV result_handle(uint64_t handle, CK_OBJECT_HANDLE_PTR to) {
    if ((uint64_t)(CK_OBJECT_HANDLE)handle != handle || handle == CK_INVALID_HANDLE) {
        return CKR_DEVICE_ERROR;
    }
    *to = (CK_OBJECT_HANDLE)handle;
    return CKR_OK;
}

/* Hands a result to a caller in the standard's way (section 5.2): a null buffer asks for the
 * length. CKR_BUFFER_TOO_SMALL fills the length too. *size must be readable. */
MUST_USE static inline CK_RV result_deliver(struct bytes result, CK_BYTE_PTR to,
                                            CK_ULONG_PTR size) {
    CK_ULONG room = *size;
    *size = (CK_ULONG)result.size;
    if (to == NULL) {
        return CKR_OK;
    }
    if (room < result.size) {
        return CKR_BUFFER_TOO_SMALL;
    }
    bytes_copy(to, result);
    return CKR_OK;
}

#endif
