/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm doctor: all checks, and the command that mends what is wrong. */
#include "host/cli/arguments.h"
#include "host/cli/check.h"
#include "host/cli/output.h"
#include "host/cli/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct check_row checks[] = {
    {"socket", check_socket},         {"daemon", check_daemon},   {"module", check_state},
    {"token", check_token},           {"root key", check_root},   {"log", check_log_space},
    {"group", check_group},           {"library", check_library}, {"p11-kit", check_module_file},
    {"OpenSSL", check_provider},      {"engine", check_engine},   {"clock", check_clock},
    {"key memory", check_memory},     {"sandbox", check_landlock},
};

static const char *grade_text(enum check_grade grade) {
    static const char *const words[CHECK_COUNT] = {"OK", "WARN", "FAIL"};
    return words[grade];
}

static void line_print(const char *name, const struct check *check) {
    static const char *const colours[CHECK_COUNT] = {"\033[32m", "\033[33m", "\033[31m"};
    const char *no = getenv("NO_COLOR");
    bool colour = isatty(STDOUT_FILENO) && !(no && *no);
    char text[REPORT_TEXT_MAX];
    report_clean(bytes_of_text(check->text), text, sizeof(text));
    printf("%s%-4s%s  %-14s  %s\n", colour ? colours[check->grade] : "", grade_text(check->grade),
           colour ? "\033[0m" : "", name, text);
    if (check->mend[0] != 0) {
        printf("      %-14s  mend: %s\n", "", check->mend);
    }
}

static void row_add(struct json_object *rows, const char *name, const struct check *check) {
    struct json_object *row = json_object_new_object();
    output_text(row, "check", name);
    output_text(row, "grade", grade_text(check->grade));
    output_bytes(row, "text", bytes_of_text(check->text));
    output_text(row, "mend", check->mend);
    json_object_array_add(rows, row);
}

enum status doctor_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    unsigned grades[CHECK_COUNT] = {0};
    struct arguments arguments = {0};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    struct json_object *rows = json_object_new_array();
    for (size_t i = 0; i < COUNT(checks); i++) {
        struct check check = {.grade = CHECK_FAIL};
        checks[i].run(cli, &check);
        grades[check.grade]++;
        if (cli->json) {
            row_add(rows, checks[i].name, &check);
        } else {
            line_print(checks[i].name, &check);
        }
    }
    if (cli->json) {
        output_table(cli, rows, NULL);
    } else {
        json_object_put(rows);
        printf("\n%u right, %u to look at, %u wrong\n", grades[CHECK_OK], grades[CHECK_WARN],
               grades[CHECK_FAIL]);
    }
    return grades[CHECK_FAIL] == 0 ? STATUS_OK : STATUS_CHECK_FAILED;
}
