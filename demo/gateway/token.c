/* SPDX-License-Identifier: Apache-2.0 */
/* The token by PKCS#11. */
#include "demo/gateway/token.h"

#include <dlfcn.h>
#include <stdio.h>

enum { SLOTS_MAX = 16, LABEL_SIZE = 32, PIN_MAX = 256 };

static bool good(const char *what, CK_RV rv) {
    if (rv != CKR_OK) {
        fprintf(stderr, "token: %s: result 0x%lx %s\n", what, rv, token_result(rv));
    }
    return rv == CKR_OK;
}

static bool load(struct token *token, const char *library) {
    CK_C_GetFunctionList get = NULL;
    void *handle = dlopen(library, RTLD_NOW);
    if (handle == NULL) {
        fprintf(stderr, "token: %s\n", dlerror());
        return false;
    }
    *(void **)&get = dlsym(handle, "C_GetFunctionList");
    return get != NULL && good("C_GetFunctionList", get(&token->p11)) &&
           good("C_Initialize", token->p11->C_Initialize(NULL));
}

/* Labels are padded with blanks. */
static bool is_label(const CK_TOKEN_INFO *info, const char *label) {
    size_t size = strlen(label);
    if (size > LABEL_SIZE || !bytes_equal(bytes_of(info->label, size), bytes_of_text(label))) {
        return false;
    }
    return bytes_all(bytes_of(info->label + size, LABEL_SIZE - size), ' ');
}

static bool open_session(struct token *token, const char *label) {
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    if (!good("C_GetSlotList", token->p11->C_GetSlotList(CK_TRUE, slots, &count))) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (token->p11->C_GetTokenInfo(slots[i], &info) == CKR_OK && is_label(&info, label)) {
            return good("C_OpenSession", token->p11->C_OpenSession(slots[i], CKF_SERIAL_SESSION,
                                                                   NULL, NULL, &token->session));
        }
    }
    fprintf(stderr, "token: there is no token '%s'\n", label);
    return false;
}

static bool login(struct token *token, const char *pin_file) {
    char pin[PIN_MAX] = "";
    FILE *file = fopen(pin_file, "r");
    bool read = file != NULL && fgets(pin, sizeof(pin), file) != NULL;
    if (file != NULL) {
        fclose(file);
    }
    if (!read) {
        fprintf(stderr, "token: %s: no PIN in it\n", pin_file);
        return false;
    }
    size_t size = strcspn(pin, "\n");
    return good("C_Login", token->p11->C_Login(token->session, CKU_USER, (CK_UTF8CHAR *)pin, size));
}

bool token_open(struct token *token, const char *library, const char *label, const char *pin_file) {
    return load(token, library) && open_session(token, label) && login(token, pin_file);
}

bool token_key(struct token *token, const char *label, CK_OBJECT_HANDLE *key, struct span *policy) {
    CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
    CK_ULONG count = 0;
    CK_ATTRIBUTE query[] = {{CKA_CLASS, &class, sizeof(class)},
                            {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)}};
    CK_ATTRIBUTE wanted = {CKA_EDGEHSM_POLICY, policy->data, policy->size};
    if (!good("C_FindObjectsInit", token->p11->C_FindObjectsInit(token->session, query, 2)) ||
        !good("C_FindObjects", token->p11->C_FindObjects(token->session, key, 1, &count)) ||
        !good("C_FindObjectsFinal", token->p11->C_FindObjectsFinal(token->session))) {
        return false;
    }
    if (count != 1) {
        fprintf(stderr, "token: there is no key '%s'\n", label);
        return false;
    }
    CK_RV rv = token->p11->C_GetAttributeValue(token->session, *key, &wanted, 1);
    policy->size = wanted.ulValueLen;
    return good("C_GetAttributeValue of CKA_EDGEHSM_POLICY", rv);
}

CK_RV token_sign(struct token *token, CK_OBJECT_HANDLE key, struct bytes message,
                 struct span *statement) {
    CK_MECHANISM mechanism = {CKM_EDGEHSM_SIGN_MESSAGE, NULL, 0};
    CK_ULONG size = statement->size;
    CK_RV rv = token->p11->C_SignInit(token->session, &mechanism, key);
    if (rv == CKR_OK) {
        rv = token->p11->C_Sign(token->session, (CK_BYTE *)(uintptr_t)message.data, message.size,
                                statement->data, &size);
    }
    statement->size = rv == CKR_OK ? size : 0;
    return rv;
}

const char *token_result(CK_RV result) {
    switch (result) {
    case CKR_ACTION_PROHIBITED:
        return "CKR_ACTION_PROHIBITED";
    case CKR_DATA_INVALID:
        return "CKR_DATA_INVALID";
    case CKR_KEY_FUNCTION_NOT_PERMITTED:
        return "CKR_KEY_FUNCTION_NOT_PERMITTED";
    default:
        return "";
    }
}

void token_close(struct token *token) {
    if (token->p11 != NULL) {
        token->p11->C_Finalize(NULL);
    }
}
