/* SPDX-License-Identifier: Apache-2.0 */
/* The whole module, and one request on its way through it. For core/command only: the one folder
 * that sees all others. */
#ifndef CORE_COMMAND_MODULE_H
#define CORE_COMMAND_MODULE_H

#include "core/audit/audit.h"
#include "core/command/alarms.h"
#include "core/command/refusals.h"
#include "core/hsm.h"
#include "core/policy/quorum.h"
#include "core/keys/draft.h"
#include "core/keys/guard.h"
#include "core/keys/objects.h"
#include "core/keys/home_soft.h"
#include "core/keys/time.h"
#include "core/session/sessions.h"
#include "core/store/store_state.h"
#include "proto/text.h"

/* An operation in several parts. */
struct stream {
    struct crypto_stream crypto;
    uint32_t session; /* id of the session; 0: free */
    uint32_t connection;
    uint32_t function; /* one of enum function */
    uint32_t output_max;
    bool busy;   /* a part is being computed */
    bool doomed; /* its session ended meanwhile */
    bool verify; /* signatures are verified before they leave */
    bool started;
    uint64_t limited;    /* serial of its key, where that has limits; else 0 */
    uint32_t usage;      /* place of the usage, as in struct object */
};

struct hsm {
    enum module_state state;
    enum status reason; /* why, in the error state */
    uint32_t boot;
    struct audit audit;
    struct tokens tokens;
    struct sessions sessions;
    struct home_soft home;
    struct refusals refusals;
    struct alarms alarms;
    struct crypto_tagger tagger;
    struct quorum quorum;
    struct times times;
    struct store store;
    struct objects objects;
    struct guards guards;
    struct stream streams[STREAMS_MAX];
    uint32_t stream_hand;
    uint8_t room[OBJECT_SIZE_MAX]; /* scratch of commands of one step; wiped by the gate */
};

enum { CALL_NOTE_MAX = 96 };

struct call {
    /* who and what */
    struct hsm *hsm;
    const struct command_row *row;
    uint32_t connection;
    struct session *session; /* NULL where the command has none; valid in check and in commit */
    uint32_t session_id;
    union any_req req;
    union any_rep rep;
    /* how it goes */
    enum status status;
    const char *why; /* constant text: which attribute, which rule */
    bool checked;    /* the check step was passed: compute and commit follow */
    bool admitted;   /* access_admit() let the use of the key pass */
    bool held;       /* a slot of the log is held */
    bool sync;
    bool log_sync;
    uint64_t written; /* how far the store was written when the last step ended */
    uint64_t object; /* serial of the object it is about, for the log */
    /* where the answer goes */
    struct span reply;
    struct span out; /* room of the reply's first byte field */
    /* what compute works with: nothing else may be touched there */
    struct soft_key *key;
    struct stream *stream;
    struct pin pin;
    struct token token;
    struct draft draft;
    struct draft draft_private;
    struct draft_origin origin;
    struct facts parent;
    struct quorum_vote vote;
    bool verify;
    bool right;
    /* a message under a policy: how it is signed, and what of it, in `attributes` */
    struct mechanism mechanism;
    int32_t algorithm;
    struct bytes signed_bytes;
    /* for the log */
    uint32_t rule; /* line of the policy that decided; 0: none */
    uint64_t counter; /* of the statement; 0: none */
    bool hashed;
    uint8_t payload_hash[32];
    size_t note_size; /* words that are not constant, in place of `why` */
    uint8_t note[CALL_NOTE_MAX];
    _Alignas(64) uint8_t attributes[OBJECT_SIZE_MAX]; /* secret; wiped after each call */
    union {
        struct {
            uint8_t attributes_private[OBJECT_SIZE_MAX];
            uint8_t material[MATERIAL_SIZE];
        };
        struct guard_policy bound; /* of the key `bound_serial`, until another command */
    };
    size_t attributes_dirty; /* bytes used of the three above */
    size_t private_dirty;
    size_t material_dirty;
    uint8_t iv[16];
    uint64_t bound_serial;
    uint32_t bound_exchange; /* of the guards, when it was read */
};

/* Refuses with a text that says which attribute or rule. */
static inline enum status call_refuse(struct call *call, enum status status, const char *why) {
    call->why = why;
    return status;
}

/* ---- steps of commands: one file each ---- */
#define DECLARE_ONE(name)                                                                          \
    enum status do_##name(struct call *call, const struct name##_req *req, struct name##_rep *rep) \
        MUST_USE;
#define DECLARE_THREE(name)                                                             \
    enum status check_##name(struct call *call, const struct name##_req *req) MUST_USE; \
    enum status compute_##name(struct call *call, const struct name##_req *req,         \
                               struct name##_rep *rep) MUST_USE;                        \
    enum status commit_##name(struct call *call, const struct name##_req *req,          \
                              struct name##_rep *rep) MUST_USE;
#define COMMAND(number, name, states, role, audit, steps, text) DECLARE_##steps(name)
#include "proto/commands.def"
#undef COMMAND

#endif
