/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of keys, before a key is loaded: what both libraries do alike, and what each does
 * itself. */
#ifndef CRYPTO_COMMON_PARTS_H
#define CRYPTO_COMMON_PARTS_H

#include "crypto/common/curve.h"
#include "crypto/crypto.h"

/* Room for the parts of the largest key: RSA of 4096 bits. */
enum { PARTS_ROOM = 2560 };

/* Takes `size` bytes of `room`, of which `used` are gone; NULL where there is not enough. */
uint8_t *parts_room(const struct span *room, size_t *used, size_t size);
/* Copies private value and public point into room, as parts; the value gets the size of the field.
 */
enum status parts_write_curve(const struct curve *curve, struct bytes value, struct bytes point,
                              struct key_parts *parts, struct span *room) MUST_USE;
/* As crypto_key_complete, but takes factors of an RSA modulus for primes: for keys that have been
 * completed once. */
enum status parts_fill(struct key_parts *parts, struct span *room) MUST_USE;

/* ---- answered by the library's folder ---- */

/* Fill in what follows from the other parts, and check them. */
enum status rsa_key_fill(struct key_parts *parts, struct span *room) MUST_USE;
enum status ec_key_fill(struct key_parts *parts, struct span *room) MUST_USE;
/* Whether both factors of a private key are prime (FIPS 186-5, B.3.1): ATTRIBUTE_VALUE_INVALID.
 * Takes long. */
enum status rsa_key_check_primes(const struct key_parts *parts) MUST_USE;
/* Make a new pair, as crypto_key_generate does, without testing it. */
enum status rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room) MUST_USE;
enum status ec_key_make(struct key_parts *parts, struct span *room) MUST_USE;

#endif
