/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of two numbers: the first half of AES-128 of a || b. The context is used in place, so that
 * one tagger serves one thread at a time; the core asks under its own exclusion only. */
#include "crypto/crypto.h"
#include "crypto/openssl/library.h"

#include "base/wipe.h"

#include <stdlib.h>

_Static_assert(sizeof(EVP_CIPHER_CTX *) <= sizeof(struct crypto_tagger), "a pointer fits");

static EVP_CIPHER_CTX *context_of(const struct crypto_tagger *tagger) {
    EVP_CIPHER_CTX *context = NULL;
    memcpy(&context, tagger->room, sizeof(EVP_CIPHER_CTX *));
    return context;
}

enum status crypto_tagger_start(struct crypto_tagger *tagger, const uint8_t key[16]) {
    *tagger = (struct crypto_tagger){0};
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL ||
        EVP_EncryptInit_ex2(context, library_cipher(CIPHER_ECB, 16), key, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(context, 0) != 1) {
        EVP_CIPHER_CTX_free(context);
        return library_failure();
    }
    memcpy(tagger->room, &context, sizeof(EVP_CIPHER_CTX *));
    return STATUS_OK;
}

void crypto_tagger_stop(struct crypto_tagger *tagger) {
    EVP_CIPHER_CTX_free(context_of(tagger));
    wipe(tagger, sizeof(*tagger));
}

uint64_t crypto_tagger_tag(const struct crypto_tagger *tagger, uint64_t a, uint64_t b) {
    uint8_t block[16];
    int size = 0;
    save_u64(block, a);
    save_u64(block + 8, b);
    /* AES of a block in memory cannot fail: where it does, nothing here can be trusted any more. */
    if (EVP_EncryptUpdate(context_of(tagger), block, &size, block, sizeof(block)) != 1 ||
        size != sizeof(block)) {
        abort();
    }
    return load_u64(block);
}
