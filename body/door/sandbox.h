/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of the daemon give up. Each function is for good, and says on standard error
 * what failed. */
#ifndef BODY_DOOR_SANDBOX_H
#define BODY_DOOR_SANDBOX_H

#include "base/status.h"

#include <stdbool.h>
#include <sys/types.h>

/* Becomes user and group, without any other group. Nothing to do when it is that user already;
 * STATUS_PEER_REFUSED when that cannot be done, or the process would still be root. */
enum status sandbox_become(uid_t user, gid_t group) MUST_USE;
/* No core file, no tracer of the same user, no new privileges. */
enum status sandbox_harden(void) MUST_USE;
/* Nothing of this process reaches the swap. STATUS_MEMORY when it cannot be had and `allow_swap` is
 * false. */
enum status sandbox_lock_memory(bool allow_swap) MUST_USE;
/* Landlock: files only below `state_dir`, no TCP, no signals and no abstract sockets outside.
 * Inherited by threads made later. Where the kernel has none, says so and goes on. */
enum status sandbox_confine(int state_dir) MUST_USE;
/* seccomp, for all threads: the system calls that the core's process needs once it runs; the
 * process is killed for any other. */
enum status sandbox_close(void) MUST_USE;
/* The same for an endpoint, which also connects to the socket of a chip's line. */
enum status sandbox_close_endpoint(void) MUST_USE;
/* The same for the parent, which only waits. */
enum status sandbox_close_parent(void) MUST_USE;

#endif
