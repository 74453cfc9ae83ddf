/* SPDX-License-Identifier: Apache-2.0 */
/* Approval under power loss: roles files are set and replaced, and the power is cut at every write.
 * Whatever is cut, the roles are the old or the new ones, and a token that had them never does
 * without approval what needs it. */
#include "test/component/officer.h"
#include "test/component/quick.h"
#include "test/powerloss/story.h"

static struct module module;
static struct officer officers[3];
static uint8_t file_room[ROLES_FILE_MAX];
static uint32_t session;

enum { VERSIONS = 3, NEEDED = 2 };

/* What was promised. */
static struct promise {
    uint32_t version; /* of the roles file that was acknowledged; 0: none */
    uint32_t asked;
    bool loosened, loosen_asked;
} model;

static void start(void) {
    story_start(&module);
    session = story_open(&module, USER_SO, SO_PIN);
}

static void prepare(void) {
    memset(&model, 0, sizeof(model));
    story_fresh(&module);
    for (uint32_t i = 0; i < COUNT(officers); i++) {
        officer_make(&officers[i], i, OFFICER_EDDSA);
    }
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    module_stop(&module);
}

/* ---- what is done ---- */

static struct bytes file_of(uint32_t version) {
    struct roles roles;
    officer_roles(officers, COUNT(officers), NEEDED, version, &roles);
    return officer_file(&roles, (struct span){file_room, sizeof(file_room)});
}

static void approve(void) {
    uint64_t number = officer_newest(&module, session);
    for (uint32_t i = 0; i < NEEDED; i++) {
        story_expect(officer_give(&module, session, number, &officers[i]), STATUS_OK, "approving");
    }
}

static void set_roles(uint32_t version) {
    struct roles_set_req req = {session, file_of(version)};
    story_expect(call_roles_set(&module, req, NULL), STATUS_APPROVAL_NEEDED, "roles unapproved");
    approve();
    req.roles = file_of(version);
    model.asked = version;
    story_expect(call_roles_set(&module, req, NULL), STATUS_OK, "roles approved");
    model.version = version;
}

static enum status loosen(void) {
    struct token_set_req req = {.session = session, .profile = PROFILE_OF_TOKEN_COMPATIBLE};
    return call_token_set(&module, req, NULL);
}

static void play(void *unused) {
    (void)unused;
    start();
    for (uint32_t version = 1; version <= VERSIONS; version++) {
        set_roles(version);
    }
    story_expect(loosen(), STATUS_APPROVAL_NEEDED, "loosening unapproved");
    approve();
    model.loosen_asked = true;
    story_expect(loosen(), STATUS_OK, "loosening approved");
    model.loosened = true;
}

/* ---- what must hold ---- */

static uint32_t version_now(void) {
    struct roles_get_rep rep;
    struct roles roles;
    story_expect(call_roles_get(&module, (struct roles_get_req){session}, &rep), STATUS_OK,
                 "roles_get");
    if (rep.roles.size == 0) {
        return 0;
    }
    story_expect(roles_read(rep.roles, &roles), STATUS_OK, "the roles file");
    return roles.version;
}

static bool is_loose(void) {
    struct token_info_rep info;
    story_expect(call_token_info(&module, (struct token_info_req){0}, &info), STATUS_OK,
                 "token_info");
    return info.profile == PROFILE_OF_TOKEN_COMPATIBLE;
}

static void recover(void *unused) {
    (void)unused;
    start();
    uint32_t version = version_now();
    if (version != model.version && version != model.asked) {
        power_fail("roles of version %u, where %u was acknowledged and %u asked for", version,
                   model.version, model.asked);
    }
    bool loose = is_loose();
    if ((loose && !model.loosen_asked) || (!loose && model.loosened)) {
        power_fail("the profile is neither the old nor the new one");
    }
    model.version = model.asked = version;
    model.loosened = model.loosen_asked = loose;
    if (version > 0 && !loose) {
        /* no vote survived */
        story_expect(loosen(), STATUS_APPROVAL_NEEDED, "loosening after the cut");
    }
    set_roles(version + 1);
}

static void roles_are_the_old_or_the_new_ones_and_never_forgotten(void **state) {
    const struct power_story story = {"roles", prepare, play, recover, &model, sizeof(model)};
    (void)state;
    story_run(&story, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_the_old_or_the_new_ones_and_never_forgotten),
    };
    int failed = cmocka_run_group_tests_name("roles power loss", tests, NULL, NULL);
    quick_end();
    return failed;
}
