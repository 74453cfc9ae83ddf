/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands with their field tables. */
#include "proto/messages.h"

#define PLAIN(T, kind, name, max) \
    {FIELD_##kind, offsetof(struct T, name), (max), HOSTED_TEXT(#name)},
#define FIELD_OF_U32(T, name, max) PLAIN(T, U32, name, 0)
#define FIELD_OF_U64(T, name, max) PLAIN(T, U64, name, 0)
#define FIELD_OF_BYTES(T, name, max) PLAIN(T, BYTES, name, max)
#define MECHANISM_U32(T, name, part) PLAIN(T, U32, name.part, 0)
#define MECHANISM_BYTES(T, name, part) PLAIN(T, BYTES, name.part, 1024)
#define FIELD_OF_MECHANISM(T, name, max) \
    MECHANISM_U32(T, name, algorithm)    \
    MECHANISM_U32(T, name, hash)         \
    MECHANISM_U32(T, name, digest)       \
    MECHANISM_U32(T, name, mgf)          \
    MECHANISM_U32(T, name, salt_size)    \
    MECHANISM_U32(T, name, tag_bits)     \
    MECHANISM_U32(T, name, counter_bits) \
    MECHANISM_U32(T, name, mac_size)     \
    MECHANISM_U32(T, name, data_size)    \
    MECHANISM_U32(T, name, kdf)          \
    MECHANISM_U32(T, name, steps)        \
    MECHANISM_U32(T, name, make_iv)      \
    MECHANISM_U32(T, name, cofactor)     \
    MECHANISM_BYTES(T, name, iv)         \
    MECHANISM_BYTES(T, name, aad)        \
    MECHANISM_BYTES(T, name, label)      \
    MECHANISM_BYTES(T, name, salt)       \
    MECHANISM_BYTES(T, name, peer)
#define FIELD(T, kind, name, max) FIELD_OF_##kind(T, name, max)

#define COMMAND(number, name, states, role, audit, steps, text) \
    static const struct field name##_request[] = {              \
        REQ_##name(FIELD, name##_req){FIELD_END, 0, 0, NULL}};  \
    static const struct field name##_reply[] = {                \
        REP_##name(FIELD, name##_rep){FIELD_END, 0, 0, NULL}};
#include "proto/commands.def"
#undef COMMAND

static const struct command_row rows[] = {
#define COMMAND(number, name, states, role, audit, steps, text) \
    {COMMAND_##name,                                            \
     HOSTED_TEXT(#name),                                        \
     HOSTED_TEXT(text),                                         \
     STATES_##states,                                           \
     ROLE_##role,                                               \
     AUDIT_##audit,                                             \
     STEPS_##steps,                                             \
     name##_request,                                            \
     name##_reply,                                              \
     sizeof(struct name##_req),                                 \
     sizeof(struct name##_rep)},
#include "proto/commands.def"
#undef COMMAND
};

const struct command_row *command_rows(size_t *count) {
    *count = COUNT(rows);
    return rows;
}

const struct command_row *command_row(uint32_t number) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if ((uint32_t)rows[i].command == number) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *event_name(uint32_t number) {
    switch (number) {
#define EVENT(number, name, text) \
    case (number):                \
        return #name;
#include "proto/events.def"
#undef EVENT
    default:
        break;
    }
    const struct command_row *row = command_row(number);
    return row != NULL ? row->name : "unknown";
}
