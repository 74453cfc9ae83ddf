/* SPDX-License-Identifier: Apache-2.0 */
/* R-23 on the daemon: 1,000 connections of several users guess a PIN at the same moment. No more
 * than PIN_TRIES_MAX guesses get an answer, whoever asks and however many ask at once. Run through
 * tools/with-module. As root the guessers are users of their own; one user has fewer connections,
 * and then guesses in several rounds. */
#define _GNU_SOURCE
#include "client/client.h"
#include "test/daemon/raw_link.h"

#include <grp.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { GUESSERS = 5, CONNECTIONS_EACH = 200, FIRST_UID = 65010, STACK = 64 << 10 };

struct tally {
    pthread_barrier_t begin;
    atomic_uint incorrect, locked, others;
};
static struct tally *tally;

static enum status log_in(struct client *client, const char *pin) {
    uint8_t room[64];
    struct span span = {room, sizeof(room)};
    struct session_open_req open = {.slot = 0, .read_write = 0};
    struct session_open_rep session;
    struct login_rep none;
    TRY(client_session_open(client, &open, &session, span));
    struct login_req login = {session.session, USER_USER, bytes_of_text(pin)};
    return client_login(client, &login, &none, span);
}

static void *guess(void *argument) {
    char pin[16];
    struct client *client = NULL;
    (void)snprintf(pin, sizeof(pin), "%08u", 40000000u + *(unsigned *)argument);
    enum status status = client_open(&client, raw_path());
    pthread_barrier_wait(&tally->begin);
    if (status == STATUS_OK) {
        status = log_in(client, pin);
        client_close(client);
    }
    atomic_fetch_add(status == STATUS_PIN_INCORRECT ? &tally->incorrect
                     : status == STATUS_PIN_LOCKED  ? &tally->locked
                                                    : &tally->others, 1u);
    return NULL;
}

/* One process with all its connections; does not return. */
static void guess_by_all(unsigned number) {
    static unsigned guesses[CONNECTIONS_EACH];
    static pthread_t threads[CONNECTIONS_EACH];
    pthread_attr_t attributes;
    uid_t uid = (uid_t)(FIRST_UID + number);
    if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 ||
                           setresuid(uid, uid, uid) != 0)) {
        _exit(2);
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (unsigned i = 0; i < CONNECTIONS_EACH; i++) {
        guesses[i] = number * CONNECTIONS_EACH + i;
        if (pthread_create(&threads[i], &attributes, guess, &guesses[i]) != 0) {
            _exit(3);
        }
    }
    for (unsigned i = 0; i < CONNECTIONS_EACH; i++) {
        pthread_join(threads[i], NULL);
    }
    _exit(0);
}

/* `count` processes begin at the same moment. */
static void run_guessers(unsigned first, unsigned count) {
    pthread_barrierattr_t shared;
    pid_t children[GUESSERS];
    pthread_barrierattr_init(&shared);
    pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&tally->begin, &shared, count * CONNECTIONS_EACH);
    for (unsigned i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            guess_by_all(first + i);
        }
    }
    for (unsigned i = 0; i < count; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void a_thousand_connections_get_no_ninth_guess(void **state) {
    (void)state;
    tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(tally != MAP_FAILED);
    unsigned at_once = geteuid() == 0 ? GUESSERS : 1;
    for (unsigned first = 0; first < GUESSERS; first += at_once) {
        run_guessers(first, at_once);
    }
    print_message("# %u at once: %u wrong, %u locked, %u others\n", at_once * CONNECTIONS_EACH,
                  tally->incorrect, tally->locked, tally->others);
    assert_int_equal(tally->others, 0);
    assert_int_equal(tally->incorrect + tally->locked, GUESSERS * CONNECTIONS_EACH);
    assert_in_range(tally->incorrect, 0, PIN_TRIES_MAX);
}

static void the_right_pin_is_then_locked_too(void **state) {
    struct client *client = NULL;
    struct token_info_rep info;
    uint8_t room[1024];
    (void)state;
    assert_int_equal(client_open(&client, raw_path()), STATUS_OK);
    assert_int_equal(client_token_info(client, &(struct token_info_req){0}, &info,
                                       (struct span){room, sizeof(room)}), STATUS_OK);
    assert_int_equal(info.user_tries_left, 0);
    assert_int_equal(log_in(client, getenv("PIN")), STATUS_PIN_LOCKED);
    client_close(client);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_connections_get_no_ninth_guess),
        cmocka_unit_test(the_right_pin_is_then_locked_too),
    };
    if (raw_path() == NULL || getenv("PIN") == NULL) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
