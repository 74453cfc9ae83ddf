/* SPDX-License-Identifier: Apache-2.0 */
/* Known attacks on the PKCS #11 interface, each tried against any module. */
#ifndef TEST_ATTACK_ATTACK_H
#define TEST_ATTACK_ATTACK_H

#include "host/pkcs11/pkcs11.h"

#include <stdbool.h>
#include <stddef.h>

enum outcome {
    REFUSED, /* the module held */
    WORKS,   /* the attacker got what he wanted */
    ABSENT,  /* the module does not have the mechanism: nothing to attack */
};

/* The module under attack: its functions, a session with the user logged in. */
struct target {
    CK_FUNCTION_LIST_PTR p11;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    const char *pin;
    const char *so_pin;
};

struct attack {
    const char *id;
    const char *text;
    enum outcome (*run)(struct target *target);
};

/* The attacks of each file. */
extern const struct attack wrapping_attacks[];
extern const size_t wrapping_attack_count;
extern const struct attack attribute_attacks[];
extern const size_t attribute_attack_count;
extern const struct attack mechanism_attacks[];
extern const size_t mechanism_attack_count;
extern const struct attack login_attacks[];
extern const size_t login_attack_count;

/* ---- tools ---- */

/* A template under construction. */
struct attributes {
    CK_ATTRIBUTE list[24];
    CK_ULONG count;
    CK_ULONG numbers[24];
};
void attributes_start(struct attributes *attributes);
void attributes_flag(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, bool value);
void attributes_number(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value);
void attributes_bytes(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *data,
                      size_t size);

/* Makes an AES key inside with these flags set true; 0 when the module refuses. `sensitive` sets
 * SENSITIVE true and EXTRACTABLE as told. */
CK_OBJECT_HANDLE make_aes(struct target *target, CK_ULONG size, bool sensitive, bool extractable,
                          const CK_ATTRIBUTE_TYPE *usage);
/* Imports an AES key with a known value; 0 when refused. */
CK_OBJECT_HANDLE import_aes(struct target *target, const CK_BYTE *value, CK_ULONG size,
                            const CK_ATTRIBUTE_TYPE *usage);
/* An RSA-2048 pair with these usages; false when refused. */
bool make_rsa(struct target *target, const CK_ATTRIBUTE_TYPE *public_usage,
              const CK_ATTRIBUTE_TYPE *private_usage, CK_OBJECT_HANDLE *public_key,
              CK_OBJECT_HANDLE *private_key);
/* A P-256 pair for derivation. */
bool make_ec(struct target *target, CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key);
/* Whether the key's value can be read. */
bool can_read(struct target *target, CK_OBJECT_HANDLE key);
bool read_value(struct target *target, CK_OBJECT_HANDLE key, CK_BYTE *out, CK_ULONG *size);
bool read_flag(struct target *target, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type);
bool has_mechanism(struct target *target, CK_MECHANISM_TYPE mechanism, CK_FLAGS flags);
/* The first mechanism that wraps AES keys with an AES key; 0 when there is none. */
CK_MECHANISM_TYPE aes_wrap_mechanism(struct target *target);
void destroy(struct target *target, CK_OBJECT_HANDLE object);

/* Ends a list of usages. */
#define NO_MORE ((CK_ATTRIBUTE_TYPE)-1)
#define USAGE(...) ((const CK_ATTRIBUTE_TYPE[]){__VA_ARGS__, NO_MORE})

#endif
