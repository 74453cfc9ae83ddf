/* SPDX-License-Identifier: Apache-2.0 */
/* Command self_test: a wrong answer puts the module into the error state (the gate does that). */
#include "core/command/module.h"

enum status do_self_test(struct call *call, const struct self_test_req *req,
                         struct self_test_rep *rep) {
    (void)req;
    (void)rep;
    for (size_t i = 0; i < crypto_selftest_count(); i++) {
        if (crypto_selftest_run(i, false) != STATUS_OK) {
            return call_refuse(call, STATUS_ERROR_STATE, crypto_selftest_name(i));
        }
    }
    return STATUS_OK;
}
