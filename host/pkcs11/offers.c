/* SPDX-License-Identifier: Apache-2.0 */
/* The mechanisms a token offers (sections 5.5.6 and 5.5.7): the rows of mechanisms.def whose
 * algorithm the module lists for the token. */
#include "host/pkcs11/library.h"
#include "host/pkcs11/mechanisms.h"

enum { ENTRY_SIZE = 16, OFFERS_SIZE = 4096, OFFERS_ROOM = FRAME_HEADER_SIZE + 4 + OFFERS_SIZE };

/* What the module says about one algorithm. */
struct offer {
    uint32_t functions;
    uint32_t min_bits;
    uint32_t max_bits;
};

static CK_RV learn_offers(CK_SLOT_ID slot, struct span room, struct bytes *offers) {
    enum status status = STATUS_INTERNAL;
    if (slot > UINT32_MAX) {
        return CKR_SLOT_ID_INVALID;
    }
    struct algorithms_req request = {.slot = (uint32_t)slot};
    struct algorithms_rep reply = {0};
    LIBRARY_CALL(status, algorithms, &request, &reply, room);
    *offers = reply.rows;
    if (status == STATUS_UNREACHABLE || status == STATUS_DISCONNECTED) {
        return CKR_TOKEN_NOT_PRESENT;
    }
    return result_of(status);
}

/* Finds what is offered of an algorithm; nothing where it is not listed. */
static struct offer offer_of(struct bytes offers, enum algorithm algorithm) {
    for (size_t at = 0; at + ENTRY_SIZE <= offers.size; at += ENTRY_SIZE) {
        const uint8_t *entry = offers.data + at;
        if (load_u32(entry) == (uint32_t)algorithm) {
            return (struct offer){load_u32(entry + 4), load_u32(entry + 8), load_u32(entry + 12)};
        }
    }
    return (struct offer){0};
}

/* What is offered of a mechanism; false where that is nothing, or its hash is not there. The row of
 * digests has a set of hashes instead of the most bits. */
static bool find_offer(struct bytes offers, const struct mechanism_row *row, struct offer *offer) {
    uint32_t hashes = offer_of(offers, ALGORITHM_DIGEST).max_bits;
    *offer = offer_of(offers, row->algorithm);
    offer->functions &= row->functions;
    return offer->functions != 0 && (row->hash == HASH_NONE || (hashes >> row->hash & 1) != 0);
}

CK_RV C_GetMechanismList(CK_SLOT_ID slotID, CK_MECHANISM_TYPE_PTR pMechanismList,
                         CK_ULONG_PTR pulCount) {
    uint8_t room[OFFERS_ROOM];
    struct bytes offers = {NULL, 0};
    struct offer offer;
    size_t rows = 0;
    CK_ULONG count = 0;
    RV_TRY(library_ready());
    if (pulCount == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    RV_TRY(learn_offers(slotID, (struct span){room, sizeof(room)}, &offers));
    const struct mechanism_row *row = mechanisms_rows(&rows);
    for (size_t i = 0; i < rows; i++) {
        bool first = mechanisms_find(row[i].type) == &row[i];
        if (first && find_offer(offers, &row[i], &offer)) {
            if (pMechanismList != NULL && count < *pulCount) {
                pMechanismList[count] = row[i].type;
            }
            count++;
        }
    }
    bool fits = pMechanismList == NULL || count <= *pulCount;
    *pulCount = count;
    return fits ? CKR_OK : CKR_BUFFER_TOO_SMALL;
}

static CK_FLAGS flags_of(const struct mechanism_row *row, uint32_t functions) {
    static const struct {
        uint32_t function;
        CK_FLAGS flags;
    } flags[] = {
        {F_SIGN, CKF_SIGN | CKF_MESSAGE_SIGN | CKF_MULTI_MESSAGE},
        {F_VERIFY, CKF_VERIFY | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE},
        {F_ENCRYPT, CKF_ENCRYPT},
        {F_DECRYPT, CKF_DECRYPT},
        {F_WRAP, CKF_WRAP},
        {F_UNWRAP, CKF_UNWRAP},
        {F_DERIVE, CKF_DERIVE},
        {F_DIGEST, CKF_DIGEST},
        {F_GENERATE, CKF_GENERATE},
        {F_GENERATE_PAIR, CKF_GENERATE_KEY_PAIR},
    };
    CK_FLAGS set = 0;
    for (size_t i = 0; i < COUNT(flags); i++) {
        set |= (functions & flags[i].function) != 0 ? flags[i].flags : 0;
    }
    if (row->parameter == P11_GCM || row->parameter == P11_CCM || row->parameter == P11_CHACHA) {
        set |= (functions & F_ENCRYPT) != 0 ? CKF_MESSAGE_ENCRYPT | CKF_MULTI_MESSAGE : 0;
        set |= (functions & F_DECRYPT) != 0 ? CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE : 0;
    }
    bool curve = row->algorithm == ALGORITHM_ECDSA || row->algorithm == ALGORITHM_ECDH ||
                 row->algorithm == ALGORITHM_EC_KEY_PAIR_GEN;
    return curve ? set | CKF_EC_F_P | CKF_EC_OID | CKF_EC_UNCOMPRESS : set;
}

CK_RV C_GetMechanismInfo(CK_SLOT_ID slotID, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR pInfo) {
    uint8_t room[OFFERS_ROOM];
    struct bytes offers = {NULL, 0};
    struct offer offer;
    RV_TRY(library_ready());
    if (pInfo == NULL) {
        return CKR_ARGUMENTS_BAD;
    }
    RV_TRY(learn_offers(slotID, (struct span){room, sizeof(room)}, &offers));
    const struct mechanism_row *row = mechanisms_find(type);
    if (row == NULL || !find_offer(offers, row, &offer)) {
        return CKR_MECHANISM_INVALID;
    }
    *pInfo = (CK_MECHANISM_INFO){.flags = flags_of(row, offer.functions)};
    if (row->unit != UNIT_NONE) {
        uint32_t divisor = row->unit == UNIT_BYTES ? 8 : 1;
        pInfo->ulMinKeySize = offer.min_bits / divisor;
        pInfo->ulMaxKeySize = offer.max_bits / divisor;
    }
    return CKR_OK;
}
