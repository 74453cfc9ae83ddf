/* SPDX-License-Identifier: Apache-2.0 */
/* The Linux answers to port.h, as the daemon starts them. */
#ifndef PORT_LINUX_LINUX_H
#define PORT_LINUX_LINUX_H

#include "base/bytes.h"
#include "base/status.h"

/* What the body opened for the port. The port keeps the descriptors until linux_close(). */
struct linux_port {
    int state_dir;            /* directory of its own, for this user alone */
    int root_key;             /* the root key where it is outside the state directory; else -1 */
    bool root_is_credential;  /* root_key came from systemd, and cannot be destroyed from here */
    uint64_t log_max;         /* largest size of the log archive in bytes */
    void (*wipe)(void);       /* wipes all secrets of the process, for port_halt(); may be NULL */
};

/* Opens (or makes) the store file and the log archive, and takes the lock that keeps a second
 * daemon out. On failure says why in a line on standard error, and holds nothing. STATUS_BUSY:
 * another daemon has the store; STATUS_STORE_IO. Opens further files only inside the state
 * directory later. */
enum status linux_open(const struct linux_port *port) MUST_USE;
void linux_close(void);
/* What linux_open() begins with; a body without a store of its own calls it alone. The clock
 * starts, this user's files are the private ones; `wipe` as above. */
void linux_begin(void (*wipe)(void));

/* ---- shared by the files of this folder and the body ---- */

/* Who says the lines below (edgehsmd); the name is kept. */
void linux_say_as(const char *name);
/* One line on standard error, for the journal: control bytes escaped, cut at 400 bytes;
 * of more than 100 lines in ten seconds the rest is dropped. */
void linux_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for a failed call: appends what errno says. */
void linux_say_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* openat2() beneath `dir` without following any symbolic link; -1 and errno on failure. */
int linux_open_beneath(int dir, const char *name, int flags, unsigned mode);
/* Whether an open regular file belongs to this user alone (no other name, no access for others). */
bool linux_private_file(int fd);
/* Size of an open regular file; false when it is something else. */
bool linux_file_size(int fd, uint64_t *size);

enum status flash_open(int state_dir) MUST_USE;
void flash_close(void);
void root_open(const struct linux_port *port);
enum status log_open(int state_dir, uint64_t max) MUST_USE;
void log_close(void);

#endif
