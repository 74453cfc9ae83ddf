/* SPDX-License-Identifier: Apache-2.0 */
/* Access rules. */
#include "host/cli/settings.h"

#include "host/cli/report.h"
#include "host/cli/session.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void settings_rows(struct settings_given *given, struct option_row rows[SETTINGS_OPTIONS]) {
    const struct option_row all[SETTINGS_OPTIONS] = {
        {"profile", 0, "NAME", "strict (default) or compatible (old mechanisms, each logged)", NULL,
         &given->profile, NULL},
        {"access", 0, "HOW", "peers (no PIN for those on the list; the PIN too) or pin", NULL,
         &given->access, NULL},
        {"peer", 0, "WHO", "let in: user:NAME, group:NAME, uid:N, gid:N (several times)", NULL,
         NULL, &given->peers},
        {"verify-signatures", 0, "on|off", "check each ECDSA and EdDSA signature before it leaves",
         NULL, &given->verify_signatures, NULL},
        {"durable-log", 0, "on|off", "each log record reaches the disk before the reply leaves",
         NULL, &given->durable_log, NULL},
        {"log-each", 0, "N",
         "up to N uses of a key share one log record; a power cut can lose those (default: 1)",
         NULL, &given->log_each, NULL},
    };
    memcpy(rows, all, sizeof(all));
}

const char *settings_profile_name(uint32_t profile) {
    return profile == PROFILE_OF_TOKEN_STRICT ? "strict" : "compatible";
}

const char *settings_access_name(uint32_t access) {
    return access == ACCESS_PEERS ? "peers" : "pin";
}

/* One of two words. */
static enum status choose(const struct cli *cli, const char *option, const char *given,
                          const char *const words[2], uint32_t *index) {
    for (uint32_t i = 0; i < 2; i++) {
        if (strcmp(given, words[i]) == 0) {
            *index = i;
            return STATUS_OK;
        }
    }
    return report_usage(cli, "--%s is '%s' or '%s', not '%s'", option, words[0], words[1], given);
}

static enum status switch_option(const struct cli *cli, const char *name, const char *given,
                                 uint32_t option, uint32_t *options) {
    static const char *const words[2] = {"off", "on"};
    uint32_t index = 0;
    if (!given) {
        return STATUS_OK;
    }
    TRY(choose(cli, name, given, words, &index));
    *options = index == 1 ? *options | option : *options & ~option;
    return STATUS_OK;
}

static bool number_read(const char *text, uint32_t *number) {
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *number = (uint32_t)value;
    return *text >= '0' && *text <= '9' && *end == 0 && errno == 0 && value < UINT32_MAX;
}

static enum status take_log_each(const struct cli *cli, const char *given, uint32_t *options) {
    uint32_t each = 0;
    if (!given) {
        return STATUS_OK;
    }
    if (!number_read(given, &each) || each < 1 || each > LOG_EACH_MAX) {
        return report_usage(cli, "--log-each is a number from 1 to %d, not '%s'", LOG_EACH_MAX,
                            given);
    }
    *options = options_with_log_each(*options, each);
    return STATUS_OK;
}

static enum status peer_read(const struct cli *cli, const char *text, struct settings_peer *peer) {
    bool group = strncmp(text, "group:", 6) == 0, gid = strncmp(text, "gid:", 4) == 0;
    bool uid = strncmp(text, "uid:", 4) == 0, user = strncmp(text, "user:", 5) == 0;
    const char *name = group ? text + 6 : user ? text + 5 : gid || uid ? text + 4 : text;
    peer->kind = group || gid ? PEER_GID : PEER_UID;
    if (gid || uid) {
        return number_read(name, &peer->number)
                   ? STATUS_OK
                   : report_usage(cli, "'%s' wants a number after the colon", text);
    }
    if (group) {
        const struct group *entry = getgrnam(name);
        if (entry) {
            peer->number = entry->gr_gid;
            return STATUS_OK;
        }
        return report_usage(cli, "there is no group '%s' on this machine", name);
    }
    const struct passwd *entry = getpwnam(name);
    if (!entry) {
        return report_usage(cli, "there is no user '%s' on this machine (a group is group:%s)",
                            name, name);
    }
    peer->number = entry->pw_uid;
    return STATUS_OK;
}

static enum status peer_add(const struct cli *cli, struct settings *settings, uint32_t kind,
                            uint32_t number) {
    for (size_t i = 0; i < settings->peer_count; i++) {
        if (settings->peers[i].kind == kind && settings->peers[i].number == number) {
            return STATUS_OK;
        }
    }
    if (settings->peer_count == TOKEN_PEERS_MAX) {
        return report_usage(cli, "a token lets in at most %d users and groups: use a group",
                            TOKEN_PEERS_MAX);
    }
    settings->peers[settings->peer_count++] = (struct settings_peer){kind, number};
    return STATUS_OK;
}

enum status settings_add_peer(const struct cli *cli, struct settings *settings, const char *text) {
    struct settings_peer peer = {0};
    TRY(peer_read(cli, text, &peer));
    return peer_add(cli, settings, peer.kind, peer.number);
}

enum status settings_add_default_peers(const struct cli *cli, struct settings *settings) {
    const struct group *group = getgrnam("edgehsm");
    const char *sudo = getenv("SUDO_UID");
    uint32_t before = 0;
    if (group) {
        TRY(peer_add(cli, settings, PEER_GID, group->gr_gid));
    }
    if (getuid() == 0 && sudo && number_read(sudo, &before)) {
        TRY(peer_add(cli, settings, PEER_UID, before));
    }
    return peer_add(cli, settings, PEER_UID, getuid());
}

enum status settings_apply(const struct cli *cli, const struct settings_given *given,
                           struct settings *settings) {
    static const char *const profiles[2] = {"strict", "compatible"};
    static const char *const accesses[2] = {"pin", "peers"};
    if (given->profile) {
        TRY(choose(cli, "profile", given->profile, profiles, &settings->profile));
    }
    if (given->access) {
        TRY(choose(cli, "access", given->access, accesses, &settings->access));
    }
    TRY(switch_option(cli, "verify-signatures", given->verify_signatures, OPTION_VERIFY_SIGNATURES,
                      &settings->options));
    TRY(switch_option(cli, "durable-log", given->durable_log, OPTION_DURABLE_LOG,
                      &settings->options));
    TRY(take_log_each(cli, given->log_each, &settings->options));
    if (options_log_each(settings->options) > 1 && (settings->options & OPTION_DURABLE_LOG) != 0) {
        return report_usage(cli, "in a durable log each use of a key has a record of its own: "
                                 "either --durable-log off or --log-each 1");
    }
    if (given->peers.count > 0) {
        settings->peer_count = 0;
    }
    for (size_t i = 0; i < given->peers.count; i++) {
        TRY(settings_add_peer(cli, settings, given->peers.texts[i]));
    }
    return STATUS_OK;
}

enum status settings_send(struct cli *cli, const struct settings *settings) {
    uint8_t peers[8 * TOKEN_PEERS_MAX];
    for (size_t i = 0; i < settings->peer_count; i++) {
        save_u32(peers + 8 * i, settings->peers[i].kind);
        save_u32(peers + 8 * i + 4, settings->peers[i].number);
    }
    const struct token_set_req request = {.session = cli->session,
                                          .profile = settings->profile,
                                          .access = settings->access,
                                          .options = settings->options,
                                          .peers = bytes_of(peers, 8 * settings->peer_count)};
    struct token_set_rep reply;
    return session_call(cli, COMMAND_token_set, &request, &reply, "set the rules of the token");
}

void settings_read(const struct token_info_rep *info, struct settings *settings) {
    *settings = (struct settings){
        .profile = info->profile, .access = info->access, .options = info->options};
    for (size_t i = 0; i + 8 <= info->peers.size && settings->peer_count < TOKEN_PEERS_MAX;
         i += 8) {
        settings->peers[settings->peer_count++] = (struct settings_peer){
            load_u32(info->peers.data + i), load_u32(info->peers.data + i + 4)};
    }
}

void settings_peers_text(const struct settings *settings, char *out, size_t room) {
    size_t used = 0;
    snprintf(out, room, "nobody");
    for (size_t i = 0; i < settings->peer_count && used < room; i++) {
        const struct settings_peer *peer = &settings->peers[i];
        const struct group *group = peer->kind == PEER_GID ? getgrgid(peer->number) : NULL;
        const struct passwd *user = peer->kind == PEER_UID ? getpwuid(peer->number) : NULL;
        const char *name = group ? group->gr_name : user ? user->pw_name : NULL;
        char number[16];
        snprintf(number, sizeof(number), "%u", (unsigned)peer->number);
        used += (size_t)snprintf(out + used, room - used, "%s%s %s", used == 0 ? "" : ", ",
                                 peer->kind == PEER_GID ? "group" : "user", name ? name : number);
    }
}
