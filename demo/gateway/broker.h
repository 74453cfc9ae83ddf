/* SPDX-License-Identifier: Apache-2.0 */
/* The connection of one program to the Mosquitto broker on the loopback interface. Everything
 * happens in the caller's thread, in broker_step(). Failures are told on stderr. */
#ifndef DEMO_GATEWAY_BROKER_H
#define DEMO_GATEWAY_BROKER_H

#include "base/bytes.h"
#include "base/compiler.h"

struct mosquitto;

struct broker {
    struct mosquitto *client;
    /* Called for each message of the topics listened to; payload: until it returns. */
    void (*take)(void *context, const char *topic, struct bytes payload);
    void *context;
    bool connected, listening, broken;
};

/* Topics of the plant. */
#define TOPIC_DESK "hall3/desk"           /* what people want, as text; believed by nobody */
#define TOPIC_COMMANDS "hall3/commands"   /* COSE_Sign1 */
#define TOPIC_TELEMETRY "hall3/telemetry" /* COSE_Sign1, or [COSE_Sign1, readings] */
#define TOPIC_ALARMS "hall3/alarms"       /* what the controller has to say, as text */

/* Connects as `name`. `take` and `context` are set before. */
bool broker_open(struct broker *broker, const char *name, int port) MUST_USE;
/* Listens to a topic; true once the broker has said so. */
bool broker_listen(struct broker *broker, const char *topic) MUST_USE;
/* Sends, at least once. */
bool broker_say(struct broker *broker, const char *topic, struct bytes payload) MUST_USE;
/* Waits for something to happen, and does it. False: the broker is gone. */
bool broker_step(struct broker *broker, int wait_ms) MUST_USE;
void broker_close(struct broker *broker);

#endif
