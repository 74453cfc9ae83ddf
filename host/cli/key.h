/* SPDX-License-Identifier: Apache-2.0 */
/* The words under `edgehsm key`. */
#ifndef HOST_CLI_KEY_H
#define HOST_CLI_KEY_H

#include "host/cli/cli.h"

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/key_verbs.def"
#undef VERB

#endif
