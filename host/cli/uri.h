/* SPDX-License-Identifier: Apache-2.0 */
/* pkcs11: URIs (RFC 7512), by which other programs name a key. */
#ifndef HOST_CLI_URI_H
#define HOST_CLI_URI_H

#include "base/bytes.h"

enum { URI_MAX = 512 };

/* Fills `out` with pkcs11:token=LABEL;object=NAME, and ;type=TYPE where that is not NULL.
 * Everything but letters, digits and - . _ ~ is escaped. */
void uri_make(const char *token, const char *object, const char *type, char out[URI_MAX]);

#endif
