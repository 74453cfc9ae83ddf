/* SPDX-License-Identifier: Apache-2.0 */
/* client/client.h answered by a whole module in this process. */
#include "test/conformance/door_client.h"

#include "test/component/fixture.h"

#include <pthread.h>

enum { COMMANDS_MAX = 0x100 };

struct client {
    uint32_t connection;
    unsigned life; /* of the module it belongs to */
};

static struct {
    pthread_mutex_t lock;
    struct module module;
    bool running;
    unsigned life;
    enum command answered;
    enum status answer;
    unsigned calls[COMMANDS_MAX];
} world = {.lock = PTHREAD_MUTEX_INITIALIZER};

void door_client_begin(void) {
    sim_reset(NULL, false);
    memset(world.calls, 0, sizeof(world.calls));
    door_client_restart();
}

void door_client_restart(void) {
    module_start(&world.module);
    world.life++;
    world.running = true;
}

/* Stopped in order, so that nothing is left in memory; to the door it is the same. */
void door_client_kill(void) {
    hsm_stop(world.module.hsm);
    module_drop(&world.module);
    world.running = false;
}

void door_client_end(void) {
    if (world.running) {
        door_client_kill();
    }
}

void door_client_answer(enum command command, enum status status) {
    world.answered = command;
    world.answer = status;
}

unsigned door_client_calls(unsigned command) {
    unsigned sum = 0;
    for (unsigned i = 0; i < COMMANDS_MAX; i++) {
        sum += command == 0 || command == i ? world.calls[i] : 0;
    }
    return sum;
}

const char *client_address(const char *given) {
    return given != NULL ? given : "here";
}

enum status client_open(struct client **client, const char *address) {
    (void)address;
    *client = NULL;
    if (!world.running) {
        return STATUS_UNREACHABLE;
    }
    struct client *made = calloc(1, sizeof(*made));
    assert_non_null(made);
    (void)pthread_mutex_lock(&world.lock);
    made->life = world.life;
    enum status status = hsm_connect(world.module.hsm, &world.module.peer, &made->connection);
    (void)pthread_mutex_unlock(&world.lock);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    *client = made;
    return STATUS_OK;
}

bool client_alive(struct client *client) {
    return world.running && client->life == world.life;
}

size_t client_data_max(const struct client *client) {
    (void)client;
    return DATA_MAX;
}

void client_close(struct client *client) {
    (void)pthread_mutex_lock(&world.lock);
    if (client_alive(client)) {
        hsm_disconnect(world.module.hsm, client->connection);
    }
    (void)pthread_mutex_unlock(&world.lock);
    free(client);
}

void client_abandon(struct client *client) {
    free(client);
}

/* One exchange; the lock is held. */
static enum status exchange(struct client *client, const struct command_row *row,
                            const void *request, struct span *room) {
    struct span body = {world.module.request + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    size_t used = 0;
    if (!client_alive(client)) {
        return STATUS_DISCONNECTED;
    }
    TRY(codec_write(row->request, request, body, &used));
    frame_write_header(world.module.request, (uint32_t)row->command, used);
    world.module.connection = client->connection;
    struct bytes reply =
        module_frame(&world.module, bytes_of(world.module.request, FRAME_HEADER_SIZE + used));
    if (reply.size > room->size) {
        return STATUS_TOO_LARGE;
    }
    bytes_copy(room->data, reply);
    room->size = reply.size;
    return STATUS_OK;
}

enum status client_call(struct client *client, enum command command, const void *request,
                        void *reply, struct span room) {
    const struct command_row *row = command_row((uint32_t)command);
    struct frame frame;
    (void)pthread_mutex_lock(&world.lock);
    world.calls[command]++;
    enum status status = STATUS_OK;
    if (world.answer != STATUS_OK && world.answered == command) {
        status = world.answer;
        world.answer = STATUS_OK;
    } else {
        status = exchange(client, row, request, &room);
    }
    (void)pthread_mutex_unlock(&world.lock);
    TRY(status);
    TRY(frame_read(bytes_of_span(room), &frame));
    return frame.code == STATUS_OK ? codec_read(row->reply, frame.body, reply)
                                   : (enum status)frame.code;
}
