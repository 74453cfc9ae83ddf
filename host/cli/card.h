/* SPDX-License-Identifier: Apache-2.0 */
/* A key on somebody's smart card, through PKCS #11: the module of the URI's module-path, or any
 * that p11-kit knows. */
#ifndef HOST_CLI_CARD_H
#define HOST_CLI_CARD_H

#include "host/cli/cli.h"

#include <openssl/evp.h>

enum { CARD_SIGNATURE_SIZE = 64 };

struct card;

/* Whether this names a key of a card: a URI of RFC 7512. */
bool card_named(const char *place) MUST_USE;

/* The public half of the key that the URI names, from its public key object or its certificate;
 * without a PIN, unless the URI brings one. NULL on failure, which is told. */
EVP_PKEY *card_public(const struct cli *cli, const char *uri) MUST_USE;

/* Finds the private key; with the PIN of the URI (pin-value, or a file in pin-source), else it is
 * asked for. On success card_close() ends it. FILE_READ and what pin_ask says; told already. */
enum status card_open(const struct cli *cli, const char *uri, struct card **card) MUST_USE;
/* Signs: with P-256 after SHA-256, with Ed25519 as it is; r || s. FILE_READ: the card refused,
 * which is told. */
enum status card_sign(const struct cli *cli, struct card *card, bool edwards, struct bytes data,
                      uint8_t signature[CARD_SIGNATURE_SIZE]) MUST_USE;
/* Logs out; accepts NULL. */
void card_close(struct card *card);

#endif
