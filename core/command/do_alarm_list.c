/* SPDX-License-Identifier: Apache-2.0 */
/* Command alarm_list: the newest alarms, and what is counted since the start. */
#include "core/command/module.h"
#include "port/port.h"

enum { ROWS_MAX = 4096 };

enum status do_alarm_list(struct call *call, const struct alarm_list_req *req,
                          struct alarm_list_rep *rep) {
    struct hsm *hsm = call->hsm;
    const struct alarms *alarms = &hsm->alarms;
    uint8_t *kinds = call->attributes;
    size_t used = 0;
    const struct span room = {call->out.data,
                              call->out.size < ROWS_MAX ? call->out.size : (size_t)ROWS_MAX};
    alarms_write(alarms, req->from, room, &used, &rep->next);
    for (uint32_t kind = 0; kind < ALARM_KINDS; kind++) {
        save_u32(kinds + 4 * kind, alarms->of_kind[kind]);
    }
    rep->rows = bytes_of(room.data, used);
    rep->kinds = bytes_of(kinds, 4 * ALARM_KINDS);
    rep->boot = hsm->boot;
    rep->on = alarms_on(hsm);
    rep->alerted = alarms->alerted;
    rep->done = alarms->done;
    rep->refused = alarms->refused;
    rep->wrong_pins = alarms->wrong_pins;
    rep->log_lost = hsm->audit.lost + hsm->audit.suppressed;
    rep->log_size = hsm->audit.started ? audit_size(&hsm->audit) : 0;
    rep->log_space = hsm->audit.started ? audit_space(&hsm->audit) : 0;
    rep->uptime_ms = port_uptime_ms();
    rep->state = hsm->state;
    return STATUS_OK;
}
