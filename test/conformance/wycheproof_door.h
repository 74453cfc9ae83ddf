/* SPDX-License-Identifier: Apache-2.0 */
/* What the judges that ask the door have in common. */
#ifndef TEST_CONFORMANCE_WYCHEPROOF_DOOR_H
#define TEST_CONFORMANCE_WYCHEPROOF_DOOR_H

#include "test/component/wycheproof.h"
#include "test/conformance/door.h"

/* An attribute out of bytes. */
#define ATTR_OF(type, from) {(type), (void *)(uintptr_t)(from).data, (CK_ULONG)(from).size}

/* Imports an object of the session; 0 where the module refuses. */
CK_OBJECT_HANDLE judge_import(CK_ATTRIBUTE *template, size_t count);
/* Imports a secret key that does one kind of thing twice, such as CKA_SIGN and CKA_VERIFY; its
 * value may be read. */
CK_OBJECT_HANDLE judge_import_secret(CK_KEY_TYPE type, struct bytes value, CK_ATTRIBUTE_TYPE one,
                                     CK_ATTRIBUTE_TYPE other);
void judge_forget(CK_OBJECT_HANDLE key);

/* Verifies; any result but "valid" and "invalid" is WRONG. */
enum verdict judge_signature(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes message,
                             struct bytes signature);
/* Decrypts and compares; any result but "does not decrypt" is WRONG. */
enum verdict judge_decryption(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes cipher,
                              struct bytes plain);
/* ACCEPTED where the secret key has this value. */
enum verdict judge_value(CK_OBJECT_HANDLE key, struct bytes expected);
/* Tells of a return value that no vector may lead to. */
enum verdict judge_unexpected(const char *what, CK_RV rv);

#endif
