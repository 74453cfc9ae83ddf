/* SPDX-License-Identifier: Apache-2.0 */
/* URIs that name keys. */
#include "client/key_uri.h"
#include "test/fuzz/fuzz.h"

static void ends(const char *text, size_t room) {
    REQUIRE(strnlen(text, room) < room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char problem[KEY_URI_PROBLEM] = "";
    struct key_uri uri;
    char *text = malloc(size + 1);
    REQUIRE(text != NULL);
    bytes_copy((uint8_t *)text, bytes_of(data, size));
    text[size] = '\0';
    bool is = key_uri_is(text);
    if (key_uri_read(text, &uri, problem) == STATUS_OK) {
        REQUIRE(is);
        ends(uri.token, sizeof(uri.token));
        ends(uri.serial, sizeof(uri.serial));
        ends(uri.object, sizeof(uri.object));
        ends(uri.pin_source, sizeof(uri.pin_source));
        ends(uri.pin, sizeof(uri.pin));
        REQUIRE(uri.id_size <= sizeof(uri.id) && uri.type <= KEY_URI_DATA);
    } else {
        ends(problem, sizeof(problem));
        REQUIRE(problem[0] != '\0');
    }
    free(text);
    return 0;
}
