/* SPDX-License-Identifier: Apache-2.0 */
/* The secured channel: Noise_KK_25519_ChaChaPoly_SHA256, as the Noise Protocol Framework, revision
 * 34, defines it. Both sides know the other's static key beforehand; each handshake adds fresh
 * ones:
 *
 *   KK:  -> s   <- s   ...   -> e, es, ss   <- e, ee, se
 *
 * Cryptography comes from crypto/crypto.h alone. Besides the statuses named, each function passes
 * on those of crypto.h; after a failure the handshake or channel is dead and wiped. */
#ifndef CHANNEL_NOISE_H
#define CHANNEL_NOISE_H

#include "base/bytes.h"
#include "base/status.h"

enum {
    NOISE_KEY_SIZE = 32,
    NOISE_TAG_SIZE = 16,
    /* A handshake message without payload. */
    NOISE_HANDSHAKE_SIZE = NOISE_KEY_SIZE + NOISE_TAG_SIZE,
    /* Messages of one direction between two Rekey() (section 11.3). */
    NOISE_REKEY_EVERY = 1 << 14,
};

/* A key pair of X25519. */
struct noise_pair {
    uint8_t private_key[NOISE_KEY_SIZE];
    uint8_t public_key[NOISE_KEY_SIZE];
};
/* Makes a new pair. */
enum status noise_pair_make(struct noise_pair *pair) MUST_USE;
/* Fills the public key from the private one. */
enum status noise_pair_complete(struct noise_pair *pair) MUST_USE;

/* CipherState (section 5.1). */
struct noise_cipher {
    uint8_t key[NOISE_KEY_SIZE];
    uint64_t nonce;
};

/* A channel that stands: what the initiator sends the responder receives. */
struct noise_channel {
    bool open;
    struct noise_cipher sending;
    struct noise_cipher receiving;
};

/* HandshakeState (section 5.3). */
struct noise {
    bool initiator;
    struct noise_pair own;       /* s */
    struct noise_pair ephemeral; /* e */
    uint8_t peer[NOISE_KEY_SIZE];           /* rs */
    uint8_t peer_ephemeral[NOISE_KEY_SIZE]; /* re */
    uint8_t chaining[NOISE_KEY_SIZE];       /* ck */
    uint8_t hash[NOISE_KEY_SIZE];           /* h */
    struct noise_cipher cipher;
};

/* Begins a handshake. */
enum status noise_begin(struct noise *noise, bool initiator, struct bytes prologue,
                        const struct noise_pair *own, const uint8_t *peer) MUST_USE;
/* Writes this side's handshake message around `payload`; out->size: capacity going in, size coming
 * out (payload + NOISE_HANDSHAKE_SIZE). */
enum status noise_write(struct noise *noise, struct bytes payload, struct span *out) MUST_USE;
/* Reads the other side's; payload as above. STATUS_AEAD_FAILED: not from who was expected, or
 * changed; STATUS_BAD_FRAME: too short. */
enum status noise_read(struct noise *noise, struct bytes message, struct span *payload) MUST_USE;
/* After both messages: the channel; the handshake is wiped. */
enum status noise_split(struct noise *noise, struct noise_channel *channel) MUST_USE;

/* Encrypts the `size` bytes at `data` in place and puts the tag behind them (NOISE_TAG_SIZE bytes
 * of room). STATUS_ERROR_STATE: the channel is not open, or used up. */
enum status noise_seal(struct noise_channel *channel, uint8_t *data, size_t size) MUST_USE;
/* Decrypts `size` bytes, tag included, in place. STATUS_AEAD_FAILED: changed, repeated, or one
 * before it is missing; the channel is closed then, for good. */
enum status noise_open(struct noise_channel *channel, uint8_t *data, size_t size) MUST_USE;
/* Closes and wipes. */
void noise_close(struct noise_channel *channel);

#endif
