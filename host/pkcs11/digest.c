/* SPDX-License-Identifier: Apache-2.0 */
/* Digests (section 5.12), and random numbers (5.21). */
#include "host/pkcs11/digest.h"

#include "host/pkcs11/mechanisms.h"

static CK_RV start(struct session *session, const CK_MECHANISM *mechanism) {
    struct operation *operation = &session->operations[PLACE_DIGEST];
    struct mechanism_read read;
    bool cancelled = false;
    CK_RV rv = operation_begin(session, PLACE_DIGEST, mechanism, &cancelled);
    if (rv != CKR_OK || cancelled) {
        return rv;
    }
    RV_TRY(mechanisms_read(mechanism, F_DIGEST, &read));
    /* A digest takes no key: there is nothing to ask the module before the data comes. */
    operation_clear(operation);
    operation->mechanism = read.mechanism;
    operation->output_size = (uint32_t)hash_size(read.mechanism.hash);
    operation->active = true;
    return CKR_OK;
}

CK_RV C_DigestInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = start(session, pMechanism);
    session_leave(session);
    return rv;
}

/* The digest of data that fits one request. */
static CK_RV digest_at_once(struct session *session, const struct operation *operation,
                            struct bytes data, CK_BYTE *out) {
    SMALL_ROOM(room);
    struct digest_req request = {.hash = operation->mechanism.hash, .data = data};
    struct digest_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, digest, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    if (reply.digest.size != operation->output_size) {
        return CKR_DEVICE_ERROR;
    }
    bytes_copy(out, reply.digest);
    return CKR_OK;
}

static CK_RV digest_of_stream(struct session *session, struct operation *operation, CK_BYTE *out) {
    SMALL_ROOM(room);
    struct stream_close_req request = {.function = F_DIGEST};
    struct stream_close_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, stream_close, request, &reply, room);
    operation->streaming = status != STATUS_OK;
    if (status != STATUS_OK) {
        return result_of(status);
    }
    if (reply.data.size != operation->output_size) {
        return CKR_DEVICE_ERROR;
    }
    bytes_copy(out, reply.data);
    return CKR_OK;
}

/* The end of a digest; `data` is what is left to hash where no stream is open. */
static CK_RV finish(struct session *session, struct operation *operation, struct bytes data,
                    CK_BYTE_PTR digest, CK_ULONG_PTR size) {
    if (size == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (digest == NULL || *size < operation->output_size) {
        *size = operation->output_size;
        return digest == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    *size = operation->output_size;
    return operation->streaming ? digest_of_stream(session, operation, digest)
                                : digest_at_once(session, operation, data, digest);
}

static CK_RV digest_once(struct session *session, struct bytes data, CK_BYTE_PTR digest,
                         CK_ULONG_PTR size) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_DIGEST, &operation));
    CK_RV rv = CKR_OK;
    bool wants_result = size != NULL && digest != NULL && *size >= operation->output_size;
    if (operation->in_parts) {
        rv = CKR_OPERATION_NOT_INITIALIZED; /* C_Digest does not end what C_DigestUpdate began */
    } else if (data.size > session_data_max(session) && wants_result) {
        rv = operation_gather(session, operation, data);
    }
    if (rv == CKR_OK) {
        rv = finish(session, operation, data, digest, size);
    }
    return operation_conclude(session, operation, rv, digest == NULL);
}

CK_RV C_Digest(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
               CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pData, ulDataLen)) {
        rv = digest_once(session, bytes_of(pData, (size_t)ulDataLen), pDigest, pulDigestLen);
    } else {
        rv = operation_misuse(session, PLACE_DIGEST, rv);
    }
    session_leave(session);
    return rv;
}

CK_RV digest_update(struct session *session, struct bytes data) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, PLACE_DIGEST, &operation));
    return operation_fail(session, operation, operation_gather(session, operation, data));
}

CK_RV C_DigestUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (readable(pPart, ulPartLen)) {
        rv = digest_update(session, bytes_of(pPart, (size_t)ulPartLen));
    } else {
        rv = operation_misuse(session, PLACE_DIGEST, rv);
    }
    session_leave(session);
    return rv;
}

/* A digest of a key tells something about it, and the module gives none. */
CK_RV C_DigestKey(CK_SESSION_HANDLE hSession, CK_OBJECT_HANDLE hKey) {
    (void)hKey;
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = operation_misuse(session, PLACE_DIGEST, CKR_KEY_INDIGESTIBLE);
    session_leave(session);
    return rv;
}

CK_RV C_DigestFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pDigest, CK_ULONG_PTR pulDigestLen) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = operation_find(session, PLACE_DIGEST, &operation);
    if (rv == CKR_OK) {
        rv = finish(session, operation, buffer_bytes(&operation->held), pDigest, pulDigestLen);
        rv = operation_conclude(session, operation, rv, pDigest == NULL);
    }
    session_leave(session);
    return rv;
}

CK_RV C_SeedRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pSeed, CK_ULONG ulSeedLen) {
    RV_TRY(session_check(hSession));
    return readable(pSeed, ulSeedLen) ? CKR_RANDOM_SEED_NOT_SUPPORTED : CKR_ARGUMENTS_BAD;
}

static CK_RV random_part(struct session *session, CK_BYTE *to, size_t size) {
    struct span room = session_room(session);
    struct random_req request = {.size = (uint32_t)size};
    struct random_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, random, request, &reply, room);
    if (status == STATUS_OK && reply.data.size != size) {
        return CKR_DEVICE_ERROR;
    }
    if (status == STATUS_OK) {
        bytes_copy(to, reply.data);
    }
    return result_of(status);
}

CK_RV C_GenerateRandom(CK_SESSION_HANDLE hSession, CK_BYTE_PTR RandomData, CK_ULONG ulRandomLen) {
    struct session *session = NULL;
    RV_TRY(session_enter(hSession, &session));
    CK_RV rv = RandomData == NULL ? CKR_ARGUMENTS_BAD : CKR_OK;
    for (CK_ULONG done = 0; rv == CKR_OK && done < ulRandomLen;) {
        CK_ULONG left = ulRandomLen - done;
        size_t most = session_data_max(session);
        size_t part = left < most ? (size_t)left : most;
        rv = random_part(session, RandomData + done, part);
        done += part;
    }
    session_leave(session);
    return rv;
}
