/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm log export: the log as a file that is verified while it is written; its room is freed
 * only when it was whole and is on the disk. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/log.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <unistd.h>

struct log_exporter {
    struct cli *cli;
    struct file_out out;
    struct log_verifier verifier;
};

static enum status page_write(void *context, struct bytes entries, uint64_t number) {
    struct log_exporter *exporter = context;
    struct log_entry entry;
    TRY(file_out_put(exporter->cli, &exporter->out, entries));
    log_verify_place(&exporter->verifier, number);
    while (log_entry_next(&entries, &entry) == STATUS_OK) {
        log_verify_entry(&exporter->verifier, &entry);
    }
    return STATUS_OK;
}

static enum status front_write(struct log_exporter *exporter, const struct log_live *live) {
    uint8_t room[LOG_FILE_HEADER_MAX + LOG_FILE_HEAD_MAX];
    struct span line = {room, LOG_FILE_HEADER_MAX};
    TRY(log_file_header(&live->identity, live->first, &line));
    TRY(file_out_put(exporter->cli, &exporter->out, bytes_of_span(line)));
    struct span head = {room, LOG_FILE_HEAD_MAX};
    TRY(log_file_head(bytes_of(live->cose, live->cose_size), bytes_of(live->note, live->note_size),
                      &head));
    return file_out_put(exporter->cli, &exporter->out, bytes_of_span(head));
}

static enum status whole_write(struct log_exporter *exporter, const struct log_live *live) {
    TRY(front_write(exporter, live));
    TRY(log_live_each(exporter->cli, live->first, live->end, page_write, exporter));
    if (exporter->out.beside[0] != 0 && fsync(exporter->out.fd) != 0) {
        return report_failure(exporter->cli, STATUS_FILE_WRITE, (struct reason){0},
                              "bring '%s' to the disk", exporter->out.path);
    }
    return STATUS_OK;
}

static enum status release(struct cli *cli, uint64_t up_to) {
    if (up_to == 0) {
        report_talk(cli, "Nothing can be released yet: no signed point of the log lies behind it.");
        return STATUS_OK;
    }
    TRY(session_start(cli, SESSION_OFFICER, true));
    const struct log_release_req request = {.session = cli->session, .up_to = up_to};
    struct log_release_rep reply;
    TRY(session_call(cli, COMMAND_log_release, &request, &reply, "release the log's room"));
    report_talk(cli,
                "The module's room for entries below %llu is free again: this file is now the only "
                "copy. Keep it.",
                (unsigned long long)up_to);
    return STATUS_OK;
}

enum status log_export_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static struct log_live live;
    static struct log_exporter exporter;
    struct log_findings findings = {cli, 0};
    struct log_result result;
    bool wants_release = false;
    const struct option_row rows[] = {
        {"release", 0, NULL, "then free the room of what was exported", &wants_release, NULL, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(log_live_ask(cli, &live));
    exporter.cli = cli;
    log_verify_start(&exporter.verifier, &live.identity, log_finding_tell, &findings);
    if (log_verify_expect(&exporter.verifier, &live.head,
                          bytes_of(live.nonce, sizeof(live.nonce))) != STATUS_OK) {
        return report_failure(
            cli, STATUS_LOG_ALTERED,
            (struct reason){"the module's fresh signature of its head is not good", NULL},
            "export the log");
    }
    TRY(file_out_open(cli, arguments.words[0], &exporter.out));
    enum status status = whole_write(&exporter, &live);
    if (status != STATUS_OK) {
        file_out_drop(&exporter.out);
        return status;
    }
    TRY(file_out_finish(cli, &exporter.out, 0600));
    log_verify_end(&exporter.verifier, &result);
    if (strcmp(arguments.words[0], "-") != 0) {
        TRY(log_result_print(cli, &live.identity, &result));
    }
    if (wants_release) {
        return release(cli, result.release);
    }
    report_talk(cli,
                "\nKeep the key above apart from the file.\nnext: edgehsm log verify %s --key KEY",
                arguments.words[0]);
    return STATUS_OK;
}
