/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever holds a lease key. */
#include "test/component/renewals.h"

#include "crypto/crypto.h"

static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t ed25519[] = {0x06, 0x03, 0x2b, 0x65, 0x70};

/* Parts of the private key; they lie in `room`. */
static void make_parts(enum lease_key_form form, const uint8_t value[32], struct key_parts *parts,
                       struct span *room) {
    bool curve = form == LEASE_KEY_P256;
    *parts = (struct key_parts){.type = curve ? KEY_EC : KEY_ED25519,
                                .is_private = true,
                                .value = bytes_of(value, 32),
                                .ec_params = curve ? bytes_of(p256, sizeof(p256))
                                                   : bytes_of(ed25519, sizeof(ed25519))};
    assert_int_equal(crypto_key_complete(parts, room), STATUS_OK);
}

struct bytes renewals_key(enum lease_key_form form, uint8_t seed) {
    static uint8_t spki[256];
    uint8_t memory[8192], value[32];
    struct span room = {memory, sizeof(memory)}, out = {spki, sizeof(spki)};
    struct key_parts parts;
    memset(value, seed, sizeof(value));
    make_parts(form, value, &parts, &room);
    parts.is_private = false;
    assert_int_equal(crypto_key_spki(&parts, &out), STATUS_OK);
    return bytes_of_span(out);
}

struct bytes renewals_sign(enum lease_key_form form, uint8_t seed, const struct lease *lease) {
    static const struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    static const struct mechanism eddsa = {.algorithm = ALGORITHM_EDDSA};
    static uint8_t cose[LEASE_COSE_MAX];
    uint8_t memory[8192], value[32], payload[LEASE_PAYLOAD_MAX], text[LEASE_TEXT_MAX];
    uint8_t signature[LEASE_SIGNATURE_SIZE];
    struct span room = {memory, sizeof(memory)}, to_sign = {text, sizeof(text)};
    struct span body = {payload, sizeof(payload)}, out = {cose, sizeof(cose)};
    struct span signed_by = {signature, sizeof(signature)};
    struct key_parts parts;
    struct crypto_key key;
    memset(value, seed, sizeof(value));
    make_parts(form, value, &parts, &room);
    assert_int_equal(crypto_key_load(&key, &parts), STATUS_OK);
    assert_int_equal(lease_write(lease, &body), STATUS_OK);
    assert_int_equal(lease_signed(form, bytes_of_span(body), &to_sign), STATUS_OK);
    assert_int_equal(crypto_sign(&key, form == LEASE_KEY_P256 ? &ecdsa : &eddsa,
                                 bytes_of_span(to_sign), false, &signed_by),
                     STATUS_OK);
    crypto_key_unload(&key);
    assert_int_equal(lease_cose_write(form, bytes_of_span(body), signature, &out), STATUS_OK);
    return bytes_of_span(out);
}

void renewals_for(struct module *module, uint32_t session, uint64_t key, struct lease *lease) {
    static uint8_t device[LEASE_DEVICE_SIZE], id[64];
    struct hello_rep hello;
    struct object_get_rep reply;
    uint8_t types[4];
    struct bytes value;
    save_u32(types, ATTRIBUTE_UNIQUE_ID);
    struct object_get_req get = {session, key, bytes_of(types, sizeof(types))};
    assert_int_equal(call_object_get(module, get, &reply), STATUS_OK);
    assert_int_equal(attributes_find(reply.attributes, ATTRIBUTE_UNIQUE_ID, &value), STATUS_OK);
    bytes_copy(id, value);
    lease->unique_id = bytes_of(id, value.size);
    assert_int_equal(call_hello(module, (struct hello_req){PROTOCOL_VERSION}, &hello), STATUS_OK);
    assert_int_equal(hello.device_id.size, sizeof(device));
    bytes_copy(device, hello.device_id);
    lease->device = bytes_of(device, sizeof(device));
}
