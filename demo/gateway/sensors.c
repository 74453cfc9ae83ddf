/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated readings, and the messages that carry them. */
#include "demo/gateway/sensors.h"

#include "proto/cbor.h"

enum { KEY_KIND = 1, KEY_ROUND = 2, KEY_SENSOR = 3, KEY_VALUE = 4, KEY_COUNT = 5, KEY_DIGEST = 6 };
enum { FIELDS = 4, PERIOD = 60, MIDDLE = 2000, SWING = 25 };

int32_t sensors_read(uint32_t sensor, uint32_t round) {
    uint32_t phase = (round + sensor * 7) % PERIOD;
    uint32_t height = phase < PERIOD / 2 ? phase : PERIOD - phase;
    uint32_t jitter = (sensor * 2654435761u ^ round * 40503u) >> 28;
    return (int32_t)(MIDDLE + sensor % 100 * 10 + height * SWING + jitter);
}

static void put_start(struct cbor_writer *writer, const char *kind, uint32_t round) {
    cbor_put(writer, CBOR_MAP, FIELDS);
    cbor_put(writer, CBOR_UINT, KEY_KIND);
    cbor_put_text(writer, bytes_of_text(kind));
    cbor_put(writer, CBOR_UINT, KEY_ROUND);
    cbor_put(writer, CBOR_UINT, round);
}

enum status sensors_reading(uint32_t sensor, uint32_t round, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    put_start(&writer, "reading", round);
    cbor_put(&writer, CBOR_UINT, KEY_SENSOR);
    cbor_put(&writer, CBOR_UINT, sensor);
    cbor_put(&writer, CBOR_UINT, KEY_VALUE);
    cbor_put_int(&writer, sensors_read(sensor, round));
    return cbor_written(&writer, out);
}

enum status sensors_all(uint32_t round, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_ARRAY, SENSORS);
    for (uint32_t sensor = 1; sensor <= SENSORS; sensor++) {
        cbor_put_int(&writer, sensors_read(sensor, round));
    }
    return cbor_written(&writer, out);
}

enum status sensors_batch(uint32_t round, struct bytes digest, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    put_start(&writer, "batch", round);
    cbor_put(&writer, CBOR_UINT, KEY_COUNT);
    cbor_put(&writer, CBOR_UINT, SENSORS);
    cbor_put(&writer, CBOR_UINT, KEY_DIGEST);
    cbor_put_bytes(&writer, digest);
    return cbor_written(&writer, out);
}
