/* SPDX-License-Identifier: Apache-2.0 */
/* People who approve. */
#include "test/component/officer.h"

#include "crypto/crypto.h"

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
const uint8_t officer_rp_id_hash[RP_ID_HASH_SIZE] = {0xa5, 1, 2, 3};

static struct key_parts parts_of(const struct officer *officer) {
    bool edwards = officer->kind == OFFICER_EDDSA;
    return (struct key_parts){
        .type = edwards ? KEY_ED25519 : KEY_EC,
        .is_private = true,
        .value = bytes_of(officer->secret, sizeof(officer->secret)),
        .ec_params = edwards ? bytes_of(ed25519, sizeof(ed25519)) : bytes_of(p256, sizeof(p256)),
        .ec_point = bytes_of(officer->point, officer->point_size)};
}

void officer_make(struct officer *officer, uint32_t number, enum officer_kind kind) {
    uint8_t memory[8192];
    struct span room = {memory, sizeof(memory)};
    *officer = (struct officer){.kind = kind};
    (void)snprintf(officer->name, sizeof(officer->name), "officer-%u", number);
    memset(officer->secret, (int)(0x11 + number), sizeof(officer->secret));
    struct key_parts parts = parts_of(officer);
    assert_int_equal(crypto_key_complete(&parts, &room), STATUS_OK);
    assert_true(parts.ec_point.size <= sizeof(officer->point));
    officer->point_size = parts.ec_point.size;
    bytes_copy(officer->point, parts.ec_point);
}

void officer_roles(const struct officer *officers, uint32_t count, uint32_t threshold,
                   uint32_t version, struct roles *roles) {
    *roles = (struct roles){.version = version, .member_count = count, .role_count = 1};
    roles->roles[0] = (struct role){.name = bytes_of_text("officers"),
                                    .threshold = threshold,
                                    .members = (1u << count) - 1};
    for (uint32_t i = 0; i < count; i++) {
        roles->members[i] = (struct member){
            .name = bytes_of_text(officers[i].name),
            .algorithm = officers[i].kind == OFFICER_EDDSA ? MEMBER_EDDSA : MEMBER_ES256,
            .key = bytes_of(officers[i].point, officers[i].point_size),
            .rp_id_hash = bytes_of(officer_rp_id_hash,
                                   officers[i].kind == OFFICER_WEBAUTHN ? RP_ID_HASH_SIZE : 0)};
    }
}

struct bytes officer_file(const struct roles *roles, struct span room) {
    assert_int_equal(roles_write(roles, &room), STATUS_OK);
    return bytes_of_span(room);
}

static void sign(const struct officer *officer, struct bytes data, uint8_t out[64]) {
    bool edwards = officer->kind == OFFICER_EDDSA;
    struct mechanism mechanism = {.algorithm = edwards ? ALGORITHM_EDDSA : ALGORITHM_ECDSA,
                                  .hash = edwards ? HASH_NONE : HASH_SHA256};
    struct key_parts parts = parts_of(officer);
    struct crypto_key key = {0};
    struct span signature = {out, 64};
    assert_int_equal(crypto_key_load(&key, &parts), STATUS_OK);
    assert_int_equal(crypto_sign(&key, &mechanism, data, false, &signature), STATUS_OK);
    crypto_key_unload(&key);
}

static size_t encode_base64url(struct bytes in, char *out) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t used = 0;
    for (size_t bit = 0; bit < in.size * 8; bit += 6) {
        uint32_t window = (uint32_t)in.data[bit / 8] << 8;
        window |= bit / 8 + 1 < in.size ? in.data[bit / 8 + 1] : 0u;
        out[used++] = digits[window >> (10 - bit % 8) & 63];
    }
    out[used] = 0;
    return used;
}

static struct bytes approve_webauthn(const struct officer *officer, struct bytes key_id,
                                     struct bytes request, struct span room) {
    uint8_t challenge[HASH_SIZE_MAX], client_hash[HASH_SIZE_MAX], data[37 + 32], signature[64];
    char text[64], client[256];
    assert_int_equal(crypto_hash(HASH_SHA256, &request, 1, challenge), STATUS_OK);
    encode_base64url(bytes_of(challenge, 32), text);
    (void)snprintf(client, sizeof(client),
                   "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":"
                   "\"https://approve.example\",\"crossOrigin\":false}",
                   text);
    struct bytes json = bytes_of_text(client);
    memcpy(data, officer_rp_id_hash, RP_ID_HASH_SIZE);
    memcpy(data + RP_ID_HASH_SIZE, (const uint8_t[]){5, 0, 0, 0, 9}, 5);
    assert_int_equal(crypto_hash(HASH_SHA256, &json, 1, client_hash), STATUS_OK);
    memcpy(data + 37, client_hash, 32);
    sign(officer, bytes_of(data, sizeof(data)), signature);
    struct approval approval = {.webauthn = true,
                                .key_id = key_id,
                                .authenticator = bytes_of(data, 37),
                                .client_data = json,
                                .signature = bytes_of(signature, 64)};
    assert_int_equal(approval_write_webauthn(&approval, &room), STATUS_OK);
    return bytes_of_span(room);
}

struct bytes officer_approve(const struct officer *officer, struct bytes request,
                             struct span room) {
    uint8_t hash[HASH_SIZE_MAX], header[APPROVAL_HEADER_MAX], signature[64];
    static uint8_t data[APPROVAL_SIGNED_MAX];
    struct bytes point = bytes_of(officer->point, officer->point_size);
    struct span head = {header, sizeof(header)}, whole = {data, sizeof(data)};
    assert_int_equal(crypto_hash(HASH_SHA256, &point, 1, hash), STATUS_OK);
    struct bytes key_id = bytes_of(hash, APPROVAL_KEY_ID_SIZE);
    if (officer->kind == OFFICER_WEBAUTHN) {
        return approve_webauthn(officer, key_id, request, room);
    }
    int32_t algorithm = officer->kind == OFFICER_EDDSA ? MEMBER_EDDSA : MEMBER_ES256;
    assert_int_equal(approval_header(algorithm, key_id, &head), STATUS_OK);
    assert_int_equal(cose_signed(bytes_of_span(head), request, &whole), STATUS_OK);
    sign(officer, bytes_of_span(whole), signature);
    assert_int_equal(approval_write(bytes_of_span(head), bytes_of(signature, 64), &room),
                     STATUS_OK);
    return bytes_of_span(room);
}

struct bytes officer_tell(const struct officer *officer, const struct told_time *time,
                          struct span room) {
    uint8_t hash[HASH_SIZE_MAX], header[COSE_HEADER_MAX], payload[TOLD_TIME_PAYLOAD_MAX];
    uint8_t data[TOLD_TIME_SIGNED_MAX], signature[64];
    struct bytes point = bytes_of(officer->point, officer->point_size);
    struct span head = {header, sizeof(header)}, body = {payload, sizeof(payload)};
    struct span whole = {data, sizeof(data)};
    int32_t algorithm = officer->kind == OFFICER_EDDSA ? MEMBER_EDDSA : MEMBER_ES256;
    assert_int_equal(crypto_hash(HASH_SHA256, &point, 1, hash), STATUS_OK);
    assert_int_equal(told_time_write(time, &body), STATUS_OK);
    assert_int_equal(
        cose_header(algorithm, bytes_of(hash, COSE_KEY_ID_SIZE), TOLD_TIME_TYPE, &head), STATUS_OK);
    assert_int_equal(cose_signed(bytes_of_span(head), bytes_of_span(body), &whole), STATUS_OK);
    sign(officer, bytes_of_span(whole), signature);
    const struct bytes told = bytes_of_span(body);
    assert_int_equal(cose_write(bytes_of_span(head), &told, bytes_of(signature, 64), &room),
                     STATUS_OK);
    return bytes_of_span(room);
}

/* ---- with the module ---- */

uint64_t officer_newest(struct module *module, uint32_t session) {
    struct approval_list_rep list;
    uint64_t newest = 0, left = 0;
    if (call_approval_list(module, (struct approval_list_req){session}, &list) != STATUS_OK) {
        return 0;
    }
    for (size_t at = 0; at + 28 <= list.rows.size; at += 28) {
        if (load_u64(list.rows.data + at + 20) >= left) {
            left = load_u64(list.rows.data + at + 20);
            newest = load_u64(list.rows.data + at);
        }
    }
    return newest;
}

enum status officer_give(struct module *module, uint32_t session, uint64_t number,
                         const struct officer *officer) {
    static uint8_t kept[APPROVAL_REQUEST_MAX], room[APPROVAL_MAX];
    struct approval_get_rep get;
    TRY(call_approval_get(module, (struct approval_get_req){session, number}, &get));
    struct bytes request = bytes_of(kept, get.request.size);
    bytes_copy(kept, get.request);
    struct approval_give_req give = {session, number,
                                     officer_approve(officer, request,
                                                     (struct span){room, sizeof(room)})};
    struct approval_give_rep reply;
    return call_approval_give(module, give, &reply);
}
