/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: how they are stored, and whom they let in. */
#include "core/session/tokens.h"

#include "base/ct.h"
#include "base/wipe.h"

#include <string.h>

/* Stored form: generation, profile, access, options, peer count u32; label; peers; then for each
 * PIN set u32, cost u32, salt, verifier. */
enum {
    STORED_PIN = 8 + PIN_SALT_SIZE + PIN_VERIFIER_SIZE,
    STORED_SIZE = 20 + LABEL_SIZE + 8 * TOKEN_PEERS_MAX + 2 * STORED_PIN,
};

static uint64_t tries_id(uint32_t slot, enum user user) {
    return record_id(RECORD_PIN, 2 * (uint64_t)slot + (uint64_t)user);
}

static void write_token(uint8_t out[STORED_SIZE], const struct token *token) {
    save_u32(out, token->generation);
    save_u32(out + 4, token->profile);
    save_u32(out + 8, token->access);
    save_u32(out + 12, token->options);
    save_u32(out + 16, token->peer_count);
    memcpy(out + 20, token->label, LABEL_SIZE);
    uint8_t *at = out + 20 + LABEL_SIZE;
    for (uint32_t i = 0; i < TOKEN_PEERS_MAX; i++, at += 8) {
        save_u32(at, token->peers[i].kind);
        save_u32(at + 4, token->peers[i].number);
    }
    for (int user = USER_SO; user <= USER_USER; user++, at += STORED_PIN) {
        const struct pin *pin = &token->pins[user];
        save_u32(at, pin->set ? 1 : 0);
        save_u32(at + 4, pin->cost);
        memcpy(at + 8, pin->salt, PIN_SALT_SIZE);
        memcpy(at + 8 + PIN_SALT_SIZE, pin->verifier, PIN_VERIFIER_SIZE);
    }
}

static void read_token(struct token *token, const uint8_t in[STORED_SIZE]) {
    *token = (struct token){.initialized = true,
                            .generation = load_u32(in),
                            .profile = load_u32(in + 4),
                            .access = load_u32(in + 8),
                            .options = load_u32(in + 12),
                            .peer_count = load_u32(in + 16)};
    memcpy(token->label, in + 20, LABEL_SIZE);
    const uint8_t *at = in + 20 + LABEL_SIZE;
    for (uint32_t i = 0; i < TOKEN_PEERS_MAX; i++, at += 8) {
        token->peers[i] = (struct token_peer){load_u32(at), load_u32(at + 4)};
    }
    for (int user = USER_SO; user <= USER_USER; user++, at += STORED_PIN) {
        struct pin *pin = &token->pins[user];
        pin->set = load_u32(at) != 0;
        pin->cost = load_u32(at + 4);
        memcpy(pin->salt, at + 8, PIN_SALT_SIZE);
        memcpy(pin->verifier, at + 8 + PIN_SALT_SIZE, PIN_VERIFIER_SIZE);
    }
}

static enum status read_tries(struct tokens *tokens, uint32_t slot, enum user user) {
    uint8_t raw[4];
    struct span out = {raw, sizeof(raw)};
    enum status status = store_get(tokens->store, tries_id(slot, user), &out);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    TRY(status);
    if (out.size != sizeof(raw)) {
        return STATUS_STORE_DAMAGED;
    }
    tokens->list[slot].pins[user].tries = load_u32(raw);
    return STATUS_OK;
}

static enum status put_tries(struct tokens *tokens, uint32_t slot, enum user user, uint32_t tries,
                             enum store_end end) {
    uint8_t raw[4];
    save_u32(raw, tries);
    return store_put(tokens->store, tries_id(slot, user), bytes_of(raw, sizeof(raw)), end);
}

enum status tokens_mount(struct tokens *tokens, struct store *store) {
    SECRET_BYTES(stored, STORED_SIZE);
    tokens->store = store;
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        struct span out = {stored, sizeof(stored)};
        tokens->list[slot] = (struct token){.initialized = false};
        enum status status = store_get(store, record_id(RECORD_TOKEN, slot), &out);
        if (status == STATUS_NOT_FOUND) {
            continue;
        }
        TRY(status);
        if (out.size != STORED_SIZE || load_u32(stored + 16) > TOKEN_PEERS_MAX) {
            return STATUS_STORE_DAMAGED;
        }
        read_token(&tokens->list[slot], stored);
        TRY(read_tries(tokens, slot, USER_SO));
        TRY(read_tries(tokens, slot, USER_USER));
    }
    return STATUS_OK;
}

void tokens_generations(const struct tokens *tokens, uint32_t generations[TOKENS_MAX]) {
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        const struct token *token = &tokens->list[slot];
        generations[slot] = token->initialized ? token->generation : 0;
    }
}

uint32_t tokens_count(const struct tokens *tokens) {
    uint32_t count = 0;
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        count += tokens->list[slot].initialized ? 1 : 0;
    }
    return count;
}

enum status tokens_put(struct tokens *tokens, uint32_t slot, const struct token *next) {
    SECRET_BYTES(stored, STORED_SIZE);
    write_token(stored, next);
    enum status status = put_tries(tokens, slot, USER_SO, next->pins[USER_SO].tries, STORE_MORE);
    if (status == STATUS_OK) {
        status = put_tries(tokens, slot, USER_USER, next->pins[USER_USER].tries, STORE_MORE);
    }
    if (status == STATUS_OK) {
        status = store_put(tokens->store, record_id(RECORD_TOKEN, slot),
                           bytes_of(stored, sizeof(stored)), STORE_BOUND);
    }
    if (status != STATUS_OK) {
        store_abandon(tokens->store);
        return status;
    }
    tokens->list[slot] = *next;
    tokens->list[slot].initialized = true;
    return STATUS_OK;
}

bool token_admits(const struct token *token, const struct peer *peer) {
    if (!token->initialized || token->access != ACCESS_PEERS) {
        return false;
    }
    for (uint32_t i = 0; i < token->peer_count; i++) {
        const struct token_peer *entry = &token->peers[i];
        if (entry->kind == PEER_UID && entry->number == peer->uid) {
            return true;
        }
        for (uint32_t k = 0; entry->kind == PEER_GID && k < peer->group_count; k++) {
            if (entry->number == peer->groups[k]) {
                return true;
            }
        }
    }
    return false;
}

/* ---- tries: the count is written first, the comparison comes after ---- */

static enum status why_denied(const struct pin *pin) {
    return !pin->set ? STATUS_PIN_NOT_SET : pin_is_locked(pin) ? STATUS_PIN_LOCKED : STATUS_OK;
}

enum status pin_begin(struct tokens *tokens, uint32_t slot, enum user user, struct pin *tried) {
    struct pin *pin = &tokens->list[slot].pins[user];
    enum status denied = why_denied(pin);
    uint32_t counted = denied == STATUS_OK ? 1 : 0;
    TRY(put_tries(tokens, slot, user, pin->tries + counted, STORE_BOUND));
    pin->tries += counted;
    pin->in_flight += counted;
    const struct pin nobodys = {.set = pin->set,
                                .cost = pin->set ? pin->cost : crypto_pin_cost(),
                                .denied = denied};
    *tried = denied != STATUS_OK ? nobodys : *pin;
    return STATUS_OK;
}

enum status pin_end(struct tokens *tokens, uint32_t slot, enum user user, const struct pin *tried,
                    bool right) {
    struct pin *pin = &tokens->list[slot].pins[user];
    bool denied = tried->denied != STATUS_OK;
    pin->in_flight -= !denied && pin->in_flight > 0 ? 1 : 0;
    /* The PIN may have been changed while this one was compared. Looked at, and in full, also where
     * the try was denied: its time tells nothing. */
    bool same = ct_equal(pin->salt, tried->salt, PIN_SALT_SIZE);
    enum status wrong = pin_is_locked(pin) ? STATUS_PIN_LOCKED : STATUS_PIN_INCORRECT;
    if (denied || !right || !same) {
        return denied ? tried->denied : wrong;
    }
    /* Tries of others that are still being compared stay counted. */
    TRY(put_tries(tokens, slot, user, pin->in_flight, STORE_LAST));
    pin->tries = pin->in_flight;
    return STATUS_OK;
}
