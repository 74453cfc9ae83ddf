/* SPDX-License-Identifier: Apache-2.0 */
/* What a whole module promised: asking for it. */
#include "test/powerloss/module_model.h"

#include "core/command/module.h"
#include "port/sim/state.h"

struct module_model model;
struct module module;
const char *const module_pins[3] = {USER_PIN, "a-second-pin", "the-third-pin"};

void model_lose(void) {
    if (module.hsm == NULL) {
        return;
    }
    /* What OpenSSL holds for the module that is gone would only leak. */
    crypto_key_unload(&module.hsm->audit.key);
    crypto_tagger_stop(&module.hsm->tagger);
    for (size_t i = 0; i < SOFT_KEYS_MAX; i++) {
        crypto_key_unload(&module.hsm->home.list[i].key);
    }
    module_drop(&module);
}

void model_start(void) {
    model_lose();
    module_start(&module);
}

/* A leaf is promised with its reply: where the power cut takes what was not synced, only when that
 * reply waited for the log. */
static void note_leaves(void) {
    bool promised = sim.lose_seed == 0 || call_wants_log_sync(module.call);
    if (module.hsm->audit.started && promised) {
        model.leaves = audit_size(&module.hsm->audit);
    }
}

void model_acknowledge(void) {
    struct promise *const others[] = {&model.pin, &model.tries, &model.token, &model.options};
    for (size_t i = 0; i < THINGS; i++) {
        model.thing[i].now = model.thing[i].next;
        model.half[i].now = model.half[i].next;
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        others[i]->now = others[i]->next;
    }
    note_leaves();
}

static bool forgiving;
static enum status refusal;

void model_forgive(bool forgive) {
    forgiving = forgive;
    refusal = STATUS_OK;
}

enum status model_refusal(void) {
    enum status first = refusal;
    refusal = STATUS_OK;
    return first;
}

bool model_expect(enum status status, enum status wanted, const char *what) {
    if (status == wanted) {
        return true;
    }
    if (!forgiving) {
        power_fail("%s: %s, expected %s", what, status_row(status)->name,
                   status_row(wanted)->name);
    }
    refusal = refusal == STATUS_OK ? status : refusal;
    return false;
}

/* What was asked for is acknowledged; others may still be open. */
static void settle(struct promise *promise, enum status status, enum status wanted,
                   const char *what) {
    if (model_expect(status, wanted, what)) {
        promise->now = promise->next;
        note_leaves();
    }
}

/* ---- sessions ---- */

void model_login(uint32_t session) {
    struct login_req req = {session, USER_USER, bytes_of_text(module_pins[model.pin.now])};
    model.tries.next = 0;
    settle(&model.tries, call_login(&module, req, NULL), STATUS_OK, "login");
}

uint32_t model_user(void) {
    uint32_t session = module_session(&module);
    model_login(session);
    return session;
}

uint32_t model_so(void) {
    uint32_t session = module_session(&module);
    struct login_req req = {session, USER_SO, bytes_of_text(SO_PIN)};
    model_expect(call_login(&module, req, NULL), STATUS_OK, "login of the security officer");
    return session;
}

void model_guess(uint32_t session) {
    struct login_req req = {session, USER_USER, bytes_of_text("no-such-pin")};
    enum status wanted =
        model.tries.now + 1 >= PIN_TRIES_MAX ? STATUS_PIN_LOCKED : STATUS_PIN_INCORRECT;
    model.tries.next = model.tries.now + 1;
    settle(&model.tries, call_login(&module, req, NULL), wanted, "a wrong PIN");
}

/* ---- things ---- */

static void template_names(struct template *template, uint32_t index, uint32_t version) {
    char text[16];
    template_start(template);
    template_bool(template, ATTRIBUTE_TOKEN, true);
    snprintf(text, sizeof(text), "thing %u", index);
    template_text(template, ATTRIBUTE_ID, text);
    snprintf(text, sizeof(text), "version %u", version);
    template_text(template, ATTRIBUTE_LABEL, text);
}

static enum status make_pair(uint32_t session, uint32_t index) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static struct template public, private;
    template_names(&public, index, 1);
    template_names(&private, index, 1);
    template_bytes(&public, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    struct key_generate_pair_req req = {.session = session,
                                        .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                        .public_attributes = template_of(&public),
                                        .private_attributes = template_of(&private)};
    return call_key_generate_pair(&module, req, NULL);
}

static enum status import_secret(uint32_t session, uint32_t index) {
    static struct template template;
    uint8_t value[32];
    template_names(&template, index, 1);
    template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
    template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
    memset(value, (int)(0x90 + index), sizeof(value));
    value[0] = (uint8_t)~index;
    template_bytes(&template, ATTRIBUTE_VALUE, value, sizeof(value));
    struct object_create_req req = {session, template_of(&template)};
    return call_object_create(&module, req, NULL);
}

void model_make(uint32_t session, uint32_t index) {
    if (model.thing[index].now != 0) {
        return;
    }
    model.thing[index].next = 1;
    model.half[index].next = index % 2 == 0 ? 1 : 0;
    enum status status =
        index % 2 == 0 ? make_pair(session, index) : import_secret(session, index);
    settle(&model.thing[index], status, STATUS_OK, "making a key");
    settle(&model.half[index], status, STATUS_OK, "making a key");
}

/* 0: not there, or (where that is forgiven) not to be had. */
static uint64_t find(uint32_t session, uint32_t index, uint32_t class) {
    static struct template template;
    struct object_find_rep rep;
    char text[16];
    template_start(&template);
    snprintf(text, sizeof(text), "thing %u", index);
    template_text(&template, ATTRIBUTE_ID, text);
    template_num(&template, ATTRIBUTE_CLASS, class);
    struct object_find_req req = {.session = session, .attributes = template_of(&template)};
    if (!model_expect(call_object_find(&module, req, &rep), STATUS_OK, "looking for a key")) {
        return 0;
    }
    if (rep.objects.size > 8 || rep.cursor != 0) {
        power_fail("thing %u is there twice", index);
    }
    return rep.objects.size == 8 ? load_u64(rep.objects.data) : 0;
}

static uint32_t class_of(uint32_t index) {
    return index % 2 == 0 ? CLASS_PRIVATE_KEY : CLASS_SECRET_KEY;
}

void model_change(uint32_t session, uint32_t index, uint32_t version) {
    static struct template template;
    char text[16];
    uint64_t key = find(session, index, class_of(index));
    template_start(&template);
    snprintf(text, sizeof(text), "version %u", version);
    template_text(&template, ATTRIBUTE_LABEL, text);
    struct object_set_req req = {session, key, template_of(&template)};
    if (key == 0 && forgiving) {
        return;
    }
    model.thing[index].next = version;
    settle(&model.thing[index], call_object_set(&module, req, NULL), STATUS_OK, "a change");
}

static bool destroy(uint32_t session, struct promise *promise, uint64_t object) {
    struct object_destroy_req req = {session, object};
    if (object == 0 && forgiving) {
        return false;
    }
    promise->next = 0;
    settle(promise, call_object_destroy(&module, req, NULL), STATUS_OK, "a removal");
    return promise->now == 0;
}

void model_destroy(uint32_t session, uint32_t index) {
    bool both = model.half[index].now == 0 ||
                destroy(session, &model.half[index], find(session, index, CLASS_PUBLIC_KEY));
    if (both && model.thing[index].now != 0) {
        (void)destroy(session, &model.thing[index], find(session, index, class_of(index)));
    }
}

/* ---- the beginning ---- */

static void learn_log_key(void) {
    struct log_key_rep rep;
    model_expect(call_log_key(&module, (struct log_key_req){}, &rep), STATUS_OK, "log_key");
    memcpy(model.identity.key, rep.public_key.data, rep.public_key.size);
    memcpy(model.identity.origin, rep.origin.data, rep.origin.size);
}

void model_prepare(const struct flash_geometry *geometry, bool counter) {
    model_lose();
    sim_reset(geometry, counter);
    sim_set_log_capacity(100000);
    memset(&model, 0, sizeof(model));
    model.token.next = 1;
    model.tries_known = true;
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    model_acknowledge();
    learn_log_key();
    uint32_t session = model_user();
    model_make(session, 0);
    model_make(session, 1);
    module_stop(&module);
    memcpy(model.anchor, sim_flash() + 48, sizeof(model.anchor));
}

/* ---- what holds after a cut ---- */

static void keep(struct promise *promise, uint32_t is, const char *what, uint32_t index) {
    if (is != promise->now && is != promise->next) {
        power_fail("%s %u is %u; %u was acknowledged, %u asked for", what, index, is,
                   promise->now, promise->next);
    }
    promise->now = promise->next = is;
}

/* 0: not to be had. */
static uint32_t version_of(uint32_t session, uint64_t handle) {
    struct object_get_rep rep;
    uint8_t types[4];
    struct bytes label;
    save_u32(types, ATTRIBUTE_LABEL);
    struct object_get_req req = {session, handle, bytes_of(types, sizeof(types))};
    if (!model_expect(call_object_get(&module, req, &rep), STATUS_OK, "reading a label")) {
        return 0;
    }
    char text[16] = {0};
    if (attributes_find(rep.attributes, ATTRIBUTE_LABEL, &label) != STATUS_OK ||
        label.size >= sizeof(text)) {
        power_fail("a label is gone");
    }
    memcpy(text, label.data, label.size);
    return (uint32_t)strtoul(text + strlen("version "), NULL, 10);
}

static void check_pair_works(uint32_t session, uint64_t private_key, uint64_t public_key) {
    static const struct mechanism ecdsa = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256};
    struct sign_rep rep;
    uint8_t signature[64];
    struct bytes data = bytes_of_text("after the cut");
    struct sign_req req = {session, private_key, ecdsa, data};
    if (!model_expect(call_sign(&module, req, &rep), STATUS_OK, "signing")) {
        return;
    }
    memcpy(signature, rep.signature.data, sizeof(signature));
    struct verify_req verify = {session, public_key, ecdsa, data,
                                bytes_of(signature, sizeof(signature))};
    if (public_key != 0) {
        model_expect(call_verify(&module, verify, NULL), STATUS_OK, "the halves of a pair");
    }
}

static void check_secret_works(uint32_t session, uint32_t index, uint64_t key) {
    uint8_t value[32], expected[HASH_SIZE_MAX];
    struct sign_rep rep;
    struct bytes data = bytes_of_text("after the cut");
    memset(value, (int)(0x90 + index), sizeof(value));
    value[0] = (uint8_t)~index;
    struct sign_req req = {session, key, {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256}, data};
    if (!model_expect(call_sign(&module, req, &rep), STATUS_OK, "a MAC")) {
        return;
    }
    enum status status = crypto_hmac(HASH_SHA256, bytes_of(value, 32), &data, 1, expected);
    model_expect(status, STATUS_OK, "the expected MAC");
    if (!bytes_equal(rep.signature, bytes_of(expected, 32))) {
        power_fail("thing %u is another key", index);
    }
}

static void settle_thing(uint32_t session, uint32_t index) {
    uint64_t key = find(session, index, class_of(index));
    uint64_t half = index % 2 == 0 ? find(session, index, CLASS_PUBLIC_KEY) : 0;
    uint32_t version = key != 0 ? version_of(session, key) : 0;
    if (refusal != STATUS_OK) {
        return;
    }
    bool making = model.thing[index].now == 0 && model.thing[index].next != 0;
    if (making && index % 2 == 0 && (key != 0) != (half != 0)) {
        power_fail("half of pair %u", index);
    }
    keep(&model.half[index], half != 0 ? 1 : 0, "public half", index);
    keep(&model.thing[index], version, "thing", index);
    if (key != 0 && index % 2 == 0) {
        check_pair_works(session, key, half);
    } else if (key != 0) {
        check_secret_works(session, index, key);
    }
}

/* ---- token and PIN ---- */

static void settle_token(void) {
    struct token_info_rep info;
    enum status status = call_token_info(&module, (struct token_info_req){0}, &info);
    model_expect(status, STATUS_OK, "token_info");
    uint32_t is = info.label.size > 0 && info.label.data[0] == 't' ? 1 : 2;
    uint32_t tries = PIN_TRIES_MAX - info.user_tries_left;
    keep(&model.token, is, "token", 0);
    keep(&model.options, info.options, "options", 0);
    /* A try is counted before the PIN is compared, and given back after. */
    bool fits = tries == model.tries.next || tries - model.tries.now <= 1;
    if (model.tries_known && !fits) {
        power_fail("%u tries; %u were acknowledged, %u asked for", tries, model.tries.now,
                   model.tries.next);
    }
    model.tries.now = model.tries.next = tries;
}

static enum status try_pin(uint32_t session, uint32_t which) {
    struct login_req req = {session, USER_USER, bytes_of_text(module_pins[which])};
    enum status status = call_login(&module, req, NULL);
    if (status == STATUS_OK) {
        model_expect(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK, "logout");
    }
    return status;
}

/* Exactly one of old and new opens the token. */
static void settle_pin(uint32_t session) {
    struct promise pin = model.pin;
    if (pin.now == pin.next) {
        return;
    }
    enum status new = try_pin(session, pin.next);
    enum status old = try_pin(session, pin.now);
    if (!(new == STATUS_OK && old == STATUS_PIN_INCORRECT) &&
        !(old == STATUS_OK && new == STATUS_PIN_INCORRECT)) {
        power_fail("new PIN: %s, old PIN: %s", status_row(new)->name, status_row(old)->name);
    }
    keep(&model.pin, new == STATUS_OK ? pin.next : pin.now, "PIN", 0);
    if (model.locked && old == STATUS_OK) {
        power_fail("a locked PIN works again");
    }
    model.locked = false;
}

static void close_session(uint32_t session) {
    struct session_close_req req = {session};
    model_expect(call_session_close(&module, req, NULL), STATUS_OK, "closing a session");
}

static void set_new_pin(void) {
    uint32_t session = model_so();
    struct pin_init_req req = {session, bytes_of_text(module_pins[1])};
    model.pin.next = 1;
    model.tries.next = 0;
    settle(&model.tries, call_pin_init(&module, req, NULL), STATUS_OK, "pin_init");
    model.pin.now = 1;
    close_session(session);
}

/* A locked PIN stays locked until the security officer sets a new one. */
static void settle_lock(uint32_t session) {
    if (model.tries.now < PIN_TRIES_MAX) {
        return;
    }
    for (uint32_t i = 0; i < COUNT(module_pins); i++) {
        if (try_pin(session, i) != STATUS_PIN_LOCKED) {
            power_fail("a locked PIN is not locked any more");
        }
    }
    close_session(session);
    set_new_pin();
    model.locked = false;
}

/* A token made anew has no objects and no user PIN. */
static void settle_new_token(void) {
    memset(model.thing, 0, sizeof(model.thing));
    memset(model.half, 0, sizeof(model.half));
    model.pin.now = model.pin.next = 0;
    model.new_seen = true;
}

/* Every leaf that was promised is there, before those of this start: boot, connection, and one
 * where the store dropped a record. */
static void check_leaves(uint32_t cut_records) {
    uint64_t size = audit_size(&module.hsm->audit);
    uint64_t own = 2 + (cut_records > 0 ? 1 : 0) + 1; /* and that of the command status */
    if (size < model.leaves + own) {
        power_fail("%llu leaves, %llu were promised", (unsigned long long)(size - own),
                   (unsigned long long)model.leaves);
    }
    model.leaves = size;
}

static void check_boot(void) {
    struct status_rep status;
    model_expect(call_status(&module, (struct status_req){}, &status), STATUS_OK, "status");
    if (status.state != STATE_OPERATIONAL || status.boot <= model.boot) {
        power_fail("state %u, reason %s, boot %u after %u", status.state,
                   status_row(status.reason)->name, status.boot, model.boot);
    }
    model.boot = status.boot;
    check_leaves(status.cut_records);
}

void model_check_things(uint32_t session) {
    for (uint32_t i = 0; i < THINGS; i++) {
        settle_thing(session, i);
    }
}

/* The values of secret keys, eight bytes of which are alike, never lie in flash as they are. */
static void check_no_plaintext(void) {
    const uint8_t *flash = sim_flash();
    uint32_t alike = 0;
    for (size_t at = 1; at < sim_flash_size(); at++) {
        bool of_a_key = flash[at] > 0x90 && flash[at] < 0x90 + THINGS;
        alike = of_a_key && flash[at] == flash[at - 1] ? alike + 1 : 0;
        if (alike >= 7) {
            power_fail("a secret key lies open in flash at %zu", at);
        }
    }
}

void model_settle(void) {
    check_no_plaintext();
    model_start();
    check_boot();
    settle_token();
    model.tries_known = false;
    if (model.token.now == 2 && !model.new_seen) {
        settle_new_token();
    }
    if (model.new_seen && model.pin.now != 1) {
        set_new_pin();
    }
    uint32_t session = module_session(&module);
    if (model.tries.now >= PIN_TRIES_MAX) {
        settle_lock(session);
        session = module_session(&module);
    }
    settle_pin(session);
    model_login(session);
    model.tries_known = true;
    model_check_things(session);
    model_verify_log();
    /* ... and it goes on working */
    if (model.thing[1].now == 0) {
        model_make(session, 1);
    } else {
        model_change(session, 1, model.thing[1].now + 1);
    }
}

/* ---- the log ---- */

static void log_finding(void *context, const struct log_finding *finding) {
    (void)context;
    /* What the archive cannot read just now is told, too. */
    if (!forgiving || finding->fault != LOG_FAULT_UNREADABLE) {
        power_fail("the log does not verify: %s", finding->text);
    }
    refusal = STATUS_STORE_IO;
}

void model_verify_log(void) {
    struct log_verifier verifier;
    struct log_result result;
    struct log_read_rep page;
    struct log_entry entry;
    uint64_t first = 0, end = 0;
    port_log_range(&first, &end);
    log_verify_start(&verifier, &model.identity, log_finding, NULL);
    for (uint64_t at = first; at < end; at = page.next) {
        enum status read = call_log_read(&module, (struct log_read_req){at}, &page);
        if (!model_expect(read, STATUS_OK, "log_read")) {
            return;
        }
        log_verify_place(&verifier, page.first);
        enum status status = STATUS_OK;
        while ((status = log_entry_next(&page.entries, &entry)) == STATUS_OK) {
            log_verify_entry(&verifier, &entry);
        }
        if (status != STATUS_NOT_FOUND || page.next <= at) {
            power_fail("a page of the log is not well formed");
        }
    }
    log_verify_end(&verifier, &result);
    if (refusal == STATUS_OK && (!result.ok || result.lost != 0 ||
                                 result.size < model.leaves)) {
        power_fail("the log is not whole: %llu leaves of %llu, %llu lost",
                   (unsigned long long)result.size, (unsigned long long)model.leaves,
                   (unsigned long long)result.lost);
    }
}

/* ---- the end ---- */

void model_check_wiped(void) {
    size_t sector = 8192;
    if (sim_has_root() || !bytes_all(bytes_of(sim_root(), ROOT_KEY_SIZE), 0)) {
        power_fail("the root key is still there");
    }
    if (!bytes_all(bytes_of(sim_flash() + sector, sim_flash_size() - sector), 0xff)) {
        power_fail("records are still there");
    }
    for (size_t at = 0; at + 8 <= sector; at++) {
        for (size_t i = 0; i + 8 <= sizeof(model.anchor); i++) {
            if (load_u64(sim_flash() + at) == load_u64(model.anchor + i)) {
                power_fail("part of the anchor's secret is still there");
            }
        }
    }
}
