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

/* ---- calls by chance ---- */

static uint32_t chance_state;

static uint32_t chance(uint32_t below) {
    chance_state = chance_state * 1664525u + 1013904223u;
    return (chance_state >> 8) % below;
}

/* What random calls choose from. */
static struct {
    CK_BYTE in[256], out[512];
    CK_BYTE iv[16], tag[16];
    CK_ULONG room;
    CK_GCM_PARAMS gcm;
    CK_GCM_MESSAGE_PARAMS message;
    CK_RSA_PKCS_PSS_PARAMS pss;
    CK_MECHANISM mechanisms[12];
    CK_OBJECT_HANDLE objects[8];
    CK_ATTRIBUTE attributes[6];
} pool;

static void fill_pool(void) {
    pool.gcm = (CK_GCM_PARAMS){pool.iv, 12, 96, pool.in, 5, 128};
    pool.message = (CK_GCM_MESSAGE_PARAMS){pool.iv, 12, 0, CKG_GENERATE, pool.tag, 128};
    pool.pss = (CK_RSA_PKCS_PSS_PARAMS){CKM_SHA256, CKG_MGF1_SHA256, 32};
    const CK_MECHANISM mechanisms[] = {
        {CKM_ECDSA_SHA256, NULL, 0},        {CKM_ECDSA, NULL, 0},
        {CKM_SHA256_RSA_PKCS, NULL, 0},     {CKM_RSA_PKCS, NULL, 0},
        {CKM_AES_CBC, pool.iv, 16},         {CKM_AES_CBC_PAD, pool.iv, 16},
        {CKM_AES_ECB, NULL, 0},             {CKM_AES_GCM, &pool.gcm, sizeof(pool.gcm)},
        {CKM_AES_GCM, NULL, 0},             {CKM_SHA256, NULL, 0},
        {CKM_SHA256_RSA_PKCS_PSS, &pool.pss, sizeof(pool.pss)},
        {CKM_SHA256_HMAC, NULL, 0},
    };
    memcpy(pool.mechanisms, mechanisms, sizeof(mechanisms));
    door_ec_pair(&pool.objects[0], &pool.objects[1]);
    door_rsa_pair(&pool.objects[2], &pool.objects[3]);
    pool.objects[4] = door_aes(32);
    pool.objects[5] = door_generic("0123456789abcdef", 16);
    pool.objects[6] = door_data("some", "data", 4);
    pool.objects[7] = NOBODY;
    const CK_ATTRIBUTE_TYPE types[] = {CKA_LABEL, CKA_VALUE, CKA_EC_POINT,
                                       CKA_MODULUS, CKA_ID, CKA_VENDOR_DEFINED};
    for (size_t i = 0; i < COUNT(types); i++) {
        pool.attributes[i] = (CK_ATTRIBUTE){types[i], i % 2 != 0 ? pool.out : NULL, chance(300)};
    }
}

static CK_MECHANISM *any_mechanism(void) {
    return chance(12) == 0 ? NULL : &pool.mechanisms[chance(COUNT(pool.mechanisms))];
}

static CK_OBJECT_HANDLE any_object(void) {
    return pool.objects[chance(COUNT(pool.objects))];
}

static CK_BYTE *any_out(void) {
    pool.room = chance(3) == 0 ? chance(40) : sizeof(pool.out);
    return chance(5) == 0 ? NULL : pool.out;
}

static CK_RV call_encryption(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s) {
    CK_ULONG size = chance(sizeof(pool.in));
    switch (chance(12)) {
    case 0:
    case 1:
        return f->C_EncryptInit(s, any_mechanism(), any_object());
    case 2:
        return f->C_Encrypt(s, pool.in, size, any_out(), &pool.room);
    case 3:
    case 4:
        return f->C_EncryptUpdate(s, pool.in, size, any_out(), &pool.room);
    case 5:
        return f->C_EncryptFinal(s, any_out(), &pool.room);
    case 6:
    case 7:
        return f->C_DecryptInit(s, any_mechanism(), any_object());
    case 8:
        return f->C_Decrypt(s, pool.in, size, any_out(), &pool.room);
    case 9:
    case 10:
        return f->C_DecryptUpdate(s, pool.in, size, any_out(), &pool.room);
    default:
        return f->C_DecryptFinal(s, any_out(), &pool.room);
    }
}

static CK_RV call_signature(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s) {
    CK_ULONG size = chance(64);
    switch (chance(12)) {
    case 0:
    case 1:
        return f->C_SignInit(s, any_mechanism(), any_object());
    case 2:
        return f->C_Sign(s, pool.in, size, any_out(), &pool.room);
    case 3:
        return f->C_SignUpdate(s, pool.in, size);
    case 4:
        return f->C_SignFinal(s, any_out(), &pool.room);
    case 5:
        return f->C_VerifyInit(s, any_mechanism(), any_object());
    case 6:
        return f->C_Verify(s, pool.in, size, pool.out, chance(300));
    case 7:
        return f->C_VerifyUpdate(s, pool.in, size);
    case 8:
        return f->C_VerifyFinal(s, pool.out, chance(300));
    case 9:
        return f->C_VerifySignatureInit(s, any_mechanism(), any_object(), pool.out, chance(300));
    case 10:
        return f->C_VerifySignature(s, pool.in, size);
    default:
        return f->C_VerifySignatureFinal(s);
    }
}

static CK_RV call_message(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s) {
    CK_ULONG size = chance(64), p = sizeof(pool.message);
    switch (chance(11)) {
    case 0:
        return f->C_MessageEncryptInit(s, any_mechanism(), any_object());
    case 1:
        return f->C_EncryptMessage(s, &pool.message, p, NULL, 0, pool.in, size, any_out(),
                                   &pool.room);
    case 2:
        return f->C_EncryptMessageBegin(s, &pool.message, p, pool.in, size);
    case 3:
        return f->C_EncryptMessageNext(s, &pool.message, p, pool.in, size, any_out(), &pool.room,
                                       chance(2));
    case 4:
        return f->C_MessageDecryptInit(s, any_mechanism(), any_object());
    case 5:
        return f->C_DecryptMessage(s, &pool.message, p, NULL, 0, pool.in, size, any_out(),
                                   &pool.room);
    case 6:
        return f->C_MessageSignInit(s, any_mechanism(), any_object());
    case 7:
        return f->C_SignMessage(s, NULL, 0, pool.in, size, any_out(), &pool.room);
    case 8:
        return f->C_SignMessageBegin(s, NULL, 0);
    case 9:
        return f->C_SignMessageNext(s, NULL, 0, pool.in, size, any_out(),
                                    chance(2) == 0 ? NULL : &pool.room);
    default:
        return f->C_SessionCancel(s, chance(0x10000));
    }
}

static CK_RV call_other(CK_FUNCTION_LIST_3_2 *f, CK_SESSION_HANDLE s) {
    CK_OBJECT_HANDLE found[4];
    CK_ULONG count = 0, size = chance(200);
    switch (chance(10)) {
    case 0:
        return f->C_DigestInit(s, any_mechanism());
    case 1:
        return f->C_Digest(s, pool.in, size, any_out(), &pool.room);
    case 2:
        return f->C_DigestUpdate(s, pool.in, size);
    case 3:
        return f->C_DigestFinal(s, any_out(), &pool.room);
    case 4:
        return f->C_FindObjectsInit(s, pool.attributes, chance(2));
    case 5:
        return f->C_FindObjects(s, found, COUNT(found), &count);
    case 6:
        return f->C_FindObjectsFinal(s);
    case 7:
        return f->C_GetAttributeValue(s, any_object(), pool.attributes, chance(7));
    case 8:
        return f->C_DigestEncryptUpdate(s, pool.in, size, any_out(), &pool.room);
    default:
        return f->C_DecryptVerifyUpdate(s, pool.in, size, any_out(), &pool.room);
    }
}

static void calls_by_chance_leave_a_working_session(void **state) {
    (void)state;
    enum { CALLS = 6000 };
    static CK_RV (*const groups[])(CK_FUNCTION_LIST_3_2 *, CK_SESSION_HANDLE) = {
        call_encryption, call_signature, call_message, call_other};
    size_t succeeded = 0;
    chance_state = 20261125;
    fill_pool();
    for (int i = 0; i < CALLS; i++) {
        CK_RV rv = groups[chance(COUNT(groups))](door.f, door.session);
        assert_int_not_equal(rv, CKR_GENERAL_ERROR);
        assert_int_not_equal(rv, CKR_DEVICE_ERROR);
        succeeded += rv == CKR_OK ? 1 : 0;
    }
    assert_true(succeeded > CALLS / 20); /* else the calls are too wild to reach anything */
    door_ok(door.f->C_SessionCancel(door.session, HUGE_SIZE));
    CK_BYTE signature[64];
    CK_ULONG size = sizeof(signature);
    door_ok(door.f->C_SignInit(door.session, &pool.mechanisms[0], pool.objects[1]));
    door_ok(door.f->C_Sign(door.session, pool.in, 9, signature, &size));
    door_ok(door.f->C_VerifyInit(door.session, &pool.mechanisms[0], pool.objects[0]));
    door_ok(door.f->C_Verify(door.session, pool.in, 9, signature, size));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_works_before_initialize_and_after_finalize),
        STORY(handles_of_nobody_are_told_as_such),
        STORY(null_pointers_and_absurd_lengths_are_refused),
        STORY(calls_without_arguments_that_make_sense_end_what_is_active),
        STORY(template_counts_are_bounded),
        STORY(any_parameter_of_any_mechanism_is_survived),
        STORY(calls_by_chance_leave_a_working_session),
        STORY(initialize_takes_what_the_standard_allows),
    };
    return cmocka_run_group_tests_name("door_hostile", tests, door_begin, door_finish);
}
