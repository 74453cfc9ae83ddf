/* SPDX-License-Identifier: Apache-2.0 */
/* Judges of public-key algorithms that ask the door. */
#include "test/conformance/wycheproof_door.h"

static const uint8_t ed25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
static const uint8_t x25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};

static struct json_object *member(struct json_object *object, const char *name) {
    return json_object_object_get(object, name);
}

/* Verifies under a public key that is imported for it; the keys of these files are all valid. */
static enum verdict verify_under(CK_ATTRIBUTE *template, size_t count, CK_MECHANISM *mechanism,
                                 struct bytes message, struct bytes signature) {
    CK_OBJECT_HANDLE key = judge_import(template, count);
    if (key == 0) {
        return judge_unexpected("C_CreateObject", CKR_GENERAL_ERROR);
    }
    enum verdict verdict = judge_signature(key, mechanism, message, signature);
    judge_forget(key);
    return verdict;
}

/* ---- ECDSA and EdDSA ---- */

static struct bytes octet_string(struct bytes point) {
    static uint8_t der[160];
    size_t head = point.size < 128 ? 2 : 3;
    der[0] = 0x04;
    der[1] = 0x81;
    der[head - 1] = (uint8_t)point.size;
    bytes_copy(der + head, point);
    return bytes_of(der, head + point.size);
}

static enum verdict judge_curve(CK_KEY_TYPE type, struct bytes params, struct bytes point,
                                CK_MECHANISM_TYPE algorithm, const struct vector *vector,
                                struct bytes signature) {
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_MECHANISM mechanism = {algorithm, NULL, 0};
    struct bytes wrapped = octet_string(point);
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_VERIFY, door_yes), ATTR_OF(CKA_EC_PARAMS, params),
                               ATTR_OF(CKA_EC_POINT, wrapped)};
    return verify_under(template, COUNT(template), &mechanism, vector_bytes(vector->test, "msg"),
                        signature);
}

static enum verdict judge_ecdsa(const struct vector *vector, struct bytes signature) {
    struct json_object *public = member(vector->group, "publicKey");
    const struct vector_curve *curve = vector_curve(vector_text(public, "curve"));
    if (curve == NULL || strcmp(vector_text(vector->group, "sha"), curve->sha) != 0) {
        return WRONG;
    }
    CK_MECHANISM_TYPE algorithm = curve->hash == HASH_SHA256   ? CKM_ECDSA_SHA256
                                  : curve->hash == HASH_SHA384 ? CKM_ECDSA_SHA384
                                                               : CKM_ECDSA_SHA512;
    return judge_curve(CKK_EC, curve->oid, vector_bytes(public, "uncompressed"), algorithm, vector,
                       signature);
}

enum verdict judge_ecdsa_p1363(const struct vector *vector) {
    return judge_ecdsa(vector, vector_bytes(vector->test, "sig"));
}

enum verdict judge_ecdsa_der(const struct vector *vector) {
    uint8_t signature[132];
    const struct vector_curve *curve =
        vector_curve(vector_text(member(vector->group, "publicKey"), "curve"));
    if (curve == NULL) {
        return WRONG;
    }
    if (!vector_signature_of_der(vector_bytes(vector->test, "sig"), curve->size, signature)) {
        return vector_not_ours("PKCS #11 knows no DER signatures; this one is not canonical DER");
    }
    return judge_ecdsa(vector, bytes_of(signature, 2 * curve->size));
}

enum verdict judge_ed25519(const struct vector *vector) {
    return judge_curve(CKK_EC_EDWARDS, bytes_of(ed25519_oid, sizeof(ed25519_oid)),
                       vector_bytes(member(vector->group, "publicKey"), "pk"), CKM_EDDSA, vector,
                       vector_bytes(vector->test, "sig"));
}

/* ---- agreement ---- */

static CK_OBJECT_HANDLE import_agreement_key(CK_KEY_TYPE type, struct bytes params,
                                             struct bytes value) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes),
                               ATTR(CKA_DERIVE, door_yes), ATTR_OF(CKA_EC_PARAMS, params),
                               ATTR_OF(CKA_VALUE, value)};
    return judge_import(template, COUNT(template));
}

static enum verdict agree(CK_OBJECT_HANDLE own, struct bytes peer, struct bytes shared) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_OBJECT_HANDLE secret = 0;
    CK_ECDH1_DERIVE_PARAMS params = {.kdf = CKD_NULL, .ulPublicDataLen = peer.size,
                                     .pPublicData = (CK_BYTE *)(uintptr_t)peer.data};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &params, sizeof(params)};
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SENSITIVE, door_no), ATTR(CKA_EXTRACTABLE, door_yes)};
    if (own == 0) {
        return judge_unexpected("C_CreateObject", CKR_GENERAL_ERROR);
    }
    CK_RV rv = door.f->C_DeriveKey(door.session, &mechanism, own, template, COUNT(template),
                                   &secret);
    judge_forget(own);
    if (rv != CKR_OK) {
        return rv == CKR_MECHANISM_PARAM_INVALID || rv == CKR_PUBLIC_KEY_INVALID
                   ? REFUSED
                   : judge_unexpected("C_DeriveKey", rv);
    }
    enum verdict verdict = judge_value(secret, shared);
    judge_forget(secret);
    return verdict;
}

static enum verdict judge_ecdh(const struct vector *vector, struct bytes peer) {
    const struct vector_curve *curve = vector_curve(vector_text(vector->group, "curve"));
    if (curve == NULL) {
        return WRONG;
    }
    return agree(import_agreement_key(CKK_EC, curve->oid, vector_integer(vector->test, "private")),
                 peer, vector_bytes(vector->test, "shared"));
}

enum verdict judge_ecdh_point(const struct vector *vector) {
    return judge_ecdh(vector, vector_bytes(vector->test, "public"));
}

enum verdict judge_ecdh_spki(const struct vector *vector) {
    struct bytes point;
    if (!vector_point_of_spki(vector_bytes(vector->test, "public"), &point)) {
        return vector_not_ours("the point stands in another form than the canonical one");
    }
    return judge_ecdh(vector, point);
}

enum verdict judge_x25519(const struct vector *vector) {
    return agree(import_agreement_key(CKK_EC_MONTGOMERY, bytes_of(x25519_oid, sizeof(x25519_oid)),
                                      vector_bytes(vector->test, "private")),
                 vector_bytes(vector->test, "public"), vector_bytes(vector->test, "shared"));
}

/* ---- RSA ---- */

static enum verdict judge_rsa_signature(const struct vector *vector, CK_MECHANISM *mechanism) {
    struct json_object *public = member(vector->group, "publicKey");
    CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    struct bytes modulus = vector_integer(public, "modulus");
    struct bytes exponent = vector_integer(public, "publicExponent");
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_VERIFY, door_yes), ATTR_OF(CKA_MODULUS, modulus),
                               ATTR_OF(CKA_PUBLIC_EXPONENT, exponent)};
    return verify_under(template, COUNT(template), mechanism, vector_bytes(vector->test, "msg"),
                        vector_bytes(vector->test, "sig"));
}

enum verdict judge_rsa_pkcs1(const struct vector *vector) {
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS, NULL, 0};
    return judge_rsa_signature(vector, &mechanism);
}

enum verdict judge_rsa_pss(const struct vector *vector) {
    CK_RSA_PKCS_PSS_PARAMS params = {CKM_SHA256, CKG_MGF1_SHA256,
                                     vector_number(vector->group, "sLen")};
    CK_MECHANISM mechanism = {CKM_SHA256_RSA_PKCS_PSS, &params, sizeof(params)};
    return judge_rsa_signature(vector, &mechanism);
}

static CK_OBJECT_HANDLE import_rsa(struct json_object *private) {
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
    } parts[] = {{CKA_MODULUS, "modulus"},
                 {CKA_PUBLIC_EXPONENT, "publicExponent"},
                 {CKA_PRIVATE_EXPONENT, "privateExponent"},
                 {CKA_PRIME_1, "prime1"},
                 {CKA_PRIME_2, "prime2"},
                 {CKA_EXPONENT_1, "exponent1"},
                 {CKA_EXPONENT_2, "exponent2"},
                 {CKA_COEFFICIENT, "coefficient"}};
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_KEY_TYPE type = CKK_RSA;
    CK_ATTRIBUTE template[3 + COUNT(parts)] = {ATTR(CKA_CLASS, class), ATTR(CKA_KEY_TYPE, type),
                                               ATTR(CKA_DECRYPT, door_yes)};
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct bytes value = vector_integer(private, parts[i].name);
        template[3 + i] = (CK_ATTRIBUTE)ATTR_OF(parts[i].type, value);
    }
    return judge_import(template, COUNT(template));
}

enum verdict judge_rsa_oaep(const struct vector *vector) {
    struct bytes label = vector_bytes(vector->test, "label");
    CK_RSA_PKCS_OAEP_PARAMS params = {CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED,
                                      label.size > 0 ? (void *)(uintptr_t)label.data : NULL,
                                      label.size};
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &params, sizeof(params)};
    CK_OBJECT_HANDLE key = import_rsa(member(vector->group, "privateKey"));
    if (key == 0) {
        return judge_unexpected("C_CreateObject", CKR_GENERAL_ERROR);
    }
    enum verdict verdict = judge_decryption(key, &mechanism, vector_bytes(vector->test, "ct"),
                                            vector_bytes(vector->test, "msg"));
    judge_forget(key);
    return verdict;
}
