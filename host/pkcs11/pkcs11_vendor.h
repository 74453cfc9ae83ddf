/* SPDX-License-Identifier: Apache-2.0 */
/* What Edge HSM adds to PKCS #11: two mechanisms, limits on the use of a key, and policies.
 *
 * CKM_EDGEHSM_WRAP_WITH_ATTRIBUTES wraps a key under an AES-256 key together with its attributes,
 * all under one tag; unwrapping gives the key back with the attributes it had and takes no
 * template. Its parameter, where given, is a byte string that the tag covers too (or: the
 * associated data of C_WrapKeyAuthenticated).
 *
 * CKM_EDGEHSM_SIGN_MESSAGE signs a message under the policy that the key was made with
 * (CKA_EDGEHSM_POLICY, private EC and Ed25519 keys of the token; doc/POLICY.md): C_Sign takes the
 * message, deterministic CBOR of at most 1024 bytes, and gives a COSE_Sign1; the buffer takes as
 * many bytes as C_Sign with none tells. No parameter. A message that the policy does not allow is
 * CKR_ACTION_PROHIBITED, one that has not its shape CKR_DATA_INVALID. Such a key does nothing
 * else. */
#ifndef HOST_PKCS11_VENDOR_H
#define HOST_PKCS11_VENDOR_H

#define CKM_EDGEHSM_WRAP_WITH_ATTRIBUTES 0xc5485301UL /* vendor bit, "EHS", 1 */
#define CKM_EDGEHSM_SIGN_MESSAGE         0xc5485302UL

/* The compiled policy of a private key. C_SetAttributeValue of it alone, with a higher version,
 * waits for people in the same way (doc/APPROVAL.md). */
#define CKA_EDGEHSM_POLICY 0xc548530bUL

/* Limits (doc/LIMITS.md), of private and secret keys. A template gives them when the key is made;
 * C_SetAttributeValue adds and tightens; to loosen waits for people (CKR_ACTION_PROHIBITED), and is
 * refused without a roles file (CKR_ATTRIBUTE_READ_ONLY). Numbers are CK_ULONG. A use beyond a
 * limit: CKR_KEY_EXHAUSTED (uses), CKR_FUNCTION_REJECTED (rate: again later), CKR_ACTION_PROHIBITED
 * (hours, lease), CKR_USER_NOT_LOGGED_IN (the PIN is wanted again: C_Login with
 * CKU_CONTEXT_SPECIFIC). */
#define CKA_EDGEHSM_USES_MAX      0xc5485301UL /* number of uses */
#define CKA_EDGEHSM_RATE_USES     0xc5485302UL /* so many uses ... */
#define CKA_EDGEHSM_RATE_MS       0xc5485303UL /* ... in so many milliseconds */
#define CKA_EDGEHSM_RATE_BURST    0xc5485304UL /* so many at once; default: RATE_USES */
#define CKA_EDGEHSM_HOURS_FROM    0xc5485305UL /* minute of the UTC day */
#define CKA_EDGEHSM_HOURS_TO      0xc5485306UL
#define CKA_EDGEHSM_LOGIN_USES    0xc5485307UL /* after so many uses the PIN is wanted again */
#define CKA_EDGEHSM_LEASE_USES    0xc5485308UL /* uses since the newest renewal */
#define CKA_EDGEHSM_LEASE_SECONDS 0xc5485309UL /* seconds the module was up since then */
#define CKA_EDGEHSM_LEASE_KEY     0xc548530aUL /* SubjectPublicKeyInfo (DER) of who renews */

#endif
