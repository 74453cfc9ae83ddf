/* SPDX-License-Identifier: Apache-2.0 */
/* A program on OpenSSL's EVP interface that knows nothing of the module: it takes a key by URI and
 * signs with it, in threads, in forked children, after the module went away; and as fast as it can,
 * through the provider or through the PKCS#11 engine.
 *
 *   provider_client threads URI   8 threads sign and verify
 *   provider_client fork URI      8 children and the parent sign with the key that the parent took
 *   provider_client waits URI     signs, writes a line, reads a line, signs again
 *   provider_client loop URI N    prints signatures per second
 *   provider_client engine URI N  the same with the engine pkcs11 */
#include <openssl/crypto.h>
#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/store.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MANY = 8, ROUNDS = 40, SIGNATURE_ROOM = 1024 };

static EVP_PKEY *key_take(const char *uri) {
    EVP_PKEY *key = NULL;
    OSSL_STORE_CTX *store = OSSL_STORE_open(uri, NULL, NULL, NULL, NULL);
    if (store != NULL) {
        OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY);
    }
    while (store != NULL && key == NULL && !OSSL_STORE_eof(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info == NULL) {
            break;
        }
        key = OSSL_STORE_INFO_get1_PKEY(info);
        OSSL_STORE_INFO_free(info);
    }
    OSSL_STORE_close(store);
    return key;
}

static EVP_PKEY *key_take_by_engine(const char *uri) {
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
    ENGINE_load_builtin_engines();
    ENGINE *engine = ENGINE_by_id("pkcs11");
    if (engine == NULL || ENGINE_init(engine) != 1) {
        return NULL;
    }
    return ENGINE_load_private_key(engine, uri, NULL, NULL);
}

/* The public half as the default provider has it, so that it verifies without the module. */
static EVP_PKEY *public_of(EVP_PKEY *key) {
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key, &der);
    const unsigned char *at = der;
    EVP_PKEY *public = size > 0 ? d2i_PUBKEY(NULL, &at, size) : NULL;
    OPENSSL_free(der);
    return public;
}

static const EVP_MD *hash_of(EVP_PKEY *key) {
    return EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
}

static int sign(EVP_PKEY *key, const void *data, size_t size, unsigned char *out,
                size_t *out_size) {
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    *out_size = SIGNATURE_ROOM;
    int done = EVP_DigestSignInit(state, NULL, hash_of(key), NULL, key) == 1 &&
               EVP_DigestSign(state, out, out_size, data, size) == 1;
    EVP_MD_CTX_free(state);
    return done;
}

static int sign_and_verify(EVP_PKEY *key, int number) {
    unsigned char signature[SIGNATURE_ROOM];
    size_t size = 0;
    if (!sign(key, &number, sizeof(number), signature, &size)) {
        return 0;
    }
    EVP_PKEY *public = public_of(key);
    EVP_MD_CTX *state = EVP_MD_CTX_new();
    int good = EVP_DigestVerifyInit(state, NULL, hash_of(key), NULL, public) == 1 &&
               EVP_DigestVerify(state, signature, size, (const unsigned char *)&number,
                                sizeof(number)) == 1;
    EVP_MD_CTX_free(state);
    EVP_PKEY_free(public);
    return good;
}

static void *thread(void *argument) {
    EVP_PKEY *key = argument;
    intptr_t good = 1;
    for (int i = 0; i < ROUNDS && good; i++) {
        good = sign_and_verify(key, i);
    }
    if (!good) {
        ERR_print_errors_fp(stderr);
    }
    return (void *)good;
}

static int in_threads(EVP_PKEY *key) {
    pthread_t threads[MANY];
    int good = 1;
    for (int i = 0; i < MANY; i++) {
        if (pthread_create(&threads[i], NULL, thread, key) != 0) {
            return 0;
        }
    }
    for (int i = 0; i < MANY; i++) {
        void *result = NULL;
        pthread_join(threads[i], &result);
        good = good && result != NULL;
    }
    return good;
}

static int in_children(EVP_PKEY *key) {
    int good = sign_and_verify(key, 0);
    for (int i = 0; i < MANY; i++) {
        if (fork() == 0) {
            _exit(thread(key) != NULL ? 0 : 1);
        }
    }
    good = good && thread(key) != NULL;
    for (int i = 0; i < MANY; i++) {
        int status = 1;
        good = wait(&status) > 0 && status == 0 && good;
    }
    return good;
}

static int around_a_pause(EVP_PKEY *key) {
    char line[16];
    int before = sign_and_verify(key, 1);
    puts("ready");
    fflush(stdout);
    return before && fgets(line, sizeof(line), stdin) != NULL && sign_and_verify(key, 2);
}

static int loop(EVP_PKEY *key, int count) {
    unsigned char signature[SIGNATURE_ROOM];
    size_t size = 0;
    struct timespec start, end;
    int good = sign_and_verify(key, 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (int i = 0; i < count && good; i++) {
        good = sign(key, &i, sizeof(i), signature, &size);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds =
        (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    printf("%.0f\n", count / seconds);
    return good;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    const char *mode = argv[1];
    int count = argc > 3 ? atoi(argv[3]) : 0;
    EVP_PKEY *key = strcmp(mode, "engine") == 0 ? key_take_by_engine(argv[2]) : key_take(argv[2]);
    int good = 0;
    if (key == NULL) {
        fprintf(stderr, "no key: %s\n", argv[2]);
    } else if (strcmp(mode, "threads") == 0) {
        good = in_threads(key);
    } else if (strcmp(mode, "fork") == 0) {
        good = in_children(key);
    } else if (strcmp(mode, "waits") == 0) {
        good = around_a_pause(key);
    } else if (strcmp(mode, "loop") == 0 || strcmp(mode, "engine") == 0) {
        good = loop(key, count);
    }
    ERR_print_errors_fp(stderr);
    EVP_PKEY_free(key);
    return good ? 0 : 1;
}
