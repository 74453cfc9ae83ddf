/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing of files. */
#define _GNU_SOURCE /* mkostemp */
#include "host/cli/file.h"

#include "base/wipe.h"
#include "host/cli/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_SIZE = 65536 };

static enum status read_failed(const struct cli *cli, const char *path, int error) {
    return report_failure(cli, STATUS_FILE_READ, (struct reason){strerror(error), NULL},
                          "read the file '%s'", path);
}

enum status file_each(const struct cli *cli, const char *path,
                      enum status (*take)(void *context, struct bytes part), void *context) {
    SECRET_BYTES(part, PART_SIZE);
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return read_failed(cli, path, errno);
    }
    enum status status = STATUS_OK;
    ssize_t got = 0;
    do {
        got = read(fd, part, sizeof(part));
        if (got > 0) {
            status = take(context, bytes_of(part, (size_t)got));
        }
    } while (status == STATUS_OK && (got > 0 || (got < 0 && errno == EINTR)));
    int error = errno;
    if (!is_stdin) {
        close(fd);
    }
    return got < 0 ? read_failed(cli, path, error) : status;
}

/* A buffer that grows by doubling. */
struct whole {
    struct span data;
    size_t room;
    size_t most;
};

static enum status whole_take(void *context, struct bytes part) {
    struct whole *whole = context;
    if (part.size > whole->most - whole->data.size) {
        return STATUS_TOO_LARGE;
    }
    if (whole->data.size + part.size > whole->room) {
        size_t room = (whole->data.size + part.size) * 2;
        uint8_t *larger = malloc(room);
        if (!larger) {
            return STATUS_MEMORY;
        }
        bytes_copy(larger, bytes_of_span(whole->data));
        file_free(&(struct span){whole->data.data, whole->data.size});
        whole->data.data = larger;
        whole->room = room;
    }
    bytes_copy(whole->data.data + whole->data.size, part);
    whole->data.size += part.size;
    return STATUS_OK;
}

enum status file_read(const struct cli *cli, const char *path, size_t most, struct span *out) {
    struct whole whole = {.most = most};
    *out = (struct span){0};
    enum status status = file_each(cli, path, whole_take, &whole);
    if (status == STATUS_TOO_LARGE) {
        char why[64];
        snprintf(why, sizeof(why), "it is larger than %zu bytes", most);
        status = report_failure(cli, status, (struct reason){why, ""}, "take the file '%s'", path);
    } else if (status == STATUS_MEMORY) {
        status = report_failure(cli, status, (struct reason){0}, "take the file '%s'", path);
    }
    if (status != STATUS_OK) {
        file_free(&whole.data);
        return status;
    }
    *out = whole.data;
    return STATUS_OK;
}

void file_free(struct span *whole) {
    if (whole->data) {
        wipe(whole->data, whole->size);
        free(whole->data);
    }
    *whole = (struct span){0};
}

static bool write_all(int fd, struct bytes data) {
    while (data.size > 0) {
        ssize_t put = write(fd, data.data, data.size);
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        data = bytes_of(data.data + put, data.size - (size_t)put);
    }
    return true;
}

static enum status write_failed(const struct cli *cli, const char *path) {
    return report_failure(cli, STATUS_FILE_WRITE, (struct reason){strerror(errno), NULL},
                          "write the file '%s'", path);
}

/* A regular file is written under another name beside it, so that it is never seen half. */
enum status file_out_open(const struct cli *cli, const char *path, struct file_out *out) {
    struct stat old;
    out->path = path;
    out->beside[0] = 0;
    if (strcmp(path, "-") == 0) {
        out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    } else if (stat(path, &old) == 0 && !S_ISREG(old.st_mode)) {
        out->fd = open(path, O_WRONLY | O_CLOEXEC);
    } else {
        int length = snprintf(out->beside, sizeof(out->beside), "%s.XXXXXX", path);
        if (length < 0 || (size_t)length >= sizeof(out->beside)) {
            errno = ENAMETOOLONG;
            return write_failed(cli, path);
        }
        out->fd = mkostemp(out->beside, O_CLOEXEC);
    }
    return out->fd >= 0 ? STATUS_OK : write_failed(cli, path);
}

enum status file_out_put(const struct cli *cli, struct file_out *out, struct bytes part) {
    return write_all(out->fd, part) ? STATUS_OK : write_failed(cli, out->path);
}

enum status file_out_finish(const struct cli *cli, struct file_out *out, unsigned mode) {
    bool named = out->beside[0] == 0;
    bool done = named || fchmod(out->fd, (mode_t)mode) == 0;
    done = close(out->fd) == 0 && done;
    out->fd = -1;
    if (done && (named || rename(out->beside, out->path) == 0)) {
        return STATUS_OK;
    }
    enum status status = write_failed(cli, out->path);
    file_out_drop(out);
    return status;
}

void file_out_drop(struct file_out *out) {
    if (out->fd >= 0) {
        close(out->fd);
    }
    if (out->beside[0] != 0) {
        unlink(out->beside);
    }
}

enum status file_write(const struct cli *cli, const char *path, struct bytes data, unsigned mode) {
    struct file_out out;
    TRY(file_out_open(cli, path, &out));
    enum status status = file_out_put(cli, &out, data);
    if (status != STATUS_OK) {
        file_out_drop(&out);
        return status;
    }
    return file_out_finish(cli, &out, mode);
}
