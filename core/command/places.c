/* SPDX-License-Identifier: Apache-2.0 */
/* Objects and operations as sessions own them. */
#include "core/command/places.h"

#include "base/wipe.h"
#include "core/command/access.h"
#include "port/port.h"

/* ---- objects ---- */

enum status places_add(struct call *call, const struct draft *draft, enum store_end end,
                       uint32_t *index) {
    struct hsm *hsm = call->hsm;
    struct object_place place = {.serial = draft->serial,
                                 .generation = access_token(call)->generation,
                                 .slot = (uint8_t)call->session->slot,
                                 .connection = call->connection,
                                 .session = call->session->id};
    TRY(access_may_write(call, &draft->facts));
    TRY(objects_add(&hsm->objects, &place, draft->attributes, end, index));
    if (facts_has(&draft->facts, FACT_TOKEN)) {
        call->sync = true;
    } else {
        hsm->objects.list[*index].next_owned = call->session->objects;
        call->session->objects = *index + 1;
    }
    call->object = draft->serial;
    return STATUS_OK;
}

static struct session *owner_of(struct hsm *hsm, const struct object *object) {
    return object->connection == NOT_CONNECTED
               ? NULL
               : sessions_find(&hsm->sessions, object->connection, object->session);
}

static void unlink_owned(struct hsm *hsm, uint32_t index) {
    struct session *session = owner_of(hsm, &hsm->objects.list[index]);
    if (session == NULL) {
        return;
    }
    uint32_t *link = &session->objects;
    while (*link != 0 && *link != index + 1) {
        link = &hsm->objects.list[*link - 1].next_owned;
    }
    *link = hsm->objects.list[index].next_owned;
}

void places_forget(struct call *call, uint32_t index) {
    home_soft_drop(&call->hsm->home, &call->hsm->objects.list[index]);
    unlink_owned(call->hsm, index);
    objects_forget(&call->hsm->objects, index);
}

/* Only what is in the store can refuse to go, and that no session owns. */
enum status places_remove(struct hsm *hsm, uint32_t index) {
    home_soft_drop(&hsm->home, &hsm->objects.list[index]);
    unlink_owned(hsm, index);
    return objects_remove(&hsm->objects, index);
}

/* ---- the end of sessions ---- */

void places_end_uses(struct hsm *hsm, const struct session *session) {
    if (audit_flush(&hsm->audit, session->id) != STATUS_OK && hsm->state != STATE_ZEROIZED) {
        hsm->state = STATE_ERROR;
        hsm->reason = STATUS_ERROR_STATE;
    }
}

void places_close_session(struct hsm *hsm, struct session *session) {
    places_end_streams(hsm, session, 0xffffffffu);
    if (session->in_use > 0) {
        session->closing = true;
        return;
    }
    while (session->objects != 0) {
        uint32_t index = session->objects - 1;
        session->objects = hsm->objects.list[index].next_owned;
        home_soft_drop(&hsm->home, &hsm->objects.list[index]);
        objects_forget(&hsm->objects, index);
    }
    places_end_uses(hsm, session);
    sessions_close(&hsm->sessions, session);
}

void places_close_sessions(struct hsm *hsm, uint32_t connection, uint32_t slot) {
    uint32_t cursor = 0;
    struct session *session = sessions_next(&hsm->sessions, connection, &cursor);
    for (; session != NULL; session = sessions_next(&hsm->sessions, connection, &cursor)) {
        if (slot == TOKENS_MAX || session->slot == slot) {
            places_close_session(hsm, session);
        }
    }
}

/* ---- operations in parts ---- */

static int kind_of(uint32_t function) {
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        if (function == 1u << kind) {
            return kind;
        }
    }
    return -1;
}

struct stream *places_stream(struct hsm *hsm, const struct session *session, uint32_t function) {
    int kind = kind_of(function);
    if (kind < 0 || session->streams[kind] == 0) {
        return NULL;
    }
    return &hsm->streams[session->streams[kind] - 1];
}

/* An operation must not outlive the limits of its key. */
static enum status check_limits(struct call *call, const struct stream *stream) {
    if (stream->limited == 0) {
        return STATUS_OK;
    }
    struct usages *usages = &call->hsm->objects.usages;
    const struct usage *usage = usages_at(usages, stream->usage, stream->limited);
    return usage == NULL ? STATUS_KEY_INVALID : usage_alive(usage, port_uptime_ms(), &call->why);
}

enum status places_use_stream(struct call *call, uint32_t function) {
    struct stream *stream = places_stream(call->hsm, call->session, function);
    if (stream == NULL) {
        return STATUS_OPERATION_NOT_STARTED;
    }
    if (stream->busy) {
        return STATUS_BUSY;
    }
    enum status status = check_limits(call, stream);
    if (status != STATUS_OK) {
        crypto_stream_abort(&stream->crypto);
        places_stream_ended(call->hsm, stream);
        return status;
    }
    stream->busy = true;
    call->stream = stream;
    return STATUS_OK;
}

struct stream *places_take_stream(struct hsm *hsm, struct session *session, uint32_t function) {
    int kind = kind_of(function);
    for (uint32_t i = 0; kind >= 0 && i < STREAMS_MAX; i++) {
        uint32_t place = hsm->stream_hand;
        hsm->stream_hand = (hsm->stream_hand + 1) % STREAMS_MAX;
        struct stream *stream = &hsm->streams[place];
        if (stream->session == 0) {
            stream->session = session->id;
            stream->connection = session->connection;
            stream->function = function;
            session->streams[kind] = (uint16_t)(place + 1);
            return stream;
        }
    }
    return NULL;
}

void places_stream_ended(struct hsm *hsm, struct stream *stream) {
    struct session *session = sessions_find(&hsm->sessions, stream->connection, stream->session);
    int kind = kind_of(stream->function);
    if (session != NULL && !stream->doomed && kind >= 0) {
        session->streams[kind] = 0;
    }
    wipe(stream, sizeof(*stream));
}

void places_end_streams(struct hsm *hsm, struct session *session, uint32_t functions) {
    for (int kind = 0; kind < STREAM_KINDS; kind++) {
        if ((functions & 1u << kind) == 0 || session->streams[kind] == 0) {
            continue;
        }
        struct stream *stream = &hsm->streams[session->streams[kind] - 1];
        session->streams[kind] = 0;
        if (stream->busy) {
            stream->doomed = true;
        } else {
            crypto_stream_abort(&stream->crypto);
            wipe(stream, sizeof(*stream));
        }
    }
}

/* ---- built-in objects ---- */

/* Profile ids of PKCS#11 v3.2: CKP_BASELINE_PROVIDER and the next three. */
static const struct {
    uint32_t id;
    const char *label;
} profiles[] = {
    {1, "Baseline Provider"},
    {2, "Extended Provider"},
    {3, "Authentication Token"},
    {4, "Public Certificates Token"},
};

_Static_assert(COUNT(profiles) * TOKENS_MAX == OBJECTS_BUILT_IN, "their places are kept free");

static enum status write_profile(uint32_t id, const char *label, struct span room, size_t *used) {
    *used = 0;
    TRY(attributes_add_num(room, used, ATTRIBUTE_CLASS, CLASS_PROFILE));
    TRY(attributes_add_bool(room, used, ATTRIBUTE_TOKEN, true));
    TRY(attributes_add_bool(room, used, ATTRIBUTE_PRIVATE, false));
    TRY(attributes_add(room, used, ATTRIBUTE_LABEL, bytes_of_text(label)));
    TRY(attributes_add(room, used, ATTRIBUTE_UNIQUE_ID, bytes_of_text(label)));
    TRY(attributes_add_bool(room, used, ATTRIBUTE_MODIFIABLE, false));
    TRY(attributes_add_bool(room, used, ATTRIBUTE_COPYABLE, false));
    TRY(attributes_add_bool(room, used, ATTRIBUTE_DESTROYABLE, false));
    return attributes_add_num(room, used, ATTRIBUTE_PROFILE_ID, id);
}

enum status places_add_profiles(struct hsm *hsm, uint32_t slot) {
    struct span room = {hsm->room, sizeof(hsm->room)};
    for (uint32_t i = 0; i < COUNT(profiles); i++) {
        size_t used = 0;
        uint32_t index = 0;
        struct object_place place = {
            .serial = 1 + i, .slot = (uint8_t)slot, .connection = NOT_CONNECTED, .built_in = true};
        TRY(write_profile(profiles[i].id, profiles[i].label, room, &used));
        TRY(objects_add(&hsm->objects, &place, bytes_of(room.data, used), STORE_LAST, &index));
    }
    return STATUS_OK;
}

enum status places_clear_slot(struct hsm *hsm, uint32_t slot) {
    for (uint32_t i = 0; i < hsm->objects.untouched; i++) {
        struct object *object = objects_at(&hsm->objects, i);
        if (object == NULL || object->slot != slot) {
            continue;
        }
        home_soft_drop(&hsm->home, object);
        TRY(objects_clear(&hsm->objects, i));
    }
    return STATUS_OK;
}
