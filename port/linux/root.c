/* SPDX-License-Identifier: Apache-2.0 */
/* The root key: a systemd credential, a file that was named, or root.key in the state directory,
 * which is made at the first start. */
#define _GNU_SOURCE
#include "base/wipe.h"
#include "port/linux/linux.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int state_dir = -1;
static int given = -1;
static bool is_credential;

void root_open(const struct linux_port *port) {
    state_dir = port->state_dir;
    given = port->root_key;
    is_credential = port->root_is_credential;
}

/* Reads exactly the key; a shorter or longer file is no root key. */
static enum status read_key(int fd, uint8_t *root) {
    SECRET_BYTES(buffer, ROOT_KEY_SIZE + 1);
    ssize_t got = pread(fd, buffer, sizeof(buffer), 0);
    if (got < 0) {
        linux_say_errno("root key: cannot read");
        return STATUS_STORE_IO;
    }
    if (got != ROOT_KEY_SIZE) {
        return STATUS_NOT_FOUND;
    }
    memcpy(root, buffer, ROOT_KEY_SIZE);
    return STATUS_OK;
}

/* A file of another size is what a cut left of an earlier first start: it never protected
 * anything. */
static enum status make_key(uint8_t *root) {
    SECRET_BYTES(fresh, ROOT_KEY_SIZE);
    TRY(port_random(fresh, sizeof(fresh)));
    if (unlinkat(state_dir, "root.key", 0) != 0 && errno != ENOENT) {
        linux_say_errno("root.key: cannot replace");
        return STATUS_STORE_IO;
    }
    int fd = linux_open_beneath(state_dir, "root.key", O_WRONLY | O_CREAT | O_EXCL, 0400);
    if (fd < 0 || pwrite(fd, fresh, sizeof(fresh), 0) != ROOT_KEY_SIZE || fsync(fd) != 0 ||
        fsync(state_dir) != 0) {
        linux_say_errno("root.key: cannot make");
        if (fd >= 0) {
            close(fd);
        }
        return STATUS_STORE_IO;
    }
    close(fd);
    linux_say("root.key: made a new root key");
    memcpy(root, fresh, sizeof(fresh));
    return STATUS_OK;
}

enum status port_root_read(uint8_t root[ROOT_KEY_SIZE], bool create) {
    enum status status = STATUS_INTERNAL;
    if (given >= 0) {
        status = read_key(given, root);
        if (status == STATUS_NOT_FOUND) {
            linux_say("root key: the credential or file must hold exactly 32 random bytes");
        }
        return status;
    }
    int fd = linux_open_beneath(state_dir, "root.key", O_RDONLY, 0);
    if (fd >= 0) {
        if (!linux_private_file(fd)) {
            linux_say("root.key: others may read it; it must be a regular file with mode 0400");
            status = STATUS_STORE_IO;
        } else {
            status = read_key(fd, root);
        }
        close(fd);
    } else if (errno == ENOENT) {
        status = STATUS_NOT_FOUND;
    } else {
        linux_say_errno("root.key: cannot open");
        status = STATUS_STORE_IO;
    }
    return status == STATUS_NOT_FOUND && create ? make_key(root) : status;
}

static enum status overwrite(int fd) {
    static const uint8_t zeros[ROOT_KEY_SIZE];
    if (pwrite(fd, zeros, sizeof(zeros), 0) != ROOT_KEY_SIZE || fsync(fd) != 0) {
        linux_say_errno("root key: cannot overwrite");
        return STATUS_STORE_IO;
    }
    return STATUS_OK;
}

/* root.key is read-only also for us: a new descriptor for writing needs the mode back first. */
static enum status destroy_file(void) {
    int fd = linux_open_beneath(state_dir, "root.key", O_RDONLY, 0);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_OK : STATUS_STORE_IO;
    }
    enum status status = STATUS_STORE_IO;
    int writer = -1;
    if (fchmod(fd, 0600) == 0) {
        writer = linux_open_beneath(state_dir, "root.key", O_WRONLY, 0);
    }
    if (writer >= 0) {
        status = overwrite(writer);
        close(writer);
    }
    close(fd);
    if (unlinkat(state_dir, "root.key", 0) != 0 || fsync(state_dir) != 0) {
        linux_say_errno("root.key: cannot remove");
        return STATUS_STORE_IO;
    }
    return status;
}

enum status port_root_destroy(void) {
    if (given < 0) {
        return destroy_file();
    }
    return is_credential ? STATUS_OK : overwrite(given);
}

const char *port_root_source(void) {
    if (given < 0) {
        return "file root.key beside the store: whoever copies both has the keys";
    }
    if (is_credential) {
        return "systemd credential: as safe as its sealing; "
               "zeroize destroys the store's half alone";
    }
    return "file named at start: keeps a copied store closed while the file is elsewhere";
}
