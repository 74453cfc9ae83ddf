/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of the token in use, by name. Failures are told. */
#ifndef HOST_CLI_OBJECT_H
#define HOST_CLI_OBJECT_H

#include "host/cli/cli.h"
#include "proto/attributes.h"

enum { OBJECT_LIST_MAX = 4096 };

/* Classes to look for, in order; ended by CLASS_END. */
enum { CLASS_END = 0xffffffffu };

struct object_list {
    uint64_t handles[OBJECT_LIST_MAX];
    size_t count;
    bool more; /* there are more than fit */
};

/* Finds all objects of a class (CLASS_END: of any) with a label (NULL: any). */
enum status object_find(struct cli *cli, uint32_t class, const char *label,
                        struct object_list *list) MUST_USE;

/* Finds the one object of a class named `name`: its label, "id:" and its CKA_ID in hex, or
 * a pkcs11: URI.
 * STATUS_KEY_INVALID when it is not there (told, with the command that makes one); STATUS_USAGE
 * when the name fits several. */
enum status object_one(struct cli *cli, uint32_t class, const char *name,
                       uint64_t *handle) MUST_USE;
/* The same, but where there is none *handle is 0 and nothing is told. */
enum status object_maybe(struct cli *cli, uint32_t class, const char *name,
                         uint64_t *handle) MUST_USE;

/* Asks for attributes, types ended by 0xffffffff; what the object does not have or give is left
 * out. *attributes is malloc'ed: free(attributes->data). */
enum status object_get(struct cli *cli, uint64_t handle, const uint32_t *types,
                       struct span *attributes) MUST_USE;

/* Makes an object from a template. */
enum status object_create(struct cli *cli, struct bytes template, const char *what,
                          uint64_t *handle) MUST_USE;
enum status object_destroy(struct cli *cli, uint64_t handle, const char *what) MUST_USE;

/* Refuses when a key or certificate of that class and name is there. */
enum status object_name_free(struct cli *cli, uint32_t class, const char *name) MUST_USE;

/* Whether a label may be the name of a key: 1 to 255 bytes, no control characters, not "id:...". */
enum status object_name_check(const struct cli *cli, const char *name) MUST_USE;

#endif
