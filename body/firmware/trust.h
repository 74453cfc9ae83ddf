/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the boot stage believes. */
#ifndef BODY_FIRMWARE_TRUST_H
#define BODY_FIRMWARE_TRUST_H

#include "body/firmware/image.h"

/* Without version_min and address. */
extern const struct image_policy trust_policy;

#endif
