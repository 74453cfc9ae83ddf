/* SPDX-License-Identifier: Apache-2.0 */
/* Tamper as the core sees it: the log's last word is signed, and after the next start the module
 * says TAMPERED and does nothing else. */
#include "test/component/fixture.h"

static struct module module;

static void tampered_module_signs_its_end_and_does_nothing_any_more(void **state) {
    (void)state;
    static const uint8_t tamper_event[] = {0x19, 0x10, 0x0a}; /* CBOR: 0x100a */
    struct status_rep status;
    bool told = false;
    sim_reset(NULL, true);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    memset(sim_flash(), 0, 256); /* the port's part: the anchor and the root key are zeros */
    assert_int_equal(port_root_destroy(), STATUS_OK);
    sim_set_tampered(true);
    hsm_tampered(module.hsm);

    uint64_t first = 0, next = 0;
    port_log_range(&first, &next);
    assert_true(next - first >= 2);
    for (uint64_t i = first; i < next; i++) {
        size_t size = 0;
        const uint8_t *entry = sim_log_entry(i, &size);
        for (size_t at = 0; at + sizeof(tamper_event) <= size; at++) {
            told = told || bytes_equal(bytes_of(entry + at, sizeof(tamper_event)),
                                       bytes_of(tamper_event, sizeof(tamper_event)));
        }
    }
    assert_true(told);

    module_drop(&module);
    module_start(&module);
    assert_int_equal(call_status(&module, (struct status_req){}, &status), STATUS_OK);
    assert_int_equal(status.state, STATE_ZEROIZED);
    assert_int_equal(status.reason, STATUS_TAMPERED);
    struct token_init_req init = {0, bytes_of_text("12345678"), bytes_of_text("again")};
    assert_int_equal(call_token_init(&module, init, NULL), STATUS_ZEROIZED);
    module_stop(&module);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tampered_module_signs_its_end_and_does_nothing_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
