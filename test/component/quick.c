/* SPDX-License-Identifier: Apache-2.0 */
/* Doubles of what makes a module slow to start. */
#include "test/component/quick.h"
#include "base/ct.h"

struct quick quick;
static bool started;

/* The names are the linker's: __wrap_X is called where X is, __real_X is X. */
enum status __real_crypto_start(void);
enum status __wrap_crypto_start(void);
void __real_crypto_stop(void);
void __wrap_crypto_stop(void);
uint32_t __wrap_crypto_pin_cost(void);
enum status __real_crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost,
                                      uint8_t *out);
enum status __wrap_crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost,
                                      uint8_t *out);
enum status __real_crypto_selftest_run(size_t index, bool corrupt);
enum status __wrap_crypto_selftest_run(size_t index, bool corrupt);

enum status __wrap_crypto_start(void) {
    if (quick.whole) {
        return __real_crypto_start();
    }
    if (!started) {
        TRY(__real_crypto_start());
        started = true;
    }
    return STATUS_OK;
}

void __wrap_crypto_stop(void) {
    if (quick.whole) {
        __real_crypto_stop();
    }
}

void quick_end(void) {
    if (started) {
        __real_crypto_stop();
        started = false;
    }
}

uint32_t __wrap_crypto_pin_cost(void) {
    return 1;
}

enum status __wrap_crypto_pin_stretch(struct bytes pin, const uint8_t *salt, uint32_t cost,
                                      uint8_t *out) {
    static const uint8_t none[PIN_SALT_SIZE];
    quick.stretches++;
    quick.cost = cost;
    quick.guesses += ct_equal(salt, none, sizeof(none)) ? 0 : 1;
    return __real_crypto_pin_stretch(pin, salt, cost, out);
}

enum status __wrap_crypto_selftest_run(size_t index, bool corrupt) {
    if (quick.corrupt == index + 1) {
        return __real_crypto_selftest_run(index, true);
    }
    return quick.whole ? __real_crypto_selftest_run(index, corrupt) : STATUS_OK;
}
