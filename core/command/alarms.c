/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms: told, kept, and those of the module's own. */
#include "core/command/alarms.h"

#include "core/command/access.h"
#include "port/port.h"

enum { BURST = 3, BURST_S = 600 };

/* ---- telling ---- */

static void log_alarm(struct hsm *hsm, const struct alarm *alarm) {
    uint8_t room[ALARM_WORDS_MAX];
    struct text words = text_in((struct span){room, sizeof(room)});
    alarm_words(alarm, &words);
    const struct audit_record record = {.event = EVENT_alarm,
                                        .object = alarm->object,
                                        .status = STATUS_OK,
                                        .has_uid = alarm->kind != ALARM_LOG,
                                        .uid = alarm->uid,
                                        .detail = bytes_of(room, words.used),
                                        .class = AUDIT_RESERVED};
    /* One that the archive refuses is counted by the log, and is in the list. */
    if (hsm->audit.started && audit_append(&hsm->audit, &record) == STATUS_ERROR_STATE) {
        hsm->state = STATE_ERROR;
        hsm->reason = STATUS_ERROR_STATE;
    }
}

void alarms_raise(struct hsm *hsm, struct alarm *alarm) {
    struct alarms *alarms = &hsm->alarms;
    alarm->uptime_ms = port_uptime_ms();
    alarm->time = (uint32_t)time_trusted(&hsm->times.list[alarm->slot], alarm->uptime_ms);
    alarm->number = ++alarms->count;
    alarms->of_kind[alarm->kind]++;
    alarms->alerted |= (alarm->actions & ACTION_ALERT) != 0 ? 1u << alarm->kind : 0;
    alarms->list[(alarm->number - 1) % ALARMS_MAX] = *alarm;
}

/* No command raises more than the ring holds. */
void alarms_log(struct hsm *hsm) {
    struct alarms *alarms = &hsm->alarms;
    while (alarms->logged != alarms->count) {
        log_alarm(hsm, &alarms->list[alarms->logged++ % ALARMS_MAX]);
    }
}

/* ---- bursts ---- */

static uint32_t now_s(void) {
    return (uint32_t)(port_uptime_ms() / 1000) + 1;
}

/* One more; whether a burst begins, and how long the last three took. */
static bool add_to(struct burst *burst, uint32_t *took_s) {
    uint32_t now = now_s();
    bool third = burst->before_s != 0 && now - burst->before_s <= BURST_S;
    bool fresh = third && now > burst->until_s;
    *took_s = now - burst->before_s;
    burst->until_s = third ? now + BURST_S : burst->until_s;
    burst->before_s = burst->newest_s;
    burst->newest_s = now;
    return fresh;
}

static uint32_t caller(const struct call *call) {
    return call->hsm->sessions.connections[call->connection].peer.uid;
}

static void set_token(const struct hsm *hsm, uint32_t slot, struct alarm *alarm) {
    alarm->slot = (uint8_t)slot;
    alarm_set_label(alarm, bytes_of(hsm->tokens.list[slot].label, LABEL_SIZE));
}

static void raise_burst(struct hsm *hsm, struct burst *burst, struct alarm *alarm) {
    if (add_to(burst, &alarm->period_s)) {
        alarm->period_s += alarm->period_s == 0; /* words in whole seconds, begun ones counted */
        alarm->count = BURST;
        alarm->actions = ACTION_LOG | ACTION_ALERT;
        alarms_raise(hsm, alarm);
    }
}

/* ---- what commands show ---- */

static uint32_t slot_of(const struct call *call) {
    uint32_t slot = call->session != NULL                        ? call->session->slot
                    : call->row->command == COMMAND_token_init ? call->req.token_init.slot
                                                                : 0;
    return slot < TOKENS_MAX ? slot : 0;
}

/* Tries in a row of the PIN that was tried. */
static uint32_t tries_of(const struct call *call, uint32_t slot) {
    const struct pin *pins = call->hsm->tokens.list[slot].pins;
    bool officer = call->row->command == COMMAND_token_init ||
                   (call->row->command == COMMAND_login && call->req.login.user == USER_SO) ||
                   (call->row->command == COMMAND_pin_set && access_is_so(call));
    return pins[officer ? USER_SO : USER_USER].tries;
}

/* Half of the tries are used up, or the last one is. Never at a PIN that is locked already or not
 * set: what that one costs must be what a wrong one costs. */
static bool is_step(enum status status, uint32_t tries) {
    return status == STATUS_PIN_INCORRECT &&
           (tries == PIN_TRIES_MAX / 2 || tries == PIN_TRIES_MAX);
}

/* Fast guesses are a burst; slow ones show by how few tries are left. */
static void see_wrong_pin(struct call *call) {
    struct hsm *hsm = call->hsm;
    uint32_t slot = slot_of(call);
    uint32_t tries = tries_of(call, slot);
    struct alarm alarm = {.kind = ALARM_LOGIN, .uid = caller(call)};
    set_token(hsm, slot, &alarm);
    hsm->alarms.wrong_pins++;
    raise_burst(hsm, &hsm->alarms.logins[slot], &alarm);
    if (is_step(call->status, tries)) {
        alarm.count = tries;
        alarm.usual = tries < PIN_TRIES_MAX ? PIN_TRIES_MAX - tries : 0;
        alarm.period_s = 0;
        alarm.actions = ACTION_LOG | ACTION_ALERT;
        alarms_raise(hsm, &alarm);
    }
}

static void see_approval(struct call *call) {
    struct alarm alarm = {.kind = ALARM_APPROVAL, .uid = caller(call)};
    set_token(call->hsm, slot_of(call), &alarm);
    raise_burst(call->hsm, &call->hsm->alarms.approvals, &alarm);
}

static void see_full_log(struct hsm *hsm) {
    struct alarm alarm = {.kind = ALARM_LOG, .actions = ACTION_LOG | ACTION_ALERT};
    if (!hsm->alarms.log_full) {
        hsm->alarms.log_full = true;
        alarms_raise(hsm, &alarm);
    }
}

void alarms_see_call(struct call *call) {
    struct alarms *alarms = &call->hsm->alarms;
    alarms->done += call->status == STATUS_OK;
    alarms->refused += call->status != STATUS_OK;
    if (call->status == STATUS_OK || call->row == NULL) {
        return;
    }
    if (call->status == STATUS_PIN_INCORRECT || call->status == STATUS_PIN_LOCKED ||
        call->status == STATUS_PIN_NOT_SET) {
        see_wrong_pin(call);
    } else if (call->row->command == COMMAND_approval_give &&
               call->status != STATUS_SESSION_INVALID) {
        see_approval(call);
    } else if (call->status == STATUS_LOG_FULL) {
        see_full_log(call->hsm);
    }
}

void alarms_see_peer(struct hsm *hsm, const struct peer *peer) {
    struct alarm alarm = {.kind = ALARM_DOOR, .uid = peer->uid};
    raise_burst(hsm, &hsm->alarms.door, &alarm);
}

void alarms_tick(struct hsm *hsm) {
    if (hsm->alarms.log_full && hsm->audit.started && audit_has_room(&hsm->audit, AUDIT_ROUTINE)) {
        hsm->alarms.log_full = false;
    }
}

/* ---- reading ---- */

static bool lasts(const struct burst *burst) {
    return burst->until_s >= now_s();
}

uint32_t alarms_on(const struct hsm *hsm) {
    const struct alarms *alarms = &hsm->alarms;
    uint32_t on = guards_alarms(&hsm->guards);
    for (uint32_t slot = 0; slot < TOKENS_MAX; slot++) {
        on |= lasts(&alarms->logins[slot]) ? 1u << ALARM_LOGIN : 0;
    }
    on |= lasts(&alarms->door) ? 1u << ALARM_DOOR : 0;
    on |= lasts(&alarms->approvals) ? 1u << ALARM_APPROVAL : 0;
    return on | (alarms->log_full ? 1u << ALARM_LOG : 0);
}

void alarms_write(const struct alarms *alarms, uint64_t from, struct span to, size_t *used,
                  uint64_t *next) {
    uint64_t oldest = alarms->count > ALARMS_MAX ? alarms->count - ALARMS_MAX + 1 : 1;
    uint64_t number = from > oldest ? from : oldest;
    *used = 0;
    while (number <= alarms->count &&
           alarm_write(&alarms->list[(number - 1) % ALARMS_MAX], to, used) == STATUS_OK) {
        number++;
    }
    *next = number;
}
