/* SPDX-License-Identifier: Apache-2.0 */
/* The broker, by libmosquitto. */
#include "demo/gateway/broker.h"

#include <mosquitto.h>
#include <stdio.h>

enum { KEEP_ALIVE_S = 60, STEPS_MAX = 200, STEP_MS = 50, AT_LEAST_ONCE = 1 };

static void on_connect(struct mosquitto *client, void *of, int result) {
    struct broker *broker = of;
    (void)client;
    broker->connected = result == 0;
    broker->broken = result != 0;
}

static void on_subscribe(struct mosquitto *client, void *of, int id, int count,
                         const int *granted) {
    struct broker *broker = of;
    (void)client;
    (void)id;
    broker->listening = count == 1 && granted[0] <= AT_LEAST_ONCE;
    broker->broken = broker->broken || !broker->listening;
}

static void on_message(struct mosquitto *client, void *of,
                       const struct mosquitto_message *message) {
    struct broker *broker = of;
    (void)client;
    broker->take(broker->context, message->topic,
                 bytes_of(message->payload, (size_t)message->payloadlen));
}

static bool complain(const char *what, int result) {
    fprintf(stderr, "broker: %s: %s\n", what, mosquitto_strerror(result));
    return false;
}

/* Steps until *flag holds. */
static bool await(struct broker *broker, const bool *flag, const char *what) {
    for (int i = 0; i < STEPS_MAX && !*flag && !broker->broken; i++) {
        if (!broker_step(broker, STEP_MS)) {
            return false;
        }
    }
    if (!*flag) {
        fprintf(stderr, "broker: %s: no answer\n", what);
    }
    return *flag;
}

bool broker_open(struct broker *broker, const char *name, int port) {
    broker->connected = broker->broken = false;
    mosquitto_lib_init();
    broker->client = mosquitto_new(name, true, broker);
    if (broker->client == NULL) {
        return complain(name, MOSQ_ERR_NOMEM);
    }
    mosquitto_connect_callback_set(broker->client, on_connect);
    mosquitto_subscribe_callback_set(broker->client, on_subscribe);
    mosquitto_message_callback_set(broker->client, on_message);
    int result = mosquitto_connect(broker->client, "127.0.0.1", port, KEEP_ALIVE_S);
    return result == MOSQ_ERR_SUCCESS ? await(broker, &broker->connected, "connect")
                                      : complain("connect", result);
}

bool broker_listen(struct broker *broker, const char *topic) {
    broker->listening = false;
    int result = mosquitto_subscribe(broker->client, NULL, topic, AT_LEAST_ONCE);
    return result == MOSQ_ERR_SUCCESS ? await(broker, &broker->listening, topic)
                                      : complain(topic, result);
}

bool broker_say(struct broker *broker, const char *topic, struct bytes payload) {
    int result = mosquitto_publish(broker->client, NULL, topic, (int)payload.size, payload.data,
                                   AT_LEAST_ONCE, false);
    return result == MOSQ_ERR_SUCCESS || complain(topic, result);
}

bool broker_step(struct broker *broker, int wait_ms) {
    int result = mosquitto_loop(broker->client, wait_ms, 1);
    return result == MOSQ_ERR_SUCCESS || complain("connection", result);
}

void broker_close(struct broker *broker) {
    if (broker->client != NULL) {
        mosquitto_disconnect(broker->client);
        mosquitto_destroy(broker->client);
    }
    mosquitto_lib_cleanup();
}
