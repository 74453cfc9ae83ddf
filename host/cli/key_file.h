/* SPDX-License-Identifier: Apache-2.0 */
/* Key files: PEM that names a key of the module by its URI, for programs on OpenSSL 3 that read
 * private keys from files only. There is no secret in them. */
#ifndef HOST_CLI_KEY_FILE_H
#define HOST_CLI_KEY_FILE_H

#include "host/cli/uri.h"

enum { KEY_FILE_MAX = 1200 };

/* Fills `out` with the PEM text for a URI of less than URI_MAX characters. */
void key_file_make(const char *uri, char out[KEY_FILE_MAX]);

#endif
