/* SPDX-License-Identifier: Apache-2.0 */
/* The words under `edgehsm token`. */
#ifndef HOST_CLI_TOKEN_H
#define HOST_CLI_TOKEN_H

#include "host/cli/cli.h"

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/token_verbs.def"
#undef VERB

#endif
