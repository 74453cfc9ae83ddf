/* SPDX-License-Identifier: Apache-2.0 */
/* Command time_ask: a number that whoever tells the time signs with it. */
#include "core/command/consent.h"
#include "port/port.h"

enum status do_time_ask(struct call *call, const struct time_ask_req *req,
                        struct time_ask_rep *rep) {
    struct token_time *time = &call->hsm->times.list[call->session->slot];
    uint8_t nonce[TOLD_TIME_NONCE_SIZE];
    struct roles roles;
    uint32_t tellers = 0;
    (void)req;
    TRY(consent_tellers(call, &roles, &tellers));
    TRY(crypto_random(nonce, sizeof(nonce)));
    time_ask(time, nonce, port_uptime_ms());
    rep->nonce = bytes_of(time->nonce, sizeof(time->nonce));
    return STATUS_OK;
}
