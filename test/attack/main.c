/* SPDX-License-Identifier: Apache-2.0 */
/* Tries every attack against the module in $MODULE (token $TOKEN_LABEL, $PIN, $SO_PIN) and prints a
 * line for each. Locks the user PIN at the end: use a token made for it. */
#include "test/attack/attack.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *from_environment(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fprintf(stderr, "attack: %s is not set; run it through tools/with-module\n", name);
        exit(2);
    }
    return value;
}

static void give_up(const char *what, CK_RV rv) {
    fprintf(stderr, "attack: %s: 0x%lx\n", what, (unsigned long)rv);
    exit(2);
}

static bool find_token(struct target *target, const char *label) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    if (target->p11->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        size_t size = strlen(label);
        if (target->p11->C_GetTokenInfo(slots[i], &info) == CKR_OK && size <= 32 &&
            memcmp(info.label, label, size) == 0 && (size == 32 || info.label[size] == ' ')) {
            target->slot = slots[i];
            return true;
        }
    }
    return false;
}

/* NSS wants its parameters in a field that stands before pReserved in its own form of the
 * arguments. */
struct nss_arguments {
    void *functions[4];
    CK_FLAGS flags;
    const char *parameters;
    void *reserved;
};

static CK_RV initialize(CK_FUNCTION_LIST_PTR p11) {
    struct nss_arguments arguments = {.flags = CKF_OS_LOCKING_OK,
                                      .parameters = getenv("NSS_PARAMETERS")};
    return p11->C_Initialize(arguments.parameters != NULL ? &arguments : NULL);
}

static void open_module(struct target *target) {
    void *library = dlopen(from_environment("MODULE"), RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "attack: %s\n", dlerror());
        exit(2);
    }
    CK_RV (*get_list)(CK_FUNCTION_LIST_PTR_PTR) = NULL;
    *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    if (get_list == NULL || get_list(&target->p11) != CKR_OK) {
        give_up("C_GetFunctionList", CKR_GENERAL_ERROR);
    }
    CK_RV rv = initialize(target->p11);
    if (rv != CKR_OK) {
        give_up("C_Initialize", rv);
    }
    target->pin = from_environment("PIN");
    target->so_pin = from_environment("SO_PIN");
    if (!find_token(target, from_environment("TOKEN_LABEL"))) {
        give_up("no such token", CKR_TOKEN_NOT_PRESENT);
    }
    rv = target->p11->C_OpenSession(target->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                    &target->session);
    if (rv != CKR_OK) {
        give_up("C_OpenSession", rv);
    }
    rv = target->p11->C_Login(target->session, CKU_USER, (CK_UTF8CHAR_PTR)(size_t)target->pin,
                              strlen(target->pin));
    if (rv != CKR_OK) {
        give_up("C_Login", rv);
    }
}

static int run(struct target *target, const struct attack *attacks, size_t count, int *number) {
    static const char *const words[] = {"refused", "WORKS", "absent"};
    int works = 0;
    for (size_t i = 0; i < count; i++) {
        enum outcome outcome = attacks[i].run(target);
        works += outcome == WORKS ? 1 : 0;
        printf("%s %d - %-4s %-7s %s\n", outcome == WORKS ? "not ok" : "ok", ++*number,
               attacks[i].id, words[outcome], attacks[i].text);
        fflush(stdout);
    }
    return works;
}

int main(void) {
    struct target target = {0};
    int number = 0;
    int works = 0;
    open_module(&target);
    printf("1..%zu\n", wrapping_attack_count + attribute_attack_count + mechanism_attack_count +
                           login_attack_count);
    works += run(&target, wrapping_attacks, wrapping_attack_count, &number);
    works += run(&target, attribute_attacks, attribute_attack_count, &number);
    works += run(&target, mechanism_attacks, mechanism_attack_count, &number);
    works += run(&target, login_attacks, login_attack_count, &number);
    printf("# %d of %d attacks work\n", works, number);
    return works == 0 ? 0 : 1;
}
