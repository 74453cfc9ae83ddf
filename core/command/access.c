/* SPDX-License-Identifier: Apache-2.0 */
/* What a session may see and use. */
#include "core/command/access.h"

#include "base/wipe.h"
#include "port/port.h"

/* A handle: place in the index over a tag that only this connection, in this login, can have been
 * given. */
enum { TAG_BITS = 40 };
static const uint64_t TAG_MASK = (1ull << TAG_BITS) - 1;

bool access_is_so(const struct call *call) {
    return sessions_login(&call->hsm->sessions, call->session) == LOGIN_SO;
}

const struct token *access_token(const struct call *call) {
    return &call->hsm->tokens.list[call->session->slot];
}

uint64_t access_time(const struct call *call) {
    return time_trusted(&call->hsm->times.list[call->session->slot], port_uptime_ms());
}

bool access_is_user(const struct call *call) {
    enum login login = sessions_login(&call->hsm->sessions, call->session);
    if (login == LOGIN_SO) {
        return false;
    }
    return login == LOGIN_USER ||
           token_admits(access_token(call),
                        &call->hsm->sessions.connections[call->connection].peer);
}

bool access_sees(const struct call *call, const struct object *object) {
    if (object->slot != call->session->slot) {
        return false;
    }
    if (object->connection != NOT_CONNECTED && object->connection != call->connection) {
        return false;
    }
    return !facts_has(&object->facts, FACT_PRIVATE) || access_is_user(call);
}

static uint64_t tag_of(const struct call *call, const struct object *object) {
    const struct connection *connection = &call->hsm->sessions.connections[call->connection];
    bool private = facts_has(&object->facts, FACT_PRIVATE);
    uint64_t epoch = private ? 1 + (uint64_t)connection->epoch[object->slot] : 0;
    return crypto_tagger_tag(&call->hsm->tagger, object->serial, connection->nonce ^ epoch);
}

uint64_t access_handle(const struct call *call, uint32_t index) {
    const struct object *object = &call->hsm->objects.list[index];
    return ((uint64_t)index + 1) << TAG_BITS | (tag_of(call, object) & TAG_MASK);
}

enum status access_object(struct call *call, uint64_t handle, uint32_t *index) {
    uint64_t place = handle >> TAG_BITS;
    if (place == 0 || place > OBJECTS_MAX) {
        return STATUS_OBJECT_INVALID;
    }
    struct object *object = objects_at(&call->hsm->objects, (uint32_t)place - 1);
    if (object == NULL || !access_sees(call, object) ||
        (tag_of(call, object) & TAG_MASK) != (handle & TAG_MASK)) {
        return STATUS_OBJECT_INVALID;
    }
    call->object = object->serial;
    *index = (uint32_t)place - 1;
    return STATUS_OK;
}

enum status access_may_write(struct call *call, const struct facts *facts) {
    if (facts_has(facts, FACT_TOKEN) && !call->session->read_write) {
        return STATUS_SESSION_READ_ONLY;
    }
    if (facts_has(facts, FACT_PRIVATE) && !access_is_user(call)) {
        return STATUS_NOT_LOGGED_IN;
    }
    if (facts_has(facts, FACT_TOKEN) && !access_is_user(call) && !access_is_so(call)) {
        return STATUS_NOT_LOGGED_IN;
    }
    return STATUS_OK;
}

/* ---- mechanisms ---- */

uint32_t access_functions(const struct algorithm_row *row, bool strict) {
    uint32_t functions = crypto_functions(row);
    if (strict && row->compatible_only) {
        return 0;
    }
    bool signatures_only = strict && row->algorithm == ALGORITHM_RSA_PKCS1;
    return signatures_only ? functions & (uint32_t)(F_SIGN | F_VERIFY) : functions;
}

/* Parts of an algorithm that the strict profile refuses, although the algorithm itself is there. */
static const char *strict_refuses(enum function function, const struct mechanism *mechanism) {
    bool encrypts = function == F_ENCRYPT;
    const struct algorithm_row *row = algorithm_row(mechanism->algorithm);
    if ((access_functions(row, true) & (uint32_t)function) == 0) {
        return "RSA PKCS #1 v1.5 is for signatures only";
    }
    if ((mechanism->algorithm == ALGORITHM_AES_GCM ||
         mechanism->algorithm == ALGORITHM_CHACHA20_POLY1305) &&
        (encrypts || function == F_WRAP) && mechanism->make_iv == 0) {
        return "the module makes the IV for encryption: give twelve zero bytes";
    }
    return NULL;
}

enum status access_mechanism(struct call *call, enum function function,
                             const struct mechanism *mechanism) {
    TRY(mechanism_check(mechanism));
    const struct algorithm_row *row = algorithm_row(mechanism->algorithm);
    if ((crypto_functions(row) & (uint32_t)function) == 0) {
        return STATUS_MECHANISM_INVALID;
    }
    if (!token_is_strict(access_token(call))) {
        return STATUS_OK;
    }
    if (row->compatible_only) {
        return call_refuse(call, STATUS_STRICT, row->name);
    }
    const char *why = strict_refuses(function, mechanism);
    return why != NULL ? call_refuse(call, STATUS_STRICT, why) : STATUS_OK;
}

/* ---- keys ---- */

static enum status check_allowed(struct call *call, uint32_t index,
                                 const struct mechanism *mechanism) {
    struct span attributes = {call->hsm->room, sizeof(call->hsm->room)};
    struct bytes list = {NULL, 0};
    TRY(objects_load(&call->hsm->objects, index, &attributes));
    enum status status =
        attributes_find(bytes_of_span(attributes), ATTRIBUTE_ALLOWED_MECHANISMS, &list);
    bool allowed = false;
    uint32_t asked = mechanism->algorithm | mechanism->hash << 16;
    for (size_t i = 0; status == STATUS_OK && i + 4 <= list.size; i += 4) {
        allowed = allowed || load_u32(list.data + i) == asked;
    }
    wipe(call->hsm->room, attributes.size);
    return allowed ? STATUS_OK
                   : call_refuse(call, STATUS_KEY_FUNCTION_NOT_PERMITTED, "ALLOWED_MECHANISMS");
}

static enum status check_use(struct call *call, uint32_t index, enum function function,
                             const struct mechanism *mechanism) {
    const struct object *object = &call->hsm->objects.list[index];
    if (!facts_is_key(&object->facts)) {
        return STATUS_KEY_INVALID;
    }
    if (access_is_so(call)) {
        return call_refuse(call, STATUS_NOT_LOGGED_IN, "the security officer uses no keys");
    }
    if (!algorithm_takes(algorithm_row(mechanism->algorithm), object->facts.type)) {
        return STATUS_KEY_TYPE_INCONSISTENT;
    }
    if (!facts_has(&object->facts, (uint32_t)function)) {
        return STATUS_KEY_FUNCTION_NOT_PERMITTED;
    }
    if (facts_has(&object->facts, FACT_POLICY) && call->row->command != COMMAND_sign_message) {
        return call_refuse(call, STATUS_KEY_FUNCTION_NOT_PERMITTED,
                           "the key signs messages under its policy only");
    }
    if (facts_has(&object->facts, FACT_ALLOWED_MECHANISMS)) {
        TRY(check_allowed(call, index, mechanism));
    }
    return STATUS_OK;
}

enum status access_key(struct call *call, uint64_t handle, enum function function,
                       const struct mechanism *mechanism, uint32_t *index) {
    TRY(access_mechanism(call, function, mechanism));
    if (access_object(call, handle, index) != STATUS_OK) {
        return STATUS_KEY_INVALID;
    }
    TRY(check_use(call, *index, function, mechanism));
    struct span room = {call->hsm->room, sizeof(call->hsm->room)};
    struct soft_key *found = NULL;
    TRY(home_soft_get(&call->hsm->home, &call->hsm->objects, *index, room, &found));
    enum status status = crypto_mechanism_check(&found->key, mechanism, function);
    if (status != STATUS_OK) {
        home_soft_release(found);
        return status;
    }
    call->key = found;
    return STATUS_OK;
}

/* ---- the use of a key ---- */

static struct usage_moment moment_of(const struct call *call) {
    return (struct usage_moment){port_uptime_ms(), access_time(call), call->session->confirmed};
}

static enum status count_use(struct call *call, uint32_t index, bool *wants_pin) {
    struct hsm *hsm = call->hsm;
    struct usage *usage = objects_usage(&hsm->objects, index);
    struct usage_moment moment = moment_of(call);
    if (usage == NULL) {
        return STATUS_INTERNAL;
    }
    *wants_pin = *wants_pin || usage->limits.login_uses != 0;
    return usages_take(&hsm->store, usage, &moment, &call->why);
}

enum status access_admit(struct call *call, uint32_t index) {
    const struct facts *facts = &call->hsm->objects.list[index].facts;
    bool wants_pin = facts_has(facts, FACT_ALWAYS_AUTHENTICATE);
    if (wants_pin && !call->session->confirmed) {
        return STATUS_CONFIRM_LOGIN;
    }
    if (facts_has(facts, FACT_LIMITED)) {
        TRY(count_use(call, index, &wants_pin));
    }
    call->session->confirmed = call->session->confirmed && !wants_pin;
    call->admitted = true;
    return STATUS_OK;
}

enum status access_admits(struct call *call, uint32_t index) {
    const struct usage *usage = objects_usage(&call->hsm->objects, index);
    struct usage_moment moment = moment_of(call);
    struct usage_answer answer;
    bool always = facts_has(&call->hsm->objects.list[index].facts, FACT_ALWAYS_AUTHENTICATE);
    if (always && !call->session->confirmed) {
        return STATUS_CONFIRM_LOGIN;
    }
    if (usage == NULL) {
        return STATUS_OK;
    }
    usage_decide(usage, &moment, &answer);
    return answer.status == STATUS_OK ? STATUS_OK : call_refuse(call, answer.status, answer.why);
}

enum status access_preview(struct call *call, uint32_t index, bool *confirm) {
    const struct usage *usage = objects_usage(&call->hsm->objects, index);
    struct usage_moment moment = moment_of(call);
    struct usage_answer answer;
    *confirm =
        facts_has(&call->hsm->objects.list[index].facts, FACT_ALWAYS_AUTHENTICATE);
    call->admitted = true; /* nothing is done with it */
    if (usage == NULL) {
        return STATUS_OK;
    }
    *confirm = *confirm || usage->limits.login_uses != 0;
    usage_decide(usage, &moment, &answer);
    bool passes = answer.status == STATUS_CONFIRM_LOGIN || answer.status == STATUS_KEY_RATE;
    return passes ? STATUS_OK : call_refuse(call, answer.status, answer.why);
}
