/* SPDX-License-Identifier: Apache-2.0 */
/* The door as the judges ask it: import a key, use it, forget it. */
#include "test/conformance/wycheproof_door.h"

static uint8_t out_room[1 << 17];

int judges_start(void **state) {
    return door_begin(state) == 0 ? door_enter(state) : -1;
}

int judges_stop(void **state) {
    return door_leave(state) == 0 ? door_finish(state) : -1;
}

enum verdict judge_unexpected(const char *what, CK_RV rv) {
    printf("# %s answers 0x%lx\n", what, (unsigned long)rv);
    return WRONG;
}

CK_OBJECT_HANDLE judge_import(CK_ATTRIBUTE *template, size_t count) {
    CK_OBJECT_HANDLE key = 0;
    CK_RV rv = door.f->C_CreateObject(door.session, template, (CK_ULONG)count, &key);
    return rv == CKR_OK ? key : 0;
}

CK_OBJECT_HANDLE judge_import_secret(CK_KEY_TYPE type, struct bytes value, CK_ATTRIBUTE_TYPE one,
                                     CK_ATTRIBUTE_TYPE other) {
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_ATTRIBUTE template[] = {ATTR(CKA_CLASS, class),
                               ATTR(CKA_KEY_TYPE, type),
                               ATTR(CKA_SENSITIVE, door_no),
                               ATTR(CKA_EXTRACTABLE, door_yes),
                               ATTR_OF(CKA_VALUE, value),
                               {one, &door_yes, sizeof(door_yes)},
                               {other, &door_yes, sizeof(door_yes)}};
    return judge_import(template, COUNT(template) - (one == other ? 1 : 0));
}

void judge_forget(CK_OBJECT_HANDLE key) {
    door_ok(door.f->C_DestroyObject(door.session, key));
}

enum verdict judge_signature(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes message,
                             struct bytes signature) {
    CK_RV rv = door.f->C_VerifyInit(door.session, mechanism, key);
    if (rv != CKR_OK) {
        return judge_unexpected("C_VerifyInit", rv);
    }
    rv = door.f->C_Verify(door.session, (CK_BYTE *)(uintptr_t)message.data, message.size,
                          (CK_BYTE *)(uintptr_t)signature.data, signature.size);
    if (rv == CKR_SIGNATURE_INVALID || rv == CKR_SIGNATURE_LEN_RANGE) {
        return REFUSED;
    }
    return rv == CKR_OK ? ACCEPTED : judge_unexpected("C_Verify", rv);
}

static bool says_no(CK_RV rv) {
    return rv == CKR_ENCRYPTED_DATA_INVALID || rv == CKR_ENCRYPTED_DATA_LEN_RANGE ||
           rv == CKR_AEAD_DECRYPT_FAILED || rv == CKR_MECHANISM_PARAM_INVALID;
}

enum verdict judge_decryption(CK_OBJECT_HANDLE key, CK_MECHANISM *mechanism, struct bytes cipher,
                              struct bytes plain) {
    CK_ULONG size = sizeof(out_room);
    CK_RV rv = door.f->C_DecryptInit(door.session, mechanism, key);
    if (rv != CKR_OK) {
        return says_no(rv) ? REFUSED : judge_unexpected("C_DecryptInit", rv);
    }
    rv = door.f->C_Decrypt(door.session, (CK_BYTE *)(uintptr_t)cipher.data, cipher.size, out_room,
                           &size);
    if (rv != CKR_OK) {
        return says_no(rv) ? REFUSED : judge_unexpected("C_Decrypt", rv);
    }
    return vector_compare((struct span){out_room, size}, plain);
}

enum verdict judge_value(CK_OBJECT_HANDLE key, struct bytes expected) {
    CK_ATTRIBUTE value = {CKA_VALUE, out_room, sizeof(out_room)};
    door_ok(door.f->C_GetAttributeValue(door.session, key, &value, 1));
    return vector_compare((struct span){out_room, value.ulValueLen}, expected);
}
