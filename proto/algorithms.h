/* SPDX-License-Identifier: Apache-2.0 */
/* The table of algorithms, and the one form of an algorithm with its parameters. */
#ifndef PROTO_ALGORITHMS_H
#define PROTO_ALGORITHMS_H

#include "base/bytes.h"
#include "base/status.h"

enum algorithm {
    ALGORITHM_NONE = 0,
#define ALGORITHM(name, number, key, functions, parameters, profile) ALGORITHM_##name = (number),
#include "proto/algorithms.def"
#undef ALGORITHM
};

/* What a key or algorithm is used for; each is also one bit of a set. */
enum function {
    F_SIGN = 1 << 0,
    F_VERIFY = 1 << 1,
    F_ENCRYPT = 1 << 2,
    F_DECRYPT = 1 << 3,
    F_WRAP = 1 << 4,
    F_UNWRAP = 1 << 5,
    F_DERIVE = 1 << 6,
    F_DIGEST = 1 << 7,
    F_GENERATE = 1 << 8,
    F_GENERATE_PAIR = 1 << 9,
};

/* Parameters an algorithm reads. */
enum parameter {
    P_HASH = 1 << 0,
    P_DIGEST = 1 << 1,
    P_MGF = 1 << 2,
    P_SALT_SIZE = 1 << 3,
    P_IV = 1 << 4,
    P_AAD = 1 << 5,
    P_TAG_BITS = 1 << 6,
    P_MAKE_IV = 1 << 7,
    P_DATA_SIZE = 1 << 8,
    P_COUNTER_BITS = 1 << 9,
    P_MAC_SIZE = 1 << 10,
    P_PEER = 1 << 11,
    P_KDF = 1 << 12,
    P_LABEL = 1 << 13,
    P_COFACTOR = 1 << 14,
    P_SALT = 1 << 15,
    P_STEPS = 1 << 16,
};

/* Key types, numbered like CKK_; ED25519 and X25519 are told apart by number here. */
enum key_type {
    KEY_RSA = 0x00,
    KEY_EC = 0x03,
    KEY_GENERIC = 0x10,
    KEY_AES = 0x1f,
    KEY_CHACHA20 = 0x33,
    KEY_ED25519 = 0x40,  /* CKK_EC_EDWARDS */
    KEY_X25519 = 0x41,   /* CKK_EC_MONTGOMERY */
    KEY_SECRET = 0xfffe, /* in algorithms.def: any secret key */
    KEY_NONE = 0xffff,
};

/* Hash functions; 0 stands for none: the caller hashed already, or there is nothing to hash. */
enum hash {
    HASH_NONE = 0,
    HASH_SHA1 = 1, /* only for OAEP, MGF1 and digests of old clients; never in a new signature */
    HASH_SHA224 = 2,
    HASH_SHA256 = 3,
    HASH_SHA384 = 4,
    HASH_SHA512 = 5,
    HASH_SHA3_224 = 6,
    HASH_SHA3_256 = 7,
    HASH_SHA3_384 = 8,
    HASH_SHA3_512 = 9,
    HASH_COUNT = 10,
};
enum { HASH_SIZE_MAX = 64 };

/* Key derivation after a key agreement: 0 none, else X9.63 with the hash of that number. */
enum { KDF_NONE = 0 };

/* Steps of HKDF (RFC 5869). */
enum { HKDF_EXTRACT = 1, HKDF_EXPAND = 2 };

/* An algorithm with its parameters, as requests carry it. Parameters that the algorithm does not
 * read are zero or empty, else STATUS_MECHANISM_PARAM_INVALID. */
struct mechanism {
    uint32_t algorithm;
    uint32_t hash; /* the module hashes the message with it; NONE: the message is hashed already */
    uint32_t digest;       /* PSS, OAEP: the hash of the scheme; equals `hash` where that is set */
    uint32_t mgf;          /* PSS, OAEP: hash inside MGF1 */
    uint32_t salt_size;    /* PSS */
    uint32_t tag_bits;     /* GCM, CCM */
    uint32_t counter_bits; /* CTR */
    uint32_t mac_size;     /* HMAC, CMAC: truncated length; 0: full */
    uint32_t data_size;    /* CCM: data length for operations in parts; EXTRACT_KEY: first bit */
    uint32_t kdf;          /* ECDH: KDF_NONE or a hash for X9.63 */
    uint32_t steps;        /* HKDF: set of HKDF_EXTRACT, HKDF_EXPAND */
    uint32_t make_iv;      /* 1: the module makes the IV and returns it */
    uint32_t cofactor;     /* ECDH: 1 for cofactor mode (the same on the NIST curves) */
    struct bytes iv;       /* also the CTR counter block and the CCM nonce */
    struct bytes aad;
    struct bytes label; /* OAEP label, HKDF info, KBKDF label, X9.63 shared info */
    struct bytes salt;  /* HKDF salt, KBKDF context, data of the COMPATIBLE derivations */
    struct bytes peer;  /* ECDH: the other public key, an uncompressed point or 32 bytes */
};

/* One row of proto/algorithms.def. */
struct algorithm_row {
    enum algorithm algorithm;
    const char *name;
    enum key_type key;
    uint32_t functions;
    uint32_t parameters;
    bool compatible_only;
};

/* The row of an algorithm number, NULL where there is none. */
const struct algorithm_row *algorithm_row(uint32_t number) MUST_USE;
/* All rows; fills *count. */
const struct algorithm_row *algorithm_rows(size_t *count) MUST_USE;

/* Whether the row's algorithm works with keys of this type. */
bool algorithm_takes(const struct algorithm_row *row, enum key_type type) MUST_USE;

/* Output bytes of a hash, 0 for HASH_NONE and unknown numbers. */
size_t hash_size(uint32_t hash) MUST_USE;
/* Name as in "SHA-256", "none" for HASH_NONE, "unknown" otherwise. */
const char *hash_name(uint32_t hash) MUST_USE;

/* Refuses a mechanism with an unknown algorithm (STATUS_MECHANISM_INVALID), an unknown hash or a
 * parameter its algorithm does not read (STATUS_MECHANISM_PARAM_INVALID). */
enum status mechanism_check(const struct mechanism *mechanism) MUST_USE;

#endif
