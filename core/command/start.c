/* SPDX-License-Identifier: Apache-2.0 */
/* The life of the module: start, connections, time, end. */
#include "base/wipe.h"
#include "core/command/places.h"
#include "port/port.h"

size_t hsm_size(void) {
    return sizeof(struct hsm);
}

static bool selftests_pass(void) {
    bool passed = true;
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        if (crypto_selftest_run(i, false) != STATUS_OK) {
            passed = false;
        }
    }
    return passed;
}

/* ---- the boot counter ---- */

static enum status next_boot(struct hsm *hsm) {
    uint8_t raw[4];
    struct span stored = {raw, sizeof(raw)};
    enum status status = store_get(&hsm->store, record_id(RECORD_MODULE, 1), &stored);
    if (status == STATUS_OK && stored.size == sizeof(raw)) {
        hsm->boot = load_u32(raw);
    } else if (status != STATUS_NOT_FOUND) {
        return status == STATUS_OK ? STATUS_STORE_DAMAGED : status;
    }
    hsm->boot++;
    save_u32(raw, hsm->boot);
    return store_put(&hsm->store, record_id(RECORD_MODULE, 1), bytes_of(raw, sizeof(raw)),
                     STORE_LAST);
}

/* ---- opening the store ---- */

static enum status open_store(struct hsm *hsm, bool *finished_wipe) {
    enum status status = store_mount(&hsm->store, finished_wipe);
    if (status == STATUS_NOT_FOUND) {
        SECRET_BYTES(root, ROOT_KEY_SIZE);
        TRY(port_root_read(root, true));
        status = store_format(&hsm->store);
    }
    TRY(status);
    return next_boot(hsm);
}

static enum status take_objects(struct hsm *hsm) {
    uint32_t generations[TOKENS_MAX];
    TRY(tokens_mount(&hsm->tokens, &hsm->store));
    TRY(objects_start(&hsm->objects, &hsm->store));
    tokens_generations(&hsm->tokens, generations);
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        if (generations[slot] != 0) {
            TRY(places_add_profiles(hsm, slot));
        }
    }
    TRY(objects_mount(&hsm->objects, generations));
    return guards_mount(&hsm->store, (struct span){hsm->room, sizeof(hsm->room)});
}

static void log_event(struct hsm *hsm, enum event event, const char *detail) {
    struct audit_record record = {.event = (uint32_t)event,
                                  .status = STATUS_OK,
                                  .detail = bytes_of_text(detail),
                                  .class = AUDIT_RESERVED};
    /* An event that finds no room is counted by the log itself. */
    if (hsm->audit.started && audit_append(&hsm->audit, &record) != STATUS_OK) {
        hsm->state = STATE_ERROR;
        hsm->reason = STATUS_STORE_IO;
    }
}

static void log_start(struct hsm *hsm, bool tests_passed) {
    struct store_usage usage;
    store_usage(&hsm->store, &usage);
    log_event(hsm, EVENT_boot, EHSM_VERSION);
    if (usage.cut_records > 0) {
        log_event(hsm, EVENT_store_cut, "");
    }
    if (!tests_passed) {
        log_event(hsm, EVENT_self_test_failed, "");
    }
}

static void fail(struct hsm *hsm, enum status status) {
    if (status == STATUS_OBJECT_TOO_LARGE) {
        status = STATUS_STORE_DAMAGED; /* a record larger than any that the module writes */
    }
    hsm->state = status == STATUS_ZEROIZED ? STATE_ZEROIZED : STATE_ERROR;
    hsm->reason = status == STATUS_ZEROIZED && port_tampered() ? STATUS_TAMPERED : status;
}

static enum status start_handles(struct hsm *hsm) {
    SECRET_BYTES(key, 16);
    TRY(crypto_random(key, sizeof(key)));
    return crypto_tagger_start(&hsm->tagger, key);
}

enum status hsm_start(struct hsm *hsm) {
    bool finished_wipe = false;
    TRY(crypto_start());
    bool tests_passed = selftests_pass();
    TRY(start_handles(hsm));
    enum status status = open_store(hsm, &finished_wipe);
    if (status == STATUS_OK) {
        status = audit_start(&hsm->audit, &hsm->store, hsm->boot);
    }
    if (status == STATUS_OK) {
        status = take_objects(hsm);
    }
    if (status == STATUS_OK) {
        status = port_flash_sync();
    }
    if (status == STATUS_OK) {
        hsm->state = tokens_count(&hsm->tokens) > 0 ? STATE_OPERATIONAL : STATE_FACTORY;
        log_start(hsm, tests_passed);
        status = tests_passed ? STATUS_OK : STATUS_ERROR_STATE;
    }
    if (status != STATUS_OK) {
        fail(hsm, status);
    }
    return STATUS_OK;
}

/* ---- connections ---- */

static void log_peer(struct hsm *hsm, enum event event, const struct peer *peer) {
    struct audit_record record = {.event = (uint32_t)event,
                                  .status = STATUS_OK,
                                  .has_uid = true,
                                  .uid = peer->uid,
                                  .class = AUDIT_RESERVED};
    if (hsm->audit.started && audit_append(&hsm->audit, &record) != STATUS_OK) {
        fail(hsm, STATUS_STORE_IO);
    }
}

enum status hsm_connect(struct hsm *hsm, const struct peer *peer, uint32_t *connection) {
    TRY(sessions_connect(&hsm->sessions, peer, connection));
    log_peer(hsm, EVENT_connection_open, peer);
    return STATUS_OK;
}

void hsm_disconnect(struct hsm *hsm, uint32_t connection) {
    places_close_sessions(hsm, connection, TOKENS_MAX);
    log_peer(hsm, EVENT_connection_closed, &hsm->sessions.connections[connection].peer);
    sessions_disconnect(&hsm->sessions, connection);
}

void hsm_peer_refused(struct hsm *hsm, const struct peer *peer) {
    log_peer(hsm, EVENT_peer_refused, peer);
    alarms_see_peer(hsm, peer);
    alarms_log(hsm);
}

/* ---- time and end ---- */

static void keep_first(enum status *first, enum status status) {
    *first = *first == STATUS_OK ? status : *first;
}

bool hsm_tick(struct hsm *hsm) {
    bool wants_sync = false;
    enum status status =
        hsm->audit.started ? audit_tick(&hsm->audit, &wants_sync) : STATUS_OK;
    if (status == STATUS_ERROR_STATE && hsm->state != STATE_ZEROIZED) {
        fail(hsm, status);
    }
    alarms_tick(hsm);
    if (hsm->state == STATE_OPERATIONAL) {
        bool wrote = false;
        keep_first(&status,
                   guards_tick(&hsm->guards, &hsm->objects, port_uptime_ms(), &wrote));
        wants_sync = wants_sync || wrote;
        /* A mark that cannot be set now is set by the next tick, or before the next use. */
        keep_first(&status, usages_tick(&hsm->objects.usages, &hsm->store, port_uptime_ms()));
    }
    return wants_sync || status != STATUS_OK;
}

static void drop_keys(struct hsm *hsm) {
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (hsm->sessions.connections[i].used) {
            places_close_sessions(hsm, i, TOKENS_MAX);
        }
    }
    home_soft_clear(&hsm->home);
}

static void end_log(struct hsm *hsm, enum event event) {
    if (hsm->audit.started) {
        bool whole = audit_flush(&hsm->audit, 0) == STATUS_OK;
        log_event(hsm, event, "");
        if (!whole || audit_stop(&hsm->audit) != STATUS_OK || port_flash_sync() != STATUS_OK) {
            hsm->state = STATE_ERROR;
        }
    }
}

/* What is behind `objects` holds names and sizes only, and the blocks of session objects wiped when
 * they went. */
static void forget(struct hsm *hsm) {
    crypto_tagger_stop(&hsm->tagger);
    crypto_stop();
    wipe(hsm, offsetof(struct hsm, objects));
}

void hsm_stop(struct hsm *hsm) {
    if (hsm->state == STATE_OPERATIONAL &&
        (usages_stop(&hsm->objects.usages, &hsm->store, port_uptime_ms()) != STATUS_OK ||
         guards_stop(&hsm->guards, &hsm->objects) != STATUS_OK)) {
        hsm->state = STATE_ERROR;
    }
    end_log(hsm, EVENT_halt);
    drop_keys(hsm);
    forget(hsm);
}

void hsm_tampered(struct hsm *hsm) {
    drop_keys(hsm);
    audit_hurry(&hsm->audit);
    end_log(hsm, EVENT_tamper);
    forget(hsm);
}
