/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_generate_pair (C_GenerateKeyPair). */
#include "core/command/access.h"
#include "core/command/creation.h"
#include "core/command/places.h"

enum status check_key_generate_pair(struct call *call, const struct key_generate_pair_req *req) {
    TRY(access_mechanism(call, F_GENERATE_PAIR, &req->mechanism));
    struct draft_origin origin = {.creation = CREATION_GENERATE,
                                  .class = CLASS_PUBLIC_KEY,
                                  .type = algorithm_row(req->mechanism.algorithm)->key,
                                  .mechanism = req->mechanism.algorithm};
    TRY(creation_begin(call, &call->draft, &origin, req->public_attributes));
    origin.class = CLASS_PRIVATE_KEY;
    return creation_begin(call, &call->draft_private, &origin, req->private_attributes);
}

/* Ed25519 and X25519 have one curve each, so that CKA_EC_PARAMS may be left out. */
static const uint8_t ed25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
static const uint8_t x25519_oid[] = {0x06, 0x03, 0x2b, 0x65, 0x6e};

static struct bytes params_of(enum key_type type, struct bytes template) {
    struct bytes params = {NULL, 0};
    if (attributes_find(template, ATTRIBUTE_EC_PARAMS, &params) == STATUS_OK) {
        return params;
    }
    return type == KEY_ED25519  ? bytes_of(ed25519_oid, sizeof(ed25519_oid))
           : type == KEY_X25519 ? bytes_of(x25519_oid, sizeof(x25519_oid))
                                : params;
}

enum status compute_key_generate_pair(struct call *call, const struct key_generate_pair_req *req,
                                      struct key_generate_pair_rep *rep) {
    struct key_parts parts = {.type = call->draft.facts.type, .is_private = true};
    struct span room = creation_room(call);
    struct bytes template = req->public_attributes;
    uint32_t bits = attributes_num(template, ATTRIBUTE_MODULUS_BITS, 0);
    (void)rep;
    parts.ec_params = params_of(parts.type, template);
    if (attributes_find(template, ATTRIBUTE_PUBLIC_EXPONENT, &parts.public_exponent) != STATUS_OK) {
        parts.public_exponent = bytes_of(NULL, 0);
    }
    TRY(crypto_key_generate(&parts, bits, &room));
    TRY(creation_finish_private(call, &parts));
    struct key_parts public_parts = {.type = parts.type,
                                     .ec_params = parts.ec_params,
                                     .ec_point = parts.ec_point,
                                     .modulus = parts.modulus,
                                     .public_exponent = parts.public_exponent};
    return creation_finish(call, &public_parts);
}

enum status commit_key_generate_pair(struct call *call, const struct key_generate_pair_req *req,
                                     struct key_generate_pair_rep *rep) {
    struct hsm *hsm = call->hsm;
    uint32_t public_index = 0;
    uint32_t private_index = 0;
    (void)req;
    TRY(call->status);
    /* Both or neither, whatever the power does. */
    bool group = facts_has(&call->draft.facts, FACT_TOKEN) &&
                 facts_has(&call->draft_private.facts, FACT_TOKEN);
    TRY(places_add(call, &call->draft, group ? STORE_MORE : STORE_LAST, &public_index));
    enum status status = places_add(call, &call->draft_private, STORE_LAST, &private_index);
    if (status != STATUS_OK && group) {
        store_abandon(&hsm->store);
        places_forget(call, public_index);
        return status;
    }
    if (status != STATUS_OK) {
        enum status removed = places_remove(hsm, public_index);
        return removed != STATUS_OK ? removed : status;
    }
    rep->public_key = access_handle(call, public_index);
    rep->private_key = access_handle(call, private_index);
    return STATUS_OK;
}
