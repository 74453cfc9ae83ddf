/* SPDX-License-Identifier: Apache-2.0 */
/* Many threads in the library at once: each with its session, all in one session, starting it
 * together, and ending it under the others. */
#include "test/conformance/door.h"

#include <pthread.h>

enum { THREADS = 8, ROUNDS = 20 };

static CK_MECHANISM ecdsa = {CKM_ECDSA_SHA256, NULL, 0};

/* Signs and verifies; 0 when all is well. For threads, where assertions do not
 * reach. */
static int sign_and_verify(CK_SESSION_HANDLE session, const CK_OBJECT_HANDLE *pair, CK_BYTE salt) {
    CK_BYTE data[40], signature[64];
    CK_ULONG size = sizeof(signature);
    memset(data, salt, sizeof(data));
    return door.f->C_SignInit(session, &ecdsa, pair[1]) != CKR_OK ||
           door.f->C_Sign(session, data, sizeof(data), signature, &size) != CKR_OK ||
           door.f->C_VerifyInit(session, &ecdsa, pair[0]) != CKR_OK ||
           door.f->C_Verify(session, data, sizeof(data), signature, size) != CKR_OK;
}

static CK_OBJECT_HANDLE shared_pair[2];
static CK_SESSION_HANDLE shared_session;

static void *sign_in_own_session(void *failures) {
    CK_SESSION_HANDLE session = 0;
    CK_RV rv = door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION, NULL, NULL, &session);
    int failed = rv != CKR_OK;
    for (CK_BYTE i = 0; i < ROUNDS; i++) {
        failed += sign_and_verify(session, shared_pair, i);
    }
    failed += door.f->C_CloseSession(session) != CKR_OK;
    *(int *)failures = failed;
    return NULL;
}

/* In one session for all, calls of several threads mix: each gets an answer, none breaks
 * anything. */
static void *sign_in_shared_session(void *failures) {
    for (CK_BYTE i = 0; i < ROUNDS; i++) {
        (void)sign_and_verify(shared_session, shared_pair, i);
    }
    *(int *)failures = 0;
    return NULL;
}

static void run_threads(void *(*body)(void *)) {
    pthread_t threads[THREADS];
    int failures[THREADS];
    for (int i = 0; i < THREADS; i++) {
        failures[i] = 1;
        assert_int_equal(pthread_create(&threads[i], NULL, body, &failures[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
}

static void threads_sign_side_by_side(void **state) {
    (void)state;
    door_ec_pair(&shared_pair[0], &shared_pair[1]);
    run_threads(sign_in_own_session);
    shared_session = door.session;
    run_threads(sign_in_shared_session);
    (void)door.f->C_SessionCancel(door.session, (CK_FLAGS)-1);
    assert_int_equal(sign_and_verify(door.session, shared_pair, 1), 0);
}

static int started, refused;
static void *start(void *unused) {
    (void)unused;
    CK_RV rv = door.f->C_Initialize(NULL);
    if (rv == CKR_OK) {
        __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    } else if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        __atomic_add_fetch(&refused, 1, __ATOMIC_SEQ_CST);
    }
    CK_SLOT_ID slots[64];
    CK_ULONG count = COUNT(slots);
    (void)door.f->C_GetSlotList(CK_TRUE, slots, &count);
    return NULL;
}

static void one_of_many_threads_initializes(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    for (int round = 0; round < 10; round++) {
        door_ok(door.f->C_Finalize(NULL));
        started = refused = 0;
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_create(&threads[i], NULL, start, NULL), 0);
        }
        for (int i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        }
        assert_int_equal(started, 1);
        assert_int_equal(refused, THREADS - 1);
    }
}

/* Calls until the library is gone; any answer is right that says so. */
static void *call_until_the_end(void *failures) {
    CK_BYTE bytes[16];
    CK_RV rv = CKR_OK;
    while (rv == CKR_OK) {
        rv = door.f->C_GenerateRandom(shared_session, bytes, sizeof(bytes));
    }
    *(int *)failures = rv != CKR_SESSION_HANDLE_INVALID && rv != CKR_CRYPTOKI_NOT_INITIALIZED;
    return NULL;
}

static void *finalize(void *failures) {
    *(int *)failures = door.f->C_Finalize(NULL) != CKR_OK;
    return NULL;
}

static void library_ends_under_threads_that_call(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int failures[THREADS];
    shared_session = door.session;
    for (int i = 0; i < THREADS; i++) {
        void *(*body)(void *) = i == THREADS - 1 ? finalize : call_until_the_end;
        assert_int_equal(pthread_create(&threads[i], NULL, body, &failures[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(threads_sign_side_by_side),
        STORY(one_of_many_threads_initializes),
        STORY(library_ends_under_threads_that_call),
    };
    return cmocka_run_group_tests_name("door_threads", tests, door_begin, door_finish);
}
