/* SPDX-License-Identifier: Apache-2.0 */
/* Runs `edgehsm` in this process. */
#include "test/component/cli_runner.h"

#include "host/cli/program.h"
#include "test/conformance/door_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS_MAX = 40 };

struct cli_said said;
static char folder[64];

int cli_begin(void **state) {
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/edgehsm-cli.XXXXXX");
    if (!mkdtemp(folder) || chdir(folder) != 0) {
        return -1;
    }
    setenv("EDGEHSM_PKCS11", "/opt/libedgehsm-pkcs11.so", 1);
    unsetenv("CREDENTIALS_DIRECTORY");
    door_client_begin();
    file_put("pin", "123456\n", 7);
    file_put("so", "87654321\n", 9);
    return 0;
}

int cli_end(void **state) {
    char command[128];
    (void)state;
    door_client_end();
    snprintf(command, sizeof(command), "cd / && rm -rf '%s'", folder);
    return chdir("/") == 0 && shell(command) ? 0 : -1;
}

void file_put(const char *name, const void *data, size_t size) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int redirect(int fd, const char *path) {
    int kept = dup(fd);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && file >= 0);
    assert_int_equal(dup2(file, fd), fd);
    close(file);
    return kept;
}

static void restore(int fd, int kept) {
    dup2(kept, fd);
    close(kept);
}

static void slurp(const char *path, char *out, size_t room) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(out, 1, room - 1, file);
    out[size] = 0;
    fclose(file);
}

int cli(const char *words) {
    static char text[4096];
    char *list[WORDS_MAX + 1] = {(char *)"edgehsm"};
    int count = 1;
    snprintf(text, sizeof(text), "%s", words);
    char *rest = text;
    for (char *word = strsep(&rest, " "); word && count < WORDS_MAX; word = strsep(&rest, " ")) {
        for (char *at = strchr(word, '~'); at; at = strchr(at, '~')) {
            *at = ' ';
        }
        list[count++] = word;
    }
    fflush(NULL);
    int out = redirect(STDOUT_FILENO, ".out"), err = redirect(STDERR_FILENO, ".err");
    said.code = program_run(count, list);
    fflush(NULL);
    restore(STDOUT_FILENO, out);
    restore(STDERR_FILENO, err);
    slurp(".out", said.out, sizeof(said.out));
    slurp(".err", said.err, sizeof(said.err));
    return said.code;
}

void cli_ok(const char *words) {
    if (cli(words) != 0) {
        fail_msg("edgehsm %s: exit %d\n%s%s", words, said.code, said.out, said.err);
    }
}

bool shell(const char *command) {
    return system(command) == 0;
}

bool out_has(const char *text) {
    return strstr(said.out, text) != NULL;
}

bool err_has(const char *text) {
    return strstr(said.err, text) != NULL;
}
