/* SPDX-License-Identifier: Apache-2.0 */
/* Exports of the audit log, read by whoever verifies them. Signatures can be made to pass,
 * so that what lies behind them is reached. */
#include "client/log_crypto.h"
#include "client/log_text.h"
#include "client/log_verify.h"
#include "test/fuzz/fuzz.h"

static bool lenient;

/* The name is the linker's. */
bool __real_log_ed25519_verifies(const uint8_t *key, struct bytes data, const uint8_t *signature);
bool __wrap_log_ed25519_verifies(const uint8_t *key, struct bytes data, const uint8_t *signature);
bool __wrap_log_ed25519_verifies(const uint8_t *key, struct bytes data, const uint8_t *signature) {
    return lenient || __real_log_ed25519_verifies(key, data, signature);
}

static void on_finding(void *context, const struct log_finding *finding) {
    uint32_t *findings = context;
    ++*findings;
    for (const char *c = finding->text; *c != '\0'; c++) {
        REQUIRE(*c >= ' ' && *c <= '~');
    }
    REQUIRE(finding->fault != LOG_FAULT_NONE);
}

/* One line of printable text, whatever the entry holds. */
static void print(const struct log_entry *entry, uint64_t number) {
    static char line[LOG_TEXT_MAX];
    size_t sizes[] = {log_entry_text(entry, number, line, sizeof(line)), 0};
    REQUIRE(sizes[0] < sizeof(line) && strlen(line) == sizes[0]);
    sizes[1] = log_entry_json(entry, number, line, sizeof(line));
    REQUIRE(sizes[1] < sizeof(line) && strlen(line) == sizes[1]);
    for (size_t i = 0; i < sizes[1]; i++) {
        REQUIRE(line[i] >= ' ' && line[i] <= '~');
    }
}

static void verify(const struct log_identity *identity, struct bytes entries, uint64_t first) {
    static struct log_verifier verifier;
    struct log_result result;
    struct log_entry entry;
    uint32_t findings = 0;
    log_verify_start(&verifier, identity, on_finding, &findings);
    log_verify_place(&verifier, first);
    for (uint64_t i = 0; log_entry_next(&entries, &entry) == STATUS_OK; i++) {
        log_verify_entry(&verifier, &entry);
        print(&entry, first + i);
    }
    log_verify_end(&verifier, &result);
    REQUIRE(findings <= LOG_FINDINGS_MAX && result.ok == (result.findings == 0));
    REQUIRE(findings == 0 || !result.ok);
}

static void verify_file(struct bytes whole) {
    static struct log_verifier verifier;
    struct log_file file;
    struct log_result result;
    uint32_t findings = 0;
    if (log_file_open(whole, &file) != STATUS_OK) {
        return;
    }
    log_verify_start(&verifier, &file.identity, on_finding, &findings);
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    verify(&file.identity, file.entries, file.first);
}

static void read_checkpoint(struct bytes input) {
    static struct log_verifier verifier;
    struct log_checkpoint checkpoint;
    struct log_identity identity = {.origin = "edgehsm/00"};
    struct bytes cose = fuzz_string(&input);
    if (log_checkpoint_read(cose, input, &checkpoint) != STATUS_OK) {
        return;
    }
    memcpy(identity.origin, checkpoint.origin, sizeof(identity.origin));
    log_verify_start(&verifier, &identity, NULL, NULL);
    enum status status = log_verify_expect(&verifier, &checkpoint, checkpoint.nonce);
    REQUIRE(status == STATUS_OK || status == STATUS_SIGNATURE_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes input = {data, size};
    uint8_t how = fuzz_byte(&input);
    struct log_identity identity = {.origin = "edgehsm/00"};
    lenient = (how & 1) != 0;
    uint8_t *exact = fuzz_exact(input);
    input.data = exact;
    switch (how / 2 % 3) {
    case 0:
        verify_file(input);
        break;
    case 1:
        verify(&identity, input, how >> 4);
        break;
    default:
        read_checkpoint(input);
    }
    free(exact);
    return 0;
}
