/* SPDX-License-Identifier: Apache-2.0 */
/* Wrapping and unwrapping, plain and authenticated (sections 5.18.3, 5.18.4, 5.18.6, 5.18.7). */
#include "base/limits.h"
#include "host/pkcs11/cipher.h"
#include "host/pkcs11/parameters.h"
#include "host/pkcs11/templates.h"

/* Reads the mechanism for F_WRAP or F_UNWRAP; `aad` is the associated data of the authenticated
 * calls, or NULL in the plain ones. */
static CK_RV read_mechanism(struct session *session, const CK_MECHANISM *from, uint32_t function,
                            const struct bytes *aad, struct mechanism_read *read) {
    if (from == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    RV_TRY(mechanisms_read(from, function, read));
    struct mechanism *mechanism = &read->mechanism;
    if (aad != NULL) {
        if (mechanism->algorithm != ALGORITHM_AES_GCM &&
            mechanism->algorithm != ALGORITHM_WRAP_WITH_ATTRIBUTES) {
            return CKR_MECHANISM_INVALID;
        }
        bool twice = aad->size > 0 && mechanism->aad.size > 0;
        if (twice || aad->size > PARAMETER_BYTES_MAX) {
            return CKR_MECHANISM_PARAM_INVALID;
        }
        mechanism->aad = aad->size > 0 ? *aad : mechanism->aad;
    }
    return session_settle_iv(session, read);
}

/* Wraps. A call that only asks for the length wraps too: the module alone knows it. */
static CK_RV wrap(struct session *session, const struct mechanism_read *read,
                  const uint64_t keys[2], struct output out) {
    struct span room = session_room(session);
    struct key_wrap_req request = {
        .mechanism = read->mechanism, .wrapping_key = keys[0], .key = keys[1]};
    struct key_wrap_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, key_wrap, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    RV_TRY(result_deliver(reply.wrapped, out.data, out.size));
    if (read->iv != NULL && out.data != NULL) {
        bytes_copy(read->iv, reply.iv);
    }
    return CKR_OK;
}

static CK_RV wrap_key(CK_SESSION_HANDLE handle, const CK_MECHANISM *mechanism,
                      const uint64_t keys[2], const struct bytes *aad, struct output out) {
    struct session *session = NULL;
    struct mechanism_read read;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (out.size != NULL && (aad == NULL || readable(aad->data, aad->size))) {
        rv = read_mechanism(session, mechanism, F_WRAP, aad, &read);
    }
    if (rv == CKR_OK) {
        rv = wrap(session, &read, keys, out);
    }
    session_leave(session);
    return rv;
}

CK_RV C_WrapKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey, CK_BYTE_PTR pWrappedKey,
                CK_ULONG_PTR pulWrappedKeyLen) {
    const uint64_t keys[2] = {hWrappingKey, hKey};
    return wrap_key(hSession, pMechanism, keys, NULL,
                    (struct output){pWrappedKey, pulWrappedKeyLen});
}

CK_RV C_WrapKeyAuthenticated(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                             CK_OBJECT_HANDLE hWrappingKey, CK_OBJECT_HANDLE hKey,
                             CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                             CK_BYTE_PTR pWrappedKey, CK_ULONG_PTR pulWrappedKeyLen) {
    const uint64_t keys[2] = {hWrappingKey, hKey};
    struct bytes aad = bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen);
    return wrap_key(hSession, pMechanism, keys, &aad,
                    (struct output){pWrappedKey, pulWrappedKeyLen});
}

/* What C_UnwrapKey is given. */
struct unwrapping {
    const CK_MECHANISM *mechanism;
    uint64_t key;
    struct bytes wrapped;
    const CK_ATTRIBUTE *template;
    CK_ULONG count;
    const struct bytes *aad;
    CK_OBJECT_HANDLE *made;
};

static CK_RV unwrap_result(enum status status) {
    switch (status) {
    case STATUS_AEAD_FAILED:
        return CKR_WRAPPED_KEY_INVALID;
    case STATUS_KEY_INVALID:
        return CKR_UNWRAPPING_KEY_HANDLE_INVALID;
    default:
        return result_of(status);
    }
}

static CK_RV unwrap(struct session *session, const struct unwrapping *given,
                    const struct mechanism *mechanism, struct bytes attributes) {
    SMALL_ROOM(room);
    struct key_unwrap_req request = {.mechanism = *mechanism,
                                     .unwrapping_key = given->key,
                                     .wrapped = given->wrapped,
                                     .attributes = attributes};
    struct key_unwrap_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, key_unwrap, request, &reply, room);
    return status == STATUS_OK ? result_handle(reply.key, given->made) : unwrap_result(status);
}

static CK_RV check_unwrapping(const struct unwrapping *given) {
    bool complete = given->made != NULL && readable(given->wrapped.data, given->wrapped.size) &&
                    (given->aad == NULL || readable(given->aad->data, given->aad->size));
    if (!complete) {
        return CKR_ARGUMENTS_BAD;
    }
    return given->wrapped.size > OBJECT_SIZE_MAX ? CKR_WRAPPED_KEY_LEN_RANGE : CKR_OK;
}

static CK_RV unwrap_key(CK_SESSION_HANDLE handle, const struct unwrapping *given) {
    struct session *session = NULL;
    struct mechanism_read read;
    struct buffer attributes = {NULL, 0, 0};
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = check_unwrapping(given);
    if (rv == CKR_OK) {
        rv = read_mechanism(session, given->mechanism, F_UNWRAP, given->aad, &read);
    }
    rv = rv == CKR_OK ? templates_encode(given->template, given->count, &attributes) : rv;
    if (rv == CKR_OK) {
        rv = unwrap(session, given, &read.mechanism, buffer_bytes(&attributes));
    }
    buffer_free(&attributes);
    session_leave(session);
    return rv;
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                  CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey,
                  CK_ULONG ulWrappedKeyLen, CK_ATTRIBUTE_PTR pTemplate, CK_ULONG ulAttributeCount,
                  CK_OBJECT_HANDLE_PTR phKey) {
    const struct unwrapping given = {.mechanism = pMechanism,
                                     .key = hUnwrappingKey,
                                     .wrapped = bytes_of(pWrappedKey, (size_t)ulWrappedKeyLen),
                                     .template = pTemplate,
                                     .count = ulAttributeCount,
                                     .made = phKey};
    return unwrap_key(hSession, &given);
}

CK_RV C_UnwrapKeyAuthenticated(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                               CK_OBJECT_HANDLE hUnwrappingKey, CK_BYTE_PTR pWrappedKey,
                               CK_ULONG ulWrappedKeyLen, CK_ATTRIBUTE_PTR pTemplate,
                               CK_ULONG ulAttributeCount, CK_BYTE_PTR pAssociatedData,
                               CK_ULONG ulAssociatedDataLen, CK_OBJECT_HANDLE_PTR phKey) {
    struct bytes aad = bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen);
    const struct unwrapping given = {.mechanism = pMechanism,
                                     .key = hUnwrappingKey,
                                     .wrapped = bytes_of(pWrappedKey, (size_t)ulWrappedKeyLen),
                                     .template = pTemplate,
                                     .count = ulAttributeCount,
                                     .aad = &aad,
                                     .made = phKey};
    return unwrap_key(hSession, &given);
}
