/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on logins: another process, guessing, the security officer. */
#include "test/attack/attack.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static CK_OBJECT_HANDLE make_private_data(struct target *target) {
    CK_OBJECT_HANDLE object = 0;
    struct attributes attributes;
    attributes_start(&attributes);
    attributes_number(&attributes, CKA_CLASS, CKO_DATA);
    attributes_flag(&attributes, CKA_TOKEN, true);
    attributes_flag(&attributes, CKA_PRIVATE, true);
    attributes_bytes(&attributes, CKA_LABEL, "attack-private", 14);
    attributes_bytes(&attributes, CKA_VALUE, "secret", 6);
    CK_RV rv =
        target->p11->C_CreateObject(target->session, attributes.list, attributes.count, &object);
    return rv == CKR_OK ? object : 0;
}

static CK_ULONG count_private(struct target *target, CK_SESSION_HANDLE session) {
    CK_OBJECT_HANDLE found[8];
    CK_ULONG count = 0;
    struct attributes wanted;
    attributes_start(&wanted);
    attributes_bytes(&wanted, CKA_LABEL, "attack-private", 14);
    if (target->p11->C_FindObjectsInit(session, wanted.list, wanted.count) == CKR_OK) {
        (void)target->p11->C_FindObjects(session, found, 8, &count);
        (void)target->p11->C_FindObjectsFinal(session);
    }
    return count;
}

/* What a process sees that was started while another one is logged in. */
static int other_process(struct target *target) {
    CK_SESSION_HANDLE session = 0;
    (void)target->p11->C_Finalize(NULL);
    if (target->p11->C_Initialize(NULL) != CKR_OK ||
        target->p11->C_OpenSession(target->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                   &session) != CKR_OK) {
        return 0;
    }
    if (count_private(target, session) > 0 || count_private(target, target->session) > 0) {
        return 1;
    }
    CK_BYTE none = 0;
    return target->p11->C_Login(session, CKU_USER, &none, 0) == CKR_OK ? 1 : 0;
}

static enum outcome login_of_another_process(struct target *target) {
    CK_OBJECT_HANDLE object = make_private_data(target);
    pid_t child = fork();
    if (child == 0) {
        _exit(other_process(target));
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    destroy(target, object);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? REFUSED : WORKS;
}

static enum outcome officer_sees_objects(struct target *target) {
    CK_FUNCTION_LIST_PTR p11 = target->p11;
    CK_OBJECT_HANDLE object = make_private_data(target);
    (void)p11->C_Logout(target->session);
    bool works = false;
    if (p11->C_Login(target->session, CKU_SO, (CK_UTF8CHAR_PTR)(size_t)target->so_pin,
                     strlen(target->so_pin)) == CKR_OK) {
        works = count_private(target, target->session) > 0;
        (void)p11->C_Logout(target->session);
    }
    (void)p11->C_Login(target->session, CKU_USER, (CK_UTF8CHAR_PTR)(size_t)target->pin,
                       strlen(target->pin));
    destroy(target, object);
    return works ? WORKS : REFUSED;
}

/* Comes last: afterwards the PIN is locked, or it is not, and that is the attack. */
static enum outcome guess_the_pin(struct target *target) {
    CK_FUNCTION_LIST_PTR p11 = target->p11;
    (void)p11->C_Logout(target->session);
    for (int i = 0; i < 200; i++) {
        CK_RV rv = p11->C_Login(target->session, CKU_USER, (CK_UTF8CHAR_PTR) "000000guess", 11);
        if (rv == CKR_PIN_LOCKED) {
            break;
        }
    }
    CK_RV rv = p11->C_Login(target->session, CKU_USER, (CK_UTF8CHAR_PTR)(size_t)target->pin,
                            strlen(target->pin));
    return rv == CKR_OK ? WORKS : REFUSED;
}

const struct attack login_attacks[] = {
    {"F1", "use the login of another process", login_of_another_process},
    {"X2", "the security officer sees private objects", officer_sees_objects},
    {"X1", "200 wrong PINs, then the right one", guess_the_pin},
};
const size_t login_attack_count = sizeof(login_attacks) / sizeof(login_attacks[0]);
