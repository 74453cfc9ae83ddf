/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the pairing leaves in the endpoint's state directory, `pairing.key`: "EHSMPAIR",
 * the host's private key, the chip's public key. Whoever has it can speak to the chip as this
 * host. */
#ifndef BODY_ENDPOINT_PAIRING_H
#define BODY_ENDPOINT_PAIRING_H

#include "body/endpoint/pilot.h"

/* Reads it. STATUS_NOT_FOUND: not paired yet; STATUS_STORE_DAMAGED, after a line that says why:
 * not such a file, or one that others can read. */
enum status pairing_read(int state_dir, struct pairing *pairing) MUST_USE;

/* Pairs with the chip at the other end of the open wire `fd`, in clear, and keeps the file. A
 * pairing that was cut off is taken up again with the same key. Says in lines what it does.
 * STATUS_NAME_TAKEN: the file is there already; STATUS_ALREADY_PAIRED: the chip has another host;
 * STATUS_LINE_DOWN; STATUS_STORE_IO. */
enum status pairing_make(int state_dir, int fd) MUST_USE;

#endif
