/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that are not as they should be, and frames that come from elsewhere (R-24, T1 to
 * T3): one valid request of every command, truncated, prolonged, flipped, replayed and sent by
 * others. Every frame lies in memory of its exact size, so that a sanitizer sees each byte read
 * beyond it. */
#include "test/component/quick.h"
#include "test/component/world.h"

static struct world world;
static struct sim_memory *made;
static uint64_t frames;

static void enter(enum world_role role) {
    sim_recall(made);
    world_enter(&world, role);
}

/* A valid request as one frame; the caller frees it. */
static uint8_t *frame_of(const struct command_row *row, size_t *size) {
    static uint8_t room[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
    *size = world_frame(&world, row, (struct span){room, sizeof(room)});
    uint8_t *frame = malloc(*size);
    assert_non_null(frame);
    memcpy(frame, room, *size);
    return frame;
}

static bool has_canary(struct bytes bytes) {
    for (size_t i = 0; i + 8 <= bytes.size; i++) {
        if (bytes_all(bytes_of(bytes.data + i, 8), 0xa5)) {
            return true;
        }
    }
    return false;
}

/* Sends a frame. Whatever it was, the reply is one well-formed frame with a status that exists, a
 * body only where that is OK, and none of what lay in memory before (P5). */
static enum status send(struct bytes frame) {
    struct frame reply;
    uint8_t *exact = malloc(frame.size + 1);
    assert_non_null(exact);
    bytes_copy(exact, frame);
    memset(world.module.reply, 0xa5, sizeof(world.module.reply));
    memset(world.module.call, 0xa5, call_size());
    struct bytes raw = module_frame(&world.module, bytes_of(exact, frame.size));
    free(exact);
    frames++;
    assert_int_equal(frame_read(raw, &reply), STATUS_OK);
    assert_int_equal(status_row(reply.code)->status, reply.code);
    if (reply.code != STATUS_OK) {
        assert_int_equal(reply.body.size, 0);
    }
    assert_false(has_canary(reply.body));
    return (enum status)reply.code;
}

/* ---- truncated and prolonged ---- */

static void expect_refused(const struct command_row *row, struct bytes frame, const char *how) {
    enum status status = send(frame);
    if (status != STATUS_BAD_FRAME) {
        fail_msg("%s %s to %zu bytes: %s", row->name, how, frame.size, status_row(status)->name);
    }
}

static void cut_short(const struct command_row *row) {
    size_t size = 0;
    enter(world_role_for(row));
    uint8_t *frame = frame_of(row, &size);
    for (size_t kept = 0; kept < size; kept++) {
        expect_refused(row, bytes_of(frame, kept), "truncated");
    }
    for (size_t kept = FRAME_HEADER_SIZE; kept < size; kept++) {
        frame_write_header(frame, (uint32_t)row->command, kept - FRAME_HEADER_SIZE);
        expect_refused(row, bytes_of(frame, kept), "truncated with its size corrected");
    }
    frame_write_header(frame, (uint32_t)row->command, size - FRAME_HEADER_SIZE);
    uint8_t *longer = realloc(frame, size + 4);
    assert_non_null(longer);
    for (size_t more = 1; more <= 4; more++) {
        longer[size + more - 1] = 0;
        frame_write_header(longer, (uint32_t)row->command, size - FRAME_HEADER_SIZE);
        expect_refused(row, bytes_of(longer, size + more), "prolonged");
        frame_write_header(longer, (uint32_t)row->command, size + more - FRAME_HEADER_SIZE);
        expect_refused(row, bytes_of(longer, size + more), "prolonged with its size corrected");
    }
    /* after all of this the true one is still done */
    frame_write_header(longer, (uint32_t)row->command, size - FRAME_HEADER_SIZE);
    enum status status = send(bytes_of(longer, size));
    if (status != STATUS_OK) {
        fail_msg("%s: %s", row->name, status_row(status)->name);
    }
    free(longer);
    world_leave(&world);
}

static void truncated_and_prolonged_frames_are_refused(void **state) {
    size_t count = 0;
    (void)state;
    frames = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        cut_short(&rows[i]);
    }
    print_message("# frames: %llu truncated or prolonged, all refused\n",
                  (unsigned long long)(frames - count));
}

/* ---- flipped ---- */

enum { COMMAND_AT = 4, COMMAND_END = 8, FLIPS_PER_WORLD = 100 };

static void flip_each_bit(const struct command_row *row) {
    size_t size = 0;
    enter(world_role_for(row));
    uint8_t *frame = frame_of(row, &size);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        if (bit % FLIPS_PER_WORLD == FLIPS_PER_WORLD - 1) {
            world_leave(&world);
            free(frame);
            enter(world_role_for(row));
            frame = frame_of(row, &size);
        }
        frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        enum status status = send(bytes_of(frame, size));
        frame[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool in_number = bit / 8 >= COMMAND_AT && bit / 8 < COMMAND_END;
        if (bit / 8 < FRAME_HEADER_SIZE && !in_number && status != STATUS_BAD_FRAME &&
            status != STATUS_VERSION) {
            fail_msg("%s with bit %zu of its header flipped: %s", row->name, bit,
                     status_row(status)->name);
        }
    }
    free(frame);
    world_leave(&world);
}

static void no_flipped_bit_does_harm(void **state) {
    size_t count = 0;
    (void)state;
    frames = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        flip_each_bit(&rows[i]);
    }
    print_message("# frames: %llu with one bit flipped\n", (unsigned long long)frames);
}

/* ---- lengths ---- */

/* Every size in a frame, of a byte field or of the body, takes the values at the edges (P2). */
static void sizes_at_the_edges_are_refused(void **state) {
    static const uint32_t edges[] = {0x7f,       0x80,       0xff,       0x100,      0xffff,
                                     0x10000,    0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
                                     0xfffffff4, FRAME_BODY_MAX, FRAME_BODY_MAX + 1};
    size_t count = 0, size = 0;
    (void)state;
    frames = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        enter(world_role_for(&rows[i]));
        uint8_t *frame = frame_of(&rows[i], &size);
        for (size_t at = COMMAND_END; at + 4 <= size; at++) {
            uint8_t kept[4];
            memcpy(kept, frame + at, 4);
            for (size_t k = 0; k < COUNT(edges); k++) {
                save_u32(frame + at, edges[k]);
                enum status status = send(bytes_of(frame, size));
                if (at == COMMAND_END && status == STATUS_OK) {
                    fail_msg("%s with a body of another size was done", rows[i].name);
                }
            }
            memcpy(frame + at, kept, 4);
        }
        free(frame);
        world_leave(&world);
    }
    print_message("# frames: %llu with a number at an edge\n", (unsigned long long)frames);
}

/* ---- from elsewhere ---- */

static uint32_t connect(uint32_t uid) {
    uint32_t connection = 0;
    struct peer peer = {.uid = uid, .pid = 2};
    assert_int_equal(hsm_connect(world.module.hsm, &peer, &connection), STATUS_OK);
    return connection;
}

/* Commands that name a session answer the same to everyone but its owner. */
static void expect_no_use(const struct command_row *row, struct bytes frame, const char *who) {
    enum status status = send(frame);
    if (status != STATUS_SESSION_INVALID) {
        fail_msg("%s by %s: %s", row->name, who, status_row(status)->name);
    }
}

static void try_from_elsewhere(const struct command_row *row) {
    size_t size = 0;
    enter(world_role_for(row));
    uint8_t *frame = frame_of(row, &size);
    uint32_t owner = world.module.connection;
    uint32_t same_user = connect(world.module.peer.uid);
    uint32_t other_user = connect(world.module.peer.uid + 1);
    world.module.connection = same_user;
    expect_no_use(row, bytes_of(frame, size), "the same user");
    (void)module_user_session(&world.module);
    expect_no_use(row, bytes_of(frame, size), "the same user, logged in himself");
    world.module.connection = other_user;
    expect_no_use(row, bytes_of(frame, size), "another user");
    hsm_disconnect(world.module.hsm, same_user);
    hsm_disconnect(world.module.hsm, other_user);
    hsm_disconnect(world.module.hsm, owner);
    world.module.connection = connect(world.module.peer.uid);
    assert_int_equal(world.module.connection, owner); /* the same place */
    expect_no_use(row, bytes_of(frame, size), "a later connection in the same place");
    world_leave(&world);
    world_enter(&world, world_role_for(row));
    expect_no_use(row, bytes_of(frame, size), "the owner after a restart");
    free(frame);
    world_leave(&world);
}

static void session_is_nothing_to_anyone_but_its_connection(void **state) {
    size_t count = 0;
    (void)state;
    frames = 0;
    const struct command_row *rows = command_rows(&count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].role != ROLE_ANYONE) {
            try_from_elsewhere(&rows[i]);
        }
    }
    print_message("# frames: %llu from elsewhere, all refused\n", (unsigned long long)frames);
    assert_true(frames >= 5 * 25);
}

/* ---- handles ---- */

static bool resolves(uint32_t session, uint64_t handle) {
    uint8_t types[4];
    save_u32(types, ATTRIBUTE_LABEL);
    struct object_get_req req = {session, handle, bytes_of(types, sizeof(types))};
    enum status status = call_object_get(&world.module, req, NULL);
    assert_true(status == STATUS_OK || status == STATUS_OBJECT_INVALID);
    return status == STATUS_OK;
}

static void all_handles(const struct world_keys *keys, uint64_t handles[8]) {
    const uint64_t list[8] = {keys->data,   keys->spare, keys->signer, keys->verifier,
                              keys->cipher, keys->kek,   keys->target, keys->base};
    memcpy(handles, list, sizeof(list));
}

static void handles_of_one_connection_are_nothing_to_another(void **state) {
    enum { PLACE_AT = 40, SMALL_HANDLES = 65536, TAGS = 64 };
    uint64_t handles[16];
    uint64_t chance = 5;
    (void)state;
    enter(WORLD_USER);
    all_handles(&world.keys[0], handles);
    all_handles(&world.keys[1], handles + 8);
    uint32_t owner = world.module.connection;
    world.module.connection = connect(world.module.peer.uid);
    uint32_t session = module_user_session(&world.module);
    for (size_t i = 0; i < COUNT(handles); i++) {
        assert_false(resolves(session, handles[i]));
        for (uint32_t bit = 0; bit < 64; bit++) {
            assert_false(resolves(session, handles[i] ^ 1ull << bit));
        }
    }
    for (uint64_t handle = 0; handle < SMALL_HANDLES; handle++) {
        assert_false(resolves(session, handle));
    }
    for (uint64_t place = 0; place <= OBJECTS_MAX + 1; place++) {
        for (uint64_t tag = 0; tag < TAGS; tag++) {
            uint64_t low = tag < TAGS / 2 ? tag : sim_chance(&chance) >> 24;
            assert_false(resolves(session, place << PLACE_AT | low));
        }
    }
    hsm_disconnect(world.module.hsm, world.module.connection);
    world.module.connection = owner;
    for (size_t i = 0; i < COUNT(handles); i++) {
        assert_true(resolves(world.session, handles[i]));
    }
    world_leave(&world);
}

static void handle_of_a_destroyed_object_never_comes_back(void **state) {
    enum { ROUNDS = 20000, KEPT = 64 };
    uint64_t old[KEPT] = {0};
    uint64_t chance = 3;
    union any_rep reply;
    (void)state;
    enter(WORLD_USER);
    world.open = true; /* in the session: places are used again and again */
    for (uint64_t round = 0; round < ROUNDS; round++) {
        assert_int_equal(world_call(&world, COMMAND_object_create, &reply), STATUS_OK);
        uint64_t handle = reply.object_create.object;
        for (size_t i = 0; i < KEPT; i++) {
            assert_true(handle != old[i]);
        }
        assert_false(resolves(world.session, old[sim_chance(&chance) % KEPT]));
        struct object_destroy_req destroy = {world.session, handle};
        assert_int_equal(call_object_destroy(&world.module, destroy, NULL), STATUS_OK);
        assert_false(resolves(world.session, handle));
        old[round % KEPT] = handle;
    }
    world_leave(&world);
}

/* ---- */

static int make_world(void **state) {
    (void)state;
    world_make(&world);
    made = sim_remember(NULL);
    sim_set_log_capacity(1000000);
    return 0;
}

static int end_world(void **state) {
    (void)state;
    sim_forget(made);
    quick_end();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_and_prolonged_frames_are_refused),
        cmocka_unit_test(no_flipped_bit_does_harm),
        cmocka_unit_test(sizes_at_the_edges_are_refused),
        cmocka_unit_test(session_is_nothing_to_anyone_but_its_connection),
        cmocka_unit_test(handles_of_one_connection_are_nothing_to_another),
        cmocka_unit_test(handle_of_a_destroyed_object_never_comes_back),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
