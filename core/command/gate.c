/* SPDX-License-Identifier: Apache-2.0 */
/* The one entrance of the core: takes a frame apart, asks the command's row whether it may be done
 * now and by this session, leads it through its steps, and puts it into the log before its reply
 * leaves. */
#include "base/wipe.h"
#include "core/command/access.h"
#include "core/command/places.h"
#include "proto/codec.h"
#include "proto/frame.h"

static enum status run_check(struct call *call) {
    switch (call->row->command) {
#define CHECK_ONE(name)  \
    case COMMAND_##name: \
        return do_##name(call, &call->req.name, &call->rep.name);
#define CHECK_THREE(name) \
    case COMMAND_##name:  \
        return check_##name(call, &call->req.name);
#define COMMAND(number, name, states, role, audit, steps, text) CHECK_##steps(name)
#include "proto/commands.def"
#undef COMMAND
    default:
        return STATUS_UNKNOWN_COMMAND;
    }
}

static enum status run_compute(struct call *call) {
    switch (call->row->command) {
#define COMPUTE_ONE(name)
#define COMPUTE_THREE(name) \
    case COMMAND_##name:    \
        return compute_##name(call, &call->req.name, &call->rep.name);
#define COMMAND(number, name, states, role, audit, steps, text) COMPUTE_##steps(name)
#include "proto/commands.def"
#undef COMMAND
    default:
        return STATUS_INTERNAL;
    }
}

static enum status run_commit(struct call *call) {
    switch (call->row->command) {
#define COMMIT_ONE(name)
#define COMMIT_THREE(name) \
    case COMMAND_##name:   \
        return commit_##name(call, &call->req.name, &call->rep.name);
#define COMMAND(number, name, states, role, audit, steps, text) COMMIT_##steps(name)
#include "proto/commands.def"
#undef COMMAND
    default:
        return STATUS_INTERNAL;
    }
}

/* ---- what the row asks ---- */

static enum status check_state(const struct hsm *hsm, const struct command_row *row) {
    if (row->states == STATES_ALL) {
        return STATUS_OK;
    }
    switch (hsm->state) {
    case STATE_FACTORY:
    case STATE_OPERATIONAL:
        return STATUS_OK;
    case STATE_ZEROIZED:
        return STATUS_ZEROIZED;
    default:
        return hsm->reason;
    }
}

/* Commands that need a session have its id as their first field. What a user may do, core/command/
 * access.c says: no row asks for ROLE_USER. */
#define SESSION_FIRST_ANYONE(name)
#define SESSION_FIRST_SESSION(name)                                               \
    _Static_assert(offsetof(struct name##_req, session) == 0 &&                    \
                       sizeof(((struct name##_req *)0)->session) == sizeof(uint32_t), \
                   #name ": the session comes first");
#define SESSION_FIRST_SO(name) SESSION_FIRST_SESSION(name)
#define COMMAND(number, name, states, role, audit, steps, text) SESSION_FIRST_##role(name)
#include "proto/commands.def"
#undef COMMAND

static enum status find_session(struct call *call) {
    if (call->row->role == ROLE_ANYONE) {
        return STATUS_OK;
    }
    memcpy(&call->session_id, &call->req, sizeof(call->session_id));
    call->session = sessions_find(&call->hsm->sessions, call->connection, call->session_id);
    return call->session != NULL ? STATUS_OK : STATUS_SESSION_INVALID;
}

static enum status check_role(const struct call *call) {
    bool may = call->row->role != ROLE_SO || access_is_so(call);
    return may ? STATUS_OK : STATUS_ROLE_REFUSED;
}

static enum status take_apart(struct call *call, struct bytes request) {
    struct frame frame;
    TRY(frame_read(request, &frame));
    call->row = command_row(frame.code);
    if (call->row == NULL) {
        return STATUS_UNKNOWN_COMMAND;
    }
    if (call->row->command != COMMAND_sign_message) {
        call->bound_serial = 0; /* its room is used for something else */
    }
    TRY(codec_read(call->row->request, frame.body, &call->req));
    struct span body = {call->reply.data + FRAME_HEADER_SIZE, call->reply.size - FRAME_HEADER_SIZE};
    call->out = codec_room(call->row->reply, body);
    return STATUS_OK;
}

static enum status check(struct call *call, struct bytes request) {
    struct hsm *hsm = call->hsm;
    TRY(take_apart(call, request));
    TRY(check_state(hsm, call->row));
    TRY(find_session(call));
    TRY(check_role(call));
    if (hsm->audit.started) {
        if (!audit_hold(&hsm->audit, call->row->audit)) {
            return STATUS_LOG_FULL;
        }
        call->held = true;
    }
    TRY(run_check(call));
    /* No command works with a key whose use it forgot to have admitted. */
    return call->key != NULL && !call->admitted ? STATUS_INTERNAL : STATUS_OK;
}

/* ---- the log ---- */

static uint32_t role_of(const struct call *call) {
    if (call->session == NULL) {
        return ROLE_ANYONE;
    }
    enum login login = sessions_login(&call->hsm->sessions, call->session);
    return login == LOGIN_SO ? ROLE_SO : access_is_user(call) ? ROLE_USER : ROLE_SESSION;
}

static void remember_refusal(struct call *call, const struct peer *peer) {
    struct refusal refusal = {.time = port_clock(),
                              .object = call->object,
                              .command = call->row != NULL ? (uint32_t)call->row->command : 0,
                              .status = (uint32_t)call->status,
                              .uid = peer->uid,
                              .pid = peer->pid,
                              .why = call->why};
    refusals_add(&call->hsm->refusals, &refusal);
}

static struct bytes detail_of(const struct call *call) {
    if (call->note_size > 0 && call->status == STATUS_OK) {
        return bytes_of(call->note, call->note_size);
    }
    return call->why != NULL ? bytes_of_text(call->why) : bytes_of("", 0);
}

/* How many uses of the key may share a leaf. What is no use of a key, what was refused and what has
 * something to tell besides has a leaf of its own. */
static uint32_t uses_in_one(const struct call *call, const struct audit_record *record) {
    bool alike = record->class == AUDIT_ROUTINE && record->status == STATUS_OK &&
                 record->object != 0 && record->detail.size == 0 && call->session != NULL;
    return alike ? options_log_each(access_token(call)->options) : 1;
}

/* Alarms are read again and again by whoever watches: what went well leaves no record, or the watch
 * itself would fill the log. */
static bool is_silent(const struct call *call) {
    return call->row != NULL && call->row->command == COMMAND_alarm_list &&
           call->status == STATUS_OK;
}

static enum status log_call(struct call *call) {
    struct hsm *hsm = call->hsm;
    const struct peer *peer = &hsm->sessions.connections[call->connection].peer;
    if (call->status != STATUS_OK) {
        remember_refusal(call, peer);
    }
    if (!hsm->audit.started || is_silent(call)) {
        return STATUS_OK;
    }
    struct audit_record record = {
        .event = call->row != NULL ? (uint32_t)call->row->command : 0,
        .session = call->session_id,
        .object = call->object,
        .status = call->status,
        .has_uid = true,
        .uid = peer->uid,
        .role = role_of(call),
        .rule = call->rule,
        .counter = call->counter,
        .payload_hash = bytes_of(call->payload_hash, call->hashed ? sizeof(call->payload_hash) : 0),
        .detail = detail_of(call),
        .class = call->row != NULL ? call->row->audit : AUDIT_ROUTINE,
        .held = call->held,
    };
    call->held = false;
    uint32_t each = uses_in_one(call, &record);
    if (each == 1) {
        return audit_append(&hsm->audit, &record);
    }
    bool wants_sync = false;
    enum status status = audit_use(&hsm->audit, &record, each, &wants_sync);
    call->sync = call->sync || wants_sync;
    return status;
}

/* ---- the three steps ---- */

static void wipe_used(struct call *call) {
    wipe(call->attributes, call->attributes_dirty);
    wipe(call->attributes_private, call->private_dirty);
    wipe(call->material, call->material_dirty);
    wipe(&call->pin, sizeof(call->pin));
    call->attributes_dirty = call->private_dirty = call->material_dirty = 0;
}

static void reset(struct call *call) {
    size_t size = offsetof(struct call, attributes);
    memset(call, 0, size);
    call->attributes_dirty = call->private_dirty = call->material_dirty = 0;
}

void hsm_check(struct hsm *hsm, struct call *call, uint32_t connection, struct bytes request,
               struct span reply) {
    reset(call);
    call->hsm = hsm;
    call->connection = connection;
    call->reply = reply;
    call->status = check(call, request);
    call->checked = call->status == STATUS_OK && call->row->steps == STEPS_THREE;
    if (call->checked && call->session != NULL) {
        call->session->in_use++;
    }
    call->written = store_position(&hsm->store);
}

void hsm_compute(struct call *call) {
    if (call->checked) {
        call->status = run_compute(call);
    }
}

static void release(struct call *call) {
    if (call->key != NULL) {
        home_soft_release(call->key);
    }
    call->key = NULL;
    wipe_used(call);
}

/* A broken module says nothing more: a self test failed, or a signature did not verify. Nor one of
 * which the monotonic counter refuses: what it told to have failed is in the store, and what it
 * remembers is not; the next start sets that right. */
static void notice_fault(struct hsm *hsm, enum status status) {
    if (hsm->state == STATE_ERROR || hsm->state == STATE_ZEROIZED) {
        return;
    }
    if (status == STATUS_ERROR_STATE || hsm->store.counter_due) {
        hsm->state = STATE_ERROR;
        hsm->reason = status == STATUS_ERROR_STATE ? STATUS_ERROR_STATE : STATUS_STORE_IO;
    }
}

static struct bytes encode(struct call *call) {
    size_t used = 0;
    struct span body = {call->reply.data + FRAME_HEADER_SIZE, call->reply.size - FRAME_HEADER_SIZE};
    if (call->status == STATUS_OK) {
        call->status = codec_write(call->row->reply, &call->rep, body, &used);
    }
    if (call->status != STATUS_OK) {
        used = 0;
    }
    frame_write_header(call->reply.data, (uint32_t)call->status, used);
    return bytes_of(call->reply.data, FRAME_HEADER_SIZE + used);
}

/* A part of an operation was computed while the module stopped: the operation holds a key. */
static void drop_stream(struct call *call) {
    if (call->stream != NULL) {
        crypto_stream_abort(&call->stream->crypto);
        places_stream_ended(call->hsm, call->stream);
    }
}

/* Commit runs also after a compute that failed (call->status says so): what check began must be
 * ended. Meanwhile the module may have stopped working, or the session been closed. */
static void commit(struct call *call) {
    enum status computed = call->status;
    call->sync = call->log_sync = false;
    enum status status = check_state(call->hsm, call->row);
    if (status == STATUS_OK) {
        status = run_commit(call);
    } else {
        drop_stream(call);
    }
    if (status == STATUS_OK && call->session != NULL && call->session->closing) {
        status = STATUS_SESSION_INVALID;
    }
    call->status = computed != STATUS_OK ? computed : status;
}

static void leave_session(struct hsm *hsm, struct session *session) {
    session->in_use--;
    if (session->in_use == 0 && session->closing) {
        places_close_session(hsm, session);
    }
}

/* The leaf of the zeroization was the last one: the log's key goes too. The store that the head
 * would be kept in is gone, so the status says nothing new. */
static void end_log(struct hsm *hsm) {
    if (hsm->audit.started && audit_stop(&hsm->audit) != STATUS_OK) {
        hsm->audit.started = false;
    }
}

struct bytes hsm_commit(struct hsm *hsm, struct call *call) {
    if (call->checked) {
        commit(call);
    }
    notice_fault(hsm, call->status);
    release(call);
    alarms_log(hsm);
    enum status logged = log_call(call);
    alarms_see_call(call);
    alarms_log(hsm);
    if (hsm->state == STATE_ZEROIZED) {
        end_log(hsm);
    }
    notice_fault(hsm, logged);
    if (logged != STATUS_OK && call->status == STATUS_OK) {
        call->status = logged;
    }
    if (call->session != NULL && (access_token(call)->options & OPTION_DURABLE_LOG) != 0) {
        call->log_sync = true;
    }
    if (call->checked && call->session != NULL) {
        leave_session(hsm, call->session);
    }
    call->written = store_position(&hsm->store);
    return encode(call);
}

bool call_wants_sync(const struct call *call) {
    return call->sync || call->log_sync;
}

bool call_wants_log_sync(const struct call *call) {
    return call->log_sync;
}

void hsm_synced(struct hsm *hsm, const struct call *call) {
    store_durable(&hsm->store, call->written);
}

size_t call_size(void) {
    return sizeof(struct call);
}

struct bytes hsm_failure_reply(enum status status, uint8_t *to) {
    frame_write_header(to, (uint32_t)status, 0);
    return bytes_of(to, FRAME_HEADER_SIZE);
}
