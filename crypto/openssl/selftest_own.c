/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer test of the random generator. */
#include "crypto/common/selftest.h"
#include "crypto/openssl/library.h"

#include <openssl/core_names.h>

enum { STRENGTH_BITS = 256, BLOCK = 64 };

/* NIST's CAVP vectors (drbgtestvectors.zip): CTR_DRBG, AES-256, derivation function, no reseeding,
 * with additional input, count 0. The second block is the answer. */
static const char entropy_hex[] =
    "8148d65d86513ce7d38923ec2f26b9e7c677dcc8997e325b7372619e753ed944";
static const char nonce_hex[] = "41c71a24d17d974190982bb7515ce7f5";
static const char input_hex[2][65] = {
    "55b446046c2d14bdd0cdba4b71873fd4762650695a11507949462da8d964ab6a",
    "91468f1a097d99ee339462ca916cb4a10f63d53850a4f17f598eac490299b02e"};
static const char block_hex[] = "54603d1a506132bbfa05b153a04f22a1d516cc46323cef15111af221f030f38d"
                                "6841d4670518b4914a4631af682e7421dffaac986a38e94d92bfa758e2eb101f";

/* A source of the given entropy. */
static EVP_RAND_CTX *make_source(uint8_t *entropy, uint8_t *nonce) {
    struct bytes seed = selftest_read(entropy_hex, entropy);
    struct bytes once = selftest_read(nonce_hex, nonce);
    unsigned int strength = STRENGTH_BITS;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, entropy, seed.size),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, nonce, once.size),
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_construct_end(),
    };
    EVP_RAND *algorithm = EVP_RAND_fetch(library.context, "TEST-RAND", NULL);
    EVP_RAND_CTX *source = algorithm != NULL ? EVP_RAND_CTX_new(algorithm, NULL) : NULL;
    EVP_RAND_free(algorithm);
    if (source != NULL && EVP_RAND_instantiate(source, 0, 0, NULL, 0, params) == 1) {
        return source;
    }
    EVP_RAND_CTX_free(source);
    return NULL;
}

static enum status generate(EVP_RAND_CTX *generator, uint8_t *block) {
    uint8_t room[SELFTEST_SIZE_MAX] = {0};
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_CIPHER, (char *)(uintptr_t) "AES-256-CTR",
                                         0),
        OSSL_PARAM_construct_end(),
    };
    /* NULL would stand for OpenSSL's own personalization string. */
    if (EVP_RAND_instantiate(generator, STRENGTH_BITS, 0, room, 0, params) != 1) {
        return library_failure();
    }
    for (size_t i = 0; i < COUNT(input_hex); i++) {
        struct bytes input = selftest_read(input_hex[i], room);
        if (EVP_RAND_generate(generator, block, BLOCK, STRENGTH_BITS, 0, input.data, input.size) !=
            1) {
            return library_failure();
        }
    }
    return STATUS_OK;
}

static enum status test_generator(bool corrupt) {
    uint8_t entropy[SELFTEST_SIZE_MAX];
    uint8_t nonce[SELFTEST_SIZE_MAX];
    uint8_t block[BLOCK];
    EVP_RAND_CTX *source = make_source(entropy, nonce);
    EVP_RAND_CTX *generator = source != NULL ? EVP_RAND_CTX_new(library.generator, source) : NULL;
    enum status status = generator != NULL ? generate(generator, block) : library_failure();
    EVP_RAND_CTX_free(generator);
    EVP_RAND_CTX_free(source);
    TRY(status);
    return selftest_compare((struct span){block, sizeof(block)}, block_hex, corrupt);
}

static const struct selftest tests[] = {
    {"CTR_DRBG AES-256", test_generator, NULL},
};

const struct selftest *selftest_own(size_t *count) {
    *count = COUNT(tests);
    return tests;
}
