/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of a token: the public half as a key of OpenSSL's default provider, which answers all that
 * is public, and the private half, which the module uses. Never changed once made; freed by the
 * last of its owners. */
#ifndef HOST_OPENSSL_PROVIDER_KEY_H
#define HOST_OPENSSL_PROVIDER_KEY_H

#include "host/openssl-provider/provider.h"
#include "host/openssl-provider/token.h"
#include "proto/attributes.h"

#include <stdatomic.h>

enum { KEY_NAME_ROOM = 256 };

struct key {
    atomic_uint owners;
    const struct provider *provider;
    EVP_PKEY *public; /* NULL only between new and import */
    struct token *token;
    struct token_object private;
    char name[KEY_NAME_ROOM]; /* for errors */
};

/* Makes a key with one owner and without a public half; NULL: no memory. */
struct key *key_new(const struct provider *provider) MUST_USE;
struct key *key_share(struct key *key);
/* Gives up one ownership; NULL is allowed. */
void key_free(struct key *key);

/* "RSA", "EC", "ED25519" or "X25519"; NULL for any other. */
const char *key_type_name(const struct key *key) MUST_USE;

/* Reads the object `handle` into the key: name, public half, and, for a private key, its handle.
 * STATUS_PUBLIC_KEY_INVALID when the module does not give the public half. */
enum status key_read(struct key *key, struct token *token, uint64_t handle,
                     enum object_class class) MUST_USE;

/* Whether the module has its private half. */
bool key_is_private(const struct key *key) MUST_USE;

/* Asks the module to use the private half, whose handle goes to `offset` of the request; tells
 * OpenSSL of a failure to `what`. */
struct key_request {
    enum command command;
    void *request;
    size_t offset;
    const char *what;
};
enum status key_ask(struct key *key, const struct key_request *asked, void *reply,
                    struct span room) MUST_USE;

#endif
