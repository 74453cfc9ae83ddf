/* SPDX-License-Identifier: Apache-2.0 */
/* The templates that keys are made with, and the changes that are asked for, by number. */
#ifndef TEST_MODEL_WISHES_H
#define TEST_MODEL_WISHES_H

#include "test/component/fixture.h"

enum { VALUE_SIZE = 32 };

enum object_class wish_class(int wish);
enum key_type wish_type(int wish);
/* Starts a template; `whole`: with class and type; `with_value`: with the attacker's own value. */
void wish_fill(struct template *template, int wish, bool whole, bool with_value);
/* Adds the attribute that a change asks for. */
void wish_change(struct template *template, int change);

#endif
