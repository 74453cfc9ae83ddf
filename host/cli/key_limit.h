/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on the use of a key, as people write and read them (doc/LIMITS.md). Failures are told. */
#ifndef HOST_CLI_KEY_LIMIT_H
#define HOST_CLI_KEY_LIMIT_H

#include "host/cli/output.h"
#include "proto/attributes.h"
#include "proto/lease.h"

enum { KEY_LIMIT_COUNT = 9 };

/* What --limit says: numbers by attribute, from USES_MAX on; 0 and not `said`: nothing. */
struct key_limits {
    uint32_t numbers[KEY_LIMIT_COUNT];
    bool said[KEY_LIMIT_COUNT];
    uint8_t lease_key[128]; /* SubjectPublicKeyInfo */
    size_t lease_key_size;
};

/* Reads "uses=1000,rate=20/1s,burst=40,hours=06:00-22:00,login-after=50,lease=100000/30d,
 * lease-key=FILE". NULL: no limits. */
enum status key_limit_read(const struct cli *cli, const char *text,
                           struct key_limits *limits) MUST_USE;
/* The same for a key that has limits already: what belongs together may be there. */
enum status key_limit_change(const struct cli *cli, const char *text,
                             struct key_limits *limits) MUST_USE;
/* Appends them to the template of a private or secret key. */
enum status key_limit_add(const struct key_limits *limits, struct span template,
                          size_t *used) MUST_USE;
/* Reads a time such as 30d, 12h, 5m, 20s into seconds, and with `ms` 500ms into milliseconds. */
bool key_limit_time(const char *text, bool ms, uint32_t *value) MUST_USE;

/* What --limit would have said of an object with these attributes; "" where it has none. */
void key_limit_text(struct bytes attributes, char *out, size_t room);
/* Adds what is left of a key's limits to what `key show` prints. */
enum status key_limit_left(struct cli *cli, uint64_t handle, struct json_object *object) MUST_USE;

#endif
