/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that wait, and who approved them. */
#include "core/policy/quorum.h"

#include "port/port.h"

enum { ROLES_HEADER = 4, LIFE_MS = 3600000 };

/* ---- roles ---- */

enum status quorum_roles(struct store *store, uint32_t slot, uint32_t generation, struct span *room,
                         struct roles *roles) {
    TRY(store_get(store, record_id(RECORD_ROLES, slot), room));
    if (room->size < ROLES_HEADER) {
        return STATUS_STORE_DAMAGED;
    }
    if (load_u32(room->data) != generation) {
        return STATUS_NOT_FOUND; /* of the token that was here before */
    }
    struct bytes file = bytes_of(room->data + ROLES_HEADER, room->size - ROLES_HEADER);
    return roles_read(file, roles) == STATUS_OK ? STATUS_OK : STATUS_STORE_DAMAGED;
}

enum status quorum_put_roles(struct store *store, uint32_t slot, uint32_t generation,
                             struct bytes file) {
    uint8_t stored[ROLES_HEADER + ROLES_FILE_MAX];
    if (file.size > ROLES_FILE_MAX) {
        return STATUS_TOO_LARGE;
    }
    save_u32(stored, generation);
    bytes_copy(stored + ROLES_HEADER, file);
    return store_put(store, record_id(RECORD_ROLES, slot),
                     bytes_of(stored, ROLES_HEADER + file.size), STORE_BOUND);
}

/* ---- people ---- */

static enum status hash_key(struct bytes key, uint8_t out[HASH_SIZE_MAX]) {
    return crypto_hash(HASH_SHA256, &key, 1, out);
}

static bool has_signed(const struct waiting *waiting, const uint8_t signer[SIGNER_SIZE]) {
    for (uint32_t i = 0; i < waiting->signer_count; i++) {
        if (bytes_equal(bytes_of(waiting->signers[i], SIGNER_SIZE),
                        bytes_of(signer, SIGNER_SIZE))) {
            return true;
        }
    }
    return false;
}

/* Those of a set of members that signed: distinct, because keys in a roles file are. */
static uint32_t count_signers(const struct waiting *waiting, const struct roles *roles,
                              uint32_t members) {
    uint8_t hash[HASH_SIZE_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < roles->member_count; i++) {
        if ((members >> i & 1) != 0 &&
            hash_key(roles->members[i].key, hash) == STATUS_OK && has_signed(waiting, hash)) {
            count++;
        }
    }
    return count;
}

static void add_voices(uint32_t count, uint32_t threshold, uint32_t *given, uint32_t *needed) {
    *given += count < threshold ? count : threshold;
    *needed += threshold;
}

static void add_role(const struct waiting *waiting, const struct roles *roles,
                     const struct role *role, uint32_t *given, uint32_t *needed) {
    add_voices(count_signers(waiting, roles, role->members), role->threshold, given, needed);
}

void quorum_count(const struct waiting *waiting, const struct roles *roles, uint32_t *given,
                  uint32_t *needed) {
    struct roles brought;
    *given = *needed = 0;
    if (roles != NULL && waiting->class == APPROVAL_MESSAGE) {
        add_voices(count_signers(waiting, roles, waiting->members), waiting->needs, given, needed);
    } else if (roles != NULL) {
        add_role(waiting, roles, &roles->roles[roles->needed[waiting->class]], given, needed);
    }
    if (quorum_brings_roles(waiting, &brought)) {
        add_role(waiting, &brought, &brought.roles[0], given, needed);
    }
}

bool quorum_brings_roles(const struct waiting *waiting, struct roles *roles) {
    struct request request;
    return waiting->class == APPROVAL_ROLES &&
           request_read(bytes_of(waiting->encoding, waiting->size), &request) == STATUS_OK &&
           roles_read(request.items[0].value, roles) == STATUS_OK;
}

/* ---- waiting ---- */

static enum status hash_subject(const struct quorum_subject *subject, uint8_t out[HASH_SIZE_MAX]) {
    uint8_t head[16 + 4 * REQUEST_ITEMS_MAX] = {0};
    struct bytes parts[1 + REQUEST_ITEMS_MAX];
    save_u32(head, subject->slot);
    save_u32(head + 4, subject->generation);
    save_u32(head + 8, subject->class);
    save_u32(head + 12, subject->item_count);
    for (uint32_t i = 0; i < subject->item_count; i++) {
        save_u32(head + 16 + 4 * i, (uint32_t)subject->items[i].value.size);
        parts[1 + i] = subject->items[i].value;
    }
    parts[0] = bytes_of(head, sizeof(head));
    return crypto_hash(HASH_SHA256, parts, 1 + subject->item_count, out);
}

static bool is_alive(const struct waiting *waiting) {
    return waiting->used && port_uptime_ms() < waiting->expires_ms;
}

struct waiting *quorum_find(struct quorum *quorum, uint32_t slot, uint64_t id) {
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        struct waiting *each = &quorum->list[i];
        if (is_alive(each) && each->slot == slot && each->id == id) {
            return each;
        }
    }
    return NULL;
}

void quorum_forget(struct quorum *quorum, uint32_t slot) {
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        quorum->list[i].used = quorum->list[i].used && quorum->list[i].slot != slot;
    }
}

static struct waiting *find_subject(struct quorum *quorum, const uint8_t hash[HASH_SIZE_MAX],
                                    uint32_t roles_version) {
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        struct waiting *each = &quorum->list[i];
        if (is_alive(each) && each->roles_version == roles_version &&
            bytes_equal(bytes_of(each->subject, sizeof(each->subject)),
                        bytes_of(hash, sizeof(each->subject)))) {
            return each;
        }
    }
    return NULL;
}

/* A free place, or that of the oldest request that nobody has approved yet. */
static struct waiting *take_place(struct quorum *quorum) {
    struct waiting *oldest = NULL;
    for (uint32_t i = 0; i < REQUESTS_MAX; i++) {
        struct waiting *each = &quorum->list[i];
        if (!is_alive(each)) {
            return each;
        }
        if (each->signer_count == 0 && (oldest == NULL || each->expires_ms < oldest->expires_ms)) {
            oldest = each;
        }
    }
    return oldest;
}

static struct bytes without_blanks(struct bytes label) {
    while (label.size > 0 && label.data[label.size - 1] == ' ') {
        label.size--;
    }
    return label;
}

static enum status write_request(struct waiting *waiting, const struct quorum_subject *subject,
                                 const uint8_t id[REQUEST_ID_SIZE],
                                 const uint8_t nonce[REQUEST_NONCE_SIZE]) {
    uint8_t text[REQUEST_TEXT_MAX];
    struct span words = {text, sizeof(text)};
    struct span out = {waiting->encoding, sizeof(waiting->encoding)};
    struct request request = {.id = bytes_of(id, REQUEST_ID_SIZE),
                              .device = subject->device,
                              .class = subject->class,
                              .token = without_blanks(subject->label),
                              .nonce = bytes_of(nonce, REQUEST_NONCE_SIZE),
                              .roles_version = waiting->roles_version,
                              .expires_ms = waiting->expires_ms,
                              .item_count = subject->item_count};
    memcpy(request.items, subject->items, sizeof(request.items));
    TRY(request_text(&request, &words));
    request.text = bytes_of_span(words);
    TRY(request_write(&request, &out));
    waiting->size = (uint32_t)out.size;
    /* What cannot be read by those who are asked is not asked. */
    return request_read(bytes_of_span(out), &request);
}

/* An approval counts for as long as a policy says, from the moment it was asked for. */
static uint64_t life_of(const struct quorum_subject *subject) {
    bool shorter = subject->class == APPROVAL_MESSAGE && subject->within_ms < LIFE_MS;
    return shorter ? subject->within_ms : LIFE_MS;
}

static enum status make(struct quorum *quorum, const struct quorum_subject *subject,
                        const uint8_t hash[HASH_SIZE_MAX], uint32_t roles_version,
                        struct waiting **made) {
    uint8_t random[REQUEST_ID_SIZE + REQUEST_NONCE_SIZE];
    struct waiting *waiting = take_place(quorum);
    if (waiting == NULL) {
        return STATUS_BUSY;
    }
    TRY(crypto_random(random, sizeof(random)));
    waiting->used = false;
    waiting->slot = subject->slot;
    waiting->generation = subject->generation;
    waiting->class = subject->class;
    waiting->id = load_u64(random);
    waiting->needs = subject->needs;
    waiting->members = subject->members;
    waiting->expires_ms = port_uptime_ms() + life_of(subject);
    waiting->roles_version = roles_version;
    waiting->signer_count = 0;
    memcpy(waiting->subject, hash, sizeof(waiting->subject));
    TRY(write_request(waiting, subject, random, random + REQUEST_ID_SIZE));
    waiting->used = true;
    *made = waiting;
    return STATUS_OK;
}

/* Whether enough people agree, decided twice with far-apart truth values. */
static bool is_approved(const struct waiting *waiting, const struct roles *roles) {
    uint32_t given = 0, needed = 0;
    quorum_count(waiting, roles, &given, &needed);
    volatile uint32_t first = needed > 0 && given >= needed ? 0x5a3cc396u : 0;
    quorum_count(waiting, roles, &given, &needed);
    volatile uint32_t second = needed > 0 && given >= needed ? 0xa5c33c69u : 0;
    return (first ^ second) == 0xffffffffu;
}

enum status quorum_ask(struct quorum *quorum, const struct quorum_subject *subject,
                       const struct roles *roles, uint64_t *id) {
    uint8_t hash[HASH_SIZE_MAX];
    uint32_t version = roles != NULL ? roles->version : 0;
    TRY(hash_subject(subject, hash));
    struct waiting *waiting = find_subject(quorum, hash, version);
    if (waiting != NULL && is_approved(waiting, roles)) {
        waiting->used = false;
        return STATUS_OK;
    }
    if (waiting == NULL) {
        TRY(make(quorum, subject, hash, version, &waiting));
    }
    *id = waiting->id;
    return STATUS_APPROVAL_NEEDED;
}

/* ---- votes ---- */

enum status quorum_voter(const struct approval *approval, const struct roles *roles,
                         struct quorum_vote *vote) {
    uint8_t hash[HASH_SIZE_MAX];
    for (uint32_t i = 0; i < roles->member_count; i++) {
        const struct member *member = &roles->members[i];
        TRY(hash_key(member->key, hash));
        bool same = bytes_equal(approval->key_id, bytes_of(hash, APPROVAL_KEY_ID_SIZE));
        if (same && (member->rp_id_hash.size > 0) == approval->webauthn &&
            (approval->webauthn || approval->algorithm == member->algorithm)) {
            memcpy(vote->signer, hash, SIGNER_SIZE);
            vote->member = i;
            vote->algorithm = member->algorithm;
            vote->key_size = member->key.size;
            vote->rp_size = member->rp_id_hash.size;
            bytes_copy(vote->key, member->key);
            bytes_copy(vote->rp_id_hash, member->rp_id_hash);
            return STATUS_OK;
        }
    }
    return STATUS_APPROVER_UNKNOWN;
}

enum status quorum_load_key(int32_t algorithm, struct bytes point, struct crypto_key *key) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
    bool es256 = algorithm == MEMBER_ES256;
    struct key_parts parts = {
        .type = es256 ? KEY_EC : KEY_ED25519,
        .ec_params = es256 ? bytes_of(p256, sizeof(p256)) : bytes_of(ed25519, sizeof(ed25519)),
        .ec_point = point};
    return crypto_key_load(key, &parts);
}

static enum status verify_signature(const struct quorum_vote *vote, struct bytes data,
                                    struct bytes signature) {
    bool es256 = vote->algorithm == MEMBER_ES256;
    struct crypto_key key = {0};
    struct mechanism mechanism = {.algorithm = es256 ? ALGORITHM_ECDSA : ALGORITHM_EDDSA,
                                  .hash = es256 ? HASH_SHA256 : HASH_NONE};
    TRY(quorum_load_key(vote->algorithm, bytes_of(vote->key, vote->key_size), &key));
    enum status status = crypto_verify(&key, &mechanism, data, signature);
    crypto_key_unload(&key);
    return status;
}

static enum status webauthn_signed(const struct quorum_vote *vote, const struct approval *approval,
                                   struct bytes request, struct span *room) {
    uint8_t challenge[HASH_SIZE_MAX], client[HASH_SIZE_MAX];
    size_t size = approval->authenticator.size;
    TRY(crypto_hash(HASH_SHA256, &request, 1, challenge));
    if (approval_check_webauthn(approval, challenge, bytes_of(vote->rp_id_hash, vote->rp_size)) !=
        STATUS_OK) {
        return STATUS_SIGNATURE_INVALID;
    }
    TRY(crypto_hash(HASH_SHA256, &approval->client_data, 1, client));
    bytes_copy(room->data, approval->authenticator);
    memcpy(room->data + size, client, CHALLENGE_SIZE);
    room->size = size + CHALLENGE_SIZE;
    return STATUS_OK;
}

enum status quorum_verify(const struct quorum_vote *vote, const struct approval *approval,
                          struct bytes request, struct span room) {
    TRY(approval->webauthn ? webauthn_signed(vote, approval, request, &room)
                           : cose_signed(approval->header, request, &room));
    return verify_signature(vote, bytes_of_span(room), approval->signature);
}

void quorum_vote(struct waiting *waiting, const struct quorum_vote *vote) {
    if (!has_signed(waiting, vote->signer) && waiting->signer_count < MEMBERS_MAX) {
        memcpy(waiting->signers[waiting->signer_count++], vote->signer, SIGNER_SIZE);
    }
}
