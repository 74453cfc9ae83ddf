/* SPDX-License-Identifier: Apache-2.0 */
/* A client that knows the right answers. */
#include "client/objects.h"
#include "test/load/load.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <stdio.h>
#include <time.h>

struct load *load;

static const char key_label[] = "load key", application[] = "load";

uint32_t caller_random(struct caller *caller) {
    caller->seed = caller->seed * 1664525u + 1013904223u;
    return caller->seed >> 8;
}

static struct span room_of(struct caller *caller) {
    return (struct span){caller->room, sizeof(caller->room)};
}

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void record_latency(enum work work, uint64_t us) {
    int phase = atomic_load(&load->phase);
    unsigned power = 0;
    while ((us >> power) >= 2 * LATENCY_STEPS) {
        power++;
    }
    size_t cell = power * LATENCY_STEPS + (size_t)(us >> power);
    atomic_fetch_add(&load->latencies[phase < PHASE_END ? phase : PHASE_START][work]
                                     [cell < LATENCY_CELLS ? cell : LATENCY_CELLS - 1], 1);
}

enum status caller_call(struct caller *caller, enum command command, const void *request,
                        void *reply) {
    bool durable = command == COMMAND_object_create || command == COMMAND_object_destroy;
    atomic_fetch_add(&caller->life->asked[command], 1);
    uint64_t begin = now_us();
    enum status status = client_call(caller->client, command, request, reply, room_of(caller));
    record_latency(durable ? WORK_DURABLE : WORK_COMPUTE, now_us() - begin);
    if (status == STATUS_OK) {
        atomic_fetch_add(&caller->life->acknowledged[command], 1);
    }
    return status;
}

/* ---- templates ---- */

struct template {
    uint8_t data[512];
    size_t used;
    enum status status;
};

static void put(struct template *template, uint32_t type, struct bytes value) {
    struct span to = {template->data, sizeof(template->data)};
    if (attributes_add(to, &template->used, type, value) != STATUS_OK) {
        template->status = STATUS_OBJECT_TOO_LARGE;
    }
}

static void put_number(struct template *template, uint32_t type, uint32_t value) {
    uint8_t bytes[4];
    save_u32(bytes, value);
    put(template, type, bytes_of(bytes, sizeof(bytes)));
}

static void put_flag(struct template *template, uint32_t type, bool value) {
    uint8_t byte = value ? 1 : 0;
    put(template, type, bytes_of(&byte, 1));
}

static struct bytes bytes_of_template(const struct template *template) {
    return bytes_of(template->data, template->used);
}

static enum status create(struct caller *caller, const struct template *template,
                          uint64_t *handle) {
    const struct object_create_req request = {caller->session, bytes_of_template(template)};
    struct object_create_rep reply;
    TRY(template->status);
    TRY(caller_call(caller, COMMAND_object_create, &request, &reply));
    *handle = reply.object;
    return STATUS_OK;
}

/* ---- keys ---- */

static void seed_mac_key(struct caller *caller) {
    for (size_t i = 0; i < sizeof(caller->mac_value); i++) {
        caller->mac_value[i] = (uint8_t)caller_random(caller);
    }
}

static enum status make_mac_key(struct caller *caller) {
    struct template template = {.status = STATUS_OK};
    seed_mac_key(caller);
    put_number(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    put_number(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    put_flag(&template, ATTRIBUTE_SIGN, true);
    put(&template, ATTRIBUTE_VALUE, bytes_of(caller->mac_value, sizeof(caller->mac_value)));
    return create(caller, &template, &caller->mac);
}

static enum status find_key(struct caller *caller) {
    struct template template = {.status = STATUS_OK};
    put_number(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
    put(&template, ATTRIBUTE_LABEL, bytes_of_text(key_label));
    struct object_find_req request = {.session = caller->session,
                                      .attributes = bytes_of_template(&template)};
    struct object_find_rep reply;
    do {
        TRY(caller_call(caller, COMMAND_object_find, &request, &reply));
        request.cursor = reply.cursor;
    } while (reply.objects.size == 0 && reply.cursor != 0);
    if (reply.objects.size != 8) {
        return STATUS_NOT_FOUND;
    }
    caller->key = load_u64(reply.objects.data);
    return STATUS_OK;
}

static enum status connect_caller(struct caller *caller, uint32_t seed) {
    const struct session_open_req request = {.slot = 0, .read_write = 1};
    struct session_open_rep reply;
    uint32_t life = atomic_fetch_add(&load->life_count, 1);
    if (life >= LIVES_MAX) {
        return STATUS_MEMORY;
    }
    caller->life = &load->lives[life];
    caller->seed = seed;
    TRY(client_open(&caller->client, client_address(NULL)));
    TRY(caller_call(caller, COMMAND_session_open, &request, &reply));
    caller->session = reply.session;
    atomic_store(&caller->life->session, reply.session);
    return STATUS_OK;
}

enum status caller_open(struct caller *caller, uint32_t seed) {
    TRY(connect_caller(caller, seed));
    TRY(find_key(caller));
    return make_mac_key(caller);
}

void caller_close(struct caller *caller) {
    caller->life->exact = true;
    client_close(caller->client);
}

enum status caller_make_key(struct caller *caller) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static const uint32_t point_type[] = {ATTRIBUTE_EC_POINT, OBJECTS_TYPES_END};
    struct template public = {.status = STATUS_OK}, private = {.status = STATUS_OK};
    uint8_t types[4 * OBJECTS_TYPES_MAX];
    TRY(connect_caller(caller, 1));
    put(&public, ATTRIBUTE_EC_PARAMS, bytes_of(p256, sizeof(p256)));
    put_flag(&private, ATTRIBUTE_TOKEN, true);
    put_flag(&private, ATTRIBUTE_SIGN, true);
    put(&private, ATTRIBUTE_LABEL, bytes_of_text(key_label));
    const struct key_generate_pair_req request = {
        .session = caller->session,
        .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
        .public_attributes = bytes_of_template(&public),
        .private_attributes = bytes_of_template(&private)};
    struct key_generate_pair_rep pair;
    TRY(caller_call(caller, COMMAND_key_generate_pair, &request, &pair));
    const struct object_get_req get = {caller->session, pair.public_key,
                                       objects_types(point_type, types)};
    struct object_get_rep got;
    struct bytes point;
    TRY(caller_call(caller, COMMAND_object_get, &get, &got));
    TRY(attributes_find(got.attributes, ATTRIBUTE_EC_POINT, &point));
    if (point.size != 67) { /* an OCTET STRING around the point */
        return STATUS_INTERNAL;
    }
    memcpy(load->public_point, point.data + 2, sizeof(load->public_point));
    return STATUS_OK;
}

/* ---- work ---- */

static EVP_PKEY *public_key(void) {
    static EVP_PKEY *key;
    if (key == NULL) {
        OSSL_PARAM params[] = {
            OSSL_PARAM_construct_utf8_string("group", (char[]){"P-256"}, 0),
            OSSL_PARAM_construct_octet_string("pub", load->public_point,
                                              sizeof(load->public_point)),
            OSSL_PARAM_construct_end()};
        EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
        if (EVP_PKEY_fromdata_init(maker) != 1 ||
            EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
            key = NULL;
        }
        EVP_PKEY_CTX_free(maker);
    }
    return key;
}

static bool openssl_verifies(struct bytes data, struct bytes signature) {
    if (signature.size != 64 || public_key() == NULL) {
        return false;
    }
    ECDSA_SIG *pair = ECDSA_SIG_new();
    unsigned char der[80], *end = der;
    ECDSA_SIG_set0(pair, BN_bin2bn(signature.data, 32, NULL),
                   BN_bin2bn(signature.data + 32, 32, NULL));
    int size = i2d_ECDSA_SIG(pair, &end);
    EVP_MD_CTX *verifier = EVP_MD_CTX_new();
    bool good = size > 0 &&
                EVP_DigestVerifyInit(verifier, NULL, EVP_sha256(), NULL, public_key()) == 1 &&
                EVP_DigestVerify(verifier, der, (size_t)size, data.data, data.size) == 1;
    EVP_MD_CTX_free(verifier);
    ECDSA_SIG_free(pair);
    return good;
}

static struct bytes some_data(struct caller *caller, size_t most) {
    static uint8_t data[DATA_MAX];
    size_t size = 8 + caller_random(caller) % (most - 7);
    memset(data, (int)caller_random(caller), size);
    save_u32(data, caller->seed);
    save_u32(data + 4, caller->session);
    return bytes_of(data, size);
}

enum status caller_sign(struct caller *caller) {
    struct bytes data = some_data(caller, 256);
    const struct sign_req request = {
        .session = caller->session,
        .key = caller->key,
        .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
        .data = data};
    struct sign_rep reply;
    TRY(caller_call(caller, COMMAND_sign, &request, &reply));
    return openssl_verifies(data, reply.signature) ? STATUS_OK : STATUS_INTERNAL;
}

enum status caller_mac(struct caller *caller) {
    uint8_t expected[32];
    struct bytes data = some_data(caller, 2000);
    const struct sign_req request = {
        .session = caller->session,
        .key = caller->mac,
        .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256, .mac_size = 32},
        .data = data};
    struct sign_rep reply;
    TRY(caller_call(caller, COMMAND_sign, &request, &reply));
    HMAC(EVP_sha256(), caller->mac_value, sizeof(caller->mac_value), data.data, data.size, expected,
         NULL);
    return bytes_equal(reply.signature, bytes_of(expected, 32)) ? STATUS_OK : STATUS_INTERNAL;
}

enum status caller_digest(struct caller *caller) {
    uint8_t expected[32];
    struct bytes data = some_data(caller, caller_random(caller) % 16 == 0 ? DATA_MAX : 4000);
    const struct digest_req request = {caller->session, HASH_SHA256, data};
    struct digest_rep reply;
    TRY(caller_call(caller, COMMAND_digest, &request, &reply));
    EVP_Digest(data.data, data.size, expected, NULL, EVP_sha256(), NULL);
    return bytes_equal(reply.digest, bytes_of(expected, 32)) ? STATUS_OK : STATUS_INTERNAL;
}

/* ---- objects ---- */

void object_value(uint32_t number, uint8_t value[32]) {
    EVP_Digest(&number, sizeof(number), value, NULL, EVP_sha256(), NULL);
}

static enum status object_make(struct caller *caller, uint32_t *number, uint64_t *handle) {
    struct template template = {.status = STATUS_OK};
    char label[32];
    uint8_t value[32];
    *number = 1 + atomic_fetch_add(&load->object_count, 1);
    if (*number >= OBJECTS_IN_LOAD) {
        *number = 0;
        return STATUS_OK;
    }
    object_value(*number, value);
    snprintf(label, sizeof(label), "%u", (unsigned)*number);
    put_number(&template, ATTRIBUTE_CLASS, CLASS_DATA);
    put_flag(&template, ATTRIBUTE_TOKEN, true);
    put(&template, ATTRIBUTE_APPLICATION, bytes_of_text(application));
    put(&template, ATTRIBUTE_LABEL, bytes_of_text(label));
    put(&template, ATTRIBUTE_VALUE, bytes_of(value, sizeof(value)));
    atomic_store(&load->objects[*number], OBJECT_ASKED);
    TRY(create(caller, &template, handle));
    atomic_store(&load->objects[*number], OBJECT_THERE);
    return STATUS_OK;
}

enum status caller_object(struct caller *caller, uint32_t *number, uint64_t *handle) {
    if (*number == 0) {
        return object_make(caller, number, handle);
    }
    const struct object_destroy_req request = {caller->session, *handle};
    struct object_destroy_rep reply;
    atomic_store(&load->objects[*number], OBJECT_GOING);
    TRY(caller_call(caller, COMMAND_object_destroy, &request, &reply));
    atomic_store(&load->objects[*number], OBJECT_GONE);
    *number = 0;
    return STATUS_OK;
}
