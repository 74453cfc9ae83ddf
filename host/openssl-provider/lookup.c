/* SPDX-License-Identifier: Apache-2.0 */
/* Finding what a URI names. */
#include "host/openssl-provider/lookup.h"

#include "base/wipe.h"
#include "host/openssl-provider/pin.h"

#include <stdio.h>

bool lookup_read(struct lookup *lookup, const struct provider *provider, const char *uri) {
    char problem[KEY_URI_PROBLEM];
    lookup->provider = provider;
    lookup->token = NULL;
    lookup->count = 0;
    if (key_uri_read(uri, &lookup->uri, problem) != STATUS_OK) {
        provider_fail(provider, STATUS_USAGE,
                      "it looks like pkcs11:token=LABEL;object=NAME;type=private or edgehsm:NAME",
                      "read the URI: %s", problem);
        return false;
    }
    if (lookup->uri.type == KEY_URI_SECRET || lookup->uri.type == KEY_URI_DATA) {
        provider_fail(provider, STATUS_USAGE, "use type=private, type=public or type=cert",
                      "give OpenSSL an object of this type");
        return false;
    }
    return true;
}

void lookup_end(struct lookup *lookup) {
    wipe(&lookup->uri, sizeof(lookup->uri));
}

static bool find_token(struct lookup *lookup) {
    const struct key_uri *uri = &lookup->uri;
    enum status status =
        token_find(lookup->provider->address, uri->token, uri->serial, &lookup->token);
    if (status == STATUS_OK) {
        return true;
    }
    if (status == STATUS_SLOT_INVALID) {
        provider_fail(lookup->provider, status,
                      "see which there are: edgehsm token; then say token=LABEL in the URI",
                      "choose a token%s%s: not exactly one fits",
                      uri->token[0] != 0 ? " named " : "", uri->token);
    } else {
        provider_fail(lookup->provider, status, NULL, "talk to the module at %s",
                      lookup->provider->address);
    }
    return false;
}

/* Whether the login that private keys need is there, or could be made. */
static bool log_in(struct lookup *lookup, const struct lookup_prompt *prompt) {
    const struct provider *provider = lookup->provider;
    const char *label = token_label(lookup->token);
    struct token_login_state state;
    struct pin pin;
    WIPE_AT_END(pin, sizeof(pin));
    enum status status = token_login_state(lookup->token, &state);
    if (status != STATUS_OK) {
        provider_fail(provider, status, NULL, "ask about token '%s'", label);
        return false;
    }
    if (state.needed && !state.pin_set) {
        provider_fail(provider, STATUS_NOT_LOGGED_IN,
                      "let this user in: edgehsm token set --access peers --peer USER",
                      "use token '%s': no PIN is set", label);
        return false;
    }
    bool given = lookup->uri.pin[0] != 0 || lookup->uri.pin_source[0] != 0;
    if (!state.needed && !(state.logged_in && given)) {
        return true;
    }
    if (!pin_get(provider, &lookup->uri, label, prompt, &pin)) {
        return false;
    }
    status = token_login(lookup->token, bytes_of(pin.data, pin.size));
    if (status != STATUS_OK) {
        bool counted = token_login_state(lookup->token, &state) == STATUS_OK;
        provider_fail(provider, status,
                      status == STATUS_PIN_INCORRECT
                          ? "check the PIN; after too many wrong tries it is locked"
                          : NULL,
                      "log in to token '%s' (tries left: %d)", label,
                      counted ? (int)state.tries_left : -1);
        return false;
    }
    return true;
}

static enum status add(struct lookup *lookup, enum object_class class) {
    uint64_t handles[OBJECT_FOUND_MAX];
    struct objects_found found = {.handles = handles};
    TRY(object_find(lookup->token, &lookup->uri, class, &found));
    for (size_t i = 0; i < found.count && lookup->count < LOOKUP_MAX; i++) {
        lookup->items[lookup->count++] = (struct lookup_item){.handle = handles[i], .class = class};
    }
    return STATUS_OK;
}

static enum status add_public(struct lookup *lookup, const struct lookup_prompt *prompt) {
    TRY(add(lookup, CLASS_PUBLIC_KEY));
    if (lookup->count > 0) {
        return STATUS_OK;
    }
    return log_in(lookup, prompt) ? add(lookup, CLASS_PRIVATE_KEY) : STATUS_NOT_LOGGED_IN;
}

static enum status add_wanted(struct lookup *lookup, enum lookup_want want,
                              const struct lookup_prompt *prompt) {
    bool any = want == LOOKUP_ANY;
    if (want == LOOKUP_PUBLIC) {
        return add_public(lookup, prompt);
    }
    if (any || want == LOOKUP_PRIVATE) {
        if (!log_in(lookup, prompt)) {
            return STATUS_NOT_LOGGED_IN;
        }
        TRY(add(lookup, CLASS_PRIVATE_KEY));
    }
    if (any) {
        TRY(add(lookup, CLASS_PUBLIC_KEY));
    }
    return any || want == LOOKUP_CERTIFICATE ? add(lookup, CLASS_CERTIFICATE) : STATUS_OK;
}

/* What the URI names, for errors. */
static void name_of(const struct key_uri *uri, char out[300]) {
    size_t used = (size_t)snprintf(out, 300, "%s", uri->object);
    if (uri->object[0] == 0 && uri->id_size > 0) {
        used += (size_t)snprintf(out, 300, "id:");
        for (size_t i = 0; i < uri->id_size && used + 3 < 300; i++) {
            used += (size_t)snprintf(out + used, 300 - used, "%02x", uri->id[i]);
        }
    }
}

static bool tell_missing(const struct lookup *lookup, enum lookup_want want) {
    char name[300], next[700];
    const struct key_uri *uri = &lookup->uri;
    const char *what = want == LOOKUP_CERTIFICATE ? "certificate" : "key";
    name_of(uri, name);
    if (want == LOOKUP_CERTIFICATE) {
        snprintf(next, sizeof(next),
                 "keep one: edgehsm key cert %s FILE; or see which there are: "
                 "edgehsm key list",
                 uri->object[0] != 0 ? name : "NAME");
    } else {
        snprintf(next, sizeof(next),
                 "see which there are: edgehsm key list; or make one: edgehsm key new %s",
                 uri->object[0] != 0 ? name : "NAME");
    }
    provider_fail(lookup->provider,
                  want == LOOKUP_CERTIFICATE ? STATUS_OBJECT_INVALID : STATUS_KEY_INVALID, next,
                  "use the %s '%s' on token '%s': it is not there", what, name,
                  token_label(lookup->token));
    return false;
}

bool lookup_search(struct lookup *lookup, enum lookup_want want,
                   const struct lookup_prompt *prompt) {
    static const enum lookup_want by_type[] = {
        [KEY_URI_ANY] = LOOKUP_ANY,
        [KEY_URI_PRIVATE] = LOOKUP_PRIVATE,
        [KEY_URI_PUBLIC] = LOOKUP_PUBLIC,
        [KEY_URI_CERTIFICATE] = LOOKUP_CERTIFICATE,
    };
    enum lookup_want said = by_type[lookup->uri.type];
    lookup->count = 0;
    /* The URI of a private key is enough where its public half is wanted. */
    if (want == LOOKUP_ANY || (said != LOOKUP_ANY && said != want && want != LOOKUP_PUBLIC)) {
        want = said;
    }
    if (!find_token(lookup)) {
        return false;
    }
    enum status status = add_wanted(lookup, want, prompt);
    if (status == STATUS_NOT_LOGGED_IN) {
        return false; /* told already */
    }
    if (status != STATUS_OK) {
        provider_fail(lookup->provider, status, NULL, "search token '%s'",
                      token_label(lookup->token));
        return false;
    }
    return lookup->count > 0 || tell_missing(lookup, want);
}

struct key *lookup_key(const struct lookup *lookup, const struct lookup_item *item) {
    struct key *key = key_new(lookup->provider);
    enum status status = STATUS_MEMORY;
    if (key != NULL) {
        status = key_read(key, lookup->token, item->handle, item->class);
    }
    if (status == STATUS_OK) {
        return key;
    }
    provider_fail(
        lookup->provider, status,
        "RSA, EC, Ed25519 and X25519 keys with a public half can be used: edgehsm key show",
        "use the key '%s' on token '%s'", key != NULL ? key->name : "", token_label(lookup->token));
    key_free(key);
    return NULL;
}
