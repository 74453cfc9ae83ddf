/* SPDX-License-Identifier: Apache-2.0 */
/* URIs of keys, read and written, and the key files that hold them. */
#include "client/key_uri.h"
#include "host/cli/key_file.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <string.h>

static struct key_uri uri;
static char problem[KEY_URI_PROBLEM];

static enum status read_uri(const char *text) {
    problem[0] = 0;
    return key_uri_read(text, &uri, problem);
}

static void a_uri_says_token_object_id_type_and_pin(void **state) {
    (void)state;
    assert_int_equal(read_uri("pkcs11:token=my%20token;object=a%3Bb;id=%01%fF;type=private;"
                              "serial=0a1b?pin-source=file:/etc/pin&pin-value=12%33456"),
                     STATUS_OK);
    assert_string_equal(uri.token, "my token");
    assert_string_equal(uri.object, "a;b");
    assert_string_equal(uri.serial, "0a1b");
    assert_int_equal(uri.id_size, 2);
    assert_int_equal(uri.id[0], 0x01);
    assert_int_equal(uri.id[1], 0xff);
    assert_int_equal(uri.type, KEY_URI_PRIVATE);
    assert_string_equal(uri.pin_source, "/etc/pin");
    assert_string_equal(uri.pin, "123456");
}

static void the_empty_uri_says_nothing(void **state) {
    (void)state;
    assert_int_equal(read_uri("pkcs11:"), STATUS_OK);
    assert_string_equal(uri.token, "");
    assert_int_equal(uri.type, KEY_URI_ANY);
    assert_int_equal(uri.id_size, 0);
}

static void the_short_form_names_a_key_first(void **state) {
    (void)state;
    assert_int_equal(read_uri("edgehsm:tls;type=cert;token=t?pin-source=/p"), STATUS_OK);
    assert_string_equal(uri.object, "tls");
    assert_int_equal(uri.type, KEY_URI_CERTIFICATE);
    assert_string_equal(uri.token, "t");
    assert_string_equal(uri.pin_source, "/p");
    assert_int_equal(read_uri("edgehsm:id:0aFf"), STATUS_OK);
    assert_string_equal(uri.object, "");
    assert_int_equal(uri.id_size, 2);
    assert_int_equal(uri.id[1], 0xff);
}

static void what_a_path_may_say_of_the_module_is_allowed(void **state) {
    (void)state;
    assert_int_equal(read_uri("pkcs11:model=x;manufacturer=y;slot-id=3;library-version=1"
                              "?module-path=/x"),
                     STATUS_OK);
}

static void a_uri_that_is_not_right_is_refused_with_the_part_that_is_not(void **state) {
    static const char *const wrong[][2] = {
        {"pkcs12:token=a", "pkcs11:"},
        {"pkcs11:objekt=a", "objekt"},
        {"pkcs11:object", "object"},
        {"pkcs11:object=", "object"},
        {"pkcs11:object=a;object=b", "object"},
        {"pkcs11:object=%4", "object"},
        {"pkcs11:object=%zz", "object"},
        {"pkcs11:object=a%00b", "object"},
        {"pkcs11:type=key", "type"},
        {"pkcs11:type=cert;type=cert", "type"},
        {"pkcs11:id=", "id"},
        {"pkcs11:?pin-source=%7Ccat /etc/pin", "pin-source"},
        {"edgehsm:", "''"},
        {"edgehsm:?pin-source=/p", "''"},
        {"pkcs11:token=a;;object=b", "''"},
        {"edgehsm:id:0a0", "id"},
        {"edgehsm:id:zz", "id"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(read_uri(wrong[i][0]), STATUS_USAGE);
        assert_non_null(strstr(problem, wrong[i][1]));
    }
}

static void a_problem_never_shows_the_pin(void **state) {
    (void)state;
    assert_int_equal(read_uri("pkcs11:?pin-value=12345678&pin-value=12345678"), STATUS_USAGE);
    assert_null(strstr(problem, "12345678"));
    assert_non_null(strstr(problem, "pin-value"));
}

static void long_parts_are_refused_and_never_overflow(void **state) {
    char text[3000] = "pkcs11:object=";
    (void)state;
    size_t prefix = strlen(text);
    memset(text + prefix, 'a', sizeof(text) - prefix - 1);
    text[sizeof(text) - 1] = 0;
    assert_int_equal(read_uri(text), STATUS_USAGE);
    text[prefix + KEY_URI_TEXT_MAX] = 0;
    assert_int_equal(read_uri(text), STATUS_OK);
    assert_int_equal(strlen(uri.object), KEY_URI_TEXT_MAX);
}

static void what_the_command_line_writes_is_read_back(void **state) {
    char text[URI_MAX];
    (void)state;
    uri_make("my token", "a;b/c%?&=\xc3\xbc", "private", text);
    assert_int_equal(read_uri(text), STATUS_OK);
    assert_string_equal(uri.token, "my token");
    assert_string_equal(uri.object, "a;b/c%?&=\xc3\xbc");
    assert_int_equal(uri.type, KEY_URI_PRIVATE);
}

/* The URI is the last text of the structure, whatever the length of its header. */
static void key_file_holds(const char *text) {
    char file[KEY_FILE_MAX];
    key_file_make(text, file);
    BIO *bio = BIO_new_mem_buf(file, -1);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    long size = 0;
    assert_int_equal(PEM_read_bio(bio, &name, &header, &data, &size), 1);
    assert_string_equal(name, "PKCS#11 PROVIDER URI");
    const unsigned char *at = data;
    STACK_OF(ASN1_TYPE) *parts = d2i_ASN1_SEQUENCE_ANY(NULL, &at, size);
    assert_non_null(parts);
    assert_ptr_equal(at, data + size);
    assert_int_equal(sk_ASN1_TYPE_num(parts), 2);
    const ASN1_STRING *found = sk_ASN1_TYPE_value(parts, 1)->value.utf8string;
    assert_int_equal(ASN1_STRING_length(found), strlen(text));
    assert_memory_equal(ASN1_STRING_get0_data(found), text, strlen(text));
    sk_ASN1_TYPE_pop_free(parts, ASN1_TYPE_free);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
}

static void a_key_file_holds_a_uri_of_any_length(void **state) {
    char text[URI_MAX];
    (void)state;
    for (size_t size = 1; size < URI_MAX; size++) {
        memset(text, 'u', size);
        text[size] = 0;
        key_file_holds(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_uri_says_token_object_id_type_and_pin),
        cmocka_unit_test(the_empty_uri_says_nothing),
        cmocka_unit_test(the_short_form_names_a_key_first),
        cmocka_unit_test(what_a_path_may_say_of_the_module_is_allowed),
        cmocka_unit_test(a_uri_that_is_not_right_is_refused_with_the_part_that_is_not),
        cmocka_unit_test(a_problem_never_shows_the_pin),
        cmocka_unit_test(long_parts_are_refused_and_never_overflow),
        cmocka_unit_test(what_the_command_line_writes_is_read_back),
        cmocka_unit_test(a_key_file_holds_a_uri_of_any_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
