/* SPDX-License-Identifier: Apache-2.0 */
/* R-15 under power loss: a key with limits is used, renewed, suspended, tightened and destroyed,
 * and the power is cut at every write. Whatever is cut, no use that was released is forgotten, and
 * what was refused for ever stays refused. */
#include "test/component/quick.h"
#include "test/component/renewals.h"
#include "test/powerloss/story.h"

static struct module module;
static uint32_t session;

enum { USES = 40, LEASE = 12, SEED = 9 };

/* What was promised. */
static struct promise {
    uint32_t released; /* uses whose results left */
    uint32_t asked;
    uint64_t sequence; /* of the newest renewal acknowledged, and asked for */
    uint64_t sequence_asked;
    uint32_t lease_released; /* uses since that renewal */
    bool suspended, suspend_asked;
    bool tightened, tighten_asked;
    bool destroyed, destroy_asked;
} model;

static void start(void) {
    story_start(&module);
    session = story_open(&module, USER_USER, USER_PIN);
}

/* 0: it is not there. */
static uint64_t find_key(void) {
    struct template template;
    uint64_t key = 0;
    template_start(&template);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    size_t count = module_find(&module, session, &template, &key);
    return count == 0 ? 0 : key;
}

static void prepare(void) {
    struct template template;
    memset(&model, 0, sizeof(model));
    story_fresh(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    struct bytes key = renewals_key(LEASE_KEY_ED25519, SEED);
    template_start(&template);
    template_bool(&template, ATTRIBUTE_TOKEN, true);
    template_num(&template, ATTRIBUTE_VALUE_LEN, 32);
    template_bool(&template, ATTRIBUTE_SIGN, true);
    template_num(&template, ATTRIBUTE_USES_MAX, USES);
    template_num(&template, ATTRIBUTE_LEASE_USES, LEASE);
    template_bytes(&template, ATTRIBUTE_LEASE_KEY, key.data, key.size);
    struct key_generate_req req = {
        session, {.algorithm = ALGORITHM_GENERIC_KEY_GEN}, template_of(&template)};
    assert_int_equal(call_key_generate(&module, req, NULL), STATUS_OK);
    module_stop(&module);
}

/* ---- what is done ---- */

static enum status use(uint64_t key) {
    struct sign_req req = {
        session, key, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}, bytes_of_text("words")};
    model.asked++;
    enum status status = call_sign(&module, req, NULL);
    model.released += status == STATUS_OK ? 1 : 0;
    model.lease_released += status == STATUS_OK ? 1 : 0;
    return status;
}

static void renew(uint64_t key) {
    struct lease lease = {.sequence = model.sequence_asked + 1, .uses = LEASE};
    renewals_for(&module, session, key, &lease);
    struct key_renew_req req = {session, key, renewals_sign(LEASE_KEY_ED25519, SEED, &lease)};
    model.sequence_asked = lease.sequence;
    story_expect(call_key_renew(&module, req, NULL), STATUS_OK, "renewing");
    model.sequence = lease.sequence;
    model.lease_released = 0;
    model.suspended = model.suspend_asked = false;
}

static void suspend(uint64_t key) {
    model.suspend_asked = true;
    story_expect(call_key_suspend(&module, (struct key_suspend_req){session, key}, NULL), STATUS_OK,
           "suspending");
    model.suspended = true;
}

static void play_uses(void *unused) {
    (void)unused;
    start();
    uint64_t key = find_key();
    for (int i = 0; i < LEASE; i++) {
        story_expect(use(key), STATUS_OK, "a use");
    }
    story_expect(use(key), STATUS_KEY_SUSPENDED, "a use beyond the lease");
    renew(key);
    story_expect(use(key), STATUS_OK, "a use after the renewal");
    module_stop(&module); /* writes the exact counts */
    start();
    story_expect(use(find_key()), STATUS_OK, "a use after the restart");
}

static void play_lease(void *unused) {
    (void)unused;
    start();
    uint64_t key = find_key();
    story_expect(use(key), STATUS_OK, "a use");
    suspend(key);
    story_expect(use(key), STATUS_KEY_SUSPENDED, "a use while suspended");
    renew(key);
    story_expect(use(key), STATUS_OK, "a use after the renewal");
}

static void play_changes(void *unused) {
    struct template template;
    (void)unused;
    start();
    uint64_t key = find_key();
    story_expect(use(key), STATUS_OK, "a use");
    template_start(&template);
    template_num(&template, ATTRIBUTE_USES_MAX, 5);
    model.tighten_asked = true;
    struct object_set_req set = {session, key, template_of(&template)};
    story_expect(call_object_set(&module, set, NULL), STATUS_OK, "tightening");
    model.tightened = true;
    story_expect(use(key), STATUS_OK, "a use");
    model.destroy_asked = true;
    struct object_destroy_req destroy = {session, key};
    story_expect(call_object_destroy(&module, destroy, NULL), STATUS_OK, "destroying");
    model.destroyed = true;
}

/* ---- what holds ---- */

static void check_usage(uint64_t key, const struct key_usage_rep *usage) {
    if (usage->used < model.released) {
        power_fail("%llu uses are counted, %u were released", (unsigned long long)usage->used,
                   model.released);
    }
    if (usage->sequence != model.sequence && usage->sequence != model.sequence_asked) {
        power_fail("the renewal is forgotten");
    }
    bool renewed = usage->sequence == model.sequence_asked && model.sequence != usage->sequence;
    if (model.suspended && !renewed && usage->state != STATUS_KEY_SUSPENDED) {
        power_fail("a suspended key works again");
    }
    if (!renewed && usage->lease_uses_left + model.lease_released > LEASE) {
        power_fail("the lease grew");
    }
    uint64_t most = model.tightened ? 5 : USES;
    if (usage->uses_left + usage->used > most && usage->uses_left > 0) {
        power_fail("more uses are left than there can be");
    }
    (void)key;
}

/* Takes over what is, and goes on: all that is released in the end is within the limit. */
static void recover(void *unused) {
    struct key_usage_rep usage;
    (void)unused;
    start();
    uint64_t key = find_key();
    if (key == 0) {
        if (!model.destroy_asked) {
            power_fail("the key is gone");
        }
        model.destroyed = true;
        return;
    }
    if (model.destroyed) {
        power_fail("a destroyed key is back");
    }
    story_expect(call_key_usage(&module, (struct key_usage_req){session, key}, &usage), STATUS_OK,
           "key_usage");
    check_usage(key, &usage);
    model.sequence = model.sequence_asked = usage.sequence;
    enum status status = use(key);
    uint32_t most = model.tightened ? 5 : USES;
    if (model.released > most) {
        power_fail("%u uses were released of %u", model.released, most);
    }
    if (status != STATUS_OK && status != STATUS_KEY_SUSPENDED && status != STATUS_KEY_SPENT) {
        power_fail("a use: %s", status_row(status)->name);
    }
    if (status == STATUS_KEY_SUSPENDED) {
        renew(key);
    }
}

static void run(const char *name, void (*play)(void *)) {
    const struct power_story story = {name, prepare, play, recover, &model, sizeof(model)};
    story_run(&story, 8);
}

static void no_released_use_is_forgotten(void **state) {
    (void)state;
    run("uses", play_uses);
}

static void a_suspended_key_stays_so_and_a_renewal_counts_once(void **state) {
    (void)state;
    run("lease", play_lease);
}

static void a_tightened_limit_and_a_destroyed_key_stay_so(void **state) {
    (void)state;
    run("changes", play_changes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_released_use_is_forgotten),
        cmocka_unit_test(a_suspended_key_stays_so_and_a_renewal_counts_once),
        cmocka_unit_test(a_tightened_limit_and_a_destroyed_key_stay_so),
    };
    int failed = cmocka_run_group_tests_name("usage power loss", tests, NULL, NULL);
    quick_end();
    return failed;
}
