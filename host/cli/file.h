/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in and out; "-" stands for stdin and stdout. Failures are told. */
#ifndef HOST_CLI_FILE_H
#define HOST_CLI_FILE_H

#include "host/cli/cli.h"

enum { FILE_SIZE_MAX = 1 << 30 };

/* Reads a whole file of at most `most` bytes; *out is malloc'ed (free with file_free). */
enum status file_read(const struct cli *cli, const char *path, size_t most,
                      struct span *out) MUST_USE;
/* Wipes and frees. */
void file_free(struct span *whole);
/* Writes a file in one step: it holds all of it, or stays as it was. `mode` as in chmod. */
enum status file_write(const struct cli *cli, const char *path, struct bytes data,
                       unsigned mode) MUST_USE;

/* A file that is written part by part, and takes its name only when it is whole. */
struct file_out {
    int fd;
    const char *path;
    char beside[4096]; /* "" where the file is written as it is: stdout, a device */
};
enum status file_out_open(const struct cli *cli, const char *path, struct file_out *out) MUST_USE;
enum status file_out_put(const struct cli *cli, struct file_out *out, struct bytes part) MUST_USE;
enum status file_out_finish(const struct cli *cli, struct file_out *out, unsigned mode) MUST_USE;
void file_out_drop(struct file_out *out);

/* Feeds a file part by part, whatever its size. */
enum status file_each(const struct cli *cli, const char *path,
                      enum status (*take)(void *context, struct bytes part),
                      void *context) MUST_USE;

#endif
