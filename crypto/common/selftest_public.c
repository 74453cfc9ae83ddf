/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests of public-key algorithms. */
#include "crypto/common/selftest.h"

#include "crypto/common/curve.h"

/* A key and a fixed answer. Keys and messages are the sources' own. */
struct pair {
    enum key_type type;
    const char *ec_params;
    const char *value;
    const char *ec_point;
    struct mechanism mechanism;
    const char *message;
    const char *answer; /* a signature or a shared secret */
};

/* RFC 6979, A.2.5 to A.2.7: the message "sample". */
static const struct pair p256 = {
    .type = KEY_EC,
    .ec_params = "06082a8648ce3d030107",
    .value = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    .ec_point = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc"
                "99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
    .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA256},
    .message = "73616d706c65",
    .answer = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41"
              "d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
};
static const struct pair p384 = {
    .type = KEY_EC,
    .ec_params = "06052b81040022",
    .value = "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825"
             "f872c9ea60d2edf5",
    .ec_point = "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea905586"
                "6064a254515480bc138015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9d"
                "b1288b231c3ae0d4fe7344fd2533264720",
    .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA384},
    .message = "73616d706c65",
    .answer = "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf9"
              "6e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94f"
              "a329c145786e679e7b82c71a38628ac8",
};
static const struct pair p521 = {
    .type = KEY_EC,
    .ec_params = "06052b81040023",
    .value = "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c"
             "70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
    .ec_point = "0401894550d0785932e00eaa23b694f213f8c3121f86dc97a04e5a7167db4e5bcd371123d46e45db"
                "6b5d5370a7f20fb633155d38ffa16d2bd761dcac474b9a2f5023a400493101c962cd4d2fddf78228"
                "5e64584139c2f91b47f87ff82354d6630f746a28a0db25741b5b34a828008b22acc23f924faafbd4"
                "d33f81ea66956dfeaa2bfdfcf5",
    .mechanism = {.algorithm = ALGORITHM_ECDSA, .hash = HASH_SHA512},
    .message = "73616d706c65",
    .answer = "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5"
              "d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa00617cce7cf5064806c467f678d3"
              "b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1"
              "dccc43997f1ee0e44da4a67a",
};
/* RFC 8032, 7.1, TEST 2. */
static const struct pair ed25519 = {
    .type = KEY_ED25519,
    .ec_params = "06032b6570",
    .value = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    .ec_point = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    .mechanism = {.algorithm = ALGORITHM_EDDSA},
    .message = "72",
    .answer = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
              "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};
/* RFC 5903, 8.1: the message is the other side's point. */
static const struct pair ecdh_p256 = {
    .type = KEY_EC,
    .ec_params = "06082a8648ce3d030107",
    .value = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
    .mechanism = {.algorithm = ALGORITHM_ECDH},
    .message = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
               "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab",
    .answer = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
};
/* RFC 7748, 6.1. */
static const struct pair x25519 = {
    .type = KEY_X25519,
    .ec_params = "06032b656e",
    .value = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
    .mechanism = {.algorithm = ALGORITHM_X25519},
    .message = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    .answer = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
};

/* RSA: the 2048-bit key of Project Wycheproof's vectors, and its tests rsa_signature_2048_sha256
 * number 3, rsa_pss_2048_sha256_mgf1_32 number 3, rsa_oaep_2048_sha256_mgf1sha256 number 4. */
static const char rsa_n[] =
    "a2b451a07d0aa5f96e455671513550514a8a5b462ebef717094fa1fee82224e637f9746d3f7cafd3"
    "1878d80325b6ef5a1700f65903b469429e89d6eac8845097b5ab393189db92512ed8a7711a1253fa"
    "cd20f79c15e8247f3d3e42e46e48c98e254a2fe9765313a03eff8f17e1a029397a1fa26a8dce26f4"
    "90ed81299615d9814c22da610428e09c7d9658594266f5c021d0fceca08d945a12be82de4d1ece6b"
    "4c03145b5d3495d4ed5411eb878daf05fd7afc3e09ada0f1126422f590975a1969816f48698bcbba"
    "1b4d9cae79d460d8f9f85e7975005d9bc22c4e5ac0f7c1a45d12569a62807d3b9a02e5a530e77306"
    "6f453d1f5b4c2e9cf7820283f742b9d5";
static const char rsa_p[] =
    "dc431050f782e894fb5248247d98cb7d58b8d1e24f3b55d041c56e4de086b0d5bb028bda42eeb5d2"
    "34d5681e5809d415e6a289ad4cfbf78f978f6c35814f50eebff1c5b80a69f788e81e6bab5ddaa783"
    "69d659d143ec6f17e79813a575cfad9c569156b90113e2e9110ad9e7b48a1c9348a6e65332119129"
    "0ea36cfb3a5b18f1";
static const char rsa_q[] =
    "bd1a81e7977f9898122273ae3222b598ea5fb19eb4eabc38308a5e32196603b2e500ffb79f5b8868"
    "16611debc472fac45544070beb057c941378a6868af3b7a03d3f9880ec47d5e089b94fbde542aba9"
    "ae8d72c57088d7abf5b131f39098f7bc160f90536abc9492fd4e06f3ed7299d4b97bb03677207d95"
    "669f140cfbc20f25";
static const char rsa_message[] = "54657374";
static const char rsa_pkcs1_signature[] =
    "264491e844c119f14e425c03282139a558dcdaeb82a4628173cd407fd319f9076eaebc0dd87a1c22"
    "e4d17839096886d58a9d5b7f7aeb63efec56c45ac7bead4203b6886e1faa90e028ec0ae094d46bf3"
    "f97efdd19045cfbc25a1abda2432639f9876405c0d68f8edbf047c12a454f7681d5d5a2b54bd3723"
    "d193dbad4338baad753264006e2d08931c4b8bb79aa1c9cad10eb6605f87c5831f6e2b08e002f9c6"
    "f21141f5841d92727dd3e1d99c36bc560da3c9067df99fcaf818941f72588be33032bad22caf6704"
    "223bb114d575b6d02d9d222b580005d930e8f40cce9f672eebb634a20177d84351627964b83f2053"
    "d736a84ab1a005f63bd5ba943de6205c";
static const char rsa_pss_signature[] =
    "401eb03cdb47ca88033e3030f6bdecbac8f5c8fc1dd6a13d23d379ed9a2b309891d13d74fea9d21d"
    "159b9e6d8f37efa2489962e24555f56dd434ff1d31ce4f9f5abd3f22cbea8b691d6a11e44efb83e2"
    "bca155e6a164325e0fde2a8865afd5c9f51161a9d615f62af7ec2e31b3e5ab649c164490d31d88cf"
    "ae35b84aea7925690f929a144b6d2f48e8fb894a52deecd1b9a6496990c4ecf1588699a42cacd10c"
    "53af350514e4291ea9a058e77f101e32c1c0cefa61d945f7bc931f8bd19e7ba3169358a60e5a8b01"
    "23bc3199b9fdcafe8e519c41ba675491a27b85e44ef2d77277c10fe107293c8290186913bc9a99b6"
    "40d8da041b64f31eab1d35920985f4a5";
static const char rsa_plain[] = "313233343030";
static const char rsa_oaep[] =
    "0da290b0bf71a1141b2adc62b5b42b07fc52520cb05d1f39ccca7b7c22d379a6c2f2d93143d05705"
    "0140527a1e5638243938b531ec3de7014b0151301e49b9fa433482a02abdfd94193dc9c70157e557"
    "776a69ded01ecbeac405133595c61165a428b6284729a4746b47d2bbaca9d7432c3b5693591cfee4"
    "88eb3c68ddb6cde0dd61cfc6952423f994abecee34f5683732b29934a2c498ad48cdd30c14917718"
    "9f48eefd9cc7232df18be11ff5f7e3af7319e3115997c599e2d8f7f4f663dcc40032d403436d3058"
    "a5ea66473660f0e195281ec6eba997d2a951ca6ca5f3c112715c89da1d3dfb20a21940594ed10ade"
    "90ed7452b753757d7241cb8a803c373a";
/* OpenSSL, through Python's cryptography, encrypted this. */
static const char rsa_pkcs1[] =
    "81c0cae34133ca901e99b4bf004c86e9d23f0597362a4a81558ab83be31845384df06617d0e6562d"
    "08d505cfa658c1ea9d2560b5b91c5ed1490439614ceeaa4e3076976d47a536558acf737d1bd166cb"
    "3096a42f904be7d1c217d23681e7fd0fa084e8300c8ead7a4a306077c2b147ff80aa0d2273f78b74"
    "7a01115e932f6146d0ee09f469f5c68bb4234739676d8ec8d1728adbc16de48177e0fd665704abd0"
    "b4dba1c3032f9fec8415fc066a5fde17673b49c04cad03792bda0e0f991e0aa42edd2e985b3f38b4"
    "ac84f36e5f69508540d3b9cf6117c4ccebf6c797d59a79c5a8c8028009a109a4c4f2244060dd71b7"
    "6b197a60be2f5f9d265bdb968672871d";

static const struct mechanism pkcs1 = {.algorithm = ALGORITHM_RSA_PKCS1, .hash = HASH_SHA256};
static const struct mechanism pkcs1_encryption = {.algorithm = ALGORITHM_RSA_PKCS1};
static const struct mechanism pss = {.algorithm = ALGORITHM_RSA_PSS,
                                     .hash = HASH_SHA256,
                                     .digest = HASH_SHA256,
                                     .mgf = HASH_SHA256,
                                     .salt_size = 32};
static const struct mechanism oaep = {
    .algorithm = ALGORITHM_RSA_OAEP, .digest = HASH_SHA256, .mgf = HASH_SHA256};

static enum status load_pair(const struct pair *pair, bool is_private, struct crypto_key *key) {
    enum { OID_SIZE_MAX = 16 };
    uint8_t params[OID_SIZE_MAX];
    uint8_t value[FIELD_SIZE_MAX];
    uint8_t point[POINT_SIZE_MAX];
    struct key_parts parts = {
        .type = pair->type,
        .is_private = is_private,
        .ec_params = selftest_read(pair->ec_params, params),
        .value = selftest_read(is_private ? pair->value : NULL, value),
        .ec_point = selftest_read(is_private ? NULL : pair->ec_point, point),
    };
    return crypto_key_load(key, &parts);
}

static enum status load_rsa(struct crypto_key *key) {
    uint8_t n[SELFTEST_SIZE_MAX];
    uint8_t p[SELFTEST_SIZE_MAX / 2];
    uint8_t q[SELFTEST_SIZE_MAX / 2];
    static const uint8_t e[] = {0x01, 0x00, 0x01};
    struct key_parts parts = {
        .type = KEY_RSA,
        .is_private = true,
        .modulus = selftest_read(rsa_n, n),
        .public_exponent = bytes_of(e, sizeof(e)),
        .prime_1 = selftest_read(rsa_p, p),
        .prime_2 = selftest_read(rsa_q, q),
    };
    return crypto_key_load(key, &parts);
}

/* Whether a known signature is accepted. */
static enum status verify(struct crypto_key *key, const struct mechanism *mechanism,
                          const char *message_hex, const char *signature_hex, bool corrupt) {
    uint8_t message_room[SELFTEST_SIZE_MAX];
    uint8_t signature_room[SELFTEST_SIZE_MAX];
    struct bytes message = selftest_read(message_hex, message_room);
    struct bytes signature = selftest_read(signature_hex, signature_room);
    signature_room[signature.size / 2] ^= corrupt ? 0x10 : 0;
    enum status status = crypto_verify(key, mechanism, message, signature);
    crypto_key_unload(key);
    return status;
}

/* Whether a signature that is new each time is accepted. */
static enum status sign_and_verify(struct crypto_key *key, const struct mechanism *mechanism,
                                   const char *message_hex, bool corrupt) {
    uint8_t message_room[SELFTEST_SIZE_MAX];
    uint8_t room[SELFTEST_SIZE_MAX];
    struct span signature = {room, sizeof(room)};
    struct bytes message = selftest_read(message_hex, message_room);
    enum status status = crypto_sign(key, mechanism, message, false, &signature);
    if (status == STATUS_OK) {
        room[signature.size / 2] ^= corrupt ? 0x10 : 0;
        status = crypto_verify(key, mechanism, message, bytes_of_span(signature));
    }
    crypto_key_unload(key);
    return status;
}

/* Whether a signature that has one value only has that value. */
static enum status sign(struct crypto_key *key, const struct mechanism *mechanism,
                        const char *message_hex, const char *answer, bool corrupt) {
    uint8_t message_room[SELFTEST_SIZE_MAX];
    uint8_t room[SELFTEST_SIZE_MAX];
    struct span signature = {room, sizeof(room)};
    struct bytes message = selftest_read(message_hex, message_room);
    enum status status = crypto_sign(key, mechanism, message, true, &signature);
    crypto_key_unload(key);
    TRY(status);
    return selftest_compare(signature, answer, corrupt);
}

static enum status decrypt(const struct mechanism *mechanism, const char *cipher_hex,
                           bool corrupt) {
    uint8_t cipher_room[SELFTEST_SIZE_MAX];
    uint8_t room[SELFTEST_SIZE_MAX];
    struct span plain = {room, sizeof(room)};
    struct bytes ciphertext = selftest_read(cipher_hex, cipher_room);
    struct crypto_key key;
    TRY(load_rsa(&key));
    enum status status = crypto_decrypt(&key, mechanism, ciphertext, &plain);
    crypto_key_unload(&key);
    TRY(status);
    return selftest_compare(plain, rsa_plain, corrupt);
}

static enum status agree(const struct pair *pair, bool corrupt) {
    uint8_t peer[SELFTEST_SIZE_MAX];
    uint8_t room[SELFTEST_SIZE_MAX];
    struct span secret = {room, sizeof(room)};
    struct mechanism mechanism = pair->mechanism;
    struct crypto_key key;
    mechanism.peer = selftest_read(pair->message, peer);
    TRY(load_pair(pair, true, &key));
    enum status status = crypto_derive(&key, &mechanism, 0, &secret);
    crypto_key_unload(&key);
    TRY(status);
    return selftest_compare(secret, pair->answer, corrupt);
}

static enum status verify_pair(const struct pair *pair, bool corrupt) {
    struct crypto_key key;
    TRY(load_pair(pair, false, &key));
    return verify(&key, &pair->mechanism, pair->message, pair->answer, corrupt);
}

static enum status sign_pair(const struct pair *pair, bool corrupt) {
    struct crypto_key key;
    TRY(load_pair(pair, true, &key));
    return sign_and_verify(&key, &pair->mechanism, pair->message, corrupt);
}

static enum status verify_p256(bool corrupt) {
    return verify_pair(&p256, corrupt);
}

static enum status verify_p384(bool corrupt) {
    return verify_pair(&p384, corrupt);
}

static enum status verify_p521(bool corrupt) {
    return verify_pair(&p521, corrupt);
}

static enum status sign_p256(bool corrupt) {
    return sign_pair(&p256, corrupt);
}

static enum status sign_p384(bool corrupt) {
    return sign_pair(&p384, corrupt);
}

static enum status sign_p521(bool corrupt) {
    return sign_pair(&p521, corrupt);
}

static enum status verify_ed25519(bool corrupt) {
    return verify_pair(&ed25519, corrupt);
}

static enum status sign_ed25519(bool corrupt) {
    struct crypto_key key;
    TRY(load_pair(&ed25519, true, &key));
    return sign(&key, &ed25519.mechanism, ed25519.message, ed25519.answer, corrupt);
}

static enum status agree_p256(bool corrupt) {
    return agree(&ecdh_p256, corrupt);
}

static enum status agree_x25519(bool corrupt) {
    return agree(&x25519, corrupt);
}

static enum status sign_pkcs1(bool corrupt) {
    struct crypto_key key;
    TRY(load_rsa(&key));
    return sign(&key, &pkcs1, rsa_message, rsa_pkcs1_signature, corrupt);
}

static enum status verify_pkcs1(bool corrupt) {
    struct crypto_key key;
    TRY(load_rsa(&key));
    return verify(&key, &pkcs1, rsa_message, rsa_pkcs1_signature, corrupt);
}

static enum status sign_pss(bool corrupt) {
    struct crypto_key key;
    TRY(load_rsa(&key));
    return sign_and_verify(&key, &pss, rsa_message, corrupt);
}

static enum status verify_pss(bool corrupt) {
    struct crypto_key key;
    TRY(load_rsa(&key));
    return verify(&key, &pss, rsa_message, rsa_pss_signature, corrupt);
}

static enum status decrypt_oaep(bool corrupt) {
    return decrypt(&oaep, rsa_oaep, corrupt);
}

static enum status decrypt_pkcs1(bool corrupt) {
    return decrypt(&pkcs1_encryption, rsa_pkcs1, corrupt);
}

static bool has_p521(void) {
    return curve_offered(CURVE_P521);
}

static const struct selftest tests[] = {
    {"ECDSA P-256 SHA-256 verify", verify_p256, NULL},
    {"ECDSA P-256 SHA-256 sign", sign_p256, NULL},
    {"ECDSA P-384 SHA-384 verify", verify_p384, NULL},
    {"ECDSA P-384 SHA-384 sign", sign_p384, NULL},
    {"ECDSA P-521 SHA-512 verify", verify_p521, has_p521},
    {"ECDSA P-521 SHA-512 sign", sign_p521, has_p521},
    {"Ed25519 sign", sign_ed25519, NULL},
    {"Ed25519 verify", verify_ed25519, NULL},
    {"ECDH P-256", agree_p256, NULL},
    {"X25519", agree_x25519, NULL},
    {"RSA-2048 PKCS #1 SHA-256 sign", sign_pkcs1, NULL},
    {"RSA-2048 PKCS #1 SHA-256 verify", verify_pkcs1, NULL},
    {"RSA-2048 PSS SHA-256 sign", sign_pss, NULL},
    {"RSA-2048 PSS SHA-256 verify", verify_pss, NULL},
    {"RSA-2048 OAEP SHA-256 decrypt", decrypt_oaep, NULL},
    {"RSA-2048 PKCS #1 decrypt", decrypt_pkcs1, NULL},
};

const struct selftest *selftest_public(size_t *count) {
    *count = COUNT(tests);
    return tests;
}
