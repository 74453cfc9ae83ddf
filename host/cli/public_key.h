/* SPDX-License-Identifier: Apache-2.0 */
/* The public half of a key of the token, as OpenSSL's type; and PEM. Failures are told. */
#ifndef HOST_CLI_PUBLIC_KEY_H
#define HOST_CLI_PUBLIC_KEY_H

#include "host/cli/cli.h"

#include <openssl/evp.h>

/* A key pair on the token. */
struct key_pair {
    uint64_t private_key; /* handle; 0 where only the public half is there */
    uint64_t public_key;  /* handle; 0 where only the private half is there */
    EVP_PKEY *key;        /* free with key_pair_free */
    uint8_t id[128];
    size_t id_size;
};

/* Finds a key pair by name. With `needs_private` the private half must be there. */
enum status key_pair_find(struct cli *cli, const char *name, bool needs_private,
                          struct key_pair *pair) MUST_USE;
void key_pair_free(struct key_pair *pair);

/* Writes a public key as PEM ("-" is stdout). */
enum status public_key_write(const struct cli *cli, EVP_PKEY *key, const char *path) MUST_USE;
/* Writes what a memory BIO holds. */
enum status public_key_write_bio(const struct cli *cli, BIO *bio, const char *path) MUST_USE;

#endif
