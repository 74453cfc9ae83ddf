/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on the use of a key, as people write and read them. */
#include "host/cli/key_limit.h"

#include "host/cli/file.h"
#include "host/cli/report.h"
#include "host/cli/session.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 512, KEY_FILE_SIZE_MAX = 16384 };

static uint32_t *number_of(struct key_limits *limits, uint32_t attribute) {
    limits->said[attribute - ATTRIBUTE_USES_MAX] = true;
    return &limits->numbers[attribute - ATTRIBUTE_USES_MAX];
}

/* ---- numbers and times ---- */

static bool read_number(const char *text, uint64_t most, uint64_t *value, const char **rest) {
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    *rest = end;
    return text[0] >= '0' && text[0] <= '9' && errno == 0 && *value <= most;
}

static bool read_whole(const char *text, uint32_t *value) {
    uint64_t wide = 0;
    const char *rest = text;
    bool ok = read_number(text, UINT32_MAX - 1, &wide, &rest) && *rest == 0 && wide > 0;
    *value = (uint32_t)wide;
    return ok;
}

bool key_limit_time(const char *text, bool ms, uint32_t *value) {
    static const struct {
        const char *name;
        uint64_t milliseconds;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    uint64_t count = 0;
    const char *unit = text;
    if (!read_number(text, UINT32_MAX, &count, &unit)) {
        return false;
    }
    for (size_t i = ms ? 0 : 1; i < COUNT(units); i++) {
        uint64_t whole = count * units[i].milliseconds / (ms ? 1 : 1000);
        if (strcmp(unit, units[i].name) == 0) {
            *value = (uint32_t)whole;
            return whole > 0 && whole < UINT32_MAX;
        }
    }
    return false;
}

/* ---- one limit each ---- */

static bool read_rate(char *text, struct key_limits *limits) {
    char *slash = strchr(text, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = 0;
    return read_whole(text, number_of(limits, ATTRIBUTE_RATE_USES)) &&
           key_limit_time(slash + 1, true, number_of(limits, ATTRIBUTE_RATE_MS));
}

static bool read_minute(const char **at, uint32_t *minute) {
    uint64_t hour = 0, minutes = 0;
    if (!read_number(*at, 23, &hour, at) || **at != ':' ||
        !read_number(*at + 1, 59, &minutes, at)) {
        return false;
    }
    *minute = (uint32_t)(60 * hour + minutes);
    return true;
}

static bool read_hours(const char *text, struct key_limits *limits) {
    const char *at = text;
    if (!read_minute(&at, number_of(limits, ATTRIBUTE_HOURS_FROM)) || *at != '-') {
        return false;
    }
    at++;
    return read_minute(&at, number_of(limits, ATTRIBUTE_HOURS_TO)) && *at == 0;
}

/* 100000/30d, 100000, or /30d */
static bool read_lease(char *text, struct key_limits *limits) {
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = 0;
    }
    if (text[0] != 0 && !read_whole(text, number_of(limits, ATTRIBUTE_LEASE_USES))) {
        return false;
    }
    if (slash != NULL) {
        return key_limit_time(slash + 1, false, number_of(limits, ATTRIBUTE_LEASE_SECONDS));
    }
    return text[0] != 0;
}

static enum status read_key(const struct cli *cli, const char *path, struct key_limits *limits) {
    struct span file = {0};
    TRY(file_read(cli, path, KEY_FILE_SIZE_MAX, &file));
    BIO *bio = BIO_new_mem_buf(file.data, (int)file.size);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    unsigned char *der = NULL;
    int size = key ? i2d_PUBKEY(key, &der) : 0;
    bool fits = size > 0 && (size_t)size <= sizeof(limits->lease_key) &&
                lease_key_form(bytes_of(der, (size_t)size)) != LEASE_KEY_OTHER;
    if (fits) {
        memcpy(limits->lease_key, der, (size_t)size);
        limits->lease_key_size = (size_t)size;
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
    BIO_free(bio);
    file_free(&file);
    return fits ? STATUS_OK
                : report_failure(cli, STATUS_FILE_FORMAT,
                                 (struct reason){"a lease key is a public key on P-256 or of "
                                                 "Ed25519, as PEM",
                                                 NULL},
                                 "use '%s' as the lease key", path);
}

/* ---- the list ---- */

static enum status read_one(const struct cli *cli, char *text, struct key_limits *limits) {
    char *value = strchr(text, '=');
    bool ok = false;
    if (value == NULL) {
        return report_usage(cli, "a limit is NAME=VALUE, and '%s' is not", text);
    }
    *value++ = 0;
    char kept[TEXT_MAX];
    snprintf(kept, sizeof(kept), "%s", value);
    if (strcmp(text, "uses") == 0) {
        ok = read_whole(value, number_of(limits, ATTRIBUTE_USES_MAX));
    } else if (strcmp(text, "rate") == 0) {
        ok = read_rate(value, limits);
    } else if (strcmp(text, "burst") == 0) {
        ok = read_whole(value, number_of(limits, ATTRIBUTE_RATE_BURST));
    } else if (strcmp(text, "hours") == 0) {
        ok = read_hours(value, limits);
    } else if (strcmp(text, "login-after") == 0) {
        ok = read_whole(value, number_of(limits, ATTRIBUTE_LOGIN_USES));
    } else if (strcmp(text, "lease") == 0) {
        ok = read_lease(value, limits);
    } else if (strcmp(text, "lease-key") == 0) {
        return read_key(cli, value, limits);
    } else {
        return report_usage(cli,
                            "there is no limit '%s'; there are: uses, rate, burst, hours, "
                            "login-after, lease, lease-key",
                            text);
    }
    return ok ? STATUS_OK
              : report_usage(cli,
                             "'%s' is not a value for the limit '%s'; for example: "
                             "uses=1000,rate=20/1s,burst=40,hours=06:00-22:00,"
                             "login-after=50,lease=100000/30d",
                             kept, text);
}

static enum status check_together(const struct cli *cli, const struct key_limits *limits) {
    bool leased = limits->said[ATTRIBUTE_LEASE_USES - ATTRIBUTE_USES_MAX] ||
                  limits->said[ATTRIBUTE_LEASE_SECONDS - ATTRIBUTE_USES_MAX];
    bool rated = limits->said[ATTRIBUTE_RATE_USES - ATTRIBUTE_USES_MAX];
    if (leased != (limits->lease_key_size > 0)) {
        return report_usage(cli, "lease= and lease-key= belong together: without a key nobody "
                                 "could renew");
    }
    if (limits->said[ATTRIBUTE_RATE_BURST - ATTRIBUTE_USES_MAX] && !rated) {
        return report_usage(cli, "burst= needs rate=");
    }
    return STATUS_OK;
}

enum status key_limit_change(const struct cli *cli, const char *text,
                             struct key_limits *limits) {
    char list[TEXT_MAX];
    *limits = (struct key_limits){.lease_key_size = 0};
    if (text == NULL) {
        return STATUS_OK;
    }
    if (strlen(text) >= sizeof(list)) {
        return report_usage(cli, "the list of limits is too long");
    }
    snprintf(list, sizeof(list), "%s", text);
    char *rest = NULL;
    for (char *one = strtok_r(list, ",", &rest); one; one = strtok_r(NULL, ",", &rest)) {
        TRY(read_one(cli, one, limits));
    }
    return STATUS_OK;
}

enum status key_limit_read(const struct cli *cli, const char *text, struct key_limits *limits) {
    TRY(key_limit_change(cli, text, limits));
    return check_together(cli, limits);
}

enum status key_limit_add(const struct key_limits *limits, struct span template, size_t *used) {
    for (uint32_t i = 0; i < KEY_LIMIT_COUNT; i++) {
        if (limits->said[i]) {
            TRY(attributes_add_num(template, used, ATTRIBUTE_USES_MAX + i, limits->numbers[i]));
        }
    }
    return limits->lease_key_size == 0
               ? STATUS_OK
               : attributes_add(template, used, ATTRIBUTE_LEASE_KEY,
                                bytes_of(limits->lease_key, limits->lease_key_size));
}

/* ---- for people ---- */

/* Appends one limit to the list. */
static __attribute__((format(printf, 3, 4))) void say(char *out, size_t room, const char *format,
                                                      ...) {
    size_t used = strlen(out);
    if (used > 0 && used + 1 < room) {
        out[used++] = ',';
    }
    va_list values;
    va_start(values, format);
    vsnprintf(out + used, room - used, format, values);
    va_end(values);
}

static void hours_text(struct bytes attributes, char *out, size_t room) {
    uint32_t from = attributes_num(attributes, ATTRIBUTE_HOURS_FROM, UINT32_MAX);
    uint32_t to = attributes_num(attributes, ATTRIBUTE_HOURS_TO, UINT32_MAX);
    if (from < 1440 && to < 1440) {
        say(out, room, "hours=%02u:%02u-%02u:%02u", from / 60, from % 60, to / 60, to % 60);
    }
}

void key_limit_text(struct bytes attributes, char *out, size_t room) {
    uint32_t uses = attributes_num(attributes, ATTRIBUTE_USES_MAX, 0);
    uint32_t rate = attributes_num(attributes, ATTRIBUTE_RATE_USES, 0);
    uint32_t logins = attributes_num(attributes, ATTRIBUTE_LOGIN_USES, 0);
    uint32_t lease = attributes_num(attributes, ATTRIBUTE_LEASE_USES, 0);
    uint32_t seconds = attributes_num(attributes, ATTRIBUTE_LEASE_SECONDS, 0);
    out[0] = 0;
    if (uses != 0) {
        say(out, room, "uses=%u", uses);
    }
    if (rate != 0) {
        say(out, room, "rate=%u/%ums", rate, attributes_num(attributes, ATTRIBUTE_RATE_MS, 0));
        say(out, room, "burst=%u", attributes_num(attributes, ATTRIBUTE_RATE_BURST, rate));
    }
    hours_text(attributes, out, room);
    if (logins != 0) {
        say(out, room, "login-after=%u", logins);
    }
    if (lease != 0 && seconds != 0) {
        say(out, room, "lease=%u/%us", lease, seconds);
    } else if (lease != 0) {
        say(out, room, "lease=%u", lease);
    } else if (seconds != 0) {
        say(out, room, "lease=/%us", seconds);
    }
}

static void left_add(struct json_object *object, const char *key, uint64_t left, uint64_t none) {
    if (left != none) {
        output_number(object, key, left);
    }
}

enum status key_limit_left(struct cli *cli, uint64_t handle, struct json_object *object) {
    const struct key_usage_req request = {cli->session, handle};
    struct key_usage_rep left;
    TRY(session_call(cli, COMMAND_key_usage, &request, &left, "see what is left of the limits"));
    const struct status_row *row = status_row(left.state);
    output_text(object, "now", left.state == STATUS_OK ? "may be used" : row->text);
    left_add(object, "uses_left", left.uses_left, UINT64_MAX);
    left_add(object, "rate_left", left.rate_left, UINT32_MAX);
    left_add(object, "wait_ms", left.wait_ms, 0);
    left_add(object, "uses_until_login", left.login_left, UINT32_MAX);
    left_add(object, "lease_uses_left", left.lease_uses_left, UINT64_MAX);
    left_add(object, "lease_seconds_left", left.lease_seconds_left, UINT64_MAX);
    if (left.lease_uses_left != UINT64_MAX || left.lease_seconds_left != UINT64_MAX) {
        output_number(object, "lease_sequence", left.sequence);
    }
    return STATUS_OK;
}
