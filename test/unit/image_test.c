/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot stage runs, and what it does not: an image with any bit wrong, signed by too few or
 * by others, or older than one before, never starts. */
#include "body/firmware/image.h"
#include "crypto/boot.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { BODY = 300, ADDRESS = 0x10008200, ROLES = 2, KEYS = 4, LEAST = 7 };

static EVP_PKEY *signers[KEYS];
static struct image_key keys[KEYS];
static uint8_t image[IMAGE_HEADER_SIZE + BODY];
static struct image_facts facts;

/* Three keys of role 1 and one of role 2. */
static int make_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        size_t size = BOOT_KEY_SIZE;
        signers[i] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        assert_non_null(signers[i]);
        keys[i].role = i < 3 ? 1 : 2;
        assert_int_equal(EVP_PKEY_get_raw_public_key(signers[i], keys[i].public_key, &size), 1);
    }
    return 0;
}

static int free_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        EVP_PKEY_free(signers[i]);
    }
    return 0;
}

static struct image_policy policy_of(const struct image_role *roles, size_t count) {
    return (struct image_policy){keys, KEYS, roles, count, LEAST, ADDRESS};
}

static void make_header(uint32_t version) {
    memset(image, 0, IMAGE_HEADER_SIZE);
    for (size_t i = 0; i < BODY; i++) {
        image[IMAGE_HEADER_SIZE + i] = (uint8_t)(i * 5 + 1);
    }
    memcpy(image, "EHSMIMG1", 8);
    save_u32(image + 8, 1);
    save_u32(image + 12, BODY);
    save_u32(image + 16, version);
    save_u32(image + 20, ADDRESS);
    assert_true(boot_hash(bytes_of(image + IMAGE_HEADER_SIZE, BODY), image + 32));
    memcpy(image + 64, "test", 4);
}

static void sign(size_t signer) {
    uint32_t count = load_u32(image + 256);
    uint8_t *at = image + 260 + count * 68;
    size_t size = BOOT_SIGNATURE_SIZE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    save_u32(at, keys[signer].role);
    assert_int_equal(EVP_DigestSignInit(context, NULL, NULL, NULL, signers[signer]), 1);
    assert_int_equal(EVP_DigestSign(context, at + 4, &size, image, IMAGE_SIGNED_SIZE), 1);
    EVP_MD_CTX_free(context);
    save_u32(image + 256, count + 1);
}

static enum status verify(const struct image_policy *policy) {
    memset(&facts, 0, sizeof(facts));
    return image_verify(bytes_of(image, sizeof(image)), policy, &facts);
}

static const struct image_role one[] = {{1, 1}};
static const struct image_role both[ROLES] = {{1, 2}, {2, 1}};

static void a_good_image_runs_and_is_measured(void **state) {
    (void)state;
    uint8_t measurement[BOOT_HASH_SIZE];
    struct image_policy policy = policy_of(one, 1);
    make_header(LEAST);
    sign(0);
    assert_int_equal(verify(&policy), STATUS_OK);
    assert_int_equal(facts.version, LEAST);
    assert_true(boot_hash(bytes_of(image, IMAGE_SIGNED_SIZE), measurement));
    assert_memory_equal(facts.measurement, measurement, sizeof(measurement));
}

static void no_flipped_bit_runs(void **state) {
    (void)state;
    struct image_policy policy = policy_of(one, 1);
    make_header(LEAST);
    sign(1);
    for (size_t bit = 0; bit < 8 * sizeof(image); bit++) {
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (verify(&policy) == STATUS_OK) {
            fail_msg("bit %zu of byte %zu may be anything", bit % 8, bit / 8);
        }
        assert_int_equal(facts.version, 0);
        image[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(verify(&policy), STATUS_OK);
}

static void roles_and_thresholds_are_kept(void **state) {
    (void)state;
    struct image_policy policy = policy_of(both, ROLES);
    make_header(LEAST);
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    sign(0);
    sign(3);
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    sign(0); /* the same key again is nobody new */
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    make_header(LEAST);
    sign(2);
    sign(3);
    sign(1);
    assert_int_equal(verify(&policy), STATUS_OK);
    save_u32(image + 260, 2); /* a signature under another role */
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    policy.role_count = 0; /* a policy that asks for nothing lets nothing run */
    make_header(LEAST);
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    static const struct image_role nobody[] = {{1, 0}};
    policy = policy_of(nobody, 1);
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
}

static void strangers_sign_for_nothing(void **state) {
    (void)state;
    struct image_policy policy = policy_of(one, 1);
    policy.key_count = 1;
    make_header(LEAST);
    sign(1);
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
    sign(0); /* one of two signatures is nobody's */
    assert_int_equal(verify(&policy), STATUS_SIGNATURE_INVALID);
}

static void older_versions_do_not_run(void **state) {
    (void)state;
    struct image_policy policy = policy_of(one, 1);
    make_header(LEAST - 1);
    sign(0);
    assert_int_equal(verify(&policy), STATUS_STORE_ROLLED_BACK);
    make_header(LEAST + 1);
    sign(0);
    assert_int_equal(verify(&policy), STATUS_OK);
    assert_int_equal(facts.version, LEAST + 1);
}

static void sizes_that_do_not_fit_are_no_image(void **state) {
    (void)state;
    struct image_policy policy = policy_of(one, 1);
    static const uint32_t sizes[] = {0, BODY + 1, 0x7fffffff, 0xffffffff, 0xfffffe00};
    for (size_t i = 0; i < COUNT(sizes); i++) {
        make_header(LEAST);
        save_u32(image + 12, sizes[i]);
        sign(0);
        assert_int_equal(verify(&policy), STATUS_DATA_INVALID);
    }
    make_header(LEAST);
    sign(0);
    save_u32(image + 256, 4);
    assert_int_equal(verify(&policy), STATUS_DATA_INVALID);
    for (size_t size = 0; size < IMAGE_HEADER_SIZE; size++) {
        assert_int_equal(image_verify(bytes_of(image, size), &policy, &facts), STATUS_DATA_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_image_runs_and_is_measured),
        cmocka_unit_test(no_flipped_bit_runs),
        cmocka_unit_test(roles_and_thresholds_are_kept),
        cmocka_unit_test(strangers_sign_for_nothing),
        cmocka_unit_test(older_versions_do_not_run),
        cmocka_unit_test(sizes_that_do_not_fit_are_no_image),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
