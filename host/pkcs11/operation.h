/* SPDX-License-Identifier: Apache-2.0 */
/* An operation of a session: what C_...Init chose, and the data given so far.
 *
 * Data given in parts is gathered here and goes to the module in one command; only what is larger
 * than one request becomes a stream in the module. So SignInit, SignUpdate and SignFinal cost one
 * round trip, as SignInit and Sign do. */
#ifndef HOST_PKCS11_OPERATION_H
#define HOST_PKCS11_OPERATION_H

#include "host/pkcs11/door.h"
#include "proto/messages.h"

struct session;

/* Memory that grows; wiped when it is freed or outgrown. */
struct buffer {
    uint8_t *data;
    size_t used;
    size_t size;
};

/* Makes room for `more` bytes behind those used. CKR_HOST_MEMORY. */
CK_RV buffer_reserve(struct buffer *buffer, size_t more) MUST_USE;
CK_RV buffer_append(struct buffer *buffer, struct bytes bytes) MUST_USE;
void buffer_free(struct buffer *buffer);
static inline struct bytes buffer_bytes(const struct buffer *buffer) {
    return bytes_of(buffer->data, buffer->used);
}

enum { PARAMETERS_INLINE = 64 };

struct operation {
    bool active;
    bool in_parts;  /* an Update was called */
    bool streaming; /* the module holds a stream */
    bool finished;  /* the result is in `held`, waiting for a buffer that is large enough */
    bool statement; /* C_Sign has a message signed under the key's policy */
    bool signature_given; /* C_VerifySignatureInit brought the signature along */
    uint32_t function;
    uint64_t key;
    struct mechanism mechanism; /* its byte strings lie in `parameters` */
    uint8_t inline_parameters[PARAMETERS_INLINE];
    struct buffer parameters;
    struct buffer held;      /* data gathered, or the result */
    struct buffer signature; /* of C_VerifySignatureInit */
    uint64_t taken, given;   /* bytes into and out of a cipher stream */
    CK_BYTE_PTR iv_back;     /* where the caller wants the IV that the module makes */
    /* The module's answer to key_check, and the epoch in which it was given (0: none). */
    unsigned epoch;
    uint32_t output_size;
    bool single_part;
    bool confirm_login;
};

/* Starts an operation: asks the module whether the key may be used so, unless it said yes to the
 * same question in this epoch. `mechanism` is copied. */
CK_RV operation_start(struct session *session, struct operation *operation,
                      const struct mechanism *mechanism, uint64_t key) MUST_USE;

/* The operation at a place when it is active. CKR_OPERATION_NOT_INITIALIZED. */
CK_RV operation_find(struct session *session, unsigned place,
                     struct operation **operation) MUST_USE;

/* Begins C_...Init: CKR_OPERATION_ACTIVE when one is active. With a null mechanism it cancels
 * (v3.0) and sets *cancelled. */
CK_RV operation_begin(struct session *session, unsigned place, const CK_MECHANISM *mechanism,
                      bool *cancelled) MUST_USE;

/* C_...Init as a whole, for mechanisms whose parameters the module takes as they are. */
CK_RV operation_init(struct session *session, unsigned place, const CK_MECHANISM *mechanism,
                     uint64_t key) MUST_USE;

/* Takes data of an Update. Where it grows larger than one request, a stream is opened; a mechanism
 * that works in one part only refuses that with CKR_DATA_LEN_RANGE. */
CK_RV operation_gather(struct session *session, struct operation *operation,
                       struct bytes data) MUST_USE;

/* Opens a stream in the module, and feeds it; what comes out is appended to *out where that is not
 * NULL. */
CK_RV operation_open_stream(struct session *session, struct operation *operation) MUST_USE;
CK_RV operation_feed(struct session *session, struct operation *operation, struct bytes data,
                     struct buffer *out) MUST_USE;

/* Ends the operation, here and in the module. */
void operation_end(struct session *session, struct operation *operation);
/* Drops the data of one message, here and in the module; the operation goes on with the next. */
void operation_end_message(struct session *session, struct operation *operation);
/* Ends it after a call that does so unless the caller's buffer was too small or only the length was
 * asked for; returns rv. */
CK_RV operation_conclude(struct session *session, struct operation *operation, CK_RV rv,
                         bool only_length) MUST_USE;
/* A call that cannot be right, because of its arguments alone: CKR_OPERATION_NOT_INITIALIZED where
 * no operation is active at the place, else it ends and rv is returned. */
CK_RV operation_misuse(struct session *session, unsigned place, CK_RV rv) MUST_USE;
/* Ends it if rv is a failure; returns rv. */
CK_RV operation_fail(struct session *session, struct operation *operation, CK_RV rv) MUST_USE;

/* Frees what the operation holds; the module is not asked. */
void operation_clear(struct operation *operation);

#endif
