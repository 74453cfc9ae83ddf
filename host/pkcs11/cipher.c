/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption and decryption (sections 5.8 and 5.10). Both directions share their code: an operation
 * knows its function. */
#include "host/pkcs11/cipher.h"

enum { BLOCK = 16, POLY1305_TAG = 16 };

size_t cipher_tag_size(const struct mechanism *mechanism) {
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_GCM:
    case ALGORITHM_AES_CCM:
        return (mechanism->tag_bits + 7) / 8;
    case ALGORITHM_CHACHA20_POLY1305:
        return POLY1305_TAG;
    default:
        return 0;
    }
}

static bool decrypts(const struct operation *operation) {
    return operation->function == F_DECRYPT;
}

static bool is_rsa(const struct operation *operation) {
    uint32_t algorithm = operation->mechanism.algorithm;
    return algorithm == ALGORITHM_RSA_PKCS1 || algorithm == ALGORITHM_RSA_OAEP ||
           algorithm == ALGORITHM_RSA_RAW;
}

/* Whether nothing comes out before the end: mechanisms of one part, and AEAD decryption, which
 * gives no text away before its tag is right. */
static bool gathers(const struct operation *operation) {
    return operation->single_part ||
           (decrypts(operation) && cipher_tag_size(&operation->mechanism) > 0);
}

/* What one command takes. */
static size_t request_max(const struct session *session, const struct operation *operation) {
    size_t tag = decrypts(operation) ? cipher_tag_size(&operation->mechanism) : 0;
    return session_data_max(session) + tag;
}

/* Bytes the whole result of `size` bytes has at most; *exact tells whether it is neither less. */
static size_t result_size(const struct operation *operation, size_t size, bool *exact) {
    size_t tag = cipher_tag_size(&operation->mechanism);
    bool padded = operation->mechanism.algorithm == ALGORITHM_AES_CBC_PAD;
    *exact = !decrypts(operation) || !(padded || is_rsa(operation));
    if (is_rsa(operation)) {
        return operation->output_size;
    }
    if (padded && !decrypts(operation)) {
        return (size / BLOCK + 1) * BLOCK;
    }
    if (!decrypts(operation)) {
        return size + tag;
    }
    return size > tag ? size - tag : 0;
}

/* Bytes that come out of a stream when `size` more go in. */
static size_t update_size(const struct operation *operation, size_t size) {
    size_t inside = (size_t)(operation->taken - operation->given) + size;
    switch (operation->mechanism.algorithm) {
    case ALGORITHM_AES_ECB:
    case ALGORITHM_AES_CBC:
        return inside / BLOCK * BLOCK;
    case ALGORITHM_AES_CBC_PAD:
        if (decrypts(operation)) { /* the last block may be padding */
            return inside > 0 ? (inside - 1) / BLOCK * BLOCK : 0;
        }
        return inside / BLOCK * BLOCK;
    default:
        return inside;
    }
}

/* Outside of the message functions, a wrong tag is wrong data (section 5.10.2). */
static CK_RV cipher_result(enum status status) {
    return status == STATUS_AEAD_FAILED ? CKR_ENCRYPTED_DATA_INVALID : result_of(status);
}

static CK_RV encrypt_at_once(struct session *session, struct operation *operation,
                             struct bytes data, struct bytes *made) {
    struct span room = session_room(session);
    struct encrypt_req request = {
        .key = operation->key, .mechanism = operation->mechanism, .data = data};
    struct encrypt_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, encrypt, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    *made = reply.data;
    if (operation->iv_back != NULL) {
        bytes_copy(operation->iv_back, reply.iv);
    }
    return CKR_OK;
}

static CK_RV decrypt_at_once(struct session *session, struct operation *operation,
                             struct bytes data, struct bytes *made) {
    struct span room = session_room(session);
    struct decrypt_req request = {
        .key = operation->key, .mechanism = operation->mechanism, .data = data};
    struct decrypt_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, decrypt, request, &reply, room);
    *made = status == STATUS_OK ? reply.data : bytes_of(NULL, 0);
    return result_of(status);
}

CK_RV cipher_at_once(struct session *session, struct operation *operation, struct bytes data,
                     struct bytes *made) {
    if (data.size > request_max(session, operation)) {
        return decrypts(operation) ? CKR_ENCRYPTED_DATA_LEN_RANGE : CKR_DATA_LEN_RANGE;
    }
    return decrypts(operation) ? decrypt_at_once(session, operation, data, made)
                               : encrypt_at_once(session, operation, data, made);
}

/* ---- start ---- */

static CK_RV start(struct session *session, unsigned place, const CK_MECHANISM *mechanism,
                   uint64_t key) {
    struct operation *operation = &session->operations[place];
    struct mechanism_read read;
    bool cancelled = false;
    CK_RV rv = operation_begin(session, place, mechanism, &cancelled);
    if (rv != CKR_OK || cancelled) {
        return rv;
    }
    RV_TRY(mechanisms_read(mechanism, operation->function, &read));
    RV_TRY(session_settle_iv(session, &read));
    RV_TRY(operation_start(session, operation, &read.mechanism, key));
    operation->iv_back = read.iv;
    return CKR_OK;
}

static CK_RV init(CK_SESSION_HANDLE handle, unsigned place, const CK_MECHANISM *mechanism,
                  CK_OBJECT_HANDLE key) {
    struct session *session = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = start(session, place, mechanism, key);
    session_leave(session);
    return rv;
}

/* ---- in one part ---- */

/* Puts the end of a stream behind what came out of it. */
static CK_RV close_stream(struct session *session, struct operation *operation,
                          struct buffer *to) {
    struct span room = session_room(session);
    struct stream_close_req request = {.function = operation->function};
    struct stream_close_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    SESSION_CALL(status, session, stream_close, request, &reply, room);
    operation->streaming = status != STATUS_OK;
    return status == STATUS_OK ? buffer_append(to, reply.data) : cipher_result(status);
}

/* Produces the whole result: in the session's room, or where it took several commands, in
 * operation->held. */
static CK_RV produce(struct session *session, struct operation *operation, struct bytes data,
                     struct bytes *made) {
    CK_RV rv = CKR_OK;
    if (data.size <= request_max(session, operation) || gathers(operation)) {
        rv = cipher_at_once(session, operation, data, made);
        rv = rv == CKR_AEAD_DECRYPT_FAILED ? CKR_ENCRYPTED_DATA_INVALID : rv;
    } else {
        rv = operation_open_stream(session, operation);
        rv = rv == CKR_OK ? operation_feed(session, operation, data, &operation->held) : rv;
        rv = rv == CKR_OK ? close_stream(session, operation, &operation->held) : rv;
        *made = buffer_bytes(&operation->held);
    }
    operation->finished = rv == CKR_OK;
    return rv;
}

/* Hands a new result out; where the caller has no buffer for it yet, it waits in held. */
static CK_RV hand_out(struct operation *operation, struct bytes made, struct output out) {
    CK_RV rv = result_deliver(made, out.data, out.size);
    if ((rv == CKR_BUFFER_TOO_SMALL || out.data == NULL) && made.data != operation->held.data) {
        RV_TRY(buffer_append(&operation->held, made));
    }
    return rv;
}

static CK_RV one_part(struct session *session, struct operation *operation, struct bytes data,
                      struct output out) {
    bool exact = false;
    if (out.size == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (operation->in_parts) {
        return CKR_OPERATION_NOT_INITIALIZED; /* C_Encrypt does not end what an Update began */
    }
    if (!operation->finished) {
        size_t size = result_size(operation, data.size, &exact);
        if (out.data == NULL || (exact && *out.size < size)) {
            *out.size = (CK_ULONG)size;
            return out.data == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
        }
        struct bytes made = {0};
        RV_TRY(produce(session, operation, data, &made));
        return hand_out(operation, made, out);
    }
    return result_deliver(buffer_bytes(&operation->held), out.data, out.size);
}

static CK_RV at_once(CK_SESSION_HANDLE handle, unsigned place, struct bytes data,
                     struct output out) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK) {
        rv = readable(data.data, data.size) ? one_part(session, operation, data, out)
                                            : CKR_ARGUMENTS_BAD;
        rv = operation_conclude(session, operation, rv, out.data == NULL);
    }
    session_leave(session);
    return rv;
}

/* ---- in parts ---- */

static CK_RV gather_part(struct session *session, struct operation *operation, struct bytes data,
                         struct output out) {
    *out.size = 0;
    if (out.data == NULL) {
        return CKR_OK;
    }
    operation->in_parts = true;
    if (data.size > request_max(session, operation) - operation->held.used) {
        return decrypts(operation) ? CKR_ENCRYPTED_DATA_LEN_RANGE : CKR_DATA_LEN_RANGE;
    }
    return buffer_append(&operation->held, data);
}

static CK_RV stream_part(struct session *session, struct operation *operation, struct bytes data,
                         struct output out) {
    size_t expected = update_size(operation, data.size);
    if (out.data == NULL || *out.size < expected) {
        *out.size = (CK_ULONG)expected;
        return out.data == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    operation->in_parts = true;
    if (!operation->streaming) {
        RV_TRY(operation_open_stream(session, operation));
    }
    struct buffer made = {NULL, 0, 0};
    CK_RV rv = operation_feed(session, operation, data, &made);
    if (rv == CKR_OK) {
        rv = result_deliver(buffer_bytes(&made), out.data, out.size);
        rv = rv == CKR_BUFFER_TOO_SMALL ? CKR_DEVICE_ERROR : rv;
    }
    buffer_free(&made);
    return rv;
}

CK_RV cipher_update(struct session *session, unsigned place, struct bytes data,
                    struct output out) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, place, &operation));
    CK_RV rv = CKR_ARGUMENTS_BAD;
    if (operation->finished) {
        rv = CKR_OPERATION_NOT_INITIALIZED; /* the result is made, and waits to be fetched */
    } else if (out.size != NULL && readable(data.data, data.size)) {
        rv = gathers(operation) ? gather_part(session, operation, data, out)
                                : stream_part(session, operation, data, out);
    }
    if (rv != CKR_BUFFER_TOO_SMALL) {
        rv = operation_fail(session, operation, rv);
    }
    return rv;
}

static CK_RV update(CK_SESSION_HANDLE handle, unsigned place, struct bytes data,
                    struct output out) {
    struct session *session = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = cipher_update(session, place, data, out);
    session_leave(session);
    return rv;
}

/* Produces the last part. */
static CK_RV produce_last(struct session *session, struct operation *operation,
                          struct bytes *made) {
    if (gathers(operation)) {
        struct buffer data = operation->held;
        operation->held = (struct buffer){NULL, 0, 0};
        CK_RV rv = produce(session, operation, buffer_bytes(&data), made);
        buffer_free(&data);
        return rv;
    }
    if (!operation->streaming) {
        RV_TRY(operation_open_stream(session, operation));
    }
    RV_TRY(close_stream(session, operation, &operation->held));
    *made = buffer_bytes(&operation->held);
    operation->finished = true;
    return CKR_OK;
}

static CK_RV last_part(struct session *session, struct operation *operation, struct output out) {
    struct bytes made = {0};
    if (out.size == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    operation->in_parts = true;
    if (operation->finished) {
        return result_deliver(buffer_bytes(&operation->held), out.data, out.size);
    }
    RV_TRY(produce_last(session, operation, &made));
    return hand_out(operation, made, out);
}

static CK_RV final(CK_SESSION_HANDLE handle, unsigned place, struct output out) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK) {
        rv = last_part(session, operation, out);
        rv = operation_conclude(session, operation, rv, out.data == NULL);
    }
    session_leave(session);
    return rv;
}

/* ---- the functions ---- */

CK_RV C_EncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                    CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_ENCRYPT, pMechanism, hKey);
}

CK_RV C_Encrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pData, CK_ULONG ulDataLen,
                CK_BYTE_PTR pEncryptedData, CK_ULONG_PTR pulEncryptedDataLen) {
    return at_once(hSession, PLACE_ENCRYPT, bytes_of(pData, (size_t)ulDataLen),
                   (struct output){pEncryptedData, pulEncryptedDataLen});
}

CK_RV C_EncryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pPart, CK_ULONG ulPartLen,
                      CK_BYTE_PTR pEncryptedPart, CK_ULONG_PTR pulEncryptedPartLen) {
    return update(hSession, PLACE_ENCRYPT, bytes_of(pPart, (size_t)ulPartLen),
                  (struct output){pEncryptedPart, pulEncryptedPartLen});
}

CK_RV C_EncryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastEncryptedPart,
                     CK_ULONG_PTR pulLastEncryptedPartLen) {
    return final(hSession, PLACE_ENCRYPT,
                 (struct output){pLastEncryptedPart, pulLastEncryptedPartLen});
}

CK_RV C_DecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                    CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_DECRYPT, pMechanism, hKey);
}

CK_RV C_Decrypt(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedData,
                CK_ULONG ulEncryptedDataLen, CK_BYTE_PTR pData, CK_ULONG_PTR pulDataLen) {
    return at_once(hSession, PLACE_DECRYPT, bytes_of(pEncryptedData, (size_t)ulEncryptedDataLen),
                   (struct output){pData, pulDataLen});
}

CK_RV C_DecryptUpdate(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pEncryptedPart,
                      CK_ULONG ulEncryptedPartLen, CK_BYTE_PTR pPart, CK_ULONG_PTR pulPartLen) {
    return update(hSession, PLACE_DECRYPT, bytes_of(pEncryptedPart, (size_t)ulEncryptedPartLen),
                  (struct output){pPart, pulPartLen});
}

CK_RV C_DecryptFinal(CK_SESSION_HANDLE hSession, CK_BYTE_PTR pLastPart,
                     CK_ULONG_PTR pulLastPartLen) {
    return final(hSession, PLACE_DECRYPT, (struct output){pLastPart, pulLastPartLen});
}
