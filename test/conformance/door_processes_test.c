/* SPDX-License-Identifier: Apache-2.0 */
/* The library among processes: fork, loading twice, calls from exit
 * handlers, many processes on one token, and a daemon that is killed. Run through
 * tools/with-module. */
#include "test/conformance/door.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20, PROCESSES = 6 };

static CK_MECHANISM ecdsa = {CKM_ECDSA_SHA256, NULL, 0};

/* Signs and verifies; 0 when all is well. For threads and children, where assertions do not
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

/* Runs a body in a child; its status. */
static int in_child(int (*body)(void)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        _exit(body());
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int open_and_login(CK_SESSION_HANDLE *session) {
    return door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                 session) != CKR_OK ||
           door.f->C_Login(*session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)door.pin,
                           (CK_ULONG)strlen(door.pin)) != CKR_OK;
}

static int child_starts_anew(void) {
    CK_SESSION_INFO info;
    CK_SESSION_HANDLE session = 0;
    int own = open("/dev/null", O_RDONLY); /* maybe where the parent's connection was */
    if (door.f->C_GetSessionInfo(door.session, &info) != CKR_CRYPTOKI_NOT_INITIALIZED ||
        door.f->C_Finalize(NULL) != CKR_CRYPTOKI_NOT_INITIALIZED) {
        return 2;
    }
    if (door.f->C_Initialize(NULL) != CKR_OK || open_and_login(&session) != 0) {
        return 3;
    }
    if (session != door.session &&
        door.f->C_GetSessionInfo(door.session, &info) != CKR_SESSION_HANDLE_INVALID) {
        return 4;
    }
    CK_BYTE bytes[32];
    return door.f->C_GenerateRandom(session, bytes, 32) != CKR_OK ||
           door.f->C_Finalize(NULL) != CKR_OK || fcntl(own, F_GETFD) < 0;
}

static void child_of_fork_starts_anew_and_the_parent_goes_on(void **state) {
    (void)state;
    door_ec_pair(&shared_pair[0], &shared_pair[1]);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(in_child(child_starts_anew), 0);
        assert_int_equal(sign_and_verify(door.session, shared_pair, 1), 0);
    }
}

static int fork_beside_busy_threads(void) {
    pthread_t threads[2];
    static int failures[2];
    for (int i = 0; i < 2; i++) {
        if (pthread_create(&threads[i], NULL, sign_in_own_session, &failures[i]) != 0) {
            return 1;
        }
    }
    int status = 0;
    for (int i = 0; i < 5 && status == 0; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            CK_SESSION_HANDLE session = 0;
            _exit(door.f->C_Initialize(NULL) != CKR_OK || open_and_login(&session) != 0);
        }
        (void)waitpid(pid, &status, 0);
    }
    for (int i = 0; i < 2; i++) {
        (void)pthread_join(threads[i], NULL);
        status |= failures[i];
    }
    return status != 0;
}

static void fork_beside_busy_threads_harms_neither(void **state) {
    (void)state;
    door_ec_pair(&shared_pair[0], &shared_pair[1]);
    assert_int_equal(fork_beside_busy_threads(), 0);
    assert_int_equal(sign_and_verify(door.session, shared_pair, 1), 0);
}

static void library_loaded_twice_is_one_and_survives_unloading(void **state) {
    (void)state;
    void *again = dlopen(getenv("MODULE"), RTLD_NOW | RTLD_LOCAL);
    CK_FUNCTION_LIST_PTR list = NULL;
    CK_C_GetFunctionList get = NULL;
    assert_non_null(again);
    *(void **)&get = dlsym(again, "C_GetFunctionList");
    assert_non_null(get);
    door_ok(get(&list));
    door_is(list->C_Initialize(NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
    assert_int_equal(dlclose(again), 0);
    door_ok(list->C_GenerateRandom(door.session, (CK_BYTE[8]){0}, 8));
}

static void finalize_from_exit_handler(void) {
    CK_SESSION_INFO info;
    if (door.f->C_GetSessionInfo(door.session, &info) != CKR_OK ||
        door.f->C_CloseAllSessions(door.slot) != CKR_OK || door.f->C_Finalize(NULL) != CKR_OK ||
        door.f->C_CloseSession(door.session) != CKR_CRYPTOKI_NOT_INITIALIZED) {
        _exit(9);
    }
}

static int start_and_exit(void) {
    /* Registered before the library starts, so that it runs after whatever the library
     * registers. */
    if (atexit(finalize_from_exit_handler) != 0 || door.f->C_Initialize(NULL) != CKR_OK ||
        open_and_login(&door.session) != 0) {
        return 2;
    }
    exit(0);
}

static void calls_from_exit_handlers_are_served(void **state) {
    (void)state;
    assert_int_equal(in_child(start_and_exit), 0);
}

static int count_labelled(const char *label) {
    CK_ATTRIBUTE template = {CKA_LABEL, (void *)(uintptr_t)label, (CK_ULONG)strlen(label)};
    CK_OBJECT_HANDLE found[64];
    CK_ULONG count = 0;
    if (door.f->C_FindObjectsInit(door.session, &template, 1) != CKR_OK ||
        door.f->C_FindObjects(door.session, found, COUNT(found), &count) != CKR_OK ||
        door.f->C_FindObjectsFinal(door.session) != CKR_OK) {
        return -1;
    }
    return (int)count;
}

static int write_objects(void) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class), ATTR(CKA_TOKEN, door_yes),
                               {CKA_LABEL, "from many", 9}};
    if (door.f->C_Initialize(NULL) != CKR_OK || open_and_login(&door.session) != 0) {
        return 2;
    }
    for (int i = 0; i < 5; i++) {
        CK_OBJECT_HANDLE object = 0;
        if (door.f->C_CreateObject(door.session, template, 3, &object) != CKR_OK) {
            return 3;
        }
    }
    return door.f->C_Finalize(NULL) != CKR_OK;
}

static void many_processes_write_and_each_sees_all(void **state) {
    (void)state;
    pid_t pids[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0) {
            _exit(write_objects());
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = 1;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(count_labelled("from many"), PROCESSES * 5);
}

static int change_pin(void) {
    CK_UTF8CHAR *pin = (CK_UTF8CHAR *)(uintptr_t)door.pin, other[] = "another pin";
    CK_ULONG size = (CK_ULONG)strlen(door.pin);
    if (door.f->C_Initialize(NULL) != CKR_OK || open_and_login(&door.session) != 0) {
        return 2;
    }
    return door.f->C_SetPIN(door.session, pin, size, other, sizeof(other) - 1) != CKR_OK;
}

static void pin_changed_by_one_process_is_changed_for_all(void **state) {
    (void)state;
    CK_UTF8CHAR *pin = (CK_UTF8CHAR *)(uintptr_t)door.pin, other[] = "another pin";
    CK_ULONG size = (CK_ULONG)strlen(door.pin);
    door_ok(door.f->C_Logout(door.session));
    assert_int_equal(in_child(change_pin), 0);
    door_is(door.f->C_Login(door.session, CKU_USER, pin, size), CKR_PIN_INCORRECT);
    door_ok(door.f->C_Login(door.session, CKU_USER, other, sizeof(other) - 1));
    door_ok(door.f->C_SetPIN(door.session, other, sizeof(other) - 1, pin, size));
}

static int die_in_the_middle(void) {
    CK_MECHANISM sha = {CKM_SHA256, NULL, 0};
    if (door.f->C_Initialize(NULL) != CKR_OK || open_and_login(&door.session) != 0 ||
        door.f->C_DigestInit(door.session, &sha) != CKR_OK) {
        return 2;
    }
    (void)raise(SIGKILL);
    return 3;
}

static void killed_processes_leave_no_trace(void **state) {
    (void)state;
    door_ec_pair(&shared_pair[0], &shared_pair[1]);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(in_child(die_in_the_middle), 128 + SIGKILL);
    }
    assert_int_equal(sign_and_verify(door.session, shared_pair, 1), 0);
}

static const char *daemon_program; /* the first argument */

/* Starts the daemon on the state of the one that tools/with-module started. */
static pid_t start_daemon(void) {
    const char *state = getenv("EDGEHSM_STATE"), *address = getenv("EDGEHSM_MODULE");
    struct stat owner;
    assert_non_null(address);
    assert_int_equal(stat(state, &owner), 0);
    const char *socket = strncmp(address, "unix:", 5) == 0 ? address + 5 : address;
    const struct passwd *user = getpwuid(owner.st_uid);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        const char *as_user = geteuid() == 0 && user != NULL ? "--user" : NULL;
        execl(daemon_program, daemon_program, "--state", state, "--socket", socket, "--mode",
              "0666", "--allow-swap", as_user, as_user != NULL ? user->pw_name : NULL,
              (char *)NULL);
        _exit(127);
    }
    return pid;
}

/* Kills the daemon that $EDGEHSM_DAEMON names and sees the session end. */
static void kill_daemon(void) {
    CK_SESSION_INFO info;
    CK_SESSION_HANDLE session = 0;
    CK_SLOT_ID slots[4];
    CK_ULONG count = COUNT(slots);
    assert_int_equal(kill((pid_t)atoi(getenv("EDGEHSM_DAEMON")), SIGKILL), 0);
    CK_RV rv = CKR_OK;
    while (rv == CKR_OK) {
        rv = door.f->C_GetSessionInfo(door.session, &info);
    }
    door_is(rv, CKR_DEVICE_REMOVED);
    door_is(door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION, NULL, NULL, &session),
            CKR_DEVICE_REMOVED);
    door_ok(door.f->C_GetSlotList(CK_TRUE, slots, &count));
    assert_int_equal(count, 0);
}

/* The last story: it takes the daemon of tools/with-module away. */
static void killed_daemon_is_told_and_the_next_one_serves(void **state) {
    (void)state;
    enum { TRIES = 600, PAUSE_US = 50000 };
    CK_SESSION_HANDLE old = door.session;
    CK_SESSION_INFO info;
    if (getenv("EDGEHSM_DAEMON") == NULL || getenv("EDGEHSM_STATE") == NULL ||
        daemon_program == NULL) {
        skip();
    }
    int labelled = count_labelled("from many");
    assert_true(labelled > 0);
    kill_daemon();
    pid_t pid = start_daemon();
    CK_RV rv = CKR_DEVICE_REMOVED;
    for (int i = 0; i < TRIES && rv == CKR_DEVICE_REMOVED; i++) {
        (void)usleep(PAUSE_US);
        rv = door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                   &door.session);
    }
    door_ok(rv);
    door_is(door.f->C_GetSessionInfo(old, &info), CKR_SESSION_HANDLE_INVALID);
    door_ok(door.f->C_GetSessionInfo(door.session, &info));
    assert_int_equal(info.state, CKS_RW_PUBLIC_SESSION);
    door_ok(door.f->C_Login(door.session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)door.pin,
                            (CK_ULONG)strlen(door.pin)));
    assert_int_equal(count_labelled("from many"), labelled);
    door_ec_pair(&shared_pair[0], &shared_pair[1]);
    assert_int_equal(sign_and_verify(door.session, shared_pair, 1), 0);
    door_ok(door.f->C_CloseSession(door.session));
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(int count, char **arguments) {
    daemon_program = count > 1 ? arguments[1] : NULL;
    const struct CMUnitTest tests[] = {
        STORY(child_of_fork_starts_anew_and_the_parent_goes_on),
        STORY(fork_beside_busy_threads_harms_neither),
        STORY(library_loaded_twice_is_one_and_survives_unloading),
        STORY(calls_from_exit_handlers_are_served),
        STORY(many_processes_write_and_each_sees_all),
        STORY(pin_changed_by_one_process_is_changed_for_all),
        STORY(killed_processes_leave_no_trace),
        STORY(killed_daemon_is_told_and_the_next_one_serves),
    };
    return cmocka_run_group_tests_name("door_processes", tests, door_begin, door_finish);
}
