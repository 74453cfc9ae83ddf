/* SPDX-License-Identifier: Apache-2.0 */
/* A thousand sensors, simulated: temperatures that go slowly up and down, each in its own way. */
#ifndef DEMO_GATEWAY_SENSORS_H
#define DEMO_GATEWAY_SENSORS_H

#include "base/bytes.h"
#include "base/status.h"

enum { SENSORS = 1000, SENSORS_ROOM = 8 * SENSORS };

/* What sensor 1..SENSORS reads in that round, in hundredths of a degree. */
int32_t sensors_read(uint32_t sensor, uint32_t round) MUST_USE;
/* Writes one reading as a message of telemetry.policy. */
enum status sensors_reading(uint32_t sensor, uint32_t round, struct span *out) MUST_USE;
/* Writes all readings of a round as an array of CBOR. */
enum status sensors_all(uint32_t round, struct span *out) MUST_USE;
/* Writes the message that stands for all of them, by their SHA-256. */
enum status sensors_batch(uint32_t round, struct bytes digest, struct span *out) MUST_USE;

#endif
