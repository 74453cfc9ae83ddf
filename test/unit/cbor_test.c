/* SPDX-License-Identifier: Apache-2.0 */
/* Deterministic CBOR: examples of RFC 8949 appendix A, what must be refused, and that nothing but
 * what the writer would write is ever accepted. */
#include "proto/base64.h"
#include "proto/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct bytes from_hex(const char *hex, uint8_t *room) {
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < 2 * size; i++) {
        unsigned c = (unsigned char)hex[i];
        unsigned nibble = c <= '9' ? c - '0' : c - 'a' + 10;
        room[i / 2] = (uint8_t)(i % 2 == 0 ? nibble << 4 : (room[i / 2] | nibble));
    }
    return bytes_of(room, size);
}

/* Copies the item at the reader, whatever is in it, to the writer. */
static enum status copy_item(struct cbor_reader *reader, struct cbor_writer *writer) {
    uint64_t items = 1;
    while (items > 0) {
        struct cbor_item item;
        TRY(cbor_next(reader, &item));
        items -= item.type == CBOR_TAG ? 0 : 1;
        if (item.type == CBOR_BYTES) {
            cbor_put_bytes(writer, item.bytes);
        } else if (item.type == CBOR_TEXT) {
            cbor_put_text(writer, item.bytes);
        } else {
            cbor_put(writer, item.type, item.value);
        }
        items += item.type == CBOR_ARRAY ? item.value : item.type == CBOR_MAP ? 2 * item.value : 0;
    }
    return STATUS_OK;
}

/* Whether `input` is accepted; then it must be what the writer writes. */
static bool accepted(struct bytes input) {
    static uint8_t room[4096];
    struct cbor_reader reader;
    struct cbor_writer writer;
    cbor_read(&reader, input);
    cbor_write(&writer, (struct span){room, sizeof(room)});
    if (copy_item(&reader, &writer) != STATUS_OK || cbor_close(&reader) != STATUS_OK) {
        return false;
    }
    struct span written = {room, sizeof(room)};
    assert_int_equal(cbor_written(&writer, &written), STATUS_OK);
    assert_int_equal(written.size, input.size);
    assert_memory_equal(written.data, input.data, input.size);
    return true;
}

static bool hex_accepted(const char *hex) {
    uint8_t room[256];
    bool yes = accepted(from_hex(hex, room));
    if (!yes) {
        print_message("# refused: %s\n", hex);
    }
    return yes;
}

static void cbor_numbers_are_those_of_rfc_8949(void **state) {
    (void)state;
    static const struct {
        int64_t value;
        const char *hex;
    } rows[] = {
        {0, "00"},           {1, "01"},           {10, "0a"},
        {23, "17"},          {24, "1818"},        {25, "1819"},
        {100, "1864"},       {1000, "1903e8"},    {1000000, "1a000f4240"},
        {-1, "20"},          {-10, "29"},         {-100, "3863"},
        {-1000, "3903e7"},   {255, "18ff"},       {256, "190100"},
        {65535, "19ffff"},   {65536, "1a00010000"}, {4294967295, "1affffffff"},
        {4294967296, "1b0000000100000000"}, {1000000000000, "1b000000e8d4a51000"},
        {INT64_MAX, "1b7fffffffffffffff"}, {INT64_MIN, "3b7fffffffffffffff"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t expected[16], room[16];
        struct bytes hex = from_hex(rows[i].hex, expected);
        struct cbor_writer writer;
        cbor_write(&writer, (struct span){room, sizeof(room)});
        cbor_put_int(&writer, rows[i].value);
        assert_int_equal(writer.used, hex.size);
        assert_memory_equal(room, expected, hex.size);
        struct cbor_reader reader;
        int64_t value = 0;
        cbor_read(&reader, hex);
        assert_int_equal(cbor_get_int(&reader, &value), STATUS_OK);
        assert_true(value == rows[i].value);
        assert_int_equal(cbor_close(&reader), STATUS_OK);
    }
}

static void cbor_examples_of_rfc_8949_are_read_and_written_back(void **state) {
    (void)state;
    static const char *const rows[] = {
        "1bffffffffffffffff", "3bffffffffffffffff", "f4", "f5", "f6",
        "c074323031332d30332d32315432303a30343a30305a", /* tag 0, a date */
        "c11a514b67b0", "d74401020304", "d818456449455446",
        "d82076687474703a2f2f7777772e6578616d706c652e636f6d", "40", "4401020304", "60", "6161",
        "6449455446", "62225c", "62c3bc", "63e6b0b4", "64f0908591", "80", "83010203",
        "8301820203820405",
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819", "a0", "a201020304",
        "a26161016162820203", "826161a161626163",
        "a56161614161626142616361436164614461656145",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(hex_accepted(rows[i]));
    }
}

static void cbor_reader_refuses_what_is_not_deterministic(void **state) {
    (void)state;
    static const char *const rows[] = {
        "1800", "1817", "190017", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", /* longer */
        "5800", "7800", "9800", "b800", "d80a00", /* lengths and tags longer than needed */
        "5f42010243030405ff", "7f657374726561646d696e67ff", "9fff", "bfff", /* indefinite */
        "f97c00", "fa47c35000", "fb3ff199999999999a", "f90000", /* floating point */
        "f7", "f0", "e0", "f818", "f814", "ff", /* other simple values, a break alone */
        "1c", "3d", "5e", "7c", "9d", "bc", "dd", /* reserved */
        "a203040102", "a201020103", "a2616202616101", "a2616201616102", /* order, twice */
        "a2613102186400", /* text key before number key */
        "a1a2020001000000", /* a key that is itself unsorted */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        if (accepted(from_hex(rows[i], room))) {
            fail_msg("%s was accepted", rows[i]);
        }
    }
}

static void cbor_reader_refuses_what_is_cut_off_or_left_over(void **state) {
    (void)state;
    static const char *const rows[] = {
        "", "18", "19ff", "1affffff", "1bffffffffffffff", "41", "4401", "61", "81", "8201", "a1",
        "a101", "a2010203", "c1", "c1c1", "0000", "8000", "a000", "810000", "4100ff", "c10000",
        "5affffffff", "7bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
        "9b8000000000000000", "bb8000000000000000", "bb000000000000000001",
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t room[64];
        if (accepted(from_hex(rows[i], room))) {
            fail_msg("%s was accepted", rows[i]);
        }
    }
}

static void cbor_reader_refuses_text_that_is_not_utf8(void **state) {
    (void)state;
    static const char *const bad[] = {
        "6180", "61c3", "62c0af", "62c1bf", "63e08080", "63eda080", "63edbfbf", "64f0808080",
        "64f4908080", "64f5808080", "63e6b0", "62c328", "61ff",
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t room[64];
        if (accepted(from_hex(bad[i], room))) {
            fail_msg("%s was accepted", bad[i]);
        }
    }
    assert_true(hex_accepted("63ed9fbf")); /* U+D7FF */
    assert_true(hex_accepted("63ee8080")); /* U+E000 */
    assert_true(hex_accepted("64f48fbfbf")); /* U+10FFFF */
}

static void cbor_keys_are_in_order_across_types_and_tags(void **state) {
    (void)state;
    assert_true(hex_accepted("a30a0018640020f6"));     /* 10, 100, -1: the example of 4.2.1 */
    assert_true(hex_accepted("a4617a0062616100812000f400")); /* "z", "aa", [-1], false */
    assert_true(hex_accepted("a2c10100c10200"));       /* tagged keys */
    assert_false(hex_accepted("a2c10200c10100"));
    assert_true(hex_accepted("a101c1c243010203"));     /* tags nest on a value */
    assert_true(hex_accepted("a28102008201000a"));     /* arrays as keys: shorter head first */
    assert_false(hex_accepted("a28201000a810200"));
}

static void cbor_nesting_is_bounded(void **state) {
    (void)state;
    for (size_t depth = 1; depth <= 64; depth++) {
        uint8_t input[65];
        memset(input, 0x81, depth);
        input[depth] = 0;
        assert_int_equal(accepted(bytes_of(input, depth + 1)), depth <= CBOR_DEPTH_MAX);
    }
    uint8_t tags[1001];
    memset(tags, 0xc1, sizeof(tags));
    tags[1000] = 0;
    assert_true(accepted(bytes_of(tags, sizeof(tags))));
}

static void cbor_skip_passes_over_one_item_and_gives_its_encoding(void **state) {
    (void)state;
    uint8_t room[64];
    struct cbor_reader reader;
    struct bytes skipped;
    uint64_t value = 0;
    cbor_read(&reader, from_hex("8401a1018202c103c243aabbcc05", room));
    assert_int_equal(cbor_get(&reader, CBOR_ARRAY, &value), STATUS_OK);
    assert_int_equal(cbor_skip(&reader, &skipped), STATUS_OK);
    assert_int_equal(skipped.size, 1);
    assert_int_equal(cbor_skip(&reader, &skipped), STATUS_OK);
    assert_int_equal(skipped.size, 6);
    assert_int_equal(cbor_skip(&reader, &skipped), STATUS_OK);
    assert_int_equal(skipped.size, 5);
    assert_int_equal(cbor_get_uint(&reader, 4, &value), STATUS_DATA_INVALID); /* 5 is too large */
    assert_int_equal(cbor_skip(&reader, &skipped), STATUS_DATA_INVALID);      /* and that sticks */
    assert_int_equal(cbor_close(&reader), STATUS_DATA_INVALID);
}

static void cbor_get_refuses_another_type(void **state) {
    (void)state;
    uint8_t room[4];
    uint64_t value = 77;
    bool yes = true;
    struct bytes bytes;
    struct cbor_reader reader;
    cbor_read(&reader, from_hex("20", room));
    assert_int_equal(cbor_get_uint(&reader, UINT64_MAX, &value), STATUS_DATA_INVALID);
    assert_true(value == 77);
    cbor_read(&reader, from_hex("f6", room));
    assert_int_equal(cbor_get_bool(&reader, &yes), STATUS_DATA_INVALID);
    cbor_read(&reader, from_hex("6161", room));
    assert_int_equal(cbor_get_bytes(&reader, &bytes), STATUS_DATA_INVALID);
    cbor_read(&reader, from_hex("4161", room));
    assert_int_equal(cbor_get_text(&reader, &bytes), STATUS_DATA_INVALID);
    cbor_read(&reader, from_hex("f5", room));
    assert_int_equal(cbor_get_bool(&reader, &yes), STATUS_OK);
    assert_true(yes);
}

static void cbor_writer_never_writes_beyond_its_room(void **state) {
    (void)state;
    for (size_t size = 0; size < 24; size++) {
        uint8_t room[32];
        memset(room, 0xee, sizeof(room));
        struct cbor_writer writer;
        cbor_write(&writer, (struct span){room, size});
        cbor_put(&writer, CBOR_MAP, 1);
        cbor_put_text(&writer, bytes_of_text("fifteen letters"));
        cbor_put_int(&writer, -70000);
        cbor_put_bool(&writer, true);
        struct span out = {room, size};
        assert_int_equal(cbor_written(&writer, &out),
                         size >= 23 ? STATUS_OK : STATUS_TOO_LARGE);
        for (size_t i = size; i < sizeof(room); i++) {
            assert_int_equal(room[i], 0xee);
        }
    }
}

static uint32_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static void cbor_random_input_is_refused_or_canonical(void **state) {
    (void)state;
    uint64_t seed = 1;
    size_t yes = 0;
    for (size_t round = 0; round < 300000; round++) {
        uint8_t input[24];
        size_t size = 1 + next_random(&seed) % sizeof(input);
        for (size_t i = 0; i < size; i++) {
            /* mostly short items, so that structures form */
            uint32_t r = next_random(&seed);
            input[i] = (uint8_t)(r % 4 == 0 ? r >> 8 : (r >> 8 & 0xe3));
        }
        yes += accepted(bytes_of(input, size)); /* which checks what was accepted */
    }
    assert_true(yes > 1000);
}

static void base64_has_the_vectors_of_rfc_4648_and_one_form(void **state) {
    (void)state;
    static const char *const rows[][2] = {{"", ""},         {"f", "Zg=="},      {"fo", "Zm8="},
                                          {"foo", "Zm9v"},  {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[16];
        uint8_t data[16];
        size_t size = base64_write(bytes_of_text(rows[i][0]), text);
        assert_int_equal(size, strlen(rows[i][1]));
        assert_memory_equal(text, rows[i][1], size);
        struct span out = {data, sizeof(data)};
        assert_int_equal(base64_read(bytes_of_text(rows[i][1]), &out), STATUS_OK);
        assert_int_equal(out.size, strlen(rows[i][0]));
        assert_memory_equal(data, rows[i][0], out.size);
    }
    static const char *const bad[] = {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==",
                                      "Zm 9", "Zm9v\n", "Zm-v", "Zm9v=", "=m9v", "Zg=v"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        uint8_t data[16];
        struct span out = {data, sizeof(data)};
        assert_int_equal(base64_read(bytes_of_text(bad[i]), &out), STATUS_DATA_INVALID);
    }
    uint8_t small[2];
    struct span out = {small, sizeof(small)};
    assert_int_equal(base64_read(bytes_of_text("Zm9v"), &out), STATUS_TOO_LARGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cbor_numbers_are_those_of_rfc_8949),
        cmocka_unit_test(cbor_examples_of_rfc_8949_are_read_and_written_back),
        cmocka_unit_test(cbor_reader_refuses_what_is_not_deterministic),
        cmocka_unit_test(cbor_reader_refuses_what_is_cut_off_or_left_over),
        cmocka_unit_test(cbor_reader_refuses_text_that_is_not_utf8),
        cmocka_unit_test(cbor_keys_are_in_order_across_types_and_tags),
        cmocka_unit_test(cbor_nesting_is_bounded),
        cmocka_unit_test(cbor_skip_passes_over_one_item_and_gives_its_encoding),
        cmocka_unit_test(cbor_get_refuses_another_type),
        cmocka_unit_test(cbor_writer_never_writes_beyond_its_room),
        cmocka_unit_test(cbor_random_input_is_refused_or_canonical),
        cmocka_unit_test(base64_has_the_vectors_of_rfc_4648_and_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
