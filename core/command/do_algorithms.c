/* SPDX-License-Identifier: Apache-2.0 */
/* Command algorithms. */
#include "core/command/access.h"

enum { ROW_SIZE = 16 };

/* Smallest and largest key in bits, as the mechanism tables of clients show them. */
static void key_bits(enum key_type type, uint32_t *min, uint32_t *max) {
    *min = type == KEY_RSA ? 2048 : type == KEY_GENERIC ? 8 : type == KEY_AES ? 128 : 256;
    *max = type == KEY_RSA       ? crypto_rsa_bits_max()
           : type == KEY_GENERIC ? 4096
           : type == KEY_EC      ? 521
                                 : 256;
    if (type == KEY_SECRET) {
        *min = 8;
        *max = 4096;
    } else if (type == KEY_NONE) {
        *min = *max = 0;
    }
}

/* The hashes that the library has, as a set of 1 << hash. */
static enum status hashes(uint32_t *set) {
    uint8_t digest[HASH_SIZE_MAX];
    *set = 0;
    for (uint32_t hash = HASH_NONE + 1; hash < HASH_COUNT; hash++) {
        enum status status = crypto_hash((enum hash)hash, NULL, 0, digest);
        if (status != STATUS_OK && status != STATUS_MECHANISM_PARAM_INVALID) {
            return status;
        }
        *set |= (uint32_t)(status == STATUS_OK) << hash;
    }
    return STATUS_OK;
}

enum status do_algorithms(struct call *call, const struct algorithms_req *req,
                          struct algorithms_rep *rep) {
    size_t count = 0;
    size_t used = 0;
    if (req->slot >= TOKENS_MAX) {
        return STATUS_SLOT_INVALID;
    }
    const struct algorithm_row *rows = algorithm_rows(&count);
    const struct token *token = &call->hsm->tokens.list[req->slot];
    bool strict = !token->initialized || token_is_strict(token);
    for (size_t i = 0; i < count; i++) {
        uint32_t functions = access_functions(&rows[i], strict);
        if (functions == 0) {
            continue;
        }
        if (call->out.size - used < ROW_SIZE) {
            return STATUS_TOO_LARGE;
        }
        uint32_t min = 0;
        uint32_t max = 0;
        key_bits(rows[i].key, &min, &max);
        if (rows[i].algorithm == ALGORITHM_DIGEST) {
            TRY(hashes(&max));
        }
        uint8_t *at = call->out.data + used;
        save_u32(at, rows[i].algorithm);
        save_u32(at + 4, functions);
        save_u32(at + 8, min);
        save_u32(at + 12, max);
        used += ROW_SIZE;
    }
    rep->rows = bytes_of(call->out.data, used);
    return STATUS_OK;
}
