/* SPDX-License-Identifier: Apache-2.0 */
/* The chip's end of the line with the whole core behind it, and the host's end before it, in one
 * process and one byte after the other: what each accepts of the other, and what not. */
#include "body/endpoint/pilot.h"
#include "body/firmware/serve.h"
#include "crypto/crypto.h"
#include "port/sim/sim.h"
#include "proto/codec.h"
#include "proto/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct serve *serve;
static struct hsm *hsm;
static struct call *call;
static struct pilot *pilot;
static struct pairing pairing;
static uint64_t now;

/* What went to the chip, kept to be played again. */
static uint8_t recorded[65536];
static size_t recorded_size;

static void *room(size_t size) {
    void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);
    assert_non_null(memory);
    memset(memory, 0, size);
    return memory;
}

static void switch_on(void) {
    memset(hsm, 0, hsm_size());
    memset(call, 0, call_size());
    assert_int_equal(hsm_start(hsm), STATUS_OK);
    serve_start(serve, hsm, call);
}

static int set_up(void **unused) {
    (void)unused;
    sim_reset(NULL, true);
    now = 1000;
    recorded_size = 0;
    serve = room(sizeof(*serve));
    hsm = room(hsm_size());
    call = room(call_size());
    pilot = room(sizeof(*pilot));
    switch_on();
    assert_int_equal(noise_pair_make(&pairing.host), STATUS_OK);
    return 0;
}

static int tear_down(void **unused) {
    (void)unused;
    hsm_stop(hsm);
    free(serve);
    free(hsm);
    free(call);
    free(pilot);
    return 0;
}

/* ---- one turn of everything ---- */

static void turn(void) {
    uint8_t data[512];
    size_t size;
    while ((size = pilot_take(pilot, data, sizeof(data), now)) > 0) {
        if (recorded_size + size <= sizeof(recorded)) {
            memcpy(recorded + recorded_size, data, size);
            recorded_size += size;
        }
        serve_feed(serve, bytes_of(data, size), now);
    }
    bool worked;
    do {
        while ((size = serve_take(serve, data, sizeof(data), now)) > 0) {
            pilot_feed(pilot, bytes_of(data, size), now);
        }
        worked = serve_work(serve);
    } while (worked);
    pilot_step(pilot, now);
    now += 5;
}

static void turns(int count) {
    while (count-- > 0) {
        turn();
    }
}

/* ---- pairing, without a pilot ---- */

static enum status ask_in_clear(struct bytes question, uint8_t *answer, size_t *size) {
    struct line *line = room(sizeof(*line));
    uint8_t data[512];
    struct span message;
    enum status status = STATUS_LINE_DOWN;
    line_start(line, true);
    line_open(line, (uint32_t)now);
    for (int i = 0; i < 50 && !line_message(line, &message); i++, now += 5) {
        size_t bytes;
        if (line_idle(line) && i < 10) {
            memcpy(line->out, question.data, question.size);
            line_send(line, question.size);
        }
        while ((bytes = line_take(line, data, sizeof(data), now)) > 0) {
            serve_feed(serve, bytes_of(data, bytes), now);
        }
        (void)!serve_work(serve);
        while ((bytes = serve_take(serve, data, sizeof(data), now)) > 0) {
            line_feed(line, bytes_of(data, bytes), now);
        }
    }
    if (line_message(line, &message)) {
        *size = message.size;
        memcpy(answer, message.data, message.size < 128 ? message.size : 128);
        bool refused = answer[0] == MESSAGE_REFUSED;
        status = refused ? status_row(load_u32(answer + 1))->status : STATUS_OK;
    }
    free(line);
    return status;
}

static enum status pair_as(const uint8_t *public_key) {
    uint8_t question[PAIR_SIZE] = {MESSAGE_PAIR}, answer[128];
    size_t size = 0;
    memcpy(question + 1, public_key, NOISE_KEY_SIZE);
    enum status status = ask_in_clear(bytes_of(question, sizeof(question)), answer, &size);
    if (status == STATUS_OK) {
        assert_int_equal(size, PAIRED_SIZE);
        memcpy(pairing.chip, answer + 1, NOISE_KEY_SIZE);
    }
    return status;
}

static void connect_pilot(void) {
    pilot_start(pilot, &pairing);
    pilot_plug(pilot, now);
    turns(50);
}

static void pair_and_connect(void) {
    assert_int_equal(pair_as(pairing.host.public_key), STATUS_OK);
    connect_pilot();
    assert_int_equal(pilot->state, PILOT_UP);
}

/* ---- questions ---- */

static struct bytes ask(enum message_inner inner, uint32_t *connection, struct bytes content) {
    struct bytes answer = {0};
    for (int i = 0; i < 100 && !pilot_ready(pilot) && pilot->state != PILOT_DOWN; i++) {
        turn();
    }
    if (pilot->state == PILOT_DOWN) {
        return answer;
    }
    bytes_copy(pilot_room(pilot), content);
    pilot_ask(pilot, inner, *connection, content.size, now);
    for (int i = 0; i < 100 && pilot->state != PILOT_DOWN; i++) {
        if (pilot_answer(pilot, connection, &answer)) {
            break;
        }
        turn();
    }
    return answer;
}

static enum status join(uint32_t *connection) {
    uint8_t raw[MESSAGE_PEER_MAX];
    const struct message_peer peer = {.uid = 1000, .pid = 7, .group_count = 1, .groups = {1000}};
    struct bytes answer =
        ask(INNER_CONNECT, connection, bytes_of(raw, message_peer_write(&peer, raw)));
    enum status status =
        answer.size == 4 ? status_row(load_u32(answer.data))->status : STATUS_LINE_DOWN;
    pilot_done(pilot);
    return status;
}

/* Asks for the status, which tells whether the connection is one. */
static enum status ask_status(uint32_t connection) {
    uint8_t frame[256];
    const struct status_req request = {};
    struct frame reply;
    size_t size = 0;
    struct span body = {frame + FRAME_HEADER_SIZE, sizeof(frame) - FRAME_HEADER_SIZE};
    assert_int_equal(codec_write(command_row(COMMAND_status)->request, &request, body, &size),
                     STATUS_OK);
    frame_write_header(frame, COMMAND_status, size);
    struct bytes answer =
        ask(INNER_REQUEST, &connection, bytes_of(frame, FRAME_HEADER_SIZE + size));
    enum status status = STATUS_LINE_DOWN;
    if (answer.size > 0) {
        assert_int_equal(frame_read(answer, &reply), STATUS_OK);
        status = status_row(reply.code)->status;
    }
    pilot_done(pilot);
    return status;
}

/* ---- the stories ---- */

static void a_chip_that_is_not_paired_shakes_no_hands(void **unused) {
    (void)unused;
    memcpy(pairing.chip, pairing.host.public_key, NOISE_KEY_SIZE);
    connect_pilot();
    assert_int_not_equal(pilot->state, PILOT_UP);
    assert_int_equal(pilot->reason, STATUS_NOT_PAIRED);
}

static void pairing_works_once_and_again_only_for_the_same_host(void **unused) {
    (void)unused;
    struct noise_pair other;
    uint8_t chip[NOISE_KEY_SIZE];
    assert_int_equal(noise_pair_make(&other), STATUS_OK);
    assert_int_equal(pair_as(pairing.host.public_key), STATUS_OK);
    memcpy(chip, pairing.chip, sizeof(chip));
    assert_int_equal(pair_as(other.public_key), STATUS_ALREADY_PAIRED);
    assert_int_equal(pair_as(pairing.host.public_key), STATUS_OK);
    assert_memory_equal(chip, pairing.chip, sizeof(chip));
    hsm_stop(hsm);
    switch_on();
    assert_int_equal(pair_as(other.public_key), STATUS_ALREADY_PAIRED);
    connect_pilot();
    assert_int_equal(pilot->state, PILOT_UP);
}

static void a_pairing_that_cannot_be_stored_is_refused(void **unused) {
    (void)unused;
    sim_fail((struct sim_failure){.call = SIM_PAIRING_WRITE, .nth = 1});
    assert_int_equal(pair_as(pairing.host.public_key), STATUS_STORE_IO);
    sim_fail((struct sim_failure){.call = SIM_ANY});
    pair_and_connect();
}

static void a_request_needs_a_connection_of_this_channel(void **unused) {
    (void)unused;
    uint32_t connection = 0;
    pair_and_connect();
    assert_int_equal(ask_status(0), STATUS_DISCONNECTED);
    assert_int_equal(ask_status(63), STATUS_DISCONNECTED);
    assert_int_equal(ask_status(UINT32_MAX), STATUS_DISCONNECTED);
    assert_int_equal(join(&connection), STATUS_OK);
    assert_int_equal(ask_status(connection), STATUS_OK);
    pilot_unplug(pilot);
    pilot_plug(pilot, now);
    turns(60);
    assert_int_equal(pilot->state, PILOT_UP);
    assert_int_equal(pilot->channels, 2);
    assert_int_equal(ask_status(connection), STATUS_DISCONNECTED);
}

static void a_disconnect_ends_a_connection_alone(void **unused) {
    (void)unused;
    uint32_t first = 0, second = 0, gone = 0;
    pair_and_connect();
    assert_int_equal(join(&first), STATUS_OK);
    assert_int_equal(join(&second), STATUS_OK);
    gone = first;
    (void)ask(INNER_DISCONNECT, &gone, (struct bytes){0});
    pilot_done(pilot);
    assert_int_equal(ask_status(first), STATUS_DISCONNECTED);
    assert_int_equal(ask_status(second), STATUS_OK);
}

static void connections_end_where_the_chip_has_no_more(void **unused) {
    (void)unused;
    uint32_t connection = 0;
    pair_and_connect();
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        assert_int_equal(join(&connection), STATUS_OK);
    }
    assert_int_equal(join(&connection), STATUS_BUSY);
    assert_int_equal(pilot->state, PILOT_UP);
}

static void what_no_host_says_ends_the_channel(void **unused) {
    (void)unused;
    static const struct {
        uint8_t inner;
        size_t size;
    } lies[] = {{0, 0}, {6, 4}, {255, 100}, {INNER_REFUSED_PEER, 3}};
    pair_and_connect();
    for (size_t i = 0; i < COUNT(lies); i++) {
        uint8_t content[128] = {0};
        uint32_t connection = 0;
        for (int wait = 0; wait < 400 && !pilot_ready(pilot); wait++) {
            turn();
        }
        assert_int_equal(pilot->state, PILOT_UP);
        (void)ask(lies[i].inner, &connection, bytes_of(content, lies[i].size));
        assert_int_equal(pilot->state, PILOT_DOWN);
        assert_false(serve->channel.open);
        assert_int_equal(serve->connections, 0);
    }
}

static void play(const uint8_t *record, size_t size) {
    for (size_t i = 0; i < size; i++) {
        uint8_t data[64];
        serve_feed(serve, bytes_of(record + i, 1), now++);
        while (serve_take(serve, data, sizeof(data), now) > 0) {
        }
        (void)!serve_work(serve);
    }
}

/* All that went to the chip, once more. In the session that it comes from it is old; in a new one
 * the chip sees a line opened and a handshake of a key that nobody has any more, and does nothing
 * of what was asked. */
static void what_was_recorded_is_no_use_again(void **unused) {
    (void)unused;
    uint32_t connection = 0;
    recorded_size = 0;
    pair_and_connect();
    assert_int_equal(join(&connection), STATUS_OK);
    assert_int_equal(ask_status(connection), STATUS_OK);
    size_t size = recorded_size;
    uint8_t *record = room(size);
    memcpy(record, recorded, size);
    uint64_t nonce = serve->channel.receiving.nonce;
    uint64_t writes = sim_writes();
    play(record, size);
    assert_int_equal(serve->channel.receiving.nonce, nonce);
    assert_int_equal(sim_writes(), writes);
    assert_int_equal(ask_status(connection), STATUS_OK);
    hsm_stop(hsm);
    switch_on();
    writes = sim_writes();
    play(record, size);
    assert_int_equal(serve->line.resets, 1);
    assert_int_equal(serve->connections, 0);
    assert_false(serve->channel.open);
    assert_int_equal(sim_writes(), writes);
    free(record);
}

static void without_a_root_key_the_line_has_no_key(void **unused) {
    (void)unused;
    pair_and_connect();
    assert_int_equal(port_root_destroy(), STATUS_OK);
    pilot_unplug(pilot);
    pilot_plug(pilot, now);
    turns(60);
    assert_int_equal(pilot->reason, STATUS_ZEROIZED);
    sim_set_tampered(true);
    turns(400);
    assert_int_equal(pilot->reason, STATUS_TAMPERED);
}

static void an_idle_chip_is_greeted_and_a_silent_one_given_up(void **unused) {
    (void)unused;
    pair_and_connect();
    uint64_t heard = pilot->heard_at;
    for (int i = 0; i < 1200; i++) {
        turn();
    }
    assert_int_equal(pilot->state, PILOT_UP);
    assert_true(pilot->heard_at > heard + PILOT_IDLE_MS - 1);
    for (int i = 0; i < 8000 && pilot->state == PILOT_UP; i++, now += 5) {
        uint8_t data[512];
        while (pilot_take(pilot, data, sizeof(data), now) > 0) {
        }
        pilot_step(pilot, now);
    }
    assert_int_equal(pilot->state, PILOT_DOWN);
    assert_int_equal(pilot->reason, STATUS_LINE_DOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_chip_that_is_not_paired_shakes_no_hands, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(pairing_works_once_and_again_only_for_the_same_host, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_pairing_that_cannot_be_stored_is_refused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_request_needs_a_connection_of_this_channel, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_disconnect_ends_a_connection_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(connections_end_where_the_chip_has_no_more, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_no_host_says_ends_the_channel, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_recorded_is_no_use_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_root_key_the_line_has_no_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_idle_chip_is_greeted_and_a_silent_one_given_up, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
