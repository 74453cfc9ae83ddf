/* SPDX-License-Identifier: Apache-2.0 */
/* Commands into a whole module, in the role that FUZZ_ROLE says. An input is a list of
 * commands: a valid request of a row of proto/commands.def with edits of its fields, which the
 * field table places, or a frame as it comes. Whatever is sent, the reply is one well-formed frame
 * that the reply's field table reads. */
#include "test/component/quick.h"
#include "test/component/world.h"
#include "test/fuzz/attribute_list.h"

#include "crypto/openssl/key.h"

enum { COMMANDS_MAX = 12, EDITS_MAX = 7, RAW_FRAME = 0xff, EDITED_FRAME = 0x80 };
enum { HANDLES = sizeof(struct world_keys[2]) / sizeof(uint64_t) }; /* numbers, all of them */

static struct world world;
static struct sim_memory *made;

/* What the module gave out last, to be given back to it. */
static struct {
    uint8_t bytes[2048];
    size_t size;
    uint64_t number;
} given;

/* RSA keys take seconds to make, and nothing of that decodes. The name is the linker's. */
enum status __wrap_rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room);
enum status __wrap_rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room) {
    (void)parts, (void)bits, (void)room;
    return STATUS_MEMORY;
}

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count, (void)words;
    world_make(&world);
    made = sim_remember(NULL);
    return 0;
}

/* ---- requests ---- */

static void edit_number(struct bytes *input, uint32_t *number) {
    uint8_t how = fuzz_byte(input);
    switch (how) {
    case 0xff:
        *number = (uint32_t)fuzz_number(input, 4);
        break;
    case 0xfe:
        *number = world.session;
        break;
    case 0xfd:
        *number = (uint32_t)given.number;
        break;
    case 0xfc:
        *number ^= 1u << fuzz_byte(input) % 32;
        break;
    default:
        *number = how;
    }
}

static void edit_handle(struct bytes *input, uint64_t *handle) {
    uint8_t how = fuzz_byte(input);
    const uint64_t *handles = (const uint64_t *)&world.keys;
    switch (how) {
    case 0xff:
        *handle = fuzz_number(input, 8);
        break;
    case 0xfe:
        *handle = given.number;
        break;
    case 0xfd:
        *handle ^= 1ull << fuzz_byte(input) % 64;
        break;
    default:
        *handle = handles[how % HANDLES];
    }
}

/* Edited byte fields lie here until the frame is made. */
static uint8_t rooms[EDITS_MAX][16384];

static void edit_bytes(struct bytes *input, struct bytes *bytes, uint8_t room[16384]) {
    uint8_t how = fuzz_byte(input);
    switch (how & 3) {
    case 0:
        *bytes = fuzz_string(input);
        break;
    case 1:
        bytes->size = bytes->size * (size_t)(how >> 2) / 64;
        break;
    case 2:
        bytes_copy(room, bytes->size <= 8192 && (how & 4) == 0 ? *bytes : bytes_of(room, 0));
        bytes->size = attribute_list(input, (struct span){room, 16384},
                                     bytes->size <= 8192 && (how & 4) == 0 ? bytes->size : 0);
        bytes->data = room;
        break;
    default:
        *bytes = bytes_of(given.bytes, given.size);
    }
}

static void edit(struct bytes *input, const struct command_row *row, union any_req *request,
                 uint8_t room[16384]) {
    size_t count = 0;
    while (row->request[count].kind != FIELD_END) {
        count++;
    }
    if (count == 0) {
        return;
    }
    const struct field *field = &row->request[fuzz_byte(input) % count];
    uint8_t *at = (uint8_t *)request + field->offset;
    if (field->kind == FIELD_U32) {
        edit_number(input, (uint32_t *)(void *)at);
    } else if (field->kind == FIELD_U64) {
        edit_handle(input, (uint64_t *)(void *)at);
    } else {
        edit_bytes(input, (struct bytes *)(void *)at, room);
    }
}

/* ---- replies ---- */

static void learn(const struct command_row *row, struct bytes body) {
    union any_rep reply;
    REQUIRE(codec_read(row->reply, body, &reply) == STATUS_OK);
    for (const struct field *field = row->reply; field->kind != FIELD_END; field++) {
        const uint8_t *at = (const uint8_t *)&reply + field->offset;
        if (field->kind == FIELD_U32) {
            uint32_t number;
            memcpy(&number, at, sizeof(number));
            given.number = number;
        } else if (field->kind == FIELD_U64) {
            memcpy(&given.number, at, sizeof(given.number));
        } else {
            struct bytes bytes;
            memcpy(&bytes, at, sizeof(bytes));
            given.size = bytes.size <= sizeof(given.bytes) ? bytes.size : sizeof(given.bytes);
            bytes_copy(given.bytes, bytes_of(bytes.data, given.size));
            fuzz_look(bytes);
        }
    }
}

static void send(struct bytes frame) {
    struct frame reply;
    uint8_t *exact = fuzz_exact(frame);
    struct bytes raw = module_frame(&world.module, bytes_of(exact, frame.size));
    REQUIRE(frame_read(raw, &reply) == STATUS_OK);
    REQUIRE((uint32_t)status_row(reply.code)->status == reply.code);
    REQUIRE(reply.code == STATUS_OK || reply.body.size == 0);
    if (reply.code == STATUS_OK) {
        struct frame request;
        REQUIRE(frame_read(bytes_of(exact, frame.size), &request) == STATUS_OK);
        const struct command_row *row = command_row(request.code);
        REQUIRE(row != NULL);
        learn(row, reply.body);
    }
    free(exact);
}

/* ---- one input ---- */

static void send_edited(struct bytes *input, const struct command_row *row) {
    static uint8_t frame[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
    union any_req request;
    size_t used = 0;
    world_request(&world, row->command, &request);
    uint8_t edits = fuzz_byte(input);
    for (int i = 0; i < (edits & EDITS_MAX); i++) {
        edit(input, row, &request, rooms[i]);
    }
    struct span body = {frame + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    if (codec_write(row->request, &request, body, &used) != STATUS_OK) {
        return;
    }
    frame_write_header(frame, (uint32_t)row->command, used);
    if ((edits & EDITED_FRAME) != 0) {
        size_t at = (size_t)fuzz_number(input, 2) % (FRAME_HEADER_SIZE + used);
        frame[at] ^= fuzz_byte(input);
    }
    send(bytes_of(frame, FRAME_HEADER_SIZE + used));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    sim_recall(made);
    given.size = 0;
    given.number = 0;
    world.open = (fuzz_byte(&input) & 1) != 0;
    world_enter(&world, FUZZ_ROLE);
    for (int i = 0; i < COMMANDS_MAX && input.size > 0; i++) {
        uint8_t which = fuzz_byte(&input);
        if (which == RAW_FRAME) {
            send(fuzz_string(&input));
        } else {
            send_edited(&input, &rows[which % count]);
        }
    }
    world_leave(&world);
    return 0;
}
