/* SPDX-License-Identifier: Apache-2.0 */
/* edgehsm key lease: makes a renewal, where the lease key is; no module is needed. */
#include "host/cli/arguments.h"
#include "host/cli/file.h"
#include "host/cli/key.h"
#include "host/cli/key_limit.h"
#include "host/cli/report.h"

#include <errno.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdlib.h>

enum { KEY_FILE_SIZE_MAX = 16384, HALF = LEASE_SIGNATURE_SIZE / 2 };

struct key_lease_given {
    const char *device, *unique_id, *sequence, *uses, *time, *out;
    uint8_t device_id[LEASE_DEVICE_SIZE];
    struct lease lease;
};

/* ---- what is asked for ---- */

static bool read_hex(const char *text, uint8_t out[LEASE_DEVICE_SIZE]) {
    if (strlen(text) != 2 * LEASE_DEVICE_SIZE ||
        strspn(text, "0123456789abcdefABCDEF") != 2 * LEASE_DEVICE_SIZE) {
        return false;
    }
    for (size_t i = 0; i < LEASE_DEVICE_SIZE; i++) {
        const char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}

static bool read_number(const char *text, uint64_t most, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && *value > 0 &&
           *value <= most;
}

static enum status given_check(const struct cli *cli, struct key_lease_given *given) {
    uint64_t uses = 0;
    if (!given->device || !given->unique_id || !given->sequence) {
        return report_usage(cli, "--device, --unique-id and --sequence are needed; "
                                 "'edgehsm key show NAME' prints them");
    }
    if (!read_hex(given->device, given->device_id)) {
        return report_usage(cli, "--device takes the 32 hex digits that key show prints");
    }
    if (strlen(given->unique_id) == 0 || strlen(given->unique_id) > 64) {
        return report_usage(cli, "--unique-id takes what key show prints");
    }
    if (!read_number(given->sequence, UINT64_MAX, &given->lease.sequence)) {
        return report_usage(cli, "--sequence takes a number above the lease_sequence of key show");
    }
    if (given->uses && !read_number(given->uses, UINT32_MAX - 1, &uses)) {
        return report_usage(cli, "--uses takes a number above 0");
    }
    if (given->time && !key_limit_time(given->time, false, &given->lease.seconds)) {
        return report_usage(cli, "--time takes a time such as 30d, 12h or 90m");
    }
    if (!given->uses && !given->time) {
        return report_usage(cli, "say how much: --uses, --time, or both, as the key's lease has");
    }
    given->lease.uses = (uint32_t)uses;
    given->lease.device = bytes_of(given->device_id, sizeof(given->device_id));
    given->lease.unique_id = bytes_of_text(given->unique_id);
    return STATUS_OK;
}

/* ---- signing ---- */

static enum lease_key_form form_of(EVP_PKEY *key) {
    unsigned char *der = NULL;
    int size = key ? i2d_PUBKEY(key, &der) : 0;
    enum lease_key_form form =
        size > 0 ? lease_key_form(bytes_of(der, (size_t)size)) : LEASE_KEY_OTHER;
    OPENSSL_free(der);
    return form;
}

static bool raw_of_der(const uint8_t *der, size_t size, uint8_t out[LEASE_SIGNATURE_SIZE]) {
    const unsigned char *at = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)size);
    bool ok = pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, HALF) == HALF &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + HALF, HALF) == HALF;
    ECDSA_SIG_free(pair);
    return ok;
}

static bool sign(EVP_PKEY *key, enum lease_key_form form, struct bytes text,
                 uint8_t out[LEASE_SIGNATURE_SIZE]) {
    uint8_t signature[128];
    size_t size = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const EVP_MD *md = form == LEASE_KEY_P256 ? EVP_sha256() : NULL;
    bool ok = context && EVP_DigestSignInit(context, NULL, md, NULL, key) == 1 &&
              EVP_DigestSign(context, signature, &size, text.data, text.size) == 1;
    EVP_MD_CTX_free(context);
    if (ok && form == LEASE_KEY_P256) {
        return raw_of_der(signature, size, out);
    }
    if (!ok || size != LEASE_SIGNATURE_SIZE) {
        return false;
    }
    memcpy(out, signature, size);
    return true;
}

static enum status renewal_make(EVP_PKEY *key, const struct lease *lease, struct span *out) {
    uint8_t payload_bytes[LEASE_PAYLOAD_MAX], text_bytes[LEASE_TEXT_MAX];
    uint8_t signature[LEASE_SIGNATURE_SIZE];
    struct span payload = {payload_bytes, sizeof(payload_bytes)};
    struct span text = {text_bytes, sizeof(text_bytes)};
    enum lease_key_form form = form_of(key);
    TRY(lease_write(lease, &payload));
    TRY(lease_signed(form, bytes_of_span(payload), &text));
    if (!sign(key, form, bytes_of_span(text), signature)) {
        return STATUS_INTERNAL;
    }
    return lease_cose_write(form, bytes_of_span(payload), signature, out);
}

static enum status lease_make(const struct cli *cli, const char *path,
                              const struct key_lease_given *given) {
    struct span file = {0};
    uint8_t cose[LEASE_COSE_MAX];
    struct span renewal = {cose, sizeof(cose)};
    TRY(file_read(cli, path, KEY_FILE_SIZE_MAX, &file));
    BIO *bio = BIO_new_mem_buf(file.data, (int)file.size);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    enum status status = form_of(key) == LEASE_KEY_OTHER
                             ? STATUS_FILE_FORMAT
                             : renewal_make(key, &given->lease, &renewal);
    EVP_PKEY_free(key);
    BIO_free(bio);
    file_free(&file);
    if (status != STATUS_OK) {
        const char *why = status == STATUS_FILE_FORMAT
                              ? "a lease key is a private key on P-256 or of Ed25519, as PEM"
                              : NULL;
        return report_failure(cli, status, (struct reason){why, NULL}, "sign with '%s'", path);
    }
    TRY(file_write(cli, given->out, bytes_of_span(renewal), 0644));
    report_talk(cli, "next, where the module is: edgehsm key renew %s", given->out);
    return STATUS_OK;
}

enum status key_lease_run(struct cli *cli, const struct verb *self, int argc, char **argv) {
    struct key_lease_given given = {.out = "renewal"};
    const struct option_row rows[] = {
        {"device", 0, "HEX", "the module's device, as key show prints it", NULL, &given.device,
         NULL},
        {"unique-id", 0, "ID", "the key's unique id, as key show prints it", NULL, &given.unique_id,
         NULL},
        {"sequence", 0, "NUMBER", "above that of the newest renewal", NULL, &given.sequence, NULL},
        {"uses", 0, "NUMBER", "uses from the renewal on", NULL, &given.uses, NULL},
        {"time", 0, "TIME", "30d, 12h, 90m: time the module is up from the renewal on", NULL,
         &given.time, NULL},
        {"out", 'o', "FILE", "where the renewal goes (default: renewal; - is stdout)", NULL,
         &given.out, NULL},
    };
    struct arguments arguments = {
        .options = rows, .option_count = COUNT(rows), .least = 1, .most = 1};
    TRY(arguments_read(cli, self, &arguments, argc, argv));
    TRY(given_check(cli, &given));
    return lease_make(cli, arguments.words[0], &given);
}
