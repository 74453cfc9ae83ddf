/* SPDX-License-Identifier: Apache-2.0 */
/* A whole module on the simulated platform. */
#include "test/component/fixture.h"

void module_start(struct module *module) {
    module->hsm = aligned_alloc(64, (hsm_size() + 63) / 64 * 64);
    module->call = aligned_alloc(64, (call_size() + 63) / 64 * 64);
    memset(module->hsm, 0, hsm_size());
    memset(module->call, 0, call_size());
    module->peer = (struct peer){.uid = 1000, .pid = 1};
    assert_int_equal(hsm_start(module->hsm), STATUS_OK);
    assert_int_equal(hsm_connect(module->hsm, &module->peer, &module->connection), STATUS_OK);
}

/* After a cut the library still holds what the module had of it: no fault of the module. Under the
 * leak detector it is kept where it is found. */
#if defined(__SANITIZE_ADDRESS__)
static struct dropped {
    struct dropped *next;
    struct hsm *hsm;
} *all_dropped;

static void forget(struct hsm *hsm) {
    struct dropped *dropped = malloc(sizeof(*dropped));
    assert_non_null(dropped);
    *dropped = (struct dropped){all_dropped, hsm};
    all_dropped = dropped;
}
#else
static void forget(struct hsm *hsm) {
    free(hsm);
}
#endif

void module_drop(struct module *module) {
    if (module->hsm != NULL) {
        forget(module->hsm);
    }
    free(module->call);
    module->hsm = NULL;
    module->call = NULL;
}

void module_stop(struct module *module) {
    hsm_disconnect(module->hsm, module->connection);
    hsm_stop(module->hsm);
    free(module->hsm);
    module->hsm = NULL;
    module_drop(module);
}

static enum status sync_for(struct module *module) {
    if (!call_wants_sync(module->call)) {
        return STATUS_OK;
    }
    TRY(port_flash_sync());
    TRY(call_wants_log_sync(module->call) ? port_log_sync() : STATUS_OK);
    hsm_synced(module->hsm, module->call);
    return STATUS_OK;
}

struct bytes module_frame(struct module *module, struct bytes frame) {
    struct span reply = {module->reply, sizeof(module->reply)};
    hsm_check(module->hsm, module->call, module->connection, frame, reply);
    enum status before = sync_for(module);
    hsm_compute(module->call);
    struct bytes answer = hsm_commit(module->hsm, module->call);
    enum status after = sync_for(module);
    return before == STATUS_OK && after == STATUS_OK
               ? answer
               : hsm_failure_reply(STATUS_STORE_IO, module->reply);
}

enum status module_call(struct module *module, enum command command, const void *request,
                        void *reply) {
    const struct command_row *row = command_row((uint32_t)command);
    struct span body = {module->request + FRAME_HEADER_SIZE, FRAME_BODY_MAX};
    struct frame frame;
    size_t used = 0;
    TRY(codec_write(row->request, request, body, &used));
    frame_write_header(module->request, (uint32_t)command, used);
    struct bytes raw = module_frame(module, bytes_of(module->request, FRAME_HEADER_SIZE + used));
    TRY(frame_read(raw, &frame));
    if (frame.code != STATUS_OK) {
        assert_int_equal(frame.body.size, 0);
        return (enum status)frame.code;
    }
    return codec_read(row->reply, frame.body, reply);
}
