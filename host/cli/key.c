/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key: its words. */
#include "host/cli/key.h"

static const struct verb words_of_key[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/key_verbs.def"
#undef VERB
};

enum status key_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_key, COUNT(words_of_key), NULL};
    return verb_descend(cli, self, &words, argc, argv);
}
