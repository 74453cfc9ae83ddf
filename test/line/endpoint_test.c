/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint and a chip, with a wire between them that this test holds: what is lost, repeated,
 * falsified, cut, replayed and read on it.
 *
 *   endpoint_test ENDPOINT SOFT_CHIP */
#define _GNU_SOURCE
#include "base/compiler.h"
#include "test/line/ground.h"
#include "test/line/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- the stories ---- */

static bool contains(struct bytes all, const char *text) {
    return memmem(all.data, all.size, text, strlen(text)) != NULL;
}

static void a_probe_on_the_wire_sees_neither_pin_nor_data(void **unused) {
    (void)unused;
    tap_forget();
    all_is_well();
    struct bytes all = tap_recorded(false);
    assert_true(all.size > 5 * CHUNK);
    assert_false(contains(all, user_pin));
    assert_false(contains(all, officer_pin));
    assert_false(contains(all, "this text is nobody's business"));
    /* not even a part of it: four equal bytes in a row come by chance, sixteen never */
    uint8_t run_of_data[16];
    for (int i = 0; i < 5; i++) {
        memset(run_of_data, i, sizeof(run_of_data));
        assert_null(memmem(all.data, all.size, run_of_data, sizeof(run_of_data)));
    }
}

static void commands_survive_a_wire_that(struct tap_faults faults) {
    tap_set_faults(faults);
    struct client *client = opened();
    uint32_t session = session_of(client);
    for (uint8_t i = 0; i < 12; i++) {
        assert_int_equal(digest(client, session, i), STATUS_OK);
    }
    client_close(client);
    tap_set_faults((struct tap_faults){0});
    all_is_well();
}

static void commands_survive_a_wire_that_loses_bytes(void **unused) {
    (void)unused;
    commands_survive_a_wire_that((struct tap_faults){.lose = 6000});
}

static void commands_survive_a_wire_that_repeats_bytes(void **unused) {
    (void)unused;
    commands_survive_a_wire_that((struct tap_faults){.repeat = 6000});
}

static void commands_survive_a_wire_that_flips_bits(void **unused) {
    (void)unused;
    commands_survive_a_wire_that((struct tap_faults){.flip = 6000});
}

static void commands_survive_a_wire_that_swaps_bytes(void **unused) {
    (void)unused;
    commands_survive_a_wire_that((struct tap_faults){.swap = 6000});
}

/* The plug is pulled after each of many numbers of bytes: the client hears of it, and with the plug
 * in again everything is there. */
static void a_line_unplugged_in_the_middle_of_a_command_is_a_clear_error(void **unused) {
    (void)unused;
    for (size_t bytes = 1; bytes < 6000; bytes += 700) {
        struct client *client = opened();
        uint32_t session = session_of(client);
        tap_unplug_after(bytes);
        enum status status = digest(client, session, 9);
        for (int i = 0; i < 3 && status == STATUS_OK; i++) { /* so many bytes were too many */
            status = digest(client, session, 9);
        }
        /* between two commands the line may go as well: then the next finds its connection ended */
        assert_true(status == STATUS_LINE_DOWN || status == STATUS_DISCONNECTED);
        status = digest(client, session, 9);
        assert_true(status == STATUS_DISCONNECTED || status == STATUS_LINE_DOWN);
        client_close(client);
        tap_plug();
        all_is_well();
    }
}

static void without_a_line_new_clients_hear_why(void **unused) {
    (void)unused;
    struct client *client = NULL;
    unsigned stood = said("the channel stands");
    tap_unplug();
    assert_int_equal(open_client(&client), STATUS_LINE_DOWN);
    assert_null(client);
    assert_true(said("the chip does not answer on its line") > 0);
    tap_plug();
    wait_until_said("the channel stands", stood + 1);
    all_is_well();
}

/* A line that is not the endpoint's to open is another matter than a chip that is silent. */
static void a_line_that_may_not_be_opened_is_said_to_be_so(void **unused) {
    (void)unused;
    if (geteuid() != 0) {
        skip(); /* the endpoint runs as this user, who may */
    }
    unsigned denied = said("Permission denied");
    tap_admit(false);
    tap_unplug();
    tap_plug();
    wait_until_said("Permission denied", denied + 1);
    pause_ms(300);
    assert_int_equal(said("Permission denied"), denied + 1);
    tap_admit(true);
    all_is_well();
}

static void a_chip_that_restarts_ends_sessions_and_loses_nothing(void **unused) {
    (void)unused;
    struct client *client = opened();
    uint32_t session = session_of(client);
    assert_int_equal(digest(client, session, 1), STATUS_OK);
    kill(chip, SIGUSR1);
    pause_ms(300);
    enum status status = digest(client, session, 1);
    assert_true(status == STATUS_LINE_DOWN || status == STATUS_DISCONNECTED);
    client_close(client);
    all_is_well();
}

static void a_chip_that_hangs_is_an_error_in_the_time_stated(void **unused) {
    (void)unused;
    struct client *client = opened();
    uint32_t session = session_of(client);
    kill(chip, SIGSTOP);
    enum status status = digest(client, session, 1);
    kill(chip, SIGCONT);
    assert_int_equal(status, STATUS_LINE_DOWN);
    client_close(client);
    all_is_well();
}

/* ---- what the endpoint may ---- */

static pid_t working_process(void) {
    char path[64];
    int pid = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)endpoint, (int)endpoint);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

static void look_at_status(pid_t pid) {
    char path[64], line[256];
    unsigned seen = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned user = 0, flag = 0;
        unsigned long long rights = 0;
        if (sscanf(line, "Uid: %u", &user) == 1) {
            assert_int_not_equal(user, 0);
            seen++;
        } else if (sscanf(line, "CapEff: %llx", &rights) == 1 ||
                   sscanf(line, "CapPrm: %llx", &rights) == 1) {
            assert_true(rights == 0);
            seen++;
        } else if (sscanf(line, "NoNewPrivs: %u", &flag) == 1) {
            assert_int_equal(flag, 1);
            seen++;
        } else if (sscanf(line, "Seccomp: %u", &flag) == 1) {
            assert_int_equal(flag, 2);
            seen++;
        }
    }
    fclose(file);
    assert_int_equal(seen, 5);
}

static void both_processes_of_the_endpoint_run_without_rights(void **unused) {
    (void)unused;
    look_at_status(endpoint);
    look_at_status(working_process());
}

/* ---- clients among themselves ---- */

/* Connects, asks for the service of each lane, and never looks at anything again. */
static int stalled_client(void) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, door_path, strlen(door_path) + 1);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    for (uint8_t lane = 0; lane < 16; lane++) {
        uint8_t message[4] = {lane};
        assert_int_equal(send(fd, message, sizeof(message), 0), sizeof(message));
    }
    return fd;
}

static void a_client_that_stalls_holds_up_nobody(void **unused) {
    (void)unused;
    int stalled[3];
    for (size_t i = 0; i < COUNT(stalled); i++) {
        stalled[i] = stalled_client();
    }
    all_is_well();
    for (size_t i = 0; i < COUNT(stalled); i++) {
        close(stalled[i]);
    }
}

struct greedy {
    struct client *client;
    uint32_t session;
    unsigned done; /* atomic */
    bool stop;     /* atomic */
};

static void *be_greedy(void *argument) {
    struct greedy *greedy = argument;
    while (!__atomic_load_n(&greedy->stop, __ATOMIC_RELAXED)) {
        if (digest(greedy->client, greedy->session, 3) != STATUS_OK) {
            break;
        }
        __atomic_fetch_add(&greedy->done, 1, __ATOMIC_RELAXED);
    }
    return NULL;
}

/* Eight threads of one process do not keep another from its turn. */
static void connections_take_turns(void **unused) {
    (void)unused;
    pthread_t threads[8];
    struct greedy greedy = {.client = opened()};
    greedy.session = session_of(greedy.client);
    struct client *modest = opened();
    uint32_t session = session_of(modest);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, be_greedy, &greedy), 0);
    }
    while (__atomic_load_n(&greedy.done, __ATOMIC_RELAXED) < 50) {
        pause_ms(5);
    }
    unsigned before = __atomic_load_n(&greedy.done, __ATOMIC_RELAXED);
    for (uint8_t i = 0; i < 50; i++) {
        assert_int_equal(digest(modest, session, i), STATUS_OK);
    }
    unsigned meanwhile = __atomic_load_n(&greedy.done, __ATOMIC_RELAXED) - before;
    __atomic_store_n(&greedy.stop, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_true(meanwhile < 50 * 4); /* turn by turn it is one for one */
    client_close(modest);
    client_close(greedy.client);
}

static void more_connections_than_the_chip_has_are_refused_as_busy(void **unused) {
    (void)unused;
    struct client *clients[16] = {NULL};
    size_t count = 0;
    enum status status = STATUS_OK;
    while (count < COUNT(clients) && status == STATUS_OK) {
        status = open_client(&clients[count]);
        count += status == STATUS_OK;
    }
    assert_int_equal(status, STATUS_BUSY);
    for (size_t i = 0; i < count; i++) {
        client_close(clients[i]);
    }
    pause_ms(300);
    all_is_well();
}

static void a_request_larger_than_the_chip_takes_is_refused_as_such(void **unused) {
    (void)unused;
    static uint8_t data[20000];
    struct client *client = opened();
    struct digest_req request = {.session = session_of(client),
                                 .hash = HASH_SHA256,
                                 .data = bytes_of(data, sizeof(data))};
    struct digest_rep reply;
    assert_true(client_data_max(client) <= CHUNK);
    assert_int_equal(client_digest(client, &request, &reply, ROOM), STATUS_TOO_LARGE);
    assert_int_equal(digest(client, request.session, 1), STATUS_OK);
    client_close(client);
}

/* ---- an attacker on the wire ---- */

/* Plays bytes to the chip itself and returns how many messages of a channel it answered with:
 * packets longer than a handshake. */
static size_t play_to_chip(struct bytes bytes, uint8_t *answer, size_t most) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    memcpy(name.sun_path, chip_path, strlen(chip_path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    size_t used = 0;
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, sizeof(name)), 0);
    for (size_t at = 0; at < bytes.size;) {
        size_t size = bytes.size - at < 512 ? bytes.size - at : 512;
        assert_int_equal(send(fd, bytes.data + at, size, MSG_NOSIGNAL), (ssize_t)size);
        at += size;
        struct pollfd poller = {.fd = fd, .events = POLLIN};
        while (used < most && poll(&poller, 1, 10) > 0) {
            ssize_t got = recv(fd, answer + used, most - used, 0);
            if (got <= 0) {
                break;
            }
            used += (size_t)got;
        }
    }
    close(fd);
    return used;
}

static uint64_t log_size(void) {
    struct client *client = opened();
    const struct status_req request = {};
    struct status_rep reply;
    assert_int_equal(client_status(client, &request, &reply, ROOM), STATUS_OK);
    client_close(client);
    return reply.log_size;
}

static void a_recorded_conversation_played_again_changes_nothing(void **unused) {
    (void)unused;
    static uint8_t record[1 << 20], answer[1 << 20];
    /* from the opening of a channel on, so that the whole of it is played again */
    unsigned stood = said("the channel stands");
    tap_unplug();
    tap_forget();
    tap_plug();
    wait_until_said("the channel stands", stood + 1);
    all_is_well();
    struct bytes all = tap_recorded(true);
    size_t size = all.size < sizeof(record) ? all.size : sizeof(record);
    memcpy(record, all.data, size);
    uint64_t before = log_size();
    tap_unplug();
    pause_ms(100);
    size_t answered = play_to_chip(bytes_of(record, size), answer, sizeof(answer));
    tap_plug();
    all_is_well();
    /* The chip answered the opening and the handshake, and refused the rest: no command of the
     * record was run. In the log are: this look, and its own connections. */
    assert_true(answered > 0);
    assert_true(answered < 4000);
    uint64_t own = 20;
    assert_true(log_size() < before + own);
}

/* ---- keys that do not fit ---- */

static void flip_in_pairing(size_t at) {
    char path[128];
    uint8_t byte;
    snprintf(path, sizeof(path), "%s/pairing.key", state);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
    byte ^= 0x08;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

static void restart_endpoint(void) {
    end(endpoint, SIGTERM);
    endpoint = start_endpoint(false);
}

static void a_wrong_pairing_key_is_refused_and_said(void **unused) {
    (void)unused;
    static const size_t places[] = {8 + 5, 40 + 5}; /* the host's key, the chip's */
    for (size_t i = 0; i < COUNT(places); i++) {
        struct client *client = NULL;
        unsigned ready = said("ready at");
        unsigned stood = said("the channel stands");
        flip_in_pairing(places[i]);
        restart_endpoint();
        wait_until_said("ready at", ready + 1);
        wait_until_said("not the ones that were paired", (unsigned)i + 1);
        assert_int_equal(open_client(&client), STATUS_WRONG_PAIRING);
        assert_int_equal(said("the channel stands"), stood);
        flip_in_pairing(places[i]);
        restart_endpoint();
        wait_until_said("the channel stands", stood + 1);
        all_is_well();
    }
}

/* The chip belongs to this host: another one cannot pair with it. */
static void a_paired_chip_refuses_another_host(void **unused) {
    (void)unused;
    int result;
    unsigned stood = said("the channel stands");
    end(endpoint, SIGTERM);
    char kept[sizeof(state)];
    memcpy(kept, state, sizeof(kept));
    snprintf(state, sizeof(state), "%s/other", folder);
    waitpid(start_endpoint(true), &result, 0);
    assert_int_not_equal(WEXITSTATUS(result), 0);
    wait_until_said("belongs to a host already", 1);
    memcpy(state, kept, sizeof(state));
    endpoint = start_endpoint(false);
    wait_until_said("the channel stands", stood + 1);
    all_is_well();
}

/* Last: it does not come back. */
static void a_pulled_tamper_pin_ends_everything_and_is_said(void **unused) {
    (void)unused;
    struct client *client = NULL;
    kill(chip, SIGUSR2);
    wait_until_said("tamper was detected", 1);
    assert_int_equal(open_client(&client), STATUS_TAMPERED);
}

int main(int count, char **arguments) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_on_the_wire_sees_neither_pin_nor_data),
        cmocka_unit_test(commands_survive_a_wire_that_loses_bytes),
        cmocka_unit_test(commands_survive_a_wire_that_repeats_bytes),
        cmocka_unit_test(commands_survive_a_wire_that_flips_bits),
        cmocka_unit_test(commands_survive_a_wire_that_swaps_bytes),
        cmocka_unit_test(a_line_unplugged_in_the_middle_of_a_command_is_a_clear_error),
        cmocka_unit_test(without_a_line_new_clients_hear_why),
        cmocka_unit_test(a_line_that_may_not_be_opened_is_said_to_be_so),
        cmocka_unit_test(a_chip_that_restarts_ends_sessions_and_loses_nothing),
        cmocka_unit_test(a_chip_that_hangs_is_an_error_in_the_time_stated),
        cmocka_unit_test(both_processes_of_the_endpoint_run_without_rights),
        cmocka_unit_test(a_client_that_stalls_holds_up_nobody),
        cmocka_unit_test(connections_take_turns),
        cmocka_unit_test(more_connections_than_the_chip_has_are_refused_as_busy),
        cmocka_unit_test(a_request_larger_than_the_chip_takes_is_refused_as_such),
        cmocka_unit_test(a_recorded_conversation_played_again_changes_nothing),
        cmocka_unit_test(a_wrong_pairing_key_is_refused_and_said),
        cmocka_unit_test(a_paired_chip_refuses_another_host),
        cmocka_unit_test(a_pulled_tamper_pin_ends_everything_and_is_said),
    };
    if (count != 3) {
        fputs("usage: endpoint_test ENDPOINT SOFT_CHIP\n", stderr);
        return 2;
    }
    endpoint_program = arguments[1];
    chip_program = arguments[2];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
