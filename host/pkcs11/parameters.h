/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of mechanism parameters, one for each shape that mechanisms.def names. */
#ifndef HOST_PKCS11_PARAMETERS_H
#define HOST_PKCS11_PARAMETERS_H

#include "host/pkcs11/mechanisms.h"

/* Reads the parameter of a mechanism whose row is read->row into *read.
 * CKR_MECHANISM_PARAM_INVALID for a parameter of another size, with a null pointer where bytes are
 * announced, or out of range. */
CK_RV parameters_read(const CK_MECHANISM *from, uint32_t function,
                      struct mechanism_read *read) MUST_USE;

/* Byte strings of a mechanism are at most this long on the wire. */
enum { PARAMETER_BYTES_MAX = 1024 };

/* Takes a byte string of a parameter. CKR_MECHANISM_PARAM_INVALID: null with a length, or too
 * long. */
CK_RV parameters_bytes(const void *data, CK_ULONG size, struct bytes *bytes) MUST_USE;
/* Takes a number of a parameter. CKR_MECHANISM_PARAM_INVALID above 32 bits. */
CK_RV parameters_number(CK_ULONG number, uint32_t *to) MUST_USE;

#endif
