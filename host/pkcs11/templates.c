/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute templates, to the module's form and back. */
#include "host/pkcs11/templates.h"

#include "base/limits.h"
#include "base/wipe.h"
#include "host/pkcs11/mechanisms.h"
#include "proto/attributes.h"

enum { ENTRY_HEADER = 8, DATE_SIZE = 8 };

/* The module keeps numbers in 32 bits; all ones is "unavailable" on both sides. */
static CK_RV number_to_wire(CK_ULONG number, uint32_t *wire) {
    if (number == CK_UNAVAILABLE_INFORMATION) {
        *wire = UINT32_MAX;
        return CKR_OK;
    }
    if (number >= UINT32_MAX) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    *wire = (uint32_t)number;
    return CKR_OK;
}

static CK_ULONG number_from_wire(uint32_t wire) {
    return wire == UINT32_MAX ? CK_UNAVAILABLE_INFORMATION : wire;
}

static CK_RV append_entry(struct buffer *to, uint32_t type, struct bytes value) {
    uint8_t header[ENTRY_HEADER];
    save_u32(header, type);
    save_u32(header + 4, (uint32_t)value.size);
    RV_TRY(buffer_append(to, bytes_of(header, sizeof(header))));
    return buffer_append(to, value);
}

static CK_RV encode_bool(uint32_t type, struct bytes value, struct buffer *to) {
    if (value.size != sizeof(CK_BBOOL) || value.data[0] > CK_TRUE) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    return append_entry(to, type, value);
}

static CK_RV encode_number(uint32_t type, struct bytes value, struct buffer *to) {
    CK_ULONG number = 0;
    uint32_t wire = 0;
    if (value.size != sizeof(number)) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    memcpy(&number, value.data, sizeof(number));
    if (type == ATTRIBUTE_KEY_GEN_MECHANISM && number != CK_UNAVAILABLE_INFORMATION) {
        const struct mechanism_row *row = mechanisms_find(number);
        if (row == NULL) {
            return CKR_ATTRIBUTE_VALUE_INVALID;
        }
        number = mechanisms_to_wire(row);
    }
    RV_TRY(number_to_wire(number, &wire));
    uint8_t raw[4];
    save_u32(raw, wire);
    return append_entry(to, type, bytes_of(raw, sizeof(raw)));
}

static CK_RV append_u32(struct buffer *to, uint32_t number) {
    uint8_t raw[4];
    save_u32(raw, number);
    return buffer_append(to, bytes_of(raw, sizeof(raw)));
}

/* A list of mechanisms. CKM_ECDH1_DERIVE stands for two algorithms of the module. */
static CK_RV encode_list(uint32_t type, struct bytes value, struct buffer *to) {
    size_t start = to->used;
    if (value.size % sizeof(CK_MECHANISM_TYPE) != 0) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    RV_TRY(append_entry(to, type, bytes_of(NULL, 0)));
    for (size_t at = 0; at < value.size; at += sizeof(CK_MECHANISM_TYPE)) {
        CK_MECHANISM_TYPE mechanism = 0;
        memcpy(&mechanism, value.data + at, sizeof(mechanism));
        const struct mechanism_row *row = mechanisms_find(mechanism);
        if (row == NULL) {
            return CKR_ATTRIBUTE_VALUE_INVALID;
        }
        RV_TRY(append_u32(to, mechanisms_to_wire(row)));
        if (row->algorithm == ALGORITHM_ECDH) {
            RV_TRY(append_u32(to, ALGORITHM_X25519));
        }
    }
    save_u32(to->data + start + 4, (uint32_t)(to->used - start - ENTRY_HEADER));
    return CKR_OK;
}

static CK_RV encode_attribute(const CK_ATTRIBUTE *attribute, struct buffer *to) {
    const struct attribute_row *row =
        attribute->type <= UINT32_MAX ? attribute_row((uint32_t)attribute->type) : NULL;
    if (row == NULL) {
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
    if (!readable(attribute->pValue, attribute->ulValueLen) ||
        attribute->ulValueLen > OBJECT_SIZE_MAX) {
        return CKR_ATTRIBUTE_VALUE_INVALID;
    }
    uint32_t type = (uint32_t)row->attribute;
    struct bytes value = bytes_of(attribute->pValue, (size_t)attribute->ulValueLen);
    switch (row->kind) {
    case KIND_BOOL:
        return encode_bool(type, value, to);
    case KIND_NUM:
        return encode_number(type, value, to);
    case KIND_LIST:
        return encode_list(type, value, to);
    case KIND_DATE:
        return value.size == 0 || value.size == DATE_SIZE ? append_entry(to, type, value)
                                                          : CKR_ATTRIBUTE_VALUE_INVALID;
    case KIND_BYTES:
    case KIND_TEXT:
        return append_entry(to, type, value);
    case KIND_TEMPLATE:
        break;
    }
    return CKR_ATTRIBUTE_TYPE_INVALID;
}

CK_RV templates_encode(const CK_ATTRIBUTE *template, CK_ULONG count, struct buffer *to) {
    if ((template == NULL && count > 0) || count > ATTRIBUTES_MAX) {
        return CKR_ARGUMENTS_BAD;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        RV_TRY(encode_attribute(&template[i], to));
        if (to->used > OBJECT_SIZE_MAX) {
            return CKR_TEMPLATE_INCONSISTENT;
        }
    }
    return CKR_OK;
}

static bool known(const CK_ATTRIBUTE *attribute) {
    return attribute->type <= UINT32_MAX && attribute_row((uint32_t)attribute->type) != NULL;
}

CK_RV templates_types(CK_ATTRIBUTE *template, CK_ULONG count, struct buffer *to) {
    if ((template == NULL && count > 0) || count > TEMPLATE_ASK_MAX) {
        return CKR_ARGUMENTS_BAD;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        if (known(&template[i])) {
            RV_TRY(append_u32(to, (uint32_t)template[i].type));
        } else {
            template[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
        }
    }
    return CKR_OK;
}

static CK_RV refuse(CK_ATTRIBUTE *attribute, CK_RV rv) {
    attribute->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return rv;
}

/* Gives `size` bytes to an attribute, or tells their number. */
static CK_RV give(CK_ATTRIBUTE *attribute, const void *value, size_t size) {
    if (attribute->pValue != NULL) {
        if (attribute->ulValueLen < size) {
            return refuse(attribute, CKR_BUFFER_TOO_SMALL);
        }
        bytes_copy(attribute->pValue, bytes_of(value, size));
    }
    attribute->ulValueLen = (CK_ULONG)size;
    return CKR_OK;
}

static CK_RV give_number(CK_ATTRIBUTE *attribute, struct bytes wire) {
    if (wire.size != 4) {
        return refuse(attribute, CKR_DEVICE_ERROR);
    }
    uint32_t raw = load_u32(wire.data);
    CK_ULONG number = number_from_wire(raw);
    if (attribute->type == CKA_KEY_GEN_MECHANISM && raw != UINT32_MAX) {
        number = mechanisms_of_wire(raw);
    }
    return give(attribute, &number, sizeof(number));
}

/* Several algorithms of the module may be one mechanism: each is named once. */
static CK_RV give_list(CK_ATTRIBUTE *attribute, struct bytes wire) {
    CK_MECHANISM_TYPE list[OBJECT_SIZE_MAX / 4 < 512 ? OBJECT_SIZE_MAX / 4 : 512];
    size_t count = 0;
    if (wire.size % 4 != 0 || wire.size / 4 > COUNT(list)) {
        return refuse(attribute, CKR_DEVICE_ERROR);
    }
    for (size_t at = 0; at < wire.size; at += 4) {
        CK_MECHANISM_TYPE type = mechanisms_of_wire(load_u32(wire.data + at));
        bool repeated = false;
        for (size_t i = 0; i < count; i++) {
            repeated = repeated || list[i] == type;
        }
        if (!repeated) {
            list[count++] = type;
        }
    }
    return give(attribute, list, count * sizeof(list[0]));
}

static CK_RV fill_attribute(CK_ATTRIBUTE *attribute, struct bytes value) {
    switch (attribute_row((uint32_t)attribute->type)->kind) {
    case KIND_NUM:
        return give_number(attribute, value);
    case KIND_LIST:
        return give_list(attribute, value);
    case KIND_BOOL:
    case KIND_DATE:
    case KIND_BYTES:
    case KIND_TEXT:
        return give(attribute, value.data, value.size);
    case KIND_TEMPLATE:
        break;
    }
    return refuse(attribute, CKR_ATTRIBUTE_TYPE_INVALID);
}

/* Takes the next entry of an answer off its front. The marks for values that are not given are no
 * sizes, so this is not attributes_next(). */
static CK_RV take_entry(struct bytes *answer, CK_ATTRIBUTE *attribute) {
    if (answer->size < ENTRY_HEADER || load_u32(answer->data) != attribute->type) {
        return refuse(attribute, CKR_DEVICE_ERROR);
    }
    uint32_t size = load_u32(answer->data + 4);
    *answer = bytes_of(answer->data + ENTRY_HEADER, answer->size - ENTRY_HEADER);
    if (size == ATTRIBUTE_SIZE_SENSITIVE) {
        return refuse(attribute, CKR_ATTRIBUTE_SENSITIVE);
    }
    if (size == ATTRIBUTE_SIZE_INVALID) {
        return refuse(attribute, CKR_ATTRIBUTE_TYPE_INVALID);
    }
    if (size > answer->size) {
        return refuse(attribute, CKR_DEVICE_ERROR);
    }
    struct bytes value = bytes_of(answer->data, size);
    *answer = bytes_of(answer->data + size, answer->size - size);
    return fill_attribute(attribute, value);
}

CK_RV templates_fill(CK_ATTRIBUTE *template, CK_ULONG count, struct bytes answer) {
    CK_RV result = CKR_OK;
    for (CK_ULONG i = 0; i < count; i++) {
        CK_RV rv = CKR_ATTRIBUTE_TYPE_INVALID;
        if (known(&template[i])) {
            rv = take_entry(&answer, &template[i]);
        }
        /* Of several reasons, one that the caller cannot mend by a larger buffer is told. */
        if (result == CKR_OK || result == CKR_BUFFER_TOO_SMALL) {
            result = rv != CKR_OK ? rv : result;
        }
    }
    return answer.size == 0 ? result : CKR_DEVICE_ERROR;
}
