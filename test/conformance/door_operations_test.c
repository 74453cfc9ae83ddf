/* SPDX-License-Identifier: Apache-2.0 */
/* The states of operations as callers of the door see them: lengths, short buffers, parts,
 * endings. */
#include "test/conformance/door.h"

enum { LARGE = 70000 + 13 }; /* more than one request carries, and no whole block */

static CK_BYTE large[LARGE], out[LARGE + 64], back[LARGE + 64];

static CK_MECHANISM ecdsa_sha256 = {CKM_ECDSA_SHA256, NULL, 0};

static void fill_large(void) {
    for (size_t i = 0; i < sizeof(large); i++) {
        large[i] = (CK_BYTE)(i * 7 + i / 251);
    }
}

static void length_is_told_and_a_short_buffer_keeps_the_signature_going(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[3] = "abc", signature[64];
    CK_ULONG size = 0;
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_ok(door.f->C_Sign(door.session, data, sizeof(data), NULL, &size));
    assert_int_equal(size, 64);
    size = 10;
    door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, &size),
            CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 64);
    door_ok(door.f->C_Sign(door.session, data, sizeof(data), signature, &size));
    door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, &size),
            CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_ok(door.f->C_Verify(door.session, data, sizeof(data), signature, size));
    door_is(door.f->C_Verify(door.session, data, sizeof(data), signature, size),
            CKR_OPERATION_NOT_INITIALIZED);
}

static void failed_call_ends_the_operation(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[3] = "abc", signature[64] = {1};
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, NULL), CKR_ARGUMENTS_BAD);
    CK_ULONG size = sizeof(signature);
    door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, &size),
            CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_is(door.f->C_Verify(door.session, data, sizeof(data), signature, size),
            CKR_SIGNATURE_INVALID);
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_is(door.f->C_Verify(door.session, data, sizeof(data), signature, 63),
            CKR_SIGNATURE_LEN_RANGE);
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
}

static void second_init_is_refused_while_one_is_active(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_is(door.f->C_SignInit(door.session, &ecdsa_sha256, private), CKR_OPERATION_ACTIVE);
    door_ok(door.f->C_SignInit(door.session, NULL, 0));
    door_is(door.f->C_SignInit(door.session, NULL, 0), CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_ok(door.f->C_SessionCancel(door.session, CKF_SIGN));
    door_ok(door.f->C_SessionCancel(door.session, CKF_SIGN));
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
}

/* Signs `size` bytes in pieces and verifies them at once. */
static void sign_in_pieces(CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public, CK_ULONG size,
                           CK_ULONG piece) {
    CK_BYTE signature[64];
    CK_ULONG made = sizeof(signature);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    for (CK_ULONG at = 0; at < size; at += piece) {
        CK_ULONG part = size - at < piece ? size - at : piece;
        door_ok(door.f->C_SignUpdate(door.session, large + at, part));
    }
    CK_ULONG asked = 0;
    door_ok(door.f->C_SignFinal(door.session, NULL, &asked));
    assert_int_equal(asked, 64);
    door_ok(door.f->C_SignFinal(door.session, signature, &made));
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_ok(door.f->C_Verify(door.session, large, size, signature, made));
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_ok(door.f->C_VerifyUpdate(door.session, large, size));
    door_ok(door.f->C_VerifyFinal(door.session, signature, made));
}

static void signature_in_parts_is_the_signature_of_the_whole(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    fill_large();
    door_ec_pair(&public, &private);
    sign_in_pieces(private, public, 0, 1);
    sign_in_pieces(private, public, 50, 7);
    sign_in_pieces(private, public, LARGE, 30000);
    sign_in_pieces(private, public, LARGE, LARGE);
}

static void sign_does_not_end_what_update_began(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE data[3] = "abc", signature[64];
    CK_ULONG size = sizeof(signature);
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_ok(door.f->C_SignUpdate(door.session, data, sizeof(data)));
    door_is(door.f->C_Sign(door.session, data, sizeof(data), signature, &size),
            CKR_OPERATION_NOT_INITIALIZED);
    door_is(door.f->C_SignFinal(door.session, signature, &size), CKR_OPERATION_NOT_INITIALIZED);
}

static void mechanism_of_one_part_gathers_a_small_message(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_MECHANISM plain = {CKM_ECDSA, NULL, 0};
    CK_BYTE digest[32] = {1, 2, 3}, signature[64];
    CK_ULONG size = sizeof(signature);
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &plain, private));
    door_ok(door.f->C_SignUpdate(door.session, digest, 5));
    door_ok(door.f->C_SignUpdate(door.session, digest + 5, 27));
    door_ok(door.f->C_SignFinal(door.session, signature, &size));
    door_ok(door.f->C_VerifyInit(door.session, &plain, public));
    door_ok(door.f->C_Verify(door.session, digest, sizeof(digest), signature, size));
    door_ok(door.f->C_SignInit(door.session, &plain, private));
    door_is(door.f->C_SignUpdate(door.session, large, LARGE), CKR_DATA_LEN_RANGE);
    door_is(door.f->C_SignUpdate(door.session, digest, 1), CKR_OPERATION_NOT_INITIALIZED);
}

/* FIPS 180-4, "abc". */
static const CK_BYTE sha256_abc[32] = {
    0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad};

static void digest_at_once_in_parts_and_large(void **state) {
    (void)state;
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_BYTE data[3] = "abc", one[32], two[32];
    CK_ULONG size = 5;
    fill_large();
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    door_is(door.f->C_Digest(door.session, data, 3, one, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 32);
    door_ok(door.f->C_Digest(door.session, data, 3, one, &size));
    assert_memory_equal(one, sha256_abc, 32);
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    door_ok(door.f->C_DigestUpdate(door.session, data, 1));
    door_ok(door.f->C_DigestUpdate(door.session, data + 1, 2));
    door_ok(door.f->C_DigestFinal(door.session, one, &size));
    assert_memory_equal(one, sha256_abc, 32);
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    door_ok(door.f->C_Digest(door.session, large, LARGE, one, &size));
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    for (size_t at = 0; at < LARGE; at += 999) {
        CK_ULONG part = LARGE - at < 999 ? LARGE - at : 999;
        door_ok(door.f->C_DigestUpdate(door.session, large + at, part));
    }
    door_ok(door.f->C_DigestFinal(door.session, two, &size));
    assert_memory_equal(one, two, 32);
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    door_is(door.f->C_DigestKey(door.session, 1), CKR_KEY_INDIGESTIBLE);
    door_is(door.f->C_DigestFinal(door.session, two, &size), CKR_OPERATION_NOT_INITIALIZED);
}

/* Encrypts `size` bytes in pieces; returns the length. */
static CK_ULONG encrypt_in_pieces(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_ULONG size,
                                  CK_ULONG piece) {
    CK_ULONG made = 0, part_size = 0;
    door_ok(door.f->C_EncryptInit(door.session, mechanism, key));
    for (CK_ULONG at = 0; at < size; at += piece) {
        CK_ULONG part = size - at < piece ? size - at : piece, asked = 0;
        door_ok(door.f->C_EncryptUpdate(door.session, large + at, part, NULL, &asked));
        part_size = asked;
        door_ok(door.f->C_EncryptUpdate(door.session, large + at, part, out + made, &part_size));
        assert_int_equal(part_size, asked);
        made += part_size;
    }
    part_size = 0;
    door_ok(door.f->C_EncryptFinal(door.session, NULL, &part_size));
    door_ok(door.f->C_EncryptFinal(door.session, out + made, &part_size));
    return made + part_size;
}

static CK_ULONG decrypt_in_pieces(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_ULONG size,
                                  CK_ULONG piece) {
    CK_ULONG made = 0, part_size = 0;
    door_ok(door.f->C_DecryptInit(door.session, mechanism, key));
    for (CK_ULONG at = 0; at < size; at += piece) {
        CK_ULONG part = size - at < piece ? size - at : piece;
        /* Of whole blocks, no more comes out than went in; else what was held back may follow. */
        part_size = piece % 16 == 0 ? piece : piece + 15;
        door_ok(door.f->C_DecryptUpdate(door.session, out + at, part, back + made, &part_size));
        made += part_size;
    }
    part_size = sizeof(back) - made;
    door_ok(door.f->C_DecryptFinal(door.session, back + made, &part_size));
    return made + part_size;
}

/* There and back at once and in pieces, all four ways the same. */
static void there_and_back(CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_ULONG size,
                           CK_ULONG piece) {
    static CK_BYTE whole[LARGE + 64];
    CK_ULONG whole_size = sizeof(whole), back_size = sizeof(back);
    door_ok(door.f->C_EncryptInit(door.session, mechanism, key));
    door_ok(door.f->C_Encrypt(door.session, large, size, whole, &whole_size));
    assert_int_equal(encrypt_in_pieces(mechanism, key, size, piece), whole_size);
    assert_memory_equal(whole, out, whole_size);
    assert_int_equal(decrypt_in_pieces(mechanism, key, whole_size, piece), size);
    assert_memory_equal(back, large, size);
    door_ok(door.f->C_DecryptInit(door.session, mechanism, key));
    door_ok(door.f->C_Decrypt(door.session, whole, whole_size, back, &back_size));
    assert_int_equal(back_size, size);
    assert_memory_equal(back, large, size);
}

static void ciphers_agree_at_once_and_in_parts(void **state) {
    (void)state;
    CK_BYTE iv[16] = {9};
    CK_AES_CTR_PARAMS ctr = {.ulCounterBits = 32, .cb = {5}};
    CK_MECHANISM cbc = {CKM_AES_CBC, iv, 16}, pad = {CKM_AES_CBC_PAD, iv, 16};
    CK_MECHANISM ecb = {CKM_AES_ECB, NULL, 0}, counter = {CKM_AES_CTR, &ctr, sizeof(ctr)};
    CK_OBJECT_HANDLE key = door_aes(32);
    fill_large();
    there_and_back(&cbc, key, 160, 40);
    there_and_back(&ecb, key, 64, 16);
    there_and_back(&counter, key, 101, 10);
    for (CK_ULONG size = 0; size <= 33; size++) {
        there_and_back(&pad, key, size, 16);
    }
    there_and_back(&counter, key, LARGE, 5000);
    there_and_back(&pad, key, LARGE, 7777);
}

static void gcm_in_parts_gives_nothing_before_the_tag_is_right(void **state) {
    (void)state;
    CK_BYTE iv[12] = {1}, aad[4] = "head";
    CK_GCM_PARAMS gcm = {iv, 12, 96, aad, 4, 128};
    CK_MECHANISM mechanism = {CKM_AES_GCM, &gcm, sizeof(gcm)};
    CK_OBJECT_HANDLE key = door_aes(16);
    CK_ULONG size = sizeof(back);
    fill_large();
    there_and_back(&mechanism, key, 1000, 100);
    CK_ULONG made = encrypt_in_pieces(&mechanism, key, 1000, 300);
    assert_int_equal(made, 1016);
    out[5] ^= 1;
    door_ok(door.f->C_DecryptInit(door.session, &mechanism, key));
    door_ok(door.f->C_DecryptUpdate(door.session, out, made, back, &size));
    assert_int_equal(size, 0);
    size = sizeof(back);
    door_is(door.f->C_DecryptFinal(door.session, back, &size), CKR_ENCRYPTED_DATA_INVALID);
    door_is(door.f->C_DecryptFinal(door.session, back, &size), CKR_OPERATION_NOT_INITIALIZED);
}

static void short_buffers_do_not_end_ciphers(void **state) {
    (void)state;
    CK_BYTE iv[16] = {9};
    CK_MECHANISM pad = {CKM_AES_CBC_PAD, iv, 16};
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_ULONG size = 20;
    fill_large();
    door_ok(door.f->C_EncryptInit(door.session, &pad, key));
    door_is(door.f->C_Encrypt(door.session, large, 20, out, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 32);
    door_ok(door.f->C_Encrypt(door.session, large, 20, out, &size));
    door_ok(door.f->C_DecryptInit(door.session, &pad, key));
    size = 19;
    door_is(door.f->C_Decrypt(door.session, out, 32, back, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 20);
    door_ok(door.f->C_Decrypt(door.session, out, 32, back, &size));
    assert_int_equal(size, 20);
    assert_memory_equal(back, large, 20);
    door_ok(door.f->C_DecryptInit(door.session, &pad, key));
    size = 0;
    door_is(door.f->C_DecryptUpdate(door.session, out, 32, back, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 16);
    door_ok(door.f->C_DecryptUpdate(door.session, out, 32, back, &size));
    size = 1;
    door_is(door.f->C_DecryptFinal(door.session, back + 16, &size), CKR_BUFFER_TOO_SMALL);
    assert_int_equal(size, 4);
    door_ok(door.f->C_DecryptFinal(door.session, back + 16, &size));
    assert_memory_equal(back, large, 20);
}

static void wrong_lengths_of_ciphers_are_told_apart(void **state) {
    (void)state;
    CK_BYTE iv[16] = {9};
    CK_MECHANISM cbc = {CKM_AES_CBC, iv, 16}, short_iv = {CKM_AES_CBC, iv, 8};
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_ULONG size = sizeof(out);
    door_is(door.f->C_EncryptInit(door.session, &short_iv, key), CKR_MECHANISM_PARAM_INVALID);
    door_ok(door.f->C_EncryptInit(door.session, &cbc, key));
    door_is(door.f->C_Encrypt(door.session, large, 15, out, &size), CKR_DATA_LEN_RANGE);
    door_ok(door.f->C_DecryptInit(door.session, &cbc, key));
    size = sizeof(out);
    door_is(door.f->C_Decrypt(door.session, large, 15, out, &size), CKR_ENCRYPTED_DATA_LEN_RANGE);
}

static void signature_first_verifies_at_once_and_in_parts(void **state) {
    (void)state;
    CK_OBJECT_HANDLE public, private;
    CK_BYTE signature[64];
    CK_ULONG size = sizeof(signature);
    fill_large();
    door_ec_pair(&public, &private);
    door_ok(door.f->C_SignInit(door.session, &ecdsa_sha256, private));
    door_ok(door.f->C_Sign(door.session, large, 300, signature, &size));
    door_ok(door.f->C_VerifySignatureInit(door.session, &ecdsa_sha256, public, signature, size));
    door_ok(door.f->C_VerifySignature(door.session, large, 300));
    door_ok(door.f->C_VerifySignatureInit(door.session, &ecdsa_sha256, public, signature, size));
    door_ok(door.f->C_VerifySignatureUpdate(door.session, large, 100));
    door_ok(door.f->C_VerifySignatureUpdate(door.session, large + 100, 200));
    door_ok(door.f->C_VerifySignatureFinal(door.session));
    signature[9] ^= 1;
    door_ok(door.f->C_VerifySignatureInit(door.session, &ecdsa_sha256, public, signature, size));
    door_is(door.f->C_VerifySignature(door.session, large, 300), CKR_SIGNATURE_INVALID);
    /* The two families do not end each other's operations. */
    door_ok(door.f->C_VerifyInit(door.session, &ecdsa_sha256, public));
    door_is(door.f->C_VerifySignature(door.session, large, 300), CKR_OPERATION_NOT_INITIALIZED);
}

static void two_operations_side_by_side(void **state) {
    (void)state;
    CK_BYTE iv[16] = {9}, one[32], two[32];
    CK_MECHANISM cbc = {CKM_AES_CBC, iv, 16}, sha256 = {CKM_SHA256, NULL, 0};
    CK_OBJECT_HANDLE key = door_aes(32);
    CK_ULONG size = 64, digest_size = 32;
    fill_large();
    door_ok(door.f->C_EncryptInit(door.session, &cbc, key));
    door_is(door.f->C_DigestEncryptUpdate(door.session, large, 64, out, &size),
            CKR_OPERATION_NOT_INITIALIZED);
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    size = 3;
    door_is(door.f->C_DigestEncryptUpdate(door.session, large, 64, out, &size),
            CKR_BUFFER_TOO_SMALL);
    memcpy(out, large, 64);
    door_ok(door.f->C_DigestEncryptUpdate(door.session, out, 64, out, &size));
    door_ok(door.f->C_EncryptFinal(door.session, out + 64, &size));
    door_ok(door.f->C_DigestFinal(door.session, one, &digest_size));
    door_ok(door.f->C_DecryptInit(door.session, &cbc, key));
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    size = 64;
    door_ok(door.f->C_DecryptDigestUpdate(door.session, out, 64, back, &size));
    door_ok(door.f->C_DecryptFinal(door.session, back + 64, &size));
    door_ok(door.f->C_DigestFinal(door.session, two, &digest_size));
    assert_memory_equal(back, large, 64);
    assert_memory_equal(one, two, 32);
}

static void operations_of_two_sessions_do_not_meet(void **state) {
    (void)state;
    CK_MECHANISM sha256 = {CKM_SHA256, NULL, 0};
    CK_SESSION_HANDLE other = door_session(0);
    CK_BYTE digest[32], a[3] = "abc", x[1] = "x";
    CK_ULONG size = 32;
    door_ok(door.f->C_DigestInit(door.session, &sha256));
    door_ok(door.f->C_DigestInit(other, &sha256));
    door_ok(door.f->C_DigestUpdate(door.session, a, 2));
    door_ok(door.f->C_DigestUpdate(other, x, 1));
    door_ok(door.f->C_DigestUpdate(door.session, a + 2, 1));
    door_ok(door.f->C_CloseSession(other));
    door_ok(door.f->C_DigestFinal(door.session, digest, &size));
    assert_memory_equal(digest, sha256_abc, 32);
}

static void random_of_every_size(void **state) {
    (void)state;
    memset(out, 0, sizeof(out));
    door_ok(door.f->C_GenerateRandom(door.session, out, 1));
    door_ok(door.f->C_GenerateRandom(door.session, out, 0));
    door_ok(door.f->C_GenerateRandom(door.session, out, LARGE));
    unsigned zeros = 0;
    for (size_t i = LARGE - 64; i < LARGE; i++) {
        zeros += out[i] == 0;
    }
    assert_true(zeros < 32);
    assert_int_equal(out[LARGE], 0);
    door_is(door.f->C_SeedRandom(door.session, out, 5), CKR_RANDOM_SEED_NOT_SUPPORTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STORY(length_is_told_and_a_short_buffer_keeps_the_signature_going),
        STORY(failed_call_ends_the_operation),
        STORY(second_init_is_refused_while_one_is_active),
        STORY(signature_in_parts_is_the_signature_of_the_whole),
        STORY(sign_does_not_end_what_update_began),
        STORY(mechanism_of_one_part_gathers_a_small_message),
        STORY(digest_at_once_in_parts_and_large),
        STORY(ciphers_agree_at_once_and_in_parts),
        STORY(gcm_in_parts_gives_nothing_before_the_tag_is_right),
        STORY(short_buffers_do_not_end_ciphers),
        STORY(wrong_lengths_of_ciphers_are_told_apart),
        STORY(signature_first_verifies_at_once_and_in_parts),
        STORY(two_operations_side_by_side),
        STORY(operations_of_two_sessions_do_not_meet),
        STORY(random_of_every_size),
    };
    return cmocka_run_group_tests_name("door_operations", tests, door_begin, door_finish);
}
