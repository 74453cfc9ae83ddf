/* SPDX-License-Identifier: Apache-2.0 */
/* The edges of what host and module share: names, lists, bodies, texts and notes that do not fit,
 * are out of range or are not what the writer writes. */
#include "proto/algorithms.h"
#include "proto/attributes.h"
#include "proto/base64.h"
#include "proto/cbor.h"
#include "proto/codec.h"
#include "proto/log_format.h"
#include "proto/merkle.h"
#include "proto/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* ---- names ---- */

static void hashes_and_events_have_names(void **state) {
    (void)state;
    assert_string_equal(hash_name(HASH_SHA256), "SHA-256");
    assert_string_equal(hash_name(HASH_NONE), "none");
    assert_string_equal(hash_name(HASH_COUNT), "unknown");
    assert_int_equal(hash_size(HASH_SHA384), 48);
    assert_int_equal(hash_size(HASH_COUNT), 0);
#define EVENT(number, name, text) assert_string_equal(event_name(number), #name);
#include "proto/events.def"
#undef EVENT
    assert_string_equal(event_name(COMMAND_sign), "sign");
    assert_string_equal(event_name(0x7777), "unknown");
    assert_int_equal(status_row(0xfffffff0u)->status, STATUS_INTERNAL);
}

/* ---- mechanisms ---- */

static void expect_refused(enum algorithm algorithm, struct mechanism mechanism) {
    mechanism.algorithm = (uint32_t)algorithm;
    assert_int_equal(mechanism_check(&mechanism), STATUS_MECHANISM_PARAM_INVALID);
}

/* Whether the algorithm reads the parameter or not, a number that means nothing is refused. */
static void parameters_out_of_range_are_refused_for_every_algorithm(void **state) {
    size_t count = 0;
    (void)state;
    const struct algorithm_row *rows = algorithm_rows(&count);
    for (size_t i = 0; i < count; i++) {
        struct mechanism plain = {.algorithm = (uint32_t)rows[i].algorithm};
        assert_int_equal(mechanism_check(&plain), STATUS_OK);
        expect_refused(rows[i].algorithm, (struct mechanism){.hash = HASH_COUNT});
        expect_refused(rows[i].algorithm, (struct mechanism){.digest = HASH_COUNT});
        expect_refused(rows[i].algorithm, (struct mechanism){.mgf = HASH_COUNT});
        expect_refused(rows[i].algorithm, (struct mechanism){.kdf = HASH_COUNT});
        expect_refused(rows[i].algorithm, (struct mechanism){.make_iv = 2});
        expect_refused(rows[i].algorithm, (struct mechanism){.cofactor = 2});
    }
    struct mechanism unknown = {.algorithm = 0x7fffffff};
    assert_int_equal(mechanism_check(&unknown), STATUS_MECHANISM_INVALID);
}

/* ---- lists of attributes ---- */

static void attribute_that_does_not_fit_writes_nothing(void **state) {
    uint8_t room[64];
    const struct bytes value = bytes_of_text("label");
    (void)state;
    for (size_t size = 0; size < 8 + value.size; size++) {
        size_t used = 0;
        memset(room, 0xa5, sizeof(room));
        struct span to = {room, size};
        assert_int_equal(attributes_add(to, &used, ATTRIBUTE_LABEL, value),
                         STATUS_OBJECT_TOO_LARGE);
        assert_int_equal(used, 0);
        assert_true(bytes_all(bytes_of(room, sizeof(room)), 0xa5));
    }
    size_t behind = 9;
    assert_int_equal(attributes_add((struct span){room, 8}, &behind, ATTRIBUTE_LABEL, value),
                     STATUS_OBJECT_TOO_LARGE);
}

static void value_of_another_size_is_not_a_bool_or_number(void **state) {
    uint8_t room[64];
    size_t used = 0;
    struct span to = {room, sizeof(room)};
    (void)state;
    assert_int_equal(attributes_add(to, &used, ATTRIBUTE_TOKEN, bytes_of_text("yes")), STATUS_OK);
    assert_int_equal(attributes_add_bool(to, &used, ATTRIBUTE_CLASS, true), STATUS_OK);
    struct bytes list = bytes_of(room, used);
    assert_true(attributes_bool(list, ATTRIBUTE_TOKEN, true));
    assert_false(attributes_bool(list, ATTRIBUTE_TOKEN, false));
    assert_true(attributes_bool(list, ATTRIBUTE_PRIVATE, true));
    assert_int_equal(attributes_num(list, ATTRIBUTE_CLASS, 77), 77);
    assert_int_equal(attributes_num(list, ATTRIBUTE_KEY_TYPE, 78), 78);
}

/* ---- message bodies ---- */

static union any_rep reply;

/* Every byte field gets `size` bytes. */
static void fill(const struct field *fields, struct bytes value) {
    memset(&reply, 0x11, sizeof(reply));
    for (const struct field *field = fields; field->kind != FIELD_END; field++) {
        if (field->kind == FIELD_BYTES) {
            memcpy((uint8_t *)&reply + field->offset, &value, sizeof(value));
        }
    }
}

static void reply_that_does_not_fit_is_refused_at_every_size(void **state) {
    uint8_t room[512];
    size_t count = 0, tried = 0;
    (void)state;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        size_t needed = 0, used = 0;
        fill(rows[i].reply, bytes_of_text("abc"));
        struct span whole = {room, sizeof(room)};
        assert_int_equal(codec_write(rows[i].reply, &reply, whole, &needed), STATUS_OK);
        for (size_t size = 0; size < needed; size++, tried++) {
            struct span less = {room, size};
            assert_int_equal(codec_write(rows[i].reply, &reply, less, &used), STATUS_TOO_LARGE);
        }
    }
    assert_true(tried > 300);
}

static void field_above_its_largest_size_is_not_written(void **state) {
    static const uint8_t data[300];
    static const struct field fields[] = {{FIELD_BYTES, 0, 256, "data"}, {FIELD_END, 0, 0, NULL}};
    uint8_t room[512];
    size_t used = 0;
    struct span to = {room, sizeof(room)};
    (void)state;
    struct bytes value = bytes_of(data, 256);
    assert_int_equal(codec_write(fields, &value, to, &used), STATUS_OK);
    value.size = 257;
    assert_int_equal(codec_write(fields, &value, to, &used), STATUS_TOO_LARGE);
    assert_int_equal(codec_room(fields, to).size, sizeof(room) - 4);
    assert_int_equal(codec_room(fields, (struct span){room, 3}).size, 0);
    assert_int_equal(codec_room(fields + 1, to).size, 0);
}

/* ---- texts ---- */

static void text_that_does_not_fit_stays_failed(void **state) {
    uint8_t room[8];
    struct span out = {room, 0};
    (void)state;
    struct text text = text_in((struct span){room, sizeof(room)});
    text_add(&text, "12345678");
    assert_int_equal(text_end(&text, &out), STATUS_OK);
    assert_int_equal(out.size, 8);
    text_add_hex(&text, bytes_of_text("a"));
    text_add_base64(&text, bytes_of_text("a"));
    text_add_number(&text, 0);
    text_add(&text, "");
    assert_int_equal(text_end(&text, &out), STATUS_TOO_LARGE);
    assert_memory_equal(room, "12345678", 8);
    text = text_in((struct span){room, 3});
    text_add_base64(&text, bytes_of_text("a"));
    text_add(&text, "x"); /* would fit, but something is missing before it */
    assert_int_equal(text_end(&text, &out), STATUS_TOO_LARGE);
}

static void base64_of_another_alphabet_is_refused(void **state) {
    static const char *const bad[] = {"AAA",  "AA=A", "A===", "====", "AA.A", "AAB=", "AB==",
                                      "AA==AAAA", "=AAA", "AAA=AAA="};
    uint8_t room[8];
    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct span out = {room, sizeof(room)};
        assert_int_equal(base64_read(bytes_of_text(bad[i]), &out), STATUS_DATA_INVALID);
    }
    struct span little = {room, 2};
    assert_int_equal(base64_read(bytes_of_text("AAAA"), &little), STATUS_TOO_LARGE);
}

static void numbers_beyond_a_signed_one_are_refused(void **state) {
    static const uint8_t large[] = {0x1b, 0x80, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t small[] = {0x3b, 0x80, 0, 0, 0, 0, 0, 0, 0};
    static const uint8_t text[] = {0x61, 'a'};
    static const uint8_t minus_two[] = {0x21};
    struct cbor_reader reader;
    int64_t value = 7;
    (void)state;
    cbor_read(&reader, bytes_of(large, sizeof(large)));
    assert_int_equal(cbor_get_int(&reader, &value), STATUS_DATA_INVALID);
    cbor_read(&reader, bytes_of(small, sizeof(small)));
    assert_int_equal(cbor_get_int(&reader, &value), STATUS_DATA_INVALID);
    cbor_read(&reader, bytes_of(text, sizeof(text)));
    assert_int_equal(cbor_get_int(&reader, &value), STATUS_DATA_INVALID);
    assert_int_equal(value, 7);
    cbor_read(&reader, bytes_of(minus_two, 1));
    assert_int_equal(cbor_get_int(&reader, &value), STATUS_OK);
    assert_int_equal(value, -2);
    assert_int_equal(cbor_get_int(&reader, &value), STATUS_DATA_INVALID); /* nothing is left */
    assert_int_equal(cbor_close(&reader), STATUS_DATA_INVALID);
}

static void writer_that_is_full_stays_so(void **state) {
    uint8_t room[3];
    struct cbor_writer writer;
    struct span out = {room, 0};
    (void)state;
    cbor_write(&writer, (struct span){room, sizeof(room)});
    cbor_put_bytes(&writer, bytes_of_text("abcd"));
    cbor_put_int(&writer, -1);
    cbor_put_bool(&writer, true);
    assert_int_equal(cbor_written(&writer, &out), STATUS_TOO_LARGE);
}

/* ---- COSE and notes of the log ---- */

static const uint8_t signature_bytes[LOG_SIGNATURE_SIZE] = {1, 2, 3};

static struct bytes a_cose(uint8_t *room, size_t size) {
    struct span out = {room, size};
    assert_int_equal(log_cose_write(bytes_of_text("payload"), signature_bytes, &out), STATUS_OK);
    return bytes_of_span(out);
}

static enum status read_cose(struct bytes cose) {
    struct bytes payload, signature;
    return log_cose_read(cose, &payload, &signature);
}

static void cose_that_another_would_write_is_refused(void **state) {
    uint8_t room[LOG_COSE_MAX];
    (void)state;
    struct bytes cose = a_cose(room, sizeof(room));
    assert_int_equal(read_cose(cose), STATUS_OK);
    for (size_t size = 0; size < cose.size; size++) {
        assert_int_equal(read_cose(bytes_of(room, size)), STATUS_DATA_INVALID);
    }
    /* the tag, the length of the list, the protected header, the unprotected one, the size of the
     * signature: every byte of the frame around payload and signature */
    for (size_t at = 0; at < 8; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            room[at] ^= (uint8_t)(1u << bit);
            assert_int_equal(read_cose(cose), STATUS_DATA_INVALID);
            room[at] ^= (uint8_t)(1u << bit);
        }
    }
    struct span little = {room, 10};
    assert_int_equal(log_cose_write(bytes_of_text("payload"), signature_bytes, &little),
                     STATUS_TOO_LARGE);
    little.size = 10;
    assert_int_equal(log_cose_signed(bytes_of_text("payload"), &little), STATUS_TOO_LARGE);
}

/* The right frame around a signature of another size. */
static void cose_with_a_short_signature_is_refused(void **state) {
    static const uint8_t header[] = {0xa1, 0x01, 0x27};
    uint8_t room[64];
    struct cbor_writer writer;
    struct span out = {room, sizeof(room)};
    (void)state;
    for (int items = 4; items <= 5; items++) {
        cbor_write(&writer, (struct span){room, sizeof(room)});
        cbor_put(&writer, CBOR_TAG, 18);
        cbor_put(&writer, CBOR_ARRAY, (uint64_t)items);
        cbor_put_bytes(&writer, bytes_of(header, sizeof(header)));
        cbor_put(&writer, CBOR_MAP, 0);
        cbor_put_bytes(&writer, bytes_of_text("payload"));
        cbor_put_bytes(&writer, bytes_of(signature_bytes, 32));
        if (items == 5) {
            cbor_put_bool(&writer, false);
        }
        assert_int_equal(cbor_written(&writer, &out), STATUS_OK);
        assert_int_equal(read_cose(bytes_of_span(out)), STATUS_DATA_INVALID);
    }
}

/* What follows the key id in a note: the signature in base64 and the end of the line. */
enum { SIGNED = BASE64_SIZE(4 + LOG_SIGNATURE_SIZE) - 4 };

static void note_that_another_would_write_is_refused(void **state) {
    static const uint8_t key_id[4] = {9, 8, 7, 6}, other_id[4] = {9, 8, 7, 5};
    static const uint8_t root[LOG_HASH_SIZE] = {4};
    uint8_t text_room[LOG_NOTE_MAX], note_room[LOG_NOTE_MAX], signature[LOG_SIGNATURE_SIZE];
    struct span text = {text_room, sizeof(text_room)}, note = {note_room, sizeof(note_room)};
    (void)state;
    assert_int_equal(log_note_signed("edgehsm/1", 12, root, &text), STATUS_OK);
    struct bytes words = bytes_of_span(text);
    assert_int_equal(log_note_write(words, "edgehsm/1", key_id, signature_bytes, &note), STATUS_OK);
    struct bytes whole = bytes_of_span(note);
    assert_int_equal(log_note_read(whole, words, "edgehsm/1", key_id, signature), STATUS_OK);
    assert_memory_equal(signature, signature_bytes, sizeof(signature));
    assert_int_equal(log_note_read(whole, words, "edgehsm/2", key_id, signature),
                     STATUS_DATA_INVALID);
    assert_int_equal(log_note_read(whole, words, "edgehsm/1", other_id, signature),
                     STATUS_DATA_INVALID);
    for (size_t size = 0; size < whole.size; size++) {
        assert_int_equal(
            log_note_read(bytes_of(note_room, size), words, "edgehsm/1", key_id, signature),
            STATUS_DATA_INVALID);
    }
    for (size_t at = 0; at < whole.size; at++) {
        note_room[at] ^= 1;
        enum status status = log_note_read(whole, words, "edgehsm/1", key_id, signature);
        bool another = at + SIGNED > whole.size; /* then the bytes of another signature */
        assert_true(status == STATUS_DATA_INVALID || another);
        assert_true(status != STATUS_OK || !bytes_equal(bytes_of(signature, sizeof(signature)),
                                                        bytes_of(signature_bytes, 64)));
        note_room[at] ^= 1;
    }
    note_room[whole.size - 3] = '='; /* a signature of one byte less */
    assert_int_equal(log_note_read(whole, words, "edgehsm/1", key_id, signature),
                     STATUS_DATA_INVALID);
    struct bytes longer = bytes_of(note_room, sizeof(note_room));
    assert_int_equal(log_note_read(whole, longer, "edgehsm/1", key_id, signature),
                     STATUS_DATA_INVALID);
}

/* ---- trees ---- */

static int hashes_left;

/* The hash of this program's trees, while it lasts. */
enum status merkle_hash(const struct bytes *parts, size_t count, uint8_t out[MERKLE_HASH_SIZE]) {
    (void)parts;
    (void)count;
    if (hashes_left-- <= 0) {
        return STATUS_INTERNAL;
    }
    memset(out, hashes_left, MERKLE_HASH_SIZE);
    return STATUS_OK;
}

static void tree_of_which_a_hash_fails_is_as_before(void **state) {
    static const uint8_t leaf[MERKLE_HASH_SIZE] = {1};
    uint8_t root[MERKLE_HASH_SIZE];
    struct merkle tree = {.size = 0};
    (void)state;
    hashes_left = 100;
    for (int i = 0; i < 7; i++) {
        assert_int_equal(merkle_add(&tree, leaf), STATUS_OK);
    }
    for (int left = 0; left < 3; left++) {
        hashes_left = left;
        assert_int_equal(merkle_add(&tree, leaf), STATUS_INTERNAL);
        assert_true(tree.size == 7);
    }
    for (int left = 0; left < 2; left++) {
        hashes_left = left;
        assert_int_equal(merkle_root(&tree, root), STATUS_INTERNAL);
    }
    hashes_left = 2;
    assert_int_equal(merkle_root(&tree, root), STATUS_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_and_events_have_names),
        cmocka_unit_test(parameters_out_of_range_are_refused_for_every_algorithm),
        cmocka_unit_test(attribute_that_does_not_fit_writes_nothing),
        cmocka_unit_test(value_of_another_size_is_not_a_bool_or_number),
        cmocka_unit_test(reply_that_does_not_fit_is_refused_at_every_size),
        cmocka_unit_test(field_above_its_largest_size_is_not_written),
        cmocka_unit_test(text_that_does_not_fit_stays_failed),
        cmocka_unit_test(base64_of_another_alphabet_is_refused),
        cmocka_unit_test(numbers_beyond_a_signed_one_are_refused),
        cmocka_unit_test(writer_that_is_full_stays_so),
        cmocka_unit_test(cose_that_another_would_write_is_refused),
        cmocka_unit_test(cose_with_a_short_signature_is_refused),
        cmocka_unit_test(note_that_another_would_write_is_refused),
        cmocka_unit_test(tree_of_which_a_hash_fails_is_as_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
