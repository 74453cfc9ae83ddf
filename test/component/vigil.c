/* SPDX-License-Identifier: Apache-2.0 */
/* Keys under watch: what tests of alarms stand on. */
#define _GNU_SOURCE
#include "test/component/vigil.h"

#include "test/component/compiled.h"

/* 2026-11-23, a Monday */
static const uint64_t FIRST_DAY = 1795392000;

/* ---- clients ---- */

static void use_client(struct vigil *vigil, uint32_t client) {
    vigil->module.connection = vigil->clients[client].connection;
}

static void find_keys(struct vigil *vigil, struct vigil_client *client) {
    for (uint32_t i = 0; i < vigil->keys; i++) {
        struct template template;
        char label[16];
        template_start(&template);
        template_num(&template, ATTRIBUTE_CLASS, CLASS_PRIVATE_KEY);
        snprintf(label, sizeof(label), "key%u", i);
        template_text(&template, ATTRIBUTE_LABEL, label);
        assert_int_equal(module_find(&vigil->module, client->session, &template, &client->keys[i]),
                         1);
    }
}

static void enter(struct vigil *vigil, uint32_t number) {
    struct vigil_client *client = &vigil->clients[number];
    struct peer peer = {.uid = client->uid, .pid = 1};
    if (number == 0) {
        client->connection = vigil->module.connection;
    } else {
        assert_int_equal(hsm_connect(vigil->module.hsm, &peer, &client->connection), STATUS_OK);
    }
    use_client(vigil, number);
    client->session = module_user_session(&vigil->module);
    find_keys(vigil, client);
}

uint32_t vigil_connect(struct vigil *vigil, uint32_t uid) {
    uint32_t number = 0;
    while (vigil->clients[number].session != 0) {
        number++;
    }
    assert_true(number < VIGIL_CLIENTS);
    vigil->clients[number].uid = uid;
    enter(vigil, number);
    return number;
}

/* ---- the module ---- */

void vigil_begin(struct vigil *vigil) {
    *vigil = (struct vigil){.told_until = 1};
    sim_reset(NULL, false);
    sim_set_log_capacity(VIGIL_LOG);
    module_start(&vigil->module);
    module_make_token(&vigil->module, PROFILE_OF_TOKEN_STRICT);
    vigil_connect(vigil, 1000);
    vigil_tell_time(vigil, 0, 9 * 60);
}

void vigil_end(struct vigil *vigil) {
    vigil->module.connection = vigil->clients[0].connection;
    module_stop(&vigil->module);
}

uint32_t vigil_add_key(struct vigil *vigil, const char *policy) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static struct template open, shut;
    char label[16];
    const struct bytes form = compiled_policy(policy);
    snprintf(label, sizeof(label), "key%u", vigil->keys);
    template_start(&open);
    template_bool(&open, ATTRIBUTE_TOKEN, true);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_text(&shut, ATTRIBUTE_LABEL, label);
    template_bytes(&shut, ATTRIBUTE_POLICY, form.data, form.size);
    struct key_generate_pair_rep rep;
    const struct key_generate_pair_req req = {vigil->clients[0].session,
                                              {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                              template_of(&open),
                                              template_of(&shut)};
    use_client(vigil, 0);
    assert_int_equal(call_key_generate_pair(&vigil->module, req, &rep), STATUS_OK);
    vigil->clients[0].keys[vigil->keys] = rep.private_key;
    return vigil->keys++;
}

void vigil_tell_time(struct vigil *vigil, uint32_t day, uint32_t minute) {
    struct token_time *time = &vigil->module.hsm->times.list[0];
    *time = (struct token_time){.seconds = 0};
    if (day != UINT32_MAX) {
        time->seconds = FIRST_DAY + day * 86400ull + minute * 60ull;
        time->told_ms = port_uptime_ms();
    }
}

void vigil_wait(struct vigil *vigil, uint64_t ms) {
    while (ms > 0) {
        uint64_t step = ms < VIGIL_HOUR ? ms : VIGIL_HOUR;
        sim_advance(step);
        ms -= step;
        if (hsm_tick(vigil->module.hsm)) {
            assert_int_equal(port_flash_sync(), STATUS_OK);
        }
    }
}

void vigil_restart(struct vigil *vigil, bool cut) {
    vigil->module.connection = vigil->clients[0].connection;
    if (cut) {
        module_drop(&vigil->module);
    } else {
        for (uint32_t i = 1; i < VIGIL_CLIENTS; i++) {
            if (vigil->clients[i].session != 0) {
                hsm_disconnect(vigil->module.hsm, vigil->clients[i].connection);
            }
        }
        module_stop(&vigil->module);
    }
    sim_set_uptime(0);
    module_start(&vigil->module);
    vigil->told_until = 1;
    for (uint32_t i = 0; i < VIGIL_CLIENTS; i++) {
        if (vigil->clients[i].session != 0) {
            enter(vigil, i);
        }
    }
}

/* ---- messages ---- */

enum status vigil_sign_bytes(struct vigil *vigil, uint32_t client, uint32_t key,
                             struct bytes message) {
    const struct vigil_client *who = &vigil->clients[client];
    const struct sign_message_req req = {who->session, who->keys[key], message};
    use_client(vigil, client);
    return call_sign_message(&vigil->module, req, NULL);
}

enum status vigil_sign(struct vigil *vigil, uint32_t client, uint32_t key, const char *op) {
    uint8_t message[16] = {0xa1, 0x01, (uint8_t)(0x60 + strlen(op))};
    memcpy(message + 3, op, strlen(op));
    return vigil_sign_bytes(vigil, client, key, bytes_of(message, 3 + strlen(op)));
}

/* ---- what is told ---- */

uint32_t vigil_look(struct vigil *vigil, uint32_t kind, struct alarm *alarm) {
    struct alarm_list_rep rep;
    struct alarm one;
    uint32_t count = 0;
    use_client(vigil, 0);
    const struct alarm_list_req req = {vigil->told_until};
    assert_int_equal(call_alarm_list(&vigil->module, req, &rep), STATUS_OK);
    while (alarm_read(&rep.rows, &one) == STATUS_OK) {
        count++;
        if (alarm != NULL && (kind == 0 || one.kind == kind)) {
            *alarm = one;
        }
    }
    vigil->told_until = rep.next;
    return count;
}

const char *vigil_words(const struct alarm *alarm) {
    static uint8_t words[ALARM_WORDS_MAX + 1];
    struct text text = text_in((struct span){words, ALARM_WORDS_MAX});
    alarm_words(alarm, &text);
    words[text.used] = 0;
    return (const char *)words;
}

bool vigil_logged(const char *words) {
    uint64_t first = 0, next = 0;
    size_t size = 0;
    port_log_range(&first, &next);
    for (uint64_t at = next; at > first && next - at < 5000; at--) {
        const uint8_t *entry = sim_log_entry(at - 1, &size);
        if (entry != NULL && memmem(entry, size, words, strlen(words)) != NULL) {
            return true;
        }
    }
    return false;
}
