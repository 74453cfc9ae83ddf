/* SPDX-License-Identifier: Apache-2.0 */
/* The property that policies are for, seen from outside of a whole module: whatever bytes come in,
 * nothing is signed that has not the message's shape, and what is signed is what was asked for with
 * the module's own fields. The judge reads CBOR and statements with code of its own (plain_cbor.c)
 * and verifies signatures with another library or curve (judge.h); of the project it uses the table
 * of the policy's fields. */
#include "host/cli/policy_document.h"
#include "test/component/fixture.h"
#include "test/component/judge.h"
#include "test/component/quick.h"
#include "test/policy/any_message.h"
#include "test/policy/plain_cbor.h"
#include "test/share.h"

enum { TURNS = 3000 };

static struct module module;
static uint32_t session;
static uint64_t private_key, counter;
static uint8_t verifier[128]; /* the public key, SubjectPublicKeyInfo */
static size_t verifier_size;
static struct policy_document document;
static uint8_t policy_hash[32];

static const char *const policies[] = {"plc", "smart-meter", "v2x", "firmware", "vpn"};

/* ---- a key under a policy ---- */

/* One of the worked policies; `open`: with one line that allows all of the shape. */
static void load(const char *name, bool open) {
    static char text[POLICY_SOURCE_MAX];
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s.policy", POLICY_FOLDER, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = 0;
    fclose(file);
    if (open) {
        char *end = strstr(text, "\n}\n");
        assert_non_null(end);
        snprintf(end + 3, sizeof(text) - (size_t)(end + 3 - text), "allow always\n");
    }
    assert_int_equal(policy_document_read(&document, bytes_of_text(text)), STATUS_OK);
    judge_sha256(bytes_of(document.form, document.size), policy_hash);
}

static void read_public_key(uint64_t handle) {
    uint8_t type[4];
    struct object_get_rep rep;
    struct bytes info;
    save_u32(type, (uint32_t)ATTRIBUTE_PUBLIC_KEY_INFO);
    struct object_get_req get = {session, handle, bytes_of(type, sizeof(type))};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    assert_int_equal(attributes_find(rep.attributes, ATTRIBUTE_PUBLIC_KEY_INFO, &info), STATUS_OK);
    assert_in_range(info.size, 65, sizeof(verifier));
    bytes_copy(verifier, info);
    verifier_size = info.size;
}

static void make_key(void) {
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static struct template open, shut;
    struct key_generate_pair_rep rep;
    template_start(&open);
    template_bool(&open, ATTRIBUTE_TOKEN, true);
    template_bytes(&open, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
    template_start(&shut);
    template_bool(&shut, ATTRIBUTE_TOKEN, true);
    template_bytes(&shut, ATTRIBUTE_POLICY, document.form, document.size);
    const struct key_generate_pair_req req = {.session = session,
                                              .mechanism = {.algorithm = ALGORITHM_EC_KEY_PAIR_GEN},
                                              .public_attributes = template_of(&open),
                                              .private_attributes = template_of(&shut)};
    assert_int_equal(call_key_generate_pair(&module, req, &rep), STATUS_OK);
    private_key = rep.private_key;
    counter = 0;
    read_public_key(rep.public_key);
}

static void begin(const char *name, bool open) {
    sim_reset(NULL, false);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_STRICT);
    session = module_user_session(&module);
    load(name, open);
    make_key();
}

static void end(void) {
    module_stop(&module);
}

/* ---- the judge: shapes ---- */

static bool value_fits(const struct policy_field *field, const struct plain_node *node) {
    int64_t number = 0;
    bool known = false;
    switch (field->kind) {
    case POLICY_SYMBOL:
        for (uint32_t i = 0; i < field->symbols && node->type == PLAIN_TEXT; i++) {
            struct bytes symbol = document.policy.symbols[field->first_symbol + i];
            known = known ||
                    (symbol.size == node->value && memcmp(symbol.data, node->at, symbol.size) == 0);
        }
        return known;
    case POLICY_INT:
        return plain_int(node, &number) && number >= field->low && number <= field->high;
    case POLICY_BOOL:
        return node->type == PLAIN_SIMPLE && node->value != 22;
    case POLICY_BYTES:
    case POLICY_TEXT:
        return node->type == (field->kind == POLICY_TEXT ? PLAIN_TEXT : PLAIN_BYTES) &&
               node->value >= (uint64_t)field->low && node->value <= (uint64_t)field->high;
    default:
        return field->kind == POLICY_MAP && node->type == PLAIN_MAP;
    }
}

static const struct policy_field *field_of(uint32_t parent, const struct plain_node *key,
                                           uint32_t *at) {
    for (*at = 0; *at < document.policy.field_count; ++*at) {
        const struct policy_field *field = &document.policy.fields[*at];
        if (field->parent == parent && key->type == PLAIN_UINT && key->value == field->key) {
            return field;
        }
    }
    return NULL;
}

static bool map_fits(const struct plain_tree *tree, const struct plain_node *map, uint32_t parent) {
    uint32_t at = 0;
    unsigned wanted = 0, found = 0;
    for (int i = map->child; i >= 0; i = tree->nodes[tree->nodes[i].next].next) {
        const struct plain_node *value = &tree->nodes[tree->nodes[i].next];
        const struct policy_field *field = field_of(parent, &tree->nodes[i], &at);
        if (field == NULL || policy_kind_is_module(field->kind) || !value_fits(field, value) ||
            (field->kind == POLICY_MAP && !map_fits(tree, value, at))) {
            return false;
        }
        found += !field->optional;
    }
    for (uint32_t i = 0; i < document.policy.field_count; i++) {
        const struct policy_field *field = &document.policy.fields[i];
        wanted +=
            field->parent == parent && !field->optional && !policy_kind_is_module(field->kind);
    }
    return found == wanted;
}

static bool message_fits(const struct plain_tree *tree, bool read, size_t size) {
    return read && size <= 1024 && tree->nodes[0].type == PLAIN_MAP &&
           map_fits(tree, &tree->nodes[0], POLICY_NONE);
}

/* ---- the judge: what was signed ---- */

/* The payload's map holds what the message's does, and besides nothing but the module's fields. */
static void compare_maps(const struct plain_tree *payload, const struct plain_node *map,
                         const struct plain_tree *message, const struct plain_node *asked,
                         uint32_t parent) {
    uint32_t at = 0;
    uint64_t own = 0;
    for (int i = map->child; i >= 0; i = payload->nodes[payload->nodes[i].next].next) {
        const struct plain_node *value = &payload->nodes[payload->nodes[i].next];
        const struct policy_field *field = field_of(parent, &payload->nodes[i], &at);
        assert_non_null(field);
        if (policy_kind_is_module(field->kind)) {
            bool null = value->type == PLAIN_SIMPLE && value->value == 22;
            assert_true(field->kind == POLICY_TIME ? null : value->type == PLAIN_UINT);
            assert_true(field->kind != POLICY_COUNTER || value->value == counter);
            own++;
            continue;
        }
        const struct plain_node *same = plain_find(message, asked, field->key);
        assert_non_null(same);
        if (field->kind == POLICY_MAP) {
            compare_maps(payload, value, message, same, at);
            continue;
        }
        assert_int_equal(value->size, same->size);
        assert_memory_equal(value->start, same->start, same->size);
    }
    assert_true(map->value == asked->value + own);
}

static void check_header(const struct plain_node *bytes) {
    static struct plain_tree tree;
    static const int64_t labels[] = {1,      3,      -70001, -70002, -70003,
                                     -70004, -70005, -70006, -70007, -70008};
    int64_t algorithm = 0;
    assert_true(plain_read(&tree, bytes->at, bytes->value));
    assert_true(tree.nodes[0].value == COUNT(labels));
    for (size_t i = 0; i < COUNT(labels); i++) {
        assert_non_null(plain_find(&tree, &tree.nodes[0], labels[i]));
    }
    assert_true(plain_int(plain_find(&tree, &tree.nodes[0], 1), &algorithm) && algorithm == -7);
    assert_true(plain_find(&tree, &tree.nodes[0], -70001)->value == counter);
    const struct plain_node *hash = plain_find(&tree, &tree.nodes[0], -70006);
    assert_true(hash->type == PLAIN_BYTES && hash->value == sizeof(policy_hash));
    assert_memory_equal(hash->at, policy_hash, sizeof(policy_hash));
    const struct plain_node *rule = plain_find(&tree, &tree.nodes[0], -70008);
    assert_true(rule->type == PLAIN_UINT && rule->value >= 1 &&
                rule->value <= document.policy.rule_count);
}

/* RFC 9052 section 4.4, put together by hand. */
static void check_signature(const struct plain_node *header, const struct plain_node *payload,
                            const struct plain_node *signature) {
    uint8_t text[4096], *at = text;
    static const uint8_t start[] = {0x84, 0x6a, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', '1'};
    memcpy(at, start, sizeof(start));
    at += sizeof(start);
    memcpy(at, header->start, header->size);
    at += header->size;
    *at++ = 0x40;
    memcpy(at, payload->start, payload->size);
    at += payload->size;
    assert_true(signature->type == PLAIN_BYTES && signature->value == 64);
    assert_true(judge_es256(bytes_of(verifier, verifier_size),
                            bytes_of(text, (size_t)(at - text)), signature->at));
}

static void check_statement(struct bytes statement, const struct plain_tree *message) {
    static struct plain_tree tree, payload;
    counter++;
    assert_true(plain_read(&tree, statement.data, statement.size));
    const struct plain_node *tag = &tree.nodes[0], *array = &tree.nodes[tag->child];
    assert_true(tag->type == PLAIN_TAG && tag->value == 18);
    assert_true(array->type == PLAIN_ARRAY && array->value == 4);
    const struct plain_node *header = &tree.nodes[array->child];
    const struct plain_node *open = &tree.nodes[header->next];
    const struct plain_node *content = &tree.nodes[open->next];
    assert_true(header->type == PLAIN_BYTES && content->type == PLAIN_BYTES);
    assert_true(open->type == PLAIN_MAP && open->value == 0);
    check_header(header);
    assert_true(plain_read(&payload, content->at, content->value));
    compare_maps(&payload, &payload.nodes[0], message, &message->nodes[0], POLICY_NONE);
    check_signature(header, content, &tree.nodes[content->next]);
}

/* ---- the messages ---- */

static enum status sign(struct bytes message, struct sign_message_rep *rep) {
    return call_sign_message(&module, (struct sign_message_req){session, private_key, message},
                             rep);
}

/* Mostly messages of the shape with a few bytes turned, taken out or put in; some of no shape. */
static struct bytes any_input(uint8_t room[POLICY_SIZE_MAX]) {
    if (any_number(8) != 0) {
        return mutate_message(any_message(&document.policy, room), room);
    }
    size_t size = (size_t)any_number(any_number(4) == 0 ? 1025 : 40);
    for (size_t i = 0; i < size; i++) {
        room[i] = (uint8_t)any_number(256);
    }
    room[0] = any_number(2) == 0 ? (uint8_t)(0xa0 + any_number(8)) : room[0];
    return bytes_of(room, size);
}

static void nothing_outside_the_shape_is_signed_by_a_whole_module(void **state) {
    static struct plain_tree tree;
    uint8_t room[POLICY_SIZE_MAX];
    (void)state;
    for (size_t p = 0; p < COUNT(policies); p++) {
        const unsigned turns = share_of(TURNS);
        unsigned signed_ = 0, refused = 0;
        begin(policies[p], true);
        for (unsigned i = 0; i < turns; i++) {
            struct sign_message_rep rep;
            struct bytes input = any_input(room);
            bool fits = message_fits(&tree, plain_read(&tree, input.data, input.size), input.size);
            assert_int_equal(sign(input, &rep), fits ? STATUS_OK : STATUS_MESSAGE_INVALID);
            if (fits) {
                check_statement(rep.statement, &tree);
            }
            signed_ += fits;
            refused += !fits;
        }
        print_message("# %s: %u signed, %u refused\n", policies[p], signed_, refused);
        assert_true(signed_ > turns / 10 && refused > turns / 10);
        end();
    }
}

/* What one policy takes is nothing to a key under another. */
static void messages_of_another_policy_are_not_signed(void **state) {
    static struct plain_tree tree;
    static struct policy_document others[COUNT(policies)];
    uint8_t room[POLICY_SIZE_MAX];
    struct bytes input;
    (void)state;
    for (size_t p = 0; p < COUNT(policies); p++) {
        load(policies[p], true);
        memcpy(others[p].form, document.form, document.size);
        assert_int_equal(form_read(bytes_of(others[p].form, document.size), &others[p].policy),
                         STATUS_OK);
    }
    begin("plc", true);
    for (unsigned i = 0; i < share_of(500); i++) {
        input = any_message(&others[1 + any_number(COUNT(policies) - 1)].policy, room);
        assert_false(message_fits(&tree, plain_read(&tree, input.data, input.size), input.size));
        assert_int_equal(sign(input, NULL), STATUS_MESSAGE_INVALID);
    }
    end();
}

/* The worked policy of the pumping line as it is, where there is no trusted time: its lines,
 * written here by hand, leave the emergency stop alone and nothing else. */
static void only_the_stop_is_signed_where_no_time_is_known(void **state) {
    static struct plain_tree tree;
    uint8_t room[POLICY_SIZE_MAX];
    const unsigned turns = share_of(TURNS);
    unsigned stops = 0, others = 0;
    (void)state;
    begin("plc", false);
    for (unsigned i = 0; i < turns; i++) {
        struct sign_message_rep rep;
        struct bytes input = any_input(room);
        bool fits = message_fits(&tree, plain_read(&tree, input.data, input.size), input.size);
        const struct plain_node *op = fits ? plain_find(&tree, &tree.nodes[0], 1) : NULL;
        bool stop = fits && op->value == 5 && memcmp(op->at, "estop", 5) == 0 &&
                    plain_find(&tree, &tree.nodes[0], 3) == NULL;
        enum status status = sign(input, &rep);
        assert_int_equal(status == STATUS_OK, stop);
        if (stop) {
            check_statement(rep.statement, &tree);
        }
        stops += stop;
        others += fits && !stop;
    }
    print_message("# %u stops, %u other commands\n", stops, others);
    assert_true(stops >= turns / 60 && others > turns / 15);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_the_shape_is_signed_by_a_whole_module),
        cmocka_unit_test(messages_of_another_policy_are_not_signed),
        cmocka_unit_test(only_the_stop_is_signed_where_no_time_is_known),
    };
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    quick_end();
    return result;
}
