/* SPDX-License-Identifier: Apache-2.0 */
/* The time, as somebody tells it. */
#include "proto/told_time.h"

enum { KEY_DEVICE = 1, KEY_NONCE, KEY_SECONDS };

static enum status fail_unless(bool good) {
    return good ? STATUS_OK : STATUS_DATA_INVALID;
}

enum status told_time_write(const struct told_time *time, struct span *out) {
    struct cbor_writer writer;
    cbor_write(&writer, *out);
    cbor_put(&writer, CBOR_MAP, KEY_SECONDS);
    cbor_put(&writer, CBOR_UINT, KEY_DEVICE);
    cbor_put_bytes(&writer, time->device);
    cbor_put(&writer, CBOR_UINT, KEY_NONCE);
    cbor_put_bytes(&writer, time->nonce);
    cbor_put(&writer, CBOR_UINT, KEY_SECONDS);
    cbor_put(&writer, CBOR_UINT, time->seconds);
    return cbor_written(&writer, out);
}

static enum status take_key(struct cbor_reader *reader, uint64_t key) {
    uint64_t found = 0;
    TRY(cbor_get_uint(reader, KEY_SECONDS, &found));
    return fail_unless(found == key);
}

enum status told_time_read(struct bytes payload, struct told_time *time) {
    struct cbor_reader reader;
    uint64_t pairs = 0;
    *time = (struct told_time){.seconds = 0};
    cbor_read(&reader, payload);
    TRY(cbor_get(&reader, CBOR_MAP, &pairs));
    TRY(fail_unless(pairs == KEY_SECONDS));
    TRY(take_key(&reader, KEY_DEVICE));
    TRY(cbor_get_bytes(&reader, &time->device));
    TRY(take_key(&reader, KEY_NONCE));
    TRY(cbor_get_bytes(&reader, &time->nonce));
    TRY(take_key(&reader, KEY_SECONDS));
    TRY(cbor_get_uint(&reader, TOLD_TIME_SECONDS_MAX, &time->seconds));
    TRY(fail_unless(time->device.size == TOLD_TIME_DEVICE_SIZE &&
                    time->nonce.size == TOLD_TIME_NONCE_SIZE));
    return cbor_close(&reader);
}

enum status told_time_open(struct bytes encoding, struct cose *cose, struct told_time *time) {
    TRY(cose_open(encoding, cose));
    TRY(cose_read_header(cose, TOLD_TIME_TYPE));
    TRY(fail_unless(!cose->detached && cose->signature.size == COSE_SIGNATURE_SIZE &&
                    cose->payload.size <= TOLD_TIME_PAYLOAD_MAX));
    TRY(told_time_read(cose->payload, time));
    return fail_unless(time->seconds != 0);
}
