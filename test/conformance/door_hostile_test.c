/* SPDX-License-Identifier: Apache-2.0 */
/* Every function of the door with null pointers, absurd lengths and handles of nobody: each gives
 * a clear answer, and nothing crashes. */
#include "test/conformance/door.h"

#define NOBODY ((CK_ULONG)0x5a5a5a5a)
#define HUGE_SIZE ((CK_ULONG)-1)

/* One call with as little as possible in it; `s` is the session. */
struct case_of {
    const char *name;
    CK_RV (*call)(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s);
    bool in_session;
    bool may_pass; /* there is nothing in the call that could be wrong */
};

#define NOTHING(name, in_session, may_pass, ...)                                                   \
    static CK_RV nothing_##name(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s) {                    \
        (void)s;                                                                                   \
        return f->C_##name(__VA_ARGS__);                                                           \
    }
#include "test/conformance/door_nothing.def"
#undef NOTHING

static const struct case_of cases[] = {
#define NOTHING(name, in_session, may_pass, ...) {#name, nothing_##name, in_session, may_pass},
#include "test/conformance/door_nothing.def"
#undef NOTHING
};

static void nothing_works_before_initialize_and_after_finalize(void **state) {
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT(cases); i++) {
            CK_RV rv = cases[i].call(door.f, 1);
            if (rv != CKR_CRYPTOKI_NOT_INITIALIZED) {
                fail_msg("C_%s gave 0x%lx", cases[i].name, rv);
            }
        }
        door_is(door.f->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
        door_ok(door.f->C_Initialize(NULL));
        door_is(door.f->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
        door_is(door.f->C_Finalize(&state), CKR_ARGUMENTS_BAD);
        door_ok(door.f->C_Finalize(NULL));
    }
}

static void handles_of_nobody_are_told_as_such(void **state) {
    (void)state;
    const CK_SESSION_HANDLE handles[] = {0, HUGE_SIZE, NOBODY, door.session + 1,
                                         door.session + 4096, door.session + (1ul << 31)};
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (size_t j = 0; cases[i].in_session && j < COUNT(handles); j++) {
            CK_RV rv = cases[i].call(door.f, handles[j]);
            if (rv != CKR_SESSION_HANDLE_INVALID) {
                fail_msg("C_%s gave 0x%lx", cases[i].name, rv);
            }
        }
    }
}

static void null_pointers_and_absurd_lengths_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CK_RV rv = cases[i].call(door.f, door.session);
        if ((rv == CKR_OK && !cases[i].may_pass) || rv == CKR_GENERAL_ERROR ||
            rv == CKR_DEVICE_ERROR) {
            fail_msg("C_%s gave 0x%lx", cases[i].name, rv);
        }
    }
}

static void calls_without_arguments_that_make_sense_end_what_is_active(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private, key = door_aes(16);
    CK_BYTE iv[16] = {1};
    CK_MECHANISM sign = {CKM_ECDSA_SHA256, NULL, 0}, cbc = {CKM_AES_CBC, iv, 16};
    CK_MECHANISM sha = {CKM_SHA256, NULL, 0};
    CK_FUNCTION_LIST_3_2 *f = door.f;
    CK_SESSION_HANDLE s = door.session;
    door_ec_pair(&public, &private);
    for (int round = 0; round < 3; round++) {
        door_ok(f->C_SignInit(s, &sign, private));
        door_ok(f->C_VerifyInit(s, &sign, public));
        door_ok(f->C_EncryptInit(s, &cbc, key));
        door_ok(f->C_DecryptInit(s, &cbc, key));
        door_ok(f->C_DigestInit(s, &sha));
        door_is(round == 0   ? f->C_Sign(s, NULL, 9, NULL, NULL)
                : round == 1 ? f->C_SignUpdate(s, NULL, HUGE_SIZE)
                             : f->C_SignFinal(s, iv, NULL),
                CKR_ARGUMENTS_BAD);
        door_is(round == 0   ? f->C_Verify(s, iv, 1, NULL, 9)
                : round == 1 ? f->C_VerifyUpdate(s, NULL, HUGE_SIZE)
                             : f->C_VerifyFinal(s, NULL, 4),
                CKR_ARGUMENTS_BAD);
        door_is(round == 0   ? f->C_Encrypt(s, NULL, 16, iv, NULL)
                : round == 1 ? f->C_EncryptUpdate(s, NULL, HUGE_SIZE, iv, NULL)
                             : f->C_EncryptFinal(s, iv, NULL),
                CKR_ARGUMENTS_BAD);
        door_is(round == 0   ? f->C_Decrypt(s, NULL, 16, iv, NULL)
                : round == 1 ? f->C_DecryptUpdate(s, NULL, HUGE_SIZE, iv, NULL)
                             : f->C_DecryptFinal(s, iv, NULL),
                CKR_ARGUMENTS_BAD);
        door_is(round == 0   ? f->C_Digest(s, NULL, 9, NULL, NULL)
                : round == 1 ? f->C_DigestUpdate(s, NULL, HUGE_SIZE)
                             : f->C_DigestFinal(s, iv, NULL),
                CKR_ARGUMENTS_BAD);
    }
}

static void template_counts_are_bounded(void **state) {
    (void)state;
    CK_ATTRIBUTE some[300];
    CK_OBJECT_HANDLE object = door_data("a", "b", 1), made = 0;
    CK_OBJECT_CLASS class = CKO_DATA;
    for (size_t i = 0; i < COUNT(some); i++) {
        some[i] = (CK_ATTRIBUTE)ATTR(CKA_CLASS, class);
    }
    const CK_ULONG counts[] = {HUGE_SIZE, HUGE_SIZE / sizeof(some[0]) + 2, 300};
    for (size_t i = 0; i < COUNT(counts); i++) {
        door_is(door.f->C_CreateObject(door.session, some, counts[i], &made), CKR_ARGUMENTS_BAD);
        door_is(door.f->C_CopyObject(door.session, object, some, counts[i], &made),
                CKR_ARGUMENTS_BAD);
        door_is(door.f->C_FindObjectsInit(door.session, some, counts[i]), CKR_ARGUMENTS_BAD);
        door_is(door.f->C_GetAttributeValue(door.session, object, some, counts[i]),
                CKR_ARGUMENTS_BAD);
        door_is(door.f->C_SetAttributeValue(door.session, object, some, counts[i]),
                CKR_ARGUMENTS_BAD);
    }
    door_ok(door.f->C_GetAttributeValue(door.session, object, some, 256));
}

/* Parameters of every size whose words are null pointers with lengths, or lengths with null
 * pointers. */
static void any_parameter_of_any_mechanism_is_survived(void **state) {
    (void)state;
    CK_MECHANISM_TYPE list[256];
    CK_ULONG count = COUNT(list), words[16];
    CK_OBJECT_HANDLE key = door_aes(16), made = 0;
    CK_BYTE out[64];
    door_ok(door.f->C_GetMechanismList(door.slot, list, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        for (CK_ULONG size = 0; size <= sizeof(words); size++) {
            for (unsigned pattern = 0; pattern < 4; pattern++) {
                for (size_t w = 0; w < COUNT(words); w++) {
                    bool null = pattern == 0 || (pattern < 3 && w % 2 == pattern - 1);
                    words[w] = null ? 0 : HUGE_SIZE;
                }
                CK_MECHANISM mechanism = {list[i], pattern == 3 ? NULL : words, size};
                CK_ULONG room = sizeof(out);
                (void)door.f->C_EncryptInit(door.session, &mechanism, key);
                (void)door.f->C_DecryptInit(door.session, &mechanism, key);
                (void)door.f->C_SignInit(door.session, &mechanism, key);
                (void)door.f->C_VerifyInit(door.session, &mechanism, key);
                (void)door.f->C_DigestInit(door.session, &mechanism);
                (void)door.f->C_DeriveKey(door.session, &mechanism, key, NULL, 0, &made);
                (void)door.f->C_WrapKey(door.session, &mechanism, key, key, out, &room);
                (void)door.f->C_UnwrapKey(door.session, &mechanism, key, out, 24, NULL, 0, &made);
                (void)door.f->C_MessageEncryptInit(door.session, &mechanism, key);
                (void)door.f->C_MessageSignInit(door.session, &mechanism, key);
                door_ok(door.f->C_SessionCancel(door.session, HUGE_SIZE));
            }
        }
    }
    CK_OBJECT_HANDLE public, private;
    CK_MECHANISM sign = {CKM_ECDSA_SHA256, NULL, 0};
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &sign, private));
}

static void initialize_takes_what_the_standard_allows(void **state) {
    (void)state;
    CK_C_INITIALIZE_ARGS arguments;
    door_ok(door.f->C_Finalize(NULL));
    memset(&arguments, 0, sizeof(arguments));
    door_ok(door.f->C_Initialize(&arguments));
    door_ok(door.f->C_Finalize(NULL));
    arguments.flags = CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS;
    door_ok(door.f->C_Initialize(&arguments));
    door_ok(door.f->C_Finalize(NULL));
    arguments.LockMutex = (CK_LOCKMUTEX)(uintptr_t)1;
    door_is(door.f->C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
    arguments.LockMutex = NULL;
    arguments.pReserved = &arguments;
    door_is(door.f->C_Initialize(&arguments), CKR_ARGUMENTS_BAD);
    door_is(door.f->C_Finalize(NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_works_before_initialize_and_after_finalize),
        STORY(handles_of_nobody_are_told_as_such),
        STORY(null_pointers_and_absurd_lengths_are_refused),
        STORY(calls_without_arguments_that_make_sense_end_what_is_active),
        STORY(template_counts_are_bounded),
        STORY(any_parameter_of_any_mechanism_is_survived),
        STORY(initialize_takes_what_the_standard_allows),
    };
    return cmocka_run_group_tests_name("door_hostile", tests, door_begin, door_finish);
}
