/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon and a chip that are asked the same. */
#include "test/chip/pair.h"
#include "proto/attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 4096, OFFERS_MAX = 128, UNKNOWN = 0x7ffffff0 };
enum { COMMANDS_MAX = 256, ASKED_OFTEN = 200 };

union any_rep pair_reply[ENDS];
void (*pair_after)(const char *name);
uint64_t pair_commands, pair_done, pair_differences, pair_excepted;
static uint64_t asked_of[COMMANDS_MAX], done_of[COMMANDS_MAX]; /* by the command's number */

static struct client *clients[ENDS];
static uint8_t rooms[ENDS][CLIENT_ROOM_SIZE];
static uint64_t names[NAMES_MAX][ENDS];
static uint32_t name_count = 1; /* 0 stands for none */
static bool uneven; /* a command that only one end has was done there: maybe it made an object */

struct offer {
    uint32_t algorithm, functions;
};
static struct offer offers[ENDS][OFFERS_MAX];
static size_t offer_count[ENDS];
static uint32_t hashes[ENDS]; /* sets of 1 << hash */

/* ---- both ends ---- */

static uint32_t functions_of(int end, uint32_t algorithm) {
    for (size_t i = 0; i < offer_count[end]; i++) {
        if (offers[end][i].algorithm == algorithm) {
            return offers[end][i].functions;
        }
    }
    return 0;
}

bool pair_both_have(uint32_t algorithm, uint32_t functions) {
    return (functions_of(DAEMON, algorithm) & functions_of(CHIP, algorithm) & functions) ==
           functions;
}

static void must(enum status status, const char *what) {
    if (status != STATUS_OK) {
        fprintf(stderr, "pair: %s: %s\n", what, status_row(status)->name);
        exit(1);
    }
}

void pair_open(const char *daemon, const char *chip) {
    const char *addresses[ENDS] = {daemon, chip};
    for (int end = 0; end < ENDS; end++) {
        struct algorithms_req request = {.slot = 0};
        struct algorithms_rep reply;
        must(client_open(&clients[end], addresses[end]), addresses[end]);
        must(client_algorithms(clients[end], &request, &reply,
                               (struct span){rooms[end], sizeof(rooms[end])}),
             "algorithms");
        for (size_t at = 0; at + 16 <= reply.rows.size; at += 16) {
            const uint8_t *row = reply.rows.data + at;
            offers[end][offer_count[end]++] = (struct offer){load_u32(row), load_u32(row + 4)};
            if (load_u32(row) == ALGORITHM_DIGEST) {
                hashes[end] = load_u32(row + 12);
            }
        }
    }
}

void pair_close(void) {
    for (int end = 0; end < ENDS; end++) {
        client_close(clients[end]);
    }
}

/* ---- the chip's log ---- */

#define CALL(name, request, reply) client_##name(officer, request, reply, room)

void pair_release_log(const char *chip, const char *so_pin) {
    struct client *officer = NULL;
    struct span room = {rooms[CHIP], sizeof(rooms[CHIP])};
    struct session_open_rep session;
    struct log_read_rep entries = {.next = 0};
    struct login_rep in;
    struct log_release_rep released;
    struct log_read_req from = {.from = 0};
    must(client_open(&officer, chip), chip);
    must(CALL(session_open, (&(struct session_open_req){0, 1}), &session), "session_open");
    must(CALL(login, (&(struct login_req){session.session, USER_SO, bytes_of_text(so_pin)}), &in),
         "login of the officer");
    do {
        from.from = entries.next;
        must(CALL(log_read, &from, &entries), "log_read");
    } while (entries.entries.size > 0);
    must(CALL(log_release, (&(struct log_release_req){session.session, from.from}), &released),
         "log_release");
    client_close(officer);
}

bool pair_report(void) {
    bool good = true;
    printf("# done:");
    for (uint32_t i = 0; i < COMMANDS_MAX; i++) {
        if (asked_of[i] > 0) {
            printf(" %s %llu of %llu", command_row(i)->name, (unsigned long long)done_of[i],
                   (unsigned long long)asked_of[i]);
            good = good && (done_of[i] > 0 || asked_of[i] < ASKED_OFTEN);
        }
    }
    printf("\n");
    return good;
}

uint32_t pair_newest(void) {
    return name_count - 1;
}

void pair_forget_after(uint32_t number) {
    name_count = number + 1;
    uneven = false;
}

/* ---- numbers of ours, and theirs ---- */

static bool is_name(const char *field) {
    static const char *const fields[] = {"session",      "object",         "key",
                                         "wrapping_key", "unwrapping_key", "base_key",
                                         "other_key",    "public_key",     "private_key"};
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcmp(field, fields[i]) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t theirs(int end, uint64_t ours) {
    if (ours >= name_count) {
        return UNKNOWN + ours;
    }
    return names[ours][end];
}

static void translate(const struct command_row *row, int end, union any_req *request) {
    for (const struct field *field = row->request; field->kind != FIELD_END; field++) {
        uint8_t *at = (uint8_t *)request + field->offset;
        if (!is_name(field->name)) {
            continue;
        }
        if (field->kind == FIELD_U32) {
            uint32_t value;
            memcpy(&value, at, sizeof(value));
            value = (uint32_t)theirs(end, value);
            memcpy(at, &value, sizeof(value));
        } else if (field->kind == FIELD_U64) {
            uint64_t value;
            memcpy(&value, at, sizeof(value));
            value = theirs(end, value);
            memcpy(at, &value, sizeof(value));
        }
    }
}

static uint64_t number_at(const struct field *field, int end) {
    const uint8_t *at = (const uint8_t *)&pair_reply[end] + field->offset;
    uint64_t wide = 0;
    uint32_t narrow = 0;
    if (field->kind == FIELD_U64) {
        memcpy(&wide, at, sizeof(wide));
        return wide;
    }
    memcpy(&narrow, at, sizeof(narrow));
    return narrow;
}

static struct bytes bytes_at(const struct field *field, int end) {
    struct bytes value;
    memcpy(&value, (const uint8_t *)&pair_reply[end] + field->offset, sizeof(value));
    return value;
}

static void learn(const struct field *field) {
    if (name_count < NAMES_MAX) {
        for (int end = 0; end < ENDS; end++) {
            names[name_count][end] = number_at(field, end);
        }
        name_count++;
    }
}

/* ---- what must be equal ---- */

static const struct mechanism *mechanism_of(enum command command, const union any_req *request,
                                            uint32_t *function) {
    switch (command) {
#define CASE(name, bit)    \
    case COMMAND_##name:   \
        *function = (bit); \
        return &request->name.mechanism;
        CASE(sign, F_SIGN)
        CASE(verify, F_VERIFY)
        CASE(encrypt, F_ENCRYPT)
        CASE(decrypt, F_DECRYPT)
        CASE(key_wrap, F_WRAP)
        CASE(key_unwrap, F_UNWRAP)
        CASE(key_derive, F_DERIVE)
        CASE(key_generate, F_GENERATE)
        CASE(key_generate_pair, F_GENERATE_PAIR)
        CASE(stream_open, request->stream_open.function)
        CASE(key_check, request->key_check.function)
#undef CASE
    default:
        return NULL;
    }
}

/* Whether only one end has the hash. */
static bool is_missing(uint32_t hash) {
    return hash < HASH_COUNT && ((hashes[DAEMON] ^ hashes[CHIP]) >> hash & 1) != 0;
}

/* Whether the command needs what one of them says that it does not have. */
static bool is_excepted(enum command command, const union any_req *request) {
    uint32_t function = 0;
    const struct mechanism *mechanism = mechanism_of(command, request, &function);
    if (command == COMMAND_digest) {
        return is_missing(request->digest.hash);
    }
    if (mechanism == NULL) {
        return false;
    }
    if (mechanism->algorithm == ALGORITHM_CHACHA20_POLY1305 && command == COMMAND_stream_open) {
        return true; /* the chip has it in one part alone, and key_check says so */
    }
    uint32_t differ =
        functions_of(DAEMON, mechanism->algorithm) ^ functions_of(CHIP, mechanism->algorithm);
    return (differ & function) != 0 || is_missing(mechanism->hash) ||
           is_missing(mechanism->digest) || is_missing(mechanism->mgf) ||
           is_missing(mechanism->kdf);
}

/* Signatures and ciphertexts that are made by chance have equal sizes alone. */
static bool by_chance(enum command command, const union any_req *request) {
    uint32_t function = 0;
    const struct mechanism *mechanism = mechanism_of(command, request, &function);
    bool pads = function == F_ENCRYPT || function == F_WRAP;
    if (command == COMMAND_random || command == COMMAND_stream_close) {
        return command == COMMAND_random || request->stream_close.function == F_SIGN;
    }
    if (mechanism == NULL) {
        return false;
    }
    return mechanism->make_iv != 0 || mechanism->algorithm == ALGORITHM_ECDSA ||
           mechanism->algorithm == ALGORITHM_RSA_PSS ||
           mechanism->algorithm == ALGORITHM_WRAP_WITH_ATTRIBUTES ||
           (pads && (mechanism->algorithm == ALGORITHM_RSA_PKCS1 ||
                     mechanism->algorithm == ALGORITHM_RSA_OAEP));
}

/* Facts of one device. */
static bool is_own(const char *field) {
    static const char *const fields[] = {"slots", "serial", "wait_ms", "cursor"};
    for (size_t i = 0; i < COUNT(fields); i++) {
        if (strcmp(field, fields[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_listed(struct bytes list, uint64_t handle) {
    for (size_t at = 0; at + 8 <= list.size; at += 8) {
        if (load_u64(list.data + at) == handle) {
            return true;
        }
    }
    return false;
}

/* In any order: each end uses its places again when it likes. */
static bool same_handles(struct bytes daemon, struct bytes chip) {
    for (uint32_t i = 1; i < name_count; i++) {
        if (is_listed(daemon, names[i][DAEMON]) != is_listed(chip, names[i][CHIP])) {
            return false;
        }
    }
    return daemon.size == chip.size || uneven;
}

static bool same_field(const struct field *field, bool sizes_alone) {
    if (field->kind != FIELD_BYTES) {
        bool counts_objects = strcmp(field->name, "objects") == 0;
        return number_at(field, DAEMON) == number_at(field, CHIP) || (uneven && counts_objects);
    }
    struct bytes daemon = bytes_at(field, DAEMON), chip = bytes_at(field, CHIP);
    if (strcmp(field->name, "objects") == 0) {
        return same_handles(daemon, chip);
    }
    return sizes_alone ? daemon.size == chip.size : bytes_equal(daemon, chip);
}

static void differ(const struct command_row *row, const char *what, const char *daemon,
                   const char *chip, const struct mechanism *mechanism) {
    pair_differences++;
    printf("# DIFFERENCE command %llu, %s: %s: daemon %s, chip %s",
           (unsigned long long)pair_commands, row->name, what, daemon, chip);
    if (mechanism != NULL) {
        const struct algorithm_row *algorithm = algorithm_row(mechanism->algorithm);
        printf(" (%s, hash %u, digest %u, mgf %u, salt %u, tag %u, iv %zu, mac %u, kdf %u)",
               algorithm != NULL ? algorithm->name : "?", mechanism->hash, mechanism->digest,
               mechanism->mgf, mechanism->salt_size, mechanism->tag_bits, mechanism->iv.size,
               mechanism->mac_size, mechanism->kdf);
    }
    printf("\n");
}

static void compare(const struct command_row *row, const union any_req *request) {
    uint32_t function = 0;
    bool sizes_alone = by_chance(row->command, request);
    const struct mechanism *mechanism = mechanism_of(row->command, request, &function);
    bool chacha = mechanism != NULL && mechanism->algorithm == ALGORITHM_CHACHA20_POLY1305;
    for (const struct field *field = row->reply; field->kind != FIELD_END; field++) {
        bool own = is_own(field->name) || (chacha && strcmp(field->name, "single_part") == 0);
        if (is_name(field->name) && field->kind != FIELD_BYTES) {
            learn(field);
        } else if (!own && !same_field(field, sizes_alone)) {
            differ(row, field->name, "this", "that", mechanism);
        }
    }
}

enum status pair_ask(enum command command, const union any_req *request) {
    const struct command_row *row = command_row((uint32_t)command);
    enum status status[ENDS];
    uint32_t function = 0;
    for (int end = 0; end < ENDS; end++) {
        union any_req asked = *request;
        translate(row, end, &asked);
        status[end] = client_call(clients[end], command, &asked, &pair_reply[end],
                                  (struct span){rooms[end], sizeof(rooms[end])});
    }
    pair_commands++;
    asked_of[(uint32_t)command % COMMANDS_MAX]++;
    if (pair_after != NULL) {
        pair_after(row->name);
    }
    if (status[DAEMON] != status[CHIP]) {
        bool excepted = is_excepted(command, request);
        pair_excepted += excepted;
        uneven = uneven || excepted;
        if (!excepted) {
            differ(row, "status", status_row(status[DAEMON])->name, status_row(status[CHIP])->name,
                   mechanism_of(command, request, &function));
        }
        return STATUS_DISCONNECTED;
    }
    if (status[DAEMON] == STATUS_OK) {
        pair_done++;
        done_of[(uint32_t)command % COMMANDS_MAX]++;
        compare(row, request);
    }
    return status[DAEMON];
}
