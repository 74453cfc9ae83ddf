/* SPDX-License-Identifier: Apache-2.0 */
/* sign_many KEY COUNT FILE: has one message signed so often in one session, as a gateway does, and
 * writes the statements one behind the other. The message is {1: "stop"}. The module is the one
 * that EDGEHSM_MODULE names, the PIN stands in PIN. */
#include "client/client.h"
#include "client/objects.h"

#include <stdio.h>
#include <stdlib.h>

#define MUST(holds)                                                        \
    do {                                                                   \
        if (!(holds)) {                                                    \
            fprintf(stderr, "sign_many: line %d: %s\n", __LINE__, #holds); \
            exit(1);                                                       \
        }                                                                  \
    } while (0)

static struct client *client;
static uint8_t memory[CLIENT_ROOM_SIZE];
static const struct span room = {memory, sizeof(memory)};

static uint32_t log_in(void) {
    const struct session_open_req open = {.slot = 0, .read_write = 1};
    struct session_open_rep session;
    struct login_rep done;
    MUST(client_open(&client, client_address(NULL)) == STATUS_OK);
    MUST(client_session_open(client, &open, &session, room) == STATUS_OK);
    const struct login_req login = {session.session, USER_USER, bytes_of_text(getenv("PIN"))};
    uint32_t number = session.session;
    MUST(client_login(client, &login, &done, room) == STATUS_OK);
    return number;
}

static uint64_t find_key(uint32_t session, const char *label) {
    uint8_t template[256];
    size_t used = 0;
    struct span to = {template, sizeof(template)};
    struct object_find_rep found;
    MUST(attributes_add_num(to, &used, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY) == STATUS_OK);
    MUST(attributes_add(to, &used, ATTRIBUTE_LABEL, bytes_of_text(label)) == STATUS_OK);
    const struct object_find_req find = {session, 0, bytes_of(template, used)};
    MUST(client_object_find(client, &find, &found, room) == STATUS_OK && found.objects.size == 8);
    return load_u64(found.objects.data);
}

int main(int argc, char **argv) {
    static const uint8_t stop[] = {0xa1, 0x01, 0x64, 's', 't', 'o', 'p'};
    MUST(argc == 4 && getenv("PIN") != NULL);
    FILE *file = fopen(argv[3], "w");
    MUST(file != NULL);
    uint32_t session = log_in();
    const struct sign_message_req sign = {session, find_key(session, argv[1]),
                                          bytes_of(stop, sizeof(stop))};
    for (long i = 0; i < atol(argv[2]); i++) {
        struct sign_message_rep rep;
        MUST(client_sign_message(client, &sign, &rep, room) == STATUS_OK);
        MUST(fwrite(rep.statement.data, 1, rep.statement.size, file) == rep.statement.size);
    }
    client_close(client);
    return fclose(file) == 0 ? 0 : 1;
}
