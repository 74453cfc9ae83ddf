/* SPDX-License-Identifier: Apache-2.0 */
/* The table of mechanisms. */
#include "host/pkcs11/mechanisms.h"

#include "host/pkcs11/parameters.h"

static const struct mechanism_row rows[] = {
#define MECHANISM(name, algorithm, hash, parameter, functions, unit)                               \
    {CKM_##name, ALGORITHM_##algorithm, HASH_##hash, P11_##parameter, (functions), UNIT_##unit},
#include "host/pkcs11/mechanisms.def"
#undef MECHANISM
};

const struct mechanism_row *mechanisms_rows(size_t *count) {
    *count = COUNT(rows);
    return rows;
}

const struct mechanism_row *mechanisms_find(CK_MECHANISM_TYPE type) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].type == type) {
            return &rows[i];
        }
    }
    return NULL;
}

CK_MECHANISM_TYPE mechanisms_of_wire(uint32_t wire) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (mechanisms_to_wire(&rows[i]) == wire) {
            return rows[i].type;
        }
    }
    return wire == ALGORITHM_X25519 ? CKM_ECDH1_DERIVE : CK_UNAVAILABLE_INFORMATION;
}

uint32_t mechanisms_hash(CK_MECHANISM_TYPE type) {
    const struct mechanism_row *row = mechanisms_find(type);
    return row != NULL && row->algorithm == ALGORITHM_DIGEST ? row->hash : (uint32_t)HASH_NONE;
}

static const struct mechanism_row *find_for(CK_MECHANISM_TYPE type, uint32_t function) {
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (rows[i].type == type && (rows[i].functions & function) != 0) {
            return &rows[i];
        }
    }
    return NULL;
}

CK_RV mechanisms_read(const CK_MECHANISM *from, uint32_t function, struct mechanism_read *read) {
    const struct mechanism_row *row = find_for(from->mechanism, function);
    if (row == NULL) {
        return CKR_MECHANISM_INVALID;
    }
    if (!readable(from->pParameter, from->ulParameterLen)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *read = (struct mechanism_read){.row = row};
    read->mechanism.algorithm = (uint32_t)row->algorithm;
    read->mechanism.hash = row->hash;
    return parameters_read(from, function, read);
}
