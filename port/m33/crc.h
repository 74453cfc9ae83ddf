/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32 (IEEE 802.3): finds what was torn or has faded. It proves nothing against an attacker. */
#ifndef PORT_M33_CRC_H
#define PORT_M33_CRC_H

#include "base/bytes.h"

/* Begin with 0; goes on with the result of the part before. */
static inline uint32_t crc_add(uint32_t crc, struct bytes data) {
    crc = ~crc;
    for (size_t i = 0; i < data.size; i++) {
        crc ^= data.data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (0xedb88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

#endif
