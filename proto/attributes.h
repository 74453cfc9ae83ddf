/* SPDX-License-Identifier: Apache-2.0 */
/* The table of attributes, and the one form of attribute lists on the wire and in the store:
 * each entry is type u32, size u32, value; all little-endian; no padding. */
#ifndef PROTO_ATTRIBUTES_H
#define PROTO_ATTRIBUTES_H

#include "base/bytes.h"
#include "base/status.h"

enum attribute {
#define ATTRIBUTE(name, number, kind, classes, set, change) ATTRIBUTE_##name = (number),
#include "proto/attributes.def"
#undef ATTRIBUTE
};

/* Object classes, numbered like CKO_. */
enum object_class {
    CLASS_DATA = 0,
    CLASS_CERTIFICATE = 1,
    CLASS_PUBLIC_KEY = 2,
    CLASS_PRIVATE_KEY = 3,
    CLASS_SECRET_KEY = 4,
    CLASS_PROFILE = 9,
};

/* Sets of classes: bit n stands for class number n. */
enum class_set {
    A_D = 1 << CLASS_DATA,
    A_C = 1 << CLASS_CERTIFICATE,
    A_P = 1 << CLASS_PUBLIC_KEY,
    A_V = 1 << CLASS_PRIVATE_KEY,
    A_S = 1 << CLASS_SECRET_KEY,
    A_R = 1 << CLASS_PROFILE,
    A_KEYS = A_P | A_V | A_S,
    A_ALL = A_D | A_C | A_KEYS | A_R,
};

enum attribute_kind {
    KIND_BOOL,
    KIND_NUM,
    KIND_BYTES,
    KIND_TEXT,
    KIND_DATE,
    KIND_LIST,
    KIND_TEMPLATE,
};
enum attribute_set { SET_CALLER, SET_VALUE, SET_GENERATE, SET_MODULE, SET_SO };
enum attribute_change { CHANGE_NEVER, CHANGE_FREE, CHANGE_UP, CHANGE_DOWN, CHANGE_STRICTER,
                        CHANGE_APPROVED };

/* One row of proto/attributes.def. */
struct attribute_row {
    enum attribute attribute;
    const char *name; /* without CKA_ */
    enum attribute_kind kind;
    uint32_t classes;
    enum attribute_set set;
    enum attribute_change change;
};

/* The row of an attribute number, NULL where there is none. */
const struct attribute_row *attribute_row(uint32_t number) MUST_USE;
/* All rows, for tests, documents and tables; fills *count. */
const struct attribute_row *attribute_rows(size_t *count) MUST_USE;

/* One entry of an attribute list. */
struct attribute_entry {
    uint32_t type;
    struct bytes value;
};

/* Takes the next entry off the front of *list.
 * Returns STATUS_NOT_FOUND at the end of the list, STATUS_BAD_FRAME for a truncated entry. */
enum status attributes_next(struct bytes *list, struct attribute_entry *entry) MUST_USE;

/* Finds an attribute in a well-formed list. STATUS_NOT_FOUND when it is not there. */
enum status attributes_find(struct bytes list, uint32_t type, struct bytes *value) MUST_USE;

/* Appends an entry at to->data + *used and moves *used on. STATUS_OBJECT_TOO_LARGE when it does not
 * fit; nothing is written then. The value may be empty. */
enum status attributes_add(struct span to, size_t *used, uint32_t type,
                           struct bytes value) MUST_USE;
enum status attributes_add_num(struct span to, size_t *used, uint32_t type,
                               uint32_t value) MUST_USE;
enum status attributes_add_bool(struct span to, size_t *used, uint32_t type, bool value) MUST_USE;

/* Value of a BOOL or NUM attribute, or `otherwise` where it is absent or not of that size. */
bool attributes_bool(struct bytes list, uint32_t type, bool otherwise) MUST_USE;
uint32_t attributes_num(struct bytes list, uint32_t type, uint32_t otherwise) MUST_USE;

/* Marks, in a list of results, an attribute whose value is not given: the value is empty and the
 * size field holds one of these. */
enum { ATTRIBUTE_SIZE_SENSITIVE = 0xffffffffu, ATTRIBUTE_SIZE_INVALID = 0xfffffffeu };

#endif
