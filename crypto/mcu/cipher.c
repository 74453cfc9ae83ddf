/* SPDX-License-Identifier: Apache-2.0 */
/* AES without authentication: ECB, CBC, CTR (SP 800-38A), at once and in parts. */
#include "crypto/mcu/cipher.h"

#include "base/wipe.h"

void aes_encrypt_block(const br_aes_ct_ctrcbc_keys *aes, uint8_t block[AES_BLOCK]) {
    SECRET_BYTES(chain, AES_BLOCK);
    memset(chain, 0, AES_BLOCK);
    br_aes_ct_ctrcbc_mac(aes, chain, block, AES_BLOCK);
    memcpy(block, chain, AES_BLOCK);
}

void aes_decrypt_block(const br_aes_ct_cbcdec_keys *aes, uint8_t block[AES_BLOCK]) {
    uint8_t chain[AES_BLOCK] = {0};
    br_aes_ct_cbcdec_run(aes, chain, block, AES_BLOCK);
}

void cipher_begin(struct cipher *cipher, struct bytes key, const struct mechanism *mechanism,
                  bool encrypt) {
    cipher->algorithm = mechanism->algorithm;
    cipher->encrypts = encrypt;
    cipher->count = 0;
    if (mechanism->iv.size == AES_BLOCK) {
        memcpy(cipher->chain, mechanism->iv.data, AES_BLOCK);
    }
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_GCM:
        aead_begin_gcm(&cipher->as.gcm.keys, &cipher->as.gcm.state, key, mechanism);
        return;
    case ALGORITHM_AES_CTR:
        br_aes_ct_ctrcbc_init(&cipher->as.single, key.data, key.size);
        return;
    default:
        break;
    }
    if (!encrypt) {
        br_aes_ct_cbcdec_init(&cipher->as.dec, key.data, key.size);
    } else if (mechanism->algorithm == ALGORITHM_AES_ECB) {
        br_aes_ct_ctrcbc_init(&cipher->as.single, key.data, key.size);
    } else {
        br_aes_ct_cbcenc_init(&cipher->as.enc, key.data, key.size);
    }
}

/* Whole blocks of ECB and CBC, in place. */
static void run_blocks(struct cipher *cipher, uint8_t *data, size_t size) {
    if (size == 0) {
        return;
    }
    if (cipher->algorithm != ALGORITHM_AES_ECB) {
        if (cipher->encrypts) {
            br_aes_ct_cbcenc_run(&cipher->as.enc, cipher->chain, data, size);
        } else {
            br_aes_ct_cbcdec_run(&cipher->as.dec, cipher->chain, data, size);
        }
        return;
    }
    for (size_t at = 0; at < size; at += AES_BLOCK) {
        if (cipher->encrypts) {
            aes_encrypt_block(&cipher->as.single, data + at);
        } else {
            aes_decrypt_block(&cipher->as.dec, data + at);
        }
    }
}

/* Moves up to one block's rest from data into `held`. */
static void hold(struct cipher *cipher, struct bytes *data) {
    size_t room = AES_BLOCK - cipher->count;
    size_t part = data->size < room ? data->size : room;
    bytes_copy(cipher->held + cipher->count, bytes_of(data->data, part));
    cipher->count += part;
    *data = bytes_of(data->data + part, data->size - part);
}

static size_t step_blocks(struct cipher *cipher, struct bytes data, uint8_t *out) {
    /* The padding is in the last block, which is known as such at the end only. */
    size_t kept = cipher->algorithm == ALGORITHM_AES_CBC_PAD && !cipher->encrypts ? 1 : 0;
    size_t done = 0;
    if (cipher->count > 0) {
        hold(cipher, &data);
        if (cipher->count < AES_BLOCK || data.size < kept) {
            return 0;
        }
        memcpy(out, cipher->held, AES_BLOCK);
        run_blocks(cipher, out, AES_BLOCK);
        cipher->count = 0;
        done = AES_BLOCK;
    }
    size_t whole = data.size < kept ? 0 : (data.size - kept) / AES_BLOCK * AES_BLOCK;
    if (whole > 0) {
        memmove(out + done, data.data, whole);
        run_blocks(cipher, out + done, whole);
        data = bytes_of(data.data + whole, data.size - whole);
    }
    if (data.size > 0) {
        hold(cipher, &data);
    }
    return done + whole;
}

static size_t step_counter(struct cipher *cipher, struct bytes data, uint8_t *out) {
    size_t done = 0;
    for (; cipher->count > 0 && done < data.size; done++) {
        out[done] = data.data[done] ^ cipher->held[AES_BLOCK - cipher->count--];
    }
    size_t whole = (data.size - done) / AES_BLOCK * AES_BLOCK;
    if (whole > 0) {
        memmove(out + done, data.data + done, whole);
        br_aes_ct_ctrcbc_ctr(&cipher->as.single, cipher->chain, out + done, whole);
        done += whole;
    }
    if (done < data.size) {
        memset(cipher->held, 0, AES_BLOCK);
        br_aes_ct_ctrcbc_ctr(&cipher->as.single, cipher->chain, cipher->held, AES_BLOCK);
        for (cipher->count = AES_BLOCK; done < data.size; done++) {
            out[done] = data.data[done] ^ cipher->held[AES_BLOCK - cipher->count--];
        }
    }
    return done;
}

size_t cipher_step(struct cipher *cipher, struct bytes data, uint8_t *out) {
    switch (cipher->algorithm) {
    case ALGORITHM_AES_GCM:
        cipher->as.gcm.state.bctx = &cipher->as.gcm.keys.vtable; /* the state may have moved */
        if (data.size == 0) {
            return 0;
        }
        memmove(out, data.data, data.size);
        br_gcm_run(&cipher->as.gcm.state, 1, out, data.size);
        return data.size;
    case ALGORITHM_AES_CTR:
        return step_counter(cipher, data, out);
    default:
        return step_blocks(cipher, data, out);
    }
}

/* The length of the padding of a block (RFC 5652, 6.3), 0 where it is none; in constant time. */
static uint32_t padding(const uint8_t block[AES_BLOCK]) {
    uint32_t length = block[AES_BLOCK - 1];
    uint32_t bad = (length - 1) >> 31 | (AES_BLOCK - length) >> 31;
    for (uint32_t i = 0; i < AES_BLOCK; i++) {
        uint32_t within = (AES_BLOCK - 1 - i - length) >> 31;
        bad |= -within & (block[i] ^ length);
    }
    uint32_t good = (bad | -bad) >> 31 ^ 1;
    return -good & length;
}

enum status cipher_end(struct cipher *cipher, struct span *out) {
    if (cipher->algorithm == ALGORITHM_AES_GCM) {
        cipher->as.gcm.state.bctx = &cipher->as.gcm.keys.vtable;
        br_gcm_get_tag(&cipher->as.gcm.state, out->data);
        out->size = AES_BLOCK;
        return STATUS_OK;
    }
    out->size = 0;
    if (cipher->algorithm != ALGORITHM_AES_CBC_PAD) {
        return STATUS_OK;
    }
    if (cipher->encrypts) {
        uint8_t length = (uint8_t)(AES_BLOCK - cipher->count);
        memset(cipher->held + cipher->count, length, length);
        run_blocks(cipher, cipher->held, AES_BLOCK);
        memcpy(out->data, cipher->held, AES_BLOCK);
        out->size = AES_BLOCK;
        return STATUS_OK;
    }
    run_blocks(cipher, cipher->held, AES_BLOCK);
    uint32_t length = padding(cipher->held);
    if (length == 0) {
        return STATUS_CIPHERTEXT_INVALID;
    }
    out->size = AES_BLOCK - length;
    memcpy(out->data, cipher->held, out->size);
    return STATUS_OK;
}

static enum status check_length(const struct mechanism *mechanism, bool encrypt,
                                struct bytes data) {
    enum status wrong = encrypt ? STATUS_DATA_LENGTH : STATUS_CIPHERTEXT_LENGTH;
    switch (mechanism->algorithm) {
    case ALGORITHM_AES_CTR:
        return mechanism_counts(mechanism, data.size) ? STATUS_OK : wrong;
    case ALGORITHM_AES_CBC_PAD:
        return encrypt || (data.size > 0 && data.size % AES_BLOCK == 0) ? STATUS_OK : wrong;
    default:
        return data.size % AES_BLOCK == 0 ? STATUS_OK : wrong;
    }
}

enum status cipher_run(struct bytes key, const struct mechanism *mechanism, bool encrypt,
                       struct bytes data, struct span *out) {
    struct cipher cipher;
    WIPE_AT_END(cipher, sizeof(cipher));
    TRY(check_length(mechanism, encrypt, data));
    cipher_begin(&cipher, key, mechanism, encrypt);
    size_t done = cipher_step(&cipher, data, out->data);
    struct span rest = {out->data + done, out->size - done};
    enum status status = cipher_end(&cipher, &rest);
    if (status == STATUS_OK) {
        out->size = done + rest.size;
    } else {
        wipe(out->data, out->size);
    }
    return status;
}
