/* SPDX-License-Identifier: Apache-2.0 */
/* Operations: their start, the data gathered, the stream in the module, their end. */
#include "host/pkcs11/operation.h"

#include "base/wipe.h"
#include "host/pkcs11/mechanisms.h"
#include "host/pkcs11/session.h"

#include <stdlib.h>

CK_RV buffer_reserve(struct buffer *buffer, size_t more) {
    if (more <= buffer->size - buffer->used) {
        return CKR_OK;
    }
    if (more > SIZE_MAX / 4 || buffer->used > SIZE_MAX / 4) {
        return CKR_HOST_MEMORY;
    }
    size_t size = buffer->size * 2 > 256 ? buffer->size * 2 : 256;
    while (size < buffer->used + more) {
        size *= 2;
    }
    uint8_t *data = malloc(size);
    if (data == NULL) {
        return CKR_HOST_MEMORY;
    }
    size_t used = buffer->used;
    bytes_copy(data, buffer_bytes(buffer));
    buffer_free(buffer);
    *buffer = (struct buffer){data, used, size};
    return CKR_OK;
}

CK_RV buffer_append(struct buffer *buffer, struct bytes bytes) {
    RV_TRY(buffer_reserve(buffer, bytes.size));
    if (bytes.size > 0) {
        memcpy(buffer->data + buffer->used, bytes.data, bytes.size);
        buffer->used += bytes.size;
    }
    return CKR_OK;
}

void buffer_free(struct buffer *buffer) {
    if (buffer->data != NULL) {
        wipe(buffer->data, buffer->used);
        free(buffer->data);
    }
    *buffer = (struct buffer){NULL, 0, 0};
}

/* Whether the module was asked the same already. What the byte strings hold does not decide
 * whether a key may be used, and the module decides again when it is. */
static bool same_question(const struct mechanism *a, const struct mechanism *b) {
    return a->algorithm == b->algorithm && a->hash == b->hash && a->digest == b->digest &&
           a->mgf == b->mgf && a->salt_size == b->salt_size && a->tag_bits == b->tag_bits &&
           a->counter_bits == b->counter_bits && a->mac_size == b->mac_size &&
           a->data_size == b->data_size && a->kdf == b->kdf && a->steps == b->steps &&
           a->make_iv == b->make_iv && a->cofactor == b->cofactor && a->iv.size == b->iv.size &&
           a->aad.size == b->aad.size && a->label.size == b->label.size &&
           a->salt.size == b->salt.size && a->peer.size == b->peer.size;
}

/* Puts one byte string at *at and moves on. */
static void keep(struct bytes *bytes, uint8_t **at) {
    uint8_t *place = *at;
    bytes_copy(place, *bytes);
    *at = place + bytes->size;
    *bytes = bytes_of(place, bytes->size);
}

/* Copies the mechanism; the caller's memory is its own again after C_...Init. */
static CK_RV keep_mechanism(struct operation *operation, const struct mechanism *mechanism) {
    struct mechanism copy = *mechanism;
    size_t size = copy.iv.size + copy.aad.size + copy.label.size + copy.salt.size + copy.peer.size;
    uint8_t *at = operation->inline_parameters;
    buffer_free(&operation->parameters);
    if (size > PARAMETERS_INLINE) {
        RV_TRY(buffer_reserve(&operation->parameters, size));
        at = operation->parameters.data;
    }
    keep(&copy.iv, &at);
    keep(&copy.aad, &at);
    keep(&copy.label, &at);
    keep(&copy.salt, &at);
    keep(&copy.peer, &at);
    operation->mechanism = copy;
    return CKR_OK;
}

static CK_RV ask_module(struct session *session, struct operation *operation) {
    SMALL_ROOM(room);
    struct key_check_req request = {.function = operation->function,
                                    .key = operation->key,
                                    .mechanism = operation->mechanism};
    struct key_check_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    unsigned epoch = epoch_now();
    SESSION_CALL(status, session, key_check, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    operation->epoch = epoch;
    operation->output_size = reply.output_size;
    operation->single_part = reply.single_part != 0;
    operation->confirm_login = reply.confirm_login != 0;
    return CKR_OK;
}

CK_RV operation_start(struct session *session, struct operation *operation,
                      const struct mechanism *mechanism, uint64_t key) {
    bool known = operation->epoch == epoch_now() && operation->key == key &&
                 same_question(&operation->mechanism, mechanism);
    operation->key = key;
    CK_RV rv = keep_mechanism(operation, mechanism);
    if (rv == CKR_OK && !known) {
        operation->epoch = 0;
        rv = ask_module(session, operation);
    }
    if (rv != CKR_OK) {
        operation_clear(operation);
        return rv;
    }
    operation->active = true;
    return CKR_OK;
}

CK_RV operation_find(struct session *session, unsigned place, struct operation **operation) {
    *operation = &session->operations[place];
    return (*operation)->active ? CKR_OK : CKR_OPERATION_NOT_INITIALIZED;
}

CK_RV operation_begin(struct session *session, unsigned place, const CK_MECHANISM *mechanism,
                      bool *cancelled) {
    static const uint32_t functions[PLACE_COUNT] = {
        [PLACE_DIGEST] = F_DIGEST,          [PLACE_SIGN] = F_SIGN,
        [PLACE_VERIFY] = F_VERIFY,          [PLACE_ENCRYPT] = F_ENCRYPT,
        [PLACE_DECRYPT] = F_DECRYPT,        [PLACE_MESSAGE_SIGN] = F_SIGN,
        [PLACE_MESSAGE_VERIFY] = F_VERIFY,  [PLACE_MESSAGE_ENCRYPT] = F_ENCRYPT,
        [PLACE_MESSAGE_DECRYPT] = F_DECRYPT};
    struct operation *operation = &session->operations[place];
    *cancelled = mechanism == NULL;
    if (mechanism == NULL) {
        RV_TRY(operation_find(session, place, &operation));
        operation_end(session, operation);
        return CKR_OK;
    }
    operation->function = functions[place];
    return operation->active ? CKR_OPERATION_ACTIVE : CKR_OK;
}

CK_RV operation_init(struct session *session, unsigned place, const CK_MECHANISM *mechanism,
                     uint64_t key) {
    struct operation *operation = &session->operations[place];
    struct mechanism_read read;
    bool cancelled = false;
    CK_RV rv = operation_begin(session, place, mechanism, &cancelled);
    if (rv != CKR_OK || cancelled) {
        return rv;
    }
    RV_TRY(mechanisms_read(mechanism, operation->function, &read));
    return operation_start(session, operation, &read.mechanism, key);
}

CK_RV operation_open_stream(struct session *session, struct operation *operation) {
    SMALL_ROOM(room);
    struct stream_open_req request = {.function = operation->function,
                                      .key = operation->key,
                                      .mechanism = operation->mechanism};
    struct stream_open_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    SESSION_CALL(status, session, stream_open, request, &reply, room);
    if (status != STATUS_OK) {
        return result_of(status);
    }
    operation->streaming = true;
    if (operation->iv_back != NULL) {
        bytes_copy(operation->iv_back, reply.iv);
    }
    return CKR_OK;
}

CK_RV operation_feed(struct session *session, struct operation *operation, struct bytes data,
                     struct buffer *out) {
    struct span room = session_room(session);
    if (room.data == NULL) {
        return CKR_HOST_MEMORY;
    }
    while (data.size > 0) {
        size_t most = session_data_max(session);
        size_t part = data.size < most ? data.size : most;
        struct stream_update_req request = {.function = operation->function,
                                            .data = bytes_of(data.data, part)};
        struct stream_update_rep reply = {0};
        enum status status = STATUS_INTERNAL;
        SESSION_CALL(status, session, stream_update, request, &reply, room);
        if (status != STATUS_OK) {
            return result_of(status);
        }
        if (out != NULL) {
            RV_TRY(buffer_append(out, reply.data));
        }
        operation->taken += part;
        operation->given += reply.data.size;
        data = bytes_of(data.data + part, data.size - part);
    }
    return CKR_OK;
}

CK_RV operation_gather(struct session *session, struct operation *operation, struct bytes data) {
    operation->in_parts = true;
    if (!operation->streaming && data.size <= session_data_max(session) - operation->held.used) {
        return buffer_append(&operation->held, data);
    }
    if (operation->single_part) {
        return CKR_DATA_LEN_RANGE;
    }
    if (!operation->streaming) {
        RV_TRY(operation_open_stream(session, operation));
        RV_TRY(operation_feed(session, operation, buffer_bytes(&operation->held), NULL));
        buffer_free(&operation->held);
    }
    return operation_feed(session, operation, data, NULL);
}

void operation_clear(struct operation *operation) {
    buffer_free(&operation->parameters);
    buffer_free(&operation->held);
    buffer_free(&operation->signature);
    operation->active = false;
    operation->in_parts = false;
    operation->streaming = false;
    operation->finished = false;
    operation->statement = false;
    operation->signature_given = false;
    operation->taken = 0;
    operation->given = 0;
    operation->iv_back = NULL;
}

/* Drops the module's stream. Whatever the answer, it is over here; in the module it ends with the
 * session at the latest. */
static void cancel_stream(struct session *session, struct operation *operation) {
    if (operation->streaming) {
        SMALL_ROOM(room);
        struct stream_cancel_req request = {.function = operation->function};
        struct stream_cancel_rep reply;
        enum status status = STATUS_INTERNAL;
        SESSION_CALL(status, session, stream_cancel, request, &reply, room);
        (void)status;
    }
    operation->streaming = false;
}

void operation_end(struct session *session, struct operation *operation) {
    cancel_stream(session, operation);
    operation_clear(operation);
}

void operation_end_message(struct session *session, struct operation *operation) {
    cancel_stream(session, operation);
    buffer_free(&operation->held);
    operation->in_parts = false;
}

CK_RV operation_conclude(struct session *session, struct operation *operation, CK_RV rv,
                         bool only_length) {
    if (rv != CKR_BUFFER_TOO_SMALL && !(rv == CKR_OK && only_length)) {
        operation_end(session, operation);
    }
    return rv;
}

CK_RV operation_fail(struct session *session, struct operation *operation, CK_RV rv) {
    if (rv != CKR_OK) {
        operation_end(session, operation);
    }
    return rv;
}

CK_RV operation_misuse(struct session *session, unsigned place, CK_RV rv) {
    struct operation *operation = NULL;
    RV_TRY(operation_find(session, place, &operation));
    return operation_fail(session, operation, rv);
}
