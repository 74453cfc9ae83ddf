/* SPDX-License-Identifier: Apache-2.0 */
/* What the module remembers of refused commands: entries of the command `refusals` taken apart. */
#ifndef CLIENT_REFUSAL_H
#define CLIENT_REFUSAL_H

#include "client/client.h"

struct refusal_entry {
    uint64_t time; /* seconds since 1970; 0: not known */
    uint32_t command;
    uint32_t status;
    uint32_t uid;
    uint32_t pid;
    uint64_t object; /* serial number, 0: none; of APPROVAL_NEEDED: number of the request */
    struct bytes why;
};

/* Takes the next entry off the front of *rows. STATUS_NOT_FOUND at the end, STATUS_BAD_FRAME when
 * it is not well formed. */
enum status refusal_next(struct bytes *rows, struct refusal_entry *entry) MUST_USE;

/* What the module says of this process's newest request, which it refused: which attribute, rule or
 * object. Fills *entry, which points into `room`; all zero where the module does not say, or
 * meanwhile refused another one. */
void refusal_ask(struct client *client, enum command command, enum status status, struct span room,
                 struct refusal_entry *entry);

#endif
