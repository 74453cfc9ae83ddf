/* SPDX-License-Identifier: Apache-2.0 */
/* Command status. */
#include "core/command/module.h"

enum status do_status(struct call *call, const struct status_req *req, struct status_rep *rep) {
    struct hsm *hsm = call->hsm;
    struct store_usage usage;
    (void)req;
    store_usage(&hsm->store, &usage);
    *rep = (struct status_rep){
        .state = hsm->state,
        .reason = (uint32_t)hsm->reason,
        .version = bytes_of_text(EHSM_VERSION),
        .form = bytes_of_text(port_form()),
        .root_source = bytes_of_text(port_root_source()),
        .rollback_protected = port_counter_exists() ? 1 : 0,
        .boot = hsm->boot,
        .uptime_ms = port_uptime_ms(),
        .objects = hsm->objects.count,
        .objects_max = OBJECTS_MAX,
        .sessions = hsm->sessions.count,
        .connections = hsm->sessions.connection_count,
        .store_used = usage.used,
        .store_size = usage.size,
        .log_size = hsm->audit.started ? audit_size(&hsm->audit) : 0,
        .log_space = hsm->audit.started ? audit_space(&hsm->audit) : 0,
        .cut_records = usage.cut_records,
    };
    return STATUS_OK;
}
