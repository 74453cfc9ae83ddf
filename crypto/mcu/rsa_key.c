/* SPDX-License-Identifier: Apache-2.0 */
/* RSA keys: loading and completing. Generating takes this processor minutes: such a key is made
 * elsewhere and imported. */
#include "base/wipe.h"
#include "crypto/common/parts.h"
#include "crypto/mcu/rsa.h"

enum status rsa_key_build(const struct key_parts *parts, struct loaded *loaded) {
    struct rsa_numbers numbers;
    WIPE_AT_END(numbers, sizeof(numbers));
    TRY(parts->is_private ? rsa_numbers_read(parts, &numbers)
                          : rsa_numbers_read_public(parts, &numbers));
    const struct key_parts made = {.type = KEY_RSA, .modulus = bytes_of(numbers.n, CHIP_RSA_SIZE)};
    loaded->bits = (uint16_t)crypto_key_bits(&made);
    loaded->size = (uint16_t)((loaded->bits + 7) / 8);
    loaded->as.rsa = numbers.key;
    if (!parts->is_private) {
        memcpy(loaded->as.rsa.as.modulus, numbers.n, CHIP_RSA_SIZE);
        return STATUS_OK;
    }
    struct bytes d = bytes_of(numbers.d + CHIP_RSA_SIZE - loaded->size, loaded->size);
    return crypto_hash(HASH_SHA256, &d, 1, loaded->as.rsa.rejection);
}

/* Puts a number without its leading zeros into room. */
static bool write_part(const uint8_t *number, size_t size, struct bytes *part, struct span *room,
                       size_t *used) {
    while (size > 1 && number[0] == 0) {
        number++;
        size--;
    }
    uint8_t *at = parts_room(room, used, size);
    if (at == NULL) {
        return false;
    }
    memcpy(at, number, size);
    *part = bytes_of(at, size);
    return true;
}

static bool write_private(const struct rsa_numbers *numbers, struct key_parts *parts,
                          struct span *room, size_t *used) {
    const struct rsa_key *key = &numbers->key;
    return write_part(numbers->d, CHIP_RSA_SIZE, &parts->private_exponent, room, used) &&
           write_part(key->as.crt.p, CHIP_PRIME_SIZE, &parts->prime_1, room, used) &&
           write_part(key->as.crt.q, CHIP_PRIME_SIZE, &parts->prime_2, room, used) &&
           write_part(key->as.crt.dp, CHIP_PRIME_SIZE, &parts->exponent_1, room, used) &&
           write_part(key->as.crt.dq, CHIP_PRIME_SIZE, &parts->exponent_2, room, used) &&
           write_part(key->as.crt.qi, CHIP_PRIME_SIZE, &parts->coefficient, room, used);
}

enum status rsa_key_fill(struct key_parts *parts, struct span *room) {
    struct rsa_numbers numbers;
    WIPE_AT_END(numbers, sizeof(numbers));
    size_t used = 0;
    TRY(parts->is_private ? rsa_numbers_read(parts, &numbers)
                          : rsa_numbers_read_public(parts, &numbers));
    bool done =
        write_part(numbers.n, CHIP_RSA_SIZE, &parts->modulus, room, &used) &&
        write_part(numbers.key.exponent, RSA_EXPONENT_SIZE, &parts->public_exponent, room, &used) &&
        (!parts->is_private || write_private(&numbers, parts, room, &used));
    room->size = used;
    return done ? STATUS_OK : STATUS_INTERNAL;
}

enum status rsa_key_check_primes(const struct key_parts *parts) {
    TRY(rsa_check_prime(parts->prime_1));
    return rsa_check_prime(parts->prime_2);
}

/* BearSSL's key generation takes the work of some 50 signatures at 2048 bits, and of 80 at 3072,
 * three times that where luck is bad: nobody could use the chip for minutes. */
enum status rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room) {
    (void)parts;
    (void)bits;
    (void)room;
    return STATUS_MECHANISM_INVALID;
}
