/* SPDX-License-Identifier: Apache-2.0 */
/* Signing and MACs, as the message functions and the combined ones need them. */
#ifndef HOST_PKCS11_SIGN_H
#define HOST_PKCS11_SIGN_H

#include "host/pkcs11/session.h"

/* C_SignUpdate in a locked session. */
CK_RV sign_update(struct session *session, struct bytes data) MUST_USE;

/* Signs what the operation gathered, then `data`; gives the signature or its length. The operation
 * does not end. */
CK_RV sign_finish(struct session *session, struct operation *operation, struct bytes data,
                  CK_BYTE_PTR signature, CK_ULONG_PTR size) MUST_USE;

#endif
