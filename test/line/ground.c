/* SPDX-License-Identifier: Apache-2.0 */
/* What the stories of endpoint and chip stand on. */
#define _GNU_SOURCE
#include "test/line/ground.h"
#include "base/compiler.h"
#include "test/line/tap.h"

#include <openssl/sha.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pwd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

const char *endpoint_program, *chip_program;
char folder[64], chip_path[96], door_path[96], state[96], log_path[96];
pid_t endpoint, chip;
const char user_pin[] = "73519640", officer_pin[] = "officer-40963";

static char tap_path[96], tap_address[104];

/* ---- processes ---- */

static pid_t run(const char *const *words, const char *log) {
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

void end(pid_t pid, int signal) {
    int result;
    kill(pid, signal);
    waitpid(pid, &result, 0);
}

void pause_ms(int ms) {
    poll(NULL, 0, ms);
}

unsigned said(const char *text) {
    char line[512];
    unsigned times = 0;
    FILE *file = fopen(log_path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file) != NULL) {
        times += strstr(line, text) != NULL;
    }
    fclose(file);
    return times;
}

static void show_log(void) {
    char line[512];
    FILE *file = fopen(log_path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        print_error("%s", line);
    }
    if (file != NULL) {
        fclose(file);
    }
}

void wait_until_said(const char *text, unsigned times) {
    for (int i = 0; said(text) < times; i++) {
        if (i > 3000) {
            show_log();
            fail_msg("'%s' was not said %u times", text, times);
        }
        pause_ms(10);
    }
}

static const char *user_of_endpoint(void) {
    const struct passwd *row = getpwuid(geteuid());
    return geteuid() == 0 ? "nobody" : row == NULL ? "nobody" : row->pw_name;
}

pid_t start_endpoint(bool pair) {
    const char *words[] = {endpoint_program, "--chip", tap_address, "--state", state, "--user",
                           user_of_endpoint(), "--socket", door_path, "--mode", "0666",
                           "--allow-swap", "--patience", "3", pair ? "--pair" : NULL, NULL};
    return run(words, log_path);
}

static void start_chip(void) {
    const char *words[] = {chip_program, "--listen", chip_path, NULL};
    struct stat facts;
    unlink(chip_path);
    chip = run(words, "/dev/null");
    for (int i = 0; stat(chip_path, &facts) != 0; i++) {
        assert_true(i < 1000);
        pause_ms(10);
    }
    pause_ms(200); /* the core starts */
}

/* ---- talking to the module ---- */

uint8_t room[CLIENT_ROOM_SIZE];

enum status open_client(struct client **client) {
    char address[128];
    snprintf(address, sizeof(address), "unix:%s", door_path);
    return client_open(client, address);
}

struct client *opened(void) {
    struct client *client = NULL;
    enum status status = STATUS_INTERNAL;
    for (int i = 0; i < 400 && status != STATUS_OK; i++) {
        status = open_client(&client);
        if (status != STATUS_OK) {
            pause_ms(25);
        }
    }
    assert_int_equal(status, STATUS_OK);
    return client;
}

uint32_t session_of(struct client *client) {
    struct session_open_req open = {.slot = 0, .read_write = 1};
    struct session_open_rep opened_one;
    struct login_req login = {.user = 1, .pin = bytes_of_text(user_pin)};
    struct login_rep in;
    assert_int_equal(client_session_open(client, &open, &opened_one, ROOM), STATUS_OK);
    login.session = opened_one.session;
    assert_int_equal(client_login(client, &login, &in, ROOM), STATUS_OK);
    return opened_one.session;
}

enum status digest(struct client *client, uint32_t session, uint8_t seed) {
    static _Thread_local uint8_t data[CHUNK], answer[CLIENT_ROOM_SIZE];
    uint8_t expected[SHA256_DIGEST_LENGTH];
    struct digest_req request = {.session = session,
                                 .hash = HASH_SHA256,
                                 .data = bytes_of(data, sizeof(data))};
    struct digest_rep reply;
    memset(data, seed, sizeof(data));
    memcpy(data + 100, "this text is nobody's business", 30);
    TRY(client_digest(client, &request, &reply, (struct span){answer, sizeof(answer)}));
    SHA256(data, sizeof(data), expected);
    assert_int_equal(reply.digest.size, sizeof(expected));
    assert_memory_equal(reply.digest.data, expected, sizeof(expected));
    return STATUS_OK;
}

static void make_token(struct client *client) {
    struct token_init_req init = {.slot = 0, .so_pin = bytes_of_text(officer_pin),
                                  .label = bytes_of_text("line")};
    struct token_init_rep made;
    struct session_open_req open = {.slot = 0, .read_write = 1};
    struct session_open_rep opened_one;
    struct login_req login = {.user = 0, .pin = bytes_of_text(officer_pin)};
    struct login_rep in;
    struct pin_init_req pin = {.pin = bytes_of_text(user_pin)};
    struct pin_init_rep set;
    assert_int_equal(client_token_init(client, &init, &made, ROOM), STATUS_OK);
    assert_int_equal(client_session_open(client, &open, &opened_one, ROOM), STATUS_OK);
    login.session = pin.session = opened_one.session;
    assert_int_equal(client_login(client, &login, &in, ROOM), STATUS_OK);
    assert_int_equal(client_pin_init(client, &pin, &set, ROOM), STATUS_OK);
}

/* Everything still works, and the token is there. */
void all_is_well(void) {
    struct client *client = opened();
    uint32_t session = session_of(client);
    for (uint8_t i = 0; i < 5; i++) {
        assert_int_equal(digest(client, session, i), STATUS_OK);
    }
    client_close(client);
}

/* ---- the ground ---- */

static int remove_one(const char *path, const struct stat *facts, int kind, struct FTW *where) {
    (void)facts;
    (void)kind;
    (void)where;
    return remove(path);
}

int set_up(void **unused) {
    (void)unused;
    int result;
    snprintf(folder, sizeof(folder), "/tmp/edgehsm-line.XXXXXX");
    if (mkdtemp(folder) == NULL || chmod(folder, 0777) != 0) {
        return -1;
    }
    snprintf(chip_path, sizeof(chip_path), "%s/chip.sock", folder);
    snprintf(tap_path, sizeof(tap_path), "%s/tap.sock", folder);
    snprintf(tap_address, sizeof(tap_address), "unix:%s", tap_path);
    snprintf(door_path, sizeof(door_path), "%s/module.sock", folder);
    snprintf(state, sizeof(state), "%s/state", folder);
    snprintf(log_path, sizeof(log_path), "%s/endpoint.log", folder);
    start_chip();
    tap_start(tap_path, chip_path);
    waitpid(start_endpoint(true), &result, 0);
    if (!WIFEXITED(result) || WEXITSTATUS(result) != 0) {
        return -1;
    }
    endpoint = start_endpoint(false);
    wait_until_said("the channel stands", 1);
    struct client *client = opened();
    make_token(client);
    client_close(client);
    return 0;
}

int tear_down(void **unused) {
    (void)unused;
    end(endpoint, SIGTERM);
    end(chip, SIGTERM);
    tap_stop();
    return getenv("KEEP") != NULL ? 0 : nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
