/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever holds a lease key: a key of the test's own, and the renewals that it signs. */
#ifndef TEST_COMPONENT_RENEWALS_H
#define TEST_COMPONENT_RENEWALS_H

#include "proto/lease.h"
#include "test/component/fixture.h"

/* The lease key of a form, made of `seed`, as CKA_EDGEHSM_LEASE_KEY takes it; valid until the next
 * call. The module's library must be started. */
struct bytes renewals_key(enum lease_key_form form, uint8_t seed);
/* A renewal that it signs; valid until the next call. */
struct bytes renewals_sign(enum lease_key_form form, uint8_t seed, const struct lease *lease);
/* For a key of the module: fills device and unique id of a lease; valid until the next call. */
void renewals_for(struct module *module, uint32_t session, uint64_t key, struct lease *lease);

#endif
