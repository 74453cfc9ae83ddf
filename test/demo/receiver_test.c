/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of a receiver of signed messages, with statements that OpenSSL signed. */
#include "demo/gateway/receiver.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* message cbor { 1 n : module counter }  allow always */
static const uint8_t form[] = {0xa7, 0x01, 0x01, 0x02, 0x61, 'p',  0x03, 0x01, 0x04,
                               0x61, 'k',  0x05, 0x81, 0x86, 0x18, 0xff, 0x01, 0x61,
                               'n',  0x06, 0xf4, 0x80, 0x06, 0x80, 0x07, 0x81, 0x86,
                               0x00, 0x06, 0x81, 0x80, 0x80, 0x80, 0x80};
static char folder[] = "/tmp/receiver_test.XXXXXX";
static char key_file[64], policy_file[64];
static EVP_PKEY *known, *strange;
static struct receiver receiver;
static uint8_t room[STATEMENT_SIZE_MAX];

static void write_files(void) {
    FILE *file = fopen(key_file, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PUBKEY(file, known), 1);
    fclose(file);
    file = fopen(policy_file, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(form, 1, sizeof(form), file), sizeof(form));
    fclose(file);
}

static int enter(void **state) {
    (void)state;
    known = EVP_EC_gen("P-256");
    strange = EVP_EC_gen("P-256");
    if (known == NULL || strange == NULL || mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(key_file, sizeof(key_file), "%s/key.pem", folder);
    snprintf(policy_file, sizeof(policy_file), "%s/policy.cbor", folder);
    write_files();
    return 0;
}

static int leave(void **state) {
    (void)state;
    EVP_PKEY_free(known);
    EVP_PKEY_free(strange);
    unlink(key_file);
    unlink(policy_file);
    return rmdir(folder);
}

static int open_receiver(void **state) {
    (void)state;
    return receiver_open(&receiver, key_file, policy_file) ? 0 : -1;
}

static int close_receiver(void **state) {
    (void)state;
    receiver_close(&receiver);
    return 0;
}

static void sign(EVP_PKEY *key, struct bytes whole, uint8_t out[64]) {
    uint8_t der[80];
    const uint8_t *at = der;
    size_t size = sizeof(der);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(digest, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(digest, der, &size, whole.data, whole.size), 1);
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)size);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32), 32);
    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(digest);
}

/* A statement with this start, counter and uptime; policy: a byte added to its hash. */
static struct bytes make(EVP_PKEY *key, struct message_facts facts, uint8_t policy) {
    static const uint8_t payload[] = {0xa1, 0x01, 0x07};
    uint8_t header_room[STATEMENT_HEADER_MAX], whole_room[STATEMENT_SIGNED_MAX], signature[64];
    uint8_t hash[STATEMENT_HASH_SIZE];
    struct span header = {header_room, sizeof(header_room)};
    struct span whole = {whole_room, sizeof(whole_room)}, out = {room, sizeof(room)};
    assert_int_equal(EVP_Digest(form, sizeof(form), hash, NULL, EVP_sha256(), NULL), 1);
    hash[0] = (uint8_t)(hash[0] + policy);
    const struct statement statement = {.algorithm = STATEMENT_ES256,
                                        .policy_hash = bytes_of(hash, sizeof(hash)),
                                        .facts = facts,
                                        .version = 1,
                                        .rule = 1};
    struct bytes content = bytes_of(payload, sizeof(payload));
    assert_int_equal(statement_header(&statement, &header), STATUS_OK);
    assert_int_equal(statement_signed(bytes_of_span(header), content, &whole), STATUS_OK);
    sign(key, bytes_of_span(whole), signature);
    assert_int_equal(statement_write(bytes_of_span(header), content,
                                     bytes_of(signature, sizeof(signature)), &out),
                     STATUS_OK);
    return bytes_of_span(out);
}

static enum verdict takes(uint64_t boot, uint64_t counter, uint64_t uptime_ms) {
    struct received received;
    return receiver_take(
        &receiver, make(known, (struct message_facts){counter, boot, uptime_ms, 0}, 0), &received);
}

static void one_after_the_other_is_good_and_each_only_once(void **state) {
    (void)state;
    assert_int_equal(takes(1, 1, 10), VERDICT_GOOD);
    assert_int_equal(takes(1, 2, 10), VERDICT_GOOD);
    assert_int_equal(takes(1, 3, 11), VERDICT_GOOD);
    assert_int_equal(takes(1, 3, 11), VERDICT_REPLAY);
    assert_int_equal(takes(1, 1, 10), VERDICT_REPLAY);
    assert_int_equal(takes(1, 4, 12), VERDICT_GOOD);
}

static void a_gap_is_told_once_and_what_was_kept_back_comes_too_late(void **state) {
    (void)state;
    assert_int_equal(takes(1, 1, 10), VERDICT_GOOD);
    assert_int_equal(takes(1, 3, 12), VERDICT_GAP);
    assert_int_equal(takes(1, 4, 13), VERDICT_GOOD);
    assert_int_equal(takes(1, 2, 11), VERDICT_REPLAY);
}

static void a_later_start_may_skip_what_was_reserved_and_an_older_one_is_a_replay(void **state) {
    (void)state;
    assert_int_equal(takes(3, 10, 500), VERDICT_GOOD);
    assert_int_equal(takes(4, 10 + 1 + RECEIVER_SKIP_MAX, 1), VERDICT_GOOD);
    assert_int_equal(takes(3, 300, 900), VERDICT_REPLAY);
    assert_int_equal(takes(5, 300 + RECEIVER_SKIP_MAX, 1), VERDICT_GAP);
    assert_int_equal(takes(6, 500, 1), VERDICT_REPLAY);
}

static void a_state_that_was_put_back_is_a_replay(void **state) {
    (void)state;
    assert_int_equal(takes(2, 20, 60000), VERDICT_GOOD);
    assert_int_equal(takes(2, 21, 5), VERDICT_REPLAY); /* another second start: earlier in it */
    assert_int_equal(takes(2, 21, 60000), VERDICT_GOOD);
}

static void another_key_and_another_policy_are_refused_and_change_nothing(void **state) {
    (void)state;
    struct received received;
    assert_int_equal(
        receiver_take(&receiver, make(strange, (struct message_facts){1, 1, 1, 0}, 0), &received),
        VERDICT_SIGNATURE);
    assert_int_equal(
        receiver_take(&receiver, make(known, (struct message_facts){1, 1, 1, 0}, 1), &received),
        VERDICT_POLICY);
    assert_int_equal(receiver.counter, 0);
    assert_int_equal(takes(1, 1, 1), VERDICT_GOOD);
}

static void no_bit_can_be_turned_and_no_byte_left_out(void **state) {
    (void)state;
    struct received received;
    struct bytes good = make(known, (struct message_facts){1, 1, 1, 0}, 0);
    for (size_t bit = 0; bit < 8 * good.size; bit++) {
        uint8_t copy[STATEMENT_SIZE_MAX];
        bytes_copy(copy, good);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum verdict verdict = receiver_take(&receiver, bytes_of(copy, good.size), &received);
        assert_true(verdict == VERDICT_FORM || verdict == VERDICT_SIGNATURE);
    }
    for (size_t size = 0; size < good.size; size++) {
        assert_int_equal(receiver_take(&receiver, bytes_of(good.data, size), &received),
                         VERDICT_FORM);
    }
    assert_int_equal(receiver_take(&receiver, good, &received), VERDICT_GOOD);
    assert_int_equal(fields_number(&received.fields, 1, 0), 7);
}

int main(void) {
#define WITH(name) cmocka_unit_test_setup_teardown(name, open_receiver, close_receiver)
    const struct CMUnitTest tests[] = {
        WITH(one_after_the_other_is_good_and_each_only_once),
        WITH(a_gap_is_told_once_and_what_was_kept_back_comes_too_late),
        WITH(a_later_start_may_skip_what_was_reserved_and_an_older_one_is_a_replay),
        WITH(a_state_that_was_put_back_is_a_replay),
        WITH(another_key_and_another_policy_are_refused_and_change_nothing),
        WITH(no_bit_can_be_turned_and_no_byte_left_out),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
