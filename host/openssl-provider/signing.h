/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures made by the module, in the form and with the parameters that OpenSSL's callers say. */
#ifndef HOST_OPENSSL_PROVIDER_SIGNING_H
#define HOST_OPENSSL_PROVIDER_SIGNING_H

#include "host/openssl-provider/key.h"

/* Reads a text parameter of a state into `out`; "" where it is not set. */
enum { SIGNING_NAME_ROOM = 64 };
void signing_text(EVP_PKEY_CTX *state, const char *name, char out[SIGNING_NAME_ROOM]);
int signing_number(EVP_PKEY_CTX *state, const char *name, int otherwise) MUST_USE;

/* The module's number of a hash; HASH_NONE for one that it does not have. */
enum hash signing_hash(const struct provider *provider, const char *name) MUST_USE;

/* How a key signs: a context for verification with the public half, whose parameters say it; or, as
 * long as nobody asked for anything special, only the hash (NULL: none), which costs less. */
struct signing {
    EVP_PKEY_CTX *state;
    EVP_MD *md;
};

/* Signs `data`: a hash, or for Ed25519 the message. signature->size: room on the way in. Returns 1,
 * or 0 with the reason on the error queue. */
int signing_make(struct key *key, const struct signing *how, struct bytes data,
                 struct span *signature) MUST_USE;

#endif
