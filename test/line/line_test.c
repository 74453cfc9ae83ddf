/* SPDX-License-Identifier: Apache-2.0 */
/* Packets and messages over a wire that loses, repeats, mixes up and falsifies bytes. */
#include "base/compiler.h"
#include "channel/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- chance that repeats ---- */

static uint64_t seed;

static uint32_t chance(uint32_t below) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void fill(uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        data[i] = chance(4) == 0 ? 0 : (uint8_t)chance(256);
    }
}

/* ---- packets ---- */

static bool read_all(struct packet_reader *reader, const uint8_t *data, size_t size,
                     struct packet *packet) {
    bool whole = false;
    for (size_t i = 0; i < size; i++) {
        struct packet found;
        if (packet_read(reader, data[i], &found)) {
            assert_false(whole);
            *packet = found;
            whole = true;
        }
    }
    return whole;
}

static void packets_of_every_size_come_back_and_hold_no_zero(void **unused) {
    (void)unused;
    struct packet_reader reader = {0};
    for (int mode = 0; mode < 3; mode++) {
        for (size_t size = 0; size <= PACKET_PAYLOAD_MAX; size++) {
            uint8_t payload[PACKET_PAYLOAD_MAX], coded[PACKET_CODED_MAX];
            memset(payload, mode == 1 ? 0xff : 0, sizeof(payload));
            if (mode == 2) {
                fill(payload, sizeof(payload));
            }
            struct packet packet = {.kind = PACKET_DATA, .sequence = (uint8_t)size,
                                    .acknowledged = 7, .session = 0x00010200,
                                    .payload = bytes_of(payload, size)};
            struct packet back;
            size_t coded_size = packet_write(&packet, coded);
            assert_true(coded_size <= PACKET_CODED_MAX);
            for (size_t i = 1; i + 1 < coded_size; i++) {
                assert_int_not_equal(coded[i], 0);
            }
            assert_true(read_all(&reader, coded, coded_size, &back));
            assert_int_equal(back.sequence, (uint8_t)size);
            assert_int_equal(back.acknowledged, 7);
            assert_int_equal(back.session, 0x00010200);
            assert_true(bytes_equal(back.payload, packet.payload));
        }
    }
    assert_int_equal(reader.dropped, 0);
}

static void sum_is_that_of_ieee_802_3(void **unused) {
    (void)unused;
    assert_int_equal(packet_crc(bytes_of_text("123456789")), 0xcbf43926);
    assert_int_equal(packet_crc((struct bytes){0}), 0);
}

static void a_packet_after_any_garbage_is_read(void **unused) {
    (void)unused;
    struct packet_reader reader = {0};
    uint8_t coded[PACKET_CODED_MAX], garbage[700];
    struct packet packet = {.kind = PACKET_ACK, .session = 5};
    size_t size = packet_write(&packet, coded);
    seed = 1;
    for (int i = 0; i < 3000; i++) {
        struct packet back = {0};
        size_t noise = chance(sizeof(garbage));
        fill(garbage, noise);
        assert_false(read_all(&reader, garbage, noise, &back));
        assert_true(read_all(&reader, coded, size, &back));
        assert_int_equal(back.session, 5);
    }
    assert_true(reader.dropped > 0);
}

static void each_flipped_bit_and_each_cut_of_a_packet_is_found(void **unused) {
    (void)unused;
    uint8_t payload[64], coded[PACKET_CODED_MAX], changed[PACKET_CODED_MAX];
    seed = 2;
    fill(payload, sizeof(payload));
    struct packet packet = {.kind = PACKET_LAST, .payload = bytes_of(payload, sizeof(payload))};
    size_t size = packet_write(&packet, coded);
    for (size_t bit = 8; bit < 8 * (size - 1); bit++) {
        struct packet_reader reader = {0};
        struct packet back;
        memcpy(changed, coded, size);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(read_all(&reader, changed, size, &back));
    }
    for (size_t cut = 1; cut < size - 1; cut++) {
        struct packet_reader reader = {0};
        struct packet back;
        memcpy(changed, coded, cut);
        memcpy(changed + cut, coded + cut + 1, size - cut - 1);
        assert_false(read_all(&reader, changed, size - 1, &back));
    }
}

/* ---- two ends and a wire ---- */

struct wire {
    uint32_t lose, repeat, flip, swap; /* one byte of so many; 0: none */
};

static struct line *host, *chip;
static uint64_t now;

static void carry(struct line *from, struct line *to, const struct wire *wire) {
    uint8_t data[2 * PACKET_CODED_MAX], out[4 * PACKET_CODED_MAX];
    size_t size = line_take(from, data, sizeof(data), now);
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (wire->lose != 0 && chance(wire->lose) == 0) {
            continue;
        }
        out[used++] = data[i];
        if (wire->flip != 0 && chance(wire->flip) == 0) {
            out[used - 1] ^= (uint8_t)(1 << chance(8));
        }
        if (wire->repeat != 0 && chance(wire->repeat) == 0) {
            out[used] = out[used - 1];
            used++;
        }
        if (wire->swap != 0 && used > 1 && chance(wire->swap) == 0) {
            uint8_t last = out[used - 1];
            out[used - 1] = out[used - 2];
            out[used - 2] = last;
        }
    }
    line_feed(to, bytes_of(out, used), now);
}

static void open_both(uint32_t session, const struct wire *wire) {
    line_open(host, session);
    for (int turn = 0; !host->opened; turn++) {
        assert_true(turn < 100000);
        carry(host, chip, wire);
        carry(chip, host, wire);
        now += 20;
    }
    assert_int_equal(chip->session, session);
}

/* One message there and one back, as the two ends of a chip's line talk. */
static void exchange(size_t there, size_t back, const struct wire *wire) {
    static uint8_t question[LINE_MESSAGE_MAX], answer[LINE_MESSAGE_MAX];
    struct span message;
    fill(question, there);
    fill(answer, back);
    memcpy(host->out, question, there);
    line_send(host, there);
    for (int turn = 0; !line_message(chip, &message) || !line_idle(chip); turn++) {
        assert_true(turn < 1000000);
        carry(host, chip, wire);
        carry(chip, host, wire);
        now += 20;
    }
    assert_int_equal(message.size, there);
    assert_memory_equal(message.data, question, there);
    memcpy(chip->out, answer, back);
    line_send(chip, back);
    line_done(chip);
    for (int turn = 0; !line_message(host, &message) || !line_idle(host); turn++) {
        assert_true(turn < 1000000);
        carry(host, chip, wire);
        carry(chip, host, wire);
        now += 20;
    }
    assert_int_equal(message.size, back);
    assert_memory_equal(message.data, answer, back);
    line_done(host);
    for (int turn = 0; !line_idle(chip); turn++) {
        assert_true(turn < 1000000);
        carry(host, chip, wire);
        carry(chip, host, wire);
        now += 20;
    }
}

static int make(void **unused) {
    (void)unused;
    host = malloc(sizeof(*host));
    chip = malloc(sizeof(*chip));
    assert_non_null(host);
    assert_non_null(chip);
    line_start(host, true);
    line_start(chip, false);
    now = 1000;
    seed = 3;
    return 0;
}

static int unmake(void **unused) {
    (void)unused;
    free(host);
    free(chip);
    return 0;
}

static void messages_of_all_sizes_go_both_ways(void **unused) {
    (void)unused;
    const struct wire good = {0};
    open_both(1, &good);
    for (size_t size = 1; size < LINE_MESSAGE_MAX; size += 1 + size / 3) {
        exchange(size, LINE_MESSAGE_MAX - size, &good);
    }
    exchange(LINE_MESSAGE_MAX, LINE_MESSAGE_MAX, &good);
    for (int i = 0; i < 600; i++) { /* sequence numbers go round */
        exchange(PACKET_PAYLOAD_MAX, 1, &good);
    }
}

static void nothing_is_lost_on_a_wire_that(const struct wire *wire) {
    open_both(1, wire);
    for (int i = 0; i < 25; i++) {
        exchange(1 + chance(LINE_MESSAGE_MAX), 1 + chance(LINE_MESSAGE_MAX), wire);
    }
}

static void messages_survive_a_wire_that_loses_bytes(void **unused) {
    (void)unused;
    nothing_is_lost_on_a_wire_that(&(struct wire){.lose = 1000});
}

static void messages_survive_a_wire_that_repeats_bytes(void **unused) {
    (void)unused;
    nothing_is_lost_on_a_wire_that(&(struct wire){.repeat = 1000});
}

static void messages_survive_a_wire_that_flips_bits(void **unused) {
    (void)unused;
    nothing_is_lost_on_a_wire_that(&(struct wire){.flip = 1000});
}

static void messages_survive_a_wire_that_mixes_up_bytes(void **unused) {
    (void)unused;
    nothing_is_lost_on_a_wire_that(&(struct wire){.swap = 1000});
}

static void messages_survive_a_wire_that_does_it_all(void **unused) {
    (void)unused;
    nothing_is_lost_on_a_wire_that(
        &(struct wire){.lose = 2000, .repeat = 2000, .flip = 2000, .swap = 2000});
}

/* ---- a chip that is busy, one that restarts, a host that starts anew ---- */

static void a_busy_chip_needs_no_more_ring_than_it_has(void **unused) {
    (void)unused;
    uint8_t data[LINE_RING_SIZE + PACKET_CODED_MAX];
    const struct wire good = {0};
    open_both(1, &good);
    memset(host->out, 1, LINE_MESSAGE_MAX);
    line_send(host, LINE_MESSAGE_MAX);
    size_t waiting = 0;
    for (size_t size = 1; size > 0; waiting += size) { /* the chip looks away: nothing comes back */
        size = line_take(host, data, sizeof(data), now);
    }
    assert_true(waiting <= LINE_RING_SIZE);
    assert_int_equal(line_take(host, data, sizeof(data), now + LINE_RETRY_MS - 1), 0);
    assert_true(line_take(host, data, sizeof(data), now + LINE_RETRY_MS) > 0);
}

static void a_chip_that_restarted_says_so(void **unused) {
    (void)unused;
    const struct wire good = {0};
    open_both(1, &good);
    exchange(100, 100, &good);
    line_start(chip, false);
    memset(host->out, 1, 100);
    line_send(host, 100);
    carry(host, chip, &good);
    carry(chip, host, &good);
    assert_true(host->lost);
    assert_false(line_idle(host));
    open_both(2, &good);
    exchange(100, 100, &good);
}

static void packets_of_an_old_session_mean_nothing(void **unused) {
    (void)unused;
    uint8_t old[4 * PACKET_CODED_MAX];
    struct span message;
    const struct wire good = {0};
    open_both(1, &good);
    memset(host->out, 1, 300);
    line_send(host, 300);
    size_t size = line_take(host, old, sizeof(old), now);
    open_both(2, &good);
    line_feed(chip, bytes_of(old, size), now);
    assert_false(line_message(chip, &message));
    assert_int_equal(chip->in_size, 0);
    line_feed(host, bytes_of(old, size), now);
    exchange(100, 100, &good);
}

static void a_new_session_drops_what_was_under_way(void **unused) {
    (void)unused;
    const struct wire good = {0};
    open_both(1, &good);
    memset(host->out, 1, 3000);
    line_send(host, 3000);
    carry(host, chip, &good);
    assert_true(chip->in_size > 0);
    uint32_t resets = chip->resets;
    open_both(2, &good);
    assert_int_equal(chip->resets, resets + 1);
    assert_int_equal(chip->in_size, 0);
    exchange(3000, 3000, &good);
}

static void a_message_that_is_too_long_ends_the_session(void **unused) {
    (void)unused;
    uint8_t payload[PACKET_PAYLOAD_MAX] = {1}, coded[PACKET_CODED_MAX];
    const struct wire good = {0};
    open_both(9, &good);
    for (unsigned i = 0; i <= LINE_MESSAGE_MAX / PACKET_PAYLOAD_MAX; i++) {
        struct packet packet = {.kind = PACKET_DATA, .sequence = (uint8_t)i, .session = 9,
                                .payload = bytes_of(payload, sizeof(payload))};
        assert_int_equal(chip->session, 9);
        line_feed(chip, bytes_of(coded, packet_write(&packet, coded)), now);
    }
    assert_int_equal(chip->session, 0);
    carry(chip, host, &good);
    assert_true(host->lost);
}

static void an_opening_is_repeated_until_it_is_answered(void **unused) {
    (void)unused;
    uint8_t data[2 * PACKET_CODED_MAX];
    unsigned times = 0;
    line_open(host, 77);
    for (int i = 0; i < 10000; i++, now++) {
        times += line_take(host, data, sizeof(data), now) > 0;
        assert_true(line_wait_ms(host, now) > 0);
    }
    assert_in_range(times, 5, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_every_size_come_back_and_hold_no_zero),
        cmocka_unit_test(sum_is_that_of_ieee_802_3),
        cmocka_unit_test(a_packet_after_any_garbage_is_read),
        cmocka_unit_test(each_flipped_bit_and_each_cut_of_a_packet_is_found),
        cmocka_unit_test_setup_teardown(messages_of_all_sizes_go_both_ways, make, unmake),
        cmocka_unit_test_setup_teardown(messages_survive_a_wire_that_loses_bytes, make, unmake),
        cmocka_unit_test_setup_teardown(messages_survive_a_wire_that_repeats_bytes, make, unmake),
        cmocka_unit_test_setup_teardown(messages_survive_a_wire_that_flips_bits, make, unmake),
        cmocka_unit_test_setup_teardown(messages_survive_a_wire_that_mixes_up_bytes, make, unmake),
        cmocka_unit_test_setup_teardown(messages_survive_a_wire_that_does_it_all, make, unmake),
        cmocka_unit_test_setup_teardown(a_busy_chip_needs_no_more_ring_than_it_has, make, unmake),
        cmocka_unit_test_setup_teardown(a_chip_that_restarted_says_so, make, unmake),
        cmocka_unit_test_setup_teardown(packets_of_an_old_session_mean_nothing, make, unmake),
        cmocka_unit_test_setup_teardown(a_new_session_drops_what_was_under_way, make, unmake),
        cmocka_unit_test_setup_teardown(a_message_that_is_too_long_ends_the_session, make, unmake),
        cmocka_unit_test_setup_teardown(an_opening_is_repeated_until_it_is_answered, make, unmake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
