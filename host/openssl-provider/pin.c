/* SPDX-License-Identifier: Apache-2.0 */
/* PINs for tokens. */
#include "host/openssl-provider/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_ROOM = 1200 };

/* The first line; what is longer than any PIN is cut there. */
static bool line_read(int fd, struct pin *pin) {
    pin->size = 0;
    while (pin->size < sizeof(pin->data)) {
        ssize_t got = read(fd, pin->data + pin->size, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return false;
        }
        if (got == 0 || pin->data[pin->size] == '\n') {
            break;
        }
        pin->size++;
    }
    if (pin->size > 0 && pin->data[pin->size - 1] == '\r') {
        pin->size--;
    }
    return true;
}

static bool file_read(const struct provider *provider, const char *path, struct pin *pin) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool done = fd >= 0 && line_read(fd, pin);
    if (!done) {
        provider_fail(provider, STATUS_FILE_READ, "check its path and permissions",
                      "read the PIN from the file '%s': %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

static bool ask(const struct provider *provider, const char *label,
                const struct lookup_prompt *prompt, struct pin *pin) {
    char info[80];
    snprintf(info, sizeof(info), "PIN of token %s", label);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PASSPHRASE_PARAM_INFO, info, 0),
        OSSL_PARAM_construct_end(),
    };
    if (prompt->ask != NULL && prompt->ask((char *)pin->data, sizeof(pin->data), &pin->size, params,
                                           prompt->argument) == 1) {
        return true;
    }
    provider_fail(
        provider, STATUS_PIN_NEEDED,
        "add ?pin-source=FILE to the URI, or pin-file = FILE to the provider's section of "
        "openssl.cnf; or let this user in: edgehsm token set --access peers --peer USER",
        "log in to token '%s': nobody gave a PIN", label);
    return false;
}

bool pin_get(const struct provider *provider, const struct key_uri *uri, const char *label,
             const struct lookup_prompt *prompt, struct pin *pin) {
    char path[PATH_ROOM];
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    if (uri->pin[0] != 0) {
        pin->size = strlen(uri->pin);
        memcpy(pin->data, uri->pin, pin->size);
        return true;
    }
    if (uri->pin_source[0] != 0) {
        return file_read(provider, uri->pin_source, pin);
    }
    if (provider->pin_file != NULL) {
        return file_read(provider, provider->pin_file, pin);
    }
    if (folder != NULL && folder[0] != 0) {
        snprintf(path, sizeof(path), "%s/edgehsm-pin", folder);
        if (access(path, R_OK) == 0) {
            return file_read(provider, path, pin);
        }
    }
    return ask(provider, label, prompt, pin);
}
