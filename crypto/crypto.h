/* SPDX-License-Identifier: Apache-2.0 */
/* What the core needs from a cryptographic library. Answered at link time by crypto/openssl or
 * crypto/mcu. No function here keeps state of the core; keys and streams live in memory of the
 * caller.
 *
 * Threads: every function may run beside every other; one struct crypto_stream is used by one
 * thread at a time; a struct crypto_key, once loaded, may be used by many threads at once.
 *
 * On failure outputs are zero or untouched, and no secret is left in them. Besides the statuses
 * named, every function can return STATUS_INTERNAL (the library failed), STATUS_MEMORY (it got no
 * memory) and, where it draws randomness, STATUS_NO_ENTROPY. Spans: size is the capacity going in
 * and the used length coming out; STATUS_TOO_LARGE where the capacity is below what
 * crypto_output_size() says. */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include "base/bytes.h"
#include "base/status.h"
#include "proto/algorithms.h"

/* ---- start and self tests (R-42) ---- */

/* Prepares the library; call once, before anything else. The library's own allocations then go
 * where the body directed them (the daemon: its locked arena). */
enum status crypto_start(void) MUST_USE;
/* Ends it: everything the library holds is wiped and freed. */
void crypto_stop(void);

/* Number of known-answer tests, and the name of one ("AES-256-GCM encrypt"). */
size_t crypto_selftest_count(void) MUST_USE;
const char *crypto_selftest_name(size_t index) MUST_USE;
/* Runs test `index`; STATUS_ERROR_STATE when the answer is wrong. `corrupt` flips a bit of the
 * computed answer before the comparison, so that a test shows that this test can fail. */
enum status crypto_selftest_run(size_t index, bool corrupt) MUST_USE;

/* ---- what is offered ---- */

/* What the library offers of an algorithm: a part of the row's functions. The chip makes no RSA
 * keys, which would take it minutes: they are made elsewhere, and imported. */
uint32_t crypto_functions(const struct algorithm_row *row) MUST_USE;
/* Bits of the largest RSA modulus it takes. */
uint32_t crypto_rsa_bits_max(void) MUST_USE;

/* ---- randomness: SP 800-90A generator, fresh entropy mixed in at every call ---- */

enum status crypto_random(uint8_t *out, size_t size) MUST_USE;

/* ---- what the core itself needs ---- */

/* Hashes the concatenation of `count` parts; fills hash_size(hash) bytes at out. */
enum status crypto_hash(enum hash hash, const struct bytes *parts, size_t count,
                        uint8_t *out) MUST_USE;
/* HMAC over the concatenation of `count` parts; fills hash_size(hash) bytes at out. */
enum status crypto_hmac(enum hash hash, struct bytes key, const struct bytes *parts, size_t count,
                        uint8_t *out) MUST_USE;
/* HKDF-SHA-256 (RFC 5869), extract and expand. */
enum status crypto_hkdf(struct bytes key, struct bytes salt, struct bytes info,
                        struct span out) MUST_USE;

enum { SEAL_KEY_SIZE = 32, SEAL_NONCE_SIZE = 12, SEAL_TAG_SIZE = 16 };
/* AES-256-GCM. seal: out takes in.size + SEAL_TAG_SIZE bytes; open: in ends with the tag, out takes
 * in.size - SEAL_TAG_SIZE bytes. in and out may be the same place. open: STATUS_AEAD_FAILED. */
enum status crypto_seal(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) MUST_USE;
enum status crypto_open(const uint8_t *key, const uint8_t *nonce, struct bytes aad, struct bytes in,
                        uint8_t *out) MUST_USE;

enum { PIN_SALT_SIZE = 16, PIN_VERIFIER_SIZE = 32 };
/* Stretches a PIN: PBKDF2-HMAC-SHA-256 or a memory-hard function; `cost` is stored beside the
 * result and means what the implementation says. Deliberately slow (about 50 ms). */
uint32_t crypto_pin_cost(void) MUST_USE;
enum status crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost,
                               uint8_t *out) MUST_USE;

/* Truncated keyed tag of two numbers (AES-128 of a block), for unguessable handles. */
struct crypto_tagger {
    _Alignas(16) uint8_t room[16];
};
enum status crypto_tagger_start(struct crypto_tagger *tagger, const uint8_t key[16]) MUST_USE;
void crypto_tagger_stop(struct crypto_tagger *tagger);
uint64_t crypto_tagger_tag(const struct crypto_tagger *tagger, uint64_t a, uint64_t b) MUST_USE;

/* ---- keys ---- */

/* Components of a key, as CKA_ attributes hold them (big-endian integers without leading zeros for
 * RSA; EC: d and affine point). Which are used: see each. Empty: not there. */
struct key_parts {
    enum key_type type;
    bool is_private;        /* RSA, EC, ED25519, X25519: private or public key */
    struct bytes value;     /* secret keys: the key; EC private: d, big-endian, field size;
                               ED25519, X25519 private: the 32-byte seed or scalar */
    struct bytes ec_params; /* EC, ED25519, X25519: DER as in CKA_EC_PARAMS */
    struct bytes
        ec_point; /* public: raw point (0x04 || x || y, or 32 bytes), without OCTET STRING */
    struct bytes modulus;
    struct bytes public_exponent;
    struct bytes private_exponent;
    struct bytes prime_1, prime_2, exponent_1, exponent_2, coefficient;
};

/* A key made ready for use. Daemon: 128 bytes that hold the library's pointers; chip: the key
 * itself, without pointers, with the CRT parts of RSA-3072 as the largest. */
enum { CRYPTO_KEY_ROOM = LIMIT_PICK(128, 1008) };
struct crypto_key {
    _Alignas(16) uint8_t room[CRYPTO_KEY_ROOM];
};

/* Makes a key ready. Checks it: RSA 2048..crypto_rsa_bits_max() bits and consistent (missing CRT
 * parts are computed; a private key needs modulus, private exponent and public exponent, or the
 * primes), EC points on the curve and in range, AES sizes 16, 24, 32 (chip: other secrets at most
 * 1000 bytes). Statuses: KEY_SIZE, CURVE_NOT_SUPPORTED, PUBLIC_KEY_INVALID, DOMAIN_PARAMS_INVALID,
 * ATTRIBUTE_VALUE_INVALID. The parts are borrowed. */
enum status crypto_key_load(struct crypto_key *key, const struct key_parts *parts) MUST_USE;
/* Wipes and frees it; accepts a zeroed key. No use may be under way. */
void crypto_key_unload(struct crypto_key *key);

/* Fills in parts that follow from the others, into `room` (8 KiB is enough): a private key's public
 * point, RSA CRT parts and public exponent. Same checks and statuses as crypto_key_load. */
enum status crypto_key_complete(struct key_parts *parts, struct span *room) MUST_USE;

/* DER SubjectPublicKeyInfo of a key, public or private, that was completed, into `out`; its parts
 * are taken as they are. KEY_TYPE_INCONSISTENT: it has no public parts; TOO_LARGE. */
enum status crypto_key_spki(const struct key_parts *parts, struct span *out) MUST_USE;

/* A private key as DER PrivateKeyInfo (PKCS #8, RFC 5958), the form in which private keys are
 * wrapped, and back: *parts then point into `room` (8 KiB is enough), completed and checked as by
 * crypto_key_complete; WRAPPED_KEY_INVALID for anything else. Secret, both of them. */
enum status crypto_key_to_pkcs8(const struct key_parts *parts, struct span *out) MUST_USE;
enum status crypto_key_from_pkcs8(struct bytes der, struct key_parts *parts,
                                  struct span *room) MUST_USE;

/* Size in bits as tables show it: RSA modulus, EC field, else 8 x bytes. 0 when unknown. */
uint32_t crypto_key_bits(const struct key_parts *parts) MUST_USE;

/* Generates a key (pair) and checks it: a pairwise test for pairs. Input in *parts: type; RSA: bits
 * and public_exponent (empty: 65537); EC family: ec_params; secret keys: bits. Output: *parts holds
 * all private and public components, pointing into `room` (8 KiB is enough; secret, wipe it).
 * Statuses: KEY_SIZE, CURVE_NOT_SUPPORTED, ATTRIBUTE_VALUE_INVALID, MECHANISM_INVALID where keys of
 * this type are not made (see crypto_functions), ERROR_STATE when the pairwise test fails. */
enum status crypto_key_generate(struct key_parts *parts, uint32_t bits, struct span *room) MUST_USE;

/* ---- use of keys; the mechanism passed mechanism_check() and fits the key's type ---- */

/* Bytes of the result for `function` on `size` input bytes: exact for signatures, MACs and digests,
 * an upper bound for the others. 0 when the mechanism is not valid for the key. */
size_t crypto_output_size(const struct crypto_key *key, const struct mechanism *mechanism,
                          enum function function, size_t size) MUST_USE;

/* Checks parameters against the key without using it (salt size, IV size, tag bits, hash present
 * where needed, key usable): MECHANISM_PARAM_INVALID, KEY_SIZE. */
enum status crypto_mechanism_check(const struct crypto_key *key, const struct mechanism *mechanism,
                                   enum function function) MUST_USE;

/* Signs (or MACs). RSA signatures are verified before they are returned, always; ECDSA and EdDSA
 * where `verify` is set, and on the chip always: a signature that does not verify is
 * STATUS_ERROR_STATE and never returned. ECDSA nonces are hedged with fresh entropy. ECDSA
 * signatures are r || s. DATA_LENGTH when `data` has a length the mechanism does not take. */
enum status crypto_sign(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes data, bool verify, struct span *signature) MUST_USE;
/* SIGNATURE_INVALID, SIGNATURE_LENGTH, DATA_LENGTH. MACs are compared in constant time. */
enum status crypto_verify(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct bytes data, struct bytes signature) MUST_USE;

/* Encrypts; AEAD tags follow the data. With make_iv the caller puts the IV into mechanism->iv first
 * (crypto_random). DATA_LENGTH. */
enum status crypto_encrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) MUST_USE;
/* CIPHERTEXT_INVALID and CIPHERTEXT_LENGTH (one error and one timing for every RSA padding fault;
 * PKCS#1 v1.5 with implicit rejection), AEAD_FAILED. */
enum status crypto_decrypt(const struct crypto_key *key, const struct mechanism *mechanism,
                           struct bytes data, struct span *out) MUST_USE;

/* Wraps bytes of a key (AES_KW, AES_KWP, AES_GCM, RSA_OAEP, RSA_PKCS1, WRAP_WITH_ATTRIBUTES: as
 * AES_GCM with a random IV in front) and back. WRAPPED_KEY_INVALID for every fault when unwrapping.
 */
enum status crypto_wrap(const struct crypto_key *key, const struct mechanism *mechanism,
                        struct bytes plain, struct span *out) MUST_USE;
enum status crypto_unwrap(const struct crypto_key *key, const struct mechanism *mechanism,
                          struct bytes wrapped, struct span *out) MUST_USE;

/* Derives out->size bytes (ECDH and X25519 without KDF: at most the secret's size, taken from its
 * left end; out->size 0 asks for all of it, the span's capacity being `room`). The peer's point is
 * checked before any use of the key: PUBLIC_KEY_INVALID, also for an all-zero X25519 result. KBKDF
 * is SP 800-108 counter mode with HMAC: counter 32 bits || label || 0x00 || context || length 32
 * bits. HKDF with steps EXTRACT gives the PRK. COMPATIBLE derivations (concatenate, xor, extract)
 * included. DATA_LENGTH: too much asked for. */
enum status crypto_derive(const struct crypto_key *key, const struct mechanism *mechanism,
                          size_t size, struct span *out) MUST_USE;

/* ---- operations in parts ---- */

enum { CRYPTO_STREAM_ROOM = LIMIT_PICK(256, 1248) };
struct crypto_stream {
    _Alignas(16) uint8_t room[CRYPTO_STREAM_ROOM];
};

/* Whether the mechanism can work in parts with this function (RSA and ECDSA need a hash; EdDSA, KW,
 * OAEP and CCM without data_size cannot). */
bool crypto_streams(const struct mechanism *mechanism, enum function function) MUST_USE;

/* Starts. The key (NULL for a digest) is copied or referenced by the library itself: it may be
 * unloaded before the stream ends. The mechanism is borrowed. */
enum status crypto_stream_open(struct crypto_stream *stream, const struct crypto_key *key,
                               const struct mechanism *mechanism, enum function function) MUST_USE;
/* The next part; out takes data.size + 32 bytes for ciphers, else stays empty. AEAD decryption
 * gives nothing out before the tag is verified: it is refused here with STATUS_MECHANISM_INVALID
 * unless the implementation can hold the data back. */
enum status crypto_stream_update(struct crypto_stream *stream, struct bytes data,
                                 struct span *out) MUST_USE;
/* Ends: signature, MAC, digest, last block or AEAD tag in out; for F_VERIFY compares `signature`
 * with crypto_verify's statuses; `verify` as for crypto_sign. The stream is freed whatever the
 * result. */
enum status crypto_stream_close(struct crypto_stream *stream, struct bytes signature, bool verify,
                                struct span *out) MUST_USE;
/* Drops it; accepts a zeroed stream. */
void crypto_stream_abort(struct crypto_stream *stream);

#endif
