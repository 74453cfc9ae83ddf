/* SPDX-License-Identifier: Apache-2.0 */
/* The object rules, asked of a real module and remembered. What the module answers depends on the
 * facts of the keys that take part; for each set of facts that came up (a kind) one key is kept,
 * and each question is put to it once. So the search below it cannot drift from the core. */
#ifndef TEST_MODEL_RULES_H
#define TEST_MODEL_RULES_H

#include "core/keys/facts.h"

enum {
    KINDS_MAX = 200,
    RULES_REFUSED = -1,
    RULES_WISHES_MAX = 40, /* templates */
    RULES_CHANGES_MAX = 8,
};

/* Ways to wrap. */
enum wrapping { WRAPPING_KWP, WRAPPING_GCM, WRAPPING_ATTRIBUTES, WRAPPINGS };
/* What a wrapped value is: a secret of 32 bytes, or a private key in PKCS #8. */
enum content { CONTENT_SECRET, CONTENT_PRIVATE, CONTENTS };
/* Ways to derive: the first gives a value from which nobody gets back, the other one that is as
 * good as the base key's. */
enum derivation { DERIVATION_HKDF, DERIVATION_XOR, DERIVATIONS };

/* What the officer's TRUSTED key is made for. */
enum trusted {
    TRUSTED_WRAPS,    /* wrapping and unwrapping */
    TRUSTED_DECRYPTS, /* wrapping, and decrypting too: not under strict */
    TRUSTED_ENCRYPTS, /* wrapping, and encrypting too: not under strict */
};

/* A fresh module whose token has the profile; in it one TRUSTED key of the officer, whose kind is
 * the result. */
int rules_start(uint32_t profile, enum trusted trusted);
void rules_stop(void);
const struct facts *rules_kind(int kind);
int rules_kinds(void);
/* Number of templates that keys are made with, and of changes that are asked for. */
int rules_wishes(void);
int rules_changes(void);
/* Questions that the module answered. */
uint64_t rules_asked(void);
void rules_tell_wish(int wish, char *text, size_t size);
void rules_tell_change(int change, char *text, size_t size);

/* The kind that the command makes, or RULES_REFUSED. */
int rules_generate(int wish);
int rules_import(int wish);
int rules_unwrap(int by, enum wrapping how, enum content content, int wish);
/* A blob that carries the attributes of `kind`; change -1: an empty template. */
int rules_restore(int by, int kind, int change);
int rules_derive(int base, enum derivation how, int wish);
int rules_set(int kind, int change);
int rules_copy(int kind, int change);

/* Whether the command is done. */
bool rules_wraps(int by, int target, enum wrapping how);
bool rules_shows(int kind);    /* the value is given out */
bool rules_encrypts(int kind); /* AES in a mode that gives single blocks */
bool rules_decrypts(int kind);
/* A key of one byte can be cut out of it and used: byte by byte the whole value is tried out. */
bool rules_crumbles(int kind);
/* A key of one byte can be derived from it and used: byte by byte the longer key that begins so is
 * tried out. */
bool rules_frays(int kind);

#endif
