/* SPDX-License-Identifier: Apache-2.0 */
/* Digests, as the functions that combine two operations need them. */
#ifndef HOST_PKCS11_DIGEST_H
#define HOST_PKCS11_DIGEST_H

#include "host/pkcs11/session.h"

/* C_DigestUpdate in a locked session. */
CK_RV digest_update(struct session *session, struct bytes data) MUST_USE;

#endif
