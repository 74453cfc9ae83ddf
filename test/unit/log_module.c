/* SPDX-License-Identifier: Apache-2.0 */
/* A module that has only a store and a log. */
#include "test/unit/log_module.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct store log_store;
struct audit log_audit;
static uint32_t boot;

void log_module_reset(void) {
    sim_reset(NULL, false);
    sim_set_log_capacity(100000);
    sim_seed_random(1);
    sim_set_clock(1795000000);
    boot = 0;
}

void log_module_kill(void) {
    crypto_key_unload(&log_audit.key); /* the library's memory, which a real end would take back */
    memset(&log_audit, 0, sizeof(log_audit));
    memset(&log_store, 0, sizeof(log_store));
}

enum status log_module_start(void) {
    bool wiped = false;
    log_module_kill();
    enum status status = store_mount(&log_store, &wiped);
    if (status == STATUS_NOT_FOUND) {
        uint8_t root[ROOT_KEY_SIZE];
        TRY(port_root_read(root, true));
        status = store_format(&log_store);
    }
    TRY(status);
    TRY(audit_start(&log_audit, &log_store, ++boot));
    return port_flash_sync();
}

void log_module_stop(void) {
    assert_int_equal(audit_stop(&log_audit), STATUS_OK);
    assert_int_equal(port_flash_sync(), STATUS_OK);
    log_module_kill();
}

enum status log_module_say(const char *detail) {
    const struct audit_record record = {.event = COMMAND_sign,
                                        .session = 5,
                                        .object = 0x1a2b3c4d5e6f7081,
                                        .has_uid = true,
                                        .uid = 1000,
                                        .role = ROLE_USER,
                                        .detail = bytes_of_text(detail)};
    return audit_append(&log_audit, &record);
}

void log_module_identity(struct log_identity *identity) {
    struct bytes origin;
    memset(identity, 0, sizeof(*identity));
    audit_identity(&log_audit, identity->key, &origin);
    memcpy(identity->origin, origin.data, origin.size);
}

static void add(struct log_export *export, struct bytes more) {
    export->data = realloc(export->data, export->size + more.size + 1);
    assert_non_null(export->data);
    bytes_copy(export->data + export->size, more);
    export->size += more.size;
}

static void add_head(struct log_export *export) {
    uint8_t cose_bytes[LOG_COSE_MAX], note_bytes[LOG_NOTE_MAX], head_bytes[LOG_FILE_HEAD_MAX];
    struct span cose = {cose_bytes, sizeof(cose_bytes)}, note = {note_bytes, sizeof(note_bytes)};
    struct span head = {head_bytes, sizeof(head_bytes)};
    assert_int_equal(audit_checkpoint(&log_audit, REASON_DEMAND, bytes_of_text("a nonce"), &cose,
                                      &note),
                     STATUS_OK);
    assert_int_equal(log_file_head(bytes_of_span(cose), bytes_of_span(note), &head), STATUS_OK);
    add(export, bytes_of_span(head));
}

struct log_export log_module_export(uint64_t from, bool with_head) {
    struct log_export export = {NULL, 0};
    struct log_identity identity;
    uint8_t header_bytes[LOG_FILE_HEADER_MAX], page_bytes[4000];
    struct span header = {header_bytes, sizeof(header_bytes)};
    struct audit_page page = {from, from};
    log_module_identity(&identity);
    struct span room = {page_bytes, sizeof(page_bytes)};
    assert_int_equal(audit_read(from, &page, &room), STATUS_OK);
    assert_int_equal(log_file_header(&identity, page.first, &header), STATUS_OK);
    add(&export, bytes_of_span(header));
    if (with_head) {
        add_head(&export);
    }
    while (page.next != page.first) {
        add(&export, bytes_of_span(room));
        room.size = sizeof(page_bytes);
        assert_int_equal(audit_read(page.next, &page, &room), STATUS_OK);
    }
    return export;
}

static void keep_first(void *context, const struct log_finding *finding) {
    struct log_finding *first = context;
    if (first->fault == LOG_FAULT_NONE) {
        *first = *finding;
        first->text = NULL;
    }
}

struct log_result log_module_verify(struct log_export export, const struct log_identity *identity,
                                    struct log_finding *first) {
    struct log_verifier verifier;
    struct log_result result;
    struct log_file file;
    *first = (struct log_finding){.fault = LOG_FAULT_NONE};
    log_verify_start(&verifier, identity, keep_first, first);
    if (log_file_open(bytes_of(export.data, export.size), &file) != STATUS_OK) {
        first->fault = LOG_FAULT_MALFORMED;
        return (struct log_result){.ok = false, .findings = 1};
    }
    log_verify_file(&verifier, &file);
    log_verify_end(&verifier, &result);
    return result;
}

/* ---- shortcuts ---- */

int log_module_set_up(void **state) {
    (void)state;
    log_module_reset();
    assert_int_equal(log_module_start(), STATUS_OK);
    return 0;
}

int log_module_tear_down(void **state) {
    (void)state;
    log_module_kill();
    return 0;
}

void log_module_say_often(uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(log_module_say("hello"), STATUS_OK);
    }
}

struct log_result log_module_verify_all(void) {
    struct log_identity identity;
    struct log_finding first;
    log_module_identity(&identity);
    struct log_export export = log_module_export(0, true);
    struct log_result result = log_module_verify(export, &identity, &first);
    free(export.data);
    return result;
}

bool log_module_find_leaf(uint64_t sequence, struct log_leaf *leaf, uint8_t *room) {
    struct log_identity identity;
    log_module_identity(&identity);
    struct log_export export = log_module_export(0, false);
    struct log_file file;
    struct log_entry entry;
    bool found = false;
    assert_int_equal(log_file_open(bytes_of(export.data, export.size), &file), STATUS_OK);
    while (!found && log_entry_next(&file.entries, &entry) == STATUS_OK) {
        if (entry.kind == LOG_LEAF) {
            bytes_copy(room, entry.bytes);
            assert_int_equal(log_leaf_read(bytes_of(room, entry.bytes.size), leaf), STATUS_OK);
            found = leaf->sequence == sequence;
        }
    }
    free(export.data);
    return found;
}
