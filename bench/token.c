/* SPDX-License-Identifier: Apache-2.0 */
/* The same through the PKCS #11 module in $MODULE, as an application would do it. */
#include "bench/bench.h"
#include "host/pkcs11/pkcs11.h"
#include "host/pkcs11/pkcs11_vendor.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DATA_MAX_SIZE = 65536 };

struct token {
    CK_SESSION_HANDLE session;
    CK_MECHANISM mechanism;
    CK_GCM_PARAMS gcm;
    CK_BYTE iv[12];
    size_t size;
    unsigned char data[DATA_MAX_SIZE];
    unsigned char out[DATA_MAX_SIZE + 512];
};

static CK_FUNCTION_LIST_PTR p11;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE main_session;
static CK_OBJECT_HANDLE key;
static CK_BBOOL yes = CK_TRUE;
static CK_BBOOL no = CK_FALSE;
static CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static CK_BYTE p384[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
static CK_BYTE edwards[] = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};
static CK_BYTE exponent[] = {1, 0, 1};

static bool check(const char *what, CK_RV rv) {
    if (rv != CKR_OK) {
        fprintf(stderr, "bench: %s: 0x%lx\n", what, (unsigned long)rv);
    }
    return rv == CKR_OK;
}

static bool load(void) {
    void *library = dlopen(getenv("MODULE"), RTLD_NOW | RTLD_LOCAL);
    CK_RV (*get_list)(CK_FUNCTION_LIST_PTR_PTR) = NULL;
    if (library == NULL) {
        fprintf(stderr, "bench: %s\n", dlerror());
        return false;
    }
    *(void **)&get_list = dlsym(library, "C_GetFunctionList");
    return get_list != NULL && check("C_GetFunctionList", get_list(&p11));
}

static bool find_slot(void) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = 64;
    const char *label = getenv("TOKEN_LABEL");
    if (!check("C_GetSlotList", p11->C_GetSlotList(CK_TRUE, slots, &count))) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            memcmp(info.label, label, strlen(label)) == 0) {
            slot = slots[i];
            return true;
        }
    }
    fprintf(stderr, "bench: there is no token '%s'\n", label);
    return false;
}

static bool open_session(void) {
    CK_C_INITIALIZE_ARGS arguments = {.flags = CKF_OS_LOCKING_OK};
    if (p11 == NULL && !load()) {
        return false;
    }
    return check("C_Initialize", p11->C_Initialize(&arguments)) && find_slot() &&
           check("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                     NULL, NULL, &main_session));
}

static bool login(void) {
    const char *pin = getenv("PIN");
    return check("C_Login",
                 p11->C_Login(main_session, CKU_USER, (CK_UTF8CHAR_PTR)(size_t)pin, strlen(pin)));
}

static bool open_module(void) {
    return open_session() && login();
}

/* ---- keys; they are token objects, so that every process finds them ---- */

static bool generate_pair(CK_MECHANISM_TYPE type, CK_ATTRIBUTE special, CK_OBJECT_HANDLE *made) {
    CK_MECHANISM mechanism = {type, NULL, 0};
    CK_OBJECT_HANDLE public_key = 0;
    CK_ATTRIBUTE pub[] = {special,
                          {CKA_TOKEN, &yes, sizeof(yes)},
                          {CKA_VERIFY, &yes, sizeof(yes)},
                          {CKA_LABEL, "bench", 5},
                          {CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)}};
    CK_ATTRIBUTE priv[] = {{CKA_TOKEN, &yes, sizeof(yes)},     {CKA_PRIVATE, &yes, sizeof(yes)},
                           {CKA_SIGN, &yes, sizeof(yes)},      {CKA_SENSITIVE, &yes, sizeof(yes)},
                           {CKA_EXTRACTABLE, &no, sizeof(no)}, {CKA_LABEL, "bench", 5}};
    CK_ULONG count = special.type == CKA_MODULUS_BITS ? 5 : 4;
    return check("C_GenerateKeyPair", p11->C_GenerateKeyPair(main_session, &mechanism, pub, count,
                                                             priv, 6, &public_key, made));
}

static bool generate_aes(void) {
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ULONG size = 32;
    CK_ATTRIBUTE list[] = {{CKA_VALUE_LEN, &size, sizeof(size)},
                           {CKA_TOKEN, &yes, sizeof(yes)},
                           {CKA_ENCRYPT, &yes, sizeof(yes)},
                           {CKA_DECRYPT, &yes, sizeof(yes)},
                           {CKA_LABEL, "bench", 5}};
    return check("C_GenerateKey", p11->C_GenerateKey(main_session, &mechanism, list, 5, &key));
}

static bool generate(const char *name) {
    CK_ULONG bits = 2048;
    if (strcmp(name, "sign-p256") == 0 || strcmp(name, "audit-p256") == 0) {
        return generate_pair(CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){CKA_EC_PARAMS, p256, sizeof(p256)},
                             &key);
    }
    if (strcmp(name, "sign-p384") == 0) {
        return generate_pair(CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){CKA_EC_PARAMS, p384, sizeof(p384)},
                             &key);
    }
    if (strcmp(name, "sign-ed25519") == 0) {
        return generate_pair(CKM_EC_EDWARDS_KEY_PAIR_GEN,
                             (CK_ATTRIBUTE){CKA_EC_PARAMS, edwards, sizeof(edwards)}, &key);
    }
    if (strcmp(name, "sign-rsa2048") == 0) {
        return generate_pair(CKM_RSA_PKCS_KEY_PAIR_GEN,
                             (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof(bits)}, &key);
    }
    return strncmp(name, "gcm-", 4) == 0 ? generate_aes() : true;
}

static bool find_key(CK_OBJECT_CLASS class) {
    CK_ULONG count = 0;
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &class, sizeof(class)}, {CKA_LABEL, "bench", 5}};
    return check("C_FindObjectsInit", p11->C_FindObjectsInit(main_session, wanted, 2)) &&
           check("C_FindObjects", p11->C_FindObjects(main_session, &key, 1, &count)) &&
           check("C_FindObjectsFinal", p11->C_FindObjectsFinal(main_session)) && count == 1;
}

bool token_prepare(const char *name) {
    return open_module() && generate(name);
}

bool token_join(const char *name) {
    bool with_key = strncmp(name, "sign-", 5) == 0 || strncmp(name, "gcm-", 4) == 0;
    return open_module() &&
           (!with_key || find_key(name[0] == 'g' ? CKO_SECRET_KEY : CKO_PRIVATE_KEY));
}

bool token_clean(const char *name) {
    CK_OBJECT_HANDLE found[64];
    CK_ULONG count = 1;
    CK_ATTRIBUTE wanted = {CKA_LABEL, "bench", 5};
    (void)name;
    if (p11 == NULL && !open_module()) {
        return false;
    }
    while (count > 0) {
        count = 0;
        if (!check("C_FindObjectsInit", p11->C_FindObjectsInit(main_session, &wanted, 1)) ||
            !check("C_FindObjects", p11->C_FindObjects(main_session, found, 64, &count)) ||
            !check("C_FindObjectsFinal", p11->C_FindObjectsFinal(main_session))) {
            return false;
        }
        for (CK_ULONG i = 0; i < count; i++) {
            if (!check("C_DestroyObject", p11->C_DestroyObject(main_session, found[i]))) {
                return false;
            }
        }
    }
    return check("C_Finalize", p11->C_Finalize(NULL));
}

/* ---- workers ---- */

static bool sign(void *state) {
    struct token *token = state;
    CK_ULONG size = sizeof(token->out);
    return check("C_SignInit", p11->C_SignInit(token->session, &token->mechanism, key)) &&
           check("C_Sign",
                 p11->C_Sign(token->session, token->data, token->size, token->out, &size));
}

/* The IV of twelve zero bytes lets a module make it; others take it as it is. */
static bool seal(void *state) {
    struct token *token = state;
    CK_ULONG size = sizeof(token->out);
    memset(token->iv, 0, sizeof(token->iv));
    return check("C_EncryptInit", p11->C_EncryptInit(token->session, &token->mechanism, key)) &&
           check("C_Encrypt",
                 p11->C_Encrypt(token->session, token->data, token->size, token->out, &size));
}

static bool open_and_close(void *state) {
    CK_SESSION_HANDLE session = 0;
    (void)state;
    return check("C_OpenSession",
                 p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session)) &&
           check("C_CloseSession", p11->C_CloseSession(session));
}

static bool generate_token_key(void *state) {
    CK_OBJECT_HANDLE made = 0;
    (void)state;
    return generate_pair(CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){CKA_EC_PARAMS, p256, sizeof(p256)},
                         &made);
}

bool token_worker(const char *name, struct worker *worker) {
    struct token *token = calloc(1, sizeof(*token));
    worker->state = token;
    worker->once = sign;
    token->size = 32;
    token->mechanism.mechanism = CKM_ECDSA;
    if (strcmp(name, "sign-ed25519") == 0) {
        token->mechanism.mechanism = CKM_EDDSA;
    } else if (strcmp(name, "sign-rsa2048") == 0) {
        token->mechanism.mechanism = CKM_SHA256_RSA_PKCS;
    } else if (strncmp(name, "gcm-", 4) == 0) {
        worker->once = seal;
        token->size = strcmp(name, "gcm-64k") == 0 ? 65536 : 1024;
        token->gcm = (CK_GCM_PARAMS){token->iv, sizeof(token->iv), 96, NULL, 0, 128};
        token->mechanism = (CK_MECHANISM){CKM_AES_GCM, &token->gcm, sizeof(token->gcm)};
    } else if (strcmp(name, "session") == 0) {
        worker->once = open_and_close;
    } else if (strcmp(name, "keygen-p256-token") == 0) {
        worker->once = generate_token_key;
    }
    return check("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                                     NULL, NULL, &token->session));
}

/* ---- what a policy costs ---- */

static CK_BYTE speed[] = {0xa3, 0x01, 0x6a, 'p', 'u',  'm',  'p',  '.',  's',
                          'p',  'e',  'e',  'd', 0x02, 0x03, 0x03, 0x18, 0x64};

/* A pair whose private half is bound to the policy; without a form, one that is not. */
static bool make_signer(void *form, size_t size, CK_OBJECT_HANDLE *made) {
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_OBJECT_HANDLE public_key = 0;
    CK_ATTRIBUTE pub[] = {{CKA_EC_PARAMS, p256, sizeof(p256)},
                          {CKA_TOKEN, &yes, sizeof(yes)},
                          {CKA_LABEL, "bench", 5}};
    CK_ATTRIBUTE priv[] = {
        {CKA_TOKEN, &yes, sizeof(yes)}, {CKA_LABEL, "bench", 5}, {CKA_EDGEHSM_POLICY, form, size}};
    return check("C_GenerateKeyPair",
                 p11->C_GenerateKeyPair(main_session, &mechanism, pub, 3, priv,
                                        form != NULL ? 3 : 2, &public_key, made));
}

/* The first message of a rated line is refused: buckets are empty at the start. */
static void fill_bucket(struct token *token, CK_OBJECT_HANDLE bound) {
    const struct timespec pause = {0, 20000000};
    CK_ULONG size = sizeof(token->out);
    if (p11->C_SignInit(token->session, &token->mechanism, bound) == CKR_OK &&
        p11->C_Sign(token->session, token->data, token->size, token->out, &size) != CKR_OK) {
        nanosleep(&pause, NULL);
    }
}

/* Signs in turns: `block` times with the one key, `block` times with the other. The plain key signs
 * as many bytes as the statement is made of. */
bool token_policy(double duration, int block, struct samples *plain, struct samples *bound) {
    static unsigned char form[2048];
    static struct token by_plain, by_policy;
    CK_OBJECT_HANDLE keys[2];
    size_t size = policy_form(form, sizeof(form));
    if (size == 0 || !open_module() || !make_signer(NULL, 0, &keys[0]) ||
        !make_signer(form, size, &keys[1])) {
        return false;
    }
    by_plain = (struct token){.session = main_session, .size = 190};
    by_plain.mechanism.mechanism = CKM_ECDSA_SHA256;
    by_policy = (struct token){.session = main_session, .size = sizeof(speed)};
    by_policy.mechanism.mechanism = CKM_EDGEHSM_SIGN_MESSAGE;
    memcpy(by_policy.data, speed, sizeof(speed));
    fill_bucket(&by_policy, keys[1]);
    double end = seconds() + duration;
    for (int i = 0; seconds() < end; i++) {
        bool turn = i / block % 2 != 0;
        double start = seconds();
        key = keys[turn];
        if (!sign(turn ? &by_policy : &by_plain)) {
            return false;
        }
        struct samples *samples = turn ? bound : plain;
        samples->us[samples->count++ % SAMPLES_MAX] = (float)((seconds() - start) * 1e6);
    }
    return token_clean("policy");
}

/* ---- many objects ---- */

static void name_of(long number, char *name, size_t size) {
    snprintf(name, size, "object-%ld", number);
}

static double fill(long count) {
    char name[32];
    double start = seconds();
    for (long i = 0; i < count; i++) {
        CK_OBJECT_HANDLE made = 0;
        CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
        CK_KEY_TYPE type = CKK_GENERIC_SECRET;
        static CK_BYTE value[32] = {1};
        name_of(i, name, sizeof(name));
        CK_ATTRIBUTE list[] = {
            {CKA_CLASS, &secret, sizeof(secret)}, {CKA_KEY_TYPE, &type, sizeof(type)},
            {CKA_TOKEN, &yes, sizeof(yes)},       {CKA_SIGN, &yes, sizeof(yes)},
            {CKA_VALUE, value, sizeof(value)},    {CKA_LABEL, "bench", 5},
            {CKA_ID, name, strlen(name)}};
        if (!check("C_CreateObject", p11->C_CreateObject(main_session, list, 7, &made))) {
            return -1;
        }
    }
    return seconds() - start;
}

static bool find_one(long number) {
    char name[32];
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG hits = 0;
    CK_OBJECT_CLASS secret = CKO_SECRET_KEY;
    name_of(number, name, sizeof(name));
    CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &secret, sizeof(secret)}, {CKA_ID, name, strlen(name)}};
    return check("C_FindObjectsInit", p11->C_FindObjectsInit(main_session, wanted, 2)) &&
           check("C_FindObjects", p11->C_FindObjects(main_session, &found, 1, &hits)) &&
           check("C_FindObjectsFinal", p11->C_FindObjectsFinal(main_session)) && hits == 1;
}

static double find_many(long count) {
    enum { TRIES = 200 };
    double start = seconds();
    for (long i = 0; i < TRIES; i++) {
        if (!find_one(i * 7919 % count)) {
            return -1;
        }
    }
    return (seconds() - start) / TRIES;
}

/* What a program waits for before it has its key: from C_Initialize to the end of the first search.
 * A module that needs the PIN to show private objects (WITH_PIN) is given it. */
static double start_up(long count, bool with_pin) {
    double start = seconds();
    if (!open_session() || (with_pin && !login()) || !find_one(count / 2)) {
        return -1;
    }
    return seconds() - start;
}

double token_once(const char *name, long count) {
    double took = -1;
    if (strncmp(name, "start", 5) == 0) {
        took = start_up(count, strcmp(name, "start-pin") == 0 || getenv("WITH_PIN") != NULL);
    } else if (open_module()) {
        took = strcmp(name, "fill") == 0 ? fill(count) : find_many(count);
    }
    return took < 0 || p11->C_Finalize(NULL) != CKR_OK ? -1 : took;
}
