/* SPDX-License-Identifier: Apache-2.0 */
/* The templates that keys are made with, and the changes that are asked for. */
#include "test/model/wishes.h"

#include "test/model/rules.h"

struct wish {
    enum object_class class;
    enum key_type type;
    uint32_t usage[2];
    const char *text;
};

static const struct wish wishes[] = {
    {CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_WRAP, ATTRIBUTE_UNWRAP}, "WRAP UNWRAP"},
    {CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_WRAP, ATTRIBUTE_DECRYPT}, "WRAP DECRYPT"},
    {CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_UNWRAP, ATTRIBUTE_ENCRYPT}, "UNWRAP ENCRYPT"},
    {CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_ENCRYPT, ATTRIBUTE_DECRYPT}, "ENCRYPT DECRYPT"},
    {CLASS_SECRET_KEY, KEY_GENERIC, {ATTRIBUTE_DERIVE, ATTRIBUTE_DERIVE}, "DERIVE"},
    {CLASS_SECRET_KEY, KEY_AES, {ATTRIBUTE_WRAP, ATTRIBUTE_TRUSTED}, "WRAP TRUSTED"},
    {CLASS_PRIVATE_KEY, KEY_EC, {ATTRIBUTE_SIGN, ATTRIBUTE_SIGN}, "private SIGN"},
};
enum { SECRECIES = 4 }; /* with and without SENSITIVE and EXTRACTABLE */

static const struct {
    uint32_t attribute;
    bool value;
    const char *text;
} changes[] = {
    {ATTRIBUTE_SENSITIVE, true, "SENSITIVE true"},
    {ATTRIBUTE_SENSITIVE, false, "SENSITIVE false"},
    {ATTRIBUTE_EXTRACTABLE, false, "EXTRACTABLE false"},
    {ATTRIBUTE_EXTRACTABLE, true, "EXTRACTABLE true"},
    {ATTRIBUTE_DECRYPT, true, "DECRYPT true"},
    {ATTRIBUTE_WRAP, true, "WRAP true"},
    {ATTRIBUTE_TRUSTED, true, "TRUSTED true"},
};
_Static_assert(COUNT(changes) <= RULES_CHANGES_MAX, "room for the changes");

int rules_wishes(void) {
    return (int)COUNT(wishes) * SECRECIES;
}

int rules_changes(void) {
    return (int)COUNT(changes);
}

void rules_tell_wish(int wish, char *text, size_t size) {
    snprintf(text, size, "%s%s%s", wishes[wish / SECRECIES].text, wish % 2 ? " SENSITIVE" : "",
             wish / 2 % 2 ? " EXTRACTABLE" : "");
}

void rules_tell_change(int change, char *text, size_t size) {
    snprintf(text, size, "%s", change < 0 ? "nothing" : changes[change].text);
}

enum object_class wish_class(int wish) {
    return wishes[wish / SECRECIES].class;
}

enum key_type wish_type(int wish) {
    return wishes[wish / SECRECIES].type;
}

void wish_fill(struct template *template, int wish, bool whole, bool with_value) {
    const struct wish *row = &wishes[wish / SECRECIES];
    static const uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    uint8_t value[VALUE_SIZE];
    memset(value, 0x2a, sizeof(value));
    template_start(template);
    template_bool(template, ATTRIBUTE_TOKEN, true);
    template_bool(template, ATTRIBUTE_SENSITIVE, wish % 2 != 0);
    template_bool(template, ATTRIBUTE_EXTRACTABLE, wish / 2 % 2 != 0);
    template_bool(template, (enum attribute)row->usage[0], true);
    if (row->usage[1] != row->usage[0]) {
        template_bool(template, (enum attribute)row->usage[1], true);
    }
    if (whole) {
        template_num(template, ATTRIBUTE_CLASS, row->class);
        template_num(template, ATTRIBUTE_KEY_TYPE, row->type);
    }
    if (with_value) {
        template_bytes(template, ATTRIBUTE_VALUE, value, sizeof(value));
        if (row->class == CLASS_PRIVATE_KEY) {
            template_bytes(template, ATTRIBUTE_EC_PARAMS, p256, sizeof(p256));
        }
    }
}

void wish_change(struct template *template, int change) {
    template_bool(template, (enum attribute)changes[change].attribute, changes[change].value);
}
