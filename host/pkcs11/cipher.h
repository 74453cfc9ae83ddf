/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption and decryption, as the combined and the message functions need them. */
#ifndef HOST_PKCS11_CIPHER_H
#define HOST_PKCS11_CIPHER_H

#include "host/pkcs11/session.h"

/* Where a caller wants a result: the buffer may be null to ask for the length. */
struct output {
    CK_BYTE_PTR data;
    CK_ULONG_PTR size;
};

/* C_EncryptUpdate and C_DecryptUpdate in a locked session; place is PLACE_ENCRYPT or
 * PLACE_DECRYPT. */
CK_RV cipher_update(struct session *session, unsigned place, struct bytes data,
                    struct output out) MUST_USE;

/* Encrypts or decrypts in one command; the result, of an AEAD with its tag behind it, lies in the
 * session's room until the next command. The IV that the module made is written to
 * operation->iv_back. */
CK_RV cipher_at_once(struct session *session, struct operation *operation, struct bytes data,
                     struct bytes *made) MUST_USE;

/* Bytes of the tag behind an AEAD's ciphertext; 0 for other mechanisms. */
size_t cipher_tag_size(const struct mechanism *mechanism) MUST_USE;

#endif
