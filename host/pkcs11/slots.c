/* SPDX-License-Identifier: Apache-2.0 */
/* Slots and tokens (section 5.5), except for their mechanisms.
 *
 * A slot's number is the module's. Shown are the slots with an initialised token, and one without,
 * so that C_InitToken has a place to work on. Where the module cannot be reached there is slot 0
 * without a token, and its description says what to do. */
#include "base/limits.h"
#include "host/pkcs11/library.h"
#include "host/pkcs11/pins.h"
#include "host/pkcs11/session.h"
#include "host/pkcs11/texts.h"

enum { SLOTS_SHOWN_MAX = 33 };

/* What the module says about its slots. */
struct slots {
    enum status status;
    uint32_t count;
    uint32_t initialized; /* bit set */
};

static struct slots learn_slots(void) {
    SMALL_ROOM(room);
    struct slot_list_req request;
    struct slot_list_rep reply = {0};
    struct slots slots = {.status = STATUS_INTERNAL};
    LIBRARY_CALL(slots.status, slot_list, &request, &reply, room);
    if (slots.status == STATUS_OK) {
        slots.count = reply.slots < 32 ? reply.slots : 32;
        slots.initialized = reply.initialized;
    }
    return slots;
}

static size_t show_slots(bool with_token, CK_SLOT_ID *shown) {
    struct slots slots = learn_slots();
    size_t count = 0;
    if (slots.status != STATUS_OK) {
        shown[0] = 0;
        return with_token ? 0 : 1;
    }
    for (uint32_t i = 0; i < slots.count; i++) {
        if ((slots.initialized >> i & 1) != 0) {
            shown[count++] = i;
        }
    }
    for (uint32_t i = 0; i < slots.count; i++) {
        if ((slots.initialized >> i & 1) == 0) {
            shown[count++] = i;
            break;
        }
    }
    return count;
}

CK_RV C_GetSlotList(CK_BBOOL tokenPresent, CK_SLOT_ID_PTR pSlotList, CK_ULONG_PTR pulCount) {
    CK_SLOT_ID shown[SLOTS_SHOWN_MAX];
    RV_TRY(library_ready());
    if (pulCount == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    size_t count = show_slots(tokenPresent != CK_FALSE, shown);
    CK_ULONG room = *pulCount;
    *pulCount = (CK_ULONG)count;
    if (pSlotList == NULL) {
        return CKR_OK;
    }
    if (room < count) {
        return CKR_BUFFER_TOO_SMALL;
    }
    memcpy(pSlotList, shown, count * sizeof(shown[0]));
    return CKR_OK;
}

static void describe_slot(CK_SLOT_ID slot, const struct slots *slots, CK_SLOT_INFO *info) {
    char text[] = "Edge HSM slot 00";
    if (slots->status != STATUS_OK) {
        texts_fill(info->slotDescription, sizeof(info->slotDescription),
                   slots->status == STATUS_PEER_REFUSED
                       ? "Edge HSM: not allowed for this user; run: edgehsm doctor"
                       : "Edge HSM: module not reachable; run: edgehsm doctor");
        return;
    }
    text[sizeof(text) - 3] = (char)('0' + slot / 10);
    text[sizeof(text) - 2] = (char)('0' + slot % 10);
    texts_fill(info->slotDescription, sizeof(info->slotDescription), text);
    info->flags = CKF_TOKEN_PRESENT;
}

CK_RV C_GetSlotInfo(CK_SLOT_ID slotID, CK_SLOT_INFO_PTR pInfo) {
    RV_TRY(library_ready());
    if (pInfo == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    struct slots slots = learn_slots();
    if (slotID > 0 && slotID >= slots.count) {
        return CKR_SLOT_ID_INVALID;
    }
    *pInfo = (CK_SLOT_INFO){.hardwareVersion = texts_version(bytes_of_text(EHSM_VERSION)),
                            .firmwareVersion = texts_version(bytes_of_text(EHSM_VERSION))};
    texts_fill(pInfo->manufacturerID, sizeof(pInfo->manufacturerID), TEXT_MANUFACTURER);
    describe_slot(slotID, &slots, pInfo);
    return CKR_OK;
}

/* Flags of one PIN from the tries it has left. */
static CK_FLAGS pin_flags(uint32_t tries, bool locked, CK_FLAGS low, CK_FLAGS final) {
    if (locked || tries == 0 || tries >= PIN_TRIES_MAX) {
        return 0;
    }
    return tries == 1 ? low | final : low;
}

static CK_FLAGS token_flags(const struct token_info_rep *token) {
    static const struct {
        uint32_t ours;
        CK_FLAGS theirs;
    } flags[] = {
        {TOKEN_INITIALIZED, CKF_TOKEN_INITIALIZED},
        {TOKEN_USER_PIN_SET, CKF_USER_PIN_INITIALIZED},
        {TOKEN_LOGIN_REQUIRED, CKF_LOGIN_REQUIRED},
        {TOKEN_USER_PIN_LOCKED, CKF_USER_PIN_LOCKED},
        {TOKEN_SO_PIN_LOCKED, CKF_SO_PIN_LOCKED},
    };
    CK_FLAGS set = CKF_RNG | CKF_DUAL_CRYPTO_OPERATIONS;
    for (size_t i = 0; i < COUNT(flags); i++) {
        set |= (token->flags & flags[i].ours) != 0 ? flags[i].theirs : 0;
    }
    if ((token->flags & TOKEN_INITIALIZED) == 0) {
        return set;
    }
    if ((token->flags & TOKEN_USER_PIN_SET) != 0) {
        set |= pin_flags(token->user_tries_left, (token->flags & TOKEN_USER_PIN_LOCKED) != 0,
                         CKF_USER_PIN_COUNT_LOW, CKF_USER_PIN_FINAL_TRY);
    }
    return set | pin_flags(token->so_tries_left, (token->flags & TOKEN_SO_PIN_LOCKED) != 0,
                           CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY);
}

static void describe_token(const struct token_info_rep *token, CK_TOKEN_INFO *info) {
    CK_VERSION version = texts_version(bytes_of_text(EHSM_VERSION));
    *info = (CK_TOKEN_INFO){.flags = token_flags(token),
                            .ulMaxSessionCount = SESSIONS_PER_CONNECTION,
                            .ulSessionCount = token->sessions,
                            .ulMaxRwSessionCount = SESSIONS_PER_CONNECTION,
                            .ulRwSessionCount = token->sessions_rw,
                            .ulMaxPinLen = PIN_SIZE_MAX,
                            .ulMinPinLen = PIN_SIZE_MIN,
                            .ulTotalPublicMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulTotalPrivateMemory = CK_UNAVAILABLE_INFORMATION,
                            .ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION,
                            .hardwareVersion = version,
                            .firmwareVersion = version};
    texts_fill_bytes(info->label, sizeof(info->label), token->label);
    texts_fill(info->manufacturerID, sizeof(info->manufacturerID), TEXT_MANUFACTURER);
    texts_fill(info->model, sizeof(info->model), TEXT_MODEL);
    texts_fill_bytes(info->serialNumber, sizeof(info->serialNumber), token->serial);
    texts_fill(info->utcTime, sizeof(info->utcTime), "");
}

/* The module's status where it cannot be reached: there is no token. */
static CK_RV token_result(enum status status) {
    bool absent = status == STATUS_UNREACHABLE || status == STATUS_DISCONNECTED;
    return absent ? CKR_TOKEN_NOT_PRESENT : result_of(status);
}

CK_RV C_GetTokenInfo(CK_SLOT_ID slotID, CK_TOKEN_INFO_PTR pInfo) {
    SMALL_ROOM(room);
    RV_TRY(library_ready());
    if (pInfo == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (slotID > UINT32_MAX) {
        return CKR_SLOT_ID_INVALID;
    }
    struct token_info_req request = {.slot = (uint32_t)slotID};
    struct token_info_rep reply = {0};
    enum status status = STATUS_INTERNAL;
    LIBRARY_CALL(status, token_info, &request, &reply, room);
    if (status != STATUS_OK && status != STATUS_TOKEN_NOT_INITIALIZED) {
        return token_result(status);
    }
    describe_token(&reply, pInfo);
    return CKR_OK;
}

CK_RV C_InitToken(CK_SLOT_ID slotID, CK_UTF8CHAR_PTR pPin, CK_ULONG ulPinLen,
                  CK_UTF8CHAR_PTR pLabel) {
    SMALL_ROOM(room);
    RV_TRY(library_ready());
    struct token_init_req request = {0};
    struct token_init_rep reply;
    if (pLabel == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    if (slotID > UINT32_MAX) {
        return CKR_SLOT_ID_INVALID;
    }
    RV_TRY(pins_read(pPin, ulPinLen, &request.so_pin));
    size_t size = sizeof(((CK_TOKEN_INFO *)NULL)->label);
    while (size > 0 && pLabel[size - 1] == ' ') {
        size--;
    }
    request.slot = (uint32_t)slotID;
    request.label = bytes_of(pLabel, size);
    enum status status = STATUS_INTERNAL;
    LIBRARY_CALL(status, token_init, &request, &reply, room);
    epoch_end();
    return token_result(status);
}

CK_RV C_WaitForSlotEvent(CK_FLAGS flags, CK_SLOT_ID_PTR pSlot, CK_VOID_PTR pReserved) {
    RV_TRY(library_ready());
    if (pSlot == NULL || pReserved != NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    /* Tokens do not come and go. */
    return (flags & CKF_DONT_BLOCK) != 0 ? CKR_NO_EVENT : CKR_FUNCTION_NOT_SUPPORTED;
}
