/* SPDX-License-Identifier: Apache-2.0 */
/* From a URI to objects of the module: the token, the login, the search. */
#ifndef HOST_OPENSSL_PROVIDER_LOOKUP_H
#define HOST_OPENSSL_PROVIDER_LOOKUP_H

#include "host/openssl-provider/key.h"
#include "host/openssl-provider/object.h"

/* How OpenSSL asks people for a PIN; `ask` may be NULL. */
struct lookup_prompt {
    OSSL_PASSPHRASE_CALLBACK *ask;
    void *argument;
};

/* What is searched for. */
enum lookup_want {
    LOOKUP_ANY,
    LOOKUP_PRIVATE,
    LOOKUP_PUBLIC, /* public keys; where there are none, the public halves of private ones */
    LOOKUP_CERTIFICATE,
};

enum { LOOKUP_MAX = 3 * OBJECT_FOUND_MAX };

struct lookup {
    const struct provider *provider;
    struct key_uri uri;
    struct token *token;
    struct lookup_item {
        uint64_t handle;
        enum object_class class;
    } items[LOOKUP_MAX];
    size_t count;
};

/* Takes the URI; the module is not asked yet. False with the reason on the error queue. */
bool lookup_read(struct lookup *lookup, const struct provider *provider, const char *uri) MUST_USE;
/* Fills the items: private keys first, then public ones, then certificates. Logs in where private
 * keys are wanted and the module wants it. False with the reason on the error queue; nothing found
 * is such a reason. */
bool lookup_search(struct lookup *lookup, enum lookup_want want,
                   const struct lookup_prompt *prompt) MUST_USE;
/* Reads an item that is a key; NULL with the reason on the error queue. */
struct key *lookup_key(const struct lookup *lookup, const struct lookup_item *item) MUST_USE;
/* Wipes the PIN of the URI. */
void lookup_end(struct lookup *lookup);

#endif
