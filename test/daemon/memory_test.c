/* SPDX-License-Identifier: Apache-2.0 */
/* Keys are imported into the module; then, while programs sign with them, root reads all memory
 * of the machine and all files of the module, and finds none of them (R-01, R-02, H1). Run
 * through tools/with-module, as root. */
#define _GNU_SOURCE
#include "base/compiler.h"
#include "host/pkcs11/pkcs11.h"
#include "test/daemon/memory_scan.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

enum { SIGNATURES = 10000, SAMPLES = 100 };

/* What the processes of the test share: no needle in clear. */
struct shared {
    struct needles needles;
    long signatures;
    bool planted;
};
static struct shared *shared;

static CK_FUNCTION_LIST *f;
static CK_SESSION_HANDLE session;

#define DEMAND(condition)                                                                          \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "# line %d failed\n", __LINE__);                                       \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static void log_in(void) {
    CK_C_GetFunctionList get = NULL;
    CK_SLOT_ID slots[16];
    CK_ULONG count = COUNT(slots);
    void *library = dlopen(getenv("MODULE"), RTLD_NOW | RTLD_LOCAL);
    DEMAND(library != NULL);
    *(void **)&get = dlsym(library, "C_GetFunctionList");
    DEMAND(get != NULL && get(&f) == CKR_OK && f->C_Initialize(NULL) == CKR_OK);
    DEMAND(f->C_GetSlotList(CK_TRUE, slots, &count) == CKR_OK && count > 0);
    DEMAND(f->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                            &session) == CKR_OK);
    char *pin = getenv("PIN");
    DEMAND(f->C_Login(session, CKU_USER, (CK_UTF8CHAR *)pin, strlen(pin)) == CKR_OK);
}

/* ---- import ---- */

struct part {
    uint8_t bytes[512];
    size_t size;
};

static struct part number(EVP_PKEY *key, const char *name) {
    struct part part = {{0}, 0};
    BIGNUM *value = NULL;
    DEMAND(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    part.size = (size_t)BN_bn2bin(value, part.bytes);
    BN_clear_free(value);
    return part;
}

static CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, void *value, size_t size) {
    return (CK_ATTRIBUTE){type, value, size};
}

static void create(CK_ATTRIBUTE *parts, size_t count, CK_KEY_TYPE type, uint8_t id) {
    CK_BBOOL yes = CK_TRUE;
    CK_OBJECT_CLASS class = type == CKK_AES ? CKO_SECRET_KEY : CKO_PRIVATE_KEY;
    CK_OBJECT_HANDLE handle;
    CK_ATTRIBUTE template[16] = {
        {CKA_CLASS, &class, sizeof(class)}, {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_TOKEN, &yes, 1}, {CKA_SIGN, &yes, 1}, {CKA_SENSITIVE, &yes, 1},
        {CKA_PRIVATE, &yes, 1}, {CKA_ID, &id, 1},
    };
    memcpy(template + 7, parts, count * sizeof(*parts));
    CK_RV rv = f->C_CreateObject(session, template, 7 + count, &handle);
    if (rv != CKR_OK) {
        fprintf(stderr, "# key %u: %lx\n", id, (unsigned long)rv);
    }
    DEMAND(rv == CKR_OK);
}

static void import_ec(void) {
    static uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    EVP_PKEY *key = EVP_EC_gen("P-256");
    struct part d = number(key, OSSL_PKEY_PARAM_PRIV_KEY);
    CK_ATTRIBUTE parts[] = {attribute(CKA_EC_PARAMS, p256, sizeof(p256)),
                            attribute(CKA_VALUE, d.bytes, d.size)};
    create(parts, COUNT(parts), CKK_EC, 1);
    needles_add(&shared->needles, d.bytes, d.size);
    EVP_PKEY_free(key);
}

static void import_rsa(void) {
    static const struct {
        CK_ATTRIBUTE_TYPE type;
        const char *name;
        bool secret;
    } rows[] = {
        {CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N, false},
        {CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E, false},
        {CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D, true},
        {CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1, true},
        {CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2, true},
        {CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1, true},
        {CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2, true},
        {CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, true},
    };
    struct part values[COUNT(rows)];
    CK_ATTRIBUTE parts[COUNT(rows)];
    EVP_PKEY *key = EVP_RSA_gen(2048);
    for (size_t i = 0; i < COUNT(rows); i++) {
        values[i] = number(key, rows[i].name);
        parts[i] = attribute(rows[i].type, values[i].bytes, values[i].size);
    }
    create(parts, COUNT(parts), CKK_RSA, 2);
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].secret) {
            needles_add(&shared->needles, values[i].bytes, values[i].size);
        }
    }
    EVP_PKEY_free(key);
}

static void import_aes(void) {
    uint8_t key[32];
    RAND_bytes(key, sizeof(key));
    CK_ATTRIBUTE parts[] = {attribute(CKA_VALUE, key, sizeof(key))};
    create(parts, COUNT(parts), CKK_AES, 3);
    needles_add(&shared->needles, key, sizeof(key));
}

static void import_all(void) {
    log_in();
    import_ec();
    import_rsa();
    import_aes();
    f->C_Finalize(NULL);
}

/* ---- signing ---- */

static CK_OBJECT_HANDLE find(uint8_t id) {
    CK_OBJECT_HANDLE handle = 0;
    CK_ULONG count = 0;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE template[] = {{CKA_ID, &id, 1}, {CKA_SIGN, &yes, 1}};
    DEMAND(f->C_FindObjectsInit(session, template, COUNT(template)) == CKR_OK);
    DEMAND(f->C_FindObjects(session, &handle, 1, &count) == CKR_OK && count == 1);
    DEMAND(f->C_FindObjectsFinal(session) == CKR_OK);
    return handle;
}

/* 10,000 signatures with the three keys at least, and on until the parent has taken its samples. */
static void sign_on(void) {
    static const CK_MECHANISM_TYPE types[] = {CKM_ECDSA, CKM_RSA_PKCS, CKM_AES_CMAC};
    CK_OBJECT_HANDLE keys[COUNT(types)];
    uint8_t data[32] = {7};
    log_in();
    for (uint8_t i = 0; i < COUNT(types); i++) {
        keys[i] = find((uint8_t)(i + 1));
    }
    for (size_t i = 0;; i++) {
        CK_MECHANISM mechanism = {types[i % COUNT(types)], NULL, 0};
        uint8_t signature[256];
        CK_ULONG size = sizeof(signature);
        CK_RV rv = f->C_SignInit(session, &mechanism, keys[i % COUNT(types)]);
        if (rv == CKR_OK) {
            rv = f->C_Sign(session, data, sizeof(data), signature, &size);
        }
        if (rv != CKR_OK) {
            fprintf(stderr, "# %zu: mechanism %lx: %lx\n", i, types[i % COUNT(types)], rv);
        }
        DEMAND(rv == CKR_OK);
        __atomic_fetch_add(&shared->signatures, 1, __ATOMIC_RELAXED);
        usleep(200); /* or the log is full before memory was searched often enough */
    }
}

/* ---- stories ---- */

/* In a process of its own, which does not outlive this one. */
static pid_t run(void (*story)(void)) {
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        story();
        _exit(0);
    }
    return child;
}

static void hold_a_needle(void) {
    uint8_t *copy = malloc(4096);
    for (size_t i = 0; i < NEEDLE_SIZE; i++) {
        copy[1001 + i] = (uint8_t)(shared->needles.masked[0][i] ^ NEEDLE_MASK);
    }
    __atomic_store_n(&shared->planted, true, __ATOMIC_SEQ_CST);
    for (;;) {
        pause();
    }
}

static void a_planted_key_is_found(void **state) {
    (void)state;
    struct scan scan = {0};
    if (geteuid() != 0) {
        skip();
    }
    pid_t child = run(hold_a_needle);
    while (!__atomic_load_n(&shared->planted, __ATOMIC_SEQ_CST)) {
        usleep(1000);
    }
    bool permitted = scan_all(&shared->needles, &scan);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_true(permitted);
    assert_true(scan.hits >= 1);
    assert_int_equal(scan.where, child);
}

static void expect_nothing(const struct scan *scan) {
    if (scan->hits != 0) {
        fail_msg("%zu hits, the last in process %d", scan->hits, scan->where);
    }
}

/* The core's process: the child of the one that with-module started. */
static pid_t core_process(void) {
    char path[64];
    int pid = 0;
    const char *parent = getenv("EDGEHSM_DAEMON");
    snprintf(path, sizeof(path), "/proc/%s/task/%s/children", parent, parent);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%d", &pid), 1);
    fclose(file);
    return pid;
}

/* Without memfd_secret root reads the core's memory, which the daemon says at its start: the other
 * processes are searched all the same. */
static bool memory_is_secret(void) {
    int fd = (int)syscall(SYS_memfd_secret, 0);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* All of the machine before, at about every 5,000th signature and after; the core's process all
 * the while. */
static void root_finds_no_key_in_any_memory_while_it_signs(void **state) {
    (void)state;
    struct scan core = {0};
    struct scan all = {0};
    long next = 0;
    if (geteuid() != 0) {
        skip();
    }
    bool secret = memory_is_secret();
    if (!secret) {
        print_message("# no memfd_secret here: the core's own process is left out\n");
    }
    pid_t child = run(sign_on);
    long done = 0;
    while ((secret && core.processes < SAMPLES) || done < SIGNATURES || next <= SIGNATURES) {
        if (secret) {
            assert_true(scan_process(&shared->needles, core_process(), &core));
            expect_nothing(&core);
        }
        done = __atomic_load_n(&shared->signatures, __ATOMIC_RELAXED);
        if (done >= next) {
            all = (struct scan){.except = secret ? 0 : core_process()};
            assert_true(scan_all(&shared->needles, &all));
            expect_nothing(&all);
            next = next + SIGNATURES / 2;
        }
        assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    print_message("# %ld signatures; core sampled %zu times; %zu processes, %u MiB read, %u MiB "
                  "that root cannot read\n", done, core.processes, all.processes,
                  (unsigned)(all.bytes >> 20), (unsigned)(all.unreadable >> 20));
}

static size_t search_file(const char *path) {
    static uint8_t data[8 << 20];
    size_t hits = 0;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    off_t at = 0;
    while ((at = lseek(fd, at, SEEK_DATA)) >= 0) {
        ssize_t got = pread(fd, data, sizeof(data), at);
        if (got <= 0) {
            break;
        }
        hits += needles_count(&shared->needles, data, (size_t)got);
        for (ssize_t i = 0; i < got; i++) {
            data[i] = (uint8_t)~data[i]; /* as flash.c keeps it */
        }
        hits += needles_count(&shared->needles, data, (size_t)got);
        at += got;
    }
    close(fd);
    return hits;
}

static void no_file_of_the_module_holds_a_key(void **state) {
    (void)state;
    char command[256];
    char path[256];
    size_t files = 0;
    if (geteuid() != 0) {
        skip();
    }
    const char *folder = getenv("EDGEHSM_STATE");
    snprintf(command, sizeof(command), "find '%s' '%s/../daemon.log' -type f", folder, folder);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    while (fgets(path, sizeof(path), list) != NULL) {
        path[strcspn(path, "\n")] = '\0';
        assert_int_equal(search_file(path), 0);
        files++;
    }
    pclose(list);
    assert_true(files >= 3);
}

static int import_keys(void **state) {
    (void)state;
    int status = -1;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || waitpid(run(import_all), &status, 0) < 0) {
        return -1;
    }
    return status;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_planted_key_is_found),
        cmocka_unit_test(root_finds_no_key_in_any_memory_while_it_signs),
        cmocka_unit_test(no_file_of_the_module_holds_a_key),
    };
    return cmocka_run_group_tests(tests, import_keys, NULL);
}
