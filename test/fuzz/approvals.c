/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of approvals: roles files and requests, of which each has one encoding; and
 * one person's yes in its two forms. */
#include "approval/approval.h"
#include "test/fuzz/fuzz.h"

static uint8_t again[4096];

static void read_roles(struct bytes file) {
    struct roles roles;
    struct span out = {again, sizeof(again)};
    if (roles_read(file, &roles) != STATUS_OK) {
        return;
    }
    REQUIRE(roles.version > 0 && roles.role_count > 0 && roles.member_count > 0);
    for (uint32_t i = 0; i < roles.member_count; i++) {
        fuzz_look(roles.members[i].name);
        fuzz_look(roles.members[i].key);
        fuzz_look(roles.members[i].rp_id_hash);
    }
    for (uint32_t i = 0; i < roles.role_count; i++) {
        REQUIRE(roles.roles[i].threshold > 0 && roles.roles[i].threshold <= roles.member_count);
        REQUIRE(roles.roles[i].members >> roles.member_count == 0);
    }
    REQUIRE(roles_write(&roles, &out) == STATUS_OK);
    REQUIRE(bytes_equal(bytes_of_span(out), file));
}

static void read_request(struct bytes encoding) {
    struct request request;
    uint8_t text[REQUEST_TEXT_MAX];
    struct span words = {text, sizeof(text)}, out = {again, sizeof(again)};
    if (request_read(encoding, &request) != STATUS_OK) {
        return;
    }
    REQUIRE(request_text(&request, &words) == STATUS_OK && words.size <= REQUEST_TEXT_MAX);
    for (size_t i = 0; i < words.size; i++) {
        REQUIRE(text[i] >= 0x20 && text[i] != 0x7f);
    }
    REQUIRE(request_write(&request, &out) == STATUS_OK);
    REQUIRE(bytes_equal(bytes_of_span(out), encoding));
}

static void read_approval(struct bytes encoding) {
    static const uint8_t challenge[CHALLENGE_SIZE], site[RP_ID_HASH_SIZE];
    struct approval approval;
    struct span out = {again, sizeof(again)};
    if (approval_read(encoding, &approval) != STATUS_OK) {
        return;
    }
    REQUIRE(approval.key_id.size == APPROVAL_KEY_ID_SIZE);
    if (approval.webauthn) {
        enum status status = approval_check_webauthn(&approval, challenge, bytes_of(site, 32));
        REQUIRE(status == STATUS_OK || status == STATUS_DATA_INVALID);
        REQUIRE(approval_write_webauthn(&approval, &out) == STATUS_OK);
    } else {
        REQUIRE(approval_write(approval.header, approval.signature, &out) == STATUS_OK);
    }
    REQUIRE(bytes_equal(bytes_of_span(out), encoding));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_exact(bytes_of(data, size));
    struct bytes input = bytes_of(copy, size);
    read_roles(input);
    read_request(input);
    read_approval(input);
    free(copy);
    return 0;
}
