/* SPDX-License-Identifier: Apache-2.0 */
/* Authenticated encryption: GCM and CCM (SP 800-38D, 38C), ChaCha20-Poly1305 (RFC 8439). The tag
 * follows the data; a tag that does not fit leaves nothing of the data. */
#include "base/ct.h"
#include "base/wipe.h"
#include "crypto/mcu/cipher.h"

void aead_begin_gcm(br_aes_ct_ctr_keys *keys, br_gcm_context *gcm, struct bytes key,
                    const struct mechanism *mechanism) {
    br_aes_ct_ctr_init(keys, key.data, key.size);
    br_gcm_init(gcm, &keys->vtable, br_ghash_ctmul);
    br_gcm_reset(gcm, mechanism->iv.data, mechanism->iv.size);
    if (mechanism->aad.size > 0) {
        br_gcm_aad_inject(gcm, mechanism->aad.data, mechanism->aad.size);
    }
    br_gcm_flip(gcm);
}

static void run_gcm(struct bytes key, const struct mechanism *mechanism, bool encrypt,
                    struct span data, uint8_t tag[TAG_SIZE_MAX]) {
    br_aes_ct_ctr_keys keys;
    br_gcm_context gcm;
    WIPE_AT_END(keys, sizeof(keys));
    WIPE_AT_END(gcm, sizeof(gcm));
    aead_begin_gcm(&keys, &gcm, key, mechanism);
    if (data.size > 0) {
        br_gcm_run(&gcm, encrypt, data.data, data.size);
    }
    br_gcm_get_tag(&gcm, tag);
}

/* CCM counts the length in the 15 - nonce bytes of its first block that are left. */
static bool ccm_counts(const struct mechanism *mechanism, size_t size) {
    size_t room = 15 - mechanism->iv.size;
    return room >= sizeof(size) || size >> 8 * room == 0;
}

static void run_ccm(struct bytes key, const struct mechanism *mechanism, bool encrypt,
                    struct span data, uint8_t tag[TAG_SIZE_MAX]) {
    br_aes_ct_ctrcbc_keys keys;
    br_ccm_context ccm;
    WIPE_AT_END(keys, sizeof(keys));
    WIPE_AT_END(ccm, sizeof(ccm));
    br_aes_ct_ctrcbc_init(&keys, key.data, key.size);
    br_ccm_init(&ccm, &keys.vtable);
    (void)br_ccm_reset(&ccm, mechanism->iv.data, mechanism->iv.size, mechanism->aad.size, data.size,
                       mechanism_tag_size(mechanism));
    if (mechanism->aad.size > 0) {
        br_ccm_aad_inject(&ccm, mechanism->aad.data, mechanism->aad.size);
    }
    br_ccm_flip(&ccm);
    if (data.size > 0) {
        br_ccm_run(&ccm, encrypt, data.data, data.size);
    }
    (void)br_ccm_get_tag(&ccm, tag);
}

/* In place; fills the whole tag of GCM and ChaCha20-Poly1305, what there is of CCM's. */
static void run(struct bytes key, const struct mechanism *mechanism, bool encrypt, struct span data,
                uint8_t tag[TAG_SIZE_MAX]) {
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_GCM:
        run_gcm(key, mechanism, encrypt, data, tag);
        break;
    case ALGORITHM_AES_CCM:
        run_ccm(key, mechanism, encrypt, data, tag);
        break;
    default:
        br_poly1305_ctmul_run(key.data, mechanism->iv.data, data.data, data.size,
                              mechanism->aad.data, mechanism->aad.size, tag, br_chacha20_ct_run,
                              encrypt);
        break;
    }
}

static bool fits(const struct mechanism *mechanism, size_t size) {
    return mechanism->algorithm != ALGORITHM_AES_CCM || ccm_counts(mechanism, size);
}

enum status aead_encrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) {
    uint8_t tag[TAG_SIZE_MAX];
    size_t size = mechanism_tag_size(mechanism);
    if (!fits(mechanism, data.size)) {
        return STATUS_DATA_LENGTH;
    }
    if (data.size > 0) {
        memmove(out->data, data.data, data.size);
    }
    run(key, mechanism, true, (struct span){out->data, data.size}, tag);
    memcpy(out->data + data.size, tag, size);
    out->size = data.size + size;
    return STATUS_OK;
}

enum status aead_decrypt(struct bytes key, const struct mechanism *mechanism, struct bytes data,
                         struct span *out) {
    SECRET_BYTES(tag, TAG_SIZE_MAX);
    uint8_t given[TAG_SIZE_MAX];
    size_t size = mechanism_tag_size(mechanism);
    if (data.size < size || !fits(mechanism, data.size - size)) {
        return STATUS_CIPHERTEXT_LENGTH;
    }
    data.size -= size;
    memcpy(given, data.data + data.size, size);
    if (data.size > 0) {
        memmove(out->data, data.data, data.size);
    }
    run(key, mechanism, false, (struct span){out->data, data.size}, tag);
    if (!ct_equal(tag, given, size)) {
        wipe(out->data, data.size);
        return STATUS_AEAD_FAILED;
    }
    out->size = data.size;
    return STATUS_OK;
}
