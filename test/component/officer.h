/* SPDX-License-Identifier: Apache-2.0 */
/* People who approve, for tests: their keys, the roles file that names them, and their signatures,
 * made by crypto.h outside the module. */
#ifndef TEST_COMPONENT_OFFICER_H
#define TEST_COMPONENT_OFFICER_H

#include "approval/approval.h"
#include "proto/told_time.h"
#include "test/component/fixture.h"

enum officer_kind { OFFICER_EDDSA, OFFICER_ES256, OFFICER_WEBAUTHN };

struct officer {
    enum officer_kind kind;
    char name[16];
    uint8_t secret[32];
    uint8_t point[MEMBER_KEY_MAX];
    size_t point_size;
};

extern const uint8_t officer_rp_id_hash[RP_ID_HASH_SIZE];

/* Officer `number` (0 and up), always with the same key. */
void officer_make(struct officer *officer, uint32_t number, enum officer_kind kind);
/* A roles with these members, all of them in the first role. */
void officer_roles(const struct officer *officers, uint32_t count, uint32_t threshold,
                   uint32_t version, struct roles *roles);
/* Its file. */
struct bytes officer_file(const struct roles *roles, struct span room);
/* One officer's yes to a request; fills `room`. */
struct bytes officer_approve(const struct officer *officer, struct bytes request,
                             struct span room);

/* The time, told by this officer (not OFFICER_WEBAUTHN); fills `room`. */
struct bytes officer_tell(const struct officer *officer, const struct told_time *time,
                          struct span room);

/* The newest request that waits; 0 where none does. */
uint64_t officer_newest(struct module *module, uint32_t session);
/* The officer reads that request from the module and says yes to it. */
enum status officer_give(struct module *module, uint32_t session, uint64_t number,
                         const struct officer *officer);

#endif
