/* SPDX-License-Identifier: Apache-2.0 */
/* Message-based encryption and decryption with AES-GCM, AES-CCM and ChaCha20-Poly1305 (sections
 * 5.9 and 5.11). One C_Message...Init serves many messages; a message that fails does not end it.
 *
 * A message in parts is gathered, and comes out as a whole with its last part: text that is not
 * authenticated yet is never given away. An IV that the module makes is made as a whole: bits that
 * the caller would have fixed are not kept. */
#include "host/pkcs11/cipher.h"
#include "host/pkcs11/parameters.h"

enum { MADE_IV_SIZE = 12, TAG_MAX = 16 };

/* One message's parameters. */
struct message {
    struct mechanism mechanism;
    CK_BYTE_PTR iv;  /* where a made IV goes */
    CK_BYTE_PTR tag; /* to be filled, or to be compared */
    size_t tag_size;
};

/* ---- parameters ---- */

/* Reads an IV; one to be made, where the caller says so and this is encryption. */
static CK_RV read_iv(CK_BYTE_PTR iv, CK_ULONG size, bool made, struct message *message) {
    RV_TRY(parameters_bytes(iv, size, &message->mechanism.iv));
    if (!made) {
        return size == 0 ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
    }
    if (size != MADE_IV_SIZE) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    message->mechanism.iv = bytes_of(NULL, 0);
    message->mechanism.make_iv = 1;
    message->iv = iv;
    return CKR_OK;
}

static CK_RV read_tag(CK_BYTE_PTR tag, CK_ULONG bits, struct message *message) {
    if (tag == NULL || bits == 0 || bits > TAG_MAX * 8 || bits % 8 != 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    message->tag = tag;
    message->tag_size = (size_t)bits / 8;
    return CKR_OK;
}

static CK_RV read_gcm(const void *parameter, bool encrypts, struct message *message) {
    CK_GCM_MESSAGE_PARAMS given;
    memcpy(&given, parameter, sizeof(given));
    bool made = encrypts && given.ivGenerator != CKG_NO_GENERATE;
    RV_TRY(read_iv(given.pIv, given.ulIvLen, made, message));
    RV_TRY(read_tag(given.pTag, given.ulTagBits, message));
    message->mechanism.tag_bits = (uint32_t)given.ulTagBits;
    return CKR_OK;
}

static CK_RV read_ccm(const void *parameter, bool encrypts, struct message *message) {
    CK_CCM_MESSAGE_PARAMS given;
    memcpy(&given, parameter, sizeof(given));
    if (encrypts && given.nonceGenerator != CKG_NO_GENERATE) {
        return CKR_MECHANISM_PARAM_INVALID; /* the module makes nonces for GCM and ChaCha20 only */
    }
    RV_TRY(read_iv(given.pNonce, given.ulNonceLen, false, message));
    RV_TRY(given.ulMACLen > TAG_MAX ? CKR_MECHANISM_PARAM_INVALID
                                    : read_tag(given.pMAC, given.ulMACLen * 8, message));
    message->mechanism.tag_bits = (uint32_t)given.ulMACLen * 8;
    return parameters_number(given.ulDataLen, &message->mechanism.data_size);
}

static CK_RV read_chacha(const void *parameter, struct message *message) {
    CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS given;
    memcpy(&given, parameter, sizeof(given));
    RV_TRY(read_iv(given.pNonce, given.ulNonceLen, false, message));
    return read_tag(given.pTag, TAG_MAX * 8, message);
}

static CK_RV read_message(const struct operation *operation, struct bytes parameter,
                          struct bytes aad, struct message *message) {
    bool encrypts = operation->function == F_ENCRYPT;
    uint32_t algorithm = operation->mechanism.algorithm;
    size_t size = sizeof(CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS);
    size = algorithm == ALGORITHM_AES_GCM ? sizeof(CK_GCM_MESSAGE_PARAMS) : size;
    size = algorithm == ALGORITHM_AES_CCM ? sizeof(CK_CCM_MESSAGE_PARAMS) : size;
    *message = (struct message){.mechanism = {.algorithm = algorithm}};
    if (parameter.data == NULL || parameter.size != size) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    RV_TRY(parameters_bytes(aad.data, aad.size, &message->mechanism.aad));
    if (algorithm == ALGORITHM_AES_GCM) {
        return read_gcm(parameter.data, encrypts, message);
    }
    return algorithm == ALGORITHM_AES_CCM ? read_ccm(parameter.data, encrypts, message)
                                          : read_chacha(parameter.data, message);
}

/* ---- start and end ---- */

/* The question put to the module: the mechanism with the parameters that it refuses least. */
static CK_RV question(const CK_MECHANISM *from, uint32_t function, struct mechanism *mechanism) {
    static const uint8_t no_iv[MADE_IV_SIZE];
    const struct mechanism_row *row = mechanisms_find(from->mechanism);
    if (row == NULL || (row->parameter != P11_GCM && row->parameter != P11_CCM &&
                        row->parameter != P11_CHACHA)) {
        return CKR_MECHANISM_INVALID;
    }
    if (from->ulParameterLen != 0) {
        return CKR_MECHANISM_PARAM_INVALID; /* parameters come with each message */
    }
    *mechanism = (struct mechanism){.algorithm = (uint32_t)row->algorithm};
    mechanism->make_iv = function == F_ENCRYPT && row->parameter != P11_CCM ? 1 : 0;
    mechanism->iv = bytes_of(no_iv, mechanism->make_iv != 0 ? 0 : sizeof(no_iv));
    mechanism->tag_bits = row->parameter != P11_CHACHA ? TAG_MAX * 8 : 0;
    return CKR_OK;
}

static CK_RV start(struct session *session, unsigned place, const CK_MECHANISM *from,
                   uint64_t key) {
    struct operation *operation = &session->operations[place];
    struct mechanism mechanism;
    bool cancelled = false;
    CK_RV rv = operation_begin(session, place, from, &cancelled);
    if (rv != CKR_OK || cancelled) {
        return rv;
    }
    RV_TRY(question(from, operation->function, &mechanism));
    return operation_start(session, operation, &mechanism, key);
}

static CK_RV init(CK_SESSION_HANDLE handle, unsigned place, const CK_MECHANISM *mechanism,
                  CK_OBJECT_HANDLE key) {
    struct session *session = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = start(session, place, mechanism, key);
    session_leave(session);
    return rv;
}

static CK_RV end(CK_SESSION_HANDLE handle, unsigned place) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK) {
        operation_end(session, operation);
    }
    session_leave(session);
    return rv;
}

/* ---- one message ---- */

static CK_RV encrypt_message(struct session *session, const struct operation *operation,
                             const struct message *message, struct bytes text,
                             struct output out) {
    struct operation once = *operation;
    struct bytes made = {0};
    once.mechanism = message->mechanism;
    once.iv_back = message->iv;
    RV_TRY(cipher_at_once(session, &once, text, &made));
    if (made.size != text.size + message->tag_size) {
        return CKR_DEVICE_ERROR;
    }
    memcpy(message->tag, made.data + text.size, message->tag_size);
    return result_deliver(bytes_of(made.data, text.size), out.data, out.size);
}

static CK_RV decrypt_message(struct session *session, const struct operation *operation,
                             const struct message *message, struct bytes text,
                             struct output out) {
    struct operation once = *operation;
    struct buffer given = {NULL, 0, 0};
    struct bytes made = {0};
    once.mechanism = message->mechanism;
    CK_RV rv = buffer_append(&given, text);
    rv = rv == CKR_OK ? buffer_append(&given, bytes_of(message->tag, message->tag_size)) : rv;
    rv = rv == CKR_OK ? cipher_at_once(session, &once, buffer_bytes(&given), &made) : rv;
    if (rv == CKR_OK) {
        rv = result_deliver(made, out.data, out.size);
    }
    buffer_free(&given);
    return rv;
}

/* Serves a whole message; text and result have the same length. */
static CK_RV serve(struct session *session, const struct operation *operation,
                   const struct message *message, struct bytes text, struct output out) {
    if (out.data == NULL || *out.size < text.size) {
        *out.size = (CK_ULONG)text.size;
        return out.data == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    return operation->function == F_ENCRYPT
               ? encrypt_message(session, operation, message, text, out)
               : decrypt_message(session, operation, message, text, out);
}

/* What one call brings. */
struct call {
    struct bytes parameter;
    struct bytes aad;
    struct bytes text;
    struct output out;
    bool last;
};

static CK_RV whole(struct session *session, struct operation *operation, const struct call *call) {
    struct message message;
    if (operation->in_parts) {
        return CKR_OPERATION_ACTIVE; /* a message in parts is not at its end */
    }
    if (call->out.size == NULL || !readable(call->text.data, call->text.size) ||
        !readable(call->aad.data, call->aad.size)) {
        return CKR_ARGUMENTS_BAD;
    }
    RV_TRY(read_message(operation, call->parameter, call->aad, &message));
    return serve(session, operation, &message, call->text, call->out);
}

/* ---- messages in parts; the associated data waits in operation->signature ---- */

static void end_message(struct operation *operation) {
    buffer_free(&operation->held);
    buffer_free(&operation->signature);
    operation->in_parts = false;
}

static CK_RV begin(struct session *session, struct operation *operation, const struct call *call) {
    (void)session;
    struct message message;
    if (operation->in_parts) {
        return CKR_OPERATION_ACTIVE;
    }
    if (!readable(call->aad.data, call->aad.size)) {
        return CKR_ARGUMENTS_BAD;
    }
    RV_TRY(read_message(operation, call->parameter, call->aad, &message));
    RV_TRY(buffer_append(&operation->signature, call->aad));
    operation->in_parts = true;
    return CKR_OK;
}

static CK_RV last_part(struct session *session, struct operation *operation,
                       const struct call *call) {
    struct message message;
    size_t size = operation->held.used + call->text.size;
    RV_TRY(read_message(operation, call->parameter, buffer_bytes(&operation->signature), &message));
    if (call->out.data == NULL || *call->out.size < size) {
        *call->out.size = (CK_ULONG)size;
        return call->out.data == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
    }
    CK_RV rv = buffer_append(&operation->held, call->text);
    if (rv == CKR_OK) {
        rv = serve(session, operation, &message, buffer_bytes(&operation->held), call->out);
    }
    end_message(operation);
    return rv;
}

static CK_RV next(struct session *session, struct operation *operation, const struct call *call) {
    if (!operation->in_parts) {
        return CKR_OPERATION_NOT_INITIALIZED;
    }
    if (call->out.size == NULL || !readable(call->text.data, call->text.size)) {
        return CKR_ARGUMENTS_BAD;
    }
    if (call->text.size > session_data_max(session) - operation->held.used) {
        end_message(operation);
        return CKR_DATA_LEN_RANGE;
    }
    if (call->last) {
        return last_part(session, operation, call);
    }
    *call->out.size = 0;
    return buffer_append(&operation->held, call->text);
}

static CK_RV lead(CK_SESSION_HANDLE handle, unsigned place, const struct call *call,
                  CK_RV (*step)(struct session *, struct operation *, const struct call *)) {
    struct session *session = NULL;
    struct operation *operation = NULL;
    RV_TRY(session_enter(handle, &session));
    CK_RV rv = operation_find(session, place, &operation);
    if (rv == CKR_OK) {
        rv = step(session, operation, call);
    }
    session_leave(session);
    return rv;
}

/* ---- the functions ---- */

CK_RV C_MessageEncryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                           CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_MESSAGE_ENCRYPT, pMechanism, hKey);
}

CK_RV C_EncryptMessage(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, CK_ULONG ulParameterLen,
                       CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                       CK_BYTE_PTR pPlaintext, CK_ULONG ulPlaintextLen, CK_BYTE_PTR pCiphertext,
                       CK_ULONG_PTR pulCiphertextLen) {
    const struct call call = {bytes_of(pParameter, (size_t)ulParameterLen),
                              bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen),
                              bytes_of(pPlaintext, (size_t)ulPlaintextLen),
                              {pCiphertext, pulCiphertextLen},
                              true};
    return lead(hSession, PLACE_MESSAGE_ENCRYPT, &call, whole);
}

CK_RV C_EncryptMessageBegin(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                            CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
                            CK_ULONG ulAssociatedDataLen) {
    const struct call call = {.parameter = bytes_of(pParameter, (size_t)ulParameterLen),
                              .aad = bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen)};
    return lead(hSession, PLACE_MESSAGE_ENCRYPT, &call, begin);
}

CK_RV C_EncryptMessageNext(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                           CK_ULONG ulParameterLen, CK_BYTE_PTR pPlaintextPart,
                           CK_ULONG ulPlaintextPartLen, CK_BYTE_PTR pCiphertextPart,
                           CK_ULONG_PTR pulCiphertextPartLen, CK_FLAGS flags) {
    const struct call call = {.parameter = bytes_of(pParameter, (size_t)ulParameterLen),
                              .text = bytes_of(pPlaintextPart, (size_t)ulPlaintextPartLen),
                              .out = {pCiphertextPart, pulCiphertextPartLen},
                              .last = (flags & CKF_END_OF_MESSAGE) != 0};
    return lead(hSession, PLACE_MESSAGE_ENCRYPT, &call, next);
}

CK_RV C_MessageEncryptFinal(CK_SESSION_HANDLE hSession) {
    return end(hSession, PLACE_MESSAGE_ENCRYPT);
}

CK_RV C_MessageDecryptInit(CK_SESSION_HANDLE hSession, CK_MECHANISM_PTR pMechanism,
                           CK_OBJECT_HANDLE hKey) {
    return init(hSession, PLACE_MESSAGE_DECRYPT, pMechanism, hKey);
}

CK_RV C_DecryptMessage(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter, CK_ULONG ulParameterLen,
                       CK_BYTE_PTR pAssociatedData, CK_ULONG ulAssociatedDataLen,
                       CK_BYTE_PTR pCiphertext, CK_ULONG ulCiphertextLen, CK_BYTE_PTR pPlaintext,
                       CK_ULONG_PTR pulPlaintextLen) {
    const struct call call = {bytes_of(pParameter, (size_t)ulParameterLen),
                              bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen),
                              bytes_of(pCiphertext, (size_t)ulCiphertextLen),
                              {pPlaintext, pulPlaintextLen},
                              true};
    return lead(hSession, PLACE_MESSAGE_DECRYPT, &call, whole);
}

CK_RV C_DecryptMessageBegin(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                            CK_ULONG ulParameterLen, CK_BYTE_PTR pAssociatedData,
                            CK_ULONG ulAssociatedDataLen) {
    const struct call call = {.parameter = bytes_of(pParameter, (size_t)ulParameterLen),
                              .aad = bytes_of(pAssociatedData, (size_t)ulAssociatedDataLen)};
    return lead(hSession, PLACE_MESSAGE_DECRYPT, &call, begin);
}

CK_RV C_DecryptMessageNext(CK_SESSION_HANDLE hSession, CK_VOID_PTR pParameter,
                           CK_ULONG ulParameterLen, CK_BYTE_PTR pCiphertextPart,
                           CK_ULONG ulCiphertextPartLen, CK_BYTE_PTR pPlaintextPart,
                           CK_ULONG_PTR pulPlaintextPartLen, CK_FLAGS flags) {
    const struct call call = {.parameter = bytes_of(pParameter, (size_t)ulParameterLen),
                              .text = bytes_of(pCiphertextPart, (size_t)ulCiphertextPartLen),
                              .out = {pPlaintextPart, pulPlaintextPartLen},
                              .last = (flags & CKF_END_OF_MESSAGE) != 0};
    return lead(hSession, PLACE_MESSAGE_DECRYPT, &call, next);
}

CK_RV C_MessageDecryptFinal(CK_SESSION_HANDLE hSession) {
    return end(hSession, PLACE_MESSAGE_DECRYPT);
}
