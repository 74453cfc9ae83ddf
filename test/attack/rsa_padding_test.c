/* SPDX-License-Identifier: Apache-2.0 */
/* RSA PKCS #1 v1.5 decryption through the whole module, under the profile that has it: whatever is
 * wrong with the padding, the answer is a message (implicit rejection), with the status, the kinds
 * of lengths and the record in the log of a good one, and the same each time the same ciphertext
 * comes. So there is no answer to ask an oracle for (Bleichenbacher 1998, ROBOT, Marvin). Nothing
 * is said of time here. */
#include "test/component/fixture.h"
#include "test/component/quick.h"

#include <openssl/bn.h>

enum { SIZE = 256, LONGEST = SIZE - 11, TRIES = 60 };

static struct module module;
static uint32_t session;
static uint64_t private_key, other_key;
static BIGNUM *modulus;
static BN_CTX *work;

/* ---- the key ---- */

static uint64_t make_pair(uint64_t *public_key, const char *label) {
    struct template first, second;
    struct key_generate_pair_rep rep;
    template_start(&first);
    template_num(&first, ATTRIBUTE_MODULUS_BITS, 8 * SIZE);
    template_bool(&first, ATTRIBUTE_ENCRYPT, true);
    template_start(&second);
    template_bool(&second, ATTRIBUTE_TOKEN, true);
    template_text(&second, ATTRIBUTE_LABEL, label);
    template_bool(&second, ATTRIBUTE_DECRYPT, true);
    template_bool(&second, ATTRIBUTE_UNWRAP, true);
    struct key_generate_pair_req req = {session, {.algorithm = ALGORITHM_RSA_KEY_PAIR_GEN},
                                        template_of(&first), template_of(&second)};
    assert_int_equal(call_key_generate_pair(&module, req, &rep), STATUS_OK);
    *public_key = rep.public_key;
    return rep.private_key;
}

static void read_modulus(uint64_t public_key) {
    uint8_t types[4];
    struct object_get_rep rep;
    struct bytes value;
    save_u32(types, ATTRIBUTE_MODULUS);
    struct object_get_req get = {session, public_key, bytes_of(types, 4)};
    assert_int_equal(call_object_get(&module, get, &rep), STATUS_OK);
    assert_int_equal(attributes_find(rep.attributes, ATTRIBUTE_MODULUS, &value), STATUS_OK);
    modulus = BN_bin2bn(value.data, (int)value.size, NULL);
    assert_non_null(modulus);
}

static int begin(void **state) {
    uint64_t public_key = 0, other_public = 0;
    (void)state;
    work = BN_CTX_new();
    sim_reset(NULL, true);
    module_start(&module);
    module_make_token(&module, PROFILE_OF_TOKEN_COMPATIBLE);
    session = module_user_session(&module);
    private_key = make_pair(&public_key, "one");
    read_modulus(public_key);
    other_key = make_pair(&other_public, "other");
    return 0;
}

static int end(void **state) {
    (void)state;
    module_stop(&module);
    BN_free(modulus);
    BN_CTX_free(work);
    quick_end();
    return 0;
}

/* ---- blocks with one fault each ---- */

enum fault {
    GOOD,
    FIRST_BYTE,     /* not 00 */
    BLOCK_TYPE_1,   /* that of signatures */
    BLOCK_TYPE_ANY, /* by chance, but not 2 */
    SHORT_PADDING,  /* the zero comes at byte 2 to 9 */
    NO_END,         /* no zero at all */
    ALL_BY_CHANCE,
    ZEROS,          /* but for the number that makes each another */
    FAULTS,
};
static const char *const names[FAULTS] = {"good",          "first byte", "type 1", "type",
                                          "short padding", "no end",     "chance", "zeros"};

static void fill(uint8_t *block, enum fault fault, uint32_t number) {
    assert_int_equal(port_random(block, SIZE), STATUS_OK);
    for (size_t i = 2; i < SIZE; i++) {
        block[i] = block[i] == 0 ? 0x77 : block[i];
    }
    block[0] = 0;
    block[1] = 2;
    block[10 + number * 4] = 0; /* messages of many lengths */
    switch (fault) {
    case FIRST_BYTE:
        block[0] = 1; /* below the modulus still */
        break;
    case BLOCK_TYPE_1:
        block[1] = 1;
        break;
    case BLOCK_TYPE_ANY:
        block[1] = (uint8_t)(3 + number % 250);
        break;
    case SHORT_PADDING:
        block[2 + number % 8] = 0;
        break;
    case NO_END:
        block[10 + number * 4] = 0x77;
        break;
    case ALL_BY_CHANCE:
        assert_int_equal(port_random(block, SIZE), STATUS_OK);
        block[0] = 0;
        block[1] = 9;
        break;
    case ZEROS:
        memset(block, 0, SIZE - 4);
        save_u32(block + SIZE - 4, number + 5);
        break;
    default:
        break;
    }
}

/* The bare public operation, by another program than the module's. */
static void encrypt(const uint8_t *block, uint8_t *ciphertext) {
    BIGNUM *base = BN_bin2bn(block, SIZE, NULL), *exponent = BN_new(), *result = BN_new();
    assert_true(BN_set_word(exponent, 65537));
    assert_true(BN_cmp(base, modulus) < 0);
    assert_true(BN_mod_exp(result, base, exponent, modulus, work));
    assert_int_equal(BN_bn2binpad(result, ciphertext, SIZE), SIZE);
    BN_free(base);
    BN_free(exponent);
    BN_free(result);
}

struct answer {
    enum status status;
    size_t size;
    uint8_t data[SIZE];
};

static struct answer ask(uint64_t key, const uint8_t *ciphertext) {
    struct decrypt_rep rep = {.data = {NULL, 0}};
    struct answer answer = {.size = 0};
    struct decrypt_req req = {session, key, {.algorithm = ALGORITHM_RSA_PKCS1},
                              bytes_of(ciphertext, SIZE)};
    answer.status = call_decrypt(&module, req, &rep);
    answer.size = answer.status == STATUS_OK ? rep.data.size : 0;
    assert_true(answer.size <= LONGEST);
    bytes_copy(answer.data, bytes_of(rep.data.data, answer.size));
    return answer;
}

static bool same(const struct answer *a, const struct answer *b) {
    return a->status == b->status &&
           bytes_equal(bytes_of(a->data, a->size), bytes_of(b->data, b->size));
}

/* ---- stories ---- */

static void find_key_again(void) {
    struct template template;
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "one");
    assert_int_equal(module_find(&module, session, &template, &private_key), 1);
    template_start(&template);
    template_text(&template, ATTRIBUTE_LABEL, "other");
    assert_int_equal(module_find(&module, session, &template, &other_key), 1);
}

/* Messages with good padding come back; all others give some message: always the same, also after a
 * restart, and with another key another one. */
static void every_padding_fault_is_answered_like_a_good_message(void **state) {
    static uint8_t ciphertexts[FAULTS][TRIES][SIZE];
    static struct answer answers[FAULTS][TRIES];
    (void)state;
    for (int fault = 0; fault < FAULTS; fault++) {
        uint32_t lengths = 0, short_ones = 0;
        bool seen[SIZE] = {false};
        for (uint32_t i = 0; i < TRIES; i++) {
            uint8_t block[SIZE];
            struct answer *answer = &answers[fault][i];
            fill(block, (enum fault)fault, i);
            encrypt(block, ciphertexts[fault][i]);
            *answer = ask(private_key, ciphertexts[fault][i]);
            assert_int_equal(answer->status, STATUS_OK);
            struct answer again = ask(private_key, ciphertexts[fault][i]);
            assert_true(same(answer, &again));
            size_t start = 10 + i * 4 + 1;
            bool genuine = bytes_equal(bytes_of(answer->data, answer->size),
                                       bytes_of(block + start, SIZE - start));
            assert_int_equal(genuine, fault == GOOD);
            struct answer other = ask(other_key, ciphertexts[fault][i]);
            assert_true(other.status == STATUS_OK || other.status == STATUS_CIPHERTEXT_INVALID);
            assert_false(answer->size > 16 && same(answer, &other));
            lengths += seen[answer->size] ? 0 : 1;
            seen[answer->size] = true;
            short_ones += answer->size < SIZE / 2 ? 1 : 0;
        }
        print_message("# padding fault, %s: %d messages of %u lengths, %u below the half\n",
                      names[fault], TRIES, lengths, short_ones);
        assert_true(lengths > TRIES / 3); /* by chance among 245 it is below that never */
        assert_true(short_ones > TRIES / 6 && short_ones < TRIES - TRIES / 6);
    }
    module_stop(&module);
    module_start(&module);
    session = module_user_session(&module);
    find_key_again();
    for (int fault = 0; fault < FAULTS; fault++) {
        for (uint32_t i = 0; i < TRIES; i++) {
            struct answer again = ask(private_key, ciphertexts[fault][i]);
            assert_true(same(&answers[fault][i], &again));
        }
    }
}

/* What everybody can see without the key may be told. */
static void ciphertext_of_a_wrong_size_or_above_the_modulus_is_refused(void **state) {
    uint8_t ciphertext[SIZE];
    (void)state;
    memset(ciphertext, 0xff, sizeof(ciphertext));
    assert_int_equal(ask(private_key, ciphertext).status, STATUS_CIPHERTEXT_INVALID);
    struct decrypt_req req = {session, private_key, {.algorithm = ALGORITHM_RSA_PKCS1},
                              bytes_of(ciphertext, SIZE - 1)};
    assert_int_equal(call_decrypt(&module, req, NULL), STATUS_CIPHERTEXT_LENGTH);
}

static size_t leaf_size(uint64_t from) {
    struct log_read_rep page;
    assert_int_equal(call_log_read(&module, (struct log_read_req){from}, &page), STATUS_OK);
    assert_true(page.first == from && page.next > from);
    return load_u32(page.entries.data);
}

/* Nor does the log, which anybody may read, tell one from the other. */
static void record_of_a_fault_is_that_of_a_good_message(void **state) {
    size_t good = 0;
    (void)state;
    sim_set_clock(0);
    for (int fault = 0; fault < FAULTS; fault++) {
        uint8_t block[SIZE], ciphertext[SIZE];
        uint64_t first = 0, next = 0;
        fill(block, (enum fault)fault, 3);
        encrypt(block, ciphertext);
        port_log_range(&first, &next);
        assert_int_equal(ask(private_key, ciphertext).status, STATUS_OK);
        size_t size = leaf_size(next);
        /* a number or two in it grow by a byte, whatever was decrypted */
        assert_true(fault == GOOD || (size + 4 > good && size < good + 4));
        good = fault == GOOD ? size : good;
    }
}

/* The same where the message is to be a key: one of any length is taken, so that bad padding makes
 * a key too, and the same one each time. */
static void every_padding_fault_makes_a_key_like_a_good_message(void **state) {
    (void)state;
    for (int fault = 0; fault < FAULTS; fault++) {
        for (uint32_t i = 0; i < TRIES / 6; i++) {
            uint8_t block[SIZE], ciphertext[SIZE], types[4];
            uint32_t sizes[2] = {0, 0};
            struct template template;
            fill(block, (enum fault)fault, i);
            encrypt(block, ciphertext);
            struct answer message = ask(private_key, ciphertext);
            template_start(&template);
            template_num(&template, ATTRIBUTE_CLASS, CLASS_SECRET_KEY);
            template_num(&template, ATTRIBUTE_KEY_TYPE, KEY_GENERIC);
            save_u32(types, ATTRIBUTE_VALUE_LEN);
            for (int round = 0; round < 2; round++) {
                struct key_unwrap_rep rep;
                struct object_get_rep value;
                struct key_unwrap_req req = {session, {.algorithm = ALGORITHM_RSA_PKCS1},
                                             private_key, bytes_of(ciphertext, SIZE),
                                             template_of(&template)};
                enum status status = call_key_unwrap(&module, req, &rep);
                assert_int_equal(status,
                                 message.size > 0 ? STATUS_OK : STATUS_WRAPPED_KEY_INVALID);
                if (status == STATUS_OK) {
                    struct object_get_req get = {session, rep.key, bytes_of(types, 4)};
                    assert_int_equal(call_object_get(&module, get, &value), STATUS_OK);
                    sizes[round] = attributes_num(value.attributes, ATTRIBUTE_VALUE_LEN, 0);
                    struct object_destroy_req destroy = {session, rep.key};
                    assert_int_equal(call_object_destroy(&module, destroy, NULL), STATUS_OK);
                }
            }
            assert_int_equal(sizes[0], message.size);
            assert_int_equal(sizes[1], message.size);
        }
    }
}

static void strict_profile_has_no_such_decryption(void **state) {
    uint8_t ciphertext[SIZE] = {0};
    (void)state;
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    struct login_req login = {session, USER_SO, bytes_of_text(SO_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    struct token_set_req set = {.session = session, .profile = PROFILE_OF_TOKEN_STRICT};
    assert_int_equal(call_token_set(&module, set, NULL), STATUS_OK);
    assert_int_equal(call_logout(&module, (struct logout_req){session}, NULL), STATUS_OK);
    login = (struct login_req){session, USER_USER, bytes_of_text(USER_PIN)};
    assert_int_equal(call_login(&module, login, NULL), STATUS_OK);
    find_key_again();
    assert_int_equal(ask(private_key, ciphertext).status, STATUS_STRICT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_padding_fault_is_answered_like_a_good_message),
        cmocka_unit_test(ciphertext_of_a_wrong_size_or_above_the_modulus_is_refused),
        cmocka_unit_test(record_of_a_fault_is_that_of_a_good_message),
        cmocka_unit_test(every_padding_fault_makes_a_key_like_a_good_message),
        cmocka_unit_test(strict_profile_has_no_such_decryption),
    };
    return cmocka_run_group_tests_name("RSA padding", tests, begin, end);
}
