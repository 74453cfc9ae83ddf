/* SPDX-License-Identifier: Apache-2.0 */
/* Access rules of a token as people write them: profile, access, peers, options. */
#ifndef HOST_CLI_SETTINGS_H
#define HOST_CLI_SETTINGS_H

#include "host/cli/arguments.h"

/* What was given on the command line; NULL: not given. */
struct settings_given {
    const char *profile;
    const char *access;
    const char *verify_signatures;
    const char *durable_log;
    const char *log_each;
    struct option_list peers;
};

/* What a token has. */
struct settings {
    uint32_t profile;
    uint32_t access;
    uint32_t options;
    struct settings_peer {
        uint32_t kind;
        uint32_t number;
    } peers[TOKEN_PEERS_MAX];
    size_t peer_count;
};

enum { SETTINGS_OPTIONS = 6 };
/* Rows for an option table. */
void settings_rows(struct settings_given *given, struct option_row rows[SETTINGS_OPTIONS]);

/* Changes *settings as the options say. Told already on failure. */
enum status settings_apply(const struct cli *cli, const struct settings_given *given,
                           struct settings *settings) MUST_USE;
/* Adds a user or group: "uid:N", "gid:N", "user:NAME", "group:NAME", or the NAME of a user. */
enum status settings_add_peer(const struct cli *cli, struct settings *settings,
                              const char *text) MUST_USE;
/* Adds the group edgehsm, if there is one, and the calling user. */
enum status settings_add_default_peers(const struct cli *cli, struct settings *settings) MUST_USE;

/* Sets them on the token; the security officer must be logged in. */
enum status settings_send(struct cli *cli, const struct settings *settings) MUST_USE;
/* From what token_info told. */
void settings_read(const struct token_info_rep *info, struct settings *settings);

/* Fills `out` with "group edgehsm, user web"; "nobody" for none. */
void settings_peers_text(const struct settings *settings, char *out, size_t room);
const char *settings_profile_name(uint32_t profile) MUST_USE;
const char *settings_access_name(uint32_t access) MUST_USE;

#endif
