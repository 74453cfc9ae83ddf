/* SPDX-License-Identifier: Apache-2.0 */
/* What the judges that ask crypto.h need around them. */
#include "test/component/wycheproof.h"

#include <sys/random.h>

#include "port/port.h"

enum status port_random(uint8_t *out, size_t size) {
    return getrandom(out, size, 0) == (ssize_t)size ? STATUS_OK : STATUS_NO_ENTROPY;
}

int judges_start(void **state) {
    (void)state;
    return crypto_start() == STATUS_OK ? 0 : -1;
}

int judges_stop(void **state) {
    (void)state;
    crypto_stop();
    return 0;
}
