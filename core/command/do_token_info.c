/* SPDX-License-Identifier: Apache-2.0 */
/* Command token_info. */
#include "core/command/module.h"

static uint32_t tries_left(const struct pin *pin) {
    return pin_is_locked(pin) ? 0 : PIN_TRIES_MAX - pin->tries;
}

static uint32_t flags_of(const struct token *token, const struct peer *peer) {
    uint32_t flags = token->initialized ? TOKEN_INITIALIZED : 0;
    flags |= token->pins[USER_USER].set ? (uint32_t)TOKEN_USER_PIN_SET : 0;
    flags |= token_admits(token, peer) ? 0 : (uint32_t)TOKEN_LOGIN_REQUIRED;
    flags |= pin_is_locked(&token->pins[USER_USER]) ? (uint32_t)TOKEN_USER_PIN_LOCKED : 0;
    flags |= pin_is_locked(&token->pins[USER_SO]) ? (uint32_t)TOKEN_SO_PIN_LOCKED : 0;
    return flags;
}

static void fill_serial(struct call *call, uint32_t slot) {
    static const char digits[] = "0123456789abcdef";
    uint8_t device[DEVICE_ID_SIZE];
    store_device_id(&call->hsm->store, device);
    for (size_t i = 0; i < 7; i++) {
        call->iv[2 * i] = (uint8_t)digits[device[i] >> 4];
        call->iv[2 * i + 1] = (uint8_t)digits[device[i] & 0xf];
    }
    call->iv[14] = '-';
    call->iv[15] = (uint8_t)digits[slot & 0xf];
}

static size_t write_peers(const struct token *token, uint8_t *out) {
    for (uint32_t i = 0; i < token->peer_count; i++) {
        save_u32(out + 8 * i, token->peers[i].kind);
        save_u32(out + 8 * i + 4, token->peers[i].number);
    }
    return 8 * (size_t)token->peer_count;
}

enum status do_token_info(struct call *call, const struct token_info_req *req,
                          struct token_info_rep *rep) {
    struct hsm *hsm = call->hsm;
    if (req->slot >= TOKENS_MAX) {
        return STATUS_SLOT_INVALID;
    }
    const struct token *token = &hsm->tokens.list[req->slot];
    fill_serial(call, req->slot);
    *rep = (struct token_info_rep){
        .label = bytes_of(token->label, token->initialized ? LABEL_SIZE : 0),
        .flags = flags_of(token, &hsm->sessions.connections[call->connection].peer),
        .profile = token->profile,
        .access = token->access,
        .options = token->options,
        .user_tries_left = tries_left(&token->pins[USER_USER]),
        .so_tries_left = tries_left(&token->pins[USER_SO]),
        .sessions = hsm->sessions.count_of_slot[req->slot],
        .sessions_rw = hsm->sessions.read_write_of_slot[req->slot],
        .objects = hsm->objects.count_of_slot[req->slot],
        .serial = bytes_of(call->iv, sizeof(call->iv)),
        .peers = bytes_of(call->material, write_peers(token, call->material)),
    };
    return STATUS_OK;
}
