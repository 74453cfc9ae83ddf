/* SPDX-License-Identifier: Apache-2.0 */
/* Command token_init (C_InitToken). */
#include "core/command/places.h"

static void set_label(struct token *token, struct bytes label) {
    memset(token->label, ' ', LABEL_SIZE);
    memcpy(token->label, label.data, label.size < LABEL_SIZE ? label.size : LABEL_SIZE);
}

enum status check_token_init(struct call *call, const struct token_init_req *req) {
    struct hsm *hsm = call->hsm;
    if (req->slot >= TOKENS_MAX) {
        return STATUS_SLOT_INVALID;
    }
    if (hsm->sessions.count_of_slot[req->slot] > 0) {
        return STATUS_SESSION_EXISTS;
    }
    if (req->so_pin.size < PIN_SIZE_MIN || req->so_pin.size > PIN_SIZE_MAX) {
        return STATUS_PIN_LENGTH;
    }
    call->token = hsm->tokens.list[req->slot];
    if (call->token.initialized) {
        TRY(pin_begin(&hsm->tokens, req->slot, USER_SO, &call->pin));
        call->sync = true;
    }
    return STATUS_OK;
}

enum status compute_token_init(struct call *call, const struct token_init_req *req,
                               struct token_init_rep *rep) {
    uint8_t generation[4];
    (void)rep;
    call->right = !call->token.initialized || pin_matches(&call->pin, req->so_pin);
    if (!call->right) {
        return STATUS_OK;
    }
    struct token next = {.initialized = true, .profile = PROFILE_OF_TOKEN_STRICT};
    set_label(&next, req->label);
    TRY(crypto_random(generation, sizeof(generation)));
    next.generation = load_u32(generation) | 1;
    TRY(pin_make(&next.pins[USER_SO], req->so_pin));
    call->token = next;
    return STATUS_OK;
}

static enum status replace(struct call *call, uint32_t slot) {
    struct hsm *hsm = call->hsm;
    /* The new generation makes every old object dead at once; removing them may be cut and is
     * finished at the next start. */
    TRY(tokens_put(&hsm->tokens, slot, &call->token));
    sessions_end_logins(&hsm->sessions, slot);
    quorum_forget(&hsm->quorum, slot);
    hsm->times.list[slot] = (struct token_time){.seconds = 0};
    TRY(places_clear_slot(hsm, slot));
    TRY(places_add_profiles(hsm, slot));
    hsm->state = STATE_OPERATIONAL;
    return STATUS_OK;
}

enum status commit_token_init(struct call *call, const struct token_init_req *req,
                              struct token_init_rep *rep) {
    struct hsm *hsm = call->hsm;
    (void)rep;
    call->sync = true;
    if (call->pin.set) {
        TRY(pin_end(&hsm->tokens, req->slot, USER_SO, &call->pin, call->right));
    } else if (hsm->tokens.list[req->slot].initialized) {
        return STATUS_PIN_INCORRECT; /* meanwhile another request initialised it */
    }
    if (hsm->sessions.count_of_slot[req->slot] > 0) {
        return STATUS_SESSION_EXISTS;
    }
    return call->status == STATUS_OK ? replace(call, req->slot) : call->status;
}
