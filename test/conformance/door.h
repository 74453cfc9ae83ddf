/* SPDX-License-Identifier: Apache-2.0 */
/* Stories told to the PKCS#11 door through its function list. Each runs twice: on a module in the
 * same process (suite component, under the sanitizers), and on the library and daemon as they are
 * installed. */
#ifndef TEST_CONFORMANCE_DOOR_H
#define TEST_CONFORMANCE_DOOR_H

#include "base/compiler.h"
#include "host/pkcs11/pkcs11.h"
#include "host/pkcs11/pkcs11_vendor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The ground that a story stands on; filled by the two forms of door_ground(). */
struct door {
    CK_FUNCTION_LIST_3_2 *f;
    const char *label;
    const char *pin;
    const char *so_pin;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session; /* read/write, user logged in */
};
extern struct door door;

/* Finds the library and a token with the compatible profile, unless `strict`; not initialised
 * yet. */
void door_ground(void);
void door_ground_end(void);
/* Sets the token's profile where the ground can; false where it came with the token. */
bool door_set_strict(bool strict);

/* Before and after all stories of a program. */
int door_begin(void **state);
int door_finish(void **state);
/* Before and after each story: initialised, a session, the user logged in; and all of it gone. */
int door_enter(void **state);
int door_leave(void **state);

#define door_is(rv, wanted) assert_int_equal((rv), (wanted))
#define door_ok(rv) assert_int_equal((rv), CKR_OK)

/* One attribute of a template. */
#define ATTR(type, variable) {(type), &(variable), sizeof(variable)}
#define ATTR_BYTES(type, array) {(type), (void *)(uintptr_t)(array), sizeof(array)}
extern CK_BBOOL door_yes, door_no;

/* Keys of the session. */
CK_OBJECT_HANDLE door_aes(CK_ULONG size);
CK_OBJECT_HANDLE door_generic(const void *value, CK_ULONG size);
void door_ec_pair(CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key);
void door_rsa_pair(CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key);
CK_OBJECT_HANDLE door_data(const char *label, const void *value, CK_ULONG size);
CK_SESSION_HANDLE door_session(CK_FLAGS flags);

/* A story that enters and leaves. */
#define STORY(name) cmocka_unit_test_setup_teardown(name, door_enter, door_leave)

#endif
