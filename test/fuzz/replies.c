/* SPDX-License-Identifier: Apache-2.0 */
/* Replies of a hostile module, as host programs decode them (R-60, P7): every command, and the
 * pieces that the host reads out of the fields. */
#include "client/client.h"
#include "client/objects.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/hostile_link.h"

static uint8_t room[CLIENT_ROOM_SIZE];

/* A byte field lies in the room that the caller gave. */
static void look(const struct command_row *row, const union any_rep *reply) {
    for (const struct field *field = row->reply; field->kind != FIELD_END; field++) {
        struct bytes bytes;
        if (field->kind == FIELD_BYTES) {
            memcpy(&bytes, (const uint8_t *)reply + field->offset, sizeof(bytes));
            REQUIRE(bytes.size <= field->max);
            REQUIRE(bytes.size == 0 ||
                    (bytes.data >= room && bytes.data + bytes.size <= room + sizeof(room)));
            fuzz_look(bytes);
        }
    }
}

static void take_objects(struct bytes handles) {
    uint64_t kept[8];
    struct objects_found found = {.handles = kept, .size = COUNT(kept)};
    objects_take(&found, handles);
    REQUIRE(found.count <= COUNT(kept));
}

static void take_attributes(struct bytes attributes) {
    uint8_t *given = malloc(attributes.size + 1);
    struct attribute_entry entry;
    REQUIRE(given != NULL);
    size_t size = objects_given(attributes, given);
    REQUIRE(size <= attributes.size);
    struct bytes rest = {given, size};
    while (attributes_next(&rest, &entry) == STATUS_OK) {
        fuzz_look(entry.value);
    }
    free(given);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static union any_req request;
    union any_rep reply;
    size_t count = 0;
    const struct command_row *rows = command_rows(&count);
    struct client *client = NULL;
    hostile_input = bytes_of(data, size);
    REQUIRE(client_open(&client, "/nowhere") == STATUS_OK);
    while (hostile_input.size > 0) {
        const struct command_row *row = &rows[fuzz_byte(&hostile_input) % count];
        if (row->command == COMMAND_hello) {
            continue;
        }
        enum status status =
            client_call(client, row->command, &request, &reply, (struct span){room, sizeof(room)});
        REQUIRE(status_row((uint32_t)status)->status == status);
        if (status != STATUS_OK) {
            continue;
        }
        look(row, &reply);
        if (row->command == COMMAND_object_find) {
            take_objects(reply.object_find.objects);
        } else if (row->command == COMMAND_object_get) {
            take_attributes(reply.object_get.attributes);
        }
    }
    client_close(client);
    return 0;
}
