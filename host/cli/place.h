/* SPDX-License-Identifier: Apache-2.0 */
/* Where the PKCS#11 library is: for doctor and snippets. */
#ifndef HOST_CLI_PLACE_H
#define HOST_CLI_PLACE_H

/* Path of libedgehsm-pkcs11.so: $EDGEHSM_PKCS11 in a build folder, else where it is installed. */
const char *place_library(void);

#endif
