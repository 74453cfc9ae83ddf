/* SPDX-License-Identifier: Apache-2.0 */
/* Command time_set: the time, told and signed by a member of the role `time`. */
#include "core/command/consent.h"
#include "port/port.h"

/* Apart, so that the roles have left the stack when the signature is verified. */
static NO_INLINE enum status find_teller(struct call *call, const struct approval *signer) {
    struct roles roles;
    uint32_t tellers = 0;
    TRY(consent_tellers(call, &roles, &tellers));
    enum status status = quorum_voter(signer, &roles, &call->vote);
    bool tells = status == STATUS_OK && (tellers >> call->vote.member & 1) != 0;
    if (status != STATUS_APPROVER_UNKNOWN && (tells || status != STATUS_OK)) {
        return status;
    }
    return call_refuse(call, STATUS_TIME_REFUSED, "whoever signed it is not in the role `time`");
}

/* Nothing in it is believed before its signature. */
static enum status verify(struct call *call, const struct cose *cose) {
    const struct approval signer = {.key_id = cose->key_id,
                                    .signature = cose->signature,
                                    .algorithm = cose->algorithm,
                                    .header = cose->header};
    TRY(find_teller(call, &signer));
    call->attributes_dirty = sizeof(call->attributes);
    enum status status = quorum_verify(&call->vote, &signer, cose->payload,
                                       (struct span){call->attributes, sizeof(call->attributes)});
    return status != STATUS_SIGNATURE_INVALID
               ? status
               : call_refuse(call, STATUS_TIME_REFUSED, "it was altered since it was signed");
}

static enum status log_it(struct call *call, const struct cose *cose,
                          const struct told_time *told) {
    struct text note = text_in((struct span){call->note, sizeof(call->note)});
    struct span words;
    text_add(&note, "the time is ");
    text_add_number(&note, told->seconds);
    TRY(text_end(&note, &words));
    call->note_size = words.size;
    TRY(crypto_hash(HASH_SHA256, &cose->payload, 1, call->payload_hash));
    call->hashed = true;
    return STATUS_OK;
}

enum status do_time_set(struct call *call, const struct time_set_req *req,
                        struct time_set_rep *rep) {
    struct token_time *time = &call->hsm->times.list[call->session->slot];
    uint8_t device[DEVICE_ID_SIZE];
    struct cose cose;
    struct told_time told;
    if (told_time_open(req->time, &cose, &told) != STATUS_OK) {
        return call_refuse(call, STATUS_TIME_REFUSED, "it is not a signed time");
    }
    TRY(verify(call, &cose));
    store_device_id(&call->hsm->store, device);
    if (!bytes_equal(told.device, bytes_of(device, sizeof(device)))) {
        return call_refuse(call, STATUS_TIME_REFUSED, "it is for another device");
    }
    TRY(time_take(time, &told, port_uptime_ms(), &call->why));
    rep->seconds = told.seconds;
    return log_it(call, &cose, &told);
}
