/* SPDX-License-Identifier: Apache-2.0 */
/* The PKCS #11 library between two sides that nobody trusts: parameters of mechanisms and
 * templates from the program, replies from the module. */
#include "host/pkcs11/mechanisms.h"
#include "host/pkcs11/templates.h"
#include "proto/attributes.h"
#include "test/fuzz/fuzz.h"
#include "test/fuzz/hostile_link.h"

enum { CALLS_MAX = 12, PARTS = 6 };

/* A parameter structure whose pointers point to strings of the input, or nowhere. */
struct parameter_room {
    union {
        uint8_t raw[256];
        CK_ULONG words[32];
        CK_RSA_PKCS_PSS_PARAMS pss;
        CK_RSA_PKCS_OAEP_PARAMS oaep;
        CK_GCM_PARAMS gcm;
        CK_CCM_PARAMS ccm;
        CK_ECDH1_DERIVE_PARAMS ecdh;
        CK_HKDF_PARAMS hkdf;
    } shape;
    uint8_t *strings[PARTS];
    size_t count;
};

static CK_BYTE *string(struct bytes *input, struct parameter_room *parameter, CK_ULONG *size) {
    struct bytes bytes = fuzz_string(input);
    *size = bytes.size;
    if (parameter->count == PARTS || (bytes.size == 0 && fuzz_byte(input) != 0)) {
        *size = parameter->count == PARTS ? 0 : bytes.size + 1;
        return NULL;
    }
    uint8_t *copy = fuzz_exact(bytes);
    parameter->strings[parameter->count++] = copy;
    return copy;
}

static CK_ULONG number(struct bytes *input) {
    uint8_t how = fuzz_byte(input);
    return how == 0xff ? (CK_ULONG)fuzz_number(input, 8) : how;
}

static CK_ULONG type_of(struct bytes *input) {
    size_t count = 0;
    const struct mechanism_row *rows = mechanisms_rows(&count);
    uint8_t how = fuzz_byte(input);
    return how == 0xff ? (CK_ULONG)fuzz_number(input, 4) : rows[how % count].type;
}

static CK_ULONG shape(struct bytes *input, const struct mechanism_row *row,
                      struct parameter_room *to) {
    switch (row == NULL ? P11_NONE : row->parameter) {
    case P11_PSS:
        to->shape.pss = (CK_RSA_PKCS_PSS_PARAMS){type_of(input), number(input), number(input)};
        return sizeof(to->shape.pss);
    case P11_OAEP:
        to->shape.oaep = (CK_RSA_PKCS_OAEP_PARAMS){
            .hashAlg = type_of(input), .mgf = number(input), .source = number(input)};
        to->shape.oaep.pSourceData = string(input, to, &to->shape.oaep.ulSourceDataLen);
        return sizeof(to->shape.oaep);
    case P11_GCM:
        to->shape.gcm.pIv = string(input, to, &to->shape.gcm.ulIvLen);
        to->shape.gcm.pAAD = string(input, to, &to->shape.gcm.ulAADLen);
        to->shape.gcm.ulIvBits = number(input);
        to->shape.gcm.ulTagBits = number(input);
        return sizeof(to->shape.gcm);
    case P11_CCM:
        to->shape.ccm.ulDataLen = number(input);
        to->shape.ccm.pNonce = string(input, to, &to->shape.ccm.ulNonceLen);
        to->shape.ccm.pAAD = string(input, to, &to->shape.ccm.ulAADLen);
        to->shape.ccm.ulMACLen = number(input);
        return sizeof(to->shape.ccm);
    case P11_ECDH:
        to->shape.ecdh.kdf = number(input);
        to->shape.ecdh.pSharedData = string(input, to, &to->shape.ecdh.ulSharedDataLen);
        to->shape.ecdh.pPublicData = string(input, to, &to->shape.ecdh.ulPublicDataLen);
        return sizeof(to->shape.ecdh);
    case P11_HKDF:
        to->shape.hkdf = (CK_HKDF_PARAMS){.bExtract = fuzz_byte(input),
                                          .bExpand = fuzz_byte(input),
                                          .prfHashMechanism = type_of(input),
                                          .ulSaltType = number(input)};
        to->shape.hkdf.pSalt = string(input, to, &to->shape.hkdf.ulSaltLen);
        to->shape.hkdf.pInfo = string(input, to, &to->shape.hkdf.ulInfoLen);
        return sizeof(to->shape.hkdf);
    default: /* no pointers in it: bytes as they come */
        if (row != NULL && row->parameter == P11_KBKDF) {
            return 0;
        }
        struct bytes raw = fuzz_take(input, fuzz_byte(input));
        bool has_pointers =
            row != NULL && (row->parameter == P11_CHACHA || row->parameter == P11_EDDSA ||
                            row->parameter == P11_STRING);
        if (has_pointers) {
            to->shape.words[0] = (CK_ULONG)(uintptr_t)string(input, to, &to->shape.words[1]);
            to->shape.words[2] = (CK_ULONG)(uintptr_t)string(input, to, &to->shape.words[3]);
            return 0;
        }
        bytes_copy(to->shape.raw, raw);
        return raw.size;
    }
}

/* Fills a mechanism; its parameter lies in memory of the size that it says. */
static void make_mechanism(struct bytes *input, CK_MECHANISM *mechanism,
                           struct parameter_room *with) {
    *with = (struct parameter_room){.count = 0};
    mechanism->mechanism = type_of(input);
    CK_ULONG size = shape(input, mechanisms_find(mechanism->mechanism), with);
    uint8_t cut = fuzz_byte(input);
    size = cut >= 0xf0 && size > 0 ? size - 1 : size;
    mechanism->pParameter = size > 0 ? fuzz_exact(bytes_of(with->shape.raw, size)) : NULL;
    mechanism->ulParameterLen = cut == 0xe0 ? number(input) * (size > 0 ? 0 : 1) : size;
}

static void free_mechanism(CK_MECHANISM *mechanism, struct parameter_room *with) {
    free(mechanism->pParameter);
    for (size_t i = 0; i < with->count; i++) {
        free(with->strings[i]);
    }
}

static void read_mechanism(struct bytes *input) {
    CK_MECHANISM mechanism;
    struct parameter_room with;
    struct mechanism_read read;
    uint32_t function = 1u << fuzz_byte(input) % 10;
    make_mechanism(input, &mechanism, &with);
    if (mechanisms_read(&mechanism, function, &read) == CKR_OK) {
        fuzz_look(read.mechanism.iv);
        fuzz_look(read.mechanism.aad);
        fuzz_look(read.mechanism.label);
        fuzz_look(read.mechanism.salt);
        fuzz_look(read.mechanism.peer);
    }
    free_mechanism(&mechanism, &with);
}

/* ---- templates ---- */

enum { ENTRIES_MAX = 8 };

static CK_ULONG make_template(struct bytes *input, CK_ATTRIBUTE *template) {
    static const CK_ATTRIBUTE_TYPE nested[] = {CKA_WRAP_TEMPLATE, CKA_UNWRAP_TEMPLATE,
                                               CKA_DERIVE_TEMPLATE};
    size_t rows_count = 0;
    const struct attribute_row *rows = attribute_rows(&rows_count);
    CK_ULONG count = fuzz_byte(input) % (ENTRIES_MAX + 1);
    for (CK_ULONG i = 0; i < count; i++) {
        uint8_t which = fuzz_byte(input);
        CK_ATTRIBUTE *entry = &template[i];
        entry->type = which == 0xff ? (CK_ATTRIBUTE_TYPE)fuzz_number(input, 4)
                                    : (CK_ATTRIBUTE_TYPE)rows[which % rows_count].attribute;
        for (size_t j = 0; j < COUNT(nested); j++) { /* pointers inside are another template */
            entry->type = entry->type == nested[j] ? CKA_LABEL : entry->type;
        }
        struct bytes value = fuzz_string(input);
        entry->ulValueLen = value.size;
        entry->pValue = value.size == 0 ? NULL : fuzz_exact(value);
    }
    return count;
}

static void free_template(CK_ATTRIBUTE *template, CK_ULONG count) {
    for (CK_ULONG i = 0; i < count; i++) {
        free(template[i].pValue);
    }
}

static void read_templates(struct bytes *input) {
    CK_ATTRIBUTE template[ENTRIES_MAX] = {{0}};
    struct buffer buffer = {0};
    CK_ULONG count = make_template(input, template);
    if (templates_encode(template, count, &buffer) == CKR_OK) {
        struct bytes list = buffer_bytes(&buffer);
        struct attribute_entry entry;
        while (attributes_next(&list, &entry) == STATUS_OK) {
            fuzz_look(entry.value);
        }
        REQUIRE(list.size == 0);
    }
    buffer_free(&buffer);
    buffer = (struct buffer){0};
    CK_RV types = templates_types(template, count, &buffer);
    buffer_free(&buffer);
    uint8_t *answer = fuzz_exact(*input);
    CK_RV filled =
        types == CKR_OK ? templates_fill(template, count, bytes_of(answer, input->size)) : types;
    (void)filled;
    free(answer);
    free_template(template, count);
}

/* ---- calls of a program, answered by a module that lies ---- */

/* The input before a call is the program's, the rest the module's. */
#define PROGRAM (&hostile_input)

static CK_RV use_key_with(CK_SESSION_HANDLE session, uint8_t which, CK_MECHANISM *mechanism,
                          CK_BYTE *out, CK_ULONG *size) {
    CK_BYTE data[64] = {0};
    CK_RV rv = CKR_OK;
    switch (which % 5) {
    case 0:
        rv = C_SignInit(session, mechanism, 5);
        return rv != CKR_OK ? rv : C_Sign(session, data, sizeof(data), out, size);
    case 1:
        rv = C_EncryptInit(session, mechanism, 5);
        return rv != CKR_OK ? rv : C_Encrypt(session, data, sizeof(data), out, size);
    case 2:
        rv = C_DecryptInit(session, mechanism, 5);
        return rv != CKR_OK ? rv : C_DecryptUpdate(session, data, sizeof(data), out, size);
    case 3:
        return C_WrapKey(session, mechanism, 5, 6, out, size);
    default:
        rv = C_DigestInit(session, mechanism);
        return rv != CKR_OK ? rv : C_Digest(session, data, sizeof(data), out, size);
    }
}

static void use_key(CK_SESSION_HANDLE session, uint8_t which) {
    CK_MECHANISM mechanism;
    struct parameter_room with;
    enum { OUT_SIZE = 300 };
    CK_ULONG size = OUT_SIZE;
    CK_BYTE *out = malloc(OUT_SIZE);
    REQUIRE(out != NULL);
    make_mechanism(PROGRAM, &mechanism, &with);
    if (use_key_with(session, which, &mechanism, out, &size) == CKR_OK) {
        REQUIRE(size <= OUT_SIZE);
    }
    size = OUT_SIZE;
    if (C_DecryptFinal(session, out, &size) == CKR_OK) {
        REQUIRE(size <= OUT_SIZE);
    }
    free(out);
    free_mechanism(&mechanism, &with);
}

static void use_objects(CK_SESSION_HANDLE session, uint8_t which) {
    CK_ATTRIBUTE template[ENTRIES_MAX] = {{0}};
    CK_OBJECT_HANDLE found[8];
    CK_ULONG many = 0, count = make_template(PROGRAM, template);
    if (which % 3 == 0) {
        (void)C_GetAttributeValue(session, 5, template, count);
    } else if (which % 3 == 1) {
        (void)C_CreateObject(session, template, count, found);
    } else if (C_FindObjectsInit(session, template, count) == CKR_OK) {
        while (C_FindObjects(session, found, 8, &many) == CKR_OK && many > 0) {
            REQUIRE(many <= 8);
        }
        (void)C_FindObjectsFinal(session);
    }
    free_template(template, count);
}

static void ask_about(uint8_t which) {
    CK_TOKEN_INFO token;
    CK_SLOT_INFO slot;
    CK_INFO info;
    CK_SLOT_ID slots[4];
    CK_MECHANISM_TYPE types[64];
    CK_ULONG count = 4;
    switch (which % 4) {
    case 0:
        (void)C_GetTokenInfo(0, &token);
        break;
    case 1:
        (void)C_GetSlotList(CK_TRUE, slots, &count);
        break;
    case 2:
        count = COUNT(types);
        (void)C_GetMechanismList(0, types, &count);
        break;
    default:
        (void)(C_GetSlotInfo(0, &slot) == CKR_OK && C_GetInfo(&info) == CKR_OK);
    }
}

static void call(void) {
    CK_SESSION_HANDLE session = 0;
    if (C_Initialize(NULL) != CKR_OK) {
        return;
    }
    (void)C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session);
    for (int i = 0; i < CALLS_MAX && hostile_input.size > 0; i++) {
        uint8_t which = fuzz_byte(PROGRAM);
        if (which % 3 == 0) {
            use_key(session, which / 3);
        } else if (which % 3 == 1) {
            use_objects(session, which / 3);
        } else {
            ask_about(which / 3);
        }
    }
    REQUIRE(C_Finalize(NULL) == CKR_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hostile_input = bytes_of(data, size);
    uint8_t what = fuzz_byte(&hostile_input);
    if (what % 4 == 0) {
        read_mechanism(&hostile_input);
    } else if (what % 4 == 1) {
        read_templates(&hostile_input);
    } else {
        call();
    }
    return 0;
}
