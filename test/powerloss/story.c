/* SPDX-License-Identifier: Apache-2.0 */
/* Stories about one whole module: beginning, end and plan. */
#include "test/powerloss/story.h"

#include <stdlib.h>

void story_expect(enum status status, enum status wanted, const char *what) {
    if (status != wanted) {
        power_fail("%s: %s", what, status_row(status)->name);
    }
}

void story_start(struct module *module) {
    if (module->hsm != NULL) {
        module_drop(module);
    }
    module_start(module);
}

void story_fresh(struct module *module) {
    static const struct flash_geometry small_flash = {16, 8192, 9};
    sim_reset(&small_flash, true);
    story_start(module);
}

uint32_t story_open(struct module *module, enum user user, const char *pin) {
    struct session_open_rep open;
    story_expect(call_session_open(module, (struct session_open_req){0, 1}, &open), STATUS_OK,
                 "open");
    struct login_req login = {open.session, user, bytes_of_text(pin)};
    story_expect(call_login(module, login, NULL), STATUS_OK, "login");
    return open.session;
}

void story_run(const struct power_story *story, uint32_t step) {
    static uint64_t all;
    struct power_count count;
    bool is_long = getenv("EHSM_LONG") != NULL;
    const struct power_plan plan = {is_long ? 1 : step, 4096, 1, is_long ? 16 : 64, 1};
    power_run(story, &plan, &count);
    uint64_t cuts = count.cuts + count.deep_cuts + count.unsynced_cuts;
    all += cuts;
    print_message("# %s: %llu writes, %llu cuts; %llu in all\n", story->name,
                  (unsigned long long)count.writes, (unsigned long long)cuts,
                  (unsigned long long)all);
}
