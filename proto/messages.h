/* SPDX-License-Identifier: Apache-2.0 */
/* The structs of all requests and replies, made from proto/commands.def. For a command `sign` there
 * are struct sign_req, struct sign_rep, COMMAND_sign, and its row in the table. */
#ifndef PROTO_MESSAGES_H
#define PROTO_MESSAGES_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"
#include "proto/algorithms.h"

#define MEMBER_U32(name) uint32_t name;
#define MEMBER_U64(name) uint64_t name;
#define MEMBER_BYTES(name) struct bytes name;
#define MEMBER_MECHANISM(name) struct mechanism name;
#define MEMBER(T, kind, name, max) MEMBER_##kind(name)

/* First pass over the table: the field lists become visible. */
#define COMMAND(number, name, states, role, audit, steps, text)
#include "proto/commands.def"
#undef COMMAND

/* Second pass: numbers. */
enum command {
#define COMMAND(number, name, states, role, audit, steps, text) COMMAND_##name = (number),
#include "proto/commands.def"
#undef COMMAND
};

/* Third pass: structs. */
#define COMMAND(number, name, states, role, audit, steps, text) \
    struct name##_req {                                         \
        REQ_##name(MEMBER, _)                                   \
    };                                                          \
    struct name##_rep {                                         \
        REP_##name(MEMBER, _)                                   \
    };
#include "proto/commands.def"
#undef COMMAND

/* Any request, any reply. */
union any_req {
#define COMMAND(number, name, states, role, audit, steps, text) struct name##_req name;
#include "proto/commands.def"
#undef COMMAND
};
union any_rep {
#define COMMAND(number, name, states, role, audit, steps, text) struct name##_rep name;
#include "proto/commands.def"
#undef COMMAND
};

enum field_kind { FIELD_END, FIELD_U32, FIELD_U64, FIELD_BYTES };

/* One field of a message: where it is in the struct, and how large it may be. */
struct field {
    uint8_t kind; /* enum field_kind */
    uint16_t offset;
    uint32_t max;
    const char *name; /* NULL on the chip, which has no use for names */
};

enum command_states { STATES_ALL, STATES_WORKING };
enum command_role { ROLE_ANYONE, ROLE_SESSION, ROLE_USER, ROLE_SO };
enum command_audit { AUDIT_MUST, AUDIT_ROUTINE, AUDIT_RESERVED };
enum command_steps { STEPS_ONE, STEPS_THREE };

/* One row of proto/commands.def. */
struct command_row {
    enum command command;
    const char *name; /* NULL on the chip, as the text */
    const char *text;
    enum command_states states;
    enum command_role role;
    enum command_audit audit;
    enum command_steps steps;
    const struct field *request; /* ends with FIELD_END */
    const struct field *reply;
    uint32_t request_size; /* sizeof the struct */
    uint32_t reply_size;
};

/* The row of a command number, NULL where there is none. */
const struct command_row *command_row(uint32_t number) MUST_USE;
/* All rows; fills *count. */
const struct command_row *command_rows(size_t *count) MUST_USE;

/* Name of an event of the audit log: a command's or one of proto/events.def; "unknown" otherwise.
 */
const char *event_name(uint32_t number) MUST_USE;
enum event {
#define EVENT(number, name, text) EVENT_##name = (number),
#include "proto/events.def"
#undef EVENT
};

/* The values that fields of commands take. */
enum user { USER_SO = 0, USER_USER = 1, USER_CONTEXT = 2 };
enum module_state {
    STATE_FACTORY = 0, /* no token yet */
    STATE_OPERATIONAL = 1,
    STATE_ERROR = 2, /* a self test or the store failed */
    STATE_ZEROIZED = 3,
};
enum session_state {
    SESSION_RO_PUBLIC = 0,
    SESSION_RO_USER = 1,
    SESSION_RW_PUBLIC = 2,
    SESSION_RW_USER = 3,
    SESSION_RW_SO = 4,
};
enum token_flag {
    TOKEN_INITIALIZED = 1 << 0,
    TOKEN_USER_PIN_SET = 1 << 1,
    TOKEN_LOGIN_REQUIRED = 1 << 2, /* for this connection: false where its peer credentials do */
    TOKEN_USER_PIN_LOCKED = 1 << 3,
    TOKEN_SO_PIN_LOCKED = 1 << 4,
};
enum token_profile { PROFILE_OF_TOKEN_STRICT = 0, PROFILE_OF_TOKEN_COMPATIBLE = 1 };
enum token_access {
    ACCESS_PIN = 0,   /* the user PIN lets in */
    ACCESS_PEERS = 1, /* users and groups on the token's list are let in without it; the PIN too */
};
enum token_option {
    OPTION_VERIFY_SIGNATURES =
        1 << 0,                  /* ECDSA and EdDSA signatures are verified before they leave */
    OPTION_DURABLE_LOG = 1 << 1, /* every leaf reaches the disk before its reply leaves */
};
/* Above the switches stands how many uses of a key may share one record of the log, less one. */
enum { OPTION_LOG_EACH_SHIFT = 16, LOG_EACH_MAX = 10000 };
static inline uint32_t options_log_each(uint32_t options) {
    return (options >> OPTION_LOG_EACH_SHIFT) + 1;
}
static inline uint32_t options_with_log_each(uint32_t options, uint32_t each) {
    return (options & ((1u << OPTION_LOG_EACH_SHIFT) - 1)) | (each - 1) << OPTION_LOG_EACH_SHIFT;
}
enum peer_kind { PEER_UID = 1, PEER_GID = 2 };

#endif
