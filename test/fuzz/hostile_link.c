/* SPDX-License-Identifier: Apache-2.0 */
/* A transport that answers with what the input says, over a true lane. */
#include "test/fuzz/hostile_link.h"
#include "client/lane.h"
#include "client/link.h"
#include "proto/codec.h"
#include "test/fuzz/fuzz.h"

struct bytes hostile_input;

static struct lane lane;
static struct lane_end end;
static int here;

enum { HONEST_FRAME = 0, HONEST_OK_FIELDS = 1, STATUS_ONLY = 2, ODD_WORD = 3 };

enum status link_open(struct link **link, const char *path) {
    (void)path;
    *link = (struct link *)(void *)&here;
    return STATUS_OK;
}

void link_close(struct link *link) {
    (void)link;
}

bool link_alive(struct link *link) {
    (void)link;
    return hostile_input.size > 0;
}

enum status link_take(struct link *link, unsigned *number, struct span *room) {
    (void)link;
    *number = 0;
    *room = (struct span){lane.request_frame, LANE_ROOM};
    return STATUS_OK;
}

void link_give(struct link *link, unsigned number) {
    (void)link, (void)number;
}

/* A reply whose fields come from the input one by one. */
static size_t make_fields(const struct command_row *row, uint8_t *body) {
    static union any_rep reply;
    size_t used = 0;
    memset(&reply, 0, sizeof(reply));
    for (const struct field *field = row->reply; field->kind != FIELD_END; field++) {
        uint8_t *at = (uint8_t *)&reply + field->offset;
        uint64_t number = 0;
        struct bytes bytes;
        if (field->kind == FIELD_BYTES) {
            bytes = fuzz_string(&hostile_input);
            memcpy(at, &bytes, sizeof(bytes));
            continue;
        }
        number = fuzz_byte(&hostile_input);
        number = number == 0xff ? fuzz_number(&hostile_input, 8) : number;
        memcpy(at, &number, field->kind == FIELD_U32 ? 4 : 8);
    }
    struct span room = {body, FRAME_BODY_MAX};
    return codec_write(row->reply, &reply, room, &used) == STATUS_OK ? used : 0;
}

static size_t make_reply(const struct command_row *row) {
    uint8_t how = fuzz_byte(&hostile_input);
    uint8_t *frame = lane.reply_frame;
    size_t used = 0;
    uint32_t code = STATUS_OK;
    if (how % 4 == STATUS_ONLY) {
        code = (uint32_t)fuzz_number(&hostile_input, 2);
    } else if (how % 4 == HONEST_OK_FIELDS || how % 4 == HONEST_FRAME) {
        used = make_fields(row, frame + FRAME_HEADER_SIZE);
    } else {
        struct bytes raw = fuzz_string(&hostile_input);
        bytes_copy(frame, raw);
        return raw.size;
    }
    frame_write_header(frame, code, used);
    if ((how & 0x80) != 0) {
        size_t at = (size_t)fuzz_number(&hostile_input, 2) % (FRAME_HEADER_SIZE + used);
        frame[at] ^= fuzz_byte(&hostile_input);
    }
    return FRAME_HEADER_SIZE + used;
}

static size_t say_hello(void) {
    const struct hello_rep reply = {.version = PROTOCOL_VERSION};
    struct span body = {lane.reply_frame + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    REQUIRE(codec_write(command_row(COMMAND_hello)->reply, &reply, body, &used) == STATUS_OK);
    frame_write_header(lane.reply_frame, STATUS_OK, used);
    return FRAME_HEADER_SIZE + used;
}

enum status link_exchange(struct link *link, unsigned number, size_t size, struct span *reply) {
    struct frame request;
    (void)link, (void)number;
    REQUIRE(size <= LANE_ROOM);
    REQUIRE(frame_read(bytes_of(lane.request_frame, size), &request) == STATUS_OK);
    const struct command_row *row = command_row(request.code);
    REQUIRE(row != NULL);
    bool hello = row->command == COMMAND_hello;
    if (!hello && hostile_input.size == 0) {
        return STATUS_DISCONNECTED;
    }
    enum lane_sent sent = lane_send(&lane, &end, size);
    REQUIRE(sent == LANE_NOT_SERVED);
    size_t answer = hello ? say_hello() : make_reply(row);
    lane.reply = lane_answer(end.word, answer);
    if (!hello && hostile_input.size > 0 && hostile_input.data[0] == 0xee) {
        lane.reply ^= (uint32_t)fuzz_number(&hostile_input, 4); /* a word that does not fit */
    }
    return lane_receive(&lane, &end, size, reply);
}
