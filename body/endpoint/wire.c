/* SPDX-License-Identifier: Apache-2.0 */
/* The medium of a chip's line. */
#define _GNU_SOURCE
#include "body/endpoint/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

static const char unix_prefix[] = "unix:";

bool wire_reopens(const char *address) {
    return strncmp(address, unix_prefix, sizeof(unix_prefix) - 1) == 0;
}

static int open_socket(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof(name.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name.sun_path, path, length + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) != 0) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

static speed_t speed_code(unsigned speed) {
    static const struct {
        unsigned speed;
        speed_t code;
    } codes[] = {{38400, B38400},   {57600, B57600},   {115200, B115200},
                 {230400, B230400}, {460800, B460800}, {921600, B921600}};
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (codes[i].speed == speed) {
            return codes[i].code;
        }
    }
    return B0;
}

static int open_device(const char *path, unsigned speed) {
    struct termios settings;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    bool set = tcgetattr(fd, &settings) == 0;
    if (set) {
        cfmakeraw(&settings);
        settings.c_cflag |= CLOCAL | CREAD;
        settings.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
        set = (speed == 0 || cfsetspeed(&settings, speed_code(speed)) == 0) &&
              tcsetattr(fd, TCSANOW, &settings) == 0 && tcflush(fd, TCIOFLUSH) == 0;
    }
    if (!set) {
        int code = errno;
        close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

int wire_open(const char *address, unsigned speed) {
    return wire_reopens(address) ? open_socket(address + sizeof(unix_prefix) - 1)
                                 : open_device(address, speed);
}

static bool is_pause(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

long wire_read(int fd, uint8_t *to, size_t room) {
    ssize_t got = read(fd, to, room);
    if (got < 0) {
        return is_pause() ? 0 : -1;
    }
    return got == 0 ? -1 : got;
}

long wire_write(int fd, struct bytes bytes) {
    ssize_t put = write(fd, bytes.data, bytes.size);
    if (put < 0) {
        return is_pause() ? 0 : -1;
    }
    return put;
}
