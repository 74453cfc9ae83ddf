/* SPDX-License-Identifier: Apache-2.0 */
/* What the parent opens while it may. */
#define _GNU_SOURCE
#include "body/door/belongings.h"
#include "base/bytes.h"
#include "port/linux/linux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

enum { LISTEN_FD = 3, BACKLOG = 512 };

static int open_plain(const char *path, int flags) {
    struct open_how how = {.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOCTTY),
                           .resolve = RESOLVE_NO_SYMLINKS};
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* ---- who to be ---- */

static enum status find_user(struct belongings *own, const struct options *options) {
    own->user = getuid();
    own->group = getgid();
    if (geteuid() != 0) {
        return STATUS_OK;
    }
    const struct passwd *row = getpwnam(options->user);
    if (row == NULL) {
        linux_say("refuses to run as root, and there is no user '%s' to become: "
                  "useradd --system --shell /usr/sbin/nologin %s, or name one with --user",
                  options->user, options->user);
        return STATUS_PEER_REFUSED;
    }
    if (row->pw_uid == 0) {
        linux_say("refuses to run as root: name another user with --user");
        return STATUS_PEER_REFUSED;
    }
    own->user = row->pw_uid;
    own->group = row->pw_gid;
    return STATUS_OK;
}

/* ---- state directory ---- */

static enum status judge_state(const struct belongings *own, const char *path) {
    struct stat stat;
    if (fstat(own->state_dir, &stat) != 0) {
        linux_say_errno("state directory %s", path);
        return STATUS_PEER_REFUSED;
    }
    if (stat.st_uid != own->user) {
        linux_say("state directory %s belongs to user %u, not to %u: chown it", path,
                  (unsigned)stat.st_uid, (unsigned)own->user);
        return STATUS_PEER_REFUSED;
    }
    if ((stat.st_mode & 077) != 0) {
        linux_say("state directory %s is open to others (mode %04o): chmod 0700 %s", path,
                  (unsigned)stat.st_mode & 07777, path);
        return STATUS_PEER_REFUSED;
    }
    return STATUS_OK;
}

static enum status open_state(struct belongings *own, const char *path) {
    if (mkdir(path, 0700) == 0 && geteuid() == 0 &&
        lchown(path, own->user, own->group) != 0) {
        linux_say_errno("state directory %s: cannot give it to user %u", path, (unsigned)own->user);
        return STATUS_PEER_REFUSED;
    }
    own->state_dir = open_plain(path, O_RDONLY | O_DIRECTORY);
    if (own->state_dir < 0 && errno == ELOOP) {
        linux_say("state directory %s: a symbolic link is in the path; name the real one", path);
        return STATUS_PEER_REFUSED;
    }
    if (own->state_dir < 0) {
        linux_say_errno("state directory %s: cannot open", path);
        return STATUS_PEER_REFUSED;
    }
    return judge_state(own, path);
}

/* ---- root key ---- */

static enum status open_root_key(struct belongings *own, const struct options *options) {
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    own->root_key = -1;
    if (folder != NULL) {
        int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        own->root_key = dir < 0 ? -1 : openat(dir, "edgehsm-root", O_RDONLY | O_CLOEXEC);
        if (dir >= 0) {
            close(dir);
        }
        own->root_is_credential = own->root_key >= 0;
    }
    if (own->root_key >= 0 || options->root_key == NULL) {
        return STATUS_OK;
    }
    struct stat stat;
    own->root_key = open_plain(options->root_key, O_RDWR);
    if (own->root_key < 0) {
        own->root_key = open_plain(options->root_key, O_RDONLY);
    }
    if (own->root_key < 0 || fstat(own->root_key, &stat) != 0) {
        linux_say_errno("root key %s: cannot open; make one: head -c 32 /dev/urandom > FILE",
                        options->root_key);
        return STATUS_PEER_REFUSED;
    }
    if (!S_ISREG(stat.st_mode) || (stat.st_mode & 077) != 0) {
        linux_say("root key %s: must be a file that others cannot read: chmod 0400",
                  options->root_key);
        return STATUS_PEER_REFUSED;
    }
    return STATUS_OK;
}

/* ---- socket ---- */

/* Socket activation: systemd hands over a socket that listens. */
static bool take_handed_socket(struct belongings *own) {
    const char *pid = getenv("LISTEN_PID");
    const char *count = getenv("LISTEN_FDS");
    int type = 0;
    socklen_t size = sizeof(type);
    if (pid == NULL || count == NULL || atol(pid) != getpid() || atol(count) != 1 ||
        getsockopt(LISTEN_FD, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
        return false;
    }
    own->listening = LISTEN_FD;
    return fcntl(LISTEN_FD, F_SETFL, O_NONBLOCK) == 0;
}

/* A socket file that nobody listens at any more is removed. */
static enum status clear_path(const struct sockaddr_un *name) {
    struct stat stat;
    if (lstat(name->sun_path, &stat) != 0) {
        return STATUS_OK;
    }
    int probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool stale = S_ISSOCK(stat.st_mode) && probe >= 0 &&
                 connect(probe, (const struct sockaddr *)name, sizeof(*name)) != 0 &&
                 errno == ECONNREFUSED;
    if (probe >= 0) {
        close(probe);
    }
    if (!stale) {
        linux_say("socket %s is in use, or is no socket: stop the other daemon, or use --socket",
                  name->sun_path);
        return STATUS_PEER_REFUSED;
    }
    if (unlink(name->sun_path) != 0) {
        linux_say_errno("socket %s: cannot remove the old one", name->sun_path);
        return STATUS_PEER_REFUSED;
    }
    return STATUS_OK;
}

/* Gives the socket to the group that may connect. Without that group it stays with the daemon's
 * own. */
static enum status open_to_group(const struct belongings *own, const struct options *options) {
    const struct group *row = getgrnam(options->group);
    if (row == NULL && options->group_given) {
        linux_say("there is no group '%s': groupadd --system %s", options->group, options->group);
        return STATUS_PEER_REFUSED;
    }
    gid_t group = row == NULL ? own->group : row->gr_gid;
    uid_t user = geteuid() == 0 ? own->user : (uid_t)-1;
    if (chown(options->socket, user, group) != 0 && (options->group_given || geteuid() == 0)) {
        linux_say_errno("socket %s: cannot give it to group %s", options->socket, options->group);
        return STATUS_PEER_REFUSED;
    }
    if (chmod(options->socket, options->mode) != 0) {
        linux_say_errno("socket %s: cannot set its mode", options->socket);
        return STATUS_PEER_REFUSED;
    }
    return STATUS_OK;
}

static enum status bind_socket(struct belongings *own, const struct options *options) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(options->socket);
    if (length >= sizeof(name.sun_path)) {
        linux_say("socket %s: the path is longer than %zu bytes", options->socket,
                  sizeof(name.sun_path) - 1);
        return STATUS_PEER_REFUSED;
    }
    memcpy(name.sun_path, options->socket, length + 1);
    TRY(clear_path(&name));
    own->listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t old = umask(0177);
    int failed = own->listening < 0 ||
                 bind(own->listening, (const struct sockaddr *)&name, sizeof(name)) != 0 ||
                 listen(own->listening, BACKLOG) != 0;
    umask(old);
    if (failed) {
        linux_say_errno("socket %s: cannot listen", options->socket);
        return STATUS_PEER_REFUSED;
    }
    own->bound_here = true;
    return open_to_group(own, options);
}

enum status belongings_open_state(struct belongings *own, const struct options *options) {
    *own = (struct belongings){.state_dir = -1, .listening = -1, .root_key = -1};
    TRY(find_user(own, options));
    return open_state(own, options->state);
}

enum status belongings_open(struct belongings *own, const struct options *options) {
    TRY(belongings_open_state(own, options));
    TRY(open_root_key(own, options));
    return take_handed_socket(own) ? STATUS_OK : bind_socket(own, options);
}
