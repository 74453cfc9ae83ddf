/* SPDX-License-Identifier: Apache-2.0 */
/* Project Wycheproof's vectors, one judge for each kind of file. */
#ifndef TEST_COMPONENT_WYCHEPROOF_H
#define TEST_COMPONENT_WYCHEPROOF_H

#include <json-c/json.h>

#include "crypto/crypto.h"

/* What crypto.h did with a vector. */
enum verdict {
    ACCEPTED,
    REFUSED,
    WRONG,    /* it took the vector, with another result */
    NOT_OURS, /* a form that crypto.h does not take at all, such as 32-bit tags */
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

#endif
