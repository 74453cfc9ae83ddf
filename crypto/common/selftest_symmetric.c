/* SPDX-License-Identifier: Apache-2.0 */
/* Known-answer tests of hashes, MACs, symmetric encryption and derivation. */
#include "crypto/common/selftest.h"

#include "crypto/common/mechanism.h"

/* As small as it can be: the chip holds the table in its flash. */
struct row {
    const char *name;
    uint16_t type;     /* enum key_type */
    uint16_t function; /* enum function */
    struct {
        uint16_t algorithm;
        uint8_t hash, tag_bits, counter_bits, steps;
    } mechanism;
    const char *key;
    const char *iv;
    const char *aad;
    const char *data;   /* plain text, message; deriving: the label or info */
    const char *answer; /* cipher text, MAC, hash, derived bytes */
};

static const struct row rows[] = {
    /* FIPS 180-4 and FIPS 202, the examples "abc". */
    {.name = "SHA-1",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA1},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {.name = "SHA-224",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA224},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
    {.name = "SHA-256",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA256},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {.name = "SHA-384",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA384},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc"
               "2358baeca134c825a7"},
    {.name = "SHA-512",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA512},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1"
               "a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {.name = "SHA3-224",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA3_224},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"},
    {.name = "SHA3-256",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA3_256},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {.name = "SHA3-384",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA3_384},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7"
               "f539f1edf228376d25"},
    {.name = "SHA3-512",
     .type = KEY_NONE,
     .mechanism = {.algorithm = ALGORITHM_DIGEST, .hash = HASH_SHA3_512},
     .function = F_DIGEST,
     .data = "616263",
     .answer = "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3"
               "c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0"},
    /* RFC 2202 and RFC 4231, test case 2. */
    {.name = "HMAC-SHA-1",
     .type = KEY_GENERIC,
     .key = "4a656665",
     .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA1},
     .function = F_SIGN,
     .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .answer = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {.name = "HMAC-SHA-256",
     .type = KEY_GENERIC,
     .key = "4a656665",
     .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
     .function = F_SIGN,
     .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .answer = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {.name = "HMAC-SHA-384",
     .type = KEY_GENERIC,
     .key = "4a656665",
     .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA384},
     .function = F_SIGN,
     .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .answer = "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2"
               "c78b3239ecfab21649"},
    {.name = "HMAC-SHA-512",
     .type = KEY_GENERIC,
     .key = "4a656665",
     .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA512},
     .function = F_SIGN,
     .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .answer = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a99"
               "4a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {.name = "HMAC-SHA-256 verify",
     .type = KEY_GENERIC,
     .key = "4a656665",
     .mechanism = {.algorithm = ALGORITHM_HMAC, .hash = HASH_SHA256},
     .function = F_VERIFY,
     .data = "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     .answer = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    /* SP 800-38B, D.1 and D.3, example 3. */
    {.name = "AES-128-CMAC",
     .type = KEY_AES,
     .key = "2b7e151628aed2a6abf7158809cf4f3c",
     .mechanism = {.algorithm = ALGORITHM_AES_CMAC},
     .function = F_SIGN,
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
     .answer = "dfa66747de9ae63030ca32611497c827"},
    {.name = "AES-256-CMAC",
     .type = KEY_AES,
     .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .mechanism = {.algorithm = ALGORITHM_AES_CMAC},
     .function = F_SIGN,
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411",
     .answer = "aaf3d8f1de5640c232f5b169b9c911e6"},
    /* FIPS 197, C.1 to C.3. */
    {.name = "AES-128-ECB encrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_ENCRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {.name = "AES-128-ECB decrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_DECRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "69c4e0d86a7b0430d8cdb78070b4c55a"},
    {.name = "AES-192-ECB encrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f1011121314151617",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_ENCRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "dda97ca4864cdfe06eaf70a0ec0d7191"},
    {.name = "AES-192-ECB decrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f1011121314151617",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_DECRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "dda97ca4864cdfe06eaf70a0ec0d7191"},
    {.name = "AES-256-ECB encrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_ENCRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "8ea2b7ca516745bfeafc49904b496089"},
    {.name = "AES-256-ECB decrypt",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     .mechanism = {.algorithm = ALGORITHM_AES_ECB},
     .function = F_DECRYPT,
     .data = "00112233445566778899aabbccddeeff",
     .answer = "8ea2b7ca516745bfeafc49904b496089"},
    /* SP 800-38A, F.2.5 and F.5.5. */
    {.name = "AES-256-CBC encrypt",
     .type = KEY_AES,
     .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .mechanism = {.algorithm = ALGORITHM_AES_CBC},
     .function = F_ENCRYPT,
     .iv = "000102030405060708090a0b0c0d0e0f",
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .answer = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    {.name = "AES-256-CBC decrypt",
     .type = KEY_AES,
     .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .mechanism = {.algorithm = ALGORITHM_AES_CBC},
     .function = F_DECRYPT,
     .iv = "000102030405060708090a0b0c0d0e0f",
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .answer = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"},
    {.name = "AES-256-CTR encrypt",
     .type = KEY_AES,
     .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .mechanism = {.algorithm = ALGORITHM_AES_CTR, .counter_bits = 128},
     .function = F_ENCRYPT,
     .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .answer = "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"},
    {.name = "AES-256-CTR decrypt",
     .type = KEY_AES,
     .key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
     .mechanism = {.algorithm = ALGORITHM_AES_CTR, .counter_bits = 128},
     .function = F_DECRYPT,
     .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     .data = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
     .answer = "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"},
    /* The specification of GCM that SP 800-38D adopted, test cases 4 and 16. */
    {.name = "AES-128-GCM encrypt",
     .type = KEY_AES,
     .key = "feffe9928665731c6d6a8f9467308308",
     .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128},
     .function = F_ENCRYPT,
     .iv = "cafebabefacedbaddecaf888",
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .data = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
             "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .answer = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b2546693"
               "1c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {.name = "AES-128-GCM decrypt",
     .type = KEY_AES,
     .key = "feffe9928665731c6d6a8f9467308308",
     .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128},
     .function = F_DECRYPT,
     .iv = "cafebabefacedbaddecaf888",
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .data = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
             "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .answer = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b2546693"
               "1c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {.name = "AES-256-GCM encrypt",
     .type = KEY_AES,
     .key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128},
     .function = F_ENCRYPT,
     .iv = "cafebabefacedbaddecaf888",
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .data = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
             "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .answer = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb"
               "3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    {.name = "AES-256-GCM decrypt",
     .type = KEY_AES,
     .key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     .mechanism = {.algorithm = ALGORITHM_AES_GCM, .tag_bits = 128},
     .function = F_DECRYPT,
     .iv = "cafebabefacedbaddecaf888",
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .data = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
             "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .answer = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb"
               "3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    {.name = "AES-256-GCM with attributes unwrap",
     .type = KEY_AES,
     .key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     .mechanism = {.algorithm = ALGORITHM_WRAP_WITH_ATTRIBUTES},
     .function = F_UNWRAP,
     .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     .data = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
             "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     .answer = "cafebabefacedbaddecaf888522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2"
               "bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e"
               "1768cddf8853bb2d551b"},
    /* SP 800-38C, example 3. */
    {.name = "AES-128-CCM encrypt",
     .type = KEY_AES,
     .key = "404142434445464748494a4b4c4d4e4f",
     .mechanism = {.algorithm = ALGORITHM_AES_CCM, .tag_bits = 64},
     .function = F_ENCRYPT,
     .iv = "101112131415161718191a1b",
     .aad = "000102030405060708090a0b0c0d0e0f10111213",
     .data = "202122232425262728292a2b2c2d2e2f3031323334353637",
     .answer = "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
    {.name = "AES-128-CCM decrypt",
     .type = KEY_AES,
     .key = "404142434445464748494a4b4c4d4e4f",
     .mechanism = {.algorithm = ALGORITHM_AES_CCM, .tag_bits = 64},
     .function = F_DECRYPT,
     .iv = "101112131415161718191a1b",
     .aad = "000102030405060708090a0b0c0d0e0f10111213",
     .data = "202122232425262728292a2b2c2d2e2f3031323334353637",
     .answer = "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951"},
    /* RFC 8439, 2.8.2. */
    {.name = "ChaCha20-Poly1305 encrypt",
     .type = KEY_CHACHA20,
     .key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     .mechanism = {.algorithm = ALGORITHM_CHACHA20_POLY1305},
     .function = F_ENCRYPT,
     .iv = "070000004041424344454647",
     .aad = "50515253c0c1c2c3c4c5c6c7",
     .data = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
             "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
             "746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
     .answer = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca967"
               "1282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee32809"
               "1b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b"
               "594f09e26a7e902ecbd0600691"},
    {.name = "ChaCha20-Poly1305 decrypt",
     .type = KEY_CHACHA20,
     .key = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     .mechanism = {.algorithm = ALGORITHM_CHACHA20_POLY1305},
     .function = F_DECRYPT,
     .iv = "070000004041424344454647",
     .aad = "50515253c0c1c2c3c4c5c6c7",
     .data = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
             "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
             "746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
     .answer = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca967"
               "1282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee32809"
               "1b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b"
               "594f09e26a7e902ecbd0600691"},
    /* RFC 3394, 4.6; RFC 5649, 6. */
    {.name = "AES-256-KW wrap",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     .mechanism = {.algorithm = ALGORITHM_AES_KW},
     .function = F_WRAP,
     .data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
     .answer = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd"
               "21"},
    {.name = "AES-256-KW unwrap",
     .type = KEY_AES,
     .key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
     .mechanism = {.algorithm = ALGORITHM_AES_KW},
     .function = F_UNWRAP,
     .data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
     .answer = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd"
               "21"},
    {.name = "AES-192-KWP wrap",
     .type = KEY_AES,
     .key = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
     .mechanism = {.algorithm = ALGORITHM_AES_KWP},
     .function = F_WRAP,
     .data = "c37b7e6492584340bed12207808941155068f738",
     .answer = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"},
    {.name = "AES-192-KWP unwrap",
     .type = KEY_AES,
     .key = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
     .mechanism = {.algorithm = ALGORITHM_AES_KWP},
     .function = F_UNWRAP,
     .data = "c37b7e6492584340bed12207808941155068f738",
     .answer = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a"},
    /* RFC 5869, A.1; data is the info, iv the salt. */
    {.name = "HKDF-SHA-256",
     .type = KEY_GENERIC,
     .key = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
     .mechanism = {.algorithm = ALGORITHM_HKDF,
                   .hash = HASH_SHA256,
                   .steps = HKDF_EXTRACT | HKDF_EXPAND},
     .function = F_DERIVE,
     .iv = "000102030405060708090a0b0c",
     .data = "f0f1f2f3f4f5f6f7f8f9",
     .answer = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887"
               "185865"},
    /* RFC 8009, A: Kc; data is the label. */
    {.name = "KBKDF counter HMAC-SHA-256",
     .type = KEY_GENERIC,
     .key = "3705d96080c17728a0e800eab6e0d23c",
     .mechanism = {.algorithm = ALGORITHM_KBKDF_COUNTER, .hash = HASH_SHA256},
     .function = F_DERIVE,
     .data = "0000000299",
     .answer = "b31a018a48f54776f403e9a396325dc3"},
};

/* Row `index` of the offered ones, NULL behind the last; *seen counts them. */
static const struct row *find(size_t index, size_t *seen) {
    *seen = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint32_t hash = rows[i].mechanism.hash;
        if (hash != HASH_NONE && !hash_offered(hash)) {
            continue;
        }
        if (*seen == index) {
            return &rows[i];
        }
        (*seen)++;
    }
    return NULL;
}

size_t selftest_symmetric_count(void) {
    size_t count = 0;
    (void)find(SIZE_MAX, &count);
    return count;
}

const char *selftest_symmetric_name(size_t index) {
    size_t seen = 0;
    return find(index, &seen)->name;
}

/* What a row's texts mean, as bytes. */
struct input {
    struct mechanism mechanism;
    struct bytes data;
    struct bytes answer;
    uint8_t iv[SELFTEST_SIZE_MAX];
    uint8_t aad[SELFTEST_SIZE_MAX];
    uint8_t data_room[SELFTEST_SIZE_MAX];
    uint8_t answer_room[SELFTEST_SIZE_MAX];
};

static void read_row(const struct row *row, struct input *input) {
    struct bytes iv = selftest_read(row->iv, input->iv);
    input->mechanism = (struct mechanism){
        .algorithm = row->mechanism.algorithm,
        .hash = row->mechanism.hash,
        .tag_bits = row->mechanism.tag_bits,
        .counter_bits = row->mechanism.counter_bits,
        .steps = row->mechanism.steps,
    };
    input->mechanism.aad = selftest_read(row->aad, input->aad);
    input->data = selftest_read(row->data, input->data_room);
    input->answer = selftest_read(row->answer, input->answer_room);
    if (row->function == F_DERIVE) {
        input->mechanism.salt = iv;
        input->mechanism.label = input->data;
    } else {
        input->mechanism.iv = iv;
    }
}

/* Runs the row's function one way; to undo is to get the data back from the answer. */
static enum status compute(const struct row *row, const struct crypto_key *key,
                           const struct input *input, struct span *out) {
    switch (row->function) {
    case F_DIGEST:
        out->size = hash_size(row->mechanism.hash);
        return crypto_hash((enum hash)row->mechanism.hash, &input->data, 1, out->data);
    case F_SIGN:
        return crypto_sign(key, &input->mechanism, input->data, true, out);
    case F_ENCRYPT:
        return crypto_encrypt(key, &input->mechanism, input->data, out);
    case F_DECRYPT:
        return crypto_decrypt(key, &input->mechanism, input->answer, out);
    case F_WRAP:
        return crypto_wrap(key, &input->mechanism, input->data, out);
    case F_UNWRAP:
        return crypto_unwrap(key, &input->mechanism, input->answer, out);
    case F_DERIVE:
        return crypto_derive(key, &input->mechanism, input->answer.size, out);
    default:
        return STATUS_INTERNAL;
    }
}

static enum status run_with(const struct row *row, const struct crypto_key *key, bool corrupt) {
    struct input input;
    uint8_t room[SELFTEST_SIZE_MAX];
    struct span out = {room, sizeof(room)};
    read_row(row, &input);
    if (row->function == F_VERIFY) {
        input.answer_room[0] ^= corrupt ? 1 : 0;
        return crypto_verify(key, &input.mechanism, input.data, input.answer);
    }
    bool back = row->function == F_DECRYPT || row->function == F_UNWRAP;
    TRY(compute(row, key, &input, &out));
    return selftest_compare(out, back ? row->data : row->answer, corrupt);
}

enum status selftest_symmetric_run(size_t index, bool corrupt) {
    size_t seen = 0;
    const struct row *row = find(index, &seen);
    uint8_t room[SELFTEST_SIZE_MAX];
    struct crypto_key key = {0};
    if (row->function != F_DIGEST) {
        struct key_parts parts = {.type = (enum key_type)row->type,
                                  .value = selftest_read(row->key, room)};
        if (crypto_key_load(&key, &parts) != STATUS_OK) {
            return STATUS_ERROR_STATE;
        }
    }
    enum status status = run_with(row, &key, corrupt);
    crypto_key_unload(&key);
    return status == STATUS_OK ? STATUS_OK : STATUS_ERROR_STATE;
}
