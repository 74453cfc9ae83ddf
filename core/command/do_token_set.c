/* SPDX-License-Identifier: Apache-2.0 */
/* Command token_set: profile, access and options of a token. Each change is in the log, the profile
 * in words. */
#include "core/command/access.h"

static enum status read_peers(struct token *token, struct bytes peers) {
    if (peers.size % 8 != 0 || peers.size / 8 > TOKEN_PEERS_MAX) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    token->peer_count = (uint32_t)(peers.size / 8);
    for (uint32_t i = 0; i < token->peer_count; i++) {
        token->peers[i] =
            (struct token_peer){load_u32(peers.data + 8 * i), load_u32(peers.data + 8 * i + 4)};
        if (token->peers[i].kind != PEER_UID && token->peers[i].kind != PEER_GID) {
            return STATUS_ATTRIBUTE_VALUE_INVALID;
        }
    }
    return STATUS_OK;
}

enum status do_token_set(struct call *call, const struct token_set_req *req,
                         struct token_set_rep *rep) {
    const uint32_t options = OPTION_VERIFY_SIGNATURES | OPTION_DURABLE_LOG;
    struct token next = *access_token(call);
    (void)rep;
    if (req->profile > PROFILE_OF_TOKEN_COMPATIBLE || req->access > ACCESS_PEERS ||
        (req->options & ~options) != 0) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    next.profile = req->profile;
    next.access = req->access;
    next.options = req->options;
    TRY(read_peers(&next, req->peers));
    TRY(tokens_put(&call->hsm->tokens, call->session->slot, &next));
    call->sync = true;
    call->why =
        req->profile == PROFILE_OF_TOKEN_COMPATIBLE ? "profile compatible" : "profile strict";
    return STATUS_OK;
}
