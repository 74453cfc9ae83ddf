/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm time: its words. */
#ifndef HOST_CLI_TIME_WORDS_H
#define HOST_CLI_TIME_WORDS_H

#include "host/cli/cli.h"

#define VERB(name, word, synopsis, sentence, examples)                                      \
    enum status word##_run(struct cli *cli, const struct verb *self, int argc, char **argv) \
        MUST_USE;
#include "host/cli/time_verbs.def"
#undef VERB

#endif
