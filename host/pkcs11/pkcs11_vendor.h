/* SPDX-License-Identifier: Apache-2.0 */
/* What Edge HSM adds to PKCS #11: one mechanism of its own.
 *
 * CKM_EDGEHSM_WRAP_WITH_ATTRIBUTES wraps a key under an AES-256 key together with its attributes,
 * all under one tag; unwrapping gives the key back with the attributes it had and takes no
 * template. Its parameter, where given, is a byte string that the tag covers too (or: the
 * associated data of C_WrapKeyAuthenticated). */
#ifndef HOST_PKCS11_VENDOR_H
#define HOST_PKCS11_VENDOR_H

#define CKM_EDGEHSM_WRAP_WITH_ATTRIBUTES 0xc5485301UL /* vendor bit, "EHS", 1 */

#endif
