/* SPDX-License-Identifier: Apache-2.0 */
/* Readers of mechanism parameters. The values themselves are judged by the module; here is checked
 * what must hold for the memory to be read at all and for the translation to be exact. */
#include "host/pkcs11/parameters.h"

enum { AES_BLOCK = 16, MADE_IV_SIZE = 12 };

CK_RV parameters_bytes(const void *data, CK_ULONG size, struct bytes *bytes) {
    if (!readable(data, size) || size > PARAMETER_BYTES_MAX) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *bytes = bytes_of(data, (size_t)size);
    return CKR_OK;
}

CK_RV parameters_number(CK_ULONG number, uint32_t *to) {
    if (number > UINT32_MAX) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *to = (uint32_t)number;
    return CKR_OK;
}

/* Copies a parameter structure, which the caller may have left unaligned. */
static CK_RV take(const CK_MECHANISM *from, void *to, size_t size) {
    if (from->pParameter == NULL || from->ulParameterLen != size) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    memcpy(to, from->pParameter, size);
    return CKR_OK;
}

static CK_RV read_none(const CK_MECHANISM *from) {
    return from->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_hash(CK_MECHANISM_TYPE type, uint32_t *hash) {
    *hash = mechanisms_hash(type);
    return *hash == HASH_NONE ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

static CK_RV read_mgf(CK_RSA_PKCS_MGF_TYPE type, uint32_t *hash) {
    static const uint32_t hashes[] = {
        [CKG_MGF1_SHA1] = HASH_SHA1,         [CKG_MGF1_SHA224] = HASH_SHA224,
        [CKG_MGF1_SHA256] = HASH_SHA256,     [CKG_MGF1_SHA384] = HASH_SHA384,
        [CKG_MGF1_SHA512] = HASH_SHA512,     [CKG_MGF1_SHA3_224] = HASH_SHA3_224,
        [CKG_MGF1_SHA3_256] = HASH_SHA3_256, [CKG_MGF1_SHA3_384] = HASH_SHA3_384,
        [CKG_MGF1_SHA3_512] = HASH_SHA3_512};
    if (type >= COUNT(hashes) || hashes[type] == HASH_NONE) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *hash = hashes[type];
    return CKR_OK;
}

static CK_RV read_pss(const CK_MECHANISM *from, struct mechanism *to) {
    CK_RSA_PKCS_PSS_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(read_hash(given.hashAlg, &to->digest));
    RV_TRY(read_mgf(given.mgf, &to->mgf));
    RV_TRY(parameters_number(given.sLen, &to->salt_size));
    return to->hash != HASH_NONE && to->hash != to->digest ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

static CK_RV read_oaep(const CK_MECHANISM *from, struct mechanism *to) {
    CK_RSA_PKCS_OAEP_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(read_hash(given.hashAlg, &to->digest));
    RV_TRY(read_mgf(given.mgf, &to->mgf));
    if (given.source == CKZ_DATA_SPECIFIED) {
        return parameters_bytes(given.pSourceData, given.ulSourceDataLen, &to->label);
    }
    /* Some callers leave the source at 0 when they mean an empty label. */
    return given.source == 0 && given.ulSourceDataLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_iv16(const CK_MECHANISM *from, struct mechanism *to) {
    if (from->ulParameterLen != AES_BLOCK) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    return parameters_bytes(from->pParameter, from->ulParameterLen, &to->iv);
}

static CK_RV read_ctr(const CK_MECHANISM *from, struct mechanism *to) {
    CK_AES_CTR_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    const uint8_t *block = from->pParameter;
    to->iv = bytes_of(block + offsetof(CK_AES_CTR_PARAMS, cb), sizeof(given.cb));
    return parameters_number(given.ulCounterBits, &to->counter_bits);
}

/* An IV of twelve zero bytes for encryption asks the module to make one. */
static void read_iv(const struct mechanism *to, CK_BYTE_PTR iv, uint32_t function,
                    struct mechanism_read *read) {
    if ((function & (F_ENCRYPT | F_WRAP)) != 0 && to->iv.size == MADE_IV_SIZE &&
        bytes_all(to->iv, 0)) {
        read->iv = iv;
        read->iv_wanted = true;
    }
}

/* GCM before v2.40 errata: the structure without ulIvBits. */
struct short_gcm_params {
    CK_BYTE_PTR pIv;
    CK_ULONG ulIvLen;
    CK_BYTE_PTR pAAD;
    CK_ULONG ulAADLen;
    CK_ULONG ulTagBits;
};

/* Brings the three shapes of GCM parameters to one. */
static CK_RV take_gcm(const CK_MECHANISM *from, CK_GCM_PARAMS *given) {
    if (from->ulParameterLen == sizeof(struct short_gcm_params)) {
        struct short_gcm_params old;
        RV_TRY(take(from, &old, sizeof(old)));
        *given = (CK_GCM_PARAMS){.pIv = old.pIv, .ulIvLen = old.ulIvLen, .pAAD = old.pAAD,
                                 .ulAADLen = old.ulAADLen, .ulTagBits = old.ulTagBits};
        return CKR_OK;
    }
    if (from->ulParameterLen == sizeof(CK_GCM_WRAP_PARAMS)) {
        CK_GCM_WRAP_PARAMS wrap;
        RV_TRY(take(from, &wrap, sizeof(wrap)));
        *given = (CK_GCM_PARAMS){.pIv = wrap.pIv, .ulIvLen = wrap.ulIvLen, .pAAD = wrap.pAAD,
                                 .ulAADLen = wrap.ulAADLen, .ulTagBits = wrap.ulTagBits};
        return CKR_OK;
    }
    return take(from, given, sizeof(*given));
}

static CK_RV read_gcm(const CK_MECHANISM *from, uint32_t function, struct mechanism_read *read) {
    struct mechanism *to = &read->mechanism;
    CK_GCM_PARAMS given;
    RV_TRY(take_gcm(from, &given));
    RV_TRY(parameters_bytes(given.pIv, given.ulIvLen, &to->iv));
    RV_TRY(parameters_bytes(given.pAAD, given.ulAADLen, &to->aad));
    RV_TRY(parameters_number(given.ulTagBits, &to->tag_bits));
    if (to->iv.size == 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    read_iv(to, given.pIv, function, read);
    return CKR_OK;
}

static CK_RV read_ccm(const CK_MECHANISM *from, struct mechanism *to) {
    CK_CCM_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(parameters_bytes(given.pNonce, given.ulNonceLen, &to->iv));
    RV_TRY(parameters_bytes(given.pAAD, given.ulAADLen, &to->aad));
    RV_TRY(parameters_number(given.ulDataLen, &to->data_size));
    if (given.ulMACLen > AES_BLOCK || to->iv.size == 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    to->tag_bits = (uint32_t)given.ulMACLen * 8;
    return CKR_OK;
}

static CK_RV read_chacha(const CK_MECHANISM *from, uint32_t function, struct mechanism_read *read) {
    struct mechanism *to = &read->mechanism;
    CK_SALSA20_CHACHA20_POLY1305_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(parameters_bytes(given.pNonce, given.ulNonceLen, &to->iv));
    RV_TRY(parameters_bytes(given.pAAD, given.ulAADLen, &to->aad));
    if (to->iv.size == 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    read_iv(to, given.pNonce, function, read);
    return CKR_OK;
}

static CK_RV read_mac_size(const CK_MECHANISM *from, struct mechanism *to) {
    CK_ULONG given = 0;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(parameters_number(given, &to->mac_size));
    /* 0 would mean the full length to the module. */
    return to->mac_size == 0 ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

/* Ed25519 without prehash and context; both may be said in full. */
static CK_RV read_eddsa(const CK_MECHANISM *from) {
    CK_EDDSA_PARAMS given;
    if (from->ulParameterLen == 0) {
        return CKR_OK;
    }
    RV_TRY(take(from, &given, sizeof(given)));
    return given.phFlag == CK_FALSE && given.ulContextDataLen == 0 ? CKR_OK
                                                                   : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_kdf(CK_EC_KDF_TYPE type, uint32_t *kdf) {
    static const uint32_t hashes[] = {
        [CKD_SHA1_KDF] = HASH_SHA1,         [CKD_SHA224_KDF] = HASH_SHA224,
        [CKD_SHA256_KDF] = HASH_SHA256,     [CKD_SHA384_KDF] = HASH_SHA384,
        [CKD_SHA512_KDF] = HASH_SHA512,     [CKD_SHA3_224_KDF] = HASH_SHA3_224,
        [CKD_SHA3_256_KDF] = HASH_SHA3_256, [CKD_SHA3_384_KDF] = HASH_SHA3_384,
        [CKD_SHA3_512_KDF] = HASH_SHA3_512};
    *kdf = KDF_NONE;
    if (type == CKD_NULL) {
        return CKR_OK;
    }
    if (type >= COUNT(hashes) || hashes[type] == HASH_NONE) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *kdf = hashes[type];
    return CKR_OK;
}

/* The peer's point comes raw or as a DER OCTET STRING, and both are in use: their sizes differ. */
static struct bytes without_der(struct bytes point) {
    bool short_form = point.size == 2 + 32 || point.size == 2 + 65 || point.size == 2 + 97;
    if (short_form && point.data[0] == 0x04 && point.data[1] == point.size - 2) {
        return bytes_of(point.data + 2, point.size - 2);
    }
    if (point.size == 3 + 133 && point.data[0] == 0x04 && point.data[1] == 0x81 &&
        point.data[2] == point.size - 3) {
        return bytes_of(point.data + 3, point.size - 3);
    }
    return point;
}

static CK_RV read_ecdh(const CK_MECHANISM *from, struct mechanism *to) {
    enum { X25519_SIZE = 32 };
    CK_ECDH1_DERIVE_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(read_kdf(given.kdf, &to->kdf));
    RV_TRY(parameters_bytes(given.pSharedData, given.ulSharedDataLen, &to->label));
    RV_TRY(parameters_bytes(given.pPublicData, given.ulPublicDataLen, &to->peer));
    if (to->peer.size == 0 || (to->kdf == KDF_NONE && to->label.size > 0)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    to->peer = without_der(to->peer);
    if (to->peer.size == X25519_SIZE) {
        to->algorithm = ALGORITHM_X25519;
    } else if (from->mechanism == CKM_ECDH1_COFACTOR_DERIVE) {
        to->cofactor = 1;
    }
    return CKR_OK;
}

static CK_RV read_hkdf_salt(const CK_HKDF_PARAMS *given, struct mechanism_read *read) {
    switch (given->ulSaltType) {
    case CKF_HKDF_SALT_NULL:
        return CKR_OK;
    case CKF_HKDF_SALT_DATA:
        return parameters_bytes(given->pSalt, given->ulSaltLen, &read->mechanism.salt);
    case CKF_HKDF_SALT_KEY:
        read->other_key = given->hSaltKey;
        return given->hSaltKey == CK_INVALID_HANDLE ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
    default:
        /* Without an extraction step the salt has no meaning, and callers leave it at 0. */
        return given->bExtract == CK_FALSE ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
    }
}

static CK_RV read_hkdf(const CK_MECHANISM *from, struct mechanism_read *read) {
    struct mechanism *to = &read->mechanism;
    CK_HKDF_PARAMS given;
    RV_TRY(take(from, &given, sizeof(given)));
    RV_TRY(read_hash(given.prfHashMechanism, &to->hash));
    to->steps |= given.bExtract != CK_FALSE ? (uint32_t)HKDF_EXTRACT : 0;
    to->steps |= given.bExpand != CK_FALSE ? (uint32_t)HKDF_EXPAND : 0;
    if (to->steps == 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    RV_TRY(read_hkdf_salt(&given, read));
    return given.bExpand != CK_FALSE ? parameters_bytes(given.pInfo, given.ulInfoLen, &to->label)
                                     : CKR_OK;
}

/* The fields of SP 800-108 that the module builds: counter, label, a zero byte, context, length. */
enum { KBKDF_FIELDS = 5 };

static CK_RV read_kbkdf_counter(const CK_PRF_DATA_PARAM *field) {
    CK_SP800_108_COUNTER_FORMAT counter;
    if (field->type != CK_SP800_108_ITERATION_VARIABLE || field->pValue == NULL ||
        field->ulValueLen != sizeof(counter)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    memcpy(&counter, field->pValue, sizeof(counter));
    return counter.bLittleEndian == CK_FALSE && counter.ulWidthInBits == 32
               ? CKR_OK
               : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_kbkdf_length(const CK_PRF_DATA_PARAM *field) {
    CK_SP800_108_DKM_LENGTH_FORMAT length;
    if (field->type != CK_SP800_108_DKM_LENGTH || field->pValue == NULL ||
        field->ulValueLen != sizeof(length)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    memcpy(&length, field->pValue, sizeof(length));
    return length.dkmLengthMethod == CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS &&
                   length.bLittleEndian == CK_FALSE && length.ulWidthInBits == 32
               ? CKR_OK
               : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_kbkdf_bytes(const CK_PRF_DATA_PARAM *field, struct bytes *bytes) {
    if (field->type != CK_SP800_108_BYTE_ARRAY) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    return parameters_bytes(field->pValue, field->ulValueLen, bytes);
}

static CK_RV read_kbkdf_prf(CK_SP800_108_PRF_TYPE type, uint32_t *hash) {
    const struct mechanism_row *row = mechanisms_find(type);
    if (row == NULL || row->algorithm != ALGORITHM_HMAC || row->parameter != P11_NONE) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    *hash = row->hash;
    return CKR_OK;
}

static CK_RV read_kbkdf(const CK_MECHANISM *from, struct mechanism *to) {
    CK_SP800_108_KDF_PARAMS given;
    CK_PRF_DATA_PARAM fields[KBKDF_FIELDS];
    struct bytes separator = {NULL, 0};
    RV_TRY(take(from, &given, sizeof(given)));
    if (given.ulNumberOfDataParams != KBKDF_FIELDS || given.pDataParams == NULL ||
        given.ulAdditionalDerivedKeys != 0) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    memcpy(fields, given.pDataParams, sizeof(fields));
    RV_TRY(read_kbkdf_prf(given.prfType, &to->hash));
    RV_TRY(read_kbkdf_counter(&fields[0]));
    RV_TRY(read_kbkdf_bytes(&fields[1], &to->label));
    RV_TRY(read_kbkdf_bytes(&fields[2], &separator));
    RV_TRY(read_kbkdf_bytes(&fields[3], &to->salt));
    RV_TRY(read_kbkdf_length(&fields[4]));
    return separator.size == 1 && separator.data[0] == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV read_string(const CK_MECHANISM *from, struct mechanism *to) {
    CK_KEY_DERIVATION_STRING_DATA given;
    RV_TRY(take(from, &given, sizeof(given)));
    return parameters_bytes(given.pData, given.ulLen, &to->salt);
}

static CK_RV read_first_bit(const CK_MECHANISM *from, struct mechanism *to) {
    CK_EXTRACT_PARAMS given = 0;
    RV_TRY(take(from, &given, sizeof(given)));
    return parameters_number(given, &to->data_size);
}

CK_RV parameters_read(const CK_MECHANISM *from, uint32_t function, struct mechanism_read *read) {
    struct mechanism *to = &read->mechanism;
    switch (read->row->parameter) {
    case P11_NONE:
        return read_none(from);
    case P11_PSS:
        return read_pss(from, to);
    case P11_OAEP:
        return read_oaep(from, to);
    case P11_IV16:
        return read_iv16(from, to);
    case P11_CTR:
        return read_ctr(from, to);
    case P11_GCM:
        return read_gcm(from, function, read);
    case P11_CCM:
        return read_ccm(from, to);
    case P11_CHACHA:
        return read_chacha(from, function, read);
    case P11_AAD:
        return parameters_bytes(from->pParameter, from->ulParameterLen, &to->aad);
    case P11_MAC_SIZE:
        return read_mac_size(from, to);
    case P11_EDDSA:
        return read_eddsa(from);
    case P11_ECDH:
        return read_ecdh(from, to);
    case P11_HKDF:
        return read_hkdf(from, read);
    case P11_KBKDF:
        return read_kbkdf(from, to);
    case P11_STRING:
        return read_string(from, to);
    case P11_FIRST_BIT:
        return read_first_bit(from, to);
    }
    return CKR_MECHANISM_INVALID;
}
