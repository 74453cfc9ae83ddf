/* SPDX-License-Identifier: Apache-2.0 */
/* Command sign_message: the key's policy decides, and the module composes what is signed. */
#include "core/command/access.h"
#include "core/command/consent.h"
#include "core/command/key_alarms.h"
#include "policy/statement.h"

/* Where things lie in the call's room for attributes. */
enum {
    PAYLOAD_AT = 0, /* until it is in what is signed */
    SIGNED_AT = PAYLOAD_AT + STATEMENT_PAYLOAD_MAX,
    SIGNED_END = SIGNED_AT + STATEMENT_SIGNED_MAX,
};
_Static_assert((int)SIGNED_END <= (int)OBJECT_SIZE_MAX, "composed in the room for attributes");
_Static_assert(STATEMENT_SIZE_MAX <= 2560, "proto/commands.def says how long a statement can be");

/* ---- the key ---- */

/* The way an EC key signs follows from its curve, seen by the size of a signature. */
static enum status fit_curve(struct call *call) {
    switch (crypto_output_size(&call->key->key, &call->mechanism, F_SIGN, 0)) {
    case 64:
        call->algorithm = STATEMENT_ES256;
        call->mechanism.hash = HASH_SHA256;
        break;
    case 96:
        call->algorithm = STATEMENT_ES384;
        call->mechanism.hash = HASH_SHA384;
        break;
    default:
        call->algorithm = STATEMENT_ES512;
        call->mechanism.hash = HASH_SHA512;
    }
    return crypto_mechanism_check(&call->key->key, &call->mechanism, F_SIGN);
}

static enum status find_key(struct call *call, uint64_t handle, uint32_t *index) {
    if (access_object(call, handle, index) != STATUS_OK) {
        return STATUS_KEY_INVALID;
    }
    const struct facts *facts = &call->hsm->objects.list[*index].facts;
    if (!facts_has(facts, FACT_POLICY)) {
        return call_refuse(call, STATUS_KEY_FUNCTION_NOT_PERMITTED,
                           "the key is bound to no policy");
    }
    bool edwards = facts->type == KEY_ED25519;
    call->mechanism = (struct mechanism){.algorithm = edwards ? ALGORITHM_EDDSA : ALGORITHM_ECDSA,
                                         .hash = edwards ? HASH_NONE : HASH_SHA256};
    call->algorithm = STATEMENT_EDDSA;
    TRY(access_key(call, handle, F_SIGN, &call->mechanism, index));
    call->verify = (access_token(call)->options & OPTION_VERIFY_SIGNATURES) != 0;
    return edwards ? STATUS_OK : fit_curve(call);
}

/* ---- the decision ---- */

static const struct {
    uint32_t why;
    enum status status;
    const char *text;
} refusals[] = {
    {WHY_SHAPE, STATUS_MESSAGE_INVALID, "not the shape of the policy's message"},
    {WHY_SUSPENDED, STATUS_POLICY_SUSPENDED, "suspended by an alarm of the policy"},
    {WHY_DENIED, STATUS_POLICY_DENIED, "denied by a line of the policy"},
    {WHY_LIMIT, STATUS_POLICY_TOO_OFTEN, "the quota of the policy is used up"},
    {WHY_THROTTLED, STATUS_POLICY_TOO_OFTEN, "an alarm of the policy is on"},
    {WHY_NO_RULE, STATUS_POLICY_DENIED, "no line of the policy allows it"},
    {WHY_EXCEPTION, STATUS_POLICY_DENIED,
     "excepted from the line of the policy that would allow it"},
    {WHY_RATE, STATUS_POLICY_TOO_OFTEN, "the rate of the policy's line"},
    {WHY_APPROVAL, STATUS_POLICY_APPROVAL, "the policy wants approvals"},
    {WHY_COUNTER, STATUS_POLICY_DENIED, "the counter has come to its end"},
};

static enum status refuse(struct call *call, const struct policy_answer *answer) {
    enum status status = STATUS_POLICY_DENIED;
    const char *text = "the policy";
    call->rule = answer->rule == POLICY_NONE ? 0 : answer->rule + 1u;
    for (size_t i = 0; i < COUNT(refusals); i++) {
        bool found = refusals[i].why == answer->why;
        status = found ? refusals[i].status : status;
        text = found ? refusals[i].text : text;
    }
    return call_refuse(call, status, text);
}

/* ---- what is signed ---- */

static enum status compose(struct call *call, const struct guard *guard,
                           const struct policy_clock *clock, const struct message *message) {
    const struct guard_policy *bound = &call->bound;
    uint8_t header_room[STATEMENT_HEADER_MAX];
    struct span header = {header_room, sizeof(header_room)};
    struct span payload = {call->attributes + PAYLOAD_AT, STATEMENT_PAYLOAD_MAX};
    struct span whole = {call->attributes + SIGNED_AT, STATEMENT_SIGNED_MAX};
    const struct statement statement = {.algorithm = call->algorithm,
                                        .policy_hash = bytes_of(bound->hash, sizeof(bound->hash)),
                                        .facts = {.counter = guard->state.counter,
                                                  .boot = call->hsm->boot,
                                                  .uptime_ms = clock->uptime_ms,
                                                  .time = clock->time},
                                        .quality = clock->time != 0 ? QUALITY_TRUSTED
                                                                    : QUALITY_NONE,
                                        .version = bound->policy.version,
                                        .rule = call->rule};
    call->attributes_dirty = SIGNED_END;
    call->counter = statement.facts.counter;
    TRY(message_write(&bound->policy, message, &statement.facts, &payload));
    TRY(statement_header(&statement, &header));
    TRY(statement_signed(bytes_of_span(header), bytes_of_span(payload), &whole));
    call->signed_bytes = bytes_of_span(whole);
    return STATUS_OK;
}

/* ---- approval ---- */

/* Enough people approved exactly this message for this key under this policy, or it waits. */
static enum status ask_people(struct call *call, uint32_t index, uint8_t rule,
                              struct bytes encoding) {
    const struct policy *policy = &call->bound.policy;
    const struct consent_rule who = {policy, &policy->rules[rule]};
    struct span room = {call->attributes, sizeof(call->attributes)};
    struct request_item items[5] = {
        [2] = {policy->name, true},
        [3] = {encoding, false},
        [4] = {bytes_of(call->bound.hash, sizeof(call->bound.hash)), false},
    };
    TRY(access_admits(call, index));
    call->attributes_dirty = sizeof(call->attributes);
    TRY(consent_object(call, index, &room, items));
    return consent_ask_for_message(call, &who, items);
}

/* Decides once more, now that the people are there whom the rule wants. */
static enum status decide_approved(struct call *call, uint32_t index,
                                   const struct policy_question *asked, struct bytes encoding,
                                   struct policy_answer *answer) {
    const struct policy *policy = asked->policy;
    struct policy_approval approvals[POLICY_ROLES_MAX];
    struct policy_question question = *asked;
    uint8_t rule = answer->rule;
    TRY(ask_people(call, index, rule, encoding));
    for (uint32_t i = 0; i < policy->rules[rule].needs; i++) {
        approvals[i] = (struct policy_approval){.age_ms = 0, .roles = policy->rules[rule].roles};
    }
    question.approvals = approvals;
    question.approval_count = policy->rules[rule].needs;
    policy_decide(&question, answer);
    return STATUS_OK;
}

/* Decides, with the alarms that look at a message before and at a refusal after. */
static enum status ask_policy(struct call *call, uint32_t index, struct guard *guard,
                              const struct policy_question *question,
                              struct policy_answer *answer) {
    struct policy_watch watch;
    watch_message(question, &guard->state, &watch);
    key_alarms_tell(call, guard, question, &watch);
    policy_decide(question, answer);
    if (answer->why == WHY_APPROVAL) {
        call->rule = answer->rule + 1u;
        TRY(decide_approved(call, index, question, call->req.sign_message.message, answer));
    }
    if (policy_allows(answer)) {
        return STATUS_OK;
    }
    watch = (struct policy_watch){.fresh = 0};
    watch_refusal(question, answer, &guard->state, &watch);
    key_alarms_tell(call, guard, question, &watch);
    return refuse(call, answer);
}

/* The counter is taken here and not at the end: of two messages at once each gets its own. What is
 * refused later leaves a gap, never the same counter twice. */
static enum status take(struct call *call, uint32_t index, struct guard *guard,
                        const struct policy_question *question) {
    struct policy_answer answer;
    bool wrote = false;
    TRY(ask_policy(call, index, guard, question, &answer));
    call->rule = answer.rule + 1u;
    TRY(access_admit(call, index));
    if (question->policy->rules[answer.rule].needs != 0) {
        call->why = "approved by the people it needs"; /* and so told apart in the log */
    }
    TRY(guards_commit(guard, &call->hsm->store, question->policy, &answer, &wrote));
    call->sync = call->sync || wrote;
    const struct policy_watch watch = {.fresh = answer.alarm ? FLAG_ON(ALARM_SPIKE) : 0};
    key_alarms_tell(call, guard, question, &watch);
    return compose(call, guard, &question->clock, question->message);
}

static enum status decide(struct call *call, uint32_t index, struct guard *guard,
                          struct bytes encoding) {
    const struct policy *policy = &call->bound.policy;
    const struct hsm *hsm = call->hsm;
    struct message message;
    const struct policy_question question = {
        .policy = policy,
        .message = &message,
        .state = &guard->state,
        .steps = &guard->steps,
        .clock = {port_uptime_ms(), access_time(call)},
        .client = hsm->sessions.connections[call->connection].peer.uid,
    };
    bool fits = message_read(policy, encoding, &message) == STATUS_OK;
    message.fault = fits == (message.fault == MESSAGE_FITS) ? message.fault : MESSAGE_ENCODING;
    return take(call, index, guard, &question);
}

/* The policy that this call looked at last may still be there. */
static enum status read_policy(struct call *call, uint32_t index) {
    struct hsm *hsm = call->hsm;
    const uint64_t serial = hsm->objects.list[index].serial;
    if (call->bound_serial == serial && call->bound_exchange == hsm->guards.exchanges) {
        return STATUS_OK;
    }
    call->bound_serial = 0;
    const struct span room = {hsm->room, sizeof(hsm->room)};
    TRY(guards_read(&hsm->objects, index, room, &call->bound));
    call->bound_serial = serial;
    call->bound_exchange = hsm->guards.exchanges;
    return STATUS_OK;
}

enum status check_sign_message(struct call *call, const struct sign_message_req *req) {
    struct hsm *hsm = call->hsm;
    struct guard *guard = NULL;
    uint32_t index = 0;
    TRY(find_key(call, req->key, &index));
    TRY(read_policy(call, index));
    TRY(guards_find(&hsm->guards, &hsm->objects, index, &call->bound.policy, &guard));
    return decide(call, index, guard, req->message);
}

enum status compute_sign_message(struct call *call, const struct sign_message_req *req,
                                 struct sign_message_rep *rep) {
    uint8_t room[256];
    struct span signature = {room, sizeof(room)};
    struct span statement = call->out;
    struct bytes header, payload;
    (void)req;
    TRY(crypto_sign(&call->key->key, &call->mechanism, call->signed_bytes, call->verify,
                    &signature));
    TRY(statement_pieces(call->signed_bytes, &header, &payload));
    TRY(crypto_hash(HASH_SHA256, &payload, 1, call->payload_hash));
    call->hashed = true;
    TRY(statement_write(header, payload, bytes_of_span(signature), &statement));
    rep->statement = bytes_of_span(statement);
    return STATUS_OK;
}

enum status commit_sign_message(struct call *call, const struct sign_message_req *req,
                                struct sign_message_rep *rep) {
    (void)req;
    (void)rep;
    return call->status;
}
