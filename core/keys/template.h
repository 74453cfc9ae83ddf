/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of single attributes in a caller's template. */
#ifndef CORE_KEYS_TEMPLATE_H
#define CORE_KEYS_TEMPLATE_H

#include "core/keys/conflicts.h"
#include "core/keys/limits.h"

/* Whether every entry is well-formed: no unknown attribute, none twice, values of the right kind
 * and size. *why: the name of the attribute at fault. ATTRIBUTE_TYPE_INVALID,
 * ATTRIBUTE_VALUE_INVALID, TEMPLATE_INCONSISTENT, BAD_FRAME. */
enum status template_check(struct bytes template, const char **why) MUST_USE;

/* Whether a creation of this kind may give each attribute to an object of this class. `so`: the
 * security officer asks. ATTRIBUTE_READ_ONLY, TEMPLATE_INCONSISTENT. */
enum status template_check_creation(struct bytes template, enum object_class class,
                                    enum creation creation, bool so, const char **why) MUST_USE;

/* Whether C_SetAttributeValue may change an object with these facts so. ATTRIBUTE_READ_ONLY,
 * ATTRIBUTE_TYPE_INVALID, ACTION_PROHIBITED for an object that is not modifiable. */
enum status template_check_change(struct bytes template, const struct facts *facts,
                                  const char **why) MUST_USE;
/* The same for a copy, which may also choose TOKEN, MODIFIABLE, DESTROYABLE, and PRIVATE upwards.
 */
enum status template_check_copy(struct bytes template, const struct facts *facts,
                                const char **why) MUST_USE;

/* Whether an object with these facts may have these limits: TEMPLATE_INCONSISTENT,
 * ATTRIBUTE_VALUE_INVALID. */
enum status template_check_limits(const struct limits *limits, const struct facts *facts,
                                  const char **why) MUST_USE;

/* Writes `attributes` with the template's values in place of the old ones (and behind them, what is
 * new) into `to`; fills *used. OBJECT_TOO_LARGE. Limits are compared here, where all of them are
 * known: ATTRIBUTE_READ_ONLY for looser ones, TEMPLATE_INCONSISTENT, ATTRIBUTE_VALUE_INVALID; *why
 * names the limit. */
enum status template_apply(struct bytes attributes, struct bytes template, struct span to,
                           size_t *used, const char **why) MUST_USE;

#endif
