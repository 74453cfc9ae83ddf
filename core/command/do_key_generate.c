/* SPDX-License-Identifier: Apache-2.0 */
/* Command key_generate (C_GenerateKey). */
#include "core/command/access.h"
#include "core/command/creation.h"

static enum key_type type_of(uint32_t algorithm) {
    return algorithm_row(algorithm)->key;
}

enum status check_key_generate(struct call *call, const struct key_generate_req *req) {
    TRY(access_mechanism(call, F_GENERATE, &req->mechanism));
    struct draft_origin origin = {.creation = CREATION_GENERATE,
                                  .class = CLASS_SECRET_KEY,
                                  .type = type_of(req->mechanism.algorithm),
                                  .mechanism = req->mechanism.algorithm};
    return creation_begin(call, &call->draft, &origin, req->attributes);
}

enum status compute_key_generate(struct call *call, const struct key_generate_req *req,
                                 struct key_generate_rep *rep) {
    struct key_parts parts = {.type = call->draft.facts.type};
    struct span room = creation_room(call);
    uint32_t size = attributes_num(req->attributes, ATTRIBUTE_VALUE_LEN, 32);
    (void)rep;
    if (size > OBJECT_SIZE_MAX / 8) {
        return STATUS_KEY_SIZE;
    }
    TRY(crypto_key_generate(&parts, 8 * size, &room));
    return creation_finish(call, &parts);
}

enum status commit_key_generate(struct call *call, const struct key_generate_req *req,
                                struct key_generate_rep *rep) {
    (void)req;
    return creation_commit(call, &rep->key);
}
