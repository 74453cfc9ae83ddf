/* SPDX-License-Identifier: Apache-2.0 */
/* Project Wycheproof's vectors, put to the judges that this is linked with. Reads the files
 * in the folder that WYCHEPROOF names; where it is absent, every file counts as skipped.
 * WYCHEPROOF_SAMPLE (1) takes one vector of so many, for judges that are slow. */
#include "test/component/wycheproof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct file {
    const char *name;
    enum verdict (*judge)(const struct vector *vector);
};

static struct file files[] = {
    {"aes_cbc_pkcs5", judge_cbc},
    {"aes_ccm", judge_ccm},
    {"aes_cmac", judge_cmac},
    {"aes_gcm", judge_gcm},
    {"aes_kwp", judge_kwp},
    {"aes_wrap", judge_kw},
    {"ecdh_secp256r1", judge_ecdh_spki},
    {"ecdh_secp256r1_ecpoint", judge_ecdh_point},
    {"ecdh_secp384r1_ecpoint", judge_ecdh_point},
    {"ecdh_secp521r1_ecpoint", judge_ecdh_point},
    {"ecdsa_secp256r1_sha256", judge_ecdsa_der},
    {"ecdsa_secp384r1_sha384", judge_ecdsa_der},
    {"ecdsa_secp256r1_sha256_p1363", judge_ecdsa_p1363},
    {"ecdsa_secp384r1_sha384_p1363", judge_ecdsa_p1363},
    {"ecdsa_secp521r1_sha512_p1363", judge_ecdsa_p1363},
    {"ed25519", judge_ed25519},
    {"hkdf_sha256", judge_hkdf_sha256},
    {"hkdf_sha384", judge_hkdf_sha384},
    {"hmac_sha256", judge_hmac_sha256},
    {"hmac_sha384", judge_hmac_sha384},
    {"hmac_sha512", judge_hmac_sha512},
    {"rsa_oaep_2048_sha256_mgf1sha256", judge_rsa_oaep},
    {"rsa_oaep_3072_sha256_mgf1sha256", judge_rsa_oaep},
    {"rsa_pss_2048_sha256_mgf1_32", judge_rsa_pss},
    {"rsa_pss_3072_sha256_mgf1_32", judge_rsa_pss},
    {"rsa_signature_2048_sha256", judge_rsa_pkcs1},
    {"rsa_signature_3072_sha256", judge_rsa_pkcs1},
    {"x25519", judge_x25519},
};

/* ---- fields of a vector ---- */

static uint8_t room[1 << 20];
static size_t room_used;

void vector_forget(void) {
    room_used = 0;
}

const char *vector_text(struct json_object *object, const char *name) {
    struct json_object *field = NULL;
    if (!json_object_object_get_ex(object, name, &field)) {
        fail_msg("a vector has no field %s", name);
    }
    return json_object_get_string(field);
}

struct bytes vector_bytes(struct json_object *object, const char *name) {
    const char *text = vector_text(object, name);
    size_t size = strlen(text) / 2;
    uint8_t *at = room + room_used;
    assert_true(room_used + size <= sizeof(room));
    for (size_t i = 0; i < size; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        at[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    room_used += size;
    return bytes_of(at, size);
}

struct bytes vector_integer(struct json_object *object, const char *name) {
    struct bytes bytes = vector_bytes(object, name);
    while (bytes.size > 0 && bytes.data[0] == 0) {
        bytes = bytes_of(bytes.data + 1, bytes.size - 1);
    }
    return bytes;
}

size_t vector_number(struct json_object *object, const char *name) {
    return (size_t)strtoul(vector_text(object, name), NULL, 10);
}

enum verdict vector_compare(struct span out, struct bytes expected) {
    return bytes_equal(bytes_of_span(out), expected) ? ACCEPTED : WRONG;
}

/* ---- files ---- */

enum { REASONS_MAX = 8 };

struct counts {
    size_t accepted, refused, not_ours;
    const char *reasons[REASONS_MAX];
    size_t of_reason[REASONS_MAX];
};

static const char *reason = "a form that is not taken";

enum verdict vector_not_ours(const char *why) {
    reason = why;
    return NOT_OURS;
}

static void count_reason(struct counts *counts) {
    size_t i = 0;
    while (counts->reasons[i] != NULL && counts->reasons[i] != reason) {
        i++;
        assert_true(i < REASONS_MAX);
    }
    counts->reasons[i] = reason;
    counts->of_reason[i]++;
}

static bool flagged(struct json_object *test, const char *flag) {
    struct json_object *flags = json_object_object_get(test, "flags");
    for (size_t i = 0; flags != NULL && i < json_object_array_length(flags); i++) {
        if (strcmp(json_object_get_string(json_object_array_get_idx(flags, i)), flag) == 0) {
            return true;
        }
    }
    return false;
}

/* Vectors marked acceptable may be taken or not, but never with another result; and what gives an
 * all-zero secret must not be taken. */
static void judge_vector(const struct file *file, const struct vector *vector,
                         struct counts *counts) {
    const char *result = vector_text(vector->test, "result");
    vector_forget();
    enum verdict verdict = file->judge(vector);
    bool valid = strcmp(result, "valid") == 0;
    bool invalid = strcmp(result, "invalid") == 0 || flagged(vector->test, "ZeroSharedSecret");
    if (verdict == WRONG || (valid && verdict == REFUSED) || (invalid && verdict == ACCEPTED)) {
        fail_msg("%s: vector %s (%s) is %s", file->name, vector_text(vector->test, "tcId"), result,
                 verdict == REFUSED ? "refused"
                 : verdict == WRONG ? "wrong"
                                    : "accepted");
    }
    counts->accepted += verdict == ACCEPTED;
    counts->refused += verdict == REFUSED;
    if (verdict == NOT_OURS) {
        counts->not_ours++;
        count_reason(counts);
    }
}

/* One of how many vectors is taken: the first of each file always is. */
static size_t sample(void) {
    const char *value = getenv("WYCHEPROOF_SAMPLE");
    size_t many = value != NULL ? strtoul(value, NULL, 10) : 1;
    return many > 0 ? many : 1;
}

static void judge_file(const struct file *file, struct json_object *root) {
    struct counts counts = {0};
    size_t every = sample(), seen = 0;
    struct json_object *groups = json_object_object_get(root, "testGroups");
    size_t number = vector_number(root, "numberOfTests");
    for (size_t i = 0; i < json_object_array_length(groups); i++) {
        struct vector vector = {.group = json_object_array_get_idx(groups, i)};
        struct json_object *tests = json_object_object_get(vector.group, "tests");
        for (size_t j = 0; j < json_object_array_length(tests); j++) {
            vector.test = json_object_array_get_idx(tests, j);
            if (seen++ % every == 0) {
                judge_vector(file, &vector, &counts);
            }
        }
    }
    printf("# %s: %zu accepted, %zu refused, %zu not taken\n", file->name, counts.accepted,
           counts.refused, counts.not_ours);
    for (size_t i = 0; i < REASONS_MAX && counts.reasons[i] != NULL; i++) {
        printf("# %s: %zu not taken: %s\n", file->name, counts.of_reason[i], counts.reasons[i]);
    }
    assert_int_equal(seen, number);
    assert_int_equal(counts.accepted + counts.refused + counts.not_ours,
                     (number + every - 1) / every);
    assert_true(counts.accepted > 0);
}

static void run_file(void **state) {
    const struct file *file = (const struct file *)*state;
    const char *folder = getenv("WYCHEPROOF");
    char path[512];
    snprintf(path, sizeof(path), "%s/%s_test.json", folder != NULL ? folder : ".", file->name);
    if (access(path, R_OK) != 0) {
        printf("# %s is not there\n", path);
        skip();
    }
    struct json_object *root = json_object_from_file(path);
    assert_non_null(root);
    judge_file(file, root);
    json_object_put(root);
}

int main(void) {
    struct CMUnitTest tests[COUNT(files)];
    for (size_t i = 0; i < COUNT(files); i++) {
        tests[i] = (struct CMUnitTest){files[i].name, run_file, NULL, NULL, &files[i]};
    }
    return cmocka_run_group_tests_name("wycheproof", tests, judges_start, judges_stop);
}
