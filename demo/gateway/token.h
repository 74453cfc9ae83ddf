/* SPDX-License-Identifier: Apache-2.0 */
/* The token through its PKCS#11 library, as any application uses it: loaded at run time, known by
 * nothing but the standard and the vendor mechanism. Failures are told on stderr. */
#ifndef DEMO_GATEWAY_TOKEN_H
#define DEMO_GATEWAY_TOKEN_H

#include "base/bytes.h"
#include "host/pkcs11/pkcs11.h"
#include "host/pkcs11/pkcs11_vendor.h"

enum { TOKEN_STATEMENT_ROOM = 4096 }; /* more than the library wants for one statement */

struct token {
    CK_FUNCTION_LIST *p11;
    CK_SESSION_HANDLE session;
};

/* Loads the library, finds the token by its label, opens a session and logs in with the PIN in the
 * first line of a file. */
bool token_open(struct token *token, const char *library, const char *label, const char *pin_file);
/* Finds a private key by its label; fills *policy (room on the way in) with the policy that it is
 * bound to. */
bool token_key(struct token *token, const char *label, CK_OBJECT_HANDLE *key, struct span *policy);
/* Has a message signed under the key's policy; fills *statement (TOKEN_STATEMENT_ROOM bytes
 * of room). */
CK_RV token_sign(struct token *token, CK_OBJECT_HANDLE key, struct bytes message,
                 struct span *statement);
/* The result's name where it is one that a policy gives; else "" (print the number). */
const char *token_result(CK_RV result);
void token_close(struct token *token);

#endif
