/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the fixture's module_start, module_call and module_stop by a module behind a door
 * ($EDGEHSM_MODULE), so that its stories are told to an endpoint and its chip. */
#include "client/client.h"
#include "test/component/fixture.h"

enum { CLIENTS_MAX = 8 };
static struct client *clients[CLIENTS_MAX];

void module_start(struct module *module) {
    uint32_t place = 0;
    while (place < CLIENTS_MAX && clients[place] != NULL) {
        place++;
    }
    assert_true(place < CLIENTS_MAX);
    assert_int_equal(client_open(&clients[place], client_address(NULL)), STATUS_OK);
    module->connection = place;
}

void module_stop(struct module *module) {
    client_close(clients[module->connection]);
    clients[module->connection] = NULL;
}

enum status module_call(struct module *module, enum command command, const void *request,
                        void *reply) {
    return client_call(clients[module->connection], command, request, reply,
                       (struct span){module->reply, sizeof(module->reply)});
}
