/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures in the form that other programs expect: hashed inside, ECDSA in DER. Failures are
 * told. */
#ifndef HOST_CLI_SIGNATURE_H
#define HOST_CLI_SIGNATURE_H

#include "host/cli/public_key.h"

enum { SIGNATURE_MAX = 1024 };

/* How a key signs: chosen once from the key and the options --hash and --pss. */
struct signature_scheme {
    const char *hash_name; /* as openssl says it; NULL for Ed25519 */
    const EVP_MD *md;
    enum hash hash;
    bool pss;
};

/* Chooses the scheme; `hash` may be NULL. STATUS_USAGE for a hash that does not exist or does not
 * fit. */
enum status signature_choose(const struct cli *cli, EVP_PKEY *key, const char *hash, bool pss,
                             struct signature_scheme *scheme) MUST_USE;

/* Signs a file of any size ("-" is stdin); fills *signature (SIGNATURE_MAX bytes of room). */
enum status signature_of_file(struct cli *cli, const struct key_pair *pair, const char *path,
                              const struct signature_scheme *scheme,
                              struct span *signature) MUST_USE;
/* The same for bytes in memory. */
enum status signature_of_bytes(struct cli *cli, const struct key_pair *pair, struct bytes data,
                               const struct signature_scheme *scheme,
                               struct span *signature) MUST_USE;
/* Whether `signature` is one of the file. STATUS_SIGNATURE_INVALID: it is not (not told). */
enum status signature_verify(const struct cli *cli, EVP_PKEY *key, const char *path,
                             const struct signature_scheme *scheme,
                             struct bytes signature) MUST_USE;

#endif
