/* SPDX-License-Identifier: Apache-2.0 */
/* Verification, as the message functions and the combined ones need it. */
#ifndef HOST_PKCS11_VERIFY_H
#define HOST_PKCS11_VERIFY_H

#include "host/pkcs11/session.h"

/* C_VerifyUpdate in a locked session. */
CK_RV verify_update(struct session *session, struct bytes data) MUST_USE;

/* Compares the signature with what the operation gathered, then `data`. The operation does not
 * end. */
CK_RV verify_finish(struct session *session, struct operation *operation, struct bytes data,
                    struct bytes signature) MUST_USE;

#endif
