/* SPDX-License-Identifier: Apache-2.0 */
/* Holds host/pkcs11/pkcs11.h to the numbers and layouts of PKCS #11 v3.2. The values here are
 * typed from the specification, so that a slip in the header meets a second hand. */
#include "host/pkcs11/pkcs11.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct number {
    const char *name;
    CK_ULONG ours;
    CK_ULONG standard;
};

struct layout {
    const char *name;
    size_t ours;
    size_t standard;
};

#define NUMBER(name, standard)        { #name, name, standard }
#define SIZE(type, standard)          { #type, sizeof(type), standard }
#define PLACE(type, field, standard)  { #type "." #field, offsetof(type, field), standard }
#define COUNT(array)                  (sizeof(array) / sizeof((array)[0]))
#define CHECK_NUMBERS(table)          check_numbers(table, COUNT(table))
#define CHECK_LAYOUTS(table)          check_layouts(table, COUNT(table))

static void check_numbers(const struct number *table, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (table[i].ours != table[i].standard) {
            print_error("%s is 0x%lx, the standard says 0x%lx\n", table[i].name, table[i].ours,
                        table[i].standard);
        }
        assert_int_equal(table[i].ours, table[i].standard);
    }
}

/* The layouts are those of a 64-bit Unix. */
static void check_layouts(const struct layout *table, size_t count) {
    if (sizeof(CK_ULONG) != 8) {
        skip();
    }
    for (size_t i = 0; i < count; i++) {
        if (table[i].ours != table[i].standard) {
            print_error("%s is at or of %zu, the standard says %zu\n", table[i].name,
                        table[i].ours, table[i].standard);
        }
        assert_int_equal(table[i].ours, table[i].standard);
    }
}

static void attributes_have_the_numbers_of_the_standard(void **state) {
    (void)state;
    static const struct number table[] = {
        NUMBER(CKA_CLASS, 0x0),
        NUMBER(CKA_TOKEN, 0x1),
        NUMBER(CKA_PRIVATE, 0x2),
        NUMBER(CKA_LABEL, 0x3),
        NUMBER(CKA_UNIQUE_ID, 0x4),
        NUMBER(CKA_VALUE, 0x11),
        NUMBER(CKA_CERTIFICATE_TYPE, 0x80),
        NUMBER(CKA_TRUSTED, 0x86),
        NUMBER(CKA_CHECK_VALUE, 0x90),
        NUMBER(CKA_KEY_TYPE, 0x100),
        NUMBER(CKA_ID, 0x102),
        NUMBER(CKA_SENSITIVE, 0x103),
        NUMBER(CKA_SIGN, 0x108),
        NUMBER(CKA_DERIVE, 0x10c),
        NUMBER(CKA_MODULUS, 0x120),
        NUMBER(CKA_COEFFICIENT, 0x128),
        NUMBER(CKA_PUBLIC_KEY_INFO, 0x129),
        NUMBER(CKA_VALUE_LEN, 0x161),
        NUMBER(CKA_EXTRACTABLE, 0x162),
        NUMBER(CKA_NEVER_EXTRACTABLE, 0x164),
        NUMBER(CKA_ALWAYS_SENSITIVE, 0x165),
        NUMBER(CKA_KEY_GEN_MECHANISM, 0x166),
        NUMBER(CKA_MODIFIABLE, 0x170),
        NUMBER(CKA_DESTROYABLE, 0x172),
        NUMBER(CKA_EC_PARAMS, 0x180),
        NUMBER(CKA_EC_POINT, 0x181),
        NUMBER(CKA_ALWAYS_AUTHENTICATE, 0x202),
        NUMBER(CKA_WRAP_WITH_TRUSTED, 0x210),
        NUMBER(CKA_WRAP_TEMPLATE, 0x40000211),
        NUMBER(CKA_UNWRAP_TEMPLATE, 0x40000212),
        NUMBER(CKA_DERIVE_TEMPLATE, 0x40000213),
        NUMBER(CKA_ALLOWED_MECHANISMS, 0x40000600),
        NUMBER(CKA_PROFILE_ID, 0x601),
        NUMBER(CKA_PARAMETER_SET, 0x61d),
        NUMBER(CKA_OBJECT_VALIDATION_FLAGS, 0x61e),
        NUMBER(CKA_VALIDATION_PROFILE, 0x629),
        NUMBER(CKA_ENCAPSULATE_TEMPLATE, 0x62a),
        NUMBER(CKA_DECAPSULATE_TEMPLATE, 0x62b),
        NUMBER(CKA_TRUST_SERVER_AUTH, 0x62c),
        NUMBER(CKA_TRUST_OCSP_SIGNING, 0x632),
        NUMBER(CKA_ENCAPSULATE, 0x633),
        NUMBER(CKA_DECAPSULATE, 0x634),
        NUMBER(CKA_SEED, 0x637),
        NUMBER(CKA_VENDOR_DEFINED, 0x80000000),
    };
    CHECK_NUMBERS(table);
}

static void mechanisms_have_the_numbers_of_the_standard(void **state) {
    (void)state;
    static const struct number table[] = {
        NUMBER(CKM_RSA_PKCS_KEY_PAIR_GEN, 0x0),
        NUMBER(CKM_RSA_PKCS, 0x1),
        NUMBER(CKM_RSA_X_509, 0x3),
        NUMBER(CKM_RSA_PKCS_OAEP, 0x9),
        NUMBER(CKM_RSA_PKCS_PSS, 0xd),
        NUMBER(CKM_ML_KEM_KEY_PAIR_GEN, 0xf),
        NUMBER(CKM_ML_KEM, 0x17),
        NUMBER(CKM_ML_DSA_KEY_PAIR_GEN, 0x1c),
        NUMBER(CKM_ML_DSA, 0x1d),
        NUMBER(CKM_HASH_ML_DSA, 0x1f),
        NUMBER(CKM_HASH_ML_DSA_SHAKE256, 0x2c),
        NUMBER(CKM_SLH_DSA_KEY_PAIR_GEN, 0x2d),
        NUMBER(CKM_SLH_DSA, 0x2e),
        NUMBER(CKM_HASH_SLH_DSA_SHAKE256, 0x3f),
        NUMBER(CKM_SHA256_RSA_PKCS, 0x40),
        NUMBER(CKM_SHA256_RSA_PKCS_PSS, 0x43),
        NUMBER(CKM_SHA_1, 0x220),
        NUMBER(CKM_SHA256, 0x250),
        NUMBER(CKM_SHA256_HMAC, 0x251),
        NUMBER(CKM_SHA384, 0x260),
        NUMBER(CKM_SHA512, 0x270),
        NUMBER(CKM_SHA3_256, 0x2b0),
        NUMBER(CKM_GENERIC_SECRET_KEY_GEN, 0x350),
        NUMBER(CKM_SP800_108_COUNTER_KDF, 0x3ac),
        NUMBER(CKM_PKCS5_PBKD2, 0x3b0),
        NUMBER(CKM_EC_KEY_PAIR_GEN, 0x1040),
        NUMBER(CKM_ECDSA, 0x1041),
        NUMBER(CKM_ECDSA_SHA256, 0x1044),
        NUMBER(CKM_ECDH1_DERIVE, 0x1050),
        NUMBER(CKM_RSA_AES_KEY_WRAP, 0x1054),
        NUMBER(CKM_EC_EDWARDS_KEY_PAIR_GEN, 0x1055),
        NUMBER(CKM_EC_MONTGOMERY_KEY_PAIR_GEN, 0x1056),
        NUMBER(CKM_EDDSA, 0x1057),
        NUMBER(CKM_AES_KEY_GEN, 0x1080),
        NUMBER(CKM_AES_ECB, 0x1081),
        NUMBER(CKM_AES_CBC, 0x1082),
        NUMBER(CKM_AES_CBC_PAD, 0x1085),
        NUMBER(CKM_AES_CTR, 0x1086),
        NUMBER(CKM_AES_GCM, 0x1087),
        NUMBER(CKM_AES_CMAC, 0x108a),
        NUMBER(CKM_AES_CMAC_GENERAL, 0x108b),
        NUMBER(CKM_AES_KEY_WRAP, 0x2109),
        NUMBER(CKM_AES_KEY_WRAP_KWP, 0x210b),
        NUMBER(CKM_CHACHA20_POLY1305, 0x4021),
        NUMBER(CKM_HKDF_DERIVE, 0x402a),
        NUMBER(CKM_XMSS, 0x4036),
        NUMBER(CKM_PUB_KEY_FROM_PRIV_KEY, 0x403a),
        NUMBER(CKM_VENDOR_DEFINED, 0x80000000),
    };
    CHECK_NUMBERS(table);
}

static void results_have_the_numbers_of_the_standard(void **state) {
    (void)state;
    static const struct number table[] = {
        NUMBER(CKR_OK, 0x0),
        NUMBER(CKR_GENERAL_ERROR, 0x5),
        NUMBER(CKR_ARGUMENTS_BAD, 0x7),
        NUMBER(CKR_ATTRIBUTE_SENSITIVE, 0x11),
        NUMBER(CKR_ACTION_PROHIBITED, 0x1b),
        NUMBER(CKR_DEVICE_ERROR, 0x30),
        NUMBER(CKR_ENCRYPTED_DATA_INVALID, 0x40),
        NUMBER(CKR_AEAD_DECRYPT_FAILED, 0x42),
        NUMBER(CKR_FUNCTION_NOT_SUPPORTED, 0x54),
        NUMBER(CKR_KEY_HANDLE_INVALID, 0x60),
        NUMBER(CKR_MECHANISM_INVALID, 0x70),
        NUMBER(CKR_OBJECT_HANDLE_INVALID, 0x82),
        NUMBER(CKR_OPERATION_ACTIVE, 0x90),
        NUMBER(CKR_OPERATION_NOT_INITIALIZED, 0x91),
        NUMBER(CKR_PIN_INCORRECT, 0xa0),
        NUMBER(CKR_PIN_LOCKED, 0xa4),
        NUMBER(CKR_SESSION_HANDLE_INVALID, 0xb3),
        NUMBER(CKR_SIGNATURE_INVALID, 0xc0),
        NUMBER(CKR_TEMPLATE_INCONSISTENT, 0xd1),
        NUMBER(CKR_USER_NOT_LOGGED_IN, 0x101),
        NUMBER(CKR_BUFFER_TOO_SMALL, 0x150),
        NUMBER(CKR_CRYPTOKI_NOT_INITIALIZED, 0x190),
        NUMBER(CKR_CRYPTOKI_ALREADY_INITIALIZED, 0x191),
        NUMBER(CKR_EXCEEDED_MAX_ITERATIONS, 0x1b5),
        NUMBER(CKR_FIPS_SELF_TEST_FAILED, 0x1b6),
        NUMBER(CKR_LIBRARY_LOAD_FAILED, 0x1b7),
        NUMBER(CKR_PIN_TOO_WEAK, 0x1b8),
        NUMBER(CKR_PUBLIC_KEY_INVALID, 0x1b9),
        NUMBER(CKR_FUNCTION_REJECTED, 0x200),
        NUMBER(CKR_OPERATION_CANCEL_FAILED, 0x202),
        NUMBER(CKR_PENDING, 0x204),
        NUMBER(CKR_SESSION_ASYNC_NOT_SUPPORTED, 0x205),
        NUMBER(CKR_TOKEN_NOT_INITIALIZED, 0x208),
        NUMBER(CKR_PARAMETER_SET_NOT_SUPPORTED, 0x209),
    };
    CHECK_NUMBERS(table);
}

static void classes_types_and_flags_have_the_numbers_of_the_standard(void **state) {
    (void)state;
    static const struct number table[] = {
        NUMBER(CRYPTOKI_VERSION_MAJOR, 3),
        NUMBER(CRYPTOKI_VERSION_MINOR, 2),
        NUMBER(CK_UNAVAILABLE_INFORMATION, ~0UL),
        NUMBER(CKO_SECRET_KEY, 4),
        NUMBER(CKO_PROFILE, 9),
        NUMBER(CKO_VALIDATION, 10),
        NUMBER(CKO_TRUST, 11),
        NUMBER(CKK_EC, 3),
        NUMBER(CKK_AES, 0x1f),
        NUMBER(CKK_EC_EDWARDS, 0x40),
        NUMBER(CKK_ML_KEM, 0x49),
        NUMBER(CKK_ML_DSA, 0x4a),
        NUMBER(CKK_SLH_DSA, 0x4b),
        NUMBER(CKP_BASELINE_PROVIDER, 1),
        NUMBER(CKP_PUBLIC_CERTIFICATES_TOKEN, 4),
        NUMBER(CKP_ML_KEM_1024, 3),
        NUMBER(CKP_ML_DSA_87, 3),
        NUMBER(CKP_SLH_DSA_SHAKE_256F, 12),
        NUMBER(CKU_CONTEXT_SPECIFIC, 2),
        NUMBER(CKS_RW_SO_FUNCTIONS, 4),
        NUMBER(CKF_SERIAL_SESSION, 4),
        NUMBER(CKF_ASYNC_SESSION, 8),
        NUMBER(CKF_TOKEN_INITIALIZED, 0x400),
        NUMBER(CKF_SEED_RANDOM_REQUIRED, 0x2000000),
        NUMBER(CKF_ASYNC_SESSION_SUPPORTED, 0x4000000),
        NUMBER(CKF_MESSAGE_ENCRYPT, 2),
        NUMBER(CKF_FIND_OBJECTS, 0x40),
        NUMBER(CKF_SIGN, 0x800),
        NUMBER(CKF_ENCAPSULATE, 0x10000000),
        NUMBER(CKF_DECAPSULATE, 0x20000000),
        NUMBER(CKF_EXTENSION, 0x80000000),
        NUMBER(CKG_MGF1_SHA224, 5),
        NUMBER(CKD_NULL, 1),
        NUMBER(CKH_DETERMINISTIC_REQUIRED, 2),
        NUMBER(CKV_AUTHORITY_TYPE_COMMON_CRITERIA, 2),
    };
    CHECK_NUMBERS(table);
}

static void base_structures_lie_as_in_the_standard(void **state) {
    (void)state;
    static const struct layout table[] = {
        SIZE(CK_VERSION, 2),
        SIZE(CK_INFO, 88),
        PLACE(CK_INFO, flags, 40),
        PLACE(CK_INFO, libraryVersion, 80),
        SIZE(CK_SLOT_INFO, 112),
        PLACE(CK_SLOT_INFO, firmwareVersion, 106),
        SIZE(CK_TOKEN_INFO, 208),
        PLACE(CK_TOKEN_INFO, flags, 96),
        PLACE(CK_TOKEN_INFO, hardwareVersion, 184),
        PLACE(CK_TOKEN_INFO, utcTime, 188),
        SIZE(CK_SESSION_INFO, 32),
        SIZE(CK_ATTRIBUTE, 24),
        PLACE(CK_ATTRIBUTE, pValue, 8),
        PLACE(CK_ATTRIBUTE, ulValueLen, 16),
        SIZE(CK_DATE, 8),
        SIZE(CK_MECHANISM, 24),
        SIZE(CK_MECHANISM_INFO, 24),
        SIZE(CK_C_INITIALIZE_ARGS, 48),
        PLACE(CK_C_INITIALIZE_ARGS, flags, 32),
        PLACE(CK_C_INITIALIZE_ARGS, pReserved, 40),
        SIZE(CK_INTERFACE, 24),
        SIZE(CK_ASYNC_DATA, 40),
        PLACE(CK_ASYNC_DATA, hAdditionalObject, 32),
    };
    CHECK_LAYOUTS(table);
}

static void parameters_lie_as_in_the_standard(void **state) {
    (void)state;
    static const struct layout table[] = {
        SIZE(CK_RSA_PKCS_OAEP_PARAMS, 40),
        SIZE(CK_RSA_PKCS_PSS_PARAMS, 24),
        SIZE(CK_ECDH1_DERIVE_PARAMS, 40),
        PLACE(CK_ECDH1_DERIVE_PARAMS, pPublicData, 32),
        SIZE(CK_EDDSA_PARAMS, 24),
        PLACE(CK_EDDSA_PARAMS, pContextData, 16),
        SIZE(CK_SIGN_ADDITIONAL_CONTEXT, 24),
        SIZE(CK_HASH_SIGN_ADDITIONAL_CONTEXT, 32),
        PLACE(CK_HASH_SIGN_ADDITIONAL_CONTEXT, hash, 24),
        SIZE(CK_AES_CTR_PARAMS, 24),
        SIZE(CK_GCM_PARAMS, 48),
        PLACE(CK_GCM_PARAMS, pAAD, 24),
        SIZE(CK_GCM_MESSAGE_PARAMS, 48),
        PLACE(CK_GCM_MESSAGE_PARAMS, pTag, 32),
        SIZE(CK_GCM_WRAP_PARAMS, 56),
        SIZE(CK_CCM_PARAMS, 48),
        SIZE(CK_CCM_WRAP_PARAMS, 64),
        SIZE(CK_SALSA20_CHACHA20_POLY1305_PARAMS, 32),
        SIZE(CK_HKDF_PARAMS, 64),
        PLACE(CK_HKDF_PARAMS, bExpand, 1),
        PLACE(CK_HKDF_PARAMS, prfHashMechanism, 8),
        PLACE(CK_HKDF_PARAMS, pInfo, 48),
        SIZE(CK_SP800_108_KDF_PARAMS, 40),
        SIZE(CK_PKCS5_PBKD2_PARAMS2, 72),
        SIZE(CK_RSA_AES_KEY_WRAP_PARAMS, 16),
    };
    CHECK_LAYOUTS(table);
}

/* A list holds its version, padded to one slot, then one pointer for each function. */
#define SLOTS(list) (sizeof(list) / sizeof(void (*)(void)) - 1)
#define ONE_FOR_EACH(name, arguments) +1

static void function_lists_have_68_then_92_then_104_slots(void **state) {
    (void)state;
    assert_int_equal(SLOTS(CK_FUNCTION_LIST), 68);
    assert_int_equal(SLOTS(CK_FUNCTION_LIST_3_0), 92);
    assert_int_equal(SLOTS(CK_FUNCTION_LIST_3_2), 104);
    assert_int_equal(0 CK_FUNCTIONS_2_40(ONE_FOR_EACH), 68);
    assert_int_equal(0 CK_FUNCTIONS_3_0(ONE_FOR_EACH), 92);
    assert_int_equal(0 CK_FUNCTIONS_3_2(ONE_FOR_EACH), 104);
}

#define SLOT(list, name) (offsetof(list, name) / sizeof(void (*)(void)) - 1)

static void functions_stand_in_the_slots_of_the_standard(void **state) {
    (void)state;
    assert_int_equal(offsetof(CK_FUNCTION_LIST_3_2, version), 0);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_Initialize), 0);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_GetFunctionList), 3);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_OpenSession), 12);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_Login), 18);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_FindObjects), 27);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_SignInit), 42);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_GenerateKeyPair), 59);
    assert_int_equal(SLOT(CK_FUNCTION_LIST, C_WaitForSlotEvent), 67);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_0, C_WaitForSlotEvent), 67);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_0, C_GetInterfaceList), 68);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_0, C_LoginUser), 70);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_0, C_MessageVerifyFinal), 91);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_2, C_MessageVerifyFinal), 91);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_2, C_EncapsulateKey), 92);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_2, C_VerifySignatureInit), 94);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_2, C_AsyncJoin), 101);
    assert_int_equal(SLOT(CK_FUNCTION_LIST_3_2, C_UnwrapKeyAuthenticated), 103);
}

static CK_RV decapsulate(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                         CK_OBJECT_HANDLE private_key, CK_ATTRIBUTE_PTR attributes, CK_ULONG count,
                         CK_BYTE_PTR ciphertext, CK_ULONG size, CK_OBJECT_HANDLE_PTR key) {
    (void)session, (void)mechanism, (void)private_key, (void)attributes, (void)count;
    (void)ciphertext, (void)key;
    return size == 1088 ? CKR_OK : CKR_ARGUMENTS_BAD;
}

/* Some headers in use have a pointer here; the standard passes the size itself. */
static void decapsulation_takes_the_size_of_the_ciphertext_by_value(void **state) {
    (void)state;
    CK_C_DecapsulateKey call = decapsulate;
    assert_int_equal(call(0, NULL_PTR, 0, NULL_PTR, 0, NULL_PTR, 1088, NULL_PTR), CKR_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_have_the_numbers_of_the_standard),
        cmocka_unit_test(mechanisms_have_the_numbers_of_the_standard),
        cmocka_unit_test(results_have_the_numbers_of_the_standard),
        cmocka_unit_test(classes_types_and_flags_have_the_numbers_of_the_standard),
        cmocka_unit_test(base_structures_lie_as_in_the_standard),
        cmocka_unit_test(parameters_lie_as_in_the_standard),
        cmocka_unit_test(function_lists_have_68_then_92_then_104_slots),
        cmocka_unit_test(functions_stand_in_the_slots_of_the_standard),
        cmocka_unit_test(decapsulation_takes_the_size_of_the_ciphertext_by_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
