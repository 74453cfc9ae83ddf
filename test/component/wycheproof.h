/* SPDX-License-Identifier: Apache-2.0 */
/* Project Wycheproof's vectors, one judge for each kind of file. There are two sets of judges:
 * those that ask crypto.h (test/component), and those that ask an installed module through its door
 * (test/conformance). */
#ifndef TEST_COMPONENT_WYCHEPROOF_H
#define TEST_COMPONENT_WYCHEPROOF_H

#include <json-c/json.h>

#include "crypto/crypto.h"

/* What was done with a vector. */
enum verdict {
    ACCEPTED,
    REFUSED,
    WRONG,    /* it was taken, with another result; or refused for a reason that is none */
    NOT_OURS, /* a form that is not taken at all, such as 32-bit tags: see vector_not_ours */
};

/* A vector: its group, and itself. */
struct vector {
    struct json_object *group;
    struct json_object *test;
};

enum verdict judge_gcm(const struct vector *vector);
enum verdict judge_ccm(const struct vector *vector);
enum verdict judge_cbc(const struct vector *vector);
enum verdict judge_kw(const struct vector *vector);
enum verdict judge_kwp(const struct vector *vector);
enum verdict judge_hmac_sha256(const struct vector *vector);
enum verdict judge_hmac_sha384(const struct vector *vector);
enum verdict judge_hmac_sha512(const struct vector *vector);
enum verdict judge_cmac(const struct vector *vector);
enum verdict judge_hkdf_sha256(const struct vector *vector);
enum verdict judge_hkdf_sha384(const struct vector *vector);
enum verdict judge_ecdsa_p1363(const struct vector *vector);
enum verdict judge_ecdsa_der(const struct vector *vector);
enum verdict judge_ed25519(const struct vector *vector);
enum verdict judge_ecdh_point(const struct vector *vector);
enum verdict judge_ecdh_spki(const struct vector *vector);
enum verdict judge_x25519(const struct vector *vector);
enum verdict judge_rsa_pkcs1(const struct vector *vector);
enum verdict judge_rsa_pss(const struct vector *vector);
enum verdict judge_rsa_oaep(const struct vector *vector);

/* Before and after all files; of the set of judges. */
int judges_start(void **state);
int judges_stop(void **state);

/* A field as it is, and as bytes; the bytes stay until the next vector. */
const char *vector_text(struct json_object *object, const char *name);
struct bytes vector_bytes(struct json_object *object, const char *name);
size_t vector_number(struct json_object *object, const char *name);
/* A number in big-endian bytes without zeros in front. */
struct bytes vector_integer(struct json_object *object, const char *name);
/* Frees the bytes of the vector before. */
void vector_forget(void);

/* ACCEPTED where out is just what is expected. */
enum verdict vector_compare(struct span out, struct bytes expected);
/* NOT_OURS, counted under its reason (constant text). */
enum verdict vector_not_ours(const char *reason);

/* ---- forms that stand around what is tested (wycheproof_forms.c) ---- */

struct vector_curve {
    const char *name;
    const char *sha; /* the hash that goes with it in these files */
    struct bytes oid;
    uint32_t hash;
    size_t size; /* of a coordinate */
};
/* NULL for a curve that is not ours. */
const struct vector_curve *vector_curve(const char *name);
/* r || s, `size` bytes each, out of a signature in DER; false where it is not DER of numbers that
 * fit. */
bool vector_signature_of_der(struct bytes der, size_t size, uint8_t *out);
/* The point in a SubjectPublicKeyInfo of P-256 in its canonical form; false for another form. */
bool vector_point_of_spki(struct bytes der, struct bytes *point);

#endif
