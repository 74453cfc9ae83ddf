/* SPDX-License-Identifier: Apache-2.0 */
/* The ground of the door's stories as installed: the library $MODULE, loaded as any program would,
 * and a running daemon with the token $TOKEN_LABEL (tools/with-module makes all of it). */
#include "test/conformance/door.h"

#include <dlfcn.h>

static const char *named(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) {
        fail_msg("%s is not set; run this through tools/with-module", name);
    }
    return value;
}

void door_ground(void) {
    CK_INTERFACE *interface = NULL;
    CK_C_GetInterface get = NULL;
    void *library = dlopen(named("MODULE"), RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fail_msg("%s", dlerror());
    }
    *(void **)&get = dlsym(library, "C_GetInterface");
    assert_non_null(get);
    door_ok(get(NULL, NULL, &interface, 0));
    door.f = interface->pFunctionList;
    door.label = named("TOKEN_LABEL");
    door.pin = named("PIN");
    door.so_pin = named("SO_PIN");
}

void door_ground_end(void) {
}

bool door_set_strict(bool strict) {
    (void)strict;
    return false;
}
