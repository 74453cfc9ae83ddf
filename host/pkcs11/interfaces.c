/* SPDX-License-Identifier: Apache-2.0 */
/* The function lists of versions 3.2, 3.0 and 2.40, and the calls that hand them out. None of these
 * needs C_Initialize. */
#include "host/pkcs11/door.h"

#define FUNCTION(name, arguments) name,

static CK_FUNCTION_LIST list_2_40 = {{2, 40}, CK_FUNCTIONS_2_40(FUNCTION)};
static CK_FUNCTION_LIST_3_0 list_3_0 = {{3, 0}, CK_FUNCTIONS_3_0(FUNCTION)};
static CK_FUNCTION_LIST_3_2 list_3_2 = {{3, 2}, CK_FUNCTIONS_3_2(FUNCTION)};

static CK_UTF8CHAR standard_name[] = "PKCS 11";

/* The first is the default. Handles and logins do not live on in a child: no
 * CKF_INTERFACE_FORK_SAFE. */
static CK_INTERFACE interfaces[] = {
    {standard_name, &list_3_2, 0},
    {standard_name, &list_3_0, 0},
    {standard_name, &list_2_40, 0},
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR ppFunctionList) {
    if (ppFunctionList == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    *ppFunctionList = &list_2_40;
    return CKR_OK;
}

CK_RV C_GetInterfaceList(CK_INTERFACE_PTR pInterfacesList, CK_ULONG_PTR pulCount) {
    if (pulCount == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    CK_ULONG room = *pulCount;
    *pulCount = COUNT(interfaces);
    if (pInterfacesList == NULL) {
        return CKR_OK;
    }
    if (room < COUNT(interfaces)) {
        return CKR_BUFFER_TOO_SMALL;
    }
    memcpy(pInterfacesList, interfaces, sizeof(interfaces));
    return CKR_OK;
}

static bool is_wanted(const CK_INTERFACE *interface, const CK_UTF8CHAR *name,
                      const CK_VERSION *version, CK_FLAGS flags) {
    const CK_VERSION *own = interface->pFunctionList;
    return (name == NULL ||
            strcmp((const char *)name, (const char *)interface->pInterfaceName) == 0) &&
           (version == NULL || (version->major == own->major && version->minor == own->minor)) &&
           (flags & ~interface->flags) == 0;
}

CK_RV C_GetInterface(CK_UTF8CHAR_PTR pInterfaceName, CK_VERSION_PTR pVersion,
                     CK_INTERFACE_PTR_PTR ppInterface, CK_FLAGS flags) {
    if (ppInterface == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    for (size_t i = 0; i < COUNT(interfaces); i++) {
        if (is_wanted(&interfaces[i], pInterfaceName, pVersion, flags)) {
            *ppInterface = &interfaces[i];
            return CKR_OK;
        }
    }
    return CKR_FUNCTION_FAILED;
}
