/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon with many clients, some of which die, stall, flood or write what they like (T1, T5,
 * T6, T12, R-24). Run through tools/with-module. */
#define _GNU_SOURCE
#include "client/client.h"
#include "test/daemon/raw_link.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

enum { CALLS = 300, HOSTILE_MS = 3000 };

struct good {
    struct client *client;
    uint32_t session;
    unsigned seed;
    int calls;
    enum status status; /* the first that was not right; INTERNAL for a wrong digest */
};

static struct client *open_or_fail(void) {
    struct client *client = NULL;
    assert_int_equal(client_open(&client, raw_path()), STATUS_OK);
    return client;
}

static uint32_t open_session(struct client *client) {
    uint8_t room[64];
    struct session_open_req request = {.slot = 0, .read_write = 0};
    struct session_open_rep reply;
    assert_int_equal(client_session_open(client, &request, &reply,
                                         (struct span){room, sizeof(room)}), STATUS_OK);
    return reply.session;
}

/* One call with an answer that OpenSSL knows too: who gets somebody else's reply is found out. */
static enum status digest_once(struct good *good) {
    uint8_t data[3000];
    uint8_t room[FRAME_HEADER_SIZE + 128];
    uint8_t expected[32];
    good->seed = good->seed * 1664525u + 1013904223u;
    size_t size = 1 + (good->seed >> 8) % sizeof(data);
    memset(data, (int)(good->seed >> 20), size);
    save_u32(data, good->seed);
    struct digest_req request = {.session = good->session, .hash = HASH_SHA256,
                                 .data = bytes_of(data, size)};
    struct digest_rep reply;
    enum status status = client_digest(good->client, &request, &reply,
                                       (struct span){room, sizeof(room)});
    if (status != STATUS_OK) {
        return status;
    }
    EVP_Digest(data, size, expected, NULL, EVP_sha256(), NULL);
    return bytes_equal(reply.digest, bytes_of(expected, 32)) ? STATUS_OK : STATUS_INTERNAL;
}

static void *call_often(void *argument) {
    struct good *good = argument;
    good->status = STATUS_OK;
    for (int i = 0; i < good->calls && good->status == STATUS_OK; i++) {
        good->status = digest_once(good);
    }
    return NULL;
}

static void run_good(struct client *client, int threads, int calls) {
    struct good goods[64];
    pthread_t ids[64];
    for (int i = 0; i < threads; i++) {
        goods[i] = (struct good){client, open_session(client), (unsigned)i + 1, calls, 0};
        assert_int_equal(pthread_create(&ids[i], NULL, call_often, &goods[i]), 0);
    }
    for (int i = 0; i < threads; i++) {
        assert_int_equal(pthread_join(ids[i], NULL), 0);
    }
    for (int i = 0; i < threads; i++) {
        assert_int_equal(goods[i].status, STATUS_OK);
    }
}

static void every_thread_gets_its_own_replies(void **state) {
    (void)state;
    struct client *client = open_or_fail();
    run_good(client, 8, CALLS);
    client_close(client);
}

static void more_threads_than_lanes_take_turns(void **state) {
    (void)state;
    struct client *client = open_or_fail();
    run_good(client, 3 * LINK_LANES, CALLS / 4);
    client_close(client);
}

static void a_lane_serves_again_after_it_was_idle(void **state) {
    (void)state;
    struct client *client = open_or_fail();
    run_good(client, 1, 3);
    usleep(1500 * 1000); /* its worker leaves */
    run_good(client, 1, 3);
    client_close(client);
}

static uint64_t count_records(struct client *client) {
    uint8_t room[2048];
    struct status_req request;
    struct status_rep reply;
    assert_int_equal(client_status(client, &request, &reply, (struct span){room, sizeof(room)}),
                     STATUS_OK);
    return reply.log_size;
}

/* More records than a segment of the archive holds: a new file is begun inside the sandbox. */
static void the_log_goes_on_over_its_files(void **state) {
    (void)state;
    struct client *client = open_or_fail();
    uint64_t before = count_records(client);
    run_good(client, 8, 5000);
    assert_true(count_records(client) >= before + 8 * 5000);
    client_close(client);
}

/* ---- other processes ---- */

static void a_session_is_of_no_use_on_another_connection(void **state) {
    (void)state;
    struct client *owner = open_or_fail();
    struct client *other = open_or_fail();
    uint32_t session = open_session(owner);
    struct good thief = {other, session, 1, 1, 0};
    assert_int_equal(digest_once(&thief), STATUS_SESSION_INVALID);
    pid_t child = fork(); /* nor in a child of the owner, on the owner's connection or a new one */
    if (child == 0) {
        struct good heir = {owner, session, 1, 1, 0};
        bool refused = digest_once(&heir) == STATUS_DISCONNECTED;
        client_abandon(owner);
        refused = refused && client_open(&heir.client, raw_path()) == STATUS_OK &&
                  digest_once(&heir) == STATUS_SESSION_INVALID;
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct good good = {owner, session, 1, 1, 0};
    assert_int_equal(digest_once(&good), STATUS_OK);
    client_close(other);
    client_close(owner);
}

static uint32_t count_connections(struct client *client) {
    uint8_t room[2048];
    struct status_req request;
    struct status_rep reply;
    assert_int_equal(client_status(client, &request, &reply, (struct span){room, sizeof(room)}),
                     STATUS_OK);
    return reply.connections;
}

static void wait_for_connections(struct client *client, uint32_t wanted) {
    while (count_connections(client) != wanted) { /* for ever, if they stay: the runner ends that */
        usleep(10 * 1000);
    }
}

static void clients_killed_at_work_leave_nothing_behind(void **state) {
    (void)state;
    struct client *client = open_or_fail();
    for (unsigned round = 0; round < 40; round++) {
        pid_t child = fork();
        if (child == 0) {
            run_good(open_or_fail(), 4, 1000000);
            _exit(1);
        }
        usleep(1000 * (2 + round));
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
    }
    wait_for_connections(client, 1);
    run_good(client, 4, 50);
    client_close(client);
}

/* SO_PEERPIDFD, of Linux 6.5: before it, only the end of the last copy of the socket tells. */
static bool kernel_names_processes(void) {
    int pair[2];
    int process = -1;
    socklen_t size = sizeof(process);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    bool named = getsockopt(pair[0], SOL_SOCKET, 77, &process, &size) == 0;
    close(pair[0]);
    close(pair[1]);
    if (named) {
        close(process);
    }
    return named;
}

static void a_connection_ends_with_its_process_even_when_a_child_keeps_the_socket(void **state) {
    (void)state;
    if (!kernel_names_processes()) {
        skip();
    }
    struct client *client = open_or_fail();
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct client *inherited = open_or_fail();
        if (fork() == 0) { /* sleeps on the copy of the socket until the test ends */
            char byte;
            close(gate[1]);
            _exit(read(gate[0], &byte, 1) == 0 ? 0 : 1);
        }
        _exit(client_alive(inherited) ? 0 : 1);
    }
    close(gate[0]);
    int status = -1;
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_int_equal(status, 0);
    wait_for_connections(client, 1);
    close(gate[1]);
    client_close(client);
}

/* ---- clients that break the rules ---- */

static atomic_bool hostile;

/* Writes nonsense into all of a connection's memory, and says nonsense on its socket, until it
 * is told to stop; a connection that the daemon ended is opened again. */
static void *attack(void *argument) {
    unsigned seed = (unsigned)(uintptr_t)argument;
    struct raw_link link;
    bool is_open = false;
    while (atomic_load(&hostile)) {
        if (!is_open) {
            is_open = raw_open(&link) && link.memory != NULL;
            continue;
        }
        seed = seed * 1664525u + 1013904223u;
        uint32_t number = seed >> 28;
        struct lane *lane = &link.memory->lanes[number];
        size_t size = FRAME_HEADER_SIZE + (seed >> 4) % 4000;
        for (size_t i = 0; i < 64; i++) {
            lane->request_frame[(seed + i * 7919) % size] = (uint8_t)(seed >> (i % 24));
        }
        if ((seed & 0x100) != 0) { /* a frame with a right header and a wrong body */
            frame_write_header(lane->request_frame, seed >> 9 & 0x7f, size - FRAME_HEADER_SIZE);
        }
        lane->cpu = seed;
        lane->client_waits = seed >> 3;
        lane->served = seed >> 5 & 1;
        lane->daemon_waits = seed >> 6 & 1;
        lane->reply = seed * 17;
        uint32_t word = (seed & 0x3000) == 0 ? seed : lane_next(seed, size);
        raw_publish(&link, number, word);
        if (!raw_ask(&link, (seed & 0xff0000) == 0 ? seed : number)) {
            raw_close(&link);
            is_open = false;
        }
    }
    return NULL;
}

static void hostile_clients_disturb_nobody_else(void **state) {
    (void)state;
    enum { ATTACKERS = 6 };
    pthread_t ids[ATTACKERS];
    struct client *client = open_or_fail();
    atomic_store(&hostile, true);
    pid_t attackers = fork();
    if (attackers == 0) {
        for (uintptr_t i = 0; i < ATTACKERS; i++) {
            pthread_create(&ids[i], NULL, attack, (void *)(i + 1));
        }
        usleep(HOSTILE_MS * 1000);
        _exit(0);
    }
    int status = -1;
    do {
        run_good(client, 4, 20);
    } while (waitpid(attackers, &status, WNOHANG) == 0);
    assert_int_equal(status, 0);
    wait_for_connections(client, 1);
    client_close(client);
}

static void words_on_the_socket_that_are_no_lane_end_the_connection(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 3, 4, 5, 8, 4000};
    uint8_t junk[4000];
    memset(junk, 0xff, sizeof(junk));
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct raw_link link;
        uint8_t byte;
        assert_true(raw_open(&link));
        assert_int_equal(send(link.socket, junk, sizes[i], MSG_NOSIGNAL), (ssize_t)sizes[i]);
        assert_true(recv(link.socket, &byte, 1, 0) <= 0);
        raw_close(&link);
    }
}

static void clients_that_stall_hold_up_nobody(void **state) {
    (void)state;
    enum { STALLED = 100 };
    struct raw_link links[STALLED];
    struct client *client = open_or_fail();
    for (int i = 0; i < STALLED; i++) {
        assert_true(raw_open(&links[i]));
        assert_non_null(links[i].memory);
        for (uint32_t lane = 0; lane < LINK_LANES; lane++) {
            frame_write_header(links[i].memory->lanes[lane].request_frame, COMMAND_status, 0);
            raw_publish(&links[i], lane, lane_next(0, FRAME_HEADER_SIZE));
            assert_true(raw_ask(&links[i], lane));
        }
    }
    run_good(client, 4, 50);
    for (int i = 0; i < STALLED; i++) {
        raw_close(&links[i]);
    }
    wait_for_connections(client, 1);
    client_close(client);
}

static void one_user_cannot_take_all_connections(void **state) {
    (void)state;
    enum { TRIES = CONNECTIONS_MAX / 4 + 20 };
    static struct raw_link links[TRIES];
    struct client *client = open_or_fail();
    struct client *late = NULL;
    int refused = 0;
    for (int i = 0; i < TRIES; i++) {
        assert_true(raw_open(&links[i]));
        refused += links[i].memory == NULL && links[i].status == STATUS_BUSY;
    }
    assert_int_equal(refused, 21); /* the limit includes `client` */
    assert_int_equal(client_open(&late, raw_path()), STATUS_BUSY);
    run_good(client, 2, 10);
    for (int i = 0; i < TRIES; i++) {
        raw_close(&links[i]);
    }
    wait_for_connections(client, 1);
    late = open_or_fail();
    client_close(late);
    client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_gets_its_own_replies),
        cmocka_unit_test(more_threads_than_lanes_take_turns),
        cmocka_unit_test(a_lane_serves_again_after_it_was_idle),
        cmocka_unit_test(the_log_goes_on_over_its_files),
        cmocka_unit_test(a_session_is_of_no_use_on_another_connection),
        cmocka_unit_test(clients_killed_at_work_leave_nothing_behind),
        cmocka_unit_test(a_connection_ends_with_its_process_even_when_a_child_keeps_the_socket),
        cmocka_unit_test(hostile_clients_disturb_nobody_else),
        cmocka_unit_test(words_on_the_socket_that_are_no_lane_end_the_connection),
        cmocka_unit_test(clients_that_stall_hold_up_nobody),
        cmocka_unit_test(one_user_cannot_take_all_connections),
    };
    if (raw_path() == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
