/* SPDX-License-Identifier: Apache-2.0 */
/* What the stories of the door have in common. */
#include "test/conformance/door.h"

struct door door;
CK_BBOOL door_yes = CK_TRUE, door_no = CK_FALSE;

static void find_slot(void) {
    CK_SLOT_ID slots[64];
    CK_ULONG count = COUNT(slots);
    door_ok(door.f->C_GetSlotList(CK_TRUE, slots, &count));
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        size_t size = strlen(door.label);
        door_ok(door.f->C_GetTokenInfo(slots[i], &info));
        if (memcmp(info.label, door.label, size) == 0 && (size == 32 || info.label[size] == ' ')) {
            door.slot = slots[i];
            return;
        }
    }
    fail_msg("no token is labelled %s", door.label);
}

CK_SESSION_HANDLE door_session(CK_FLAGS flags) {
    CK_SESSION_HANDLE session = 0;
    door_ok(door.f->C_OpenSession(door.slot, CKF_SERIAL_SESSION | flags, NULL, NULL, &session));
    return session;
}

int door_begin(void **state) {
    (void)state;
    door_ground();
    return 0;
}

int door_finish(void **state) {
    (void)state;
    door_ground_end();
    return 0;
}

int door_enter(void **state) {
    (void)state;
    door_ok(door.f->C_Initialize(NULL));
    find_slot();
    door.session = door_session(CKF_RW_SESSION);
    CK_ULONG size = (CK_ULONG)strlen(door.pin);
    door_ok(door.f->C_Login(door.session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)door.pin, size));
    return 0;
}

int door_leave(void **state) {
    (void)state;
    CK_RV rv = door.f->C_Finalize(NULL);
    return rv == CKR_OK || rv == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1;
}

CK_OBJECT_HANDLE door_aes(CK_ULONG size) {
    CK_MECHANISM mechanism = {CKM_AES_KEY_GEN, NULL, 0};
    CK_ATTRIBUTE template[] = {
        ATTR(CKA_VALUE_LEN, size),       ATTR(CKA_ENCRYPT, door_yes), ATTR(CKA_DECRYPT, door_yes),
        ATTR(CKA_SENSITIVE, door_no),    ATTR(CKA_EXTRACTABLE, door_yes)};
    CK_OBJECT_HANDLE key = 0;
    door_ok(door.f->C_GenerateKey(door.session, &mechanism, template, COUNT(template), &key));
    return key;
}

CK_OBJECT_HANDLE door_generic(const void *value, CK_ULONG size) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class),
                               ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SIGN, door_yes),
                               ATTR(CKA_VERIFY, door_yes),
                               ATTR(CKA_DERIVE, door_no),
                               {CKA_VALUE, (void *)(uintptr_t)value, size}};
    CK_OBJECT_HANDLE key = 0;
    door_ok(door.f->C_CreateObject(door.session, template, COUNT(template), &key));
    return key;
}

void door_ec_pair(CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key) {
    static const CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_ATTRIBUTE public[] = {ATTR_BYTES(CKA_EC_PARAMS, p256), ATTR(CKA_VERIFY, door_yes)};
    CK_ATTRIBUTE private[] = {ATTR(CKA_SIGN, door_yes), ATTR(CKA_SENSITIVE, door_yes)};
    door_ok(door.f->C_GenerateKeyPair(door.session, &mechanism, public, COUNT(public), private,
                                      COUNT(private), public_key, private_key));
}

void door_rsa_pair(CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key) {
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0};
    CK_ULONG bits = 2048;
    CK_ATTRIBUTE public[] = {ATTR(CKA_MODULUS_BITS, bits), ATTR(CKA_VERIFY, door_yes),
                             ATTR(CKA_ENCRYPT, door_yes)};
    CK_ATTRIBUTE private[] = {ATTR(CKA_SIGN, door_yes), ATTR(CKA_DECRYPT, door_yes)};
    door_ok(door.f->C_GenerateKeyPair(door.session, &mechanism, public, COUNT(public), private,
                                      COUNT(private), public_key, private_key));
}

CK_OBJECT_HANDLE door_data(const char *label, const void *value, CK_ULONG size) {
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class),
                               {CKA_LABEL, (void *)(uintptr_t)label, (CK_ULONG)strlen(label)},
                               {CKA_VALUE, (void *)(uintptr_t)value, size}};
    CK_OBJECT_HANDLE object = 0;
    door_ok(door.f->C_CreateObject(door.session, template, COUNT(template), &object));
    return object;
}
