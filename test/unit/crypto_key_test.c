/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: what is taken, completed, generated and refused. */
#include "test/unit/crypto_fixture.h"

static const struct bytes nothing = {NULL, 0};

static enum status load(const struct key_parts *parts) {
    struct crypto_key key;
    enum status status = crypto_key_load(&key, parts);
    crypto_key_unload(&key);
    return status;
}

static void generated_pairs_load_as_both_halves(void **state) {
    (void)state;
    const struct {
        enum key_type type;
        const struct bytes *curve;
        uint32_t bits;
    } kinds[] = {{KEY_EC, &P256, 256},
                 {KEY_EC, &P384, 384},
                 {KEY_EC, &P521, 521},
                 {KEY_ED25519, &ED25519, 255},
                 {KEY_X25519, &X25519, 255}};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        static struct test_key key;
        static struct test_key public;
        key_generate(&key, kinds[i].type, 0, *kinds[i].curve);
        key_public(&public, &key);
        assert_true(key.parts.is_private);
        assert_int_equal(crypto_key_bits(&key.parts), kinds[i].bits);
        assert_int_equal(crypto_key_bits(&public.parts), kinds[i].bits);
        assert_int_equal(key.parts.value.size, (kinds[i].bits + 7) / 8);
        key_drop(&key);
        key_drop(&public);
    }
}

static void generated_rsa_key_has_all_parts(void **state) {
    (void)state;
    const struct key_parts *parts = &rsa_key()->parts;
    assert_int_equal(crypto_key_bits(parts), 2048);
    assert_true(bytes_equal(parts->public_exponent, hex("010001")));
    assert_int_equal(parts->modulus.size, 256);
    assert_int_equal(parts->prime_1.size, 128);
    assert_int_equal(parts->prime_2.size, 128);
    assert_true(parts->private_exponent.size > 240);
    assert_true(parts->exponent_1.size > 0 && parts->exponent_2.size > 0);
    assert_true(parts->coefficient.size > 0);
}

static void generation_refuses_what_is_not_offered(void **state) {
    (void)state;
    static uint8_t bytes[8192];
    const struct {
        struct key_parts parts;
        uint32_t bits;
        enum status status;
    } wrong[] = {
        {{.type = KEY_RSA}, 1024, STATUS_KEY_SIZE},
        {{.type = KEY_RSA}, 2047, STATUS_KEY_SIZE},
        {{.type = KEY_RSA}, 4352, STATUS_KEY_SIZE},
        {{.type = KEY_RSA, .public_exponent = hex("03")}, 2048, STATUS_ATTRIBUTE_VALUE_INVALID},
        {{.type = KEY_RSA, .public_exponent = hex("010000")}, 2048, STATUS_ATTRIBUTE_VALUE_INVALID},
        {{.type = KEY_RSA, .public_exponent = hex("010000000000000001")},
         2048,
         STATUS_ATTRIBUTE_VALUE_INVALID},
        {{.type = KEY_EC}, 0, STATUS_DOMAIN_PARAMS_INVALID},
        {{.type = KEY_EC, .ec_params = hex("06052b8104000a")}, 0, STATUS_CURVE_NOT_SUPPORTED},
        {{.type = KEY_EC, .ec_params = ED25519}, 0, STATUS_CURVE_NOT_SUPPORTED},
        {{.type = KEY_ED25519, .ec_params = X25519}, 0, STATUS_CURVE_NOT_SUPPORTED},
        {{.type = KEY_AES}, 0, STATUS_KEY_SIZE},
        {{.type = KEY_AES}, 160, STATUS_KEY_SIZE},
        {{.type = KEY_CHACHA20}, 128, STATUS_KEY_SIZE},
        {{.type = KEY_GENERIC}, 129, STATUS_KEY_SIZE},
        {{.type = KEY_GENERIC}, 8 * 8193, STATUS_KEY_SIZE},
        {{.type = KEY_NONE}, 128, STATUS_KEY_TYPE_INCONSISTENT},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = wrong[i].parts;
        enum status status =
            parts.type == KEY_RSA && ON_CHIP ? STATUS_MECHANISM_INVALID : wrong[i].status;
        assert_int_equal(crypto_key_generate(&parts, wrong[i].bits, &room), status);
    }
}

static void generated_secret_keys_differ(void **state) {
    (void)state;
    static struct test_key a;
    static struct test_key b;
    key_generate(&a, KEY_GENERIC, 512, nothing);
    key_generate(&b, KEY_GENERIC, 512, nothing);
    assert_int_equal(a.parts.value.size, 64);
    assert_int_equal(crypto_key_bits(&a.parts), 512);
    assert_false(bytes_equal(a.parts.value, b.parts.value));
    key_drop(&a);
    key_drop(&b);
}

static void secret_keys_of_wrong_size_are_refused(void **state) {
    (void)state;
    uint8_t bytes[64] = {1};
    for (size_t size = 0; size <= 40; size++) {
        struct key_parts parts = {.type = KEY_AES, .value = bytes_of(bytes, size)};
        bool fits = size == 16 || size == 24 || size == 32;
        assert_int_equal(load(&parts), fits ? STATUS_OK : STATUS_KEY_SIZE);
        parts.type = KEY_CHACHA20;
        assert_int_equal(load(&parts), size == 32 ? STATUS_OK : STATUS_KEY_SIZE);
        parts.type = KEY_GENERIC;
        assert_int_equal(load(&parts), size > 0 ? STATUS_OK : STATUS_KEY_SIZE);
    }
}

static void unknown_key_types_are_refused(void **state) {
    (void)state;
    uint8_t bytes[64] = {1};
    for (uint32_t type = 0; type < 0x100; type++) {
        struct key_parts parts = {.type = (enum key_type)type, .value = bytes_of(bytes, 64)};
        enum status status = load(&parts);
        assert_true(status != STATUS_OK || type == KEY_GENERIC);
    }
}

/* Order of P-256, and of a number below and above. */
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define BELOW "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define ABOVE "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552"

static void private_numbers_out_of_range_are_refused(void **state) {
    (void)state;
    struct key_parts parts = {.type = KEY_EC, .is_private = true, .ec_params = P256};
    const char *wrong[] = {"", "00", ORDER, ABOVE, ("00" BELOW)};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        parts.value = hex(wrong[i]);
        assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
    }
    parts.value = hex(BELOW);
    assert_ok(load(&parts));
    parts.value = hex("01");
    assert_ok(load(&parts));
    parts = (struct key_parts){
        .type = KEY_ED25519, .is_private = true, .ec_params = ED25519, .value = hex("0102")};
    assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
}

static void points_that_are_none_are_refused(void **state) {
    (void)state;
    static struct test_key key;
    uint8_t point[67];
    key_generate(&key, KEY_EC, 0, P256);
    struct key_parts parts = {.type = KEY_EC, .ec_params = P256};
    parts.ec_point = nothing;
    assert_status(load(&parts), PUBLIC_KEY_INVALID);
    parts.ec_point = hex("00");
    assert_status(load(&parts), PUBLIC_KEY_INVALID);
    for (size_t size = 0; size <= 66; size++) {
        memset(point, 0, sizeof(point));
        memcpy(point, key.parts.ec_point.data, 65);
        parts.ec_point = bytes_of(point, size);
        assert_int_equal(load(&parts), size == 65 ? STATUS_OK : STATUS_PUBLIC_KEY_INVALID);
    }
    for (int form = 0; form < 8; form++) {
        point[0] = (uint8_t)form;
        parts.ec_point = bytes_of(point, form == 2 || form == 3 ? 33 : 65);
        assert_int_equal(load(&parts), form == 4 ? STATUS_OK : STATUS_PUBLIC_KEY_INVALID);
    }
    for (size_t bit = 0; bit < 64 * 8; bit += 7) {
        memcpy(point, key.parts.ec_point.data, 65);
        point[1 + bit / 8] ^= (uint8_t)(1 << bit % 8);
        parts.ec_point = bytes_of(point, 65);
        assert_status(load(&parts), PUBLIC_KEY_INVALID);
    }
    memset(point + 1, 0xff, 64); /* above the field's prime */
    assert_status(load(&parts), PUBLIC_KEY_INVALID);
    key_drop(&key);
}

static void public_point_of_another_key_is_refused(void **state) {
    (void)state;
    const struct bytes *curves[] = {&P256, &ED25519, &X25519};
    const enum key_type types[] = {KEY_EC, KEY_ED25519, KEY_X25519};
    for (size_t i = 0; i < COUNT(curves); i++) {
        static struct test_key a;
        static struct test_key b;
        key_generate(&a, types[i], 0, *curves[i]);
        key_generate(&b, types[i], 0, *curves[i]);
        struct key_parts mixed = a.parts;
        assert_ok(load(&mixed));
        mixed.ec_point = b.parts.ec_point;
        assert_status(load(&mixed), ATTRIBUTE_VALUE_INVALID);
        key_drop(&a);
        key_drop(&b);
    }
}

static void parameters_are_names_of_known_curves(void **state) {
    (void)state;
    static struct test_key key;
    key_generate(&key, KEY_ED25519, 0, ED25519);
    struct key_parts parts = key.parts;
    parts.ec_params = hex("130c656477617264733235353139"); /* PrintableString edwards25519 */
    assert_ok(load(&parts));
    parts.ec_params = hex("130a63757276653235353139"); /* curve25519 */
    assert_status(load(&parts), CURVE_NOT_SUPPORTED);
    parts.type = KEY_X25519;
    parts.ec_point = nothing;
    assert_ok(load(&parts));
    parts.ec_params = hex("1303616263");
    assert_status(load(&parts), CURVE_NOT_SUPPORTED);
    const char *malformed[] = {"", "06", "0603", "06032b65", "06032b656e00", "30032b656e", "0500"};
    for (size_t i = 0; i < COUNT(malformed); i++) {
        parts.ec_params = hex(malformed[i]);
        assert_status(load(&parts), DOMAIN_PARAMS_INVALID);
    }
    key_drop(&key);
}

static void ec_keys_are_completed(void **state) {
    (void)state;
    const struct bytes *curves[] = {&P256, &P384, &P521, &ED25519, &X25519};
    const enum key_type types[] = {KEY_EC, KEY_EC, KEY_EC, KEY_ED25519, KEY_X25519};
    for (size_t i = 0; i < COUNT(curves); i++) {
        static struct test_key key;
        static uint8_t bytes[8192];
        struct span room = {bytes, sizeof(bytes)};
        key_generate(&key, types[i], 0, *curves[i]);
        struct key_parts parts = key.parts;
        parts.ec_point = nothing;
        assert_ok(crypto_key_complete(&parts, &room));
        assert_true(bytes_equal(parts.ec_point, key.parts.ec_point));
        assert_true(bytes_equal(parts.value, key.parts.value));
        key_drop(&key);
    }
    struct key_parts one = {
        .type = KEY_EC, .is_private = true, .ec_params = P256, .value = hex("01")};
    static uint8_t bytes[8192];
    struct span room = {bytes, sizeof(bytes)};
    assert_ok(crypto_key_complete(&one, &room));
    assert_int_equal(one.value.size, 32);
    assert_int_equal(one.value.data[31], 1);
}

static void assert_same_rsa(const struct key_parts *a, const struct key_parts *b) {
    assert_true(bytes_equal(a->modulus, b->modulus));
    assert_true(bytes_equal(a->public_exponent, b->public_exponent));
    assert_true(bytes_equal(a->prime_1, b->prime_1));
    assert_true(bytes_equal(a->prime_2, b->prime_2));
    assert_true(bytes_equal(a->exponent_1, b->exponent_1));
    assert_true(bytes_equal(a->exponent_2, b->exponent_2));
    assert_true(bytes_equal(a->coefficient, b->coefficient));
}

static void rsa_keys_are_completed_from_exponents_or_primes(void **state) {
    (void)state;
    const struct key_parts *full = &rsa_key()->parts;
    const struct key_parts base = {.type = KEY_RSA, .is_private = true};
    struct key_parts given[] = {*full, base, base, base, base};
    given[1].modulus = full->modulus;
    given[1].public_exponent = full->public_exponent;
    given[1].private_exponent = full->private_exponent;
    given[2].prime_1 = full->prime_1;
    given[2].prime_2 = full->prime_2;
    given[2].public_exponent = full->public_exponent;
    given[3].prime_1 = full->prime_1;
    given[3].prime_2 = full->prime_2;
    given[3].private_exponent = full->private_exponent;
    given[4].modulus = full->modulus;
    given[4].private_exponent = full->private_exponent;
    for (size_t i = 0; i < COUNT(given); i++) {
        static uint8_t bytes[8192];
        struct span room = {bytes, sizeof(bytes)};
        assert_ok(load(&given[i]));
        assert_ok(crypto_key_complete(&given[i], &room));
        bool swapped = !bytes_equal(given[i].prime_1, full->prime_1);
        if (!swapped) {
            assert_same_rsa(&given[i], full);
        } else {
            assert_true(bytes_equal(given[i].prime_1, full->prime_2));
        }
        assert_ok(load(&given[i]));
    }
}

static void rsa_parts_that_do_not_belong_together_are_refused(void **state) {
    (void)state;
    const struct key_parts *full = &rsa_key()->parts;
    static uint8_t copy[512];
    for (int which = 0; which < 7; which++) {
        struct key_parts parts = *full;
        struct bytes *fields[] = {&parts.modulus,    &parts.private_exponent, &parts.prime_1,
                                  &parts.prime_2,    &parts.exponent_1,       &parts.exponent_2,
                                  &parts.coefficient};
        bytes_copy(copy, *fields[which]);
        copy[fields[which]->size / 2] ^= 0x40;
        fields[which]->data = copy;
        assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
    }
    struct key_parts parts = *full;
    parts.prime_2 = parts.prime_1;
    assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
    parts = (struct key_parts){.type = KEY_RSA, .is_private = true, .modulus = full->modulus};
    assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
}

static void rsa_public_keys_of_wrong_size_are_refused(void **state) {
    (void)state;
    uint8_t modulus[520];
    const size_t sizes[] = {0, 1, 64, 128, 255, 256, 384, 512, 513, 520};
    memset(modulus, 0xff, sizeof(modulus));
    struct key_parts parts = {.type = KEY_RSA, .public_exponent = hex("010001")};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        parts.modulus = bytes_of(modulus, sizes[i]);
        bool fits = sizes[i] >= 256 && sizes[i] <= RSA_SIZE_TAKEN;
        assert_int_equal(load(&parts) == STATUS_OK, fits);
    }
    parts.modulus = bytes_of(modulus, 256);
    const char *exponents[] = {"", "00", "01", "02", "010000", "010000000000000001"};
    for (size_t i = 0; i < COUNT(exponents); i++) {
        parts.public_exponent = hex(exponents[i]);
        assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
    }
    modulus[255] = 0xfe;
    parts.public_exponent = hex("010001");
    assert_status(load(&parts), ATTRIBUTE_VALUE_INVALID);
}

static void rsa_factor_that_is_no_prime_is_refused_at_import(void **state) {
    (void)state;
    /* Two odd numbers with small factors: the numbers fit together, but are no key. */
    static uint8_t p[128];
    static uint8_t q[128];
    static uint8_t bytes[8192];
    struct span room = {bytes, sizeof(bytes)};
    p[0] = q[0] = 0xc0;
    p[127] = 0x0f;
    q[64] = 0x01;
    q[127] = 0x21;
    struct key_parts parts = {.type = KEY_RSA,
                              .is_private = true,
                              .prime_1 = bytes_of(p, 128),
                              .prime_2 = bytes_of(q, 128),
                              .public_exponent = hex("010001")};
    assert_status(crypto_key_complete(&parts, &room), ATTRIBUTE_VALUE_INVALID);
}

/* RFC 8410, 10.1 */
static void public_key_info_is_of_a_public_key_and_needs_room(void **state) {
    (void)state;
    struct key_parts public = {
        .type = KEY_ED25519,
        .ec_params = ED25519,
        .ec_point = hex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")};
    SPAN(der, 600);
    assert_ok(crypto_key_spki(&public, &der));
    assert_bytes(der, hex("302a300506032b6570032100"
                          "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"));
    SPAN(little, 20);
    assert_status(crypto_key_spki(&public, &little), TOO_LARGE);
    struct key_parts secret = {.type = KEY_AES, .value = hex("00112233445566778899aabbccddeeff")};
    der.size = sizeof(der_room);
    assert_status(crypto_key_spki(&secret, &der), KEY_TYPE_INCONSISTENT);
}

static void private_keys_travel_as_pkcs8(void **state) {
    (void)state;
    static struct test_key keys[5];
    key_generate(&keys[0], KEY_EC, 0, P256);
    key_generate(&keys[1], KEY_EC, 0, P384);
    key_generate(&keys[2], KEY_ED25519, 0, ED25519);
    key_generate(&keys[3], KEY_X25519, 0, X25519);
    keys[4].parts = rsa_key()->parts;
    for (size_t i = 0; i < COUNT(keys); i++) {
        static uint8_t bytes[8192];
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts back = {0};
        SPAN(der, 4096);
        assert_ok(crypto_key_to_pkcs8(&keys[i].parts, &der));
        assert_ok(crypto_key_from_pkcs8(bytes_of_span(der), &back, &room));
        assert_int_equal(back.type, keys[i].parts.type);
        assert_true(back.is_private);
        assert_true(bytes_equal(back.value, keys[i].parts.value));
        assert_true(bytes_equal(back.ec_params, keys[i].parts.ec_params));
        assert_true(bytes_equal(back.ec_point, keys[i].parts.ec_point));
        assert_same_rsa(&back, &keys[i].parts);
        for (size_t size = 0; size < der.size; size += 1 + der.size / 40) {
            room.size = sizeof(bytes);
            assert_status(crypto_key_from_pkcs8(bytes_of(der.data, size), &back, &room),
                          WRAPPED_KEY_INVALID);
        }
        room.size = sizeof(bytes);
        assert_status(crypto_key_from_pkcs8(bytes_of(der.data, der.size + 1), &back, &room),
                      WRAPPED_KEY_INVALID);
        key_drop(&keys[i]);
    }
}

/* Project Wycheproof and RFC 8410, 10.3: attributes, a public key outside and inside. */
static void pkcs8_with_optional_parts_is_read(void **state) {
    (void)state;
    static uint8_t bytes[8192];
    const char *const forms[] = {
        "302e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44"
        "75"
        "5842",
        "3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44"
        "75"
        "5842a01f301d060a2a864886f70d01090914310f0c0d437572646c6520436861697273812100"
        "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = {0};
        assert_ok(crypto_key_from_pkcs8(hex(forms[i]), &parts, &room));
        assert_int_equal(parts.type, KEY_ED25519);
        assert_true(
            bytes_equal(parts.ec_point,
                        hex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")));
    }
    const char *const wrong[] = {
        "", "30", "3000", "30800000", "308100", "3003020100", "302d020100300506032b6570",
        /* a length that is not in its shortest form; a version that does not exist */
        "30812e020100300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f"
        "44"
        "755842",
        "302e020102300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44"
        "75"
        "5842"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = {0};
        assert_status(crypto_key_from_pkcs8(hex(wrong[i]), &parts, &room), WRAPPED_KEY_INVALID);
    }
}

/* Of another program: secp256k1 and P-224. */
static void pkcs8_of_other_curves_is_refused(void **state) {
    static uint8_t bytes[8192];
    const char *const other[] = {
        "308184020100301006072a8648ce3d020106052b8104000a046d306b020101042004c88738aa8652353dee"
        "6098266a4062113adf1b5e8f3b4ad8ae8b3724363c3fa1440342000428dfcfcc842b5c484424773e3e393f"
        "9d28b1b3714829717f6471c9f60cf35df4dbf90ba309c5bec8e113499512ab4bc99180832b10de702cc908"
        "74f38acfe5e9",
        "3078020100301006072a8648ce3d020106052b810400210461305f020101041cdc6c62d37c9b2fbd7ce421"
        "682b569e96c24bfe055aa41991cf41d539a13c033a000464d5c43d08dceec4f8483dfc60ffa367dacdd998"
        "66d0d6c6d0fc10049f7f5c2cb8e82722a2fb0d3257c23530104988f6275a724a7548e2e8"};
    (void)state;
    for (size_t i = 0; i < COUNT(other); i++) {
        struct span room = {bytes, sizeof(bytes)};
        struct key_parts parts = {0};
        assert_status(crypto_key_from_pkcs8(hex(other[i]), &parts, &room), WRAPPED_KEY_INVALID);
    }
}

static void public_and_secret_keys_are_not_pkcs8(void **state) {
    (void)state;
    static struct test_key public;
    SPAN(der, 4096);
    key_public(&public, rsa_key());
    assert_status(crypto_key_to_pkcs8(&public.parts, &der), KEY_TYPE_INCONSISTENT);
    struct key_parts secret = {.type = KEY_GENERIC, .value = hex("00112233")};
    assert_status(crypto_key_to_pkcs8(&secret, &der), KEY_TYPE_INCONSISTENT);
    key_drop(&public);
}

static void zeroed_keys_and_streams_are_accepted(void **state) {
    (void)state;
    struct crypto_key key = {0};
    struct crypto_stream stream = {0};
    struct mechanism mechanism = {.algorithm = ALGORITHM_AES_KW};
    SPAN(out, 64);
    assert_status(crypto_wrap(&key, &mechanism, hex("00112233445566770011223344556677"), &out),
                  KEY_TYPE_INCONSISTENT);
    crypto_key_unload(&key);
    crypto_stream_abort(&stream);
}

static void what_is_offered_is_told(void **state) {
    (void)state;
    size_t count = 0;
    const struct algorithm_row *rows = algorithm_rows(&count);
    for (size_t i = 0; i < count; i++) {
        bool offered = !ON_CHIP || rows[i].algorithm != ALGORITHM_RSA_KEY_PAIR_GEN;
        assert_int_equal(crypto_functions(&rows[i]), offered ? rows[i].functions : 0);
    }
    assert_int_equal(crypto_rsa_bits_max(), 8 * RSA_SIZE_TAKEN);
}

static void rsa_keys_are_made(void **state) {
    (void)state;
    static uint8_t bytes[8192];
    struct span room = {bytes, sizeof(bytes)};
    struct key_parts parts = {.type = KEY_RSA};
    if (ON_CHIP) {
        assert_status(crypto_key_generate(&parts, 2048, &room), MECHANISM_INVALID);
        skip(); /* they are imported */
    }
    assert_ok(crypto_key_generate(&parts, 2048, &room));
    assert_int_equal(crypto_key_bits(&parts), 2048);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generated_pairs_load_as_both_halves),
        cmocka_unit_test(generated_rsa_key_has_all_parts),
        cmocka_unit_test(generation_refuses_what_is_not_offered),
        cmocka_unit_test(what_is_offered_is_told),
        cmocka_unit_test(rsa_keys_are_made),
        cmocka_unit_test(generated_secret_keys_differ),
        cmocka_unit_test(secret_keys_of_wrong_size_are_refused),
        cmocka_unit_test(unknown_key_types_are_refused),
        cmocka_unit_test(private_numbers_out_of_range_are_refused),
        cmocka_unit_test(points_that_are_none_are_refused),
        cmocka_unit_test(public_point_of_another_key_is_refused),
        cmocka_unit_test(parameters_are_names_of_known_curves),
        cmocka_unit_test(ec_keys_are_completed),
        cmocka_unit_test(rsa_keys_are_completed_from_exponents_or_primes),
        cmocka_unit_test(rsa_parts_that_do_not_belong_together_are_refused),
        cmocka_unit_test(rsa_public_keys_of_wrong_size_are_refused),
        cmocka_unit_test(rsa_factor_that_is_no_prime_is_refused_at_import),
        cmocka_unit_test(public_key_info_is_of_a_public_key_and_needs_room),
        cmocka_unit_test(private_keys_travel_as_pkcs8),
        cmocka_unit_test(pkcs8_with_optional_parts_is_read),
        cmocka_unit_test(pkcs8_of_other_curves_is_refused),
        cmocka_unit_test(public_and_secret_keys_are_not_pkcs8),
        cmocka_unit_test(zeroed_keys_and_streams_are_accepted),
    };
    return cmocka_run_group_tests_name("crypto_key", tests, crypto_setup, crypto_teardown);
}
