/* SPDX-License-Identifier: Apache-2.0 */
/* Keys as DER: SubjectPublicKeyInfo (RFC 5280, 4.1; RFC 5480, 8410) and PrivateKeyInfo (PKCS #8,
 * RFC 5958, with RFC 8017, 5915 and 8410 inside). */
#include "base/limits.h"
#include "base/wipe.h"
#include "crypto/common/der.h"
#include "crypto/common/mechanism.h"
#include "crypto/common/parts.h"

#define OID(...) \
    { (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}) }
static const struct bytes rsa_encryption =
    OID(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);
static const struct bytes ec_public_key = OID(0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);

/* ---- writing, each from its end to its beginning ---- */

/* AlgorithmIdentifier. */
static enum status put_algorithm(struct der_writer *writer, const struct key_parts *parts) {
    static const uint8_t null[] = {DER_NULL, 0};
    const struct curve *curve = NULL;
    size_t end = writer->at;
    if (parts->type == KEY_RSA) {
        der_put(writer, bytes_of(null, sizeof(null)));
        der_put(writer, rsa_encryption);
    } else {
        TRY(curve_find(parts->type, parts->ec_params, &curve));
        der_put(writer, curve->oid);
        if (parts->type == KEY_EC) {
            der_put(writer, ec_public_key);
        }
    }
    der_wrap(writer, DER_SEQUENCE, end);
    return STATUS_OK;
}

/* The bits of a point, after which comes their end. */
static void put_bits(struct der_writer *writer, size_t end) {
    der_put_byte(writer, 0);
    der_wrap(writer, DER_BIT_STRING, end);
}

static enum status write_spki(const struct key_parts *parts, struct span *out) {
    struct der_writer writer = der_writer(*out);
    size_t end = writer.at;
    if (parts->type == KEY_RSA) {
        der_put_number(&writer, parts->public_exponent);
        der_put_number(&writer, parts->modulus);
        der_wrap(&writer, DER_SEQUENCE, end);
    } else {
        der_put(&writer, parts->ec_point);
    }
    put_bits(&writer, end);
    TRY(put_algorithm(&writer, parts));
    der_wrap(&writer, DER_SEQUENCE, end);
    return der_finish(&writer, out);
}

enum status crypto_key_spki(const struct key_parts *parts, struct span *out) {
    bool is_whole = parts->type == KEY_RSA
                        ? parts->modulus.size > 0 && parts->public_exponent.size > 0
                        : parts->ec_point.size > 0;
    if (key_is_secret(parts->type) || !is_whole) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    return write_spki(parts, out);
}

/* RSAPrivateKey (RFC 8017, A.1.2). */
static void put_rsa(struct der_writer *writer, const struct key_parts *parts) {
    const struct bytes numbers[] = {
        parts->coefficient, parts->exponent_2,       parts->exponent_1,      parts->prime_2,
        parts->prime_1,     parts->private_exponent, parts->public_exponent, parts->modulus,
    };
    size_t end = writer->at;
    for (size_t i = 0; i < COUNT(numbers); i++) {
        der_put_number(writer, numbers[i]);
    }
    der_put_number(writer, bytes_of(NULL, 0)); /* two primes */
    der_wrap(writer, DER_SEQUENCE, end);
}

/* ECPrivateKey (RFC 5915), its parameters being outside. */
static void put_ec(struct der_writer *writer, const struct key_parts *parts) {
    static const uint8_t version[] = {1};
    size_t end = writer->at;
    der_put(writer, parts->ec_point);
    put_bits(writer, end);
    der_wrap(writer, DER_CONTEXT_1, end);
    size_t value_end = writer->at;
    der_put(writer, parts->value);
    der_wrap(writer, DER_OCTET_STRING, value_end);
    der_put_number(writer, bytes_of(version, 1));
    der_wrap(writer, DER_SEQUENCE, end);
}

static enum status write_pkcs8(const struct key_parts *parts, struct span *out) {
    struct der_writer writer = der_writer(*out);
    size_t end = writer.at;
    switch (parts->type) {
    case KEY_RSA:
        put_rsa(&writer, parts);
        break;
    case KEY_EC:
        put_ec(&writer, parts);
        break;
    default: /* CurvePrivateKey (RFC 8410, 7) */
        der_put(&writer, parts->value);
        der_wrap(&writer, DER_OCTET_STRING, end);
        break;
    }
    der_wrap(&writer, DER_OCTET_STRING, end);
    TRY(put_algorithm(&writer, parts));
    der_put_number(&writer, bytes_of(NULL, 0)); /* version 1 */
    der_wrap(&writer, DER_SEQUENCE, end);
    return der_finish(&writer, out);
}

enum status crypto_key_to_pkcs8(const struct key_parts *parts, struct span *out) {
    SECRET_BYTES(bytes, PARTS_ROOM);
    struct span room = {bytes, sizeof(bytes)};
    struct key_parts filled = *parts;
    if (key_is_secret(parts->type) || !parts->is_private) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    TRY(parts_fill(&filled, &room));
    return write_pkcs8(&filled, out);
}

/* ---- reading ---- */

static bool is_zero(struct bytes number) {
    return number.size == 0;
}

static bool take_rsa(struct bytes from, struct key_parts *parts) {
    struct bytes version;
    struct bytes all;
    struct bytes *numbers[] = {
        &parts->modulus, &parts->public_exponent, &parts->private_exponent, &parts->prime_1,
        &parts->prime_2, &parts->exponent_1,      &parts->exponent_2,       &parts->coefficient,
    };
    parts->type = KEY_RSA;
    if (!der_take(&from, DER_SEQUENCE, &all) || from.size != 0 ||
        !der_take_number(&all, &version) || !is_zero(version)) {
        return false;
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        /* Zero is none of them, and would read as "not there". */
        if (!der_take_number(&all, numbers[i]) || is_zero(*numbers[i])) {
            return false;
        }
    }
    return all.size == 0;
}

/* The parts that may follow the number in ECPrivateKey: the name of the curve, and the point. */
static bool take_ec_rest(struct bytes from, struct key_parts *parts) {
    struct bytes part;
    if (der_is(from, DER_CONTEXT_0) &&
        (!der_take(&from, DER_CONTEXT_0, &part) || !bytes_equal(part, parts->ec_params))) {
        return false;
    }
    if (der_is(from, DER_CONTEXT_1)) {
        struct bytes point;
        if (!der_take(&from, DER_CONTEXT_1, &part) || !der_take_bits(&part, &point) ||
            part.size != 0) {
            return false;
        }
        /* A compressed point says nothing that the number does not say. */
        parts->ec_point = der_is(point, POINT_UNCOMPRESSED) ? point : bytes_of(NULL, 0);
    }
    return from.size == 0;
}

static bool take_ec(struct bytes from, struct key_parts *parts) {
    struct bytes all;
    struct bytes version;
    parts->type = KEY_EC;
    return der_take(&from, DER_SEQUENCE, &all) && from.size == 0 &&
           der_take_number(&all, &version) && version.size == 1 && version.data[0] == 1 &&
           der_take(&all, DER_OCTET_STRING, &parts->value) && take_ec_rest(all, parts);
}

static bool take_25519(struct bytes from, struct key_parts *parts) {
    for (int i = CURVE_ED25519; i <= CURVE_X25519; i++) {
        const struct curve *curve = curve_at((enum curve_id)i);
        if (bytes_equal(parts->ec_params, curve->oid)) {
            parts->type = curve->type;
            return der_take(&from, DER_OCTET_STRING, &parts->value) && from.size == 0;
        }
    }
    return false;
}

/* AlgorithmIdentifier and the key in it. */
static bool take_key(struct bytes algorithm, struct bytes key, struct key_parts *parts) {
    struct bytes null;
    struct bytes all = algorithm;
    struct bytes oid;
    if (!der_take(&algorithm, DER_OID, &oid)) {
        return false;
    }
    struct bytes named = bytes_of(all.data, all.size - algorithm.size);
    if (bytes_equal(named, rsa_encryption)) {
        return (algorithm.size == 0 ||
                (der_take(&algorithm, DER_NULL, &null) && null.size == 0 && algorithm.size == 0)) &&
               take_rsa(key, parts);
    }
    if (bytes_equal(named, ec_public_key)) {
        parts->ec_params = algorithm;
        return take_ec(key, parts);
    }
    parts->ec_params = named;
    return algorithm.size == 0 && take_25519(key, parts);
}

/* PrivateKeyInfo, or OneAsymmetricKey: attributes and a public key may follow, and are not needed.
 */
static bool take_pkcs8(struct bytes der, struct key_parts *parts) {
    struct bytes all;
    struct bytes version;
    struct bytes algorithm;
    struct bytes key;
    struct bytes rest;
    if (!der_take(&der, DER_SEQUENCE, &all) || der.size != 0 || !der_take_number(&all, &version) ||
        !(is_zero(version) || (version.size == 1 && version.data[0] == 1)) ||
        !der_take(&all, DER_SEQUENCE, &algorithm) || !der_take(&all, DER_OCTET_STRING, &key)) {
        return false;
    }
    if (der_is(all, DER_CONTEXT_0) && !der_take(&all, DER_CONTEXT_0, &rest)) {
        return false;
    }
    if (der_is(all, DER_IMPLICIT_1) && !der_take(&all, DER_IMPLICIT_1, &rest)) {
        return false;
    }
    return all.size == 0 && take_key(algorithm, key, parts);
}

enum status crypto_key_from_pkcs8(struct bytes der, struct key_parts *parts, struct span *room) {
    struct key_parts read = {.is_private = true};
    const struct curve *curve = NULL;
    size_t capacity = room->size;
    if (der.size > OBJECT_SIZE_MAX || !take_pkcs8(der, &read)) {
        return STATUS_WRAPPED_KEY_INVALID;
    }
    enum status status = crypto_key_complete(&read, room);
    if (status == STATUS_OK && read.type != KEY_RSA) {
        status = curve_find(read.type, read.ec_params, &curve);
    }
    if (status == STATUS_OK) {
        if (curve != NULL) {
            read.ec_params = curve->oid; /* not in `der` any more */
        }
        *parts = read;
        return STATUS_OK;
    }
    wipe(room->data, capacity);
    /* Whatever the key lacks is the wrapper's fault; want of memory or entropy is ours. */
    return status == STATUS_NO_ENTROPY || status == STATUS_MEMORY || status == STATUS_INTERNAL
               ? status
               : STATUS_WRAPPED_KEY_INVALID;
}
