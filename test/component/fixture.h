/* SPDX-License-Identifier: Apache-2.0 */
/* A whole module on the simulated platform, for stories told in commands. */
#ifndef TEST_COMPONENT_FIXTURE_H
#define TEST_COMPONENT_FIXTURE_H

#include "core/hsm.h"
#include "port/sim/sim.h"
#include "proto/attributes.h"
#include "proto/codec.h"
#include "proto/frame.h"
#include "proto/messages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define SO_PIN "87654321"
#define USER_PIN "123456"

struct module {
    struct hsm *hsm;
    struct call *call;
    struct peer peer;
    uint32_t connection;
    uint8_t request[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
    uint8_t reply[FRAME_HEADER_SIZE + FRAME_BODY_MAX];
};

/* Starts the module on the platform as it is, with one connection. */
void module_start(struct module *module);
/* Forgets the module as a power cut does (nothing is told to it). */
void module_drop(struct module *module);
/* Ends it in an orderly way. */
void module_stop(struct module *module);

/* One command through all three steps; reply fields point into module->reply. */
enum status module_call(struct module *module, enum command command, const void *request,
                        void *reply);
/* A raw frame; returns the reply frame. */
struct bytes module_frame(struct module *module, struct bytes frame);

#define COMMAND(number, name, states, role, audit, steps, text)                                \
    static inline UNUSED enum status call_##name(struct module *module, struct name##_req req, \
                                                 struct name##_rep *rep) {                     \
        struct name##_rep none;                                                                \
        return module_call(module, COMMAND_##name, &req, rep != NULL ? (void *)rep : &none);   \
    }
#include "proto/commands.def"
#undef COMMAND

/* ---- templates ---- */

struct template {
    uint8_t data[8192];
    size_t used;
};
void template_start(struct template *template);
void template_bool(struct template *template, enum attribute attribute, bool value);
void template_num(struct template *template, enum attribute attribute, uint32_t value);
void template_bytes(struct template *template, enum attribute attribute, const void *data,
                    size_t size);
void template_text(struct template *template, enum attribute attribute, const char *text);
static inline struct bytes template_of(const struct template *template) {
    return bytes_of(template->data, template->used);
}

/* ---- what nearly every story begins with ---- */

/* A token in slot 0 with both PINs. Its profile is strict unless told otherwise. */
void module_make_token(struct module *module, uint32_t profile);
/* A read/write session on slot 0, and one with the user logged in. */
uint32_t module_session(struct module *module);
uint32_t module_user_session(struct module *module);
/* Key pair on P-256 for signing, labelled, in the token where `token`. */
enum status module_make_pair(struct module *module, uint32_t session, const char *label, bool token,
                             uint64_t *public_key, uint64_t *private_key);
/* AES key with these usage facts set (ATTRIBUTE_...; ends with 0xffffffff). */
enum status module_make_aes(struct module *module, uint32_t session, const uint32_t *usage,
                            uint64_t *key);
enum status module_sign(struct module *module, uint32_t session, uint64_t key, struct bytes data,
                        struct bytes *signature);
/* Number of objects a template finds. */
size_t module_find(struct module *module, uint32_t session, const struct template *template,
                   uint64_t *first);

#endif
