/* SPDX-License-Identifier: Apache-2.0 */
/* Results on stdout: one object or a table, as text for people or as JSON, from one description. */
#ifndef HOST_CLI_OUTPUT_H
#define HOST_CLI_OUTPUT_H

#include "host/cli/cli.h"

#include <json-c/json.h>

/* Add to an object; a key's underscores are blanks for people. */
void output_text(struct json_object *object, const char *key, const char *value);
void output_bytes(struct json_object *object, const char *key, struct bytes text);
void output_hex(struct json_object *object, const char *key, struct bytes value);
void output_number(struct json_object *object, const char *key, uint64_t value);
void output_flag(struct json_object *object, const char *key, bool value);
void output_time(struct json_object *object, const char *key, uint64_t seconds);

/* Print, and free. */
void output_object(const struct cli *cli, struct json_object *object);
/* `rows`: an array of objects; `columns`: keys, in order, ended by NULL. */
void output_table(const struct cli *cli, struct json_object *rows, const char *const *columns);

#endif
