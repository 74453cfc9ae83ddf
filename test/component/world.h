/* SPDX-License-Identifier: Apache-2.0 */
/* A token with one object and key of every kind, a session in any role, and a valid request of
 * every command. */
#ifndef TEST_COMPONENT_WORLD_H
#define TEST_COMPONENT_WORLD_H

#include "test/component/renewals.h"

enum world_role { WORLD_NONE, WORLD_PUBLIC, WORLD_USER, WORLD_SO, WORLD_ROLES };

/* All token objects. Each kind is there twice: private, and for everybody to see. */
struct world_keys {
    uint64_t data, spare, signer, verifier, guarded, cipher, kek, target, base, leased;
};

struct world {
    struct module module;
    enum world_role role;
    uint32_t session; /* of the role; for WORLD_NONE one that has ended */
    bool open;        /* requests are about objects that everybody sees; else about private ones */
    struct world_keys keys[2]; /* handles, by `open`, as this connection's user was given them */
    uint8_t signature[2][64];  /* of world_text, by signer */
    uint8_t wrapped[2][64];    /* target under kek */
    size_t wrapped_size[2];
    uint8_t sealed[2][64]; /* world_text under cipher */
    size_t sealed_size[2];
    uint8_t iv[2][12];
    struct lease lease; /* of the leased key that renewals are for; each is newer than the last */
    uint8_t device[LEASE_DEVICE_SIZE];
    uint8_t unique_id[2][14];
    struct template first, second; /* of the request */
};

enum { WORLD_LEASE_USES = 1000000, WORLD_LEASE_SEED = 0x4c };
extern const char world_text[];
/* A policy that allows world_message and little else, compiled. */
extern const struct bytes world_policy, world_message;

/* A factory-fresh platform, a module that works, and the token; the module is stopped again, so
 * that the platform can be remembered. */
void world_make(struct world *world);
/* Starts the module on the platform as it is and gets a session of the role. */
void world_enter(struct world *world, enum world_role role);
/* Fills the handles anew, for the user in this session. */
void world_find_keys(struct world *world, uint32_t session);
void world_leave(struct world *world);

/* Fills the request of a command, after what must come before it: before a part of an operation
 * the operation is opened. What it points to lives until the next one. */
void world_request(struct world *world, enum command command, union any_req *request);
/* The same as one frame; returns its size. */
size_t world_frame(struct world *world, const struct command_row *row, struct span frame);
/* The role in which a valid request is done. */
enum world_role world_role_for(const struct command_row *row);
/* One valid command. */
enum status world_call(struct world *world, enum command command, union any_rep *reply);

#endif
