/* SPDX-License-Identifier: Apache-2.0 */
/* Pairing, and the file it leaves. */
#define _GNU_SOURCE
#include "body/endpoint/pairing.h"
#include "base/ct.h"
#include "base/wipe.h"
#include "body/endpoint/wire.h"
#include "crypto/crypto.h"
#include "port/linux/linux.h"
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static const char file_name[] = "pairing.key";
/* The host's key alone, while it is not certain whether the chip has it: nothing is lost when the
 * power fails between the two. */
static const char new_name[] = "pairing.new";
static const char magic[] = "EHSMPAIR";

enum { MAGIC_SIZE = 8, FILE_SIZE = MAGIC_SIZE + 2 * NOISE_KEY_SIZE, PATIENCE_MS = 30000 };

/* ---- files ---- */

static enum status read_file(int dir, const char *name, uint8_t *to, size_t size) {
    uint8_t more;
    int fd = linux_open_beneath(dir, name, O_RDONLY, 0);
    if (fd < 0) {
        return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_STORE_IO;
    }
    bool good = linux_private_file(fd) && pread(fd, to, size, 0) == (ssize_t)size &&
                pread(fd, &more, 1, (off_t)size) == 0 &&
                bytes_equal(bytes_of(to, MAGIC_SIZE), bytes_of(magic, MAGIC_SIZE));
    close(fd);
    if (!good) {
        linux_say("%s is not a pairing, or others can read it: chmod 0600, or bring back a copy",
                  name);
        return STATUS_STORE_DAMAGED;
    }
    return STATUS_OK;
}

/* All or nothing: under another name first. */
static enum status write_file(int dir, const char *name, const uint8_t *data, size_t size) {
    static const char part[] = "pairing.part";
    int fd = linux_open_beneath(dir, part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool done = fd >= 0 && write(fd, data, size) == (ssize_t)size && fsync(fd) == 0 &&
                renameat(dir, part, dir, name) == 0 && fsync(dir) == 0;
    if (!done) {
        linux_say_errno("cannot write %s", name);
    }
    if (fd >= 0) {
        close(fd);
    }
    return done ? STATUS_OK : STATUS_STORE_IO;
}

enum status pairing_read(int state_dir, struct pairing *pairing) {
    SECRET_BYTES(raw, FILE_SIZE);
    TRY(read_file(state_dir, file_name, raw, sizeof(raw)));
    memcpy(pairing->host.private_key, raw + MAGIC_SIZE, NOISE_KEY_SIZE);
    memcpy(pairing->chip, raw + MAGIC_SIZE + NOISE_KEY_SIZE, NOISE_KEY_SIZE);
    return noise_pair_complete(&pairing->host);
}

static enum status take_host_key(int dir, struct noise_pair *host) {
    SECRET_BYTES(raw, MAGIC_SIZE + NOISE_KEY_SIZE);
    enum status status = read_file(dir, new_name, raw, sizeof(raw));
    if (status == STATUS_OK) {
        memcpy(host->private_key, raw + MAGIC_SIZE, NOISE_KEY_SIZE);
        return noise_pair_complete(host);
    }
    if (status != STATUS_NOT_FOUND) {
        return status;
    }
    TRY(noise_pair_make(host));
    memcpy(raw, magic, MAGIC_SIZE);
    memcpy(raw + MAGIC_SIZE, host->private_key, NOISE_KEY_SIZE);
    return write_file(dir, new_name, raw, sizeof(raw));
}

/* ---- the talk ---- */

/* Carries bytes both ways for a moment; false when the wire has ended. */
static bool carry(struct line *line, int fd) {
    uint8_t data[256];
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    size_t size;
    while ((size = line_take(line, data, sizeof(data), port_uptime_ms())) > 0) {
        for (size_t at = 0; at < size;) {
            long put = wire_write(fd, bytes_of(data + at, size - at));
            if (put < 0) {
                return false;
            }
            at += (size_t)put;
        }
    }
    if (poll(&poller, 1, 20) > 0) {
        long got = wire_read(fd, data, sizeof(data));
        if (got < 0) {
            return false;
        }
        line_feed(line, bytes_of(data, (size_t)got), port_uptime_ms());
    }
    return true;
}

static enum status ask(struct line *line, int fd, const struct noise_pair *host) {
    uint64_t until = port_uptime_ms() + PATIENCE_MS;
    struct span message;
    uint8_t session[4];
    bool sent = false;
    TRY(crypto_random(session, sizeof(session)));
    line_open(line, load_u32(session) | 1);
    while (!line_message(line, &message)) {
        if (port_uptime_ms() > until || line->lost || !carry(line, fd)) {
            return STATUS_LINE_DOWN;
        }
        if (!sent && line_idle(line)) {
            line->out[0] = MESSAGE_PAIR;
            memcpy(line->out + 1, host->public_key, NOISE_KEY_SIZE);
            line_send(line, PAIR_SIZE);
            sent = true;
        }
    }
    for (int i = 0; i < 5; i++) { /* the acknowledgement leaves too */
        if (!carry(line, fd)) {
            break;
        }
    }
    return STATUS_OK;
}

static enum status read_answer(struct span message, uint8_t *chip) {
    uint8_t number[CHIP_NUMBER_SIZE];
    if (message.data[0] == MESSAGE_REFUSED && message.size == REFUSED_SIZE) {
        return status_row(load_u32(message.data + 1))->status;
    }
    if (message.data[0] != MESSAGE_PAIRED || message.size != PAIRED_SIZE) {
        return STATUS_LINE_DOWN;
    }
    memcpy(chip, message.data + 1, NOISE_KEY_SIZE);
    TRY(message_chip_number(chip, number));
    return ct_equal(number, message.data + 1 + NOISE_KEY_SIZE, CHIP_NUMBER_SIZE)
               ? STATUS_OK
               : STATUS_LINE_DOWN;
}

static void say_number(const uint8_t *chip) {
    uint8_t number[CHIP_NUMBER_SIZE];
    char text[2 * CHIP_NUMBER_SIZE + 1];
    if (message_chip_number(chip, number) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof(number); i++) {
        snprintf(text + 2 * i, 3, "%02x", number[i]);
    }
    linux_say("paired with the chip of number %s", text);
}

enum status pairing_make(int state_dir, int fd) {
    static struct line line;
    struct noise_pair host;
    SECRET_BYTES(raw, FILE_SIZE);
    WIPE_AT_END(host, sizeof(host));
    struct span message;
    enum status status = read_file(state_dir, file_name, raw, sizeof(raw));
    if (status != STATUS_NOT_FOUND) {
        return status == STATUS_OK ? STATUS_NAME_TAKEN : status;
    }
    TRY(take_host_key(state_dir, &host));
    line_start(&line, true);
    TRY(ask(&line, fd, &host));
    if (!line_message(&line, &message)) {
        return STATUS_LINE_DOWN;
    }
    memcpy(raw, magic, MAGIC_SIZE);
    memcpy(raw + MAGIC_SIZE, host.private_key, NOISE_KEY_SIZE);
    TRY(read_answer(message, raw + MAGIC_SIZE + NOISE_KEY_SIZE));
    TRY(write_file(state_dir, file_name, raw, sizeof(raw)));
    unlinkat(state_dir, new_name, 0);
    say_number(raw + MAGIC_SIZE + NOISE_KEY_SIZE);
    return STATUS_OK;
}
