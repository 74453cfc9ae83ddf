/* SPDX-License-Identifier: Apache-2.0 */
/* Command token_set: profile, access and options of a token. Each change is in the log, the profile
 * in words. */
#include "core/command/access.h"
#include "core/command/consent.h"

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

static bool has_peer(const struct token *token, struct token_peer peer) {
    for (uint32_t i = 0; token->access == ACCESS_PEERS && i < token->peer_count; i++) {
        if (token->peers[i].kind == peer.kind && token->peers[i].number == peer.number) {
            return true;
        }
    }
    return false;
}

/* What would get looser, in words; NULL: nothing. */
static const char *looser(const struct token *now, const struct token *next) {
    if (!token_is_strict(next) && token_is_strict(now)) {
        return "the compatible profile, which allows weaker mechanisms";
    }
    for (uint32_t i = 0; next->access == ACCESS_PEERS && i < next->peer_count; i++) {
        if (!has_peer(now, next->peers[i])) {
            return "further users or groups use it without a PIN";
        }
    }
    const uint32_t switches = (1u << OPTION_LOG_EACH_SHIFT) - 1;
    if (options_log_each(next->options) > options_log_each(now->options)) {
        return "uses of a key share a record of the log, and a power cut can lose some";
    }
    if ((now->options & ~next->options & switches) != 0) {
        return "signatures are not verified, or the log is not durable, before replies leave";
    }
    return NULL;
}

/* People approve all that is set, as it was asked for. */
static enum status ask_to_loosen(struct call *call, const struct token_set_req *req,
                                 const char *words) {
    uint8_t rules[12 + 8 * TOKEN_PEERS_MAX];
    struct request_item items[2] = {
        {bytes_of_text(words), true},
        {bytes_of(rules, 12 + req->peers.size), false},
    };
    save_u32(rules, req->profile);
    save_u32(rules + 4, req->access);
    save_u32(rules + 8, req->options);
    bytes_copy(rules + 12, req->peers);
    return consent_ask(call, APPROVAL_TOKEN, items, COUNT(items));
}

enum status do_token_set(struct call *call, const struct token_set_req *req,
                         struct token_set_rep *rep) {
    const uint32_t options = OPTION_VERIFY_SIGNATURES | OPTION_DURABLE_LOG;
    const uint32_t switches = (1u << OPTION_LOG_EACH_SHIFT) - 1;
    const uint32_t each = options_log_each(req->options);
    struct token next = *access_token(call);
    (void)rep;
    if (req->profile > PROFILE_OF_TOKEN_COMPATIBLE || req->access > ACCESS_PEERS ||
        (req->options & ~options & switches) != 0 || each > LOG_EACH_MAX) {
        return STATUS_ATTRIBUTE_VALUE_INVALID;
    }
    if (each > 1 && (req->options & OPTION_DURABLE_LOG) != 0) {
        return call_refuse(call, STATUS_ATTRIBUTE_VALUE_INVALID,
                           "in a durable log each use of a key has a record of its own");
    }
    next.profile = req->profile;
    next.access = req->access;
    next.options = req->options;
    TRY(read_peers(&next, req->peers));
    const char *words = looser(access_token(call), &next);
    if (words != NULL) {
        TRY(ask_to_loosen(call, req, words));
    }
    TRY(tokens_put(&call->hsm->tokens, call->session->slot, &next));
    call->sync = true;
    call->why =
        req->profile == PROFILE_OF_TOKEN_COMPATIBLE ? "profile compatible" : "profile strict";
    return STATUS_OK;
}
