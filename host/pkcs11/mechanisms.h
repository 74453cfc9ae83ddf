/* SPDX-License-Identifier: Apache-2.0 */
/* The table of mechanisms, and how a CK_MECHANISM becomes an algorithm with its parameters. */
#ifndef HOST_PKCS11_MECHANISMS_TABLE_H
#define HOST_PKCS11_MECHANISMS_TABLE_H

#include "host/pkcs11/door.h"
#include "proto/algorithms.h"

enum mechanism_parameter {
    P11_NONE,
    P11_PSS,
    P11_OAEP,
    P11_IV16,
    P11_CTR,
    P11_GCM,
    P11_CCM,
    P11_CHACHA,
    P11_AAD,
    P11_MAC_SIZE,
    P11_EDDSA,
    P11_ECDH,
    P11_HKDF,
    P11_KBKDF,
    P11_STRING,
    P11_FIRST_BIT,
};

enum mechanism_unit { UNIT_NONE, UNIT_BITS, UNIT_BYTES };

/* One row of mechanisms.def. */
struct mechanism_row {
    CK_MECHANISM_TYPE type;
    enum algorithm algorithm;
    uint32_t hash;
    enum mechanism_parameter parameter;
    uint32_t functions;
    enum mechanism_unit unit;
};

/* All rows; fills *count. */
const struct mechanism_row *mechanisms_rows(size_t *count) MUST_USE;
/* The row of a CKM_ number, NULL where the door has none. Where a number has several, the first is
 * the one that is listed. */
const struct mechanism_row *mechanisms_find(CK_MECHANISM_TYPE type) MUST_USE;
/* The first mechanism of an algorithm and hash, as CKA_KEY_GEN_MECHANISM and
 * CKA_ALLOWED_MECHANISMS show it; CK_UNAVAILABLE_INFORMATION where there is none. `wire` is
 * algorithm | hash << 16. */
CK_MECHANISM_TYPE mechanisms_of_wire(uint32_t wire) MUST_USE;
static inline uint32_t mechanisms_to_wire(const struct mechanism_row *row) {
    return (uint32_t)row->algorithm | row->hash << 16;
}

/* A mechanism read: the module's form, and what stays outside of it. Byte strings point into the
 * caller's memory. */
struct mechanism_read {
    const struct mechanism_row *row;
    struct mechanism mechanism;
    CK_BYTE_PTR iv;             /* where an IV that the module makes goes */
    bool iv_wanted;             /* the caller left the IV at zero */
    CK_OBJECT_HANDLE other_key; /* HKDF: the key that is the salt */
};

/* Reads a mechanism for one function (F_). Checks every pointer and length it follows.
 * CKR_MECHANISM_INVALID where the door has no such mechanism or it does not have this function;
 * CKR_MECHANISM_PARAM_INVALID. */
CK_RV mechanisms_read(const CK_MECHANISM *from, uint32_t function,
                      struct mechanism_read *read) MUST_USE;

/* The hash of a CKM_ digest number; HASH_NONE where it is none. */
uint32_t mechanisms_hash(CK_MECHANISM_TYPE type) MUST_USE;

#endif
