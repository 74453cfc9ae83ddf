/* SPDX-License-Identifier: Apache-2.0 */
/* The ground of the door's stories in one process: the door linked in, a module on the simulated
 * platform behind it, its token made through the door itself. */
#include "test/conformance/door.h"

#include "test/conformance/door_client.h"

static CK_UTF8CHAR so_pin[] = "87654321", pin[] = "123456";

static void make_token(void) {
    CK_UTF8CHAR label[32];
    CK_SESSION_HANDLE session = 0;
    memset(label, ' ', sizeof(label));
    memcpy(label, door.label, strlen(door.label));
    door_ok(door.f->C_Initialize(NULL));
    door_ok(door.f->C_InitToken(0, so_pin, sizeof(so_pin) - 1, label));
    door_ok(door.f->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
    door_ok(door.f->C_Login(session, CKU_SO, so_pin, sizeof(so_pin) - 1));
    door_ok(door.f->C_InitPIN(session, pin, sizeof(pin) - 1));
    door_ok(door.f->C_Finalize(NULL));
}

void door_ground(void) {
    CK_INTERFACE *interface = NULL;
    door_client_begin();
    door_ok(C_GetInterface(NULL, NULL, &interface, 0));
    door.f = interface->pFunctionList;
    door.label = "door token";
    door.pin = (const char *)pin;
    door.so_pin = (const char *)so_pin;
    make_token();
    assert_true(door_set_strict(false));
}

void door_ground_end(void) {
    door_client_end();
}

bool door_set_strict(bool strict) {
    struct client *client = NULL;
    uint8_t memory[256];
    struct span room = {memory, sizeof(memory)};
    struct session_open_rep open;
    struct login_rep login;
    struct token_set_rep set;
    assert_int_equal(client_open(&client, ""), STATUS_OK);
    assert_int_equal(client_session_open(client, &(struct session_open_req){0, 1}, &open, room),
                     STATUS_OK);
    struct login_req request = {open.session, USER_SO, bytes_of_text(door.so_pin)};
    assert_int_equal(client_login(client, &request, &login, room), STATUS_OK);
    struct token_set_req change = {.session = open.session,
                                   .profile = strict ? PROFILE_OF_TOKEN_STRICT
                                                     : PROFILE_OF_TOKEN_COMPATIBLE};
    assert_int_equal(client_token_set(client, &change, &set, room), STATUS_OK);
    client_close(client);
    return true;
}
