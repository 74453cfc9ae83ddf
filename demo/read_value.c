/* SPDX-License-Identifier: Apache-2.0 */
/* A thief inside an application that may use the token: tries through PKCS#11 to read a private key
 * or to make it readable. Usage: read-value LIBRARY TOKEN KEY. Exit: 0 all refused, 1 something was
 * possible, 2 could not even ask. */
#include "host/pkcs11/pkcs11.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *what, CK_RV rv) {
    fprintf(stderr, "read-value: %s: result 0x%lx\n", what, rv);
    return 2;
}

static int open_session(CK_FUNCTION_LIST *p11, const char *token, CK_SESSION_HANDLE *session) {
    CK_SLOT_ID slots[16];
    CK_ULONG count = 16;
    CK_RV rv = p11->C_GetSlotList(CK_TRUE, slots, &count);
    for (CK_ULONG i = 0; rv == CKR_OK && i < count; i++) {
        CK_TOKEN_INFO info;
        if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            memcmp(info.label, token, strlen(token)) == 0) {
            rv = p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                    session);
            return rv == CKR_OK ? 0 : complain("C_OpenSession", rv);
        }
    }
    return complain("the token is not there", rv);
}

static CK_RV key_find(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, const char *name,
                      CK_OBJECT_HANDLE *key) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_BYTE label[256];
    CK_ULONG count = 0, size = strlen(name) < sizeof(label) ? strlen(name) : sizeof(label);
    memcpy(label, name, size);
    CK_ATTRIBUTE query[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_LABEL, label, size}};
    CK_RV rv = p11->C_FindObjectsInit(session, query, 2);
    if (rv == CKR_OK) {
        rv = p11->C_FindObjects(session, key, 1, &count);
    }
    return rv == CKR_OK && count != 1 ? CKR_KEY_HANDLE_INVALID : rv;
}

/* Says how it went; true when it was refused for the right reason. */
static bool refused(const char *what, CK_RV rv, CK_RV right, const char *name) {
    printf("%-50s %s (0x%lx)\n", what,
           rv == right    ? name
           : rv == CKR_OK ? "POSSIBLE"
                          : "other",
           rv);
    return rv == right;
}

static int ask(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, const char *name) {
    CK_BYTE value[512];
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_OBJECT_HANDLE key = 0, copy = 0;
    CK_ATTRIBUTE wanted = {CKA_VALUE, value, sizeof(value)};
    CK_ATTRIBUTE open = {CKA_SENSITIVE, &no, sizeof(no)};
    CK_ATTRIBUTE weaker = {CKA_EXTRACTABLE, &yes, sizeof(yes)};
    CK_RV rv = key_find(p11, session, name, &key);
    if (rv != CKR_OK) {
        return complain("the key is not there", rv);
    }
    bool all = refused("C_GetAttributeValue of CKA_VALUE",
                       p11->C_GetAttributeValue(session, key, &wanted, 1), CKR_ATTRIBUTE_SENSITIVE,
                       "CKR_ATTRIBUTE_SENSITIVE");
    all &= refused("C_SetAttributeValue of CKA_SENSITIVE to false",
                   p11->C_SetAttributeValue(session, key, &open, 1), CKR_ATTRIBUTE_READ_ONLY,
                   "CKR_ATTRIBUTE_READ_ONLY");
    all &= refused("C_SetAttributeValue of CKA_EXTRACTABLE to true",
                   p11->C_SetAttributeValue(session, key, &weaker, 1), CKR_ATTRIBUTE_READ_ONLY,
                   "CKR_ATTRIBUTE_READ_ONLY");
    rv = p11->C_CopyObject(session, key, &weaker, 1, &copy);
    printf("%-50s %s (0x%lx)\n", "C_CopyObject, the copy with CKA_EXTRACTABLE",
           rv == CKR_OK ? "POSSIBLE" : "refused", rv);
    return all && rv != CKR_OK ? 0 : 1;
}

int main(int argc, char **argv) {
    CK_FUNCTION_LIST *p11 = NULL;
    CK_C_GetFunctionList get = NULL;
    CK_SESSION_HANDLE session = 0;
    void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
    if (!library) {
        fprintf(stderr, "usage: read-value LIBRARY TOKEN KEY\n");
        return 2;
    }
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    CK_RV rv = get ? get(&p11) : CKR_GENERAL_ERROR;
    if (rv == CKR_OK) {
        rv = p11->C_Initialize(NULL);
    }
    if (rv != CKR_OK) {
        return complain("C_Initialize", rv);
    }
    int result = open_session(p11, argv[2], &session);
    return result == 0 ? ask(p11, session, argv[3]) : result;
}
