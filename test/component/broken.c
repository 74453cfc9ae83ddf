/* SPDX-License-Identifier: Apache-2.0 */
/* A cryptographic library of which one call fails. */
#include "test/component/broken.h"

static uint64_t left;
static bool came;

void broken_fail(uint64_t nth) {
    left = nth;
    came = nth == 0 && came;
}

bool broken_came(void) {
    return came;
}

bool broken_fails(void) {
    if (left == 0 || --left > 0) {
        return false;
    }
    came = true;
    return true;
}

/* The names are the linker's: __wrap_X is called where X is, __real_X is X. */
#define BREAK(name, parameters, arguments)                         \
    enum status __real_##name parameters;                          \
    enum status __wrap_##name parameters;                          \
    enum status __wrap_##name parameters {                         \
        return broken_fails() ? STATUS_MEMORY : __real_##name arguments; \
    }

BREAK(crypto_hash, (enum hash hash, const struct bytes *parts, size_t count, uint8_t *out),
      (hash, parts, count, out))
BREAK(crypto_seal,
      (const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in, uint8_t *out),
      (key, nonce, aad, in, out))
BREAK(crypto_open,
      (const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in, uint8_t *out),
      (key, nonce, aad, in, out))
BREAK(crypto_tagger_start, (struct crypto_tagger * tagger, const uint8_t *key), (tagger, key))
BREAK(crypto_key_complete, (struct key_parts * parts, struct span *room), (parts, room))
BREAK(crypto_key_spki, (const struct key_parts *parts, struct span *out), (parts, out))
BREAK(crypto_key_to_pkcs8, (const struct key_parts *parts, struct span *out), (parts, out))
BREAK(crypto_key_from_pkcs8, (struct bytes der, struct key_parts *parts, struct span *room),
      (der, parts, room))
BREAK(crypto_key_generate, (struct key_parts * parts, uint32_t bits, struct span *room),
      (parts, bits, room))
BREAK(crypto_mechanism_check,
      (const struct crypto_key *key, const struct mechanism *mechanism, enum function function),
      (key, mechanism, function))
BREAK(crypto_sign,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes data,
       bool verify, struct span *signature),
      (key, mechanism, data, verify, signature))
BREAK(crypto_verify,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes data,
       struct bytes signature),
      (key, mechanism, data, signature))
BREAK(crypto_encrypt,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes data,
       struct span *out),
      (key, mechanism, data, out))
BREAK(crypto_decrypt,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes data,
       struct span *out),
      (key, mechanism, data, out))
BREAK(crypto_wrap,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes plain,
       struct span *out),
      (key, mechanism, plain, out))
BREAK(crypto_unwrap,
      (const struct crypto_key *key, const struct mechanism *mechanism, struct bytes wrapped,
       struct span *out),
      (key, mechanism, wrapped, out))
BREAK(crypto_derive,
      (const struct crypto_key *key, const struct mechanism *mechanism, size_t size,
       struct span *out),
      (key, mechanism, size, out))
BREAK(crypto_stream_open,
      (struct crypto_stream * stream, const struct crypto_key *key,
       const struct mechanism *mechanism, enum function function),
      (stream, key, mechanism, function))
BREAK(crypto_stream_update, (struct crypto_stream * stream, struct bytes data, struct span *out),
      (stream, data, out))

/* A key that could not be loaded is zeroed. */
enum status __real_crypto_key_load(struct crypto_key *key, const struct key_parts *parts);
enum status __wrap_crypto_key_load(struct crypto_key *key, const struct key_parts *parts);
enum status __wrap_crypto_key_load(struct crypto_key *key, const struct key_parts *parts) {
    if (broken_fails()) {
        *key = (struct crypto_key){0};
        return STATUS_MEMORY;
    }
    return __real_crypto_key_load(key, parts);
}

/* Frees the stream whatever the result. */
enum status __real_crypto_stream_close(struct crypto_stream *stream, struct bytes signature,
                                       bool verify, struct span *out);
enum status __wrap_crypto_stream_close(struct crypto_stream *stream, struct bytes signature,
                                       bool verify, struct span *out);
enum status __wrap_crypto_stream_close(struct crypto_stream *stream, struct bytes signature,
                                       bool verify, struct span *out) {
    if (broken_fails()) {
        crypto_stream_abort(stream);
        return STATUS_MEMORY;
    }
    return __real_crypto_stream_close(stream, signature, verify, out);
}
