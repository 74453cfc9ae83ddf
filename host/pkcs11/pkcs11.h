/* SPDX-License-Identifier: Apache-2.0 */
/* PKCS #11 v3.2 (OASIS pkcs11-spec-v3.2): the whole interface, for the module and for C and C++
 * clients. Names, numbers and layouts are the standard's; arrangement and comments are ours.
 *
 * Structures have the platform's natural alignment, as the standard wants everywhere but Windows.
 * Compile with -I and the folder that holds host/. Who needs another linkage defines
 * CK_DECLARE_FUNCTION(type, name) before including. */
#ifndef HOST_PKCS11_PKCS11_H
#define HOST_PKCS11_PKCS11_H

#define CRYPTOKI_VERSION_MAJOR     3
#define CRYPTOKI_VERSION_MINOR     2
#define CRYPTOKI_VERSION_AMENDMENT 0

#include "host/pkcs11/pkcs11_types.h"

#include "host/pkcs11/pkcs11_attributes.h"
#include "host/pkcs11/pkcs11_constants.h"
#include "host/pkcs11/pkcs11_mechanisms.h"
#include "host/pkcs11/pkcs11_mechanisms_other.h"
#include "host/pkcs11/pkcs11_results.h"

#include "host/pkcs11/pkcs11_params.h"
#include "host/pkcs11/pkcs11_params_other.h"

#include "host/pkcs11/pkcs11_functions.h"

#endif
