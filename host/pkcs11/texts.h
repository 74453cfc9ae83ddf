/* SPDX-License-Identifier: Apache-2.0 */
/* Texts and versions of the info structures. */
#ifndef HOST_PKCS11_TEXTS_H
#define HOST_PKCS11_TEXTS_H

#include "host/pkcs11/door.h"

#define TEXT_MANUFACTURER "Edge HSM project"
#define TEXT_MODEL "Edge HSM"

/* Fills a field with a text, cut at the field's end and padded with blanks. */
void texts_fill(CK_UTF8CHAR *field, size_t size, const char *text);
void texts_fill_bytes(CK_UTF8CHAR *field, size_t size, struct bytes text);

/* "MAJOR.MINOR..." as a CK_VERSION; zeros where it is none. */
CK_VERSION texts_version(struct bytes text);

#endif
