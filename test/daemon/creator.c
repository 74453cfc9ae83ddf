/* SPDX-License-Identifier: Apache-2.0 */
/* creator create: makes token objects numbered on from what standard input says, and prints each
 * number when the module has acknowledged it, until the module is gone.
 * creator check N: whether all objects from 1 to N are there, each once. */
#include "base/compiler.h"
#include "host/pkcs11/pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static CK_FUNCTION_LIST *f;
static CK_SESSION_HANDLE session;

static int log_in(void) {
    CK_C_GetFunctionList get = NULL;
    CK_SLOT_ID slots[16];
    CK_ULONG count = COUNT(slots);
    void *library = dlopen(getenv("MODULE"), RTLD_NOW | RTLD_LOCAL);
    char *pin = getenv("PIN");
    if (library == NULL || pin == NULL) {
        return -1;
    }
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    return get(&f) == CKR_OK && f->C_Initialize(NULL) == CKR_OK &&
                   f->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK &&
                   f->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                    &session) == CKR_OK &&
                   f->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)) == CKR_OK
               ? 0
               : -1;
}

static CK_RV create(unsigned number) {
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_OBJECT_HANDLE object;
    char label[16];
    int size = snprintf(label, sizeof(label), "object-%u", number);
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &class, sizeof(class)}, {CKA_TOKEN, &yes, 1},
        {CKA_LABEL, label, (CK_ULONG)size}, {CKA_VALUE, &number, sizeof(number)},
    };
    return f->C_CreateObject(session, template, COUNT(template), &object);
}

static CK_ULONG count(unsigned number) {
    CK_OBJECT_HANDLE found[4];
    CK_ULONG many = 0;
    char label[16];
    int size = snprintf(label, sizeof(label), "object-%u", number);
    CK_ATTRIBUTE template[] = {{CKA_LABEL, label, (CK_ULONG)size}};
    if (f->C_FindObjectsInit(session, template, 1) != CKR_OK ||
        f->C_FindObjects(session, found, COUNT(found), &many) != CKR_OK ||
        f->C_FindObjectsFinal(session) != CKR_OK) {
        return 99;
    }
    return many;
}

int main(int arguments, char **argument) {
    unsigned number = 0;
    if (arguments < 2 || log_in() != 0) {
        fprintf(stderr, "creator: cannot log in\n");
        return 2;
    }
    if (strcmp(argument[1], "create") == 0) {
        if (scanf("%u", &number) != 1) {
            return 2;
        }
        /* One may be there that the module had written when it was killed, and not acknowledged. */
        for (number++; count(number) == 1 || create(number) == CKR_OK; number++) {
            printf("%u\n", number);
            fflush(stdout);
        }
        return 0;
    }
    unsigned last = arguments > 2 ? (unsigned)atoi(argument[2]) : 0;
    for (number = 1; number <= last; number++) {
        if (count(number) != 1) {
            printf("object %u is there %lu times\n", number, count(number));
            return 1;
        }
    }
    return 0;
}
