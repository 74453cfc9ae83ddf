/* SPDX-License-Identifier: Apache-2.0 */
/* Breadth-first search through symbolic states; which command is done, and what kind of key it
 * makes, the module says (rules.h). */
#include "test/model/search.h"

#include "proto/messages.h"
#include "test/model/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEYS_MAX = 4, /* the officer's, and three */
    VALUES_MAX = 16,
    BLOBS_MAX = 40,
    OWN_VALUE = 0, /* one that the attacker chose */
    TRUSTED_VALUE = 1,
    NO_KIND = 255,
};

struct key {
    uint8_t kind, value;
};

/* Something the module gave out encrypted. */
struct blob {
    uint8_t how, key, plain, content, kind;
};

struct state {
    uint16_t known, secret; /* sets of values */
    uint8_t keys_used, values_used, blobs_used;
    uint8_t parent[VALUES_MAX]; /* the value it was derived from, plus one */
    struct key keys[KEYS_MAX];
    struct blob blobs[BLOBS_MAX];
};

enum action { GENERATE, IMPORT, UNWRAP, RESTORE, DERIVE, COPY, SET, DESTROY };

struct step {
    uint32_t from;
    uint8_t action, what, key, other; /* what: wish or change */
};

struct search {
    struct state *states;
    struct step *steps;
    uint64_t *seen; /* hashes of states, open addressing */
    uint64_t seen_size;
    uint64_t seen_count;
    uint32_t count, room, at;
    bool last; /* the level whose states are looked at and not kept */
    uint32_t attacked; /* the first state with an attack */
    struct search_result *result;
};

/* ---- what follows from what is known ---- */

static bool holds(uint16_t set, unsigned value) {
    return (set >> value & 1) != 0;
}

static bool add_blob(struct state *state, struct blob blob) {
    for (size_t i = 0; i < state->blobs_used; i++) {
        if (memcmp(&state->blobs[i], &blob, sizeof(blob)) == 0) {
            return false;
        }
    }
    if (state->blobs_used == BLOBS_MAX) {
        fprintf(stderr, "search: no room for what the module gives out\n");
        abort();
    }
    state->blobs[state->blobs_used++] = blob;
    return true;
}

/* Everything that can be wrapped is: to have more never harms an attacker. */
static bool wrap_all(struct state *state) {
    bool more = false;
    for (size_t i = 0; i < state->keys_used; i++) {
        for (size_t j = 0; j < state->keys_used; j++) {
            for (unsigned how = 0; how < WRAPPINGS; how++) {
                struct key by = state->keys[i], key = state->keys[j];
                if (!rules_wraps(by.kind, key.kind, (enum wrapping)how)) {
                    continue;
                }
                bool private = rules_kind(key.kind)->class == CLASS_PRIVATE_KEY;
                bool whole = how == WRAPPING_ATTRIBUTES;
                more |= add_blob(state, (struct blob){(uint8_t)how, by.value, key.value,
                                                      private ? CONTENT_PRIVATE : CONTENT_SECRET,
                                                      whole ? key.kind : NO_KIND});
            }
        }
    }
    return more;
}

/* Whether some key with this value encrypts (decrypts) single blocks. */
static bool serves(const struct state *state, uint8_t value, bool decrypt) {
    for (size_t i = 0; i < state->keys_used; i++) {
        struct key key = state->keys[i];
        if (key.value == value &&
            (decrypt ? rules_decrypts(key.kind) : rules_encrypts(key.kind))) {
            return true;
        }
    }
    return false;
}

/* Single blocks encrypted are all that GCM needs, both ways; KWP also needs them decrypted. CTR
 * encrypts where a key may only decrypt. */
static bool opens(const struct state *state, const struct blob *blob) {
    return holds(state->known, blob->key) || serves(state, blob->key, true) ||
           (blob->how != WRAPPING_KWP && serves(state, blob->key, false));
}

static bool can_forge(const struct state *state, uint8_t value) {
    return holds(state->known, value) || serves(state, value, false) || serves(state, value, true);
}

static bool frays(const struct state *state, unsigned value) {
    for (size_t i = 0; i < state->keys_used; i++) {
        if (state->keys[i].value == value && rules_frays(state->keys[i].kind)) {
            return true;
        }
    }
    return false;
}

static uint16_t learn(const struct state *state) {
    uint16_t known = state->known;
    for (size_t i = 0; i < state->keys_used; i++) {
        struct key key = state->keys[i];
        if (rules_shows(key.kind) || rules_crumbles(key.kind)) {
            known |= (uint16_t)(1u << key.value);
        }
    }
    for (size_t i = 0; i < state->blobs_used; i++) {
        if (opens(state, &state->blobs[i])) {
            known |= (uint16_t)(1u << state->blobs[i].plain);
        }
    }
    for (unsigned i = 0; i < state->values_used; i++) {
        unsigned base = state->parent[i] - 1u;
        if (state->parent[i] != 0 && (holds(known, base) || frays(state, base))) {
            known |= (uint16_t)(1u << i);
        }
    }
    return known;
}

static void saturate(struct state *state) {
    bool more = true;
    while (more) {
        more = wrap_all(state);
        uint16_t known = learn(state);
        more = more || known != state->known;
        state->known = known;
    }
}

/* ---- one form for states that differ only in names and order ----
 * All values that are known count as one, the attacker's own: he could have brought each of them.
 */

static int by_kind(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct key));
}

static int by_bytes(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct blob));
}

static uint8_t rename_value(const struct state *from, struct state *to, uint8_t names[VALUES_MAX],
                            uint8_t value) {
    if (holds(from->known, value)) {
        return OWN_VALUE;
    }
    if (names[value] == 0) {
        uint8_t parent = from->parent[value];
        if (parent != 0) {
            parent = (uint8_t)(rename_value(from, to, names, (uint8_t)(parent - 1)) + 1);
        }
        uint8_t name = to->values_used++;
        names[value] = (uint8_t)(name + 1);
        to->parent[name] = parent;
        to->secret |= (uint16_t)(holds(from->secret, value) ? 1u << name : 0);
    }
    return (uint8_t)(names[value] - 1);
}

/* A blob is of use while its key can be had: it is held, or comes out of another blob or out of a
 * base key. Under a known key the attacker makes his own. */
static bool is_of_use(const struct state *state, const struct blob *blob) {
    bool has = state->parent[blob->key] != 0;
    if (holds(state->known, blob->key)) {
        return false;
    }
    for (size_t i = 0; !has && i < state->keys_used; i++) {
        has = state->keys[i].value == blob->key;
    }
    for (size_t i = 0; !has && i < state->blobs_used; i++) {
        has = state->blobs[i].plain == blob->key;
    }
    return has;
}

static void normalize(struct state *state) {
    struct state to;
    uint8_t names[VALUES_MAX] = {0};
    memset(&to, 0, sizeof(to));
    qsort(state->keys + 1, state->keys_used - 1u, sizeof(struct key), by_kind);
    qsort(state->blobs, state->blobs_used, sizeof(struct blob), by_bytes);
    to.known = 1u << OWN_VALUE;
    to.values_used = 1;
    (void)rename_value(state, &to, names, TRUSTED_VALUE);
    for (size_t i = 0; i < state->keys_used; i++) {
        to.keys[to.keys_used++] = (struct key){
            state->keys[i].kind, rename_value(state, &to, names, state->keys[i].value)};
    }
    for (size_t i = 0; i < state->blobs_used; i++) {
        struct blob blob = state->blobs[i];
        if (is_of_use(state, &blob)) {
            blob.key = rename_value(state, &to, names, blob.key);
            blob.plain = rename_value(state, &to, names, blob.plain);
            to.blobs[to.blobs_used++] = blob;
        }
    }
    qsort(to.keys + 1, to.keys_used - 1u, sizeof(struct key), by_kind);
    qsort(to.blobs, to.blobs_used, sizeof(struct blob), by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < to.blobs_used; i++) {
        if (kept == 0 || by_bytes(&to.blobs[kept - 1], &to.blobs[i]) != 0) {
            to.blobs[kept++] = to.blobs[i];
        }
    }
    memset(to.blobs + kept, 0, (BLOBS_MAX - kept) * sizeof(struct blob));
    to.blobs_used = (uint8_t)kept;
    *state = to;
}

/* ---- the states that were seen ---- */

static uint64_t hash_of(const struct state *state) {
    const uint8_t *bytes = (const uint8_t *)state;
    size_t size = offsetof(struct state, blobs) + state->blobs_used * sizeof(struct blob);
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
        hash ^= hash >> 31;
    }
    return hash | 1;
}

static bool is_new(struct search *search, uint64_t hash) {
    uint64_t at = hash % search->seen_size;
    while (search->seen[at] != 0 && search->seen[at] != hash) {
        at = (at + 1) % search->seen_size;
    }
    bool new = search->seen[at] == 0;
    search->seen[at] = hash;
    search->seen_count += new;
    return new;
}

static bool is_full(const struct search *search) {
    return search->count == search->room || search->seen_count > search->seen_size / 5 * 4;
}

static void arrive(struct search *search, struct state *state, struct step step) {
    search->result->transitions++;
    saturate(state);
    bool attacked = (state->known & state->secret) != 0;
    normalize(state);
    if (is_full(search) || !is_new(search, hash_of(state)) || (search->last && !attacked)) {
        return;
    }
    step.from = search->at;
    search->steps[search->count] = step;
    search->states[search->count++] = *state;
    if (attacked && !search->result->attacked) {
        search->result->attacked = true;
        search->attacked = search->count - 1;
    }
}

static void arrive_with(struct search *search, const struct state *from, int kind, uint8_t value,
                        struct step step) {
    struct state state = *from;
    if (kind != RULES_REFUSED) {
        state.keys[state.keys_used++] = (struct key){(uint8_t)kind, value};
        arrive(search, &state, step);
    }
}

/* ---- the commands ---- */

static uint8_t new_value(struct state *state, bool secret, uint8_t parent) {
    uint8_t value = state->values_used++;
    if (value >= VALUES_MAX) {
        abort();
    }
    state->parent[value] = parent;
    state->secret |= (uint16_t)(secret ? 1u << value : 0);
    return value;
}

static void make_keys(struct search *search, const struct state *state) {
    for (int wish = 0; wish < rules_wishes(); wish++) {
        struct state fresh = *state;
        int kind = rules_generate(wish);
        if (kind != RULES_REFUSED) {
            uint8_t value =
                new_value(&fresh, facts_has(rules_kind(kind), FACT_SENSITIVE), 0);
            arrive_with(search, &fresh, kind, value,
                        (struct step){0, GENERATE, (uint8_t)wish, 0, 0});
        }
        arrive_with(search, state, rules_import(wish), OWN_VALUE,
                    (struct step){0, IMPORT, (uint8_t)wish, 0, 0});
    }
}

static void open_blob(struct search *search, const struct state *state, size_t by,
                      const struct blob *blob) {
    uint8_t kind = state->keys[by].kind;
    if (blob->how == WRAPPING_ATTRIBUTES) {
        for (int change = -1; change < rules_changes(); change++) {
            arrive_with(search, state, rules_restore(kind, blob->kind, change), blob->plain,
                        (struct step){0, RESTORE, (uint8_t)change, kind, blob->kind});
        }
        return;
    }
    for (int wish = 0; wish < rules_wishes(); wish++) {
        int made = rules_unwrap(kind, (enum wrapping)blob->how, (enum content)blob->content, wish);
        arrive_with(search, state, made, blob->plain,
                    (struct step){0, UNWRAP, (uint8_t)wish, kind, blob->how});
    }
}

static void unwrap_keys(struct search *search, const struct state *state) {
    for (size_t by = 0; by < state->keys_used; by++) {
        uint8_t value = state->keys[by].value;
        for (size_t i = 0; i < state->blobs_used; i++) {
            if (state->blobs[i].key == value) {
                open_blob(search, state, by, &state->blobs[i]);
            }
        }
        if (!can_forge(state, value)) {
            continue;
        }
        for (uint8_t i = 0; i < 2 * CONTENTS; i++) {
            open_blob(search, state, by,
                      &(struct blob){i % 2 ? WRAPPING_KWP : WRAPPING_GCM, value, OWN_VALUE, i / 2,
                                     NO_KIND});
        }
        for (int kind = 0; kind < rules_kinds(); kind++) {
            open_blob(search, state, by, &(struct blob){WRAPPING_ATTRIBUTES, value, OWN_VALUE,
                                                        CONTENT_SECRET, (uint8_t)kind});
        }
    }
}

static void derive_keys(struct search *search, const struct state *state) {
    for (size_t base = 0; base < state->keys_used; base++) {
        struct key key = state->keys[base];
        for (int wish = 0; wish < rules_wishes(); wish++) {
            struct step step = {0, DERIVE, (uint8_t)wish, key.kind, DERIVATION_XOR};
            arrive_with(search, state, rules_derive(key.kind, DERIVATION_XOR, wish), key.value,
                        step);
            int kind = rules_derive(key.kind, DERIVATION_HKDF, wish);
            if (kind == RULES_REFUSED) {
                continue;
            }
            struct state fresh = *state;
            uint8_t value = 0;
            while (value < fresh.values_used && fresh.parent[value] != key.value + 1) {
                value++;
            }
            bool secret = holds(state->secret, key.value) &&
                          facts_has(rules_kind(kind), FACT_SENSITIVE);
            value = value < fresh.values_used
                        ? value
                        : new_value(&fresh, secret, (uint8_t)(key.value + 1));
            step.other = DERIVATION_HKDF;
            arrive_with(search, &fresh, kind, value, step);
        }
    }
}

static void copy_keys(struct search *search, const struct state *state) {
    for (size_t i = 0; i < state->keys_used; i++) {
        struct key key = state->keys[i];
        for (int change = 0; change < rules_changes(); change++) {
            arrive_with(search, state, rules_copy(key.kind, change), key.value,
                        (struct step){0, COPY, (uint8_t)change, key.kind, 0});
        }
    }
}

static void change_keys(struct search *search, const struct state *from) {
    for (size_t i = 0; i < from->keys_used; i++) {
        uint8_t kind = from->keys[i].kind;
        for (int change = 0; change < rules_changes(); change++) {
            int now = rules_set(kind, change);
            struct state state = *from;
            if (now != RULES_REFUSED && now != kind) {
                state.keys[i].kind = (uint8_t)now;
                arrive(search, &state, (struct step){0, SET, (uint8_t)change, kind, 0});
            }
        }
        if (i > 0) {
            struct state state = *from;
            state.keys[i] = state.keys[--state.keys_used];
            arrive(search, &state, (struct step){0, DESTROY, 0, kind, 0});
        }
    }
}

/* ---- the way to an attack, in words ---- */

static void tell_kind(int kind, char *text, size_t size) {
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{FACT_SENSITIVE, "sensitive "}, {FACT_EXTRACTABLE, "extractable "},
                 {FACT_WRAP, "wrap "},           {FACT_UNWRAP, "unwrap "},
                 {FACT_ENCRYPT, "encrypt "},     {FACT_DECRYPT, "decrypt "},
                 {FACT_DERIVE, "derive "},       {FACT_TRUSTED, "trusted "}};
    size_t used = 0;
    text[0] = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (facts_has(rules_kind(kind), names[i].bit) && used + 16 < size) {
            used += (size_t)snprintf(text + used, size - used, "%s", names[i].name);
        }
    }
}

static void tell_step(const struct step *step, char *text, size_t size) {
    static const char *const actions[] = {"generate", "import", "unwrap", "restore",
                                          "derive",   "copy",   "set",    "destroy"};
    char what[64] = "", kind[96] = "";
    if (step->action == RESTORE || step->action == COPY || step->action == SET) {
        rules_tell_change((int8_t)step->what, what, sizeof(what));
    } else if (step->action != DESTROY) {
        rules_tell_wish(step->what, what, sizeof(what));
    }
    if (step->action != GENERATE && step->action != IMPORT) {
        tell_kind(step->key, kind, sizeof(kind));
    }
    snprintf(text, size, "%s (%s)%s%s; ", actions[step->action], what, kind[0] ? " with " : "",
             kind);
}

static void tell_way(const struct search *search, uint32_t at) {
    uint32_t way[32];
    size_t steps = 0, used = 0;
    while (at != 0 && steps < 32) {
        way[steps++] = at;
        at = search->steps[at].from;
    }
    while (steps > 0 && used < sizeof(search->result->trace) - 200) {
        char text[200];
        tell_step(&search->steps[way[--steps]], text, sizeof(text));
        used += (size_t)snprintf(search->result->trace + used,
                                 sizeof(search->result->trace) - used, "%s", text);
    }
}

/* ---- the search ---- */

static void begin(struct search *search, int trusted) {
    struct state *state = &search->states[0];
    memset(state, 0, sizeof(*state));
    state->values_used = 2;
    state->known = 1u << OWN_VALUE;
    state->secret = 1u << TRUSTED_VALUE;
    state->keys[state->keys_used++] = (struct key){(uint8_t)trusted, TRUSTED_VALUE};
    saturate(state);
    (void)is_new(search, hash_of(state));
    search->count = 1;
}

static void expand(struct search *search) {
    struct state state = search->states[search->at];
    if (state.keys_used < KEYS_MAX) {
        make_keys(search, &state);
        unwrap_keys(search, &state);
        derive_keys(search, &state);
        copy_keys(search, &state);
    }
    change_keys(search, &state);
}

static void search_levels(struct search *search, int depth) {
    for (int level = 0; level < depth && !search->result->attacked; level++) {
        uint32_t end = search->count;
        search->last = level + 1 == depth;
        while (search->at < end && !search->result->attacked && !is_full(search)) {
            expand(search);
            search->at++;
        }
        if (search->at == end) {
            search->result->depth = level + 1;
        }
    }
}

void search_run(struct search_start start, int depth, uint64_t states_max,
                struct search_result *result) {
    struct search search = {.room = (uint32_t)states_max,
                            .seen_size = 8 * states_max + 1,
                            .result = result};
    memset(result, 0, sizeof(*result));
    search.states = malloc(states_max * sizeof(*search.states));
    search.steps = calloc(states_max, sizeof(*search.steps));
    search.seen = calloc(search.seen_size, sizeof(*search.seen));
    if (search.states == NULL || search.steps == NULL || search.seen == NULL) {
        abort();
    }
    begin(&search, rules_start(start.profile, start.trusted));
    search_levels(&search, depth);
    if (result->attacked) {
        tell_way(&search, search.attacked);
    }
    result->states = search.seen_count;
    result->asked = rules_asked();
    result->kinds = rules_kinds();
    rules_stop();
    free(search.states);
    free(search.steps);
    free(search.seen);
}
