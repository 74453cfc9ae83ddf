/* SPDX-License-Identifier: Apache-2.0 */
/* The log's tree, CBOR, COSE and Ed25519 against published examples. They stand outside of the
 * source tree; where they are not there, the tests are skipped. */
#include "client/log_crypto.h"
#include "proto/base64.h"
#include "proto/cbor.h"
#include "proto/log_format.h"
#include "proto/merkle.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* ---- files ---- */

/* Calls `look` for each file below `folder` whose path holds `part`; returns their number. */
static size_t each_file(const char *folder, const char *part, void (*look)(const char *text)) {
    char path[1024];
    size_t count = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return 0;
    }
    for (struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        static char text[65536];
        if (entry->d_name[0] == '.') {
            continue;
        }
        assert_true(snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) <
                    (int)sizeof(path));
        count += each_file(path, part, look);
        FILE *file = strstr(path, ".json") != NULL && strstr(path, part) != NULL
                         ? fopen(path, "r")
                         : NULL;
        if (file != NULL) {
            text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
            assert_int_equal(fclose(file), 0);
            look(text);
            count++;
        }
    }
    assert_int_equal(closedir(directory), 0);
    return count;
}

/* The value of "name": up to the next quote, comma or line; NULL where there is none. */
static const char *value_of(const char *text, const char *name, char value[4096]) {
    char key[64];
    (void)snprintf(key, sizeof(key), "\"%s\":", name);
    const char *at = strstr(text, key);
    if (at == NULL) {
        return NULL;
    }
    at += strlen(key);
    at += strspn(at, " \"");
    size_t size = strcspn(at, "\",\n}");
    assert_true(size < 4096);
    memcpy(value, at, size);
    value[size] = '\0';
    return value;
}

static struct bytes from_hex(const char *hex, uint8_t *room) {
    size_t size = strlen(hex) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;
        assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
        room[i] = (uint8_t)byte;
    }
    return bytes_of(room, size);
}

/* ---- the tree ---- */

/* The eight leaves of the published trees. */
static struct bytes known_leaf(size_t index, uint8_t room[16]) {
    static const char *const leaves[8] = {"",         "00",
                                          "10",       "2021",
                                          "3031",     "40414243",
                                          "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    return from_hex(leaves[index], room);
}

static void known_tree(struct merkle *tree, uint64_t size) {
    *tree = (struct merkle){.size = 0};
    for (size_t i = 0; i < size; i++) {
        uint8_t room[16], hash[32];
        assert_int_equal(merkle_leaf(known_leaf(i, room), hash), STATUS_OK);
        assert_int_equal(merkle_add(tree, hash), STATUS_OK);
    }
}

static size_t compared;

static void compare_root(const char *text, const char *size_name, const char *root_name) {
    char value[4096];
    uint8_t expected[64], root[32];
    struct merkle tree;
    if (value_of(text, size_name, value) == NULL || strtoul(value, NULL, 10) > 8) {
        return;
    }
    known_tree(&tree, strtoul(value, NULL, 10));
    struct span out = {expected, sizeof(expected)};
    assert_non_null(value_of(text, root_name, value));
    assert_int_equal(base64_read(bytes_of_text(value), &out), STATUS_OK);
    assert_int_equal(out.size, 32);
    assert_int_equal(merkle_root(&tree, root), STATUS_OK);
    assert_memory_equal(root, expected, 32);
    compared++;
}

static void look_at_proof(const char *text) {
    char value[4096];
    if (strstr(text, "\"wantErr\": false") == NULL) {
        return;
    }
    compare_root(text, "treeSize", "root");
    compare_root(text, "size1", "root1");
    compare_root(text, "size2", "root2");
    if (value_of(text, "leafHash", value) != NULL) {
        uint8_t expected[64], room[16], hash[32];
        char index[4096];
        struct span out = {expected, sizeof(expected)};
        assert_int_equal(base64_read(bytes_of_text(value), &out), STATUS_OK);
        assert_non_null(value_of(text, "leafIdx", index));
        struct bytes leaf = known_leaf(strtoul(index, NULL, 10), room);
        assert_int_equal(merkle_leaf(leaf, hash), STATUS_OK);
        assert_memory_equal(hash, expected, 32);
        compared++;
    }
}

static void tree_has_the_published_roots(void **state) {
    (void)state;
    compared = 0;
    static const char folder[] = SHARED_FOLDER "/vectors/merkle/testdata/";
    size_t files = each_file(SHARED_FOLDER "/vectors/merkle/testdata/inclusion", "/happy-path",
                             look_at_proof) +
                   each_file(SHARED_FOLDER "/vectors/merkle/testdata/consistency", "/happy-path",
                             look_at_proof);
    if (files == 0) {
        print_message("# skipped: no %s\n", folder);
        skip();
    }
    print_message("# %zu roots and leaf hashes compared\n", compared);
    assert_true(compared >= 20);
}

/* ---- CBOR, COSE, Ed25519 ---- */

static size_t read_whole, signatures;

static void look_at_cose(const char *text) {
    static uint8_t raw[8192];
    char value[4096];
    if (value_of(text, "cbor", value) == NULL) {
        return;
    }
    struct bytes cose = from_hex(value, raw), payload, signature, encoding;
    struct cbor_reader reader;
    cbor_read(&reader, cose);
    read_whole += cbor_skip(&reader, &encoding) == STATUS_OK && cbor_close(&reader) == STATUS_OK &&
                  encoding.size == cose.size;
    /* none of them has exactly the form of a checkpoint */
    assert_int_equal(log_cose_read(cose, &payload, &signature), STATUS_DATA_INVALID);
}

static void cose_examples_are_read_as_cbor_and_are_no_checkpoints(void **state) {
    (void)state;
    read_whole = 0;
    size_t files = each_file(SHARED_FOLDER "/vectors/cose", "sign", look_at_cose);
    if (files == 0) {
        print_message("# skipped: no %s\n", SHARED_FOLDER "/vectors/cose");
        skip();
    }
    print_message("# %zu of %zu examples are deterministic CBOR\n", read_whole, files);
    assert_true(read_whole > files / 2);
}

static void look_at_signature(const char *text) {
    static uint8_t raw[8192], to_sign[8192];
    uint8_t key[64];
    char value[4096];
    if (value_of(text, "x_hex", value) == NULL || strlen(value) != 64) {
        return; /* Ed448 */
    }
    (void)from_hex(value, key);
    assert_non_null(value_of(text, "ToBeSign_hex", value));
    struct bytes data = from_hex(value, to_sign);
    assert_non_null(value_of(text, "cbor", value));
    struct bytes cose = from_hex(value, raw);
    const uint8_t *signature = cose.data + cose.size - 64; /* it stands at the end */
    assert_true(log_ed25519_verifies(key, data, signature));
    to_sign[data.size - 1] ^= 1;
    assert_false(log_ed25519_verifies(key, data, signature));
    signatures++;
}

static void ed25519_examples_verify(void **state) {
    (void)state;
    signatures = 0;
    size_t files = each_file(SHARED_FOLDER "/vectors/cose/eddsa-examples", "eddsa-sig",
                             look_at_signature);
    if (files == 0) {
        print_message("# skipped: no %s\n", SHARED_FOLDER "/vectors/cose");
        skip();
    }
    assert_true(signatures > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree_has_the_published_roots),
        cmocka_unit_test(cose_examples_are_read_as_cbor_and_are_no_checkpoints),
        cmocka_unit_test(ed25519_examples_verify),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
