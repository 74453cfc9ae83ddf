/* SPDX-License-Identifier: Apache-2.0 */
/* Noise_KK_25519_ChaChaPoly_SHA256, revision 34; names in comments are the specification's. */
#include "channel/noise.h"
#include "base/wipe.h"
#include "crypto/crypto.h"

/* Of exactly HASHLEN bytes, so that it is the first h itself (section 5.2). */
static const char name[] = "Noise_KK_25519_ChaChaPoly_SHA256";
_Static_assert(sizeof(name) - 1 == NOISE_KEY_SIZE, "the name is its own hash");

static const uint8_t x25519[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};

/* The last nonce is Rekey()'s; nobody lives to see this one. */
static const uint64_t nonce_limit = (uint64_t)1 << 48;

/* ---- DH functions (section 4.1) ---- */

static struct key_parts private_parts(const uint8_t *private_key) {
    return (struct key_parts){
        .type = KEY_X25519,
        .is_private = true,
        .value = bytes_of(private_key, NOISE_KEY_SIZE),
        .ec_params = bytes_of(x25519, sizeof(x25519)),
    };
}

enum status noise_pair_complete(struct noise_pair *pair) {
    SECRET_BYTES(room, 256);
    struct span span = {room, sizeof(room)};
    struct key_parts parts = private_parts(pair->private_key);
    TRY(crypto_key_complete(&parts, &span));
    if (parts.ec_point.size != NOISE_KEY_SIZE) {
        return STATUS_INTERNAL;
    }
    bytes_copy(pair->public_key, parts.ec_point);
    return STATUS_OK;
}

enum status noise_pair_make(struct noise_pair *pair) {
    TRY(crypto_random(pair->private_key, sizeof(pair->private_key)));
    return noise_pair_complete(pair);
}

static enum status agree(const uint8_t *private_key, const uint8_t *public_key, uint8_t *shared) {
    struct crypto_key key = {0};
    struct key_parts parts = private_parts(private_key);
    struct mechanism mechanism = {.algorithm = ALGORITHM_X25519,
                                  .peer = bytes_of(public_key, NOISE_KEY_SIZE)};
    struct span out = {shared, NOISE_KEY_SIZE};
    TRY(crypto_key_load(&key, &parts));
    enum status status = crypto_derive(&key, &mechanism, NOISE_KEY_SIZE, &out);
    crypto_key_unload(&key);
    return status;
}

/* ---- cipher functions (sections 4.2 and 5.1) ---- */

static enum status crypt(const uint8_t *key_bytes, uint64_t nonce, struct bytes aad,
                         struct bytes in, struct span *out) {
    uint8_t iv[12] = {0};
    struct crypto_key key = {0};
    struct key_parts parts = {.type = KEY_CHACHA20, .value = bytes_of(key_bytes, NOISE_KEY_SIZE)};
    struct mechanism mechanism = {.algorithm = ALGORITHM_CHACHA20_POLY1305,
                                  .iv = bytes_of(iv, sizeof(iv)),
                                  .aad = aad};
    bool encrypt = out->size > in.size; /* there is room for a tag */
    save_u64(iv + 4, nonce);
    TRY(crypto_key_load(&key, &parts));
    enum status status = encrypt ? crypto_encrypt(&key, &mechanism, in, out)
                                 : crypto_decrypt(&key, &mechanism, in, out);
    crypto_key_unload(&key);
    return status;
}

/* In place; `size` bytes, and behind them room for the tag. */
static enum status encrypt(const uint8_t *key, uint64_t nonce, struct bytes aad, uint8_t *data,
                           size_t size) {
    struct span out = {data, size + NOISE_TAG_SIZE};
    return crypt(key, nonce, aad, bytes_of(data, size), &out);
}

/* In place; `size` bytes, the tag among them. */
static enum status decrypt(const uint8_t *key, uint64_t nonce, struct bytes aad, uint8_t *data,
                           size_t size) {
    struct span out = {data, size};
    if (size < NOISE_TAG_SIZE) {
        return STATUS_AEAD_FAILED;
    }
    return crypt(key, nonce, aad, bytes_of(data, size), &out);
}

/* Rekey(): the key becomes the first half of ENCRYPT(k, maxnonce, zerolen, zeros). */
static enum status rekey(struct noise_cipher *cipher) {
    SECRET_BYTES(block, NOISE_KEY_SIZE + NOISE_TAG_SIZE);
    memset(block, 0, sizeof(block));
    TRY(encrypt(cipher->key, UINT64_MAX, (struct bytes){0}, block, NOISE_KEY_SIZE));
    memcpy(cipher->key, block, NOISE_KEY_SIZE);
    return STATUS_OK;
}

static enum status used(struct noise_cipher *cipher) {
    cipher->nonce++;
    return cipher->nonce % NOISE_REKEY_EVERY == 0 ? rekey(cipher) : STATUS_OK;
}

/* ---- hash functions and SymmetricState (sections 4.3 and 5.2) ---- */

/* HKDF(chaining_key, input_key_material, 2). */
static enum status hkdf(const uint8_t *chaining, struct bytes material, uint8_t *first,
                        uint8_t *second) {
    static const uint8_t one[1] = {1};
    static const uint8_t two[1] = {2};
    SECRET_BYTES(temporary, NOISE_KEY_SIZE);
    SECRET_BYTES(output, NOISE_KEY_SIZE);
    TRY(crypto_hmac(HASH_SHA256, bytes_of(chaining, NOISE_KEY_SIZE), &material, 1, temporary));
    struct bytes key = bytes_of(temporary, sizeof(temporary));
    struct bytes parts[] = {bytes_of(one, 1)};
    TRY(crypto_hmac(HASH_SHA256, key, parts, 1, output));
    struct bytes more[] = {bytes_of(output, sizeof(output)), bytes_of(two, 1)};
    TRY(crypto_hmac(HASH_SHA256, key, more, 2, second));
    memcpy(first, output, sizeof(output));
    return STATUS_OK;
}

static enum status mix_hash(struct noise *noise, struct bytes data) {
    struct bytes parts[] = {bytes_of(noise->hash, sizeof(noise->hash)), data};
    uint8_t next[NOISE_KEY_SIZE];
    TRY(crypto_hash(HASH_SHA256, parts, 2, next));
    memcpy(noise->hash, next, sizeof(next));
    return STATUS_OK;
}

/* MixKey(DH(private_key, public_key)). */
static enum status mix_agreed(struct noise *noise, const uint8_t *private_key,
                              const uint8_t *public_key) {
    SECRET_BYTES(shared, NOISE_KEY_SIZE);
    TRY(agree(private_key, public_key, shared));
    noise->cipher.nonce = 0;
    return hkdf(noise->chaining, bytes_of(shared, sizeof(shared)), noise->chaining,
                noise->cipher.key);
}

/* ---- HandshakeState (section 5.3) ---- */

enum status noise_begin(struct noise *noise, bool initiator, struct bytes prologue,
                        const struct noise_pair *own, const uint8_t *peer) {
    wipe(noise, sizeof(*noise));
    noise->initiator = initiator;
    noise->own = *own;
    memcpy(noise->peer, peer, NOISE_KEY_SIZE);
    memcpy(noise->hash, name, NOISE_KEY_SIZE);
    memcpy(noise->chaining, name, NOISE_KEY_SIZE);
    TRY(mix_hash(noise, prologue));
    const uint8_t *first = initiator ? own->public_key : peer;
    const uint8_t *second = initiator ? peer : own->public_key;
    TRY(mix_hash(noise, bytes_of(first, NOISE_KEY_SIZE)));
    return mix_hash(noise, bytes_of(second, NOISE_KEY_SIZE));
}

/* The agreements of a message, which both sides name from their own end. */
static enum status mix_message(struct noise *noise, bool is_first) {
    const uint8_t *own = noise->own.private_key;
    const uint8_t *own_ephemeral = noise->ephemeral.private_key;
    if (is_first) { /* es, ss */
        TRY(noise->initiator ? mix_agreed(noise, own_ephemeral, noise->peer)
                             : mix_agreed(noise, own, noise->peer_ephemeral));
        return mix_agreed(noise, own, noise->peer);
    }
    TRY(mix_agreed(noise, own_ephemeral, noise->peer_ephemeral)); /* ee, se */
    return noise->initiator ? mix_agreed(noise, own, noise->peer_ephemeral)
                            : mix_agreed(noise, own_ephemeral, noise->peer);
}

static enum status write_message(struct noise *noise, struct bytes payload, struct span *out) {
    size_t size = payload.size + NOISE_HANDSHAKE_SIZE;
    if (out->size < size) {
        return STATUS_TOO_LARGE;
    }
    TRY(noise_pair_make(&noise->ephemeral));
    memcpy(out->data, noise->ephemeral.public_key, NOISE_KEY_SIZE);
    TRY(mix_hash(noise, bytes_of(out->data, NOISE_KEY_SIZE)));
    TRY(mix_message(noise, noise->initiator));
    uint8_t *sealed = out->data + NOISE_KEY_SIZE;
    bytes_copy(sealed, payload);
    TRY(encrypt(noise->cipher.key, noise->cipher.nonce++, bytes_of(noise->hash, NOISE_KEY_SIZE),
                sealed, payload.size));
    out->size = size;
    return mix_hash(noise, bytes_of(sealed, payload.size + NOISE_TAG_SIZE));
}

static enum status read_message(struct noise *noise, struct bytes message, struct span *payload) {
    size_t sealed = message.size - NOISE_KEY_SIZE;
    uint8_t room[NOISE_TAG_SIZE + 64];
    uint8_t after[NOISE_KEY_SIZE];
    memcpy(noise->peer_ephemeral, message.data, NOISE_KEY_SIZE);
    TRY(mix_hash(noise, bytes_of(message.data, NOISE_KEY_SIZE)));
    TRY(mix_message(noise, !noise->initiator));
    struct bytes parts[] = {bytes_of(noise->hash, NOISE_KEY_SIZE),
                            bytes_of(message.data + NOISE_KEY_SIZE, sealed)};
    TRY(crypto_hash(HASH_SHA256, parts, 2, after));
    if (sealed > sizeof(room) || sealed - NOISE_TAG_SIZE > payload->size) {
        return STATUS_TOO_LARGE;
    }
    memcpy(room, message.data + NOISE_KEY_SIZE, sealed);
    TRY(decrypt(noise->cipher.key, noise->cipher.nonce++, bytes_of(noise->hash, NOISE_KEY_SIZE),
                room, sealed));
    memcpy(payload->data, room, sealed - NOISE_TAG_SIZE);
    payload->size = sealed - NOISE_TAG_SIZE;
    memcpy(noise->hash, after, sizeof(after));
    return STATUS_OK;
}

enum status noise_write(struct noise *noise, struct bytes payload, struct span *out) {
    enum status status = write_message(noise, payload, out);
    if (status != STATUS_OK) {
        wipe(noise, sizeof(*noise));
    }
    return status;
}

enum status noise_read(struct noise *noise, struct bytes message, struct span *payload) {
    enum status status = STATUS_BAD_FRAME;
    if (message.size >= NOISE_HANDSHAKE_SIZE) {
        status = read_message(noise, message, payload);
    }
    if (status != STATUS_OK) {
        wipe(noise, sizeof(*noise));
    }
    return status;
}

enum status noise_split(struct noise *noise, struct noise_channel *channel) {
    struct noise_cipher first = {{0}, 0};
    struct noise_cipher second = {{0}, 0};
    WIPE_AT_END(first, sizeof(first));
    WIPE_AT_END(second, sizeof(second));
    enum status status = hkdf(noise->chaining, (struct bytes){0}, first.key, second.key);
    if (status == STATUS_OK) {
        channel->sending = noise->initiator ? first : second;
        channel->receiving = noise->initiator ? second : first;
        channel->open = true;
    }
    wipe(noise, sizeof(*noise));
    return status;
}

/* ---- the channel ---- */

void noise_close(struct noise_channel *channel) {
    wipe(channel, sizeof(*channel));
}

enum status noise_seal(struct noise_channel *channel, uint8_t *data, size_t size) {
    struct noise_cipher *cipher = &channel->sending;
    enum status status = STATUS_ERROR_STATE;
    if (channel->open && cipher->nonce < nonce_limit) {
        status = encrypt(cipher->key, cipher->nonce, (struct bytes){0}, data, size);
    }
    if (status == STATUS_OK) {
        status = used(cipher);
    }
    if (status != STATUS_OK) {
        noise_close(channel);
    }
    return status;
}

enum status noise_open(struct noise_channel *channel, uint8_t *data, size_t size) {
    struct noise_cipher *cipher = &channel->receiving;
    enum status status = STATUS_ERROR_STATE;
    if (channel->open && cipher->nonce < nonce_limit) {
        status = decrypt(cipher->key, cipher->nonce, (struct bytes){0}, data, size);
    }
    if (status == STATUS_OK) {
        status = used(cipher);
    }
    if (status != STATUS_OK) {
        noise_close(channel);
    }
    return status;
}
