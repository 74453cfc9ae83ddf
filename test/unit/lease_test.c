/* SPDX-License-Identifier: Apache-2.0 */
/* Renewals of a lease: only what the one writer writes is read, whatever is cut off or altered. */
#include "proto/lease.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const uint8_t device[LEASE_DEVICE_SIZE] = {7, 7, 7};
static const uint8_t signature_bytes[LEASE_SIGNATURE_SIZE] = {9};

static struct bytes a_payload(uint8_t *room, size_t size) {
    const struct lease lease = {.device = bytes_of(device, sizeof(device)),
                                .unique_id = bytes_of_text("0123456789abcd"),
                                .sequence = 70000,
                                .uses = 1000,
                                .seconds = 5};
    struct span out = {room, size};
    assert_int_equal(lease_write(&lease, &out), STATUS_OK);
    return bytes_of_span(out);
}

/* What is read is what is written again: so no two payloads are the same lease. */
static void expect_own(struct bytes payload, const struct lease *lease) {
    uint8_t room[LEASE_PAYLOAD_MAX];
    struct span out = {room, sizeof(room)};
    assert_int_equal(lease_write(lease, &out), STATUS_OK);
    assert_true(bytes_equal(payload, bytes_of_span(out)));
}

static void payload_that_is_cut_or_altered_is_refused_or_another(void **state) {
    uint8_t room[LEASE_PAYLOAD_MAX];
    struct lease lease;
    size_t refused = 0;
    (void)state;
    struct bytes payload = a_payload(room, sizeof(room));
    assert_int_equal(lease_read(payload, &lease), STATUS_OK);
    expect_own(payload, &lease);
    for (size_t size = 0; size < payload.size; size++) {
        assert_int_equal(lease_read(bytes_of(room, size), &lease), STATUS_DATA_INVALID);
    }
    for (size_t bit = 0; bit < 8 * payload.size; bit++) {
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (lease_read(payload, &lease) == STATUS_OK) {
            expect_own(payload, &lease);
        } else {
            refused++;
        }
        room[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(refused > 2 * payload.size);
    room[payload.size] = 0;
    assert_int_equal(lease_read(bytes_of(room, payload.size + 1), &lease), STATUS_DATA_INVALID);
}

static void renewal_that_is_cut_or_altered_around_its_parts_is_refused(void **state) {
    uint8_t payload_room[LEASE_PAYLOAD_MAX], room[LEASE_COSE_MAX];
    struct bytes payload, signature;
    enum lease_key_form form = LEASE_KEY_OTHER;
    (void)state;
    struct bytes whole = a_payload(payload_room, sizeof(payload_room));
    for (int of = LEASE_KEY_P256; of <= LEASE_KEY_ED25519; of++) {
        struct span out = {room, sizeof(room)};
        assert_int_equal(
            lease_cose_write((enum lease_key_form)of, whole, signature_bytes, &out), STATUS_OK);
        struct bytes cose = bytes_of_span(out);
        assert_int_equal(lease_cose_read(cose, &form, &payload, &signature), STATUS_OK);
        assert_int_equal(form, of);
        for (size_t size = 0; size < cose.size; size++) {
            assert_int_equal(lease_cose_read(bytes_of(room, size), &form, &payload, &signature),
                             STATUS_DATA_INVALID);
        }
        for (size_t bit = 0; bit < 8 * 8; bit++) { /* the frame in front of the payload */
            room[bit / 8] ^= (uint8_t)(1u << bit % 8);
            enum status status = lease_cose_read(cose, &form, &payload, &signature);
            assert_true(status == STATUS_DATA_INVALID || form != (enum lease_key_form)of);
            room[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t size = 0; size < cose.size; size += 7) {
            struct span little = {payload_room + 100, size < 60 ? size : 60};
            assert_int_equal(
                lease_cose_write((enum lease_key_form)of, whole, signature_bytes, &little),
                STATUS_TOO_LARGE);
        }
    }
}

static void lease_key_of_another_form_is_none(void **state) {
    uint8_t spki[92] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                        0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
                        0x42, 0x00, 0x04};
    (void)state;
    assert_int_equal(lease_key_form(bytes_of(spki, 91)), LEASE_KEY_P256);
    assert_int_equal(lease_key_form(bytes_of(spki, 92)), LEASE_KEY_OTHER);
    assert_int_equal(lease_key_form(bytes_of(spki, 44)), LEASE_KEY_OTHER);
    spki[0] ^= 1;
    assert_int_equal(lease_key_form(bytes_of(spki, 91)), LEASE_KEY_OTHER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload_that_is_cut_or_altered_is_refused_or_another),
        cmocka_unit_test(renewal_that_is_cut_or_altered_around_its_parts_is_refused),
        cmocka_unit_test(lease_key_of_another_form_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
