/* SPDX-License-Identifier: Apache-2.0 */
/* The industrial gateway: reads a thousand (simulated) sensors, has what they say and what the
 * desk wants signed by the token, and sends it through the broker. It decides nothing: what may be
 * signed, the token's policies say. */
#define _GNU_SOURCE
#include "demo/gateway/broker.h"
#include "demo/gateway/journal.h"
#include "demo/gateway/sensors.h"
#include "demo/gateway/token.h"
#include "host/cli/policy_message.h"
#include "policy/statement.h"
#include "proto/cbor.h"

#include <getopt.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { STEP_MS = 20, FRAME = 16, TEXT_MAX = 256 };

static const char help[] =
    "gateway signs the readings of 1,000 simulated sensors and the commands of a desk through\n"
    "PKCS#11, and sends them to a Mosquitto broker on 127.0.0.1.\n"
    "\n"
    "  --library FILE   the PKCS#11 library\n"
    "  --token LABEL    the token; its keys are 'commands' and 'telemetry'\n"
    "  --pin-file FILE  the user's PIN\n"
    "  --port NUMBER    the broker's port\n"
    "  --every MS       time between two rounds of readings (2000)\n"
    "  --batch          one signature for a round, over the SHA-256 of its readings;\n"
    "                   otherwise each reading is signed by itself\n"
    "  --help\n";

struct gateway {
    const char *library, *label, *pin_file;
    long port, every_ms;
    bool batch;
    struct token token;
    struct broker broker;
    CK_OBJECT_HANDLE commands, telemetry;
    struct policy policy; /* of the commands: how their texts become messages */
    uint8_t policy_form[POLICY_SIZE_MAX];
    uint32_t round;
};

static volatile sig_atomic_t stopping;

static void on_signal(int signal) {
    (void)signal;
    stopping = 1;
}

static uint64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- commands ---- */

static void take_request(void *context, const char *topic, struct bytes payload) {
    struct gateway *gateway = context;
    uint8_t room[POLICY_CONTENT_MAX], statement_room[TOKEN_STATEMENT_ROOM];
    struct span message = {room, sizeof(room)};
    struct span statement = {statement_room, sizeof(statement_room)};
    char text[TEXT_MAX] = "", why[POLICY_MESSAGE_WHY] = "";
    (void)topic;
    if (payload.size >= sizeof(text)) {
        journal("not a command: it is too long");
        return;
    }
    bytes_copy((uint8_t *)text, payload);
    if (policy_message_make(&gateway->policy, text, &message, why) != STATUS_OK) {
        journal("not a command: %s", why);
        return;
    }
    CK_RV rv = token_sign(&gateway->token, gateway->commands, bytes_of_span(message), &statement);
    if (rv != CKR_OK) {
        journal("not signed: 0x%lx %s: %s", rv, token_result(rv), text);
        return;
    }
    journal("signed: %s", text);
    stopping |= !broker_say(&gateway->broker, TOPIC_COMMANDS, bytes_of_span(statement));
}

/* ---- telemetry ---- */

static bool sign_and_say(struct gateway *gateway, struct bytes message, struct bytes readings) {
    static uint8_t frame[TOKEN_STATEMENT_ROOM + SENSORS_ROOM + FRAME];
    uint8_t room[TOKEN_STATEMENT_ROOM];
    struct span statement = {room, sizeof(room)}, out = {frame, sizeof(frame)};
    CK_RV rv = token_sign(&gateway->token, gateway->telemetry, message, &statement);
    if (rv != CKR_OK) {
        journal("telemetry not signed: 0x%lx %s", rv, token_result(rv));
        return false;
    }
    if (readings.size == 0) {
        return broker_say(&gateway->broker, TOPIC_TELEMETRY, bytes_of_span(statement));
    }
    struct cbor_writer writer;
    cbor_write(&writer, out);
    cbor_put(&writer, CBOR_ARRAY, 2);
    cbor_put_bytes(&writer, bytes_of_span(statement));
    cbor_put_bytes(&writer, readings);
    return cbor_written(&writer, &out) == STATUS_OK &&
           broker_say(&gateway->broker, TOPIC_TELEMETRY, bytes_of_span(out));
}

static bool say_batch(struct gateway *gateway) {
    static uint8_t room[SENSORS_ROOM];
    uint8_t digest[STATEMENT_HASH_SIZE], message_room[POLICY_CONTENT_MAX];
    struct span readings = {room, sizeof(room)}, message = {message_room, sizeof(message_room)};
    return sensors_all(gateway->round, &readings) == STATUS_OK &&
           EVP_Digest(readings.data, readings.size, digest, NULL, EVP_sha256(), NULL) == 1 &&
           sensors_batch(gateway->round, bytes_of(digest, sizeof(digest)), &message) == STATUS_OK &&
           sign_and_say(gateway, bytes_of_span(message), bytes_of_span(readings));
}

static bool say_each(struct gateway *gateway) {
    for (uint32_t sensor = 1; sensor <= SENSORS && !stopping; sensor++) {
        uint8_t room[POLICY_CONTENT_MAX];
        struct span message = {room, sizeof(room)};
        if (sensors_reading(sensor, gateway->round, &message) != STATUS_OK ||
            !sign_and_say(gateway, bytes_of_span(message), bytes_of(NULL, 0))) {
            return false;
        }
    }
    return true;
}

static void say_round(struct gateway *gateway) {
    gateway->round++;
    if (gateway->batch ? say_batch(gateway) : say_each(gateway)) {
        journal("round %u: readings of %u sensors signed", gateway->round, SENSORS);
    }
}

/* ---- the whole ---- */

static bool start(struct gateway *gateway) {
    uint8_t unused[POLICY_SIZE_MAX];
    struct span commands = {gateway->policy_form, sizeof(gateway->policy_form)};
    struct span telemetry = {unused, sizeof(unused)};
    gateway->broker.take = take_request;
    gateway->broker.context = gateway;
    return token_open(&gateway->token, gateway->library, gateway->label, gateway->pin_file) &&
           token_key(&gateway->token, "commands", &gateway->commands, &commands) &&
           token_key(&gateway->token, "telemetry", &gateway->telemetry, &telemetry) &&
           form_read(bytes_of_span(commands), &gateway->policy) == STATUS_OK &&
           broker_open(&gateway->broker, "gateway", (int)gateway->port) &&
           broker_listen(&gateway->broker, TOPIC_DESK);
}

static int run(struct gateway *gateway) {
    uint64_t next_ms = now_ms();
    journal("ready");
    while (!stopping && broker_step(&gateway->broker, STEP_MS)) {
        if (now_ms() >= next_ms) {
            say_round(gateway);
            next_ms = now_ms() + (uint64_t)gateway->every_ms;
        }
    }
    journal("stopped");
    return stopping ? 0 : 1;
}

enum { LIBRARY = 256, TOKEN, PIN_FILE, PORT, EVERY, BATCH, HELP };
static const struct option table[] = {
    {"library", required_argument, NULL, LIBRARY},
    {"token", required_argument, NULL, TOKEN},
    {"pin-file", required_argument, NULL, PIN_FILE},
    {"port", required_argument, NULL, PORT},
    {"every", required_argument, NULL, EVERY},
    {"batch", no_argument, NULL, BATCH},
    {"help", no_argument, NULL, HELP},
    {NULL, 0, NULL, 0},
};

/* -1: go on; otherwise the exit code. */
static int read_options(struct gateway *gateway, int argc, char **argv) {
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        switch (option) {
        case LIBRARY:
            gateway->library = optarg;
            break;
        case TOKEN:
            gateway->label = optarg;
            break;
        case PIN_FILE:
            gateway->pin_file = optarg;
            break;
        case PORT:
            gateway->port = strtol(optarg, NULL, 10);
            break;
        case EVERY:
            gateway->every_ms = strtol(optarg, NULL, 10);
            break;
        case BATCH:
            gateway->batch = true;
            break;
        case HELP:
            fputs(help, stdout);
            return 0;
        default:
            fputs("gateway: see gateway --help\n", stderr);
            return 2;
        }
    }
    bool whole = gateway->library && gateway->label && gateway->pin_file && gateway->port > 0 &&
                 gateway->port <= UINT16_MAX && gateway->every_ms > 0 && optind == argc;
    if (!whole) {
        fputs("gateway: --library, --token, --pin-file and --port are wanted; see --help\n",
              stderr);
    }
    return whole ? -1 : 2;
}

int main(int argc, char **argv) {
    static struct gateway gateway = {.every_ms = 2000};
    int result = read_options(&gateway, argc, argv);
    if (result != -1) {
        return result;
    }
    signal(SIGTERM, on_signal);
    signal(SIGINT, on_signal);
    result = start(&gateway) ? run(&gateway) : 1;
    broker_close(&gateway.broker);
    token_close(&gateway.token);
    return result;
}
