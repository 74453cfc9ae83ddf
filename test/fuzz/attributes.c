/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of callers, from the list to the finished object: every way that an object
 * comes to be, and every change of one. */
#include "base/limits.h"
#include "core/keys/draft.h"
#include "core/keys/template.h"
#include "test/component/quick.h"
#include "test/fuzz/attribute_list.h"

int LLVMFuzzerInitialize(int *count, char ***words) {
    (void)count, (void)words;
    REQUIRE(crypto_start() == STATUS_OK);
    return 0;
}

static const enum key_type types[] = {KEY_NONE, KEY_RSA,     KEY_EC,     KEY_GENERIC,
                                      KEY_AES,  KEY_ED25519, KEY_X25519, KEY_CHACHA20};
static const enum object_class classes[] = {CLASS_DATA,        CLASS_CERTIFICATE, CLASS_PUBLIC_KEY,
                                            CLASS_PRIVATE_KEY, CLASS_SECRET_KEY,  CLASS_PROFILE};

static struct facts some_facts(struct bytes *input) {
    return (struct facts){.class = classes[fuzz_byte(input) % COUNT(classes)],
                          .type = types[fuzz_byte(input) % COUNT(types)],
                          .bits = (uint32_t)fuzz_number(input, 4)};
}

/* An object that was finished is a well-formed list, and no secret came out of nowhere. */
static void look_over(struct bytes attributes) {
    struct attribute_entry entry;
    enum status status = STATUS_OK;
    struct facts facts;
    struct bytes rest = attributes;
    while ((status = attributes_next(&rest, &entry)) == STATUS_OK) {
        REQUIRE(attribute_row(entry.type) != NULL);
        fuzz_look(entry.value);
    }
    REQUIRE(status == STATUS_NOT_FOUND);
    facts_read(&facts, attributes);
}

static void create(struct bytes template, const struct draft_origin *origin) {
    static uint8_t material[8192], object[OBJECT_SIZE_MAX + 4096];
    struct draft draft;
    struct key_parts parts;
    struct span room = {material, sizeof(material)};
    const char *why = NULL;
    if (draft_begin(&draft, origin, template, &why) != STATUS_OK) {
        return;
    }
    bool imports = origin->creation == CREATION_IMPORT && facts_is_key(&draft.facts);
    if (imports && draft_import(&draft, &parts, &room) != STATUS_OK) {
        return;
    }
    if (!imports && facts_is_key(&draft.facts)) {
        return; /* the key would be made elsewhere */
    }
    if (draft_finish(&draft, imports ? &parts : NULL, (struct span){object, sizeof(object)}) ==
        STATUS_OK) {
        look_over(draft.attributes);
    }
}

static void change(struct bytes template, const struct facts *facts, struct bytes *input) {
    static uint8_t before[4096], after[8192];
    const char *why = NULL;
    size_t used = 0;
    if (template_check(template, &why) != STATUS_OK) { /* the commands do this first */
        return;
    }
    bool may_set = template_check_change(template, facts, &why) == STATUS_OK;
    bool may_copy = template_check_copy(template, facts, &why) == STATUS_OK;
    if (!may_set && !may_copy) {
        return;
    }
    size_t size = attribute_list(input, (struct span){before, sizeof(before)}, 0);
    struct bytes old = bytes_of(before, size);
    if (template_check(old, &why) == STATUS_OK &&
        template_apply(old, template, (struct span){after, sizeof(after)}, &used, &why) ==
            STATUS_OK) {
        look_over(bytes_of(after, used));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t list[16384];
    struct bytes input = {data, size};
    uint8_t how = fuzz_byte(&input);
    struct facts facts = some_facts(&input);
    struct draft_origin origin = {.creation = (enum creation)(how % 4),
                                  .strict = (how & 0x10) != 0,
                                  .so = (how & 0x20) != 0,
                                  .any_class = how % 4 == CREATION_IMPORT,
                                  .class = facts.class,
                                  .type = facts.type,
                                  .mechanism = ALGORITHM_AES_KEY_GEN,
                                  .parent = how % 4 >= CREATION_UNWRAP ? &facts : NULL};
    size_t used = attribute_list(&input, (struct span){list, sizeof(list)}, 0);
    uint8_t *exact = fuzz_exact(bytes_of(list, used));
    struct bytes template = bytes_of(exact, used);
    if ((how & 0x40) != 0) {
        change(template, &facts, &input);
    } else {
        create(template, &origin);
    }
    free(exact);
    return 0;
}
