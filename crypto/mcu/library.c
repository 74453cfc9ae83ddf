/* SPDX-License-Identifier: Apache-2.0 */
/* Start and end. The libraries keep no state of their own: all there is, is the generator's. */
#include "crypto/crypto.h"
#include "crypto/mcu/random.h"

enum status crypto_start(void) {
    return random_start();
}

void crypto_stop(void) {
    random_stop();
}
