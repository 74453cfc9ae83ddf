/* SPDX-License-Identifier: Apache-2.0 */
/* The controller of the pumps: obeys a command when, and only when, a receiver's checks hold
 * (demo/gateway/receiver.h), and each command once. What it does, and what it does not and why, it
 * says on stdout; what somebody should know, also on the topic of the alarms. */
#define _GNU_SOURCE
#include "demo/gateway/broker.h"
#include "demo/gateway/journal.h"
#include "demo/gateway/receiver.h"
#include "demo/gateway/sensors.h"
#include "proto/cbor.h"

#include <getopt.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_MS = 100, TEXT_MAX = 256, UNITS = 8 };
/* of commands.policy */
enum { COMMAND_OP = 1, COMMAND_UNIT = 2, COMMAND_VALUE = 3, COMMAND_COUNTER = 4 };
/* of telemetry.policy */
enum {
    READING_ROUND = 2,
    READING_SENSOR = 3,
    READING_VALUE = 4,
    READING_DIGEST = 6,
    READING_COUNTER = 7
};

static const char help[] =
    "controller obeys signed commands for the pumps, and checks signed readings.\n"
    "\n"
    "  --port NUMBER              the broker's port on 127.0.0.1\n"
    "  --commands-key FILE        public key (PEM) that commands are signed with\n"
    "  --commands-policy FILE     compiled policy that they are signed under\n"
    "  --telemetry-key FILE, --telemetry-policy FILE   the same for readings\n"
    "  --memory FILE              where the newest counter of commands is kept\n"
    "  --help\n";

struct controller {
    long port;
    const char *keys[2], *policies[2], *memory;
    struct broker broker;
    struct receiver commands, telemetry;
    int64_t speeds[UNITS + 1];
    int64_t round;
    uint32_t sensors, signatures; /* of that round */
    uint64_t first, missing;      /* its first counter; statements that never came */
    bool seen[SENSORS + 1];
    enum verdict believed; /* of the last reading: a thousand wrong ones are one alarm */
};

static volatile sig_atomic_t stopping;

static void on_signal(int signal) {
    (void)signal;
    stopping = 1;
}

__attribute__((format(printf, 2, 3))) static void warn(struct controller *controller,
                                                       const char *format, ...) {
    char text[TEXT_MAX];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    journal("ALARM: %s", text);
    stopping |= !broker_say(&controller->broker, TOPIC_ALARMS, bytes_of_text(text));
}

/* ---- the memory: a controller that forgets its counter at a restart could be made to obey twice.
 * It is written before the pumps move. ---- */

static bool recall(struct controller *controller) {
    struct receiver *known = &controller->commands;
    FILE *file = fopen(controller->memory, "r");
    if (file == NULL) {
        return true; /* the first start */
    }
    int got = fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64, &known->boot, &known->counter,
                     &known->uptime_ms);
    fclose(file);
    return got == 3;
}

static bool remember(const struct controller *controller) {
    const struct receiver *known = &controller->commands;
    char beside[TEXT_MAX];
    snprintf(beside, sizeof(beside), "%s.new", controller->memory);
    FILE *file = fopen(beside, "w");
    if (file == NULL) {
        return false;
    }
    fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", known->boot, known->counter,
            known->uptime_ms);
    return fclose(file) == 0 && rename(beside, controller->memory) == 0;
}

/* ---- commands ---- */

static void obey(struct controller *controller, const struct received *received) {
    const struct fields *fields = &received->fields;
    int64_t unit = fields_number(fields, COMMAND_UNIT, 0);
    int64_t value = fields_number(fields, COMMAND_VALUE, 0);
    const struct field *op = &fields->at[COMMAND_OP];
    if (unit < 1 || unit > UNITS || !op->present || op->is_number) {
        warn(controller, "controller: a command for no pump of mine");
        return;
    }
    if (fields_is(fields, COMMAND_OP, "pump.shutdown")) {
        controller->speeds[unit] = 0;
    } else if (fields_is(fields, COMMAND_OP, "pump.speed")) {
        controller->speeds[unit] = value;
    }
    journal("obeyed %" PRIu64 " of start %" PRIu64 ": %.*s unit=%" PRId64
            " (allowed by line %u; the pump runs at %" PRId64 ")",
            received->statement.facts.counter, received->statement.facts.boot,
            (int)op->content.size, (const char *)op->content.data, unit, received->statement.rule,
            controller->speeds[unit]);
}

static void take_command(struct controller *controller, struct bytes payload) {
    struct received received;
    enum verdict verdict = receiver_take(&controller->commands, payload, &received);
    const struct message_facts *facts = &received.statement.facts;
    if (verdict == VERDICT_GOOD &&
        fields_number(&received.fields, COMMAND_COUNTER, -1) != (int64_t)facts->counter) {
        verdict = VERDICT_PAYLOAD;
    }
    if (verdict == VERDICT_REPLAY) {
        warn(controller,
             "controller: command not obeyed: %s: start %" PRIu64 " counter %" PRIu64
             ", the newest was start %" PRIu64 " counter %" PRIu64,
             receiver_verdict(verdict), facts->boot, facts->counter, controller->commands.boot,
             controller->commands.counter);
        return;
    }
    if (!remember(controller)) {
        warn(controller, "controller: its memory cannot be written: nothing is obeyed");
        return;
    }
    if (verdict == VERDICT_GAP) {
        warn(controller, "controller: command not obeyed: %s: %" PRIu64 " of them",
             receiver_verdict(verdict), received.skipped);
    } else if (verdict != VERDICT_GOOD) {
        warn(controller, "controller: command not obeyed: %s", receiver_verdict(verdict));
    } else {
        if (received.restarted) {
            journal("the module started anew: start %" PRIu64 ", counter %" PRIu64, facts->boot,
                    facts->counter);
        }
        obey(controller, &received);
    }
}

/* ---- telemetry ---- */

static void count_sensor(struct controller *controller, uint64_t sensor) {
    if (sensor >= 1 && sensor <= SENSORS && !controller->seen[sensor]) {
        controller->seen[sensor] = true;
        controller->sensors++;
    }
}

/* The readings that one statement vouches for by their hash. */
static bool count_batch(struct controller *controller, const struct fields *fields,
                        struct bytes readings) {
    struct cbor_reader reader;
    uint8_t digest[STATEMENT_HASH_SIZE];
    uint64_t count = 0;
    int64_t value = 0;
    if (EVP_Digest(readings.data, readings.size, digest, NULL, EVP_sha256(), NULL) != 1 ||
        !bytes_equal(fields->at[READING_DIGEST].content, bytes_of(digest, sizeof(digest)))) {
        return false;
    }
    cbor_read(&reader, readings);
    if (cbor_get(&reader, CBOR_ARRAY, &count) != STATUS_OK || count > SENSORS) {
        return false;
    }
    for (uint64_t i = 1; i <= count; i++) {
        if (cbor_get_int(&reader, &value) != STATUS_OK) {
            return false;
        }
        count_sensor(controller, i);
    }
    return cbor_close(&reader) == STATUS_OK;
}

static void begin_round(struct controller *controller, int64_t round, uint64_t counter) {
    controller->round = round;
    controller->first = counter;
    controller->sensors = controller->signatures = 0;
    controller->missing = 0;
    memset(controller->seen, 0, sizeof(controller->seen));
}

/* [statement, readings] or the statement alone. */
static bool take_apart(struct bytes payload, struct bytes *statement, struct bytes *readings) {
    struct cbor_reader reader;
    uint64_t items = 0;
    *statement = payload;
    *readings = bytes_of(NULL, 0);
    cbor_read(&reader, payload);
    if (cbor_get(&reader, CBOR_ARRAY, &items) != STATUS_OK) {
        return true;
    }
    return items == 2 && cbor_get_bytes(&reader, statement) == STATUS_OK &&
           cbor_get_bytes(&reader, readings) == STATUS_OK && cbor_close(&reader) == STATUS_OK;
}

static void take_telemetry(struct controller *controller, struct bytes payload) {
    struct bytes statement, readings;
    struct received received;
    enum verdict verdict = VERDICT_FORM;
    if (take_apart(payload, &statement, &readings)) {
        verdict = receiver_take(&controller->telemetry, statement, &received);
    }
    bool good = verdict == VERDICT_GOOD || verdict == VERDICT_GAP;
    if (!good && verdict != controller->believed) {
        warn(controller, "controller: readings not believed: %s", receiver_verdict(verdict));
    }
    controller->believed = verdict;
    if (!good) {
        return;
    }
    const struct fields *fields = &received.fields;
    int64_t round = fields_number(fields, READING_ROUND, -1);
    if (round != controller->round || received.restarted) {
        begin_round(controller, round, received.statement.facts.counter);
    }
    controller->missing += verdict == VERDICT_GAP ? received.skipped : 0;
    controller->signatures++;
    if (readings.size == 0) {
        count_sensor(controller, (uint64_t)fields_number(fields, READING_SENSOR, 0));
    } else if (!count_batch(controller, fields, readings)) {
        warn(controller, "controller: readings not believed: they are not those that were signed");
        return;
    }
    if (controller->sensors == SENSORS) {
        journal("telemetry round %" PRId64 ": %u sensors, %u signatures good, counters %" PRIu64
                " to %" PRIu64 ", %" PRIu64 " missing",
                round, controller->sensors, controller->signatures, controller->first,
                received.statement.facts.counter, controller->missing);
    }
}

/* ---- the whole ---- */

static void take(void *context, const char *topic, struct bytes payload) {
    struct controller *controller = context;
    if (strcmp(topic, TOPIC_COMMANDS) == 0) {
        take_command(controller, payload);
    } else if (strcmp(topic, TOPIC_TELEMETRY) == 0) {
        take_telemetry(controller, payload);
    }
}

static int run(struct controller *controller) {
    controller->broker.take = take;
    controller->broker.context = controller;
    controller->round = -1;
    if (!receiver_open(&controller->commands, controller->keys[0], controller->policies[0]) ||
        !receiver_open(&controller->telemetry, controller->keys[1], controller->policies[1])) {
        return 1;
    }
    if (!recall(controller)) {
        fprintf(stderr, "controller: %s: cannot be understood\n", controller->memory);
        return 1;
    }
    if (!broker_open(&controller->broker, "controller", (int)controller->port) ||
        !broker_listen(&controller->broker, TOPIC_COMMANDS) ||
        !broker_listen(&controller->broker, TOPIC_TELEMETRY)) {
        return 1;
    }
    journal("ready");
    while (!stopping && broker_step(&controller->broker, STEP_MS)) {}
    return stopping ? 0 : 1;
}

enum { PORT = 256, COMMANDS_KEY, COMMANDS_POLICY, TELEMETRY_KEY, TELEMETRY_POLICY, MEMORY, HELP };
static const struct option table[] = {
    {"port", required_argument, NULL, PORT},
    {"commands-key", required_argument, NULL, COMMANDS_KEY},
    {"commands-policy", required_argument, NULL, COMMANDS_POLICY},
    {"telemetry-key", required_argument, NULL, TELEMETRY_KEY},
    {"telemetry-policy", required_argument, NULL, TELEMETRY_POLICY},
    {"memory", required_argument, NULL, MEMORY},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

/* -1: go on; otherwise the exit code. */
static int read_options(struct controller *controller, int argc, char **argv) {
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        switch (option) {
        case PORT:
            controller->port = strtol(optarg, NULL, 10);
            break;
        case COMMANDS_KEY:
            controller->keys[0] = optarg;
            break;
        case COMMANDS_POLICY:
            controller->policies[0] = optarg;
            break;
        case TELEMETRY_KEY:
            controller->keys[1] = optarg;
            break;
        case TELEMETRY_POLICY:
            controller->policies[1] = optarg;
            break;
        case MEMORY:
            controller->memory = optarg;
            break;
        case HELP:
            fputs(help, stdout);
            return 0;
        default:
            fputs("controller: see controller --help\n", stderr);
            return 2;
        }
    }
    bool whole = controller->port > 0 && controller->port <= UINT16_MAX && controller->keys[0] &&
                 controller->keys[1] && controller->policies[0] && controller->policies[1] &&
                 controller->memory && optind == argc;
    if (!whole) {
        fputs("controller: port, keys, policies and memory are wanted; see --help\n", stderr);
    }
    return whole ? -1 : 2;
}

int main(int argc, char **argv) {
    static struct controller controller;
    int result = read_options(&controller, argc, argv);
    if (result != -1) {
        return result;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    result = run(&controller);
    broker_close(&controller.broker);
    receiver_close(&controller.commands);
    receiver_close(&controller.telemetry);
    return result;
}
