/* SPDX-License-Identifier: Apache-2.0 */
/* Commands by chance that look valid: sessions, handles, algorithms and attributes that exist, and
 * bytes that the module gave out before. The same seed gives the same commands. */
#ifndef TEST_COMPONENT_CHANCE_H
#define TEST_COMPONENT_CHANCE_H

#include "test/component/fixture.h"

enum { CHANCE_KEYS = 200, CHANCE_BLOBS = 24, CHANCE_BLOB_SIZE = 1200 };

struct chance_key {
    uint64_t handle;
    uint32_t type; /* enum key_type; KEY_NONE: no key, or not known */
    uint32_t uses; /* set of enum function; 0: not known */
    bool kept;     /* never destroyed */
};

/* Something the module gave out, and how: so that it can be asked to undo it. */
struct chance_blob {
    uint8_t bytes[CHANCE_BLOB_SIZE];
    size_t size;
    uint64_t key;
    struct mechanism mechanism;
    uint8_t iv[16];
    uint8_t data[64]; /* that was signed */
    size_t data_size;
};

struct chance {
    struct module *module;
    uint64_t state;
    uint32_t profile; /* that the token keeps */
    uint32_t session;
    uint32_t role; /* enum user of who is logged in; USER_CONTEXT: nobody */
    struct chance_key keys[CHANCE_KEYS];
    uint64_t newest; /* handle of the key that came last: it is looked at soon */
    size_t key_count;
    struct chance_blob blobs[CHANCE_BLOBS];
    struct template first, second;
    uint8_t types[64], random[64];
    uint32_t preferred; /* type of the key that was chosen for this request */
    uint8_t point[140]; /* of some public key on P-256 */
    size_t point_size;
    uint32_t function; /* of the operation in parts that was opened last */
};

/* Label of objects that are never destroyed. */
#define CHANCE_KEPT "needle"

/* CKA_EC_PARAMS of P-256. */
extern const uint8_t chance_p256[10];

uint32_t chance_below(struct chance *chance, uint32_t end);
/* Opens a session where there is none, now and then logs somebody else in, and learns the handles
 * of all that is to be seen. */
void chance_settle(struct chance *chance);
/* Fills the request of some command; returns its row. */
const struct command_row *chance_request(struct chance *chance, union any_req *request);
/* Learns from the reply of a command that was done. */
void chance_learn(struct chance *chance, const struct command_row *row,
                  const union any_req *request, const union any_rep *reply);

#endif
