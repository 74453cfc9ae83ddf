/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a daemon that lies (P7): each fault is one clear status, never a crash or a
 * read outside. */
#define _GNU_SOURCE
#include "client/client.h"
#include "proto/codec.h"
#include "proto/lane.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What the false daemon does, beside the one lie of the test. */
struct lies {
    uint32_t magic, version, status, lanes, size;
    size_t welcome_size;
    off_t file_size;
    int seals;
    bool sends_file;
    uint32_t reply_size;    /* 0: the right one */
    size_t honest_replies;  /* before the lies begin */
    uint8_t reply[64];      /* bytes put over the frame */
    size_t reply_used;
    bool hangs_up;          /* instead of a reply */
};

static const struct lies honest = {
    .magic = LINK_MAGIC, .version = LINK_VERSION, .status = STATUS_OK, .lanes = LINK_LANES,
    .size = sizeof(struct link_memory), .welcome_size = LINK_WELCOME_SIZE,
    .file_size = sizeof(struct link_memory), .seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
    .sends_file = true, .honest_replies = 1000000,
};

static struct {
    struct lies lies;
    char path[64];
    int listening;
    pthread_t thread;
} daemon_here;

static void send_welcome(int socket, int file) {
    const struct lies *lies = &daemon_here.lies;
    uint8_t welcome[LINK_WELCOME_SIZE + 4] = {0};
    save_u32(welcome, lies->magic);
    save_u32(welcome + 4, lies->version);
    save_u32(welcome + 8, lies->status);
    save_u32(welcome + 12, lies->lanes);
    save_u32(welcome + 16, lies->size);
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec part = {welcome, lies->welcome_size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (lies->sends_file) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        control.header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), &file, sizeof(int));
    }
    ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    (void)sent;
}

/* Answers every request with a hello reply, or with the lie. */
static void answer(struct lane *lane, uint32_t word, bool lying) {
    const struct lies *lies = &daemon_here.lies;
    const struct hello_rep reply = {.version = PROTOCOL_VERSION};
    struct span body = {lane->reply_frame + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    if (codec_write(command_row(COMMAND_hello)->reply, &reply, body, &used) != STATUS_OK) {
        abort();
    }
    frame_write_header(lane->reply_frame, STATUS_OK, used);
    uint32_t size = (uint32_t)(FRAME_HEADER_SIZE + used);
    if (lying) {
        memcpy(lane->reply_frame, lies->reply, lies->reply_used);
        size = lies->reply_size != 0 ? lies->reply_size : size;
    }
    __atomic_store_n(&lane->reply, lane_answer(word, size), __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &lane->reply, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void serve(int socket, struct link_memory *memory) {
    uint8_t message[4];
    uint32_t seen[LINK_LANES] = {0};
    size_t served = 0;
    while (recv(socket, message, sizeof(message), 0) == 4) {
        uint32_t number = load_u32(message);
        struct lane *lane = &memory->lanes[number % LINK_LANES];
        uint32_t word = __atomic_load_n(&lane->request, __ATOMIC_SEQ_CST);
        if (word == seen[number % LINK_LANES]) {
            continue;
        }
        seen[number % LINK_LANES] = word;
        bool lying = served++ >= daemon_here.lies.honest_replies;
        if (lying && daemon_here.lies.hangs_up) {
            return;
        }
        answer(lane, word, lying);
    }
}

static void *run_daemon(void *unused) {
    (void)unused;
    for (;;) {
        int socket = accept(daemon_here.listening, NULL, NULL);
        if (socket < 0) {
            return NULL;
        }
        int file = memfd_create("lie", MFD_ALLOW_SEALING);
        struct link_memory *memory = MAP_FAILED;
        int seals = daemon_here.lies.seals;
        if (ftruncate(file, daemon_here.lies.file_size) == 0 &&
            (seals == 0 || fcntl(file, F_ADD_SEALS, seals) == 0)) {
            memory = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        }
        send_welcome(socket, file);
        close(file);
        if (memory != MAP_FAILED) {
            serve(socket, memory);
            munmap(memory, sizeof(*memory));
        }
        close(socket);
    }
}

static int start_daemon(void **state) {
    (void)state;
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    daemon_here.lies = honest;
    snprintf(daemon_here.path, sizeof(daemon_here.path), "/tmp/edgehsm-link.%d", getpid());
    memcpy(name.sun_path, daemon_here.path, strlen(daemon_here.path) + 1);
    daemon_here.listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (bind(daemon_here.listening, (struct sockaddr *)&name, sizeof(name)) != 0 ||
        listen(daemon_here.listening, 8) != 0) {
        return -1;
    }
    return pthread_create(&daemon_here.thread, NULL, run_daemon, NULL);
}

static int stop_daemon(void **state) {
    (void)state;
    shutdown(daemon_here.listening, SHUT_RDWR);
    pthread_join(daemon_here.thread, NULL);
    close(daemon_here.listening);
    return unlink(daemon_here.path);
}

static enum status open_client(struct client **client) {
    return client_open(client, daemon_here.path);
}

static enum status say_hello(struct client *client) {
    static _Thread_local uint8_t room[CLIENT_ROOM_SIZE];
    struct hello_req request = {.version = PROTOCOL_VERSION};
    struct hello_rep reply;
    return client_hello(client, &request, &reply, (struct span){room, sizeof(room)});
}

static void expect_open(enum status expected) {
    struct client *client = (struct client *)1;
    assert_int_equal(open_client(&client), expected);
    if (expected == STATUS_OK) {
        client_close(client);
    } else {
        assert_null(client);
    }
}

static void an_honest_daemon_is_understood(void **state) {
    (void)state;
    struct client *client;
    assert_int_equal(open_client(&client), STATUS_OK);
    assert_true(client_alive(client));
    for (int i = 0; i < 100; i++) {
        assert_int_equal(say_hello(client), STATUS_OK);
    }
    client_close(client);
}

static void nobody_at_the_address_is_unreachable(void **state) {
    (void)state;
    struct client *client;
    char longer[300];
    assert_int_equal(client_open(&client, "/tmp/edgehsm-nobody-here"), STATUS_UNREACHABLE);
    memset(longer, 'a', sizeof(longer));
    longer[0] = '/';
    longer[sizeof(longer) - 1] = '\0';
    assert_int_equal(client_open(&client, longer), STATUS_UNREACHABLE);
    assert_null(client);
}

static void a_false_welcome_is_refused(void **state) {
    (void)state;
    struct lies *lies = &daemon_here.lies;
    lies->magic++;
    expect_open(STATUS_UNREACHABLE);
    *lies = honest;
    lies->version++;
    expect_open(STATUS_VERSION);
    *lies = honest;
    lies->lanes++;
    expect_open(STATUS_VERSION);
    *lies = honest;
    lies->size--;
    expect_open(STATUS_VERSION);
    *lies = honest;
    lies->welcome_size = LINK_WELCOME_SIZE - 1;
    expect_open(STATUS_UNREACHABLE);
    *lies = honest;
    lies->status = STATUS_BUSY;
    expect_open(STATUS_BUSY);
    lies->status = 77777;
    expect_open(STATUS_PEER_REFUSED);
    *lies = honest;
    expect_open(STATUS_OK);
}

static void memory_that_could_vanish_is_refused(void **state) {
    (void)state;
    struct lies *lies = &daemon_here.lies;
    lies->sends_file = false;
    expect_open(STATUS_UNREACHABLE);
    *lies = honest;
    lies->seals = 0;
    expect_open(STATUS_UNREACHABLE);
    *lies = honest;
    lies->seals = F_SEAL_GROW;
    expect_open(STATUS_UNREACHABLE);
    *lies = honest;
    lies->file_size = 4096;
    expect_open(STATUS_UNREACHABLE);
    lies->file_size = (off_t)sizeof(struct link_memory) + 4096;
    expect_open(STATUS_UNREACHABLE);
}

/* The first call after the opening meets the lie. */
static enum status call_with(const struct lies *lies) {
    struct client *client;
    daemon_here.lies = *lies;
    daemon_here.lies.honest_replies = 1;
    assert_int_equal(open_client(&client), STATUS_OK);
    enum status status = say_hello(client);
    client_close(client);
    return status;
}

static void a_reply_of_an_impossible_size_is_a_bad_frame(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1, FRAME_HEADER_SIZE - 1, LANE_ROOM + 1, LANE_SIZE_MASK};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct lies lies = honest;
        lies.reply_size = sizes[i];
        assert_int_equal(call_with(&lies), STATUS_BAD_FRAME);
    }
}

static void a_reply_that_is_no_frame_is_refused(void **state) {
    (void)state;
    struct lies lies = honest;
    lies.reply_used = 1;
    lies.reply[0] = 'X';
    assert_int_equal(call_with(&lies), STATUS_BAD_FRAME);
    lies = honest;
    lies.reply_used = FRAME_HEADER_SIZE;
    frame_write_header(lies.reply, STATUS_OK, 5); /* another size than the frame has */
    assert_int_equal(call_with(&lies), STATUS_BAD_FRAME);
    frame_write_header(lies.reply, STATUS_PIN_INCORRECT, 0); /* a body behind a failure */
    assert_int_equal(call_with(&lies), STATUS_BAD_FRAME);
    lies.reply_size = FRAME_HEADER_SIZE;
    assert_int_equal(call_with(&lies), STATUS_PIN_INCORRECT);
    frame_write_header(lies.reply, 123456, 0); /* a status that no table has */
    assert_int_equal(call_with(&lies), STATUS_INTERNAL);
    lies.reply[2] = PROTOCOL_VERSION + 1;
    assert_int_equal(call_with(&lies), STATUS_VERSION);
}

static void random_replies_are_refused_or_read_and_never_crash(void **state) {
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 300; round++) {
        struct lies lies = honest;
        lies.reply_used = FRAME_HEADER_SIZE + 16;
        for (size_t i = 0; i < lies.reply_used; i++) {
            seed = seed * 1103515245u + 12345u;
            lies.reply[i] = (uint8_t)(seed >> 16);
        }
        if (round % 2 == 0) {
            frame_write_header(lies.reply, STATUS_OK, seed % 64);
        }
        lies.reply_size = FRAME_HEADER_SIZE + seed % 64;
        enum status status = call_with(&lies);
        assert_true(status == STATUS_OK || status == STATUS_BAD_FRAME ||
                    status == STATUS_VERSION || status == STATUS_INTERNAL);
    }
}

static void a_daemon_that_hangs_up_ends_the_call(void **state) {
    (void)state;
    struct lies lies = honest;
    lies.hangs_up = true;
    assert_int_equal(call_with(&lies), STATUS_DISCONNECTED);
}

static void a_child_after_fork_has_no_part_in_the_connection(void **state) {
    (void)state;
    struct client *client;
    int status = -1;
    assert_int_equal(open_client(&client), STATUS_OK);
    pid_t child = fork();
    if (child == 0) {
        bool refused = say_hello(client) == STATUS_DISCONNECTED && !client_alive(client);
        client_abandon(client);
        _exit(refused ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_true(client_alive(client));
    assert_int_equal(say_hello(client), STATUS_OK);
    client_close(client);
}

static void the_address_comes_from_argument_environment_or_default(void **state) {
    (void)state;
    unsetenv("EDGEHSM_MODULE");
    assert_string_equal(client_address("unix:/a"), "unix:/a");
    assert_string_equal(client_address(NULL), "/run/edgehsm/module.sock");
    setenv("EDGEHSM_MODULE", "/b", 1);
    assert_string_equal(client_address(NULL), "/b");
    assert_string_equal(client_address(""), "/b");
    unsetenv("EDGEHSM_MODULE");
}

#define WITH_DAEMON(name) cmocka_unit_test_setup_teardown(name, start_daemon, stop_daemon)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH_DAEMON(an_honest_daemon_is_understood),
        cmocka_unit_test(nobody_at_the_address_is_unreachable),
        WITH_DAEMON(a_false_welcome_is_refused),
        WITH_DAEMON(memory_that_could_vanish_is_refused),
        WITH_DAEMON(a_reply_of_an_impossible_size_is_a_bad_frame),
        WITH_DAEMON(a_reply_that_is_no_frame_is_refused),
        WITH_DAEMON(random_replies_are_refused_or_read_and_never_crash),
        WITH_DAEMON(a_daemon_that_hangs_up_ends_the_call),
        WITH_DAEMON(a_child_after_fork_has_no_part_in_the_connection),
        cmocka_unit_test(the_address_comes_from_argument_environment_or_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
