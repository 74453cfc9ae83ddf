/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's reading of memory that a hostile client writes: any word, any frame. */
#include "body/door/lane.h"
#include "test/fuzz/fuzz.h"

static struct lane lane;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    uint32_t seen = 0, word = 0;
    while (input.size > 0) {
        lane.request = (uint32_t)fuzz_number(&input, 4);
        lane.cpu = (uint32_t)fuzz_number(&input, 4);
        bytes_copy(lane.request_frame, fuzz_string(&input));
        uint8_t *private_room = malloc(LANE_ROOM);
        REQUIRE(private_room != NULL);
        struct bytes request;
        struct frame frame;
        if (lane_has_request(&lane, seen, &word) &&
            lane_take(&lane, word, private_room, &request) == STATUS_OK) {
            REQUIRE(request.data == private_room && request.size == lane_size(word));
            fuzz_look(request);
            if (frame_read(request, &frame) == STATUS_OK) {
                fuzz_look(frame.body);
            }
            lane_reply(&lane, word, bytes_of(request.data, FRAME_HEADER_SIZE));
            REQUIRE(lane_same_turn(lane.reply, word));
            seen = word;
        }
        fuzz_look(bytes_of(&word, lane_cpu(&lane) != 0 ? 4 : 0));
        free(private_room);
    }
    return 0;
}
