/* SPDX-License-Identifier: Apache-2.0 */
/* Installed places. */
#include "host/cli/place.h"

#include <stdlib.h>

const char *place_library(void) {
    const char *given = getenv("EDGEHSM_PKCS11");
    return given && *given ? given : EHSM_LIBRARY;
}
