/* SPDX-License-Identifier: Apache-2.0 */
/* policy_bench FOLDER: what the decision on one message costs for each FOLDER/NAME.policy. A line
 * of tab-separated values for each: name, bytes of its form, nanoseconds to read the form, to read
 * a message and decide for it, and to compose what is signed; instructions of reading and deciding
 * (0: the processor does not tell). Of several rounds the median counts. */
#include "host/cli/policy_document.h"
#include "host/cli/policy_message.h"
#include "host/cli/policy_table.h"
#include "policy/statement.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 21, TURNS = 2000 };

static const struct {
    const char *name, *message;
} cases[] = {
    {"plc", "op=pump.speed unit=3 value=150"},
    {"smart-meter", "kind=reading meter=1 register.import=1000000 register.export=0"},
    {"v2x", "psid=36 counter=0 position.lat=481000000 position.lon=115000000 position.up=5000 "
            "speed=700 heading=0"},
    {"firmware", "product=gateway channel=test version=2 replaces=1 size=100000 "
                 "digest=h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'"},
    {"vpn", "purpose=ike-auth peer=1 "
            "digest=h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'"},
};

static struct policy_document document;
static struct policy_world world;
static struct message message;
static struct policy_answer answer;
static uint8_t encoding_room[POLICY_SIZE_MAX];
static struct span encoding;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static bool read_form(void) {
    static struct policy policy;
    return form_read(bytes_of(document.form, document.size), &policy) == STATUS_OK;
}

/* As in the module: with a state that it does not keep, so that each turn is the same. */
static bool decide(void) {
    struct policy_question question = {.policy = &document.policy,
                                       .message = &message,
                                       .state = &world.state,
                                       .steps = &world.steps,
                                       .clock = world.clock};
    bool fits = message_read(&document.policy, bytes_of_span(encoding), &message) == STATUS_OK;
    policy_decide(&question, &answer);
    return fits && policy_allows(&answer);
}

static bool compose(void) {
    static uint8_t header_room[STATEMENT_HEADER_MAX], payload_room[STATEMENT_PAYLOAD_MAX];
    static uint8_t out_room[STATEMENT_SIGNED_MAX];
    struct span header = {header_room, sizeof(header_room)};
    struct span payload = {payload_room, sizeof(payload_room)};
    struct span out = {out_room, sizeof(out_room)};
    struct statement statement = {.algorithm = STATEMENT_ES256,
                                  .policy_hash = bytes_of(document.form, STATEMENT_HASH_SIZE),
                                  .facts = {1, 2, 3, 4}};
    return message_write(&document.policy, &message, &statement.facts, &payload) == STATUS_OK &&
           statement_header(&statement, &header) == STATUS_OK &&
           statement_signed(bytes_of_span(header), bytes_of_span(payload), &out) == STATUS_OK;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Nanoseconds of one turn; negative: it went wrong. */
static double cost(bool (*turn)(void)) {
    double rounds[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        double start = now();
        for (int k = 0; k < TURNS; k++) {
            if (!turn()) {
                return -1;
            }
        }
        rounds[i] = (now() - start) / TURNS;
    }
    qsort(rounds, ROUNDS, sizeof(rounds[0]), compare);
    return rounds[ROUNDS / 2];
}

static double instructions(bool (*turn)(void)) {
    struct perf_event_attr wish = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof(wish),
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = 1,
                                   .exclude_hv = 1};
    uint64_t count = 0;
    int counter = (int)syscall(SYS_perf_event_open, &wish, 0, -1, -1, 0);
    if (counter < 0) {
        return 0;
    }
    for (int i = 0; i < TURNS; i++) {
        if (!turn()) {
            break;
        }
    }
    bool good = read(counter, &count, sizeof(count)) == (ssize_t)sizeof(count);
    close(counter);
    return good ? (double)count / TURNS : 0;
}

static bool load(const char *folder, size_t at) {
    static char text[POLICY_SOURCE_MAX];
    char path[1024], why[POLICY_MESSAGE_WHY];
    snprintf(path, sizeof(path), "%s/%s.policy", folder, cases[at].name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "policy_bench: cannot read %s\n", path);
        return false;
    }
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    encoding = (struct span){encoding_room, sizeof(encoding_room)};
    if (policy_document_read(&document, bytes_of(text, size)) != STATUS_OK ||
        policy_message_make(&document.policy, cases[at].message, &encoding, why) != STATUS_OK) {
        return false;
    }
    policy_world_start(&world, &document.policy);
    policy_world_wait(&world, 86400000);
    return policy_world_change(&world, "time 12:00") == STATUS_OK;
}

int main(int argc, char **argv) {
    for (size_t i = 0; argc == 2 && i < COUNT(cases); i++) {
        if (!load(argv[1], i) || !decide()) {
            fprintf(stderr, "policy_bench: %s: its message is not allowed\n", cases[i].name);
            return 1;
        }
        printf("%s\t%zu\t%.0f\t%.0f\t%.0f\t%.0f\n", cases[i].name, document.size, cost(read_form),
               cost(decide), cost(compose), instructions(decide));
    }
    return argc == 2 ? 0 : 2;
}
