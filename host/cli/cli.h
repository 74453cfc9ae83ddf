/* SPDX-License-Identifier: Apache-2.0 */
/* What every verb of the command line shares: the options that all verbs take, and the connection.
 */
#ifndef HOST_CLI_CLI_H
#define HOST_CLI_CLI_H

#include "base/bytes.h"
#include "base/status.h"
#include "client/client.h"

struct cli {
    /* Options before or after the verb. */
    const char *module;
    const char *token;
    const char *pin_file;
    const char *so_pin_file;
    const char *pin_fd; /* a number, as text */
    bool json;
    bool help;
    bool version;
    /* The connection; see session.h. */
    const char *address;
    struct client *client;
    uint32_t slot;
    uint32_t session;
    char label[33]; /* of the token in use */
    uint8_t room[CLIENT_ROOM_SIZE];
};

/* One verb, or one word under a verb. `run` gets the words after its name, argv[0] being the name;
 * it has told the user of every failure before it returns one. */
struct verb {
    const char *name;
    enum status (*run)(struct cli *cli, const struct verb *self, int argc, char **argv);
    const char *synopsis; /* after "edgehsm " */
    const char *sentence;
    const char *examples; /* lines; first thing in the help */
};

/* The verb of that name, NULL where there is none. */
const struct verb *verb_find(const struct verb *verbs, size_t count, const char *name) MUST_USE;

/* Runs the word under a verb that argv[1] names, or `otherwise` where no word is given (NULL: that
 * is an error). */
struct verb_words {
    const struct verb *verbs;
    size_t count;
    const struct verb *otherwise;
};
enum status verb_descend(struct cli *cli, const struct verb *self, const struct verb_words *words,
                         int argc, char **argv) MUST_USE;

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/verbs.def"
#undef VERB

#endif
