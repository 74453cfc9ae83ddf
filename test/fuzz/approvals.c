/* SPDX-License-Identifier: Apache-2.0 */
/* The readers of approvals: roles files and requests, of which each has one encoding; one
 * person's yes in its two forms; and the time that somebody tells. */
#include "approval/approval.h"
#include "proto/told_time.h"
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

static void read_question(struct bytes encoding) {
    struct told_time told;
    struct span out = {again, sizeof(again)};
    if (told_time_read(encoding, &told) == STATUS_OK) {
        REQUIRE(told_time_write(&told, &out) == STATUS_OK && out.size <= TOLD_TIME_PAYLOAD_MAX);
        REQUIRE(bytes_equal(bytes_of_span(out), encoding));
    }
}

static void read_time(struct bytes encoding) {
    struct cose cose;
    struct told_time told;
    struct approval approval;
    struct span out = {again, sizeof(again)};
    if (told_time_open(encoding, &cose, &told) != STATUS_OK) {
        return;
    }
    REQUIRE(told.seconds > 0 && told.seconds <= TOLD_TIME_SECONDS_MAX);
    REQUIRE(cose.key_id.size == COSE_KEY_ID_SIZE);
    REQUIRE(approval_read(encoding, &approval) != STATUS_OK); /* never one for the other */
    REQUIRE(cose_write(cose.header, &cose.payload, cose.signature, &out) == STATUS_OK);
    REQUIRE(bytes_equal(bytes_of_span(out), encoding));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_exact(bytes_of(data, size));
    struct bytes input = bytes_of(copy, size);
    read_roles(input);
    read_request(input);
    read_approval(input);
    read_question(input);
    read_time(input);
    free(copy);
    return 0;
}
