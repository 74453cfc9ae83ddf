/* SPDX-License-Identifier: Apache-2.0 */
/* Attribute templates, to the module's form (proto/attributes.h) and back. */
#ifndef HOST_PKCS11_TEMPLATES_H
#define HOST_PKCS11_TEMPLATES_H

#include "host/pkcs11/operation.h"

/* Attributes one C_GetAttributeValue may ask for. */
enum { TEMPLATE_ASK_MAX = 256 };

/* Appends a template to *to, which the caller frees whatever happens. A null pointer with a count,
 * more attributes than ATTRIBUTES_MAX: CKR_ARGUMENTS_BAD. An attribute that is not in
 * proto/attributes.def: CKR_ATTRIBUTE_TYPE_INVALID. A value of a wrong size or out of range:
 * CKR_ATTRIBUTE_VALUE_INVALID. */
CK_RV templates_encode(const CK_ATTRIBUTE *template, CK_ULONG count,
                       struct buffer *to) MUST_USE;

/* Appends the types (u32 each) of those attributes of a template that the module may know; marks
 * the others with CK_UNAVAILABLE_INFORMATION. */
CK_RV templates_types(CK_ATTRIBUTE *template, CK_ULONG count, struct buffer *to) MUST_USE;

/* Fills a template from the module's answer to templates_types(), by the rules of
 * C_GetAttributeValue (section 5.7.5): every attribute is served, and the result is CKR_OK or that
 * of one which could not be. CKR_DEVICE_ERROR for an answer that does not fit the question. */
CK_RV templates_fill(CK_ATTRIBUTE *template, CK_ULONG count, struct bytes answer) MUST_USE;

#endif
