/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm approve roles, make-roles, set-roles: who may approve what. */
#include "host/cli/approve.h"

#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- show ---- */

static void members_text(const struct roles *roles, const struct role *role, char out[512]) {
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < roles->member_count && used < 512; i++) {
        if ((role->members >> i & 1) != 0) {
            char name[4 * ROLE_NAME_MAX + 1];
            report_clean(roles->members[i].name, name, sizeof(name));
            used += (size_t)snprintf(out + used, 512 - used, "%s%s", used > 0 ? "," : "", name);
        }
    }
}

static void needed_text(const struct roles *roles, uint32_t role, char out[128]) {
    size_t used = 0;
    out[0] = 0;
    for (uint32_t class = APPROVAL_ROLES; class < APPROVAL_CLASSES && used < 128; class++) {
        if (roles->needed[class] == role) {
            used += (size_t)snprintf(out + used, 128 - used, "%s%s", used > 0 ? "," : "",
                                     approve_class_name(class));
        }
    }
}

void approve_roles_print(const struct cli *cli, const struct roles *roles) {
    static const char *const columns[] = {"role", "threshold", "members", "decides", NULL};
    struct json_object *rows = json_object_new_array();
    for (uint32_t i = 0; i < roles->role_count; i++) {
        char members[512], needed[128];
        struct json_object *row = json_object_new_object();
        members_text(roles, &roles->roles[i], members);
        needed_text(roles, i, needed);
        output_bytes(row, "role", roles->roles[i].name);
        output_number(row, "threshold", roles->roles[i].threshold);
        output_text(row, "members", members);
        output_text(row, "decides", needed[0] != 0 ? needed : "-");
        json_object_array_add(rows, row);
    }
    output_table(cli, rows, columns);
    report_talk(cli, "\nversion %u", roles->version);
}

static enum status read_roles(struct cli *cli, struct bytes file, const char *place,
                              struct roles *roles) {
    return roles_read(file, roles) == STATUS_OK
               ? STATUS_OK
               : report_failure(cli, STATUS_FILE_FORMAT,
                                (struct reason){"it is no roles file",
                                                "edgehsm approve make-roles --help"},
                                "read the roles in '%s'", place);
}

static enum status ask_roles(struct cli *cli, struct bytes *file) {
    const struct roles_get_req request = {cli->session};
    struct roles_get_rep reply;
    TRY(session_call(cli, COMMAND_roles_get, &request, &reply, "read the token's roles"));
    *file = reply.roles;
    return STATUS_OK;
}

static enum status show_of_token(struct cli *cli) {
    struct bytes file;
    struct roles roles;
    TRY(session_start(cli, SESSION_PUBLIC, false));
    TRY(ask_roles(cli, &file));
    if (file.size == 0) {
        report_talk(cli, "The token has no roles: nothing needs approval.\n\n"
                         "next: edgehsm approve make-roles --help");
        return STATUS_OK;
    }
    TRY(read_roles(cli, file, cli->label, &roles));
    approve_roles_print(cli, &roles);
    return STATUS_OK;
}

enum status approve_roles_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.most = 1};
    struct span whole = {0};
    struct roles roles;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (arguments.count == 0) {
        return show_of_token(cli);
    }
    TRY(file_read(cli, arguments.words[0], ROLES_FILE_MAX, &whole));
    enum status status = read_roles(cli, bytes_of_span(whole), arguments.words[0], &roles);
    if (status == STATUS_OK) {
        approve_roles_print(cli, &roles);
    }
    file_free(&whole);
    return status;
}

/* ---- set ---- */

enum status approve_set_roles_run(struct cli *cli, const struct verb *self, int argc,
                                  char **argv) {
    struct arguments arguments = {.least = 1, .most = 1};
    struct span whole = {0};
    struct bytes now;
    struct roles roles;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(file_read(cli, arguments.words[0], ROLES_FILE_MAX, &whole));
    enum status status = read_roles(cli, bytes_of_span(whole), arguments.words[0], &roles);
    if (status == STATUS_OK) {
        status = session_start(cli, SESSION_PUBLIC, true);
    }
    if (status == STATUS_OK) {
        status = ask_roles(cli, &now);
    }
    if (status == STATUS_OK && now.size == 0) { /* the first one */
        session_end(cli);
        status = session_start(cli, SESSION_OFFICER, true);
    }
    if (status == STATUS_OK) {
        const struct roles_set_req request = {cli->session, bytes_of_span(whole)};
        struct roles_set_rep reply;
        status = session_call(cli, COMMAND_roles_set, &request, &reply, "set the token's roles");
    }
    if (status == STATUS_OK) {
        approve_roles_print(cli, &roles);
    }
    file_free(&whole);
    return status;
}

/* ---- make ---- */

struct making {
    struct option_list members, roles, needs, passkeys;
    const char *out;
    const char *release;
    struct roles file;
    uint8_t points[MEMBERS_MAX][MEMBER_KEY_MAX];
    uint8_t rp_id_hashes[MEMBERS_MAX][RP_ID_HASH_SIZE];
};

static struct bytes until(const char *text, const char *end) {
    return bytes_of(text, (size_t)(end - text));
}

static int member_find(const struct roles *roles, struct bytes name) {
    for (uint32_t i = 0; i < roles->member_count; i++) {
        if (bytes_equal(roles->members[i].name, name)) {
            return (int)i;
        }
    }
    return -1;
}

static enum status member_add(struct cli *cli, struct making *making, const char *text) {
    const char *equals = strchr(text, '=');
    struct roles *roles = &making->file;
    if (equals == NULL || equals == text || roles->member_count == MEMBERS_MAX) {
        return report_usage(cli, "--member wants NAME=FILE, at most %d times, not '%s'",
                            MEMBERS_MAX, text);
    }
    struct member *member = &roles->members[roles->member_count];
    EVP_PKEY *key = approve_key_load(cli, equals + 1);
    if (key == NULL) {
        return STATUS_FILE_READ;
    }
    enum status status =
        approve_member_of(key, member, making->points[roles->member_count]);
    EVP_PKEY_free(key);
    if (status != STATUS_OK) {
        return report_usage(cli, "the key of '%s' is neither P-256 nor Ed25519", text);
    }
    member->name = until(text, equals);
    roles->member_count++;
    return STATUS_OK;
}

/* NAME=RELYING-PARTY: the member's key is a passkey of that site. */
static enum status passkey_mark(struct cli *cli, struct making *making, const char *text) {
    const char *equals = strchr(text, '=');
    int index = equals != NULL ? member_find(&making->file, until(text, equals)) : -1;
    if (index < 0) {
        return report_usage(cli, "--passkey wants MEMBER=SITE, not '%s'", text);
    }
    SHA256((const uint8_t *)equals + 1, strlen(equals + 1), making->rp_id_hashes[index]);
    making->file.members[index].rp_id_hash =
        bytes_of(making->rp_id_hashes[index], RP_ID_HASH_SIZE);
    return STATUS_OK;
}

static enum status role_add(struct cli *cli, struct making *making, const char *text) {
    struct roles *roles = &making->file;
    char *colon = NULL;
    const char *equals = strchr(text, '=');
    unsigned long threshold = equals != NULL ? strtoul(equals + 1, &colon, 10) : 0;
    if (equals == NULL || threshold == 0 || *colon != ':' || roles->role_count == ROLES_MAX) {
        return report_usage(cli, "--role wants NAME=N:MEMBER,MEMBER..., not '%s'", text);
    }
    struct role *role = &roles->roles[roles->role_count];
    *role = (struct role){.name = until(text, equals), .threshold = (uint32_t)threshold};
    for (const char *at = colon + 1; *at != 0; at += *at == ',' ? 1 : 0) {
        struct bytes name = bytes_of(at, strcspn(at, ","));
        int index = member_find(roles, name);
        if (index < 0) {
            return report_usage(cli, "'%s' names somebody who is no --member", text);
        }
        role->members |= 1u << index;
        at += name.size;
    }
    roles->role_count++;
    return STATUS_OK;
}

static enum status need_add(struct cli *cli, struct making *making, const char *text) {
    const char *equals = strchr(text, '=');
    struct roles *roles = &making->file;
    for (uint32_t class = APPROVAL_POLICY; equals != NULL && class < APPROVAL_CLASSES; class++) {
        if (bytes_equal(bytes_of_text(approve_class_name(class)), until(text, equals))) {
            for (uint32_t i = 0; i < roles->role_count; i++) {
                if (bytes_equal(roles->roles[i].name, bytes_of_text(equals + 1))) {
                    roles->needed[class] = (uint8_t)i;
                    return STATUS_OK;
                }
            }
        }
    }
    return report_usage(cli,
                        "--needs wants CLASS=ROLE (policy, wrap, trusted, destroy, unlock, token, "
                        "message, limits, resume), not '%s'",
                        text);
}

static enum status collect(struct cli *cli, struct making *making) {
    for (size_t i = 0; i < making->members.count; i++) {
        TRY(member_add(cli, making, making->members.texts[i]));
    }
    for (size_t i = 0; i < making->passkeys.count; i++) {
        TRY(passkey_mark(cli, making, making->passkeys.texts[i]));
    }
    for (size_t i = 0; i < making->roles.count; i++) {
        TRY(role_add(cli, making, making->roles.texts[i]));
    }
    for (size_t i = 0; i < making->needs.count; i++) {
        TRY(need_add(cli, making, making->needs.texts[i]));
    }
    making->file.version = making->release != NULL ? (uint32_t)strtoul(making->release, NULL, 10)
                                                   : 1;
    return STATUS_OK;
}

static enum status write_file(struct cli *cli, struct making *making) {
    uint8_t memory[ROLES_FILE_MAX];
    struct span out = {memory, sizeof(memory)};
    struct roles again;
    if (roles_write(&making->file, &out) != STATUS_OK) {
        return report_failure(cli, STATUS_TOO_LARGE, (struct reason){"", "name fewer people"},
                              "write so many members and roles");
    }
    if (roles_read(bytes_of_span(out), &again) != STATUS_OK) {
        return report_usage(cli, "a threshold is above its role's members, a name or key comes "
                                 "twice, or the version is 0");
    }
    TRY(file_write(cli, making->out, bytes_of_span(out), 0644));
    approve_roles_print(cli, &again);
    report_talk(cli, "\nnext: edgehsm approve set-roles %s", making->out);
    return STATUS_OK;
}

enum status approve_make_roles_run(struct cli *cli, const struct verb *self, int argc,
                                   char **argv) {
    static struct making making;
    const struct option_row rows[] = {
        {"member", 0, "NAME=FILE", "a person and the public key (P-256 or Ed25519)", NULL, NULL,
         &making.members},
        {"passkey", 0, "NAME=SITE", "that key is a passkey (WebAuthn) of this site", NULL, NULL,
         &making.passkeys},
        {"role", 0, "NAME=N:MEMBER,...", "so many of these; the first role decides about roles",
         NULL, NULL, &making.roles},
        {"needs", 0, "CLASS=ROLE", "which role decides about a class (default: the first)", NULL,
         NULL, &making.needs},
        {"release", 0, "N", "version of the file; it only goes up (default: 1)", NULL,
         &making.release, NULL},
        {"out", 'o', "FILE", "where it goes", NULL, &making.out, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (making.members.count == 0 || making.roles.count == 0 || making.out == NULL) {
        return report_usage(cli, "usage: edgehsm %s", self->synopsis);
    }
    TRY(collect(cli, &making));
    return write_file(cli, &making);
}
