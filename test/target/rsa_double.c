/* SPDX-License-Identifier: Apache-2.0 */
/* The chip makes no RSA keys, and the stories of the module want some: one that another program
 * made stands for each, between the core and crypto/ (the linker's --wrap). */
#include "crypto/mcu/rsa.h"
#include "test/unit/crypto_fixture.h"

uint32_t __wrap_crypto_functions(const struct algorithm_row *row);
enum status __wrap_rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room);

uint32_t __wrap_crypto_functions(const struct algorithm_row *row) {
    return row->functions;
}

enum status __wrap_rsa_key_make(struct key_parts *parts, uint32_t bits, struct span *room) {
    return bits == 2048 ? crypto_key_from_pkcs8(rsa_pkcs8(), parts, room) : STATUS_KEY_SIZE;
}
