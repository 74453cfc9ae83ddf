/* SPDX-License-Identifier: Apache-2.0 */
/* Forms around signatures and points, taken off before the module sees what is inside. */
#include "test/component/wycheproof.h"

#include <openssl/ecdsa.h>

static const struct vector_curve curves[] = {
    {"secp256r1",
     "SHA-256",
     {(const uint8_t *)"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10},
     HASH_SHA256,
     32},
    {"secp384r1", "SHA-384", {(const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x22", 7}, HASH_SHA384, 48},
    {"secp521r1", "SHA-512", {(const uint8_t *)"\x06\x05\x2b\x81\x04\x00\x23", 7}, HASH_SHA512, 66},
};

const struct vector_curve *vector_curve(const char *name) {
    for (size_t i = 0; i < COUNT(curves); i++) {
        if (strcmp(curves[i].name, name) == 0) {
            return &curves[i];
        }
    }
    return NULL;
}

bool vector_signature_of_der(struct bytes der, size_t size, uint8_t *out) {
    const unsigned char *at = der.data;
    unsigned char *again = NULL;
    ECDSA_SIG *read = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
    int length = read != NULL ? i2d_ECDSA_SIG(read, &again) : 0;
    bool strict = length > 0 && bytes_equal(bytes_of(again, (size_t)length), der) &&
                  !BN_is_negative(ECDSA_SIG_get0_r(read)) &&
                  !BN_is_negative(ECDSA_SIG_get0_s(read)) &&
                  BN_bn2binpad(ECDSA_SIG_get0_r(read), out, (int)size) == (int)size &&
                  BN_bn2binpad(ECDSA_SIG_get0_s(read), out + size, (int)size) == (int)size;
    OPENSSL_free(again);
    ECDSA_SIG_free(read);
    return strict;
}

bool vector_point_of_spki(struct bytes der, struct bytes *point) {
    static const uint8_t header[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    if (der.size <= sizeof(header) ||
        !bytes_equal(bytes_of(der.data, sizeof(header)), bytes_of(header, sizeof(header)))) {
        return false;
    }
    *point = bytes_of(der.data + sizeof(header), der.size - sizeof(header));
    return true;
}
