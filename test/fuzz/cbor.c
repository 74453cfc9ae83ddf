/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of proto/: CBOR, COSE_Sign1, renewals, base64, frames and the bodies of all messages
 * (R-60).
 * What they take has one encoding: written again, it is the same. */
#include "proto/base64.h"
#include "proto/cbor.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/lease.h"
#include "proto/log_format.h"
#include "test/fuzz/fuzz.h"

static uint8_t again[2 * FRAME_BODY_MAX];

static bool same(const uint8_t *data, size_t size, struct bytes input) {
    return bytes_equal(bytes_of(data, size), input);
}

static void put(struct cbor_writer *writer, const struct cbor_item *item) {
    if (item->type == CBOR_BYTES) {
        cbor_put_bytes(writer, item->bytes);
    } else if (item->type == CBOR_TEXT) {
        cbor_put_text(writer, item->bytes);
    } else {
        cbor_put(writer, item->type, item->value);
    }
}

/* Item by item, or passing over all at once: both must say the same. */
static void read_cbor(struct bytes input) {
    struct cbor_reader reader;
    struct cbor_writer writer;
    struct cbor_item item;
    struct bytes whole;
    struct span out = {again, sizeof(again)};
    cbor_write(&writer, out);
    cbor_read(&reader, input);
    while (cbor_next(&reader, &item) == STATUS_OK) {
        put(&writer, &item);
    }
    cbor_read(&reader, input);
    bool skipped = cbor_skip(&reader, &whole) == STATUS_OK;
    bool closed = cbor_close(&reader) == STATUS_OK;
    if (skipped && closed) {
        REQUIRE(cbor_written(&writer, &out) == STATUS_OK);
        REQUIRE(same(out.data, out.size, input) && bytes_equal(whole, input));
    }
}

/* The typed readers, in an order that the input says. */
static void read_typed(struct bytes orders, struct bytes input) {
    struct cbor_reader reader;
    struct bytes bytes;
    uint64_t number = 0;
    int64_t whole = 0;
    bool yes = false;
    enum status last = STATUS_OK;
    cbor_read(&reader, input);
    while (orders.size > 0 && last == STATUS_OK) {
        uint8_t order = fuzz_byte(&orders);
        last = order % 7 == 0   ? cbor_get(&reader, (enum cbor_type)(order / 7 % 8), &number)
               : order % 7 == 1 ? cbor_get_uint(&reader, order, &number)
               : order % 7 == 2 ? cbor_get_int(&reader, &whole)
               : order % 7 == 3 ? cbor_get_bytes(&reader, &bytes)
               : order % 7 == 4 ? cbor_get_text(&reader, &bytes)
               : order % 7 == 5 ? cbor_get_bool(&reader, &yes)
                                : cbor_skip(&reader, &bytes);
        if (last == STATUS_OK && (order % 7 == 3 || order % 7 == 4 || order % 7 == 6)) {
            fuzz_look(bytes);
        }
    }
    if (last != STATUS_OK) {
        REQUIRE(cbor_close(&reader) != STATUS_OK);
    }
}

static void read_cose(struct bytes input) {
    struct bytes payload, signature;
    struct span out = {again, sizeof(again)};
    if (log_cose_read(input, &payload, &signature) == STATUS_OK) {
        REQUIRE(signature.size == LOG_SIGNATURE_SIZE);
        REQUIRE(log_cose_write(payload, signature.data, &out) == STATUS_OK);
        REQUIRE(same(out.data, out.size, input));
    }
}

/* A renewal of a lease, or its payload alone. */
static void read_lease(struct bytes input) {
    struct bytes payload = input, signature;
    struct lease lease;
    enum lease_key_form form = LEASE_KEY_OTHER;
    struct span out = {again, sizeof(again)};
    if (lease_cose_read(input, &form, &payload, &signature) == STATUS_OK) {
        REQUIRE(signature.size == LEASE_SIGNATURE_SIZE && form != LEASE_KEY_OTHER);
        REQUIRE(lease_cose_write(form, payload, signature.data, &out) == STATUS_OK);
        REQUIRE(same(out.data, out.size, input));
    } else {
        payload = input;
    }
    out.size = sizeof(again);
    if (lease_read(payload, &lease) == STATUS_OK) {
        REQUIRE(lease_write(&lease, &out) == STATUS_OK);
        REQUIRE(same(out.data, out.size, payload));
    }
    if (lease_key_form(input) != LEASE_KEY_OTHER) {
        fuzz_look(lease_key_point(input));
    }
}

static void read_base64(struct bytes input) {
    static uint8_t plain[4096];
    struct span out = {plain, sizeof(plain)};
    if (base64_read(input, &out) == STATUS_OK) {
        size_t size = base64_write(bytes_of_span(out), (char *)again);
        REQUIRE(same(again, size, input));
    }
}

static void read_body(uint8_t which, struct bytes body) {
    union any_req request;
    union any_rep reply;
    size_t count = 0, used = 0;
    const struct command_row *row = &command_rows(&count)[which / 2 % count];
    const struct field *fields = which % 2 == 0 ? row->request : row->reply;
    void *message = which % 2 == 0 ? (void *)&request : (void *)&reply;
    struct span out = {again, sizeof(again)};
    if (codec_read(fields, body, message) == STATUS_OK) {
        REQUIRE(codec_write(fields, message, out, &used) == STATUS_OK);
        REQUIRE(same(again, used, body));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    struct frame frame;
    uint8_t what = fuzz_byte(&input);
    struct bytes orders = (what & 7) == 1 ? fuzz_string(&input) : bytes_of(NULL, 0);
    uint8_t which = (what & 7) == 5 ? fuzz_byte(&input) : 0;
    uint8_t *exact = fuzz_exact(input);
    input.data = exact;
    switch (what & 7) {
    case 1:
        read_typed(orders, input);
        break;
    case 2:
        read_cose(input);
        break;
    case 3:
        read_base64(input);
        break;
    case 4:
        if (frame_read(input, &frame) == STATUS_OK) {
            frame_write_header(again, frame.code, frame.body.size);
            REQUIRE(same(again, FRAME_HEADER_SIZE, bytes_of(input.data, FRAME_HEADER_SIZE)));
        }
        break;
    case 5:
        read_body(which, input);
        break;
    case 6:
        read_lease(input);
        break;
    default:
        read_cbor(input);
    }
    free(exact);
    return 0;
}
