/* SPDX-License-Identifier: Apache-2.0 */
/* Calls to the module: encode, exchange, check, decode. */
#define _GNU_SOURCE
#include "client/client.h"
#include "client/link.h"
#include "proto/codec.h"

#include <stdlib.h>

static const char default_address[] = "/run/edgehsm/module.sock";
static const char unix_prefix[] = "unix:";

/* No module takes less at once; who says so is not believed. */
enum { DATA_LEAST = 1024 };

struct client {
    struct link *link;
    size_t data_max;
};

const char *client_address(const char *given) {
    if (given != NULL && given[0] != '\0') {
        return given;
    }
    const char *named = secure_getenv("EDGEHSM_MODULE");
    return named != NULL && named[0] != '\0' ? named : default_address;
}

static enum status agree(struct client *client) {
    uint8_t room[FRAME_HEADER_SIZE + 256];
    struct hello_req request = {.version = PROTOCOL_VERSION};
    struct hello_rep reply;
    TRY(client_hello(client, &request, &reply, (struct span){room, sizeof(room)}));
    bool says_less = reply.data_max >= DATA_LEAST && reply.data_max < DATA_MAX;
    client->data_max = says_less ? reply.data_max : DATA_MAX;
    return reply.version == PROTOCOL_VERSION ? STATUS_OK : STATUS_VERSION;
}

size_t client_data_max(const struct client *client) {
    return client->data_max;
}

enum status client_open(struct client **client, const char *address) {
    *client = NULL;
    if (strncmp(address, unix_prefix, sizeof(unix_prefix) - 1) == 0) {
        address += sizeof(unix_prefix) - 1;
    }
    struct client *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        return STATUS_UNREACHABLE;
    }
    enum status status = link_open(&made->link, address);
    if (status == STATUS_OK) {
        status = agree(made);
    }
    if (status != STATUS_OK) {
        client_close(made);
        return status == STATUS_DISCONNECTED ? STATUS_UNREACHABLE : status;
    }
    *client = made;
    return STATUS_OK;
}

void client_close(struct client *client) {
    if (client != NULL && client->link != NULL) {
        link_close(client->link);
    }
    free(client);
}

/* The link knows whose it is. */
void client_abandon(struct client *client) {
    client_close(client);
}

bool client_alive(struct client *client) {
    return link_alive(client->link);
}

/* Writes the frame of a request to `room`; fills *size. */
static enum status encode(const struct command_row *row, const void *request, struct span room,
                          size_t *size) {
    struct span body = {room.data + FRAME_HEADER_SIZE, room.size - FRAME_HEADER_SIZE};
    size_t used = 0;
    TRY(codec_write(row->request, request, body, &used));
    frame_write_header(room.data, row->command, used);
    *size = FRAME_HEADER_SIZE + used;
    return STATUS_OK;
}

/* Takes a reply apart. A status that is not in the table is what an alien module would say. */
static enum status decode(const struct command_row *row, struct bytes raw, void *reply) {
    struct frame frame;
    TRY(frame_read(raw, &frame));
    if (frame.code == STATUS_OK) {
        return codec_read(row->reply, frame.body, reply);
    }
    if (frame.body.size != 0) {
        return STATUS_BAD_FRAME;
    }
    return status_row(frame.code)->status;
}

enum status client_call(struct client *client, enum command command, const void *request,
                        void *reply, struct span room) {
    const struct command_row *row = command_row(command);
    struct span place;
    unsigned lane = 0;
    size_t size = 0;
    if (row == NULL) {
        return STATUS_UNKNOWN_COMMAND;
    }
    TRY(link_take(client->link, &lane, &place));
    enum status status = encode(row, request, place, &size);
    if (status == STATUS_OK) {
        status = link_exchange(client->link, lane, size, &room);
    }
    link_give(client->link, lane);
    return status == STATUS_OK ? decode(row, bytes_of(room.data, room.size), reply) : status;
}
