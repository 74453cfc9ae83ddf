/* SPDX-License-Identifier: Apache-2.0 */
/* PINs: from a file, a descriptor, a credential of systemd, or typed; never from the command line.
 */
#ifndef HOST_CLI_PIN_H
#define HOST_CLI_PIN_H

#include "host/cli/cli.h"

/* Declare with WIPE_AT_END. */
struct pin {
    uint8_t data[PIN_SIZE_MAX + 2];
    size_t size;
};

enum pin_owner { PIN_USER, PIN_OFFICER };

/* Gets the PIN of the user or the security officer of the token in use. STATUS_PIN_NEEDED when
 * there is no way to ask, STATUS_PIN_LENGTH, STATUS_FILE_READ; told already. */
enum status pin_get(const struct cli *cli, enum pin_owner owner, struct pin *pin) MUST_USE;
/* Reads a PIN from the first line of a file; "-" is stdin. */
enum status pin_from_file(const struct cli *cli, const char *path, struct pin *pin) MUST_USE;
/* Reads the first line, whatever its length (cut after what a PIN can have). */
enum status pin_line(const struct cli *cli, const char *path, struct pin *pin) MUST_USE;
/* Asks on the terminal; a new PIN is asked for twice. */
enum status pin_ask(const struct cli *cli, const char *prompt, bool twice,
                    struct pin *pin) MUST_USE;
/* Makes a random PIN of 24 letters and digits (120 bits). */
enum status pin_invent(const struct cli *cli, struct pin *pin) MUST_USE;

/* Asks the user to type `name`, unless `given` (an option's value) is it. */
enum status pin_confirm(const struct cli *cli, const char *what, const char *name,
                        const char *given) MUST_USE;

struct bytes pin_bytes(const struct pin *pin) MUST_USE;

#endif
