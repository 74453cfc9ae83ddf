/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm time: the time that a token trusts (doc/TIME.md), asked for, answered and given. */
#include "host/cli/time_words.h"

#include "proto/told_time.h"
#include "host/cli/approve.h"
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/output.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <stdio.h>
#include <time.h>

enum { PATH_ROOM = 1024 };

static const struct verb words_of_time[] = {
#define VERB(name, word, synopsis, sentence, examples) \
    {name, word##_run, synopsis, sentence, examples},
#include "host/cli/time_verbs.def"
#undef VERB
};

enum status time_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    static const struct verb_words words = {words_of_time, COUNT(words_of_time),
                                            &words_of_time[0]};
    return verb_descend(cli, self, &words, argc, argv);
}

/* ---- show ---- */

enum status time_show_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(session_start(cli, SESSION_PUBLIC, false));
    const struct time_get_req request = {cli->session};
    struct time_get_rep reply;
    TRY(session_call(cli, COMMAND_time_get, &request, &reply, "ask for the trusted time"));
    struct json_object *object = json_object_new_object();
    output_text(object, "token", cli->label);
    output_time(object, "trusted_time", reply.seconds);
    output_number(object, "seconds_left", reply.left_ms / 1000);
    output_object(cli, object);
    if (reply.seconds == 0) {
        report_talk(cli, "\nNobody has told this token the time since the module started, or not "
                         "for 7 days.\n\nnext: edgehsm time ask -o question");
    }
    return STATUS_OK;
}

/* ---- ask ---- */

static enum status question_make(struct cli *cli, struct span *out) {
    const struct hello_req hello_request = {PROTOCOL_VERSION};
    struct hello_rep hello;
    struct time_ask_rep reply;
    uint8_t device[TOLD_TIME_DEVICE_SIZE] = {0};
    TRY(session_start(cli, SESSION_PUBLIC, false));
    TRY(session_call(cli, COMMAND_hello, &hello_request, &hello, "ask for the device's id"));
    bytes_copy(device, bytes_of(hello.device_id.data, sizeof(device)));
    const struct time_ask_req request = {cli->session};
    TRY(session_call(cli, COMMAND_time_ask, &request, &reply, "let the module ask for the time"));
    const struct told_time question = {bytes_of(device, sizeof(device)), reply.nonce, 0};
    return told_time_write(&question, out);
}

enum status time_ask_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    uint8_t room[TOLD_TIME_PAYLOAD_MAX];
    struct span question = {room, sizeof(room)};
    const char *out = "question";
    const struct option_row rows[] = {
        {"out", 'o', "FILE", "where the question goes (default: question; - is stdout)", NULL,
         &out, NULL},
    };
    struct arguments arguments = {.options = rows, .option_count = COUNT(rows)};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(question_make(cli, &question));
    TRY(file_write(cli, out, bytes_of_span(question), 0644));
    report_talk(cli, "next, within 60 seconds, where the key is: edgehsm time sign %s -k KEY",
                out);
    return STATUS_OK;
}

/* ---- sign ---- */

static enum status answer_make(const struct cli *cli, const struct signer *signer,
                               const struct told_time *time, struct span *out) {
    uint8_t point[MEMBER_KEY_MAX], id[COSE_KEY_ID_SIZE] = {0}, header[COSE_HEADER_MAX];
    uint8_t payload_room[TOLD_TIME_PAYLOAD_MAX], data[TOLD_TIME_SIGNED_MAX];
    uint8_t signature[COSE_SIGNATURE_SIZE];
    struct member member = {0};
    struct span head = {header, sizeof(header)}, whole = {data, sizeof(data)};
    struct span payload = {payload_room, sizeof(payload_room)};
    TRY(approve_member_of(signer->key, &member, point));
    TRY(approve_key_id(&member, id));
    TRY(told_time_write(time, &payload));
    TRY(cose_header(member.algorithm, bytes_of(id, sizeof(id)), TOLD_TIME_TYPE, &head));
    TRY(cose_signed(bytes_of_span(head), bytes_of_span(payload), &whole));
    TRY(signer_sign(cli, signer, member.algorithm, bytes_of_span(whole), signature));
    const struct bytes told = bytes_of_span(payload);
    return cose_write(bytes_of_span(head), &told, bytes_of(signature, sizeof(signature)), out);
}

static enum status question_load(const struct cli *cli, const char *path, struct span *whole,
                                 struct told_time *question) {
    TRY(file_read(cli, path, TOLD_TIME_PAYLOAD_MAX, whole));
    if (told_time_read(bytes_of_span(*whole), question) == STATUS_OK && question->seconds == 0) {
        return STATUS_OK;
    }
    file_free(whole);
    return report_failure(cli, STATUS_FILE_FORMAT,
                          (struct reason){"it is not what 'edgehsm time ask' writes", ""},
                          "read the question '%s'", path);
}

static enum status answer_write(const struct cli *cli, const char *path, const char *place,
                                struct span *answer) {
    struct span whole = {0};
    struct told_time time;
    struct signer signer = {0};
    TRY(signer_load(cli, place, &signer));
    enum status status = question_load(cli, path, &whole, &time);
    if (status != STATUS_OK) {
        signer_free(&signer);
        return status;
    }
    struct timespec now = {0};
    bool known = clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec > 0;
    time.seconds = known ? (uint64_t)now.tv_sec : 0;
    status = known ? answer_make(cli, &signer, &time, answer) : STATUS_INTERNAL;
    signer_free(&signer);
    file_free(&whole);
    const char *why = status == STATUS_USAGE ? "it is neither P-256 nor Ed25519" : NULL;
    bool told = status == STATUS_OK || status == STATUS_FILE_READ;
    return told ? status
                : report_failure(cli, status, (struct reason){why, NULL},
                                 "sign the time with the key '%s'", place);
}

enum status time_sign_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    uint8_t room[TOLD_TIME_MAX];
    struct span answer = {room, sizeof(room)};
    char beside[PATH_ROOM];
    const char *key = NULL, *out = NULL;
    const struct option_row rows[] = {
        {"key", 'k', "KEY", "the key of somebody in the role `time`: a PEM file, or a URI", NULL,
         &key, NULL},
        {"out", 'o', "FILE", "where the answer goes (default: FILE.time; - is stdout)", NULL, &out,
         NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    if (key == NULL) {
        return report_usage(cli, "say with which key: usage: edgehsm %s", self->synopsis);
    }
    const char *path = arguments.words[0];
    TRY(answer_write(cli, path, key, &answer));
    snprintf(beside, sizeof(beside), "%s.time", strcmp(path, "-") == 0 ? "question" : path);
    out = out != NULL ? out : beside;
    TRY(file_write(cli, out, bytes_of_span(answer), 0644));
    report_talk(cli, "next, beside the module: edgehsm time set %s", out);
    return STATUS_OK;
}

/* ---- set ---- */

enum status time_set_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct arguments arguments = {.least = 1, .most = 1};
    struct span whole = {0};
    struct time_set_rep reply;
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(file_read(cli, arguments.words[0], TOLD_TIME_MAX, &whole));
    enum status status = session_start(cli, SESSION_PUBLIC, false);
    if (status == STATUS_OK) {
        const struct time_set_req request = {cli->session, bytes_of_span(whole)};
        status = session_call(cli, COMMAND_time_set, &request, &reply, "take the time");
    }
    file_free(&whole);
    TRY(status);
    struct json_object *object = json_object_new_object();
    output_text(object, "token", cli->label);
    output_time(object, "trusted_time", reply.seconds);
    output_object(cli, object);
    return STATUS_OK;
}
