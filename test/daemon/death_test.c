/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon is killed under its clients: all of them wake with a clear status. Run through
 * tools/with-module, whose daemon does not survive this. */
#define _GNU_SOURCE
#include "client/client.h"
#include "test/daemon/raw_link.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 24 };

static void *call_until_failure(void *argument) {
    static _Thread_local uint8_t room[CLIENT_ROOM_SIZE];
    struct hello_req request = {.version = PROTOCOL_VERSION};
    struct hello_rep reply;
    enum status status;
    do {
        status = client_hello(argument, &request, &reply, (struct span){room, sizeof(room)});
    } while (status == STATUS_OK);
    return (void *)(uintptr_t)status;
}

/* The process that runs the core: the child of the one that with-module started. */
static pid_t core_process(void) {
    char path[64];
    int pid = 0;
    const char *parent = getenv("EDGEHSM_DAEMON");
    snprintf(path, sizeof(path), "/proc/%s/task/%s/children", parent, parent);
    FILE *file = fopen(path, "r");
    if (file != NULL && fscanf(file, "%d", &pid) != 1) {
        pid = 0;
    }
    if (file != NULL) {
        fclose(file);
    }
    return pid;
}

static void a_killed_daemon_wakes_every_waiting_client(void **state) {
    (void)state;
    struct client *client = NULL;
    pthread_t threads[THREADS];
    pid_t core = core_process();
    if (core == 0) {
        skip();
    }
    assert_int_equal(client_open(&client, raw_path()), STATUS_OK);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, call_until_failure, client), 0);
    }
    usleep(100 * 1000);
    assert_true(client_alive(client));
    assert_int_equal(kill(core, SIGKILL), 0);
    for (int i = 0; i < THREADS; i++) {
        void *status = NULL;
        assert_int_equal(pthread_join(threads[i], &status), 0);
        assert_int_equal((uintptr_t)status, STATUS_DISCONNECTED);
    }
    assert_false(client_alive(client));
    client_close(client);
    assert_int_equal(client_open(&client, raw_path()), STATUS_UNREACHABLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_daemon_wakes_every_waiting_client),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
