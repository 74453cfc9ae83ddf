/* SPDX-License-Identifier: Apache-2.0 */
/* PINs as callers give them. */
#ifndef HOST_PKCS11_PINS_H
#define HOST_PKCS11_PINS_H

#include "host/pkcs11/door.h"

/* Takes a PIN. CKR_ARGUMENTS_BAD for a null pointer: there is no other way to enter one;
 * CKR_PIN_LEN_RANGE above PIN_SIZE_MAX. */
CK_RV pins_read(const CK_UTF8CHAR *pin, CK_ULONG size, struct bytes *to) MUST_USE;

#endif
