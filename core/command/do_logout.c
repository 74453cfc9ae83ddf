/* SPDX-License-Identifier: Apache-2.0 */
/* Command logout (C_Logout). */
#include "core/command/places.h"

static void end_uses(struct call *call) {
    uint32_t cursor = 0;
    struct sessions *sessions = &call->hsm->sessions;
    struct session *session = sessions_next(sessions, call->connection, &cursor);
    for (; session != NULL; session = sessions_next(sessions, call->connection, &cursor)) {
        if (session->slot == call->session->slot) {
            places_end_streams(call->hsm, session, ~(uint32_t)F_DIGEST);
            session->confirmed = false;
            places_end_uses(call->hsm, session);
        }
    }
}

/* Private session objects die with the login (PKCS#11 v3.2, C_Logout). */
static void drop_private_objects(struct call *call) {
    uint32_t cursor = 0;
    struct hsm *hsm = call->hsm;
    struct session *session = sessions_next(&hsm->sessions, call->connection, &cursor);
    for (; session != NULL; session = sessions_next(&hsm->sessions, call->connection, &cursor)) {
        uint32_t *link = &session->objects;
        while (session->slot == call->session->slot && *link != 0) {
            uint32_t index = *link - 1;
            struct object *object = &hsm->objects.list[index];
            if (!facts_has(&object->facts, FACT_PRIVATE)) {
                link = &object->next_owned;
                continue;
            }
            *link = object->next_owned;
            home_soft_drop(&hsm->home, object);
            objects_forget(&hsm->objects, index);
        }
    }
}

enum status do_logout(struct call *call, const struct logout_req *req, struct logout_rep *rep) {
    struct sessions *sessions = &call->hsm->sessions;
    (void)req;
    (void)rep;
    if (sessions_login(sessions, call->session) == LOGIN_NONE) {
        return STATUS_NOT_LOGGED_IN;
    }
    end_uses(call);
    drop_private_objects(call);
    sessions_set_login(sessions, call->connection, call->session->slot, LOGIN_NONE);
    return STATUS_OK;
}
