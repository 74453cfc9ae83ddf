/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that break the rules, each in its way, until they are killed. */
#define _GNU_SOURCE
#include "test/daemon/raw_link.h"
#include "test/load/load.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STRANGER = 65533, /* a user that owns nothing here */
    FLOOD_THREADS = 8,
    STALL_US = 500000,
    KILL_MIN_US = 20000,
    KILL_MAX_US = 400000,
};

/* They are another user where that can be had, as an attacker on the machine would be; and they
 * leave the processor to others first: what is measured is how the module shares itself, not how
 * the kernel shares the processor between programs. */
static void become_stranger(void) {
    if (setpriority(PRIO_PROCESS, 0, 10) != 0) {
        _exit(2);
    }
    if (geteuid() == 0 &&
        (setgroups(0, NULL) != 0 || setresgid(STRANGER, STRANGER, STRANGER) != 0 ||
         setresuid(STRANGER, STRANGER, STRANGER) != 0)) {
        _exit(2);
    }
}

static uint32_t step(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 4;
}

/* ---- stalls: requests half written, replies never read, and in the end the whole process stops in
 * the middle of its work ---- */

static void write_half(struct raw_link *link, uint32_t lane, uint32_t seed) {
    static const enum command commands[] = {COMMAND_digest, COMMAND_sign, COMMAND_object_create,
                                            COMMAND_login, COMMAND_log_read};
    uint8_t *frame = link->memory->lanes[lane].request_frame;
    size_t said = 4000;
    frame_write_header(frame, (uint32_t)commands[seed % COUNT(commands)], said);
    memset(frame + FRAME_HEADER_SIZE, 0, 64);
    size_t size = seed % 3 == 0 ? 5 : FRAME_HEADER_SIZE + said;
    raw_publish(link, lane, lane_next(link->memory->lanes[lane].request, size));
    (void)raw_ask(link, lane);
    atomic_fetch_add(&load->stalled, 1);
}

static void stall(uint32_t seed, bool stops) {
    for (unsigned round = 0;; round++) {
        struct raw_link link;
        if (!raw_open(&link)) {
            usleep(STALL_US);
            continue;
        }
        for (uint32_t lane = 0; lane < LINK_LANES && link.memory != NULL; lane++) {
            write_half(&link, lane, step(&seed));
        }
        if (stops && round == 5) {
            raise(SIGSTOP);
        }
        usleep(STALL_US);
        raw_close(&link);
    }
}

/* ---- floods: heavy calls on all lanes without a pause ---- */

static void *flood_lane(void *argument) {
    struct client *client = argument;
    static uint8_t data[DATA_MAX];
    uint8_t *room = malloc(CLIENT_ROOM_SIZE);
    struct span span = {room, room != NULL ? CLIENT_ROOM_SIZE : 0};
    const struct session_open_req open = {.slot = 0, .read_write = 0};
    struct session_open_rep session;
    enum status status = client_session_open(client, &open, &session, span);
    while (status != STATUS_DISCONNECTED) {
        const struct digest_req digest = {session.session, HASH_SHA512, bytes_of(data, DATA_MAX)};
        const struct random_req random = {session.session, DATA_MAX};
        struct digest_rep digested;
        struct random_rep drawn;
        status = client_digest(client, &digest, &digested, span);
        if (status != STATUS_DISCONNECTED) {
            status = client_random(client, &random, &drawn, span);
        }
        atomic_fetch_add(&load->flood, 2);
    }
    free(room);
    return NULL;
}

static void flood(void) {
    pthread_t threads[FLOOD_THREADS];
    struct client *client = NULL;
    while (client_open(&client, client_address(NULL)) != STATUS_OK) {
        usleep(STALL_US);
    }
    for (size_t i = 0; i < FLOOD_THREADS; i++) {
        if (pthread_create(&threads[i], NULL, flood_lane, client) != 0) {
            _exit(2);
        }
    }
    for (size_t i = 0; i < FLOOD_THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    _exit(2); /* the module ended the connection of a client that only asks much */
}

/* ---- killed at work ---- */

static void work_until_killed(uint32_t seed) {
    static struct caller caller;
    uint32_t number = 0;
    uint64_t handle = 0;
    enum status status = caller_open(&caller, seed);
    while (status == STATUS_OK) {
        switch (caller_random(&caller) % 3) {
        case 0:
            status = caller_sign(&caller);
            break;
        case 1:
            status = caller_mac(&caller);
            break;
        default:
            status = caller_object(&caller, &number, &handle);
        }
        usleep(2000);
    }
    _exit(1);
}

static void die_often(uint32_t seed) {
    for (;;) {
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work_until_killed(step(&seed));
        }
        usleep(KILL_MIN_US + step(&seed) % (KILL_MAX_US - KILL_MIN_US));
        int status = 0;
        if (child < 0 || kill(child, SIGKILL) != 0 || waitpid(child, &status, 0) != child ||
            !WIFSIGNALED(status)) {
            _exit(3); /* it ended by itself: it was refused or got a wrong answer */
        }
        atomic_fetch_add(&load->killed, 1);
    }
}

/* ---- nonsense in the shared memory and on the socket ---- */

static void write_nonsense(struct raw_link *link, uint32_t *seed) {
    uint32_t number = step(seed) % LINK_LANES;
    struct lane *lane = &link->memory->lanes[number];
    size_t size = FRAME_HEADER_SIZE + step(seed) % 3000;
    for (size_t i = 0; i < 200; i++) {
        lane->request_frame[step(seed) % size] = (uint8_t)step(seed);
    }
    if (step(seed) % 4 != 0) { /* what gets past the first check */
        frame_write_header(lane->request_frame, step(seed) % 0x70, size - FRAME_HEADER_SIZE);
    }
    lane->client_waits = step(seed);
    lane->daemon_waits = step(seed);
    lane->served = step(seed) % 2;
    lane->reply = step(seed);
    raw_publish(link, number, step(seed) % 8 == 0 ? step(seed) : lane_next(*seed, size));
    atomic_fetch_add(&load->garbage, 1);
    if (!raw_ask(link, step(seed) % 64 == 0 ? step(seed) : number)) {
        raw_close(link);
        while (!raw_open(link) || link->memory == NULL) {
            usleep(STALL_US);
        }
    }
    usleep(200);
}

static void talk_nonsense(uint32_t seed) {
    struct raw_link link;
    while (!raw_open(&link) || link.memory == NULL) {
        usleep(STALL_US);
    }
    for (;;) {
        write_nonsense(&link, &seed);
    }
}

void hostile_run(uint32_t number) {
    uint32_t seed = number * 104729 + 3;
    uint32_t kind = number % HOSTILE_KINDS;
    if (kind == 2) { /* users of the token, whom an accident befalls */
        die_often(seed);
    }
    become_stranger();
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* changing the user took it away */
    if (kind == 0) {
        stall(seed, number == 0);
    } else if (kind == 1) {
        flood();
    } else {
        talk_nonsense(seed);
    }
}
