/* SPDX-License-Identifier: Apache-2.0 */
/* Verbs and the words under them. */
#include "host/cli/arguments.h"
#include "host/cli/report.h"

#include <stdio.h>

const struct verb *verb_find(const struct verb *verbs, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

static void words_help(const struct verb *self, const struct verb_words *words) {
    printf("%s\n\nExamples:\n%s\n\nUsage: edgehsm %s\n\nWords (each has its own --help):\n",
           self->sentence, self->examples, self->synopsis);
    for (size_t i = 0; i < words->count; i++) {
        printf("  %-8s %s\n", words->verbs[i].name, words->verbs[i].sentence);
    }
    printf("\nOptions of every verb:\n");
    arguments_help_common();
}

enum status verb_descend(struct cli *cli, const struct verb *self, const struct verb_words *words,
                         int argc, char **argv) {
    int next = argc;
    TRY(arguments_read_common(cli, argc, argv, &next));
    if (next < argc) {
        const struct verb *word = verb_find(words->verbs, words->count, argv[next]);
        if (word) {
            return word->run(cli, word, argc - next, argv + next);
        }
        return report_usage(cli, "there is no '%s %s'; see: edgehsm %s --help", self->name,
                            argv[next], self->name);
    }
    if (cli->help) {
        words_help(self, words);
        return STATUS_NOT_FOUND;
    }
    if (words->otherwise) {
        return words->otherwise->run(cli, words->otherwise, argc, argv);
    }
    return report_usage(cli, "a word is missing: usage: edgehsm %s", self->synopsis);
}
