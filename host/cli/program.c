/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm: finds the verb and runs it. */
#include "host/cli/program.h"

#include "host/cli/arguments.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>

static const struct verb verbs[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/verbs.def"
#undef VERB
};

static void help_print(void) {
    printf("Keys that the programs using them never hold.\n\nExamples:\n"
           "  edgehsm init                       set up the module\n"
           "  edgehsm key new tls                make a key named tls\n"
           "  edgehsm sign -k tls file           sign a file with it\n"
           "  edgehsm doctor                     what is missing here, and how to mend it\n"
           "\nUsage: edgehsm [options] VERB ...\n\nVerbs (each has its own --help):\n");
    for (size_t i = 0; i < COUNT(verbs); i++) {
        printf("  %-12s %s\n", verbs[i].name, verbs[i].sentence);
    }
    printf("\nOptions:\n");
    arguments_help_common();
    printf(
        "\nExit: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused, 5 module not reached.\n"
        "Each error has a code (EH-nnnn); man edgehsm explains more.\n");
}

static enum status run(struct cli *cli, int argc, char **argv) {
    int next = argc;
    TRY(arguments_read_common(cli, argc, argv, &next));
    if (cli->version) {
        printf("edgehsm %s\n", EHSM_VERSION);
        return STATUS_OK;
    }
    bool help = next < argc && strcmp(argv[next], "help") == 0;
    if (help && next + 1 < argc) {
        cli->help = true;
        next++;
    } else if (help || next == argc) {
        cli->help = cli->help || help;
        if (cli->help) {
            help_print();
            return STATUS_OK;
        }
        return report_usage(cli, "no verb is given");
    }
    const struct verb *verb = verb_find(verbs, COUNT(verbs), argv[next]);
    if (!verb) {
        return report_usage(cli, "there is no verb '%s'", argv[next]);
    }
    return verb->run(cli, verb, argc - next, argv + next);
}

int program_run(int argc, char **argv) {
    static struct cli cli; /* large: it holds the room for replies */
    memset(&cli, 0, sizeof(cli));
    enum status status = run(&cli, argc, argv);
    session_end(&cli);
    bool helped = cli.help && status == STATUS_NOT_FOUND;
    if ((status == STATUS_OK || helped) && fflush(stdout) != 0) {
        helped = false;
        status = report_failure(&cli, STATUS_FILE_WRITE, (struct reason){0}, "write to stdout");
    }
    return helped ? 0 : report_exit_code(status);
}
