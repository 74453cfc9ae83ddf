/* SPDX-License-Identifier: Apache-2.0 */
/* Load: many clients work, first among themselves, then beside hostile ones; afterwards everything
 * that was acknowledged must be there. Run through tools/with-module. LOAD_SECONDS (60),
 * LOAD_CLIENTS (200), LOAD_HOSTILE (20 of them) may be set. No time is asserted, only told. */
#define _GNU_SOURCE
#include "test/load/load.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { START_TRIES = 1200, START_PAUSE_US = 100000 };

static uint32_t seconds = 60, hostile_count = 20, good_count = 180;
static pid_t good[GOOD_MAX], hostile[GOOD_MAX];
static char export_path[256];

static uint32_t number_of(const char *name, uint32_t otherwise) {
    const char *value = getenv(name);
    return value != NULL ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

static pid_t start(void (*run)(uint32_t number), uint32_t number) {
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(number);
    }
    return child;
}

static int make_key(void) {
    static struct caller maker;
    enum status status = caller_make_key(&maker);
    if (status != STATUS_OK) {
        printf("# the key cannot be made: %s\n", status_row(status)->text);
        return -1;
    }
    caller_close(&maker);
    return 0;
}

/* Ends all of the hostile ones; those killed at work end with their parents. */
static int end_hostile(void) {
    int survivors = 0;
    for (uint32_t i = 0; i < hostile_count; i++) {
        survivors += kill(hostile[i], 0) == 0 && waitpid(hostile[i], NULL, WNOHANG) == 0;
        kill(hostile[i], SIGKILL);
        waitpid(hostile[i], NULL, 0);
    }
    return survivors;
}

static int survivors;

static int run_load(void **state) {
    (void)state;
    load = mmap(NULL, sizeof(*load), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (load == MAP_FAILED || make_key() != 0) {
        return -1;
    }
    fflush(stdout);
    for (uint32_t i = 0; i < good_count; i++) {
        good[i] = start(good_run, i);
    }
    for (int i = 0; i < START_TRIES && atomic_load(&load->ready) < good_count; i++) {
        usleep(START_PAUSE_US);
    }
    atomic_store(&load->phase, PHASE_QUIET);
    sleep(seconds / 3);
    for (uint32_t i = 0; i < hostile_count; i++) {
        hostile[i] = start(hostile_run, i);
    }
    atomic_store(&load->phase, PHASE_HOSTILE);
    sleep(seconds - seconds / 3);
    survivors = end_hostile();
    atomic_store(&load->phase, PHASE_END);
    return 0;
}

static void every_client_got_right_answers_to_the_end(void **state) {
    (void)state;
    int failed = 0;
    for (uint32_t i = 0; i < good_count; i++) {
        int status = -1;
        assert_int_equal(waitpid(good[i], &status, 0), good[i]);
        if (status != 0) {
            failed++;
            printf("# %s\n", load->wrong[i][0] != 0 ? load->wrong[i] : "a client died");
        }
    }
    assert_int_equal(failed, 0);
    assert_int_equal(atomic_load(&load->ready), good_count);
}

static void nobody_was_kept_from_working(void **state) {
    (void)state;
    for (uint32_t i = 0; i < good_count; i++) {
        assert_true(atomic_load(&load->rounds[i]) > 0);
    }
}

/* An attack that did not take place would prove nothing. */
static void hostile_clients_were_at_it_to_the_end(void **state) {
    (void)state;
    assert_int_equal(survivors, hostile_count);
    assert_true(atomic_load(&load->killed) > 0);
    assert_true(atomic_load(&load->garbage) > 0);
    assert_true(atomic_load(&load->flood) > 0);
    assert_true(atomic_load(&load->stalled) > 0);
}

static void no_acknowledged_object_is_lost(void **state) {
    (void)state;
    char text[256] = "";
    if (!objects_are_right(text, sizeof(text))) {
        fail_msg("%s", text);
    }
}

static bool export_log(void) {
    snprintf(export_path, sizeof(export_path), "%s/load.XXXXXX",
             getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    int fd = mkstemp(export_path);
    const char *program = getenv("EDGEHSM");
    if (fd < 0 || program == NULL) {
        return false;
    }
    close(fd);
    unlink(export_path);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stdout) != NULL) {
            execl(program, program, "log", "export", export_path, (char *)NULL);
        }
        _exit(127);
    }
    int status = -1;
    return waitpid(child, &status, 0) == child && status == 0;
}

static void the_log_is_whole_and_verifies(void **state) {
    (void)state;
    char text[512] = "";
    assert_true(export_log());
    bool whole = log_is_whole(export_path, text, sizeof(text));
    printf("# log: %s\n", text);
    assert_true(whole);
}

static void the_log_has_every_acknowledged_command(void **state) {
    (void)state;
    char text[256] = "";
    bool everything = log_has_everything(export_path, text, sizeof(text));
    unlink(export_path);
    printf("# log: %s\n", text);
    assert_true(everything);
}

static void tell_times(const char *name, enum work work) {
    double quiet = latency_us(PHASE_QUIET, work, 990);
    double beside = latency_us(PHASE_HOSTILE, work, 990);
    printf("# %s: quiet %llu calls, p50 %.0f us, p99 %.0f us; beside hostile clients %llu calls, "
           "p50 %.0f us, p99 %.0f us; p99 ratio %.2f\n",
           name, (unsigned long long)latency_count(PHASE_QUIET, work),
           latency_us(PHASE_QUIET, work, 500), quiet,
           (unsigned long long)latency_count(PHASE_HOSTILE, work),
           latency_us(PHASE_HOSTILE, work, 500), beside, quiet > 0 ? beside / quiet : 0.0);
}

static int tell(void **state) {
    (void)state;
    printf("# load: %u s, %u good clients, %u hostile; %u killed at work, %u rounds of nonsense, "
           "%u calls of a flood, %u requests left half written, %u objects made\n",
           (unsigned)seconds, (unsigned)good_count, (unsigned)hostile_count,
           (unsigned)atomic_load(&load->killed), (unsigned)atomic_load(&load->garbage),
           (unsigned)atomic_load(&load->flood), (unsigned)atomic_load(&load->stalled),
           (unsigned)atomic_load(&load->object_count));
    tell_times("computing", WORK_COMPUTE);
    tell_times("durable", WORK_DURABLE);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_client_got_right_answers_to_the_end),
        cmocka_unit_test(nobody_was_kept_from_working),
        cmocka_unit_test(hostile_clients_were_at_it_to_the_end),
        cmocka_unit_test(no_acknowledged_object_is_lost),
        cmocka_unit_test(the_log_is_whole_and_verifies),
        cmocka_unit_test(the_log_has_every_acknowledged_command),
    };
    seconds = number_of("LOAD_SECONDS", seconds);
    hostile_count = number_of("LOAD_HOSTILE", hostile_count);
    uint32_t clients = number_of("LOAD_CLIENTS", good_count + hostile_count);
    good_count = clients - hostile_count;
    if (good_count > GOOD_MAX || hostile_count > GOOD_MAX || clients <= hostile_count) {
        fprintf(stderr, "load_test: LOAD_CLIENTS or LOAD_HOSTILE makes no sense\n");
        return 2;
    }
    return cmocka_run_group_tests_name("load", tests, run_load, tell);
}
