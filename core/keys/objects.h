/* SPDX-License-Identifier: Apache-2.0 */
/* All live objects: an index in memory, look-ups by CKA_ID and CKA_LABEL, and where the attributes
 * are: token objects in the store, session objects and built-in ones in blocks of memory. */
#ifndef CORE_KEYS_OBJECTS_H
#define CORE_KEYS_OBJECTS_H

#include "core/keys/blocks.h"
#include "core/keys/facts.h"
#include "core/keys/usages.h"
#include "core/store/store.h"

enum { NO_OBJECT = 0xffffffffu, NOT_CONNECTED = 0xffffffffu };

/* Built-in objects of all tokens. Others leave their places free, so that a token can be made, and
 * the next start finds room for all. */
enum { OBJECTS_BUILT_IN = 4 * TOKENS_MAX };

/* The attributes that have a look-up of their own. */
enum name_kind { NAME_ID, NAME_LABEL, NAME_COUNT };

/* An object's place in one look-up: a chain of those whose names fall into one bucket. */
struct object_name {
    uint64_t tag;  /* keyed hash of the name; 0: has none */
    uint32_t next; /* index, or NO_OBJECT */
    uint32_t previous;
};

/* One live object. */
struct object {
    uint64_t serial; /* random, never used twice; 0: this place is free */
    struct object_name names[NAME_COUNT];
    uint32_t next_free;
    uint32_t blocks;     /* session and built-in objects: their memory; 0: in the store */
    uint32_t size;       /* bytes of the attributes */
    uint32_t connection; /* session objects: who sees them; NOT_CONNECTED: everybody */
    uint32_t session;    /* session objects: id of the session they die with */
    uint32_t next_owned; /* next older object of that session: place + 1 */
    uint32_t ready;      /* place in core/keys/home_soft + 1; 0: not ready */
    struct facts facts;
    uint8_t slot;
    uint16_t usage; /* keys with limits: place in the usages + 1; 0: none */
};

struct objects {
    struct store *store;
    uint64_t hash_key[2];
    uint32_t count;
    uint32_t built_in; /* of them */
    uint32_t count_of_slot[TOKENS_MAX];
    uint32_t first_free; /* oldest freed place, so that places are reused as late as possible */
    uint32_t last_free;
    uint32_t untouched;
    uint32_t buckets[NAME_COUNT][OBJECT_BUCKETS]; /* first of the chain: index + 1 */
    struct object list[OBJECTS_MAX];
    struct blocks blocks;
    struct usages usages;
    uint8_t scratch[OBJECT_SIZE_MAX + 8];
};

/* What a new object is given besides its attributes. */
struct object_place {
    uint64_t serial;
    uint32_t generation; /* of the token: objects of an older one are dead */
    uint8_t slot;
    uint32_t connection; /* session objects; NOT_CONNECTED for built-in ones */
    uint32_t session;
    bool built_in; /* a token object that is not stored */
};

/* Starts with an empty index on a mounted store. */
enum status objects_start(struct objects *objects, struct store *store) MUST_USE;
/* Takes every stored object into the index; generations[slot] 0: no token there. Objects of other
 * generations are removed from the store. */
enum status objects_mount(struct objects *objects, const uint32_t generations[TOKENS_MAX]) MUST_USE;

/* The usage of a key with limits; NULL for others. */
struct usage *objects_usage(struct objects *objects, uint32_t index) MUST_USE;

/* Adds an object; token objects are written to the store (durable after the body's sync), as part
 * of a group when `end` is STORE_MORE. Fills *index. OBJECT_COUNT, LIMITED_COUNT, MEMORY,
 * STORE_FULL, STORE_IO, OBJECT_TOO_LARGE: nothing changed. */
enum status objects_add(struct objects *objects, const struct object_place *place,
                        struct bytes attributes, enum store_end end, uint32_t *index) MUST_USE;
/* Takes an object that objects_add put with STORE_MORE out of the index again, after the group
 * failed. */
void objects_forget(struct objects *objects, uint32_t index);
/* Replaces the attributes of an object. The statuses of objects_add: nothing changed. */
enum status objects_replace(struct objects *objects, uint32_t index, uint32_t generation,
                            struct bytes attributes) MUST_USE;
/* Removes an object for ever. The caller drops its ready key first. */
enum status objects_remove(struct objects *objects, uint32_t index) MUST_USE;
/* The same for an object that nobody will ever believe in again: its token was made anew. */
enum status objects_clear(struct objects *objects, uint32_t index) MUST_USE;
/* Copies the attributes of an object to out (capacity OBJECT_SIZE_MAX). Secret: wipe them. */
enum status objects_load(struct objects *objects, uint32_t index, struct span *out) MUST_USE;

/* First and next object whose CKA_ID or CKA_LABEL has the hash of these bytes; NO_OBJECT at the
 * end. objects_first fills *index; fails where the library cannot hash (MEMORY, INTERNAL). */
enum status objects_first(const struct objects *objects, enum name_kind kind, struct bytes name,
                          uint32_t *index) MUST_USE;
uint32_t objects_next(const struct objects *objects, enum name_kind kind, uint32_t index) MUST_USE;

/* The object at a place, NULL where there is none. */
struct object *objects_at(struct objects *objects, uint32_t index) MUST_USE;

#endif
